"""Looking for more orders: at a stated pace, with a progress, until done or told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from until import until

from relay.config import Config
from relay.core import scanning
from relay.core.known import Known
from relay.core.relay import Relay
from relay.core.topics import Reader
from relay.exchanges import Exchanges
from relay.metascalp.simulator import Simulator
from relay.tickers import Listed


class Panel:
    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.scans: list[dict[str, Any]] = []
        self.reader: Reader = relay.reader(self._send)
        relay.subscribe(self.reader, {"scan", "status"})

    async def _send(self, topic: str, data: dict[str, Any]) -> None:
        if topic == "scan":
            self.scans.append(data)


@asynccontextmanager
async def watching(port: int, exchanges: Exchanges) -> AsyncIterator[Panel]:
    async with Relay(Config(terminal=f"127.0.0.1:{port}"), exchanges, Known(None)) as relay:
        panel = Panel(relay)
        yield panel
        relay.leave(panel.reader)


def some(sim: Simulator, monkeypatch: pytest.MonkeyPatch, names: list[str], rate: float) -> None:
    """Lists shortened to these, read at this pace."""
    listed = [Listed(name, name.removesuffix("USDT"), "USDT") for name in names]
    monkeypatch.setattr("relay.metascalp.client.Client.tickers", _always(listed))
    monkeypatch.setattr(scanning, "READS_PER_S", rate)


def _always(value: Any) -> Any:
    async def answer(*_: Any) -> Any:
        return value

    return answer


async def test_a_scan_finds_orders_nobody_told_of(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    some(sim, monkeypatch, ["BTCUSDT", "ETHUSDT", "SOLUSDT", "LTCUSDT"], 200)
    async with watching(sim.port, exchanges) as panel:
        panel.relay.scan([1])
        await until(lambda: panel.relay.scanner.as_json()["state"] == "done")
        end = panel.relay.scanner.as_json()
        orders = panel.relay.feed.mirror.orders()

    assert (end["done"], end["total"], end["failed"]) == (4, 4, 0)
    assert end["orders"] == len(orders) > 0
    assert {one["ticker"] for one in end["found"]} == {one.ticker for one in orders}
    assert all(panel.relay.known.of(1).count(one.ticker) for one in orders)


async def test_the_pace_is_kept(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    coins = ("BTC", "ETH", "SOL", "XRP", "DOGE", "LTC", "ADA", "LINK")
    some(sim, monkeypatch, [f"{coin}USDT" for coin in coins], 20)
    async with watching(sim.port, exchanges) as panel:
        began = asyncio.get_running_loop().time()
        panel.relay.scan([1])
        await until(lambda: panel.relay.scanner.as_json()["state"] == "done")
        took = asyncio.get_running_loop().time() - began

    assert took >= 8 / 20


async def test_stop_stops_and_the_next_begins_anew(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    some(sim, monkeypatch, [f"T{n}USDT" for n in range(500)], 50)
    async with watching(sim.port, exchanges) as panel:
        panel.relay.scan([1])
        await until(lambda: panel.relay.scanner.as_json()["done"] > 2)
        running = panel.relay.scanner.as_json()
        panel.relay.stop_scan()
        stopped = panel.relay.scanner.as_json()
        await until(lambda: panel.scans[-1]["state"] == "stopped")
        panel.relay.scan([2])
        await until(lambda: panel.relay.scanner.as_json()["connection"] == 2)
        again = panel.relay.scanner.as_json()

    assert (running["state"], running["total"], running["connection"]) == ("running", 500, 1)
    assert 0 < running["leftS"] <= 10
    assert stopped["state"] == "stopped"
    assert stopped["done"] < 500
    assert again["done"] < stopped["done"] + 3


async def test_when_nobody_watches_it_stops(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    some(sim, monkeypatch, [f"T{n}USDT" for n in range(500)], 50)
    async with watching(sim.port, exchanges) as panel:
        panel.relay.scan(None)
        await until(lambda: panel.relay.scanner.as_json()["done"] > 1)
        panel.reader.unsubscribe({"scan"})

        assert panel.relay.scanner.as_json()["state"] == "stopped"


async def test_a_terminal_that_goes_ends_it_with_a_reason(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Simulator(port=0, rate=0.0) as sim:
        some(sim, monkeypatch, [f"T{n}USDT" for n in range(500)], 50)
        async with watching(sim.port, exchanges) as panel:
            panel.relay.scan([1])
            await until(lambda: panel.relay.scanner.as_json()["done"] > 1)
            await sim.__aexit__(None, None, None)
            await until(lambda: panel.relay.scanner.as_json()["state"] == "failed")
            code = panel.relay.scanner.as_json()["code"]

    assert code in ("terminal-not-found", "no-answer")
