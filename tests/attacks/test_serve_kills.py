"""`serve` killed or frozen at each moment of an order, a cancel, a switch, a subscription; its way
to the terminal cut or frozen at the same moments.

Nothing is executed twice, what a client was told is true, and the same address serves it again
after the restart. What is frozen stays so for longer than anybody waits for it.
`METASCALP_ROUNDS=100` does each of it that often, and is then strict about the two seconds.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from until import until

from tests.attacks.cable import MOMENTS, TICKER, Cable, Plan, cable
from tests.attacks.programs import (
    LIMIT_S,
    Program,
    ask,
    heard,
    program,
    request,
    said,
    wait_until,
)
from tests.attacks.soak import Reader, exact, subscribe

LONG = "METASCALP_ROUNDS" in os.environ
ROUNDS = int(os.environ.get("METASCALP_ROUNDS", "1"))
WITHIN_S = 2.0 if LONG else 8.0
#: A `serve` that waits half a minute for an answer would freeze for hours in a hundred rounds, so
#: it waits a second here; and in the short form as long for an open socket and what that confirms.
PASS_S, STILL_S = 1.0, 1.5
STILL_READ_S = 3.5 if LONG else STILL_S
QUICK = "socket.CONNECT_S = 1.0; from relay.core import lane; lane.ACK_S = 1.0; "
START = (
    "from relay.metascalp import socket; "
    + ("" if LONG else QUICK)
    + f"from relay.edges import serving; serving.PASS_S = {PASS_S}; "
    + "from relay.edges.cli import main; main()"
)
STRIKES = ("killed", "frozen", "way cut", "way frozen")
WAYS = ("plain", "chunked")
ORDERS = "/api/connections/1/orders"

pytestmark = pytest.mark.timeout(60 + 40 * ROUNDS)


@pytest.fixture
def line(home: Path) -> Iterator[Cable]:
    with cable() as made:
        yield made


@pytest.fixture
def door(line: Cable, tmp_path: Path) -> Iterator[Program]:
    where = ("serve", "--terminal", f"127.0.0.1:{line.port}", "--auth", "local")
    with program(*where, log=tmp_path / "stderr", start=START) as made:
        yield made


@dataclass(frozen=True)
class Command:
    """One thing to ask for. word: what only this one's body holds. done: whether the terminal is
    as it should be after so many executions."""

    path: str
    body: dict[str, Any]
    word: str
    done: Callable[[Cable, int], bool]


def order(line: Cable, n: int) -> Command:
    """Known again by its price, which no other order has."""
    price = 20_000 + n
    body = {"ticker": TICKER, "side": 1, "type": 0, "price": price, "size": 0.001}

    def placed(line: Cable, times: int) -> bool:
        rows = list(line.simulator.world.accounts[1].orders.values())
        return sum(row.price == price for row in rows) == times

    return Command(ORDERS, body, f'"price":{price},', placed)


def cancel(line: Cable, n: int) -> Command:
    number = line.place()
    body = {"ticker": TICKER, "orderId": int(number), "type": 0}
    return Command(
        f"{ORDERS}/cancel", body, number, lambda line, times: (number in line.orders()) != times
    )


def switch(line: Cable, n: int) -> Command:
    ticker = ("ETHUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT")[n % 4]
    line.simulator.world.screen.active[1] = "BTCUSDT"
    body = {"exchange": 2, "market": 2, "ticker": ticker}
    return Command(
        "/api/change-ticker",
        body,
        ticker,
        lambda line, times: (line.simulator.world.screen.active[1] == ticker) == times,
    )


KINDS = {"order": order, "cancel": cancel, "switch": switch}


@contextmanager
def struck(line: Cable, door: Program, strike: str, moment: str, needle: bytes) -> Iterator[Plan]:
    """In the block the door is struck, once; after it, it runs again."""
    acts = (door.kill, door.freeze, line.cut, line.hold)
    line.plan = Plan(needle, moment, dict(zip(STRIKES, acts, strict=True))[strike])
    try:
        yield line.plan
    finally:
        line.plan = None


def over(line: Cable, door: Program, strike: str, still_s: float = STILL_S) -> float:
    """Ends the trouble; gives when."""
    if strike == "killed":
        door.process.wait()
        door.start()
    elif strike != "way cut":
        time.sleep(still_s)
    door.thaw()
    line.mend()
    return time.monotonic()


def works_again(line: Cable, door: Program, since: float) -> None:
    """In time the door says of the orders exactly what the terminal says of itself."""

    def same() -> bool:
        answer = ask(door.port, "GET", f"{ORDERS}?Ticker={TICKER}")
        rows = answer[1]["orders"] if answer and answer[0] == 200 else None
        return rows is not None and {str(row["Id"]) for row in rows} == line.orders()

    wait_until(same, since + WITHIN_S - time.monotonic())
    assert time.monotonic() - since < WITHIN_S


def check_told(told: tuple[int, dict[str, Any]] | None, executed: int) -> None:
    """200: once. "unknown" and no answer at all: once or not. Any other: not."""
    assert executed <= 1, "executed twice"
    if told is None or told[1].get("result") == "unknown":
        return
    assert executed == (told[0] == 200), told


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("strike", STRIKES)
def test_a_command_is_executed_at_most_once_and_told_as_it_was(
    line: Cable, door: Program, strike: str, moment: str
) -> None:
    each = list(product(enumerate(WAYS), KINDS))  # Frozen, the short form takes two of the six.
    frozen = strike.endswith("frozen")
    for n in range(ROUNDS):
        for (at, way), kind in each if LONG or not frozen else each[MOMENTS.index(moment) :: 3]:
            command = KINDS[kind](line, 2 * n + at)
            before = line.sent(command.path, command.word)
            data = request(door.port, "POST", command.path, command.body, way)
            needle = f"POST {command.path} ".encode()
            with struck(line, door, strike, moment, needle) as plan, said(door.port, data) as one:
                assert plan.happened.wait(LIMIT_S)
                since = over(line, door, strike)
                told = heard(one)
            works_again(line, door, since)
            executed = line.sent(command.path, command.word) - before

            check_told(told, executed)
            assert strike == "killed" or told is not None, "a door that lives answers"
            assert strike != "way frozen" or told[1]["result"] == "unknown", told
            assert command.done(line, executed)


def test_a_command_that_did_not_come_whole_before_the_end_is_never_executed(
    line: Cable, door: Program
) -> None:
    """Killed with a part of it read; killed with all of it there and nothing read."""
    for n in range(ROUNDS):
        for (at, way), kind in product(enumerate(WAYS), KINDS):
            command = KINDS[kind](line, 2 * n + at)
            before = line.sent(command.path, command.word)
            data = request(door.port, "POST", command.path, command.body, way)
            with said(door.port, data[:-1]) as part:
                assert ask(door.port, "GET", "/ping"), "what came before has been read"
                door.freeze()
                with said(door.port, data) as whole:
                    door.kill()
                    since = over(line, door, "killed")
                    assert (heard(part), heard(whole)) == (None, None)

            assert line.sent(command.path, command.word) == before
            assert command.done(line, 0)
            works_again(line, door, since)


def test_what_a_client_has_given_up_is_not_executed_by_a_door_that_thaws(
    line: Cable, door: Program
) -> None:
    for n in range(ROUNDS):
        for (at, way), kind in list(product(enumerate(WAYS), KINDS))[:: 1 if LONG else 3]:
            command = KINDS[kind](line, 2 * n + at)
            before = line.sent(command.path, command.word)
            assert ask(door.port, "GET", "/ping"), "the terminal is found"
            door.freeze()
            data = request(door.port, "POST", command.path, command.body, way)
            said(door.port, data).close()
            time.sleep(2.1)
            door.thaw()
            works_again(line, door, time.monotonic())

            assert line.sent(command.path, command.word) == before
            assert command.done(line, 0)


class Client:
    """Somebody who reads orders and a book, and comes back when the socket ends or when it is told
    that there is no terminal."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.reader = Reader()

    def has(self, orders: set[str], book: Any) -> bool:
        return self.reader.orders == orders and self.reader.books.get(TICKER) == book

    async def run(self, session: aiohttp.ClientSession) -> None:
        while True:
            with suppress(aiohttp.ClientError, OSError):
                async with session.ws_connect(f"{self.url}/", max_msg_size=1 << 24) as socket:
                    self.reader = Reader()
                    await socket.send_json({"Type": "relay_status_subscribe", "Data": {}})
                    await subscribe(socket, [TICKER])
                    await self._listen(session, socket)
            await asyncio.sleep(0.02)

    async def _listen(
        self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse
    ) -> None:
        async for message in socket:
            told = exact(message.data)
            if told["Type"] == "error":
                return
            self.reader.hear(told, {})
            if told["Type"] == "subscribed" or told["Data"].get("state") == "restored":
                async with session.get(f"{self.url}{ORDERS}?Ticker={TICKER}") as answer:
                    if answer.status == 200:
                        rows = exact(await answer.text())["orders"]
                        self.reader.orders = {row["Id"] for row in rows}


