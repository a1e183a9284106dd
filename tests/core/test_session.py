"""A session: what one socket carries, and what is read beside it. tests/core/test_feed.py has the
whole way; here is what a simulator does not do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from until import until

from relay.core.known import Known
from relay.core.lane import Lane
from relay.core.reading import Reading, import_account
from relay.core.session import Session
from relay.errors import TerminalGone
from relay.orders import Mirror


class Desk:
    """A link, a socket and a terminal that note what is asked of them."""

    def __init__(self) -> None:
        self.connections: list[Any] = []
        self.reads: list[tuple[int, str]] = []
        self.may_answer = asyncio.Event()
        self.closed = asyncio.Event()

    def nudge(self) -> None:
        pass

    async def messages(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        yield "subscribed", {"connectionid": 99}
        yield "order_update", {"connectionid": True}
        yield "order_update", {}
        await self.closed.wait()

    async def orders(self, connection: int, ticker: str) -> Any:
        self.reads.append((connection, ticker))
        await self.may_answer.wait()
        return {"orders": []}


@pytest.fixture
async def desk() -> Desk:
    return Desk()


def _no_quote(connection: int, ticker: str) -> None:
    """Nobody asks for results here."""


async def session_at(desk: Desk) -> Session:
    reading = Reading(desk, Mirror(), Known(None), lambda change: None)  # type: ignore[arg-type]
    return Session(desk, desk, reading, await import_account(), _no_quote)  # type: ignore[arg-type]


ODD = {
    "connectionid": 1, "orderid": 7, "ticker": "BTCUSDT", "side": "Buy", "type": "Limit",
    "price": 1, "size": 1, "status": "Open",
}  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [{"status": "Expired"}, {"side": "Hold"}, {"orderid": None}, {"size": None}]
)
async def test_an_update_that_cannot_be_read_has_the_orders_of_its_ticker_read(
    desk: Desk, wrong: dict[str, Any]
) -> None:
    session = await session_at(desk)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(session.run())
        await asyncio.sleep(0)
        session._take("order_update", ODD | wrong)
        assert session._reading.mirror.orders() == []
        desk.may_answer.set()
        await until(lambda: desk.reads)
        task.cancel()

    assert desk.reads == [(1, "BTCUSDT")]


@pytest.mark.parametrize("ticker", [None, "", 7, "X" * 129])
async def test_an_update_of_nobody_knows_what_puts_all_of_its_connection_in_doubt(
    desk: Desk, ticker: Any
) -> None:
    session = await session_at(desk)
    async with asyncio.TaskGroup() as group:
        lane = Lane(1, desk, session._reading, desk.nudge)  # type: ignore[arg-type]
        session._lanes[1] = lane, group.create_task(asyncio.sleep(0))
        session._take("order_update", ODD | {"ticker": ticker})

    assert session._reading.mirror.stale == {1}
    assert session._timers == {}


async def test_a_position_that_cannot_be_read_is_asked_for(desk: Desk) -> None:
    session = await session_at(desk)
    session._take("position_update", {"connectionid": 1, "ticker": "BTCUSDT", "status": "Odd"})
    asked = list(session._timers)
    for timer in session._timers.values():
        timer.cancel()

    assert asked == [("positions", 1, "")]


async def test_requests_before_a_reading_are_one_at_the_time_of_the_earliest(desk: Desk) -> None:
    session = await session_at(desk)
    scope = ("orders", 1, "BTCUSDT")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(session.run())
        await asyncio.sleep(0)
        session.reread(scope, 60.0)
        session.reread(scope, 0.0)
        session.reread(scope, 60.0)
        desk.may_answer.set()
        await until(lambda: desk.reads)
        task.cancel()

    assert desk.reads == [(1, "BTCUSDT")]


async def test_one_reading_of_a_scope_at_a_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow terminal is not asked again and again for what it has not answered yet."""
    monkeypatch.setattr("relay.core.session.SETTLE_S", 0.01)
    session = await session_at(desk)
    scope = ("orders", 1, "BTCUSDT")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(session.run())
        await asyncio.sleep(0)
        session.reread(scope)
        await until(lambda: desk.reads)
        session.reread(scope)
        await until(lambda: session._timers[scope].when() > asyncio.get_running_loop().time())
        assert len(desk.reads) == 1

        desk.may_answer.set()
        await until(lambda: len(desk.reads) == 2)
        task.cancel()


async def test_after_its_end_a_session_starts_nothing(desk: Desk) -> None:
    session = await session_at(desk)
    desk.closed.set()
    with suppress(ExceptionGroup):
        await session.run()
    session.reread(("orders", 1, "BTCUSDT"))
    session.heed_connections()

    assert (session._timers, session.subscribed) == ({}, set())


async def test_a_closed_socket_is_a_terminal_gone(desk: Desk) -> None:
    session = await session_at(desk)
    desk.closed.set()
    with pytest.raises(ExceptionGroup) as caught:
        await session.run()

    assert isinstance(caught.value.exceptions[0], TerminalGone)


async def test_what_nobody_expected_ends_the_session_with_itself(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await session_at(desk)

    async def orders(connection: int, ticker: str) -> Any:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(desk, "orders", orders)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(failure_of(session))
        await asyncio.sleep(0)
        session.reread(("orders", 1, "BTCUSDT"))

    assert "ZeroDivisionError" in repr(running.result())


async def failure_of(session: Session) -> BaseException | None:
    try:
        await session.run()
    except ExceptionGroup as failed:
        return failed
    return None
