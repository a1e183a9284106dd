"""Ticker lists: read once, read again when asked for what is not in them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from server import free_port

from relay.connection import Connection
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
