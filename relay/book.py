"""This file knows an order book as one reader sees it: a snapshot, then updates merged into it.

An update sets a level's total, 0 takes it away; `BestAsk` and `BestBid` mark the current best, and
levels that lie beyond such a mark are gone even where nobody says so (public code that trades on
the terminal, 2026-05). `depthLevels` cuts snapshots only; `depthPercent` hides far levels in
updates too. Source: MetaScalp API, edition 3, 2026-08, "WebSocket".

Merging waits until somebody needs the book, or until enough has gathered: most books are never
asked for again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from relay.side import Level, Side

#: An update as every build captured so far writes it; other forms are read as JSON.
_LEVEL = re.compile(
    rb'\{"[Pp]rice":(-?\d+(?:\.\d+)?),"[Ss]ize":(-?\d+(?:\.\d+)?),'
    rb'"[Tt]ype":"(Ask|Bid|BestAsk|BestBid)"\}'
)
_SIDES = {b"Ask": "ask", b"Bid": "bid", b"BestAsk": "ask", b"BestBid": "bid"}
#: Marks kept apart before the levels beyond them are looked for.
_MOST_MARKS = 256


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


class Book:
    """known: a snapshot has been seen. waiting: bytes of updates that are not merged yet. whole:
    False where readers may have levels that no snapshot shows, as with `depthLevels`.
    """

    def __init__(
        self, zoom: int = 0, depth: int | None = None, percent: Decimal | None = None
    ) -> None:
        self.known = False
        self.waiting = 0
        self.whole = depth is None and percent is None
        self._view = (zoom, depth, percent)
        self._zoomed, self._depth, self._percent = zoom > 1, depth, percent
        self._updates: list[bytes] = []
        self._sides = {"ask": Side("ask"), "bid": Side("bid")}
        self._at, self._head = 0, b""
        self._words = b"asks bids bestAsk bestBid price size type".split()

    def begin(self, raw: bytes) -> bool:
        """Takes a snapshot; everything before is void. False when it cannot be read."""
        try:
            message = json.loads(raw, parse_float=_Number, parse_int=_Number)
            data = {key.lower(): (key, value) for key, value in dict(_inside(message)).items()}
            sides = {"ask": data["asks"][1], "bid": data["bids"][1]}
            self.forget()
            self._learn(raw, data)
            for name, rows in sides.items():
                self._fill(self._sides[name], [_row(row) for row in rows], data)
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
            self.forget()
            return False
        self.known = True
        return True

    def add(self, updates: list[bytes], size: int) -> int:
        """Takes updates, so many bytes, to be merged later; gives how many bytes wait."""
        self._updates += updates
        self.waiting += size
        return self.waiting

    def forget(self) -> None:
        """Nothing is known any more."""
        self.known = False
        self.waiting, self._at, self._updates = 0, 0, []
        self._sides = {"ask": Side("ask"), "bid": Side("bid")}

    def merge(self, most: int | None = None) -> int:
        """Merges the updates that wait, or so many of the oldest; gives how many that were."""
        if not self.known:
            self.waiting, self._updates = 0, []
            return 0
        updates = self._updates[:most]
        del self._updates[:most]
        self.waiting = self.waiting - sum(map(len, updates)) if self._updates else 0
        for raw in updates:
            self._at += 1
            for price, size, kind in _levels_in(raw):
                self._put(price, size, kind)
        return len(updates)

    def exact(self) -> bool:
        """True when the snapshot below is what the terminal itself would send.

        A book that began with the nearest levels alone does not know which ones follow them.
        """
        self.merge()
        return self.known and all(self._is_exact(side) for side in self._sides.values())

    def snapshot(self) -> bytes | None:
        """`orderbook_snapshot` as the terminal would send it now; None when nothing is known."""
        self.merge()
        if not self.known:
            return None
        return self._snapshot(*(self._shown(side) for side in self._sides.values()))

    def agrees(self, raw: bytes) -> bool:
        """True when a snapshot shows the levels that this book would, however they are written."""
        self.merge()
        other = Book(*self._view)
        return self.known and other.begin(raw) and self._levels() == other._levels()

    def parts(self, most: int) -> list[bytes]:
        """The snapshot in messages of about so many bytes at most: the nearest levels, and updates
        that bring the others. Nothing when nothing is known."""
        snapshot = self.snapshot()
        if snapshot is None or len(snapshot) <= most:
            return [] if snapshot is None else [snapshot]
        sides = [self._shown(side) for side in self._sides.values()]
        count = max(1, (sum(map(len, sides)) * most) // (2 * len(snapshot)))
        near, far = [side[: count // 2] for side in sides], [side[count // 2 :] for side in sides]
        rows = [self._text(one, kind) for kind, side in zip((b"Ask", b"Bid"), far, strict=True)
                for one in side]  # fmt: skip
        head = self._head.replace(b"orderbook_snapshot", b"orderbook_update", 1)
        word = b"Updates" if self._words[0][:1].isupper() else b"updates"
        updates = [
            head + b'"' + word + b'":[' + b",".join(rows[at : at + count]) + b"]}}"
            for at in range(0, len(rows), count)
        ]
        return [self._snapshot(*near), *updates]

    def _snapshot(self, asks: list[Level], bids: list[Level]) -> bytes:
        best = [self._best(side) for side in self._sides.values()]
        words = self._words
        parts = [
            (words[0], b"[" + b",".join(self._text(one, b"Ask") for one in asks) + b"]"),
            (words[1], b"[" + b",".join(self._text(one, b"Bid") for one in bids) + b"]"),
            (words[2], b"null" if best[0] is None else self._text(best[0], b"BestAsk")),
            (words[3], b"null" if best[1] is None else self._text(best[1], b"BestBid")),
        ]
        return self._head + b",".join(b'"' + word + b'":' + text for word, text in parts) + b"}}"

    def _learn(self, raw: bytes, data: Mapping[str, tuple[str, Any]]) -> None:
        """How this terminal spells a snapshot: all up to the first level, and the names."""
        asks = data["asks"][0]
        self._head = raw[: raw.index(f'"{asks}"'.encode())]
        names = [data[name][0] for name in ("asks", "bids", "bestask", "bestbid")]
        rows = [*data["asks"][1], *data["bids"][1]]
        large = any(key[:1].isupper() for row in rows[:1] for key in row) or asks[:1].isupper()
        level = ("Price", "Size", "Type") if large else ("price", "size", "type")
        self._words = [name.encode() for name in (*names, *level)]

    def _fill(
        self, side: Side, rows: list[tuple[bytes, bytes, bytes]], data: Mapping[str, Any]
    ) -> None:
        side.levels = {_plain(price): Level(price, size, 0) for price, size, _ in rows}
        best = data[f"best{side.name}"][1]
        if best is not None:
            price, size, _ = _row(best)
            side.best = Level(price, size, 0)
        side.horizon = side.bound(self._percent, side.best.price if side.best else None)
        if self._depth is not None and len(rows) >= self._depth:
            side.horizon = min(side.horizon, side.distance(rows[-1][0]))

    def _put(self, price: bytes, size: bytes, kind: bytes) -> None:
        side = self._sides[_SIDES[kind]]
        gone = not size.strip(b"0.")
        if len(kind) == 3:  # Ask or Bid.
            if gone:
                side.levels.pop(_plain(price), None)
            else:
                side.levels[_plain(price)] = Level(price, size, self._at)
            return
        if gone:
            return
        side.best = level = Level(price, size, self._at)
        if self._percent is not None:
            side.horizon = min(side.horizon, side.bound(self._percent, price))
        if not self._zoomed:
            side.levels[_plain(price)] = level
            self._mark(side, price)

    def _mark(self, side: Side, price: bytes) -> None:
        """A mark further out than earlier ones says all that they said."""
        far = side.distance(price)
        while side.marks and side.marks[-1][0] <= far:
            side.marks.pop()
        side.marks.append((far, self._at))
        if len(side.marks) > _MOST_MARKS:
            side.drop_crossed()

    def _best(self, side: Side) -> Level | None:
        """The best level: among raw ones the nearest, among gathered ones the last mark."""
        if not side.levels:
            return None
        if self._zoomed:
            return side.best
        side.drop_crossed()
        return min(side.levels.values(), key=lambda level: side.distance(level.price), default=None)

    def _ordered(self, side: Side) -> list[tuple[Decimal, Level]]:
        """What the terminal would look at, nearest first."""
        best = self._best(side)
        bound = side.bound(self._percent, best.price if best else None)
        all_ = ((side.distance(level.price), level) for level in side.levels.values())
        return sorted((one for one in all_ if one[0] <= bound), key=lambda one: one[0])

    def _shown(self, side: Side) -> list[Level]:
        return [level for _, level in self._ordered(side)[: self._depth]]

    def _levels(self) -> list[list[Any]]:
        """Price and size of the best level, where there is one, and of all that is shown."""
        sides = [(self._best(side), *self._shown(side)) for side in self._sides.values()]
        return [[one and (_plain(one.price), _plain(one.size)) for one in side] for side in sides]

    def _is_exact(self, side: Side) -> bool:
        best = self._best(side)
        if side.bound(self._percent, best.price if best else None) <= side.horizon:
            return True
        if self._depth is None:
            return False
        shown = self._ordered(side)[: self._depth]
        return len(shown) == self._depth and shown[-1][0] <= side.horizon

    def _text(self, level: Level, kind: bytes) -> bytes:
        price, size, type_ = self._words[4:]
        return b'{"%b":%b,"%b":%b,"%b":"%b"}' % (price, level.price, size, level.size, type_, kind)


def _inside(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data of a message."""
    found = next((value for key, value in message.items() if key.lower() == "data"), None)
    if not isinstance(found, dict):
        raise ValueError("a message without data")
    return found


def _levels_in(raw: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """(price, size, kind) of every level of an update."""
    found: list[tuple[bytes, bytes, bytes]] = _LEVEL.findall(raw)
    if len(found) == raw.count(b'ype":"') - 1:
        return found
    try:
        message = json.loads(raw, parse_float=_Number, parse_int=_Number)
        data = {key.lower(): value for key, value in _inside(message).items()}
        rows = [_row(row) for row in data["updates"]]
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return []
    return [row for row in rows if row[2] in _SIDES]


def _row(row: Mapping[str, Any]) -> tuple[bytes, bytes, bytes]:
    fields = {key.lower(): value for key, value in row.items()}
    price, size = (str(fields[name]) for name in ("price", "size"))
    if not Decimal(price).is_finite() or not Decimal(size).is_finite():
        raise ValueError("not a level")
    return price.encode(), size.encode(), str(fields["type"]).encode()


@lru_cache(1024)
def _plain(price: bytes) -> bytes:
    """One key for one number, however many zeros it is written with."""
    if b"e" in price or b"E" in price:
        price = format(Decimal(price.decode()), "f").encode()
    return price.rstrip(b"0").rstrip(b".") if b"." in price else price
