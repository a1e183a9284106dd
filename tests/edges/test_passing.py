"""A socket that is passed through as it is."""

from __future__ import annotations

from pathlib import Path

import aiohttp
from until import until

from relay.metascalp.simulator import Simulator

from .doors import opened, read


async def test_another_terminals_socket_is_its_own(home: Path):
    async with Simulator(rate=0.0) as ours, Simulator(rate=0.0) as beta, opened(ours.port) as url:
        headers = {"X-Relay-Terminal": f"127.0.0.1:{beta.port}"}
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(url + "/", headers=headers) as socket:
                await socket.send_json({"Type": "subscribe", "Data": {"ConnectionId": 1}})
                said = await socket.receive_json(timeout=5)
                assert said == {"Type": "subscribed", "Data": {"ConnectionId": 1}}
                assert len(beta.hub.sockets) == 1
                assert (await read(url, "/relay/status"))["door"]["clients"]["sockets"] == 1
            await until(lambda: not beta.hub.sockets)
        assert (await read(url, "/relay/status"))["door"]["clients"]["sockets"] == 0
