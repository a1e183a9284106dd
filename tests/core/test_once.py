"""Many ask, one reads; and who asks is told nothing that is older than his question."""

from __future__ import annotations

import asyncio
import time

import pytest

from relay.core import once
from relay.core.once import Once
from relay.errors import TerminalGone


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    monkeypatch.setattr(once, "REST_S", 0.2)
    return []


async def test_who_asks_at_once_shares_the_next_reading_and_it_takes_a_rest(reads: list[float]):
    async def read() -> None:
        reads.append(time.monotonic())
        await asyncio.sleep(0.05)

    ask = Once(read)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(ask())
        await asyncio.sleep(0.01)
        asked_at = time.monotonic()
        for _ in range(20):
            tasks.create_task(ask())

    assert len(reads) == 2
    assert reads[1] > asked_at
    assert reads[1] - reads[0] >= 0.2


async def test_a_failure_is_told_to_all_who_shared_it_and_to_nobody_after_them(reads: list[float]):
    async def read() -> None:
        reads.append(time.monotonic())
        await asyncio.sleep(0.05)
        if len(reads) == 1:
            raise TerminalGone("nobody is there")

    ask = Once(read)
    told = await asyncio.gather(*(ask() for _ in range(5)), return_exceptions=True)
    assert [type(one) for one in told] == [TerminalGone] * 5
    await ask()

    assert len(reads) == 2


async def test_who_gives_up_takes_nobody_with_him(reads: list[float]):
    async def read() -> None:
        reads.append(time.monotonic())
        await asyncio.sleep(0.05)

    ask = Once(read)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        first = tasks.create_task(ask())
        await asyncio.sleep(0.01)
        tasks.create_task(ask())
        await asyncio.sleep(0.01)
        first.cancel()

    assert first.cancelled()
    assert len(reads) == 2
