"""Reading an account by REST into the mirror."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from server import json_answer, serving

from relay.core import reading
from relay.core.known import Known
from relay.core.reading import Reading
from relay.errors import RelayBroken, TerminalRefused, TerminalSilent
from relay.exchanges import Exchanges
from relay.metascalp.client import Client
from relay.metascalp.http import Http
from relay.metascalp.simulator import Simulator
from relay.orders import Mirror
from relay.rows import Change


@dataclass
class Read:
    client: Client
    mirror: Mirror = field(default_factory=Mirror)
    known: Known = field(default_factory=lambda: Known(None))
    changes: list[Change] = field(default_factory=list)

    @property
    def reading(self) -> Reading:
        return Reading(self.client, self.mirror, self.known, self.changes.append)


@pytest.fixture
async def read(sim: Simulator, exchanges: Exchanges) -> AsyncIterator[Read]:
    async with Http("127.0.0.1", sim.port) as http:
        yield Read(Client(http, exchanges))


async def test_all_of_a_connection_is_read_and_then_trusted(read: Read) -> None:
    read.known.add(1, "SOLUSDT")
    await read.reading.all(1)

    assert {position.ticker for position in read.mirror.positions()} == {"BTCUSDT", "ETHUSDT"}
    assert {order.ticker for order in read.mirror.orders()} == {"BTCUSDT", "SOLUSDT"}
    assert "1:USDT" in read.mirror.rows["balances"]
    assert read.mirror.stale == set()


async def test_tickers_of_positions_become_known(read: Read) -> None:
    new = await read.reading.positions(1)

    assert set(new) == set(read.known.of(1)) == {"BTCUSDT", "ETHUSDT"}
    assert await read.reading.positions(1) == []


async def test_a_ticker_that_the_terminal_does_not_know_does_not_hide_the_others(
    read: Read,
) -> None:
    """Known tickers are kept between runs; exchanges delist some meanwhile."""
    read.known.add(1, "DELISTEDUSDT")
    await read.reading.all(1)

    assert read.mirror.stale == set()
    assert read.mirror.orders()


async def test_a_connection_that_cannot_be_read_stays_stale(read: Read) -> None:
    with pytest.raises(TerminalRefused, match="not active"):
        await read.reading.all(11)

    assert read.mirror.stale == {11}
    assert read.mirror.connections() == set()


async def test_a_silent_terminal_leaves_no_reading_open(exchanges: Exchanges) -> None:
    answer = json_answer("{}", "500 Internal Server Error")
    async with serving(answer) as server, Http("127.0.0.1", server.port) as http:
        read = Read(Client(http, exchanges))
        for ask in (read.reading.positions, read.reading.balances):
            with pytest.raises(TerminalSilent):
                await ask(1)
        with pytest.raises(TerminalSilent):
            await read.reading.orders(1, "BTCUSDT")

    assert read.mirror._open == []


@pytest.mark.parametrize("broken", [ImportError("no such file"), RuntimeError("damaged")])
async def test_a_package_that_cannot_be_loaded_is_named(
    monkeypatch: pytest.MonkeyPatch, broken: Exception
) -> None:
    def fail(name: str) -> None:
        raise broken

    monkeypatch.delitem(sys.modules, "relay.metascalp.account", raising=False)
    monkeypatch.setattr(reading.importlib, "import_module", fail)
    with pytest.raises(RelayBroken, match=str(broken)):
        await reading.import_account()
