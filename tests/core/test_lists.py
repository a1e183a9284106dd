"""Ticker lists: read once, read again when asked for what is not in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from server import free_port

from relay.connection import Connection
from relay.core import lists as module
from relay.core.lists import Lists
from relay.exchanges import Exchanges
from relay.metascalp.client import Client
from relay.metascalp.http import Http
from relay.metascalp.simulator import Simulator


@pytest.fixture
async def client(sim: Simulator, exchanges: Exchanges) -> AsyncIterator[Client]:
    async with Http("127.0.0.1", sim.port) as http:
        yield Client(http, exchanges)


async def places(client: Client, *numbers: int) -> list[Connection]:
    return [one for one in await client.connections() if one.id in numbers]


async def test_a_list_is_read_once(client: Client, sim: Simulator) -> None:
    lists, two = Lists(), await places(client, 1, 4)
    before = sim.record.received

    assert await lists.load(client, two)
    assert not await lists.load(client, two)
    assert sim.record.received == before + 2
    assert lists.known[4].spelled("BTCUSDT")[0].name == "BTC_USDT"


async def test_only_a_list_that_is_old_is_read_again(client: Client) -> None:
    lists, one = Lists(), await places(client, 1)
    await lists.load(client, one)

    assert not await lists.load(client, one, older_s=60)
    assert await lists.load(client, one, older_s=-1)


async def test_a_list_that_cannot_be_read_is_not_known(client: Client, sim: Simulator) -> None:
    """KuCoin is not connected: its list is refused, the others come."""
    lists = Lists()
    await lists.load(client, await places(client, 1, 11))

    assert set(lists.known) == {1}


async def test_lists_of_another_terminal_are_void(client: Client, exchanges: Exchanges) -> None:
    lists, one = Lists(), await places(client, 1)
    await lists.load(client, one)
    await lists.load(Client(Http("127.0.0.1", free_port()), exchanges), one)

    assert lists.known == {}


async def test_a_lost_terminal_voids_its_lists_also_those_being_read(client: Client) -> None:
    lists, one = Lists(), await places(client, 1)
    await lists.load(client, one)
    lists.keep(())
    assert lists.known == {}

    async with asyncio.TaskGroup() as group:
        group.create_task(lists.load(client, one))
        await asyncio.sleep(0)
        lists.keep(())
    lists.keep(one)
    assert lists.known == {}


async def test_a_list_that_is_being_read_outlives_a_change_of_others(client: Client) -> None:
    lists, two = Lists(), await places(client, 1, 4)
    async with asyncio.TaskGroup() as group:
        group.create_task(lists.load(client, two[:1]))
        await asyncio.sleep(0)
        lists.keep(two)

    assert set(lists.known) == {1}


async def test_a_used_again_id_does_not_lend_another_exchanges_names(client: Client) -> None:
    """The terminal was told anew of its accounts while nobody watched."""
    lists, (binance, mexc) = Lists(), await places(client, 1, 4)
    await lists.load(client, [binance, mexc])
    lists.keep([replace(mexc, id=1), replace(binance, id=4, state="disconnected")])
    assert lists.known == {}

    assert await lists.load(client, [replace(binance, market_type=0)])
    assert set(lists.known) == {1}


async def test_a_list_that_is_old_is_read_again_behind_the_click(
    client: Client, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OLD_S", -1.0)
    monkeypatch.setattr(module, "BEHIND_S", 0.0)
    lists, one, behind = Lists(), await places(client, 1), list[Callable[[], Any]]()
    assert await lists.load(client, one)
    lists.behind = behind.append
    before, first = sim.record.received, lists.known[1]

    assert not await lists.load(client, one)
    assert not await lists.load(client, one)
    assert sim.record.received == before, "the click has not waited"
    (refresh,) = behind
    await refresh()
    assert sim.record.received == before + 1
    assert lists.known[1] is not first

    monkeypatch.setattr(module, "OLD_S", 60.0)
    await lists.load(client, one)
    assert len(behind) == 1, "it is new now"
