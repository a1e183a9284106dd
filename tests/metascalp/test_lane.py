"""A raw socket to the terminal."""

from __future__ import annotations

import asyncio

import pytest
from server import free_port, hang, serving
from until import until

from relay.errors import TerminalGone
from relay.metascalp import lane, socket
from relay.metascalp.simulator import Simulator


async def test_what_is_said_is_answered_in_bytes(sim: Simulator) -> None:
    async with asyncio.timeout(5), lane.connect(sim.url) as there, asyncio.TaskGroup() as group:
        writing = group.create_task(there.write())
        there.say(b'{"Type":"subscribe","Data":{"connectionId":1}}')
        message = await there.receive()
        writing.cancel()

    assert message.type is lane.TEXT
    assert message.data == b'{"Type":"subscribed","Data":{"ConnectionId":1}}'


async def test_what_is_no_utf8_is_handed_on_like_all_else(sim: Simulator) -> None:
    async with asyncio.timeout(5), lane.connect(sim.url) as there:
        await until(lambda: sim.hub.sockets)
        sim.hub.send_all([b'{"Type":"\xff"}'])
        message = await there.receive()

    assert message.data == b'{"Type":"\xff"}'


async def test_the_end_is_no_message(sim: Simulator) -> None:
    async with asyncio.timeout(5), lane.connect(sim.url) as there:
        await until(lambda: sim.hub.sockets)
        sim.hub.drop()

        assert (await there.receive()).type not in lane.MESSAGES


async def test_nobody_there_is_the_terminal_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TerminalGone):
        async with lane.connect(f"http://127.0.0.1:{free_port()}"):
            pass
    monkeypatch.setattr(lane, "CONNECT_S", 0.05)
    async with serving(hang) as server:
        with pytest.raises(TerminalGone):
            async with lane.connect(f"http://127.0.0.1:{server.port}"):
                pass
    assert lane.CONNECT_S < socket.CONNECT_S


async def test_a_terminal_that_takes_nothing_more_is_given_up(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "WRITE_S", 0.05)
    async with asyncio.timeout(30), lane.connect(sim.url) as there:
        await until(lambda: sim.hub.sockets)
        sim.hub.faults.begin("freeze", 1)  # It reads one more message and then none.
        for _ in range(100):
            there.say(b" " * 1024 * 1024)
        with pytest.raises(TerminalGone):
            await there.write()
        sim.hub.faults.end("freeze")
