"""The running relay, as a door holds it."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest
from server import free_port, hang, json_answer, serving
from until import until

from relay import __version__
from relay.actions import Cancel, CancelAll, Open, Pin
from relay.config import Config
from relay.core.known import Known
from relay.core.relay import Relay
from relay.errors import BadConfig
from relay.exchanges import Exchanges
from relay.find import from_pattern
from relay.metascalp.simulator import Simulator

PING = json_answer('{"app":"MetaScalp","version":"1"}')
ONE = json_answer('{"connections":[{"Id":1,"ExchangeId":2,"MarketType":2,"State":2}]}')


def relay_at(port: int, exchanges: Exchanges, **config: Any) -> Relay:
    return Relay(Config(terminal=f"127.0.0.1:{port}", **config), exchanges, Known(None))


async def test_a_relay_that_only_carries_clicks_opens_no_socket(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with relay_at(sim.port, exchanges) as relay:
        await relay.open(Open(from_pattern("BINANCE:BTCUSDT.p", exchanges)))

        assert sim.hub.sockets == [] or not sim.hub.sockets


async def test_the_status_has_every_field_of_the_contract(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with relay_at(sim.port, exchanges) as relay:
        before = relay.status()
        after = await relay.fresh_status()

    assert before["terminal"]["state"] == "searching"
    assert before["terminal"]["url"] is None
    assert after["relay"] == {
        "version": __version__, "protocol": 1, "pid": os.getpid(), "broken": None,
        "configProblem": None,
        "configWhy": None,
        "staged": False,
    }  # fmt: skip
    assert after["terminal"]["state"] == "connected"
    assert (after["terminal"]["url"], after["terminal"]["version"]) == (sim.url, "1.0.2860")
    assert isinstance(after["terminal"]["since"], int)
    assert {place["id"] for place in after["connections"]} >= set(range(1, 12))
    assert after["orders"] == "cancel"


async def test_what_a_panel_needs_waits_for_the_click_behind_it(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host started by a click has both at once, and loading packages would delay the click."""
    monkeypatch.setattr("relay.core.opening.OPEN_S", 0.5)
    monkeypatch.setattr("relay.core.opening.LOOK_S", 0.4)
    async with serving(PING, hang) as server, relay_at(server.port, exchanges) as relay:
        order: list[str] = []

        async def follows() -> None:
            order.append("feed")

        async def send(topic: str, data: dict[str, Any]) -> None:
            return None

        monkeypatch.setattr(relay.feed, "run", follows)
        relay.subscribe(relay.reader(send), {"account"})
        await relay.open(Open(from_pattern("BINANCE:BTCUSDT.p", exchanges)))
        order.append("click")
        await until(lambda: len(order) == 2)

    assert order == ["click", "feed"]


async def test_a_connection_nobody_has_read_is_stale(sim: Simulator, exchanges: Exchanges) -> None:
    """No rows yet is not the same as no rows, and a panel must not say so."""
    async with relay_at(sim.port, exchanges) as relay:
        await relay.fresh_status()

        live = {place.id for place in relay.link.connections if place.state == "connected"}
        assert relay.feed.mirror.stale == live


async def test_without_a_terminal_the_status_is_still_one(exchanges: Exchanges) -> None:
    async with relay_at(free_port(), exchanges) as relay:
        status = await relay.fresh_status()

    assert (status["terminal"]["state"], status["connections"]) == ("searching", [])


async def test_a_reader_is_told_when_the_terminal_comes(exchanges: Exchanges) -> None:
    port = free_port()
    told: list[dict[str, Any]] = []

    async def send(topic: str, data: dict[str, Any]) -> None:
        told.append(data)

    async with relay_at(port, exchanges) as relay:
        reader = relay.reader(send)
        relay.subscribe(reader, {"status"})
        await until(lambda: told)
        async with Simulator(port=port, rate=0):
            await until(lambda: told[-1]["connections"], limit_s=2)
        relay.leave(reader)

    assert told[0]["terminal"]["state"] == "searching"
    assert told[-1]["terminal"]["state"] == "connected"


