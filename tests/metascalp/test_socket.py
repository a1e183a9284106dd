"""The terminal's WebSocket."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from server import OK, free_port, hang, serving

from relay.errors import RelayBroken, TerminalGone
from relay.metascalp import socket, wire
from relay.metascalp.simulator import Simulator


@asynccontextmanager
async def pushing(*frames: str | bytes) -> AsyncIterator[str]:
    """A terminal that pushes these frames and closes."""

    async def handle(request: web.Request) -> web.WebSocketResponse:
        response = web.WebSocketResponse()
        await response.prepare(request)
        for frame in frames:
            if isinstance(frame, bytes):
                await response.send_bytes(frame)
            else:
                await response.send_str(frame)
        await response.close()
        return response

    app = web.Application()
    app.router.add_get("/", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def messages(url: str) -> list[tuple[str, dict[str, Any]]]:
    async with asyncio.timeout(5), socket.connect(url) as stream:
        return [message async for message in stream.messages()]


async def test_a_subscription_is_acknowledged(sim: Simulator) -> None:
    async with asyncio.timeout(5), socket.connect(sim.url) as stream:
        await stream.send(wire.subscribe(1))
        kind, data = await anext(stream.messages())

    assert (kind, data["connectionid"]) == ("subscribed", 1)


async def test_messages_are_read_in_any_case_of_their_keys() -> None:
    rows = [
        {"Type": "order_update", "Data": {"ConnectionId": 1}},
        {"type": "order_update", "data": {"connectionId": 2}},
        {"TYPE": "subscribed"},
    ]
    async with pushing(*map(json.dumps, rows)) as url:
        found = await messages(url)

    assert found == [
        ("order_update", {"connectionid": 1}),
        ("order_update", {"connectionid": 2}),
        ("subscribed", {}),
    ]


async def test_what_is_no_message_is_passed_over() -> None:
    odd = ("", "{", "[]", "7", "null", '{"type":7}', '{"data":{}}', "[" * 50_000, b"\xff\x00")
    async with pushing(*odd, '{"type":"last","data":[1]}') as url:
        found = await messages(url)

    assert found == [("last", {})]


async def test_a_closed_socket_ends_the_messages(sim: Simulator) -> None:
    async with asyncio.timeout(5), socket.connect(sim.url) as stream:
        await stream.send(wire.subscribe(1))
        kinds = []
        async for kind, _ in stream.messages():
            kinds.append(kind)
            sim.hub.drop()

    assert kinds[0] == "subscribed"


@pytest.mark.parametrize("answer", [OK, b"garbage\r\n\r\n", None])
async def test_a_stranger_gives_no_socket(answer: bytes | None) -> None:
    async with serving(answer) as server:
        with pytest.raises(TerminalGone):
            await messages(f"http://127.0.0.1:{server.port}")


async def test_nobody_gives_no_socket() -> None:
    with pytest.raises(TerminalGone):
        await messages(f"http://127.0.0.1:{free_port()}")


async def test_a_terminal_that_hangs_gives_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "CONNECT_S", 0.05)
    async with serving(hang) as server:
        with pytest.raises(TerminalGone):
            await messages(f"http://127.0.0.1:{server.port}")


async def test_a_package_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    with pytest.raises(RelayBroken, match="aiohttp") as caught:
        await messages("http://127.0.0.1:1")

    assert "aiohttp" in str(caught.value.params["detail"])
