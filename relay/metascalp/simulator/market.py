"""This file knows how one ticker lives: a seeded walk of its price, its book and its trades.

step() moves time on by one step; there is no clock and no other chance than the seeded Random, so
a seed and a number of steps always give the same market.
"""

from dataclasses import dataclass, field
from math import log
from random import Random

from .book import ASK, BID, OTHER, Book
from .catalog import Ticker

LEVELS = 220
"""A side is refilled to so many levels and cut when it is a third longer."""
LOWEST = 2
"""No price below so many price increments: there must be room for a bid."""
WALK = 0.00002
"""One standard deviation of a step, as a share of the price."""
HOME = 0.002
"""How strongly the price is drawn back to where it started, per step."""
NEAR = 30
"""Levels so many price increments from the best price change their size."""
NOTIONAL = 5000
"""What a level is worth on the average, in the quote asset."""


@dataclass(frozen=True, slots=True)
class Print:
    """One trade. side: of the one who took, "Ask" levels are bought, "Bid" levels sold."""

    side: str
    tick: int
    units: int


@dataclass(slots=True)
class Market:
    """The life of one ticker."""

    ticker: Ticker
    random: Random
    book: Book
    home: int
    mean: float
    prints: list[Print] = field(default_factory=list)
    steps: int = 0

    @classmethod
    def open(cls, ticker: Ticker, seed: str) -> "Market":
        """A market with a full book round the ticker's price."""
        home = int(ticker.price / ticker.price_increment)
        mean = max(3.0, float(NOTIONAL / (ticker.price * ticker.size_increment)))
        market = cls(ticker, Random(seed), Book(ticker), home, mean)
        market._rebuild(home)
        market.book.drain()
        return market

    def step(self) -> None:
        """One step of the walk, changed sizes round the spread, now and then a trade."""
        self.steps += 1
        bid = self.book.best(BID) or self.home
        drift = (self.home - bid) * HOME
        self._move(round(self.random.gauss(drift, max(0.6, bid * WALK))))
        self._breathe()
        if self.random.random() < 0.4:
            side = self.random.choice((ASK, BID))
            self.take(side, self._units(), None)
        self._refill()

    def flicker(self) -> None:
        """A moment between two steps: one level of each side near the spread changes its size."""
        random, tops = self.random.random, self.book.tops
        for side, sign in ((ASK, 1), (BID, -1)):
            best = tops[side]
            if best is not None:
                tick = best + sign * int(random() * NEAR)
                levels = self.book.side(side)
                units = 1 - int(log(1.0 - random()) * self.mean)
                self.book.put(side, tick if tick in levels else best, units)

    def jump(self, tick: int) -> None:
        """The price goes to tick at once, and stays about there."""
        bid = self.book.best(BID) or self.home
        self.home = tick
        self._move(tick - bid if tick > bid else tick - (self.book.best(ASK) or bid))
        side = ASK if tick > bid else BID
        self.prints.append(Print(side, tick, self._units()))
        self._refill()

    def take(self, side: str, units: int, limit: int | None) -> list[tuple[int, int]]:
        """Trades against the levels of a side: (tick, units) of every bite."""
        bites = self.book.take(side, units, limit)
        self.prints.extend(Print(side, tick, bite) for tick, bite in bites)
        return bites

    def drain(self) -> list[Print]:
        """The trades since the last call, oldest first."""
        prints, self.prints = self.prints, []
        return prints

    def _move(self, ticks: int) -> None:
        """Shifts the spread: levels in the way are traded, the gap behind fills up again."""
        if ticks == 0:
            return
        hit = ASK if ticks > 0 else BID
        best = self.book.best(OTHER[hit])
        if best is None or abs(ticks) > 2 * LEVELS:
            goal = max(LOWEST, (self.home if best is None else best) + ticks)
            return self._rebuild(goal if hit == ASK else goal - 1)
        goal = max(LOWEST, best + ticks)
        step = 1 if ticks > 0 else -1
        levels = self.book.side(hit)
        eaten = [tick for tick in range(best + step, goal + step, step) if tick in levels]
        self.prints.extend(Print(hit, tick, levels[tick]) for tick in eaten[:3])
        for tick in eaten:
            self.book.put(hit, tick, 0)
        for tick in range(best + step, goal + step, step):
            if tick == goal or self.random.random() < 0.6:
                self.book.put(OTHER[hit], tick, self._units())
        if self._spread() > 3:
            self.book.put(hit, goal + step, self._units())

    def _spread(self) -> int:
        ask, bid = self.book.best(ASK), self.book.best(BID)
        return LEVELS if ask is None or bid is None else ask - bid

    def _breathe(self) -> None:
        """A few levels near the spread change their size, come or go."""
        for side, sign in ((ASK, 1), (BID, -1)):
            best = self.book.best(side)
            if best is None:
                continue
            for _ in range(3):
                tick = best + sign * self.random.randint(0, NEAR)
                gone = tick != best and self.random.random() < 0.2
                if tick > 0:
                    self.book.put(side, tick, 0 if gone else self._units())

    def _refill(self) -> None:
        """Both sides keep about LEVELS levels; the far end grows or is cut."""
        if self._spread() >= LEVELS:
            self._restore()
        for side, sign in ((ASK, 1), (BID, -1)):
            levels = self.book.side(side)
            if len(levels) < LEVELS:
                far = max(levels) if side == ASK else min(levels)
                while len(levels) < LEVELS + 20 and far + sign > 0:
                    far += sign * self.random.randint(1, 2) if far > 2 else sign
                    self.book.put(side, far, self._units())
            elif len(levels) > LEVELS * 4 // 3:
                for tick in sorted(levels, reverse=side == ASK)[: len(levels) - LEVELS - 20]:
                    self.book.put(side, tick, 0)

    def _restore(self) -> None:
        """A side that was eaten up starts again beside the other one."""
        for side, sign in ((ASK, 1), (BID, -1)):
            if not self.book.side(side):
                other = self.book.best(OTHER[side])
                self.book.put(side, max(1, (self.home if other is None else other) + sign), 1)

    def _rebuild(self, bid: int) -> None:
        """A new book whose best bid is at the given price."""
        for side in (ASK, BID):
            for tick in list(self.book.side(side)):
                self.book.put(side, tick, 0)
        self.book.put(BID, bid, self._units())
        self.book.put(ASK, bid + 1, self._units())
        self._refill()

    def _units(self) -> int:
        return 1 + int(self.random.expovariate(1 / self.mean))
