import asyncio
import socket

import aiohttp
import pytest

from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.server import PORTS
from relay.metascalp.simulator.stream import Hub

from .conftest import TIMEOUT_S, Stream


async def test_the_market_lives_by_itself():
    async with Simulator(rate=200) as sim, aiohttp.ClientSession() as http:
        stream = Stream(await http.ws_connect(sim.url + "/", max_msg_size=0))
        await stream.send("orderbook_subscribe", connectionId=1, ticker="BTCUSDT")
        for _ in range(20):
            await stream.wait_for("orderbook_update")

    assert sim.world.steps >= 20


async def test_a_paused_market_takes_no_steps(monkeypatch):
    ticks, done = [], asyncio.Event()

    def tick(_):
        ticks.append(1)
        if len(ticks) == 5:
            done.set()

    monkeypatch.setattr(Hub, "flush", tick)
    async with Simulator(rate=1000) as sim:
        sim.world.paused = True
        await asyncio.wait_for(done.wait(), TIMEOUT_S)

    assert sim.world.steps == 0


async def test_a_taken_port_is_said_in_one_sentence():
    async with Simulator() as first:
        with pytest.raises(OSError, match=f"^port {first.port} of 127.0.0.1 is taken;"):
            async with Simulator(port=first.port):
                pass


async def test_without_a_port_the_first_free_one_of_the_range_is_taken():
    async with Simulator(port=None) as first, Simulator(port=None) as second:
        assert PORTS[0] <= first.port < second.port <= PORTS[-1]


async def test_only_the_loopback_listens():
    async with Simulator() as sim:
        host = socket.gethostbyname(socket.gethostname())
        if host.startswith("127."):
            pytest.skip("this machine has no other address")
        with pytest.raises(OSError):  # noqa: PT011 the message differs by system
            await asyncio.open_connection(host, sim.port)


def test_a_profile_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match=r"no such profile: 'v2'; there are v1\.0\.2860"):
        Simulator(profile="v2")


@pytest.mark.parametrize("tickers", [-1, 10**9])
def test_a_market_has_a_size_that_can_be(tickers):
    with pytest.raises(ValueError, match="not a number of tickers up to 200,000"):
        Simulator(tickers=tickers)


async def test_a_body_too_large_is_malformed(monkeypatch):
    monkeypatch.setattr("relay.metascalp.simulator.replies.MAX_BODY", 1000)
    async with (
        Simulator() as sim,
        aiohttp.ClientSession() as http,
        http.post(sim.url + "/api/combo", data=b"x" * 2000) as reply,
    ):
        assert reply.status == 400
        assert (await reply.json())["error"].startswith("Malformed")


async def test_any_content_type_is_read_as_json():
    async with Simulator(rate=0) as sim, aiohttp.ClientSession() as http:
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            url, headers = sim.url + "/api/combo", {"Content-Type": kind, "Host": "evil.example"}
            async with http.post(url, data=b'{"ticker":"ETHUSDT"}', headers=headers) as reply:
                assert reply.status == 200
