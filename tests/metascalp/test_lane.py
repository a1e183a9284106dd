"""A raw socket to the terminal: frames of any form, ends of any kind."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from server import free_port, hang, serving
from until import until

from relay.envelope import frame
from relay.errors import TerminalGone
from relay.metascalp import lane, socket
from relay.metascalp.simulator import Simulator

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def greeted(peer: Peer, together: bytes = b"") -> AsyncIterator[str]:
    """A terminal of frames written by hand. together: comes with the answer to the upgrade."""

    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        key = head.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + together
        )
        await peer(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        ended.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await ended.wait()


async def heard_of(*pieces: bytes, count: int) -> list[bytes]:
    """What is made of bytes that come in these pieces."""
    heard: list[bytes] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.001)  # So that pieces are read apart, mostly.
        await reader.read()

    async with asyncio.timeout(10), greeted(peer) as url, lane.connect(url, heard.extend):
        await until(lambda: len(heard) >= count)
    return heard


async def test_what_is_said_is_answered_in_bytes(sim: Simulator) -> None:
    heard: list[bytes] = []
    async with asyncio.timeout(5), lane.connect(sim.url, heard.extend) as there:
        there.say(b'{"Type":"subscribe","Data":{"connectionId":1}}')
        await until(lambda: heard)

    assert heard == [b'{"Type":"subscribed","Data":{"ConnectionId":1}}']


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536, 300_000])
async def test_a_message_of_any_size_comes_and_goes(size: int) -> None:
    said: list[bytes] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said.append(
            await reader.readexactly(size + {True: 6}.get(size < 126, 8 if size < 65536 else 14))
        )
        writer.write(frame(b"x" * size))
        await reader.read()

    heard: list[bytes] = []
    async with asyncio.timeout(10), greeted(peer) as url, lane.connect(url, heard.extend) as there:
        there.say(b"y" * size)
        await until(lambda: heard)

    assert heard == [b"x" * size]
    (sent,) = said
    mask = sent[-size - 4 : -size] if size else sent[-4:]
    assert lane.masked(sent[-size:] if size else b"", mask) == b"y" * size
    assert sent[1] & 0x80


@pytest.mark.parametrize("step", [1, 2, 3, 5, 64])
async def test_frames_cut_anywhere_are_put_together(step: int) -> None:
    messages = [b"a" * 3, b"", b"b" * 130, b"c" * 125]
    data = b"".join(map(frame, messages))
    pieces = [data[at : at + step] for at in range(0, len(data), step)]

    assert await heard_of(*pieces, count=4) == messages


async def test_a_long_message_in_many_pieces_is_joined_once() -> None:
    data = frame(os.urandom(1).hex().encode() * 500_000)
    pieces = [data[at : at + 50_000] for at in range(0, len(data), 50_000)]

    assert await heard_of(*pieces, count=1) == [data[10:]]


async def test_fragments_are_one_message_and_bytes_are_none() -> None:
    heard = await heard_of(
        b"\x01\x02ab\x00\x02cd" + frame(b"", 0x9) + b"\x80\x01e"
        + b"\x82\x03\x00\x01\x02" + b"\x02\x01\x00\x80\x01\x01" + frame(b"last"), count=2,
    )  # fmt: skip

    assert heard == [b"abcde", b"last"]


async def test_what_comes_with_the_greeting_is_heard_in_one_call() -> None:
    calls: list[list[bytes]] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    together = frame(b"1") + frame(b"2")
    async with asyncio.timeout(5), greeted(peer, together) as url, lane.connect(url, calls.append):
        await until(lambda: calls)

    assert calls == [[b"1", b"2"]]


async def test_what_was_said_with_the_goodbye_is_heard_and_nothing_after_it() -> None:
    """A terminal that ends says its last news and its goodbye in one breath."""
    goodbye = b"\x88\x02\x03\xe8"
    together = frame(b"last fill") + goodbye + frame(b"nobody says this")
    heard: list[bytes] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with (
        asyncio.timeout(5),
        greeted(peer, together) as url,
        lane.connect(url, heard.extend) as there,
    ):
        await there.closed

    assert heard == [b"last fill"]


async def test_pings_are_answered() -> None:
    answers: list[bytes] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(frame(b"there?", 0x9))
        answers.append(await reader.readexactly(12))

    async with asyncio.timeout(5), greeted(peer) as url, lane.connect(url, lambda _: None) as there:
        await there.closed

    (pong,) = answers
    assert pong[:2] == b"\x8a\x86"
    assert lane.masked(pong[6:], pong[2:6]) == b"there?"


async def test_what_is_no_utf8_is_handed_on_like_all_else(sim: Simulator) -> None:
    heard: list[bytes] = []
    async with asyncio.timeout(5), lane.connect(sim.url, heard.extend):
        await until(lambda: sim.hub.sockets)
        sim.hub.send_all([b'{"Type":"\xff"}'])
        await until(lambda: heard)

    assert heard == [b'{"Type":"\xff"}']


@pytest.mark.parametrize(
    "odd",
    [
        b"\xc1\x01x",  # Compressed, which nobody asked for.
        b"\x83\x01x",
        b"\x8b\x00",
        b"\x81\x81\x00\x00\x00\x00x",  # Masked, which only a client does.
        b"\x81\x7f" + (1 << 40).to_bytes(8, "big"),
        b"\x88\x02\x03\xe8",
    ],
)
async def test_what_cannot_go_on_is_the_end(odd: bytes) -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(odd)
        await reader.read()

    heard: list[bytes] = []
    async with asyncio.timeout(5), greeted(peer) as url, lane.connect(url, heard.extend) as there:
        await there.watch()

    assert heard == []


async def test_the_end_of_the_terminal_is_the_end(sim: Simulator) -> None:
    async with asyncio.timeout(5), lane.connect(sim.url, lambda _: None) as there:
        await until(lambda: sim.hub.sockets)
        sim.hub.drop()
        await there.watch()


async def test_nothing_is_heard_after_the_block(sim: Simulator) -> None:
    heard: list[bytes] = []
    async with asyncio.timeout(5), lane.connect(sim.url, heard.extend) as there:
        await until(lambda: sim.hub.sockets)
    there.data_received(frame(b"late"))

    assert heard == []
    assert there.closed.done()


async def test_nobody_there_is_the_terminal_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TerminalGone):
        async with lane.connect(f"http://127.0.0.1:{free_port()}", lambda _: None):
            pass
    monkeypatch.setattr(lane, "CONNECT_S", 0.05)
    async with serving(hang) as server:
        with pytest.raises(TerminalGone):
            async with lane.connect(f"http://127.0.0.1:{server.port}", lambda _: None):
                pass
    assert lane.CONNECT_S < socket.CONNECT_S


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: bm90IHRoaXM=\r\n\r\n",
        b"x" * 20_000,
        b"",
    ],
)
async def test_who_is_no_websocket_is_the_terminal_gone(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(TerminalGone):
            async with asyncio.timeout(5), lane.connect(url, lambda _: None):
                pass


async def test_a_terminal_that_takes_nothing_more_is_given_up(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "WRITE_S", 0.05)
    async with asyncio.timeout(30), lane.connect(sim.url, lambda _: None) as there:
        await until(lambda: sim.hub.sockets)
        sim.hub.faults.begin("freeze", 1)  # It reads one more message and then none.
        for _ in range(12):
            there.say(b" " * 1024 * 1024)
        with pytest.raises(TerminalGone, match="takes no messages"):
            await there.watch()
        sim.hub.faults.end("freeze")


async def test_what_waits_for_the_terminal_is_bounded(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "MAX_SAYING", 1024 * 1024)
    async with asyncio.timeout(10), lane.connect(sim.url, lambda _: None) as there:
        await until(lambda: sim.hub.sockets)
        sim.hub.faults.begin("freeze", 1)
        for _ in range(20):
            there.say(b" " * 1024 * 1024)
        await there.closed
        sim.hub.faults.end("freeze")


async def test_a_terminal_that_is_silent_is_asked_and_then_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lane, "HEARTBEAT_S", 0.1)
    asked: list[bytes] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readexactly(6))
        writer.write(frame(b"", 0xA))
        asked.append(await reader.readexactly(6))
        await reader.read()

    async with (
        asyncio.timeout(10),
        greeted(peer) as url,
        lane.connect(url, lambda _: None) as there,
    ):
        with pytest.raises(TerminalGone, match="does not answer"):
            await there.watch()

    assert [one[:2] for one in asked] == [b"\x89\x80"] * 2
