"""This file knows how many requests somebody may still make: a bucket that fills with time."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Bucket:
    """rate: requests a second, which is also how many may come at once, though never less than
    one; 0 means any number."""

    rate: float
    _left: float = field(init=False)
    _at: float = field(init=False, default=float("-inf"))

    def __post_init__(self) -> None:
        self._left = max(self.rate, 1.0)

    def take(self, now: float) -> float:
        """Takes one at a monotonic time in seconds: 0 when there was one, else in how many
        seconds there will be."""
        if self.rate <= 0:
            return 0.0
        passed = max(now - self._at, 0.0)
        self._left = min(max(self.rate, 1.0), self._left + passed * self.rate)
        self._at = max(now, self._at)
        if self._left >= 1.0:
            self._left -= 1.0
            return 0.0
        return (1.0 - self._left) / self.rate
