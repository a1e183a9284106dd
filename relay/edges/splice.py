"""This file knows a lane of one's own: a client's WebSocket and one of the terminal's, spliced.

`X-Relay-Lane: own` asks for it. After the upgrade bytes pass as they come, in both directions,
nothing is looked at and nothing is shared, so it needs a token with the scope trade. Whoever does
not take what comes holds up the other end and nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from relay.core.jobs import place_of
from relay.edges.answering import farewell
from relay.edges.gate import Guest
from relay.edges.serving import Serving, wished_keys
from relay.errors import RelayError, TerminalGone, TerminalSilent
from relay.head import END, MAX_HEAD, BadHead, Head
from relay.metascalp.client import Client
from relay.metascalp.http import CONNECT_S

HEADER, OWN = "x-relay-lane", "own"
ANSWER_S = 3.0
_KEY, _VERSION = "sec-websocket-key", "sec-websocket-version"

log = logging.getLogger(__name__)


def is_wished(head: Head) -> bool:
    """Whether a request is for a lane of one's own. BadHead for one that cannot be had."""
    if not head.is_upgrade or head.get(HEADER) is None:
        return False
    if head.get(HEADER) != OWN or head.get(_VERSION) != "13" or head.count(_KEY) != 1:
        raise BadHead("a lane of one's own is asked for by `X-Relay-Lane: own`, version 13")
    return True


class End(asyncio.Protocol):
    """One of the two. other: what comes goes there. lost: is called when this one is gone."""

    def __init__(self, lost: Callable[[], None] = lambda: None) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: End | None = None
        self._lost = lost

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A stream of bytes; the transports of uvloop are of no class that says so.
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            self.other.write(data)

    def eof_received(self) -> None:
        self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost()
        if self.other is not None:
            self.other.close()

    def pause_writing(self) -> None:
        if self.other is not None and self.other.is_open:
            cast(asyncio.Transport, self.other.transport).pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None and self.other.is_open:
            cast(asyncio.Transport, self.other.transport).resume_reading()

    @property
    def is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    def write(self, data: bytes) -> None:
        if self.is_open:
            cast(asyncio.Transport, self.transport).write(data)

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()


class TerminalEnd(End):
    """The terminal's, which answers the upgrade first. answer: its head, and what came with it."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._head = b""

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            self.other.write(data)
            return
        self._head += data
        if not self.answer.done() and END in self._head:
            cast(asyncio.Transport, self.transport).pause_reading()
            self.answer.set_result(self._head)
        elif len(self._head) > MAX_HEAD:
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.answer.done():
            self.answer.set_exception(TerminalSilent("the terminal closed its socket"))
        super().connection_lost(exc)


async def serve(
    serving: Serving, head: Head, guest: Guest, transport: asyncio.Transport, rest: bytes
) -> None:
    """Splices a client's connection, or says why not. rest: what came after the head."""

    def lost() -> None:
        serving.straight.pop(transport, None)

    here = End(lost)
    transport.pause_reading()
    here.connection_made(transport)
    transport.set_protocol(here)
    serving.straight[transport] = guest
    try:
        client, there, answer = await _reached(serving, head)
    except RelayError as error:
        _refuse(here, error, wished_keys(head, serving.keys))
        return
    except Exception as problem:  # One client's; it must not end the door.
        log.error("a lane failed: %s", place_of(problem))
        broken = RelayError("the relay failed: nothing was sent")
        _refuse(here, broken, wished_keys(head, serving.keys))
        return
    if not here.is_open:
        there.close()
        return
    accept, early = answer
    here.other, there.other = there, here
    here.write(_switched(client, accept) + early)
    if rest:
        there.write(rest)
    for end in (here, there):
        if end.is_open:
            cast(asyncio.Transport, end.transport).resume_reading()


def _refuse(here: End, error: RelayError, keys: str) -> None:
    here.write(farewell(error.status, error.text, keys, error.code))
    here.close()


async def _reached(serving: Serving, head: Head) -> tuple[Client, TerminalEnd, tuple[bytes, bytes]]:
    """A socket of the terminal, which is looked for where it has moved."""
    terminals, named = serving.terminals, head.get("x-relay-terminal")
    client = await terminals.client(named)
    try:
        return client, *await _opened(client, head)
    except TerminalGone:
        terminals.lose(client)
        client = await terminals.client(named)
        return client, *await _opened(client, head)


async def _opened(client: Client, head: Head) -> tuple[TerminalEnd, tuple[bytes, bytes]]:
    host, port = client.http.host, client.http.port
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_S):
            _, there = await loop.create_connection(TerminalEnd, host, port)
    except OSError as error:  # TimeoutError is one of them.
        raise TerminalGone(f"nothing listens on {host}:{port}") from error
    there.write(_asked(host, port, head))
    try:
        async with asyncio.timeout(ANSWER_S):
            return there, _accepted(await there.answer)
    except TimeoutError as error:
        there.close()
        raise TerminalSilent("the terminal does not open a WebSocket") from error
    except RelayError:
        there.close()
        raise


def _asked(host: str, port: int, head: Head) -> bytes:
    lines = (
        "GET / HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {head.get(_KEY)}", "\r\n",
    )  # fmt: skip
    return "\r\n".join(lines).encode("latin-1")


def _accepted(answer: bytes) -> tuple[bytes, bytes]:
    """The accepted key, and what came after the head."""
    head, _, early = answer.partition(END)
    first, *lines = head.split(b"\r\n")
    fields = {name.strip().lower(): value.strip() for name, _, value in (
        line.partition(b":") for line in lines)}  # fmt: skip
    if not first.startswith(b"HTTP/1.1 101") or b"sec-websocket-accept" not in fields:
        raise TerminalSilent("the terminal does not open a WebSocket")
    return fields[b"sec-websocket-accept"], early


def _switched(client: Client, accept: bytes) -> bytes:
    whose = f"{client.http.host}:{client.http.port}".encode()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"X-Relay-Terminal: " + whose + b"\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
