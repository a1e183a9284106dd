import asyncio
import json
import time
from decimal import Decimal

import aiohttp
import pytest

from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.drawings import Drawing
from relay.metascalp.simulator.mishaps import SHIFT, free_port, reborn, stranger
from relay.metascalp.simulator.notices import Notice
from relay.metascalp.simulator.settings import Settings
from relay.metascalp.simulator.world import World


async def fault(http, sim, name, **more):
    body = json.dumps({"name": name, **more})
    async with http.post(sim.url + "/sim/fault", data=body) as reply:
        return await reply.json()


async def ping(http, port):
    async with http.get(f"http://127.0.0.1:{port}/ping") as reply:
        return await reply.json()


def test_a_reborn_terminal_has_another_version_and_other_connections():
    world = World(1, time.time)
    orders = len(world.accounts[1].orders)
    reborn(world)

    assert world.profile.version == "1.0.2861"
    assert next(iter(world.connections)) == 1 + SHIFT
    assert len(world.accounts[1 + SHIFT].orders) == orders
    assert world.screen.bindings["001"] == (1 + SHIFT, "BTCUSDT")
    world.step()


def test_what_a_terminal_keeps_in_memory_only_is_gone_and_the_rest_has_the_new_ids():
    world = World(1, time.time)
    key = (1, "BTCUSDT")
    world.desk.notices.add(Notice("x", "2026"), 0.0)
    world.desk.settings[key] = Settings()
    world.desk.drawings[key] = Drawing()
    world.accounts[1].results["USDT"] = Decimal(5)
    reborn(world)

    assert world.desk.notices.snapshot() == {"notifications": []}
    assert list(world.desk.settings) == list(world.desk.drawings) == [(1 + SHIFT, "BTCUSDT")]
    assert world.accounts[1 + SHIFT].results == {}


async def test_it_quits_and_comes_back_elsewhere():
    async with Simulator(rate=0) as sim, aiohttp.ClientSession() as http:
        old, told = sim.port, asyncio.Event()
        sim.restarted = told.set
        socket = await http.ws_connect(sim.url + "/")
        reply = await fault(http, sim, "restart", value=0.1)
        await asyncio.wait_for(told.wait(), 10)

        assert (await socket.receive(timeout=5)).type is not aiohttp.WSMsgType.TEXT
        assert sim.port == reply["port"] != old
        assert (await ping(http, sim.port))["version"] == "1.0.2861"
        with pytest.raises(aiohttp.ClientError):
            await ping(http, old)


async def test_two_terminals_at_once():
    async with Simulator(rate=0) as sim, aiohttp.ClientSession() as http:
        other = (await fault(http, sim, "twin"))["port"]

        assert await ping(http, other) == await ping(http, sim.port)


async def test_a_foreign_program_beside_it():
    async with Simulator(rate=0) as sim, aiohttp.ClientSession() as http:
        other = (await fault(http, sim, "foreign"))["port"]
        silent = (await fault(http, sim, "foreign-silent"))["port"]

        assert await ping(http, other) == ["not MetaScalp"]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await ping(http, silent)


async def test_a_connection_is_lost_and_comes_back():
    async with Simulator(rate=0) as sim, aiohttp.ClientSession() as http:
        await fault(http, sim, "reconnect", value=1)
        seen = []
        while seen[-1:] != [2] or len(seen) < 2:
            state = int(sim.world.connections[1].state)
            if seen[-1:] != [state]:
                seen.append(state)
            await asyncio.sleep(0.01)

    assert [one for one in seen if one != 2] == [0, 3]


async def test_a_port_of_the_range_is_another_one_of_the_range():
    async with stranger("foreign", 0):
        pass
    port = free_port(range(40000, 40050), 40000)

    assert port in range(40001, 40050)
    assert free_port(range(40000, 40050), 5) not in range(40000, 40050)
