"""Waiting in tests: for a condition, with a limit, never for luck."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

Got = TypeVar("Got")

LIMIT_S = 10.0
STEP_S = 0.005


async def until(condition: Callable[[], Got], limit_s: float = LIMIT_S) -> Got:
    """The first true value of a condition; TimeoutError when it stays false."""
    async with asyncio.timeout(limit_s):
        while not (got := condition()):
            await asyncio.sleep(STEP_S)
    return got
