"""The official client, PyPI metascalp 1.1.0, unmodified, through `serve --keys both --auth local`.

Each method is called as its documents call it, and its result read as they read it: in camel case.
Straight to a terminal that fails wherever the terminal spells otherwise; through us it does not.
`pytest -s` prints the table.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from server import free_port

from relay.metascalp import wire
from relay.metascalp.simulator import Simulator
from tests.metascalp.simulator import test_sdk as direct

from .doors import ask, port_of

ORDER = {"ticker": "BTCUSDT", "side": 1, "price": 60000.0, "size": 0.01}
ABSENT = "no such route"
Call = Callable[[Any, Simulator], Awaitable[object]]


@asynccontextmanager
async def served(port: int) -> AsyncIterator[str]:
    """The command itself, in front of the terminal on that port."""
    words = ["--port", str(free_port()), "--terminal", f"127.0.0.1:{port}"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "relay", "serve", "--keys", "both", "--auth", "local", *words,
        stdout=PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())["url"]
    finally:
        process.terminate()
        await process.communicate()


async def _newest(sim: Simulator, path: str, name: str) -> int:
    """The id of what was made last, as no client would have to ask for it."""
    reply = await ask(sim.url, "GET", f"/api/connections/1/{path}?Ticker=BTCUSDT")
    return int(wire.decode(reply.body)[name][-1]["id"])


async def _cancel(client: Any, sim: Simulator) -> object:
    await client.place_order(1, **ORDER)
    order = await _newest(sim, "orders", "orders")
    return (await client.cancel_order(1, ticker="BTCUSDT", order_id=order))["status"]


async def _orders(client: Any, sim: Simulator) -> object:
    await client.place_order(1, **ORDER)
    return (await client.get_orders(1, "BTCUSDT"))["orders"][-1]["remainingSize"]


async def _remove_level(client: Any, sim: Simulator) -> object:
    await client.place_signal_level(1, ticker="BTCUSDT", price=95000.0)
    level = await _newest(sim, "signal-levels", "signallevels")
    return (await client.remove_signal_level(1, level))["status"]


def read(name: str, arguments: tuple[Any, ...], *way: Any, **named: Any) -> Call:
    """A call of a method, and the way to something in its result."""

    async def call(client: Any, sim: Simulator) -> object:
        value = await getattr(client, name)(*arguments, **named)
        for step in way:
            value = value[step]
        return value

    return call


LEVEL = {"ticker": "BTCUSDT", "price": 95000.0}
CALLS: dict[str, Call] = {
    "ping": read("ping", (), "app"),
    "get_connections": read("get_connections", (), "connections", 0, "id"),
    "get_connection": read("get_connection", (1,), "name"),
    "get_tickers": read("get_tickers", (1, True), "tickers", 0, "priceIncrement"),
    "get_orders": _orders,
    "get_positions": read("get_positions", (1,), "positions", 0, "avgPrice"),
    "get_balance": read("get_balance", (1,), "balances", 0, "coin"),
    "place_order": read("place_order", (1,), "clientId", **ORDER),
    "cancel_order": _cancel,
    "change_ticker": read("change_ticker", (), "status", ticker_pattern="BINANCE:ETHUSDT.p"),
    "open_combo": read("open_combo", ("BTCUSDT",), "status"),
    "get_signal_levels": read("get_signal_levels", (1, "BTCUSDT"), "signalLevels"),
    "place_signal_level": read("place_signal_level", (1,), "status", **LEVEL),
    "remove_signal_level": _remove_level,
    "remove_all_signal_levels": read("remove_all_signal_levels", (1, "BTCUSDT"), "status"),
    "remove_triggered_signal_levels": read("remove_triggered_signal_levels", (), "status"),
    "get_orderbook_settings": read(
        "get_orderbook_settings", (1, "BTCUSDT"), "settings", "rowHeight"
    ),
    "update_orderbook_settings": read(
        "update_orderbook_settings", (1, "BTCUSDT"), "settings", "rowHeight", RowHeight=14
    ),
    "get_order_book_snapshot": read(
        "get_order_book_snapshot", (1, "BTCUSDT", 10, 5, 0.5), "asks", 0, "price"
    ),
    "get_cluster_snapshot": read(
        "get_cluster_snapshot", (1, "BTCUSDT", "M5", 2, 20), "columns", -1, "startTime"
    ),
}
#: What edition 1 has not got yet.
SECOND_EDITION = set(list(CALLS)[11:])


async def outcomes(port: int, sim: Simulator) -> dict[str, str]:
    """What each method came to: "ok", or how it failed."""
    client = direct.metascalp.MetaScalpClient(port)
    told = {}
    try:
        for name, call in CALLS.items():
            try:
                await call(client, sim)
                told[name] = "ok"
            except KeyError as error:
                told[name] = f"KeyError {error}"
            except direct.MetaScalpApiError as error:
                missing = (error.status, error.error) == (400, wire.NOT_FOUND)
                told[name] = ABSENT if missing else f"{error.status} {error.error}"
    finally:
        await client.close()
    return told


def public_methods() -> set[str]:
    client = direct.metascalp.MetaScalpClient
    return {name for name in vars(client) if not name.startswith("_")} - {"close", "discover"}


def test_every_method_is_called():
    assert set(CALLS) == public_methods()


@pytest.mark.parametrize("profile", direct.KNOWN)
async def test_every_method_through_us_and_what_it_does_without(
    profile: str, home: Path, capsys: pytest.CaptureFixture[str]
):
    async with Simulator(rate=0, profile=profile) as sim, served(sim.port) as url:
        straight = await outcomes(sim.port, sim)
        through = await outcomes(port_of(url), sim)

    print(f"\n{profile:<32} {'direct':<28} through us")
    for name in CALLS:
        print(f"{name:<32} {straight[name]:<28} {through[name]}")
    lacks = SECOND_EDITION if profile == "doc-edition-1" else set()
    assert through == {name: ABSENT if name in lacks else "ok" for name in CALLS}
    failed = {name for name, told in straight.items() if told.startswith("KeyError")}
    if profile == "doc-edition-1":
        assert failed == set()
    else:
        assert {"get_connections", "get_positions"} <= failed


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("profile", direct.KNOWN)
async def test_every_event_it_knows_through_us(profile: str, home: Path):
    clock, seen = direct.Clock(), set()
    wanted = direct.KNOWN[profile]
    async with Simulator(rate=0, profile=profile, now=clock) as sim, served(sim.port) as url:
        socket = direct.metascalp.MetaScalpSocket(port_of(url))
        await socket.connect()
        for event in wanted:
            socket.on(event)(lambda data, event=event: seen.add(event))
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(socket.listen_forever())
            direct._subscribe(socket)
            await asyncio.sleep(0.1)
            await direct._live(sim, clock, lambda: wanted <= seen)
            listening.cancel()
        await socket.disconnect()

    assert seen == wanted


async def test_what_the_client_is_refused_it_is_told_in_the_terminals_words(home: Path):
    async with (
        Simulator(rate=0, profile="doc-edition-2") as sim,
        served(sim.port) as url,
    ):
        client = direct.metascalp.MetaScalpClient(port_of(url))
        try:
            with pytest.raises(direct.MetaScalpApiError) as refused:
                await client.place_order(1, **ORDER | {"size": 0})
        finally:
            await client.close()

    assert refused.value.error == "Size must be greater than zero"
