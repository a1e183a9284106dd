"""What a panel adds: bounded lists, pages of the activity, an export, commands remembered."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from until import until

from relay.config import Config
from relay.core.journal import Journal
from relay.core.known import Known
from relay.core.relay import Relay
from relay.edges import panel_operations
from relay.edges.operations import perform
from relay.errors import BadParams, BadTicker, Stale
from relay.exchanges import Exchanges
from relay.metascalp.simulator import Simulator

FIND = {"exchange": "BINANCE", "market": "futures", "bare": "BTCUSDT", "via": "row"}


class Door:
    def __init__(self, relay: Relay) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.relay = relay
        self.reader = relay.reader(self._send)

    async def _send(self, topic: str, data: dict[str, Any]) -> None:
        self.events.append((topic, data))

    async def ask(self, name: str, **params: Any) -> dict[str, Any]:
        return await perform(name, self.relay, params, self.reader)

    async def rows(self) -> list[dict[str, Any]]:
        return list((await self.ask("activity"))["rows"])


@asynccontextmanager
async def opened(sim: Simulator, exchanges: Exchanges, folder: Path) -> AsyncIterator[Door]:
    journal = Journal(folder / "activity.db")
    config = Config(terminal=f"127.0.0.1:{sim.port}")
    async with Relay(config, exchanges, Known(None), journal) as relay:
        door = Door(relay)
        yield door
        relay.leave(door.reader)


async def test_a_command_is_remembered_with_what_came_of_it(
    sim: Simulator, exchanges: Exchanges, tmp_path: Path
) -> None:
    async with opened(sim, exchanges, tmp_path) as door:
        await door.ask("open", find=FIND, at=time.time() * 1000)
        with pytest.raises(Stale):
            await door.ask("open", find=FIND, at=1)
        await door.ask("cancel", connection=1, order="1", ticker="BTCUSDT")
        cancel, stale, switched = await door.rows()

    assert (switched["kind"], switched["code"], switched["via"]) == ("open", "switched", "row")
    assert (switched["ticker"], switched["connection"]) == ("BINANCE:BTCUSDT.p", "Binance Futures")
    assert switched["ms"] > 0
    assert (stale["state"], stale["code"]) == ("refused", "stale")
    assert (cancel["kind"], cancel["state"]) == ("cancel", "refused")


async def test_reading_leaves_no_trace(
    sim: Simulator, exchanges: Exchanges, tmp_path: Path
) -> None:
    async with opened(sim, exchanges, tmp_path) as door:
        for name in ("status", "orders", "activity", "known"):
            await door.ask(name)

        assert await door.rows() == []


async def test_an_order_that_closes_is_remembered_and_told(
    sim: Simulator, exchanges: Exchanges, tmp_path: Path
) -> None:
    async with opened(sim, exchanges, tmp_path) as door:
        await door.ask("subscribe", topics=["account", "activity", "status"])
        await until(lambda: door.relay.feed.mirror.orders() and not door.relay.feed.mirror.stale)
        order = next(one for one in door.relay.feed.mirror.orders() if one.connection == 1)
        await door.ask("cancel", connection=1, order=order.id, ticker=order.ticker, type=order.type)
        await until(
            lambda: any(topic == "activity" and data["last"] for topic, data in door.events)
        )
        await until(
            lambda: not [one for one in door.relay.feed.mirror.orders() if one.id == order.id]
        )
        kinds = {row["kind"]: row for row in await door.rows()}

    assert set(kinds) == {"cancel", "closed"}
    assert (kinds["closed"]["ticker"], kinds["closed"]["connection"]) == (
        order.ticker, "Binance Futures",
    )  # fmt: skip
    assert kinds["closed"]["size"] == order.size


async def test_the_export_comes_in_parts_with_one_heading(
    sim: Simulator, exchanges: Exchanges, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel_operations, "EXPORT", 3)
    async with opened(sim, exchanges, tmp_path) as door:
        for _ in range(7):
            await door.ask("combo", tickers=["BINANCE:NOSUCH.p"])
        parts, before = [], None
        while True:
            part = await door.ask("activity_csv", before=before)
            parts.append(part["text"])
            if (before := part["before"]) is None:
                break

    lines = "".join(parts).strip().split("\r\n")
    assert len(parts) == 3
    assert lines[0].startswith("time,kind,ticker")
    assert len(lines) == 8
    assert all(",combo,BINANCE:NOSUCH.p," in line for line in lines[1:])


BAD = [
    ("locate", {}),
    ("locate", {"finds": []}),
    ("locate", {"finds": [FIND] * 101}),
    ("locate", {"finds": ["x" * 1000]}),
    ("combos", {"finds": [FIND] * 21}),
    ("scan", {"connections": "1"}),
    ("scan", {"connections": []}),
    ("scan", {"connections": [1, "2"]}),
    ("scan", {"connections": list(range(1001))}),
    ("activity", {"before": "1"}),
    ("activity", {"before": True}),
    ("activity_csv", {"before": -1}),
    ("chart", {"connection": 1}),
    ("chart", {"connection": True, "ticker": "X"}),
]


@pytest.mark.parametrize(("name", "params"), BAD)
async def test_odd_parameters_are_refused(
    sim: Simulator, exchanges: Exchanges, tmp_path: Path, name: str, params: dict[str, Any]
) -> None:
    async with opened(sim, exchanges, tmp_path) as door:
        with pytest.raises((BadParams, BadTicker)):
            await door.ask(name, **params)


async def test_pins_are_told_by_connection(
    sim: Simulator, exchanges: Exchanges, tmp_path: Path
) -> None:
    async with opened(sim, exchanges, tmp_path) as door:
        await door.ask("pin", connection=1, ticker="DOGEUSDT", on=True)
        pinned = await door.ask("known")
        await door.ask("pin", connection=1, ticker="DOGEUSDT", on=False)
        unpinned = await door.ask("known")

    row = {"connection": 1, "tickers": 1}
    assert pinned == {"connections": [{**row, "pinned": ["DOGEUSDT"]}]}
    assert unpinned == {"connections": [{**row, "pinned": []}]}
