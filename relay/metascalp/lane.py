"""This file knows one raw socket to the terminal: bytes out, messages in, nothing looked at.

All that came in one read is handed on in one call, without a task, a queue or an object between:
that is what a busy stream costs, and a calm one waits for nothing. So the frames are read here
(RFC 6455, sections 5 and 7) and not by aiohttp, whose client wakes a task for every message.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlsplit

from relay.errors import TerminalGone
from relay.metascalp.socket import CONNECT_S, HEARTBEAT_S, MAX_FRAME

#: Bytes to the terminal that may wait to be written, and for how long. A screener that follows
#: every ticker of a venue sends a few thousand messages at once.
MAX_SAYING = 16 * 1024 * 1024
WRITE_S = 5.0
#: How long the terminal may take to hear a goodbye.
CLOSE_S = 1.0

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MAX_HEAD = 16 * 1024
_MORE, _TEXT, _BYTES, _CLOSE, _PING, _PONG = _KNOWN = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_WHOLE_TEXT = 0x81

#: Is given the messages of one read, in order.
Hear = Callable[[list[bytes]], None]


class Socket(asyncio.Protocol):
    """One open socket. `say` never waits. closed: is done when there is no more to come."""

    def __init__(self, hear: Hear) -> None:
        loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.opened: asyncio.Future[None] = loop.create_future()
        self._hear = hear
        self._transport: asyncio.Transport | None = None
        self._key = base64.b64encode(os.urandom(16))
        self._parts: list[bytes] = []
        self._have = self._need = 0
        self._message: list[bytes] | None = None
        self._heard = True
        self._asked = False
        self._stuck_since: float | None = None

    def greet(self, host: str) -> None:
        """Asks for the WebSocket; `opened` tells what came of it."""
        lines = (
            "GET / HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {self._key.decode()}", "\r\n",
        )  # fmt: skip
        self._write("\r\n".join(lines).encode())

    def say(self, raw: bytes) -> None:
        """Sends a message."""
        self._send(_TEXT, raw)

    async def watch(self) -> None:
        """Looks after the socket until it is closed; TerminalGone when the terminal takes nothing
        any more, or is not there to say that it is."""
        looks_s = min(WRITE_S, HEARTBEAT_S) / 2
        silent_s = 0.0
        while not self.closed.done():
            await asyncio.wait([self.closed], timeout=looks_s)
            if self._stuck_since is not None and time.monotonic() - self._stuck_since > WRITE_S:
                raise TerminalGone("the terminal takes no messages")
            silent_s = 0.0 if self._heard else silent_s + looks_s
            if self._heard:
                self._heard = self._asked = False
            elif silent_s >= HEARTBEAT_S and not self._asked:
                self._asked = True
                self._send(_PING, b"")
            elif silent_s >= HEARTBEAT_S * 1.5:
                raise TerminalGone("the terminal does not answer on its socket")

    def close(self) -> None:
        """Says goodbye and closes; nothing is heard any more, and `closed` follows."""
        self._hear = _deaf
        if self._transport is not None and not self._transport.is_closing():
            self._send(_CLOSE, (1000).to_bytes(2, "big"))
            self._transport.close()

    async def wait_closed(self) -> None:
        """Waits for the end, but not for a terminal that does not take even a goodbye."""
        if self._transport is None:
            return
        await asyncio.wait([self.closed], timeout=CLOSE_S)
        self.abort()
        await self.closed

    def abort(self) -> None:
        """Closes without waiting for what has not been taken."""
        if self._transport is not None and not self.closed.done():
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A stream of bytes; the transports of uvloop are of no class that says so.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(TerminalGone("the terminal closed its socket"))
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        self._stuck_since = time.monotonic()

    def resume_writing(self) -> None:
        self._stuck_since = None

    def data_received(self, data: bytes) -> None:
        self._heard = True
        if self._parts:
            self._parts.append(data)
            self._have += len(data)
            if self._have < self._need:
                return
            data = b"".join(self._parts)
            self._parts = []
        if not self.opened.done():
            data = self._answered(data)
        if data:
            self._read(data)

    def _answered(self, data: bytes) -> bytes:
        """Takes the answer to the upgrade; gives what came after it."""
        end = data.find(b"\r\n\r\n") + 4
        if end < 4:
            self._keep(data, len(data) + 1)
            if len(data) > _MAX_HEAD:
                self.abort()
            return b""
        first, *lines = data[:end].split(b"\r\n")
        fields = {name.strip().lower(): value.strip() for name, _, value in (
            line.partition(b":") for line in lines)}  # fmt: skip
        digest = hashlib.sha1(self._key + _GUID, usedforsecurity=False).digest()
        accepted = fields.get(b"sec-websocket-accept") == base64.b64encode(digest)
        if not first.startswith(b"HTTP/1.1 101") or not accepted:
            self.opened.set_exception(TerminalGone(f"no WebSocket there: {first[:80]!r}"))
            self.abort()
            return b""
        self.opened.set_result(None)
        return data[end:]

    def _read(self, data: bytes) -> None:
        """Takes the frames that are whole, and keeps the rest."""
        at, end = 0, len(data)
        messages: list[bytes] = []
        while (left := end - at) >= 2:
            size, start = data[at + 1], at + 2
            if size == 126 and left >= 4:
                size, start = data[start] << 8 | data[start + 1], at + 4
            elif size > 125:
                size, start = _size(data, at)
            stop = start + size
            if stop > end:
                break
            if data[at] == _WHOLE_TEXT:
                messages.append(data[start:stop])
            else:
                self._odd(data[at], data[start:stop], messages)
            at = stop
        if at < end:
            rest = data[at:]
            self._keep(rest, _length(rest))
        if messages:
            self._hear(messages)

    def _keep(self, data: bytes, need: int) -> None:
        """What is not whole yet, until there is as much as it needs."""
        self._parts, self._have, self._need = [data], len(data), need
        if need > MAX_FRAME:
            self.abort()

    def _odd(self, first: int, payload: bytes, messages: list[bytes]) -> None:
        """A frame that is not a whole message of text."""
        opcode = first & 0x0F
        if first & 0x70 or opcode not in _KNOWN:
            self.abort()  # An extension that nobody asked for.
        elif opcode == _PING:
            self._send(_PONG, payload)
        elif opcode == _CLOSE:
            if messages:  # Said before the goodbye; what follows it is nothing.
                self._hear(messages.copy())
                messages.clear()
            self.close()
        elif opcode < _CLOSE:
            self._fragment(first, payload, messages)

    def _fragment(self, first: int, payload: bytes, messages: list[bytes]) -> None:
        """A message in several frames; of bytes there are none that are the terminal's."""
        if first & 0x0F == _TEXT:
            self._message = [payload]
        elif first & 0x0F == _BYTES:
            self._message = None
        elif self._message is not None:
            self._message.append(payload)
            if sum(map(len, self._message)) > MAX_FRAME:
                self.abort()
            elif first & 0x80:
                messages.append(b"".join(self._message))
                self._message = None

    def _send(self, opcode: int, payload: bytes) -> None:
        size, mask = len(payload), os.urandom(4)
        if size < 126:
            head = bytes((0x80 | opcode, 0x80 | size))
        elif size < 65536:
            head = bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2, "big")
        else:
            head = bytes((0x80 | opcode, 0xFF)) + size.to_bytes(8, "big")
        self._write(head + mask + masked(payload, mask))

    def _write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > MAX_SAYING:
            self.abort()


