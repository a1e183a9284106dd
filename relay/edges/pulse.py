"""This file knows whether this process stood still a moment ago: stopped, or a machine asleep.

What came meanwhile is as old as that lasted, and HTTP does not say when it was sent: a client that
has long given up is not known from one that still waits.

It goes by the clock that people set, the only one that goes on everywhere while a machine sleeps.
Set forward by more than a command may be old, it looks like a stop: until a quarter of a second
after the next beat what changes anything is refused, and may be tried again. Set back during a
stop, it makes that stop look so much shorter; otherwise it changes nothing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from relay.core.deadline import MAX_AGE_MS

#: What waits at the door is all taken in this time.
AFTER_S = 0.25


class Pulse:
    """Told that time goes on, more often than once a second. clock: one that a sleeping machine
    does not stop."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last = clock()
        self._woke = -math.inf

    def beat(self) -> None:
        now = self._clock()
        if now - self._last > MAX_AGE_MS / 1000:
            self._woke = now
        elif now < self._last:
            self._woke = -math.inf  # Else it would come round once more.
        self._last = now

    @property
    def stood_still(self) -> bool:
        """Whether what is taken now may have come longer ago than a command may."""
        now = self._clock()
        return 0 <= now - self._woke < AFTER_S or now - self._last > MAX_AGE_MS / 1000
