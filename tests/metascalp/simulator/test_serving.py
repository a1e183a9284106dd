"""Anything may come over a socket; it is answered, and the socket stays."""

import aiohttp
import pytest


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"{", b"", b'{"type":"subscribe"}'])
async def test_bytes_are_read_like_text(terminal, raw):
    stream = await terminal.stream()
    await stream.socket.send_bytes(raw)

    assert await stream.next() == {"Type": "error", "Data": {"error": "Invalid message format"}}
    assert (await stream.ask("subscribe", connectionId=1))["Type"] == "subscribed"


async def test_who_leaves_is_forgotten(terminal):
    stream = await terminal.stream()
    await stream.ask("subscribe", connectionId=1)
    await stream.socket.close()
    for _ in range(100):
        if not terminal.sim.hub.sockets:
            break
        await terminal.get("/ping")

    assert terminal.sim.hub.sockets == set()


async def test_a_text_frame_that_is_not_utf8_goes_out_as_it_is(terminal):
    stream = await terminal.stream()
    await stream.ask("subscribe", connectionId=1)
    terminal.sim.hub.send_all([b"\xff"])

    assert (await stream.socket.receive(timeout=5)).type is not aiohttp.WSMsgType.BINARY
