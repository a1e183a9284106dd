"""This file knows how the terminal's frames look on the wire, and how books are written fast.

A frame is made once for all its readers. A busy book sends thousands a second: what is the same in
all of them is made once as well, and so is the text of a price and of a size.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from struct import pack

from .book import Level
from .casing import recase
from .catalog import Ticker
from .wire import Json, decimal_text, encode

REMEMBERED = 50_000
"""So many prices, and sizes, of one ticker are remembered as texts; then it begins anew."""


def text_of(kind: str, data: dict[str, Json], casing: str = "mixed") -> str:
    """The text of a message."""
    return encode(recase({"Type": kind, "Data": data}, casing))


def framed(text: str | bytes) -> bytes:
    """A text frame from server to client (RFC 6455, 5.2: final, not masked)."""
    payload = text.encode() if isinstance(text, str) else text
    size = len(payload)
    if size < 126:
        return pack("!BB", 0x81, size) + payload
    if size < 65536:
        return pack("!BBH", 0x81, 126, size) + payload
    return pack("!BBQ", 0x81, 127, size) + payload


@dataclass(slots=True)
class BookWriter:
    """Writes the orderbook_update frames of one ticker. opening: a frame up to its first level."""

    ticker: Ticker
    opening: str
    row: str
    prices: dict[int, str] = field(default_factory=dict)
    sizes: dict[int, str] = field(default_factory=dict)

    @classmethod
    def make(cls, connection: int, ticker: Ticker, casing: str) -> "BookWriter":
        data: dict[str, Json] = {"connectionId": connection, "ticker": ticker.name, "updates": []}
        names = recase({"price": 0, "size": 0, "type": ""}, casing)
        row = '{"%s":%%s,"%s":%%s,"%s":"%%s"}' % tuple(names)  # noqa: UP031 braces are JSON's
        return cls(ticker, text_of("orderbook_update", data, casing)[:-3], row)

    def frame(self, levels: Iterable[Level]) -> bytes:
        prices, sizes, row = self.prices, self.sizes, self.row
        rows = [
            row
            % (prices.get(tick) or self._price(tick), sizes.get(units) or self._size(units), kind)
            for kind, tick, units in levels
        ]
        return framed(f"{self.opening}{','.join(rows)}]}}}}")

    def _price(self, tick: int) -> str:
        return _remember(self.prices, tick, decimal_text(tick * self.ticker.price_increment))

    def _size(self, units: int) -> str:
        return _remember(self.sizes, units, decimal_text(units * self.ticker.size_increment))


def _remember(texts: dict[int, str], number: int, text: str) -> str:
    if len(texts) >= REMEMBERED:
        texts.clear()
    texts[number] = text
    return text
