"""This file knows an order, a position and a balance in one spelling, and a change to them.

REST speaks integers, the stream speaks strings; these rows speak one language. Amounts are decimal
strings exactly as the terminal wrote them, ids are strings: neither may pass through a float.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from relay.marks import Mark, result

KINDS = ("orders", "positions", "balances")

#: Order types as our doors spell them, with the terminal's numbers (API edition 3, 2026-08).
ORDER_TYPES = {"limit": 0, "stop": 1, "stop-loss": 2, "take-profit": 3, "market": 4}


def type_number(kind: str) -> int | None:
    """The terminal's number of an order type, which a cancel of it names; None where only the
    terminal's own name is known. A type newer than this code is spelled as its number."""
    if kind in ORDER_TYPES:
        return ORDER_TYPES[kind]
    return int(kind) if kind.isascii() and kind.isdecimal() and len(kind) <= 4 else None


@dataclass(frozen=True, slots=True)
class Order:
    """side: "buy" or "sell"; type: "limit", "stop", "stop-loss", "take-profit", "market", or the
    terminal's number or name of one that is new; status: "new", "open" or "closed" (filled *or*
    cancelled), in a list of open orders a new one too; created: ISO 8601 with offset."""

    connection: int
    id: str
    ticker: str
    side: str
    type: str
    price: str
    size: str
    filled: str
    filled_price: str
    status: str
    created: str
    trigger: str | None = None
    client_id: str | None = None

    @property
    def key(self) -> str:
        return f"{self.connection}:{self.id}"

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "connection": self.connection,
            "id": self.id,
            "ticker": self.ticker,
            "side": self.side,
            "type": self.type,
            "price": self.price,
            "size": self.size,
            "filled": self.filled,
            "filledPrice": self.filled_price,
            "trigger": self.trigger,
            "status": self.status,
            "created": self.created,
            "clientId": self.client_id,
        }


@dataclass(frozen=True, slots=True)
class Position:
    """side: "long" or "short"; entry: average entry price; margin_mode: "cross", "isolated" or
    None when only the stream has told of it; mark: what its ticker costs, once that is known."""

    connection: int
    id: str
    ticker: str
    side: str
    size: str
    entry: str
    margin_mode: str | None = None
    closed: bool = False
    mark: Mark | None = None

    @property
    def key(self) -> str:
        return f"{self.connection}:{self.id}"

    def as_json(self) -> dict[str, Any]:
        """`result` is ours: what closing at the mark would bring, in `quote`, fees left out."""
        row: dict[str, Any] = {
            "key": self.key,
            "connection": self.connection,
            "id": self.id,
            "ticker": self.ticker,
            "side": self.side,
            "size": self.size,
            "entry": self.entry,
            "marginMode": self.margin_mode,
        }
        if self.mark is None:
            return row
        gain = result(self.side, self.size, self.entry, self.mark)
        return {**row, **self.mark.as_json(), "result": gain, "quote": self.mark.quote}


@dataclass(frozen=True, slots=True)
class Balance:
    """One coin of one connection."""

    connection: int
    coin: str
    total: str
    free: str
    locked: str

    @property
    def key(self) -> str:
        return f"{self.connection}:{self.coin}"

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "connection": self.connection,
            "coin": self.coin,
            "total": self.total,
            "free": self.free,
            "locked": self.locked,
        }


Row = Order | Position | Balance


@dataclass(slots=True)
class Change:
    """What a reader has not been told yet: keys to put and to drop by kind; a reset voids all
    before it; stale says that the list of distrusted connections (or of known tickers) changed."""

    put: dict[str, set[str]] = field(default_factory=dict)
    drop: dict[str, set[str]] = field(default_factory=dict)
    stale: bool = False
    reset: bool = False

    def __bool__(self) -> bool:
        return self.reset or self.stale or any(self.put.values()) or any(self.drop.values())

    def add(self, later: Change) -> None:
        """Merges a later change into this one: the last word on a key wins."""
        for kind in KINDS:
            put, drop = later.put.get(kind, set()), later.drop.get(kind, set())
            self.put[kind] = (self.put.get(kind, set()) - drop) | put
            self.drop[kind] = (self.drop.get(kind, set()) - put) | drop
        self.stale = self.stale or later.stale
        self.reset = self.reset or later.reset
