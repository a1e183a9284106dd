"""This file knows an order book: whole price steps against whole size units, and views of it.

Prices are counted in price increments and sizes in size increments, so that nothing is rounded
until a level is written. A view is what one subscriber asked for: zoom, depth, percent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil, floor

from .catalog import Ticker
from .wire import Json

ASK, BID = "Ask", "Bid"
OTHER = {ASK: BID, BID: ASK}

CLOSE = 16
"""So far behind the best level the next one is looked for before all are looked at."""

Level = tuple[str, int, int]
"""Kind ("Ask", "Bid", "BestAsk", "BestBid"), price increments, size units."""


@dataclass(frozen=True, slots=True)
class View:
    """How one reader wants the book.

    zoom: levels are gathered in buckets of so many price increments; 0 and 1 leave them alone.
    depth: so many levels a side in a snapshot; None: all. percent: distance from the best price.
    """

    zoom: int = 0
    depth: int | None = None
    percent: Decimal | None = None


@dataclass(slots=True)
class Book:
    """The levels of one ticker. touched holds what changed since drain() was last called."""

    ticker: Ticker
    asks: dict[int, int] = field(default_factory=dict)
    bids: dict[int, int] = field(default_factory=dict)
    touched: dict[tuple[str, int], None] = field(default_factory=dict)
    tops: dict[str, int | None] = field(default_factory=lambda: {ASK: None, BID: None})

    def side(self, side: str) -> dict[int, int]:
        return self.asks if side == ASK else self.bids

    def best(self, side: str) -> int | None:
        """The best price of a side in price increments; None when the side is empty."""
        return self.tops[side]

    def put(self, side: str, tick: int, units: int) -> None:
        """Sets the total of a level; 0 takes the level away."""
        levels, top = self.side(side), self.tops[side]
        if units > 0:
            levels[tick] = units
            if top is None or beyond(side, top, tick):
                self.tops[side] = tick
        elif levels.pop(tick, None) is None:
            return
        elif tick == top:
            self.tops[side] = _next(levels, side, tick)
        self.touched[side, tick] = None

    def take(self, side: str, units: int, limit: int | None) -> list[tuple[int, int]]:
        """Eats levels from the best on, not beyond limit: (tick, units) of every bite."""
        bites: list[tuple[int, int]] = []
        while units > 0:
            tick = self.best(side)
            if tick is None or (limit is not None and beyond(side, tick, limit)):
                break
            levels = self.side(side)
            bite = min(units, levels[tick])
            self.put(side, tick, levels[tick] - bite)
            bites.append((tick, bite))
            units -= bite
        return bites

    def drain(self) -> list[tuple[str, int]]:
        """The (side, tick) of every level that changed since the last call."""
        changed = list(self.touched)
        self.touched.clear()
        return changed

    def snapshot(self, view: View) -> dict[str, Json]:
        """asks, bids, bestAsk and bestBid, as REST and the socket show them."""
        return {
            "asks": self._levels(ASK, view),
            "bids": self._levels(BID, view),
            "bestAsk": self.marker(ASK),
            "bestBid": self.marker(BID),
        }

    def top(self, side: str) -> Level | None:
        """The best level of a side, marked as such; None when the side is empty."""
        tick = self.tops[side]
        return None if tick is None else (f"Best{side}", tick, self.side(side)[tick])

    def marker(self, side: str) -> dict[str, Json] | None:
        """The same as it is shown."""
        top = self.top(side)
        return None if top is None else self._level(*top)

    def updates(self, changed: Iterable[tuple[str, int]], view: View) -> list[Level]:
        """New totals of the levels, or of their buckets, that changed and that the view shows."""
        if view.zoom <= 1 and view.percent is None:
            sides = {ASK: self.asks, BID: self.bids}
            return [(side, tick, sides[side].get(tick, 0)) for side, tick in changed]
        if view.zoom > 1:
            changed = dict.fromkeys((side, bucket(side, t, view.zoom)) for side, t in changed)
        bounds = {side: self._bound(side, view.percent) for side in (ASK, BID)}
        return [
            (side, tick, self._total(side, tick, view.zoom))
            for side, tick in changed
            if (bound := bounds[side]) is None or not beyond(side, tick, bound)
        ]

    def _levels(self, side: str, view: View) -> list[Json]:
        levels = self.side(side)
        if view.zoom > 1:
            gathered: dict[int, int] = {}
            for tick, units in levels.items():
                place = bucket(side, tick, view.zoom)
                gathered[place] = gathered.get(place, 0) + units
            levels = gathered
        bound = self._bound(side, view.percent)
        ticks = sorted(levels, reverse=side == BID)
        if bound is not None:
            ticks = [tick for tick in ticks if not beyond(side, tick, bound)]
        return [self._level(side, tick, levels[tick]) for tick in ticks[: view.depth]]

    def _total(self, side: str, tick: int, zoom: int) -> int:
        levels = self.side(side)
        if zoom <= 1:
            return levels.get(tick, 0)
        inside = range(tick - zoom + 1, tick + 1) if side == ASK else range(tick, tick + zoom)
        if zoom > len(levels):
            return sum(units for at, units in levels.items() if at in inside)
        return sum(levels.get(at, 0) for at in inside)

    def _bound(self, side: str, percent: Decimal | None) -> int | None:
        best = self.best(side)
        if percent is None or best is None:
            return None
        share = min(percent, Decimal(10**6)) / 100
        return floor(best * (1 + share)) if side == ASK else ceil(best * (1 - share))

    def _level(self, kind: str, tick: int, units: int) -> dict[str, Json]:
        price = tick * self.ticker.price_increment
        return {"price": price, "size": units * self.ticker.size_increment, "type": kind}


def beyond(side: str, tick: int, limit: int) -> bool:
    """True when a level lies further from the spread than limit."""
    return tick > limit if side == ASK else tick < limit


def _next(levels: dict[int, int], side: str, tick: int) -> int | None:
    """The best level once the one at tick is gone: mostly close behind it."""
    step = 1 if side == ASK else -1
    for near in range(tick + step, tick + CLOSE * step, step):
        if near in levels:
            return near
    return (min if side == ASK else max)(levels, default=None)


def bucket(side: str, tick: int, zoom: int) -> int:
    """The price a level is gathered under: asks upwards, bids downwards, never across."""
    return -(-tick // zoom) * zoom if side == ASK else tick // zoom * zoom
