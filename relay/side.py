"""This file knows one half of an order book: its levels, and how far they are from the spread."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

_INFINITE = Decimal("Infinity")


class Level(NamedTuple):
    """price and size are text as the terminal wrote it; at: when it was set, by count."""

    price: bytes
    size: bytes
    at: int


class Side:
    """One half of a book. Distances are signed so that further from the spread is always larger."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.levels: dict[bytes, Level] = {}
        self.best: Level | None = None
        self.marks: list[tuple[Decimal, int]] = []
        self.horizon = _INFINITE
        self._sign = 1 if name == "ask" else -1

    def distance(self, price: bytes) -> Decimal:
        return self._sign * Decimal(price.decode())

    def bound(self, percent: Decimal | None, best: bytes | None) -> Decimal:
        """How far the terminal looks from the best price on."""
        if percent is None or best is None:
            return _INFINITE
        return self._sign * (Decimal(best.decode()) * (1 + self._sign * percent / 100))

    def drop_crossed(self) -> None:
        """Takes away the levels that some later mark has passed."""
        if not self.marks:
            return
        for key, level in list(self.levels.items()):
            far = self.distance(level.price)
            if any(far < mark and level.at <= at for mark, at in self.marks):
                del self.levels[key]
        self.marks = []
