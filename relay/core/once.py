"""This file knows how many may ask for what is dear: they share one reading, and it takes a rest.

Each known ticker is a request to an exchange, so a script that asks again and again, or several
that do, must not become more than one reading a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from relay.errors import RelayError

#: From the beginning of one reading to the beginning of the next.
REST_S = 1.0


class Once:
    """Does `read` for all who ask. Whoever asks gets what began after he asked, and its failure."""

    def __init__(self, read: Callable[[], Awaitable[None]]) -> None:
        self._read = read
        self._lock = asyncio.Lock()
        self._began_at = float("-inf")
        self._failure: RelayError | None = None

    async def __call__(self) -> None:
        asked_at = time.monotonic()
        async with self._lock:
            if self._began_at < asked_at:
                await self._again()
            elif self._failure is not None:
                raise self._failure

    async def _again(self) -> None:
        await asyncio.sleep(max(0.0, self._began_at + REST_S - time.monotonic()))
        began_at = time.monotonic()
        try:
            await self._read()
        except RelayError as failure:
            self._began_at, self._failure = began_at, failure
            raise
        self._began_at, self._failure = began_at, None
