import aiohttp
import pytest

from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.replies import cors_headers

PING = '{"app":"MetaScalp","version":"1.0.2860"}'


def test_a_preflight_names_methods_by_a_switch():
    assert cors_headers(False) == {"Access-Control-Allow-Origin": "*"}
    assert "DELETE" in cors_headers(True)["Access-Control-Allow-Methods"]


async def test_half_a_body_says_the_length_of_all_of_it():
    async with Simulator(rate=0) as sim, aiohttp.ClientSession() as http:
        sim.hub.faults.begin("half-body", 1)
        async with http.get(sim.url + "/ping") as reply:
            assert reply.headers["Content-Length"] == str(len(PING))
            with pytest.raises(aiohttp.ClientPayloadError):
                await reply.read()
