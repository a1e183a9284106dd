"""This file knows the notification feed: its last 200 rows, and the second it gathers them for.

MetaScalp API, edition 3, 2026-08, "Notifications".
"""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from .catalog import Connection
from .enums import EXCHANGES, MARKETS, display_exchange, display_market
from .orders import iso
from .wire import Json

KEPT = 200
BATCH_S = 1.0
DISPLAY = {2: "USDT-M Futures", 3: "COIN-M Futures"}
"""Markets that the feed calls otherwise than the list of connections does."""
TEXTS = ("type", "exchange", "exchangeLogo", "market", "marketType", "ticker", "tabName", "color")
COLOURS = ("#FF0000", "#FFAA00", "#22AA55", "#3388FF", "#AA44FF", "#00AAAA")


@dataclass(frozen=True, slots=True)
class Notice:
    """One row. connection None: its cells stay empty. date: as it is shown. blank: what an empty
    cell for a text holds."""

    type: str | None
    date: str
    connection: Connection | None = None
    ticker: str | None = None
    price: Decimal | None = None
    size: Decimal | None = None
    tab: str | None = None
    blank: str | None = None

    def row(self) -> dict[str, Json]:
        colour = None if self.connection is None else COLOURS[(self.connection.id - 1) % 6]
        row = {
            "type": self.type,
            **_place(self.connection),
            "ticker": self.ticker,
            "price": self.price,
            "size": self.size,
            "tabName": self.tab,
            "color": colour,
            "date": self.date,
        }
        return row | {name: self.blank for name in TEXTS if row[name] is None}


@dataclass(slots=True)
class Notices:
    """The feed. waiting: rows not sent yet, since when."""

    rows: deque[dict[str, Json]] = field(default_factory=lambda: deque(maxlen=KEPT))
    waiting: list[dict[str, Json]] = field(default_factory=list)
    since: float = 0.0

    def add(self, notice: Notice, now: float) -> None:
        row = notice.row()
        if not self.waiting:
            self.since = now
        self.rows.append(row)
        self.waiting = [*self.waiting[1 - KEPT :], row]

    def due(self, now: float) -> list[dict[str, Json]]:
        """The rows whose second is over."""
        if not self.waiting or now - self.since < BATCH_S:
            return []
        rows, self.waiting = self.waiting, []
        return rows

    def snapshot(self) -> dict[str, Json]:
        return {"notifications": list(self.rows)}


def fired(connection: Connection, ticker: str, price: Decimal, when: float) -> Notice:
    """The row of a signal level that fired."""
    return Notice("SignalLevel", iso(when), connection, ticker, price)


def traded(connection: Connection, event: dict[str, Json], when: float, tab: str | None) -> Notice:
    """The row of an order that was filled. event: the Data of its order_update."""
    price, size = event["filledPrice"], event["filledSize"]
    return Notice("Trade", iso(when), connection, event["ticker"], price, size, tab)


def _place(connection: Connection | None) -> dict[str, Json]:
    names = ("exchange", "exchangeId", "exchangeLogo", "market", "marketType")
    if connection is None:
        return dict.fromkeys(names)
    logo = f"{EXCHANGES[connection.exchange].lower()}.png"
    market = DISPLAY.get(connection.market, display_market(connection.market))
    exchange = display_exchange(connection.exchange)
    cells = (exchange, connection.exchange, logo, market, MARKETS[connection.market])
    return dict(zip(names, cells, strict=True))
