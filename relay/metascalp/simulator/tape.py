"""This file knows how trades are merged before they are sent.

Trades of the same side one after another within 200 ms become one entry: sizes added, price and
time of the latest, high and low the range. MetaScalp API, edition 3, 2026-08, "trade_update".
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .book import ASK, bucket
from .catalog import Ticker
from .market import Print
from .orders import iso
from .wire import Json

WINDOW_S = 0.2


@dataclass(frozen=True, slots=True)
class Entry:
    """One merged entry. side: of the book that was hit. at: epoch seconds of the latest trade."""

    side: str
    tick: int
    units: int
    at: float
    high: int
    low: int

    def with_(self, other: "Entry") -> "Entry":
        """This entry and a later one of the same side."""
        high, low = max(self.high, other.high), min(self.low, other.low)
        return Entry(self.side, other.tick, self.units + other.units, other.at, high, low)

    def row(self, ticker: Ticker, edition: int = 3) -> dict[str, Json]:
        """The entry as it is sent; the price range is new in edition 3."""
        step = ticker.price_increment
        row: dict[str, Json] = {
            "price": self.tick * step,
            "size": self.units * ticker.size_increment,
            "side": "Buy" if self.side == ASK else "Sell",
            "time": iso(self.at),
        }
        if edition > 2:
            row |= {"highPrice": self.high * step, "lowPrice": self.low * step}
        return row


@dataclass(slots=True)
class Tape:
    """The trades of one ticker. open: the entry that may still grow, since when.

    window_s: for how long it grows; 0 leaves every trade by itself.
    """

    open: Entry | None = None
    since: float = 0.0
    window_s: float = WINDOW_S

    def add(self, prints: Iterable[Print], now: float) -> list[Entry]:
        """Takes trades in; gives the entries they completed, oldest first."""
        done = self.flush(now)
        for item in prints:
            entry = Entry(item.side, item.tick, item.units, now, item.tick, item.tick)
            if self.open is not None and self.window_s and self.open.side == entry.side:
                self.open = self.open.with_(entry)
                continue
            if self.open is not None:
                done.append(self.open)
            self.open, self.since = entry, now
        return done

    def flush(self, now: float) -> list[Entry]:
        """The entry whose window has ended, if there is one."""
        if self.open is None or now - self.since < self.window_s:
            return []
        done, self.open = [self.open], None
        return done


def regroup(entries: Iterable[Entry], zoom: int) -> list[Entry]:
    """Entries by zoomed price; 0 and 1 leave them alone."""
    if zoom <= 1:
        return list(entries)
    rows: list[Entry] = []
    for entry in entries:
        zoomed = replace(entry, tick=bucket(entry.side, entry.tick, zoom))
        if rows and (rows[-1].side, rows[-1].tick) == (zoomed.side, zoomed.tick):
            rows[-1] = rows[-1].with_(zoomed)
        else:
            rows.append(zoomed)
    return rows
