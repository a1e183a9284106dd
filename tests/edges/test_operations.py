"""The table of operations: every name, its scope, and what it does with odd parameters."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from server import hang, json_answer, serving
from until import until

from relay.config import Config
from relay.connection import Connection
from relay.core import deadline, start
from relay.core.known import Known
from relay.core.relay import Relay
from relay.core.topics import Reader
from relay.edges import operations
from relay.edges.operations import TABLE, Operation, perform
from relay.errors import BadConfig, BadParams, RelayError, Stale, UnknownMethod
from relay.exchanges import Exchanges
from relay.metascalp.client import Client
from relay.metascalp.simulator import Simulator

#: Exact lists everywhere (design, section 7): a new operation is a decision, made here.
SCOPES = {
    "status": "read",
    "orders": "read",
    "positions": "read",
    "balances": "read",
    "resolve": "read",
    "subscribe": "read",
    "unsubscribe": "read",
    "config_get": "read",
    "config_set": "ui",
    "bindings": "read",
    "suggest": "read",
    "holding": "read",
    "pin": "ui",
    "lock": "ui",
    "alert": "ui",
    "notify": "ui",
    "open": "ui",
    "combo": "ui",
    "cancel": "trade",
    "cancel_all": "trade",
    "assets": "read",
    "sites": "read",
    "locate": "read",
    "known": "read",
    "activity": "read",
    "activity_csv": "read",
    "scan": "read",
    "scan_stop": "read",
    "combos": "ui",
    "close_opened": "ui",
    "chart": "ui",
}
TIMED = {
    "open", "combo", "combos", "close_opened", "chart", "cancel", "cancel_all", "alert", "notify",
}  # fmt: skip
FIND = {"exchange": "MEXC", "market": "futures", "bare": "BTCUSDT"}


class Door:
    def __init__(self, relay: Relay) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.relay = relay
        self.reader: Reader = relay.reader(self._send)

    async def _send(self, topic: str, data: dict[str, Any]) -> None:
        self.events.append((topic, data))

    async def ask(self, name: str, **params: Any) -> dict[str, Any]:
        return await perform(name, self.relay, params, self.reader)


@asynccontextmanager
async def opened(port: int, exchanges: Exchanges) -> AsyncIterator[Door]:
    config = Config(terminal=f"127.0.0.1:{port}")
    async with Relay(config, exchanges, Known(None)) as relay:
        door = Door(relay)
        yield door
        relay.leave(door.reader)


def test_every_operation_has_its_scope_and_only_commands_grow_old() -> None:
    assert {name: operation.scope for name, operation in TABLE.items()} == SCOPES
    assert {name for name, operation in TABLE.items() if operation.timed} == TIMED


def test_no_operation_places_an_order() -> None:
    """Scripts place orders through the HTTP door, a browser never does (design, section 6)."""
    assert not {"place", "order", "buy", "sell", "place_order"} & set(TABLE)


async def test_each_operation_answers_with_an_object(sim: Simulator, exchanges: Exchanges) -> None:
    params: dict[str, dict[str, Any]] = {
        "resolve": {"find": FIND},
        "subscribe": {"topics": ["status"]},
        "unsubscribe": {"topics": ["status", "account"]},
        "pin": {"connection": 1, "ticker": "BTCUSDT", "on": True},
        "suggest": {"text": "btc"},
        "holding": {"find": FIND},
        "lock": {"panel": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "on": False},
        "alert": {"find": FIND, "price": "64250.5"},
        "notify": {"find": FIND, "text": "seen on a page"},
        "open": {"find": FIND, "target": {"binding": None}},
        "combo": {"tickers": ["MEXC:BTCUSDT.p"]},
        "locate": {"finds": [FIND]},
        "combos": {"finds": [FIND]},
        "chart": {"connection": 1, "ticker": "BTCUSDT"},
        "cancel": {"connection": 1, "order": "1", "ticker": "BTCUSDT", "type": "limit"},
        "cancel_all": {"connection": 1, "ticker": "BTCUSDT"},
    }
    async with opened(sim.port, exchanges) as door:
        for name in TABLE:
            assert isinstance(await door.ask(name, **params.get(name, {})), dict), name


async def test_resolve_tells_the_best_place_first(sim: Simulator, exchanges: Exchanges) -> None:
    async with opened(sim.port, exchanges) as door:
        found = await door.ask("resolve", find=FIND)
        missing = await door.ask("resolve", ticker="MEXC:NOSUCH.p")

    assert (found["code"], found["candidates"][0]["symbol"]) == ("found", "BTC_USDT")
    assert missing == {"code": "no-ticker", "candidates": []}


async def test_resolve_says_so_when_the_terminal_does_not_answer(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.core.opening.LOOK_S", 0.1)
    ping = json_answer('{"app":"MetaScalp"}')
    async with serving(ping, hang) as server, opened(server.port, exchanges) as door:
        with pytest.raises(RelayError) as caught:
            await door.ask("resolve", find=FIND)

    assert caught.value.code == "no-answer"


async def test_a_script_may_name_a_ticker_instead_of_a_find(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with opened(sim.port, exchanges) as door:
        outcome = await door.ask("open", ticker="MEXC:BTCUSDT.p")

    assert outcome["symbol"] == "BTC_USDT"


async def test_rows_say_which_connections_are_stale(sim: Simulator, exchanges: Exchanges) -> None:
    async with opened(sim.port, exchanges) as door:
        before = await door.ask("balances")
        await door.ask("subscribe", topics=["account"])
        await until(lambda: any(data["put"]["balances"] for _, data in door.events))
        after = await door.ask("balances")
        assert after["rows"]
        assert set(await door.ask("orders")) == set(await door.ask("positions")) == set(before)

    assert before == {"rows": [], "stale": []}


async def test_settings_are_told(sim: Simulator, exchanges: Exchanges) -> None:
    async with opened(sim.port, exchanges) as door:
        assert await door.ask("config_get") == door.relay.config.as_json()


async def test_preferences_are_set_and_what_protects_the_trader_is_not(home: Path) -> None:
    async with start.relay("127.0.0.1:1") as relay:
        door = Door(relay)
        wanted = {"exchanges": ["okx"], "aliases": {"GATEFI": "GATEIO"}, "at": time.time() * 1000}
        told = await door.ask("config_set", **wanted)
        assert told == await door.ask("config_get")
        assert (told["exchanges"], told["aliases"]) == (["OKX"], {"GATEFI": "GATEIO"})
        assert (await door.ask("sites"))["aliases"] == {"GATEFI": "GATEIO"}

        for name, value in (("orders", "cancel"), ("terminal", "127.0.0.1:9"), ("tokens", [])):
            with pytest.raises(BadConfig) as caught:
                await door.ask("config_set", **{name: value, "exchanges": ["BYBIT"]})
            assert caught.value.params["setting"] == name
        assert relay.config.exchanges == ("OKX",)
        relay.leave(door.reader)


async def test_a_relay_without_a_file_takes_no_preferences(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with opened(sim.port, exchanges) as door:
        with pytest.raises(BadConfig, match="no settings file"):
            await door.ask("config_set", exchanges=["OKX"])


@pytest.mark.parametrize("topics", [None, "status", {}, ["weather"], [["status"]], [7], [None]])
async def test_a_topic_that_is_none_is_refused(
    sim: Simulator, exchanges: Exchanges, topics: Any
) -> None:
    async with opened(sim.port, exchanges) as door:
        with pytest.raises(BadParams):
            await door.ask("subscribe", topics=topics)
        with pytest.raises(BadParams):
            await door.ask("unsubscribe", topics=topics)


@pytest.mark.parametrize("name", ["", "place", "Open", "open ", "__class__", "x" * 10_000])
async def test_an_operation_that_is_none_is_named_shortly(
    sim: Simulator, exchanges: Exchanges, name: str
) -> None:
    async with opened(sim.port, exchanges) as door:
        with pytest.raises(UnknownMethod) as caught:
            await door.ask(name)

    assert caught.value.params["method"] == name[:40]


@pytest.mark.parametrize("name", sorted(TIMED))
async def test_a_command_too_old_is_dropped_before_its_parameters_are_read(
    sim: Simulator, exchanges: Exchanges, name: str
) -> None:
    async with opened(sim.port, exchanges) as door:
        with pytest.raises(Stale):
            await door.ask(name, at=time.time() * 1000 - operations.MAX_AGE_MS - 100)

    assert sim.record.received == 0


async def test_a_command_of_the_future_is_one_of_now(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock was set back between the press and here: it must not stay young for ever."""
    seen: list[float] = []

    async def run(relay: Relay, params: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
        seen.append(params["at"])
        return {"state": "done", "code": "switched"}

    monkeypatch.setitem(operations.TABLE, "open", Operation("ui", run, timed=True))
    async with opened(sim.port, exchanges) as door:
        began = time.time() * 1000
        await door.ask("open", find=FIND, at=began + 3_600_000)

    assert began <= seen[0] <= time.time() * 1000


@pytest.mark.parametrize(
    "at", ["now", True, [], {}, float("nan"), float("inf"), float("-inf"), 10**400, -(10**400)]
)
async def test_a_time_that_is_none_is_refused(
    sim: Simulator, exchanges: Exchanges, at: Any
) -> None:
    async with opened(sim.port, exchanges) as door:
        with pytest.raises(BadParams, match="epoch milliseconds"):
            await door.ask("open", find=FIND, at=at)

    assert sim.record.received == 0


@pytest.mark.parametrize("age_ms", [None, 0, 1500, -60_000])
async def test_a_command_of_now_is_performed(
    sim: Simulator, exchanges: Exchanges, age_ms: int | None
) -> None:
    at = {} if age_ms is None else {"at": time.time() * 1000 - age_ms}
    async with opened(sim.port, exchanges) as door:
        assert (await door.ask("open", find=FIND, **at))["code"] == "switched"


async def test_a_command_without_a_time_is_of_the_moment_it_came(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script sends none; a terminal that takes long to look at is no reason to act late."""
    connections = Client.connections

    async def slow(self: Client) -> list[Connection]:
        await asyncio.sleep(0.3)
        return await connections(self)

    monkeypatch.setattr(Client, "connections", slow)
    monkeypatch.setattr(deadline, "MAX_AGE_MS", 100)
    async with opened(sim.port, exchanges) as door:
        with pytest.raises(Stale, match="nothing was sent"):
            await door.ask("cancel_all", connection=1, ticker="BTCUSDT")

    assert sim.world.accounts[1].open_orders("BTCUSDT")
