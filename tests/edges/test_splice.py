"""A lane of one's own: bytes as they come, ends that end each other, nobody without the right."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from server import free_port
from until import until

from relay.core.tokens import Tokens, tokens_file
from relay.edges import splice
from relay.edges.web import Rules
from relay.metascalp.simulator import Simulator

from .doors import line, opened, port_of, read

Socket = aiohttp.ClientWebSocketResponse

OWN = {"X-Relay-Lane": "own"}
UPGRADE = (
    "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "X-Relay-Lane: {lane}\r\n\r\n"
)


@asynccontextmanager
async def lanes(
    url: str, count: int = 1, **headers: str
) -> AsyncIterator[list[aiohttp.ClientWebSocketResponse]]:
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        sockets = [
            await session.ws_connect(url + "/", headers={**OWN, **headers}) for _ in range(count)
        ]
        yield sockets
        for one in sockets:
            await one.close()


async def sockets_of(url: str) -> int:
    count: int = (await read(url, "/relay/status"))["door"]["clients"]["sockets"]
    return count


async def test_each_has_a_socket_of_the_terminal_and_is_answered_by_it(home: Path):
    async with Simulator(rate=0.0) as sim, opened(sim.port) as url:
        async with lanes(url, 2) as (first, second):
            await first.send_json({"Type": "subscribe", "Data": {"ConnectionId": 1}})
            await second.send_str("no JSON")

            assert (await first.receive_json())["Type"] == "subscribed"
            assert "error" in (await second.receive_str()).lower()
            assert len(sim.hub.sockets) == 2
            assert await sockets_of(url) == 2
        await until(lambda: not sim.hub.sockets)
        assert await sockets_of(url) == 0


async def test_bytes_pass_as_they_come_large_and_odd(home: Path):
    async with Simulator(rate=0.0) as sim, opened(sim.port) as url, lanes(url) as (socket,):
        await until(lambda: sim.hub.sockets)
        large = b'{"Type":"x","Data":"' + b"y" * 3_000_000 + b'"}'
        sim.hub.send_all([b'{"type" : "odd"}', large])

        assert await socket.receive_str() == '{"type" : "odd"}'
        assert (await socket.receive_str()).encode() == large


async def test_the_terminal_named_is_the_one(home: Path):
    async with Simulator(rate=0.0) as ours, Simulator(rate=0.0) as other, opened(ours.port) as url:
        named = {"X-Relay-Terminal": f"127.0.0.1:{other.port}"}
        async with lanes(url, **named):
            await until(lambda: other.hub.sockets)

            assert not ours.hub.sockets


@pytest.mark.parametrize(
    ("named", "status"), [("127.0.0.1:" + "9" * 5000, 400), ("127.0.0.1:1", 503)]
)
async def test_a_terminal_that_cannot_be_meant_is_one_clients_trouble(
    home: Path, named: str, status: int
):
    async with Simulator(rate=0.0) as sim, opened(sim.port) as url:
        for _ in range(2):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with lanes(url, **{"X-Relay-Terminal": named}):
                    pass
            assert refused.value.status == status
        assert await sockets_of(url) == 0


async def test_whatever_fails_in_a_lane_is_told_there_and_nowhere_else(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    async def broken(*_: object) -> None:
        raise ValueError("of no use")

    monkeypatch.setattr(splice, "_reached", broken)
    async with Simulator(rate=0.0) as sim, opened(sim.port) as url:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with lanes(url):
                pass
        assert refused.value.status == 500
        assert await sockets_of(url) == 0


async def test_the_end_of_the_terminal_is_the_end(home: Path):
    async with Simulator(rate=0.0) as sim, opened(sim.port) as url, lanes(url) as (socket,):
        await until(lambda: sim.hub.sockets)
        sim.hub.drop()
        message = await socket.receive()

        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        await until(lambda: not sim.hub.sockets)


async def test_who_does_not_read_is_held_back_at_the_terminal_and_costs_others_nothing(home: Path):
    async with Simulator(rate=0.0) as sim, opened(sim.port) as url, line(url) as (reader, writer):
        writer.write(UPGRADE.format(port=port_of(url), lane="own").encode())
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await until(lambda: sim.hub.sockets)
        async with lanes(url) as (other,):
            await until(lambda: len(sim.hub.sockets) == 2)
            for _ in range(20):
                sim.hub.send_all([b'"' + b"z" * 500_000 + b'"'])
                await other.receive_str()

            assert await sockets_of(url) == 2


@pytest.mark.parametrize("scope", ["read", "ui"])
async def test_it_needs_the_right_to_trade(home: Path, scope: str):
    text, _ = Tokens(tokens_file()).new(scope)
    async with Simulator(rate=0.0) as sim, opened(sim.port, Rules()) as url:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with lanes(url, Authorization=f"Bearer {text}"):
                pass

        assert refused.value.status == 403
        assert not sim.hub.sockets


async def test_it_ends_with_its_token(home: Path):
    tokens = Tokens(tokens_file())
    text, made = tokens.new("trade")
    async with (
        Simulator(rate=0.0) as sim,
        opened(sim.port, Rules()) as url,
        lanes(url, Authorization=f"Bearer {text}") as (socket,),
    ):
        await until(lambda: sim.hub.sockets)
        tokens.revoke(made.name)
        await socket.receive()
        await until(lambda: not sim.hub.sockets)


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_pages_stay_outside(home: Path, origin: str):
    async with Simulator(rate=0.0) as sim, opened(sim.port) as url:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with lanes(url, Origin=origin):
                pass

        assert refused.value.status == 403
        assert not sim.hub.sockets


async def test_without_a_terminal_there_is_none(home: Path):
    async with opened(free_port()) as url, line(url) as (reader, writer):
        writer.write(UPGRADE.format(port=port_of(url), lane="own").encode())
        async with asyncio.timeout(20):
            answer = await reader.read()

    assert answer.startswith(b"HTTP/1.1 503 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "terminal-not-found"


async def test_another_lane_than_ones_own_there_is_not(home: Path):
    async with Simulator(rate=0.0) as sim, opened(sim.port) as url, line(url) as (reader, writer):
        writer.write(UPGRADE.format(port=port_of(url), lane="fast").encode())
        async with asyncio.timeout(10):
            answer = await reader.readuntil(b"\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_who_leaves_before_it_is_open_leaves_nothing(home: Path):
    async with Simulator(rate=0.0) as sim, opened(sim.port) as url:
        for _ in range(10):
            async with line(url) as (_, writer):
                writer.write(UPGRADE.format(port=port_of(url), lane="own").encode())
                writer.transport.abort()
        await until(lambda: not sim.hub.sockets)
        await asyncio.sleep(0.2)

        assert await sockets_of(url) == 0
        assert not sim.hub.sockets