def masked(payload: bytes, mask: bytes) -> bytes:
    """What is sent, or what was meant: the same twice is nothing."""
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def _size(data: bytes, at: int) -> tuple[int, int]:
    """Of the payload, and where it begins; beyond all that has come where that is not known yet.
    A mask is not a server's: its bit makes a length that nothing has."""
    if data[at + 1] == 127 and len(data) - at >= 10:
        return int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
    return (len(data), at + 2) if data[at + 1] < 128 else (1 << 63, at)


def _length(rest: bytes) -> int:
    """How many bytes the frame that begins here needs, as far as that is known."""
    if len(rest) < 2:
        return 2
    if rest[1] == 126:
        return 4 + int.from_bytes(rest[2:4], "big") if len(rest) >= 4 else 4
    if rest[1] == 127:
        return 10 + int.from_bytes(rest[2:10], "big") if len(rest) >= 10 else 10
    return 2 + rest[1] if rest[1] < 126 else 1 << 63


@asynccontextmanager
async def connect(url: str, hear: Hear) -> AsyncIterator[Socket]:
    """An open socket to the terminal at this HTTP address; TerminalGone when it cannot be had."""
    where, socket = urlsplit(url), Socket(hear)
    host, port = where.hostname or "", where.port or 0
    loop = asyncio.get_running_loop()
    try:
        try:
            async with asyncio.timeout(CONNECT_S):
                await loop.create_connection(lambda: socket, host, port)
                socket.greet(where.netloc)
                await socket.opened
        except (OSError, TimeoutError) as error:
            raise TerminalGone(f"no WebSocket at {url}: {error}") from error
        yield socket
    finally:
        socket.close()
        await socket.wait_closed()


def _deaf(messages: list[bytes]) -> None:
    """Nobody listens any more."""
