"""A lane: one connection subscribed, acknowledged, read; and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from until import until

from relay.core import lane as module
from relay.core.lane import Lane
from relay.errors import TerminalRefused, TerminalSilent
from relay.orders import Mirror
from relay.rows import Change


class Desk:
    """A socket and a reading that note what is asked of them."""

    def __init__(self) -> None:
        self.mirror = Mirror()
        self.did: list[str] = []
        self.acks = True
        self.fails: list[Exception] = []
        self.nudges = 0
        self.lane = Lane(7, self, self, self.nudge)  # type: ignore[arg-type]

    def nudge(self) -> None:
        self.nudges += 1

    def changed(self, change: Change) -> None:
        pass

    async def send(self, message: Mapping[str, Any]) -> None:
        self.did.append(message["Type"])
        if self.acks:
            self.lane.acknowledge()

    async def all(self, connection: int) -> None:
        self.did.append("all")
        if self.fails:
            raise self.fails.pop(0)
        self.mirror.trust(connection, self.mirror.doubts(connection))

    async def refresh(self, connection: int) -> None:
        self.did.append("refresh")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN_S", 0.0)
    monkeypatch.setattr(module, "ACK_S", 0.02)


async def ran(desk: Desk, condition: Any) -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(desk.lane.run())
        await until(condition)
        task.cancel()


async def test_all_is_read_after_the_acknowledgement_and_looked_at_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "REFRESH_S", 0.01)
    desk = Desk()
    await ran(desk, lambda: len(desk.did) >= 6)

    assert desk.did[:6] == ["subscribe", "all", "subscribe", "refresh", "subscribe", "refresh"]


async def test_without_an_acknowledgement_nothing_is_read_and_all_is_stale() -> None:
    desk = Desk()
    desk.acks = False
    await ran(desk, lambda: len(desk.did) >= 2)

    assert set(desk.did) == {"subscribe"}
    assert desk.mirror.stale == {7}


async def test_what_fails_is_tried_again_and_an_inactive_one_is_looked_at() -> None:
    desk = Desk()
    desk.fails = [TerminalRefused("Connection 7 is not active", 400), TerminalRefused("no", 400)]
    await ran(desk, lambda: desk.did.count("all") == 3)

    assert (desk.mirror.stale, desk.nudges) == (set(), 1)


async def test_that_it_fails_and_that_it_is_over_is_logged_once_each(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A frozen terminal fails every three seconds on every connection."""
    caplog.set_level(logging.INFO, module.__name__)
    desk = Desk()
    desk.fails = [TerminalSilent("no answer")] * 4
    await ran(desk, lambda: len(caplog.messages) >= 2)

    assert desk.did.count("all") == 5
    assert caplog.messages == ["connection 7 not read: no answer", "connection 7 read again"]


async def test_a_doubt_makes_all_be_read_at_once() -> None:
    desk = Desk()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(desk.lane.run())
        await until(lambda: "all" in desk.did)
        desk.lane.doubt()
        assert desk.mirror.stale == {7}
        await until(lambda: desk.did.count("all") == 2 and not desk.mirror.stale)
        task.cancel()


async def test_one_who_waited_in_vain_for_longer_than_the_pause_tries_again_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A terminal that was frozen: what takes no time to fail is tried less and less often."""
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(module, "AGAIN_S", 0.3)
    monkeypatch.setattr(module, "ACK_S", 0.32)
    monkeypatch.setattr(module.asyncio, "sleep", pause)
    desk = Desk()
    desk.acks = False
    await ran_slowly(desk, lambda: len(pauses) >= 2, sleep)
    waited, pauses[:] = pauses[:2], []
    desk.acks = True
    desk.fails = [TerminalRefused("no", 400)] * 3
    await ran_slowly(desk, lambda: len(pauses) >= 3, sleep)

    assert waited == [module.SOON_S] * 2
    assert pauses[1] > 1.5 * pauses[0] > 0
    assert pauses[2] > 1.5 * pauses[1]


async def test_readings_that_time_out_again_and_again_become_rarer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An exchange that is slow because it is asked too much gets a rest."""
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    class Slow(Desk):
        async def all(self, connection: int) -> None:
            await sleep(0.03)
            raise TerminalSilent("no answer")

    monkeypatch.setattr(module, "AGAIN_S", 0.02)
    monkeypatch.setattr(module.asyncio, "sleep", pause)
    await ran_slowly(Slow(), lambda: len(pauses) >= 6, sleep)

    assert pauses[0] == module.SOON_S
    assert pauses[5] > 1.5 * pauses[4] > module.SOON_S


async def ran_slowly(desk: Desk, condition: Any, sleep: Any) -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(desk.lane.run())
        async with asyncio.timeout(10):
            while not condition():
                await sleep(0.005)
        task.cancel()