async def test_new_settings_are_told_to_readers(exchanges: Exchanges) -> None:
    told: list[dict[str, Any]] = []

    async def send(topic: str, data: dict[str, Any]) -> None:
        told.append(data)

    async with relay_at(free_port(), exchanges) as relay:
        reader = relay.reader(send)
        relay.subscribe(reader, {"status"})
        await until(lambda: told)
        relay.configure(Config(orders="view"), BadConfig("line 3", why="choice"))
        await until(lambda: told[-1]["orders"] == "view")
        relay.leave(reader)

    assert told[-1]["relay"]["configProblem"] == "line 3"
    assert told[-1]["relay"]["configWhy"] == {"why": "choice"}


async def test_an_order_is_cancelled_and_all_of_a_ticker_are(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with relay_at(sim.port, exchanges) as relay:
        relay.pin(Pin(4, "GOLD(XAUT)_USDT", True))
        await relay.read_account()
        row = next(row for row in relay.rows("orders") if row["ticker"] == "GOLD(XAUT)_USDT")
        one = await relay.cancel(Cancel(4, int(row["id"]), row["ticker"]))
        rest = await relay.cancel(CancelAll(1, "BTCUSDT"))

    assert (one.state, one.code, one.symbol) == ("done", "cancelled", "GOLD(XAUT)_USDT")
    assert one.text == "GOLD(XAUT)_USDT on MEXC Futures: the order is cancelled"
    assert (rest.code, rest.count) == ("cancelled-all", 3)
    assert rest.text == "BTCUSDT on Binance Futures: orders cancelled: 3"
    assert not sim.world.accounts[4].open_orders("GOLD(XAUT)_USDT")
    assert not sim.world.accounts[1].open_orders("BTCUSDT")


@pytest.mark.parametrize("action", [Cancel(1, 1, "BTCUSDT"), CancelAll(1, "BTCUSDT")])
async def test_settings_may_forbid_to_touch_orders(
    sim: Simulator, exchanges: Exchanges, action: Cancel | CancelAll
) -> None:
    async with relay_at(sim.port, exchanges, orders="view") as relay:
        outcome = await relay.cancel(action)

    assert (outcome.state, outcome.code) == ("refused", "orders-view-only")
    assert sim.record.received == 0


@pytest.mark.parametrize(
    ("connection", "code"), [(99, "no-connection"), (6, "view-mode"), (1, "terminal-refused")]
)
async def test_a_cancellation_that_cannot_be_is_refused(
    sim: Simulator, exchanges: Exchanges, connection: int, code: str
) -> None:
    async with relay_at(sim.port, exchanges) as relay:
        outcome = await relay.cancel(Cancel(connection, 1, "BTCUSDT"))

    assert (outcome.state, outcome.code) == ("refused", code)


async def test_without_a_terminal_nothing_is_cancelled(exchanges: Exchanges) -> None:
    async with relay_at(free_port(), exchanges) as relay:
        outcome = await relay.cancel(Cancel(1, 1, "BTCUSDT"))

    assert (outcome.state, outcome.code) == ("refused", "terminal-not-found")


async def test_a_cancellation_without_an_answer_is_unknown_and_sent_once(
    exchanges: Exchanges,
) -> None:
    async with serving(PING, ONE, None) as server, relay_at(server.port, exchanges) as relay:
        outcome = await relay.cancel(Cancel(1, 1, "BTCUSDT"))

        assert (outcome.state, outcome.code) == ("unknown", "no-answer")
        assert sum(request.startswith(b"POST") for request in server.requests) == 1


async def test_a_pin_is_known_and_may_be_taken_away(exchanges: Exchanges) -> None:
    async with relay_at(free_port(), exchanges) as relay:
        relay.pin(Pin(1, "BTCUSDT", True))
        relay.pin(Pin(1, "BTCUSDT", False))

        assert relay.known_tickers == 1


async def test_everything_that_was_started_ends_with_it(
    sim: Simulator, exchanges: Exchanges
) -> None:
    before = len(asyncio.all_tasks())

    async def send(topic: str, data: dict[str, Any]) -> None:
        await asyncio.Event().wait()

    async with relay_at(sim.port, exchanges) as relay:
        relay.subscribe(relay.reader(send), {"status", "account"})
        await until(lambda: relay.link.connections)
    await until(lambda: len(asyncio.all_tasks()) <= before)