async def book_of(line: Cable) -> Any:
    """The book as the terminal itself tells it."""
    truth = Reader()
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{line.simulator.url}/", max_msg_size=1 << 24) as socket,
    ):
        await subscribe(socket, [TICKER])
        while not truth.books:
            truth.hear(exact((await socket.receive(timeout=5)).data), {})
    return truth.books[TICKER]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("strike", STRIKES)
async def test_a_subscription_ends_with_the_terminals_own_state(
    line: Cable, door: Program, strike: str, moment: str
) -> None:
    """Struck while it opens its stream; an order is placed and one is gone meanwhile."""
    for _ in range(ROUNDS):
        gone = await asyncio.to_thread(line.place)
        client = Client(door.url)
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
            with struck(line, door, strike, moment, b"Upgrade: websocket") as plan:
                listening = tasks.create_task(client.run(session))
                assert await asyncio.to_thread(plan.happened.wait, LIMIT_S)
                await asyncio.to_thread(line.place)
                body = {"ticker": TICKER, "orderId": int(gone), "type": 0}
                await asyncio.to_thread(ask, line.simulator.port, "POST", f"{ORDERS}/cancel", body)
                since = await asyncio.to_thread(over, line, door, strike, STILL_READ_S)
            book = await book_of(line)
            orders = await asyncio.to_thread(line.orders)
            await until(
                partial(client.has, orders, book),
                since + WITHIN_S - time.monotonic(),
            )
            listening.cancel()
