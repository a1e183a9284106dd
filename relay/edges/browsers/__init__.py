"""This package knows how to run a real browser with the real extension and host, and look on."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from relay.errors import RelayError

LOOK_AGAIN_S = 0.02

Seen = TypeVar("Seen")


class BrowserRefuses(RelayError):
    """A browser that cannot be used for this; the text says what to do instead."""

    code, status = "browser-refuses", 500


async def until(probe: Callable[[], Awaitable[Seen | None]], timeout_s: float = 10.0) -> Seen:
    """The first answer of a probe that is something; TimeoutError when none comes in time."""
    async with asyncio.timeout(timeout_s):
        while True:
            if seen := await probe():
                return seen
            await asyncio.sleep(LOOK_AGAIN_S)
