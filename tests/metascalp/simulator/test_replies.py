import asyncio

import aiohttp
import pytest

from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.replies import cors_headers

PING = '{"app":"MetaScalp","version":"1.0.2860"}'


def test_a_preflight_names_methods_by_a_switch():
    assert cors_headers(False) == {"Access-Control-Allow-Origin": "*"}
    assert "DELETE" in cors_headers(True)["Access-Control-Allow-Methods"]


async def test_no_answer_names_the_library_it_is_written_with():
    async with Simulator(rate=0) as sim, aiohttp.ClientSession() as http:
        for path in ("/ping", "/nothing", "/sim/state"):
            async with http.get(sim.url + path) as reply:
                assert "Server" not in reply.headers
        async with http.options(sim.url + "/ping") as reply:
            assert "Server" not in reply.headers
        socket = await http.ws_connect(sim.url + "/")
        assert "Server" not in socket._response.headers
    async with Simulator(rate=0) as sim:
        reader, writer = await asyncio.open_connection("127.0.0.1", sim.port)
        writer.write(b"NO HTTP\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()

    assert answer.startswith(b"HTTP/1.0 400 ")
    assert b"Server:" not in answer


async def test_half_a_body_says_the_length_of_all_of_it():
    async with Simulator(rate=0) as sim, aiohttp.ClientSession() as http:
        sim.hub.faults.begin("half-body", 1)
        async with http.get(sim.url + "/ping") as reply:
            assert reply.headers["Content-Length"] == str(len(PING))
            with pytest.raises(aiohttp.ClientPayloadError):
                await reply.read()
