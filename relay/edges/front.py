"""This file knows the first hands that take a connection: plain requests are served by them alone.

They read one head, in one form, within ten seconds, and let the gate decide. What is for the
terminal and plain goes to it without a task; all else, sockets, chunked bodies, our own pages, is
handed to aiohttp with every byte that has come, and its connection serves nothing after it.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from aiohttp import web

from relay.edges import splice, web_pass
from relay.edges.answering import Answer, Start, farewell
from relay.edges.gate import Claim, Guest, Refused
from relay.edges.serving import BODY_S, Serving, wished_keys
from relay.head import END, MAX_HEAD, BadHead, Head, parse

#: How long a connection may say nothing, and take for a head.
IDLE_S, HEAD_S = 75.0, 10.0
#: How long what follows a refusal is taken and thrown away, so that the refusal can be read.
DEAF_S = 2.0
LOOK_S = 0.25
#: Open connections; a client that leaks them is its own and nobody else's trouble.
MAX_GUESTS = 4000
#: What a client may leave unread before the terminal is not read any more for it.
HIGH_WATER = 1024 * 1024
#: What may follow a request that is still being answered.
MAX_AHEAD = 256 * 1024

#: Heads that are known, and how long one may be to be worth it.
MAX_READ, MAX_SAME = 512, 2048

_PLAIN = frozenset(("GET", "POST", "PUT", "DELETE"))


@dataclass(frozen=True, slots=True)
class Known:
    """A head that was read. is_plain: it is served here. length: of its body."""

    head: Head
    claim: Claim
    is_plain: bool
    length: int


class Fronts:
    """All connections of a door; called for each new one. server: aiohttp's, for what is not
    plain. start: runs a coroutine beside."""

    def __init__(self, serving: Serving, server: web.Server, start: Start) -> None:
        self.serving = serving
        self.server = server
        self.start = start
        self.port = 0
        self.open: set[Front] = set()
        self._read: dict[bytes, Known] = {}

    def __call__(self) -> Front:
        return Front(self)

    def read(self, data: bytes) -> Known:
        """A head and what it asks for; BadHead or Refused where there is no such thing.

        A client says the same again and again. What it may ask for is decided anew each time;
        what its words mean is not.
        """
        read = self._read.get(data)
        if read is None:
            head = parse(data)
            claim = self.serving.gate.check(head, self.port)
            read = Known(head, claim, _is_plain(head), int(head.get("content-length") or 0))
            if len(self._read) >= MAX_READ:
                self._read.clear()
            if len(data) <= MAX_SAME and not head.is_upgrade:  # No two of those are the same.
                self._read[data] = read
        return read

    @property
    def count(self) -> int:
        """All connections, also those that were handed over and those that are spliced."""
        return len(self.open) + len(self.server.connections) + len(self.serving.straight)

    async def watch(self) -> None:
        """Ends what takes too long, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.serving.gate.pulse.beat()
            now = time.monotonic()
            for front in [one for one in self.open if one.ends_at <= now]:
                front.expire()

    def close(self) -> None:
        for front in list(self.open):
            front.close()


class Front(asyncio.Protocol):
    """One connection, until it is handed over."""

    def __init__(self, fronts: Fronts) -> None:
        self._fronts = fronts
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._head: Head | None = None
        self._guest: Guest | None = None
        self._length = 0
        self._answer: Answer | None = None
        self._is_deaf = False
        self._is_held = False
        self.ends_at = time.monotonic() + IDLE_S

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A stream of bytes; the transports of uvloop are of no class that says so.
        self._transport = transport = cast(asyncio.Transport, transport)
        if self._fronts.count >= MAX_GUESTS:
            self._refuse(503, f"more than {MAX_GUESTS} connections are open")
        self._fronts.open.add(self)
        transport.set_write_buffer_limits(high=HIGH_WATER)
        if (plug := transport.get_extra_info("socket")) is not None:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fronts.open.discard(self)
        if self._answer is not None:
            self._answer.leave()
            self._answer = None

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            return
        if not self._buffer and self._head is None:
            self.ends_at = time.monotonic() + HEAD_S
        self._buffer += data
        if self._answer is None:
            self._take()
        elif len(self._buffer) > MAX_AHEAD and self._transport is not None:
            self._is_held = True
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        if self._answer is not None:
            self._answer.hold()

    def resume_writing(self) -> None:
        if self._answer is not None:
            self._answer.go_on()

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def finished(self, *, whole: bool) -> None:
        """The answer is out: the next request may be looked at."""
        head, self._answer, self._head = self._head, None, None
        self.ends_at = time.monotonic() + (HEAD_S if self._buffer else IDLE_S)
        if not whole or head is None or not head.keeps_alive:
            self.close()
            return
        if self._is_held and self._transport is not None:
            self._is_held = False
            self._transport.resume_reading()
        if self._buffer:
            asyncio.get_running_loop().call_soon(self._take)

    def expire(self) -> None:
        """Whatever was waited for took too long."""
        if self._is_deaf:
            self.close()
        elif self._answer is not None:
            self._give_up_later(self._answer)
        elif self._buffer or self._head is not None:
            self._refuse(408, "the request took too long to come")
        else:
            self.close()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _give_up_later(self, answer: Answer) -> None:
        """What still comes may take as long as it likes."""
        pass_s, now = self._fronts.serving.pass_s, time.monotonic()
        self.ends_at = answer.heard_at + pass_s
        if self.ends_at <= now:
            self.ends_at = now + IDLE_S
            answer.give_up(pass_s)

    def _take(self) -> None:
        """Begins to answer, if a whole request is there."""
        if self._is_deaf or self._answer is not None:
            return
        if self._head is None and not self._take_head():
            return
        if len(self._buffer) < self._length:
            return
        assert self._head is not None, "taken above"
        assert self._guest is not None, "let in above"
        body = bytes(self._buffer[: self._length]) if self._length else None
        del self._buffer[: self._length]
        self.ends_at = time.monotonic() + self._fronts.serving.pass_s
        self._answer = Answer(
            self._fronts.serving, self._head, self._guest, self, self._fronts.start
        )
        self._answer.begin(body)

    def _take_head(self) -> bool:
        """Whether a head was taken that is to be answered here."""
        while self._buffer.startswith(b"\r\n"):  # RFC 9112, 2.2: some clients end a body so.
            del self._buffer[:2]
        end = self._buffer.find(END, 0, MAX_HEAD)
        if end < 0:
            if len(self._buffer) >= MAX_HEAD:
                self._refuse(431, f"a head of more than {MAX_HEAD} bytes")
            return False
        end += len(END)
        try:
            known = self._fronts.read(bytes(self._buffer[:end]))
            if not known.is_plain:
                if splice.is_wished(known.head):
                    self._splice(known, end)
                else:
                    self._hand_over(end)
                return False
            self._guest = self._fronts.serving.gate.let(known.claim)
        except BadHead as problem:
            self._refuse(400, str(problem))
            return False
        except Refused as refused:
            head = parse(bytes(self._buffer[:end]))
            self._refuse(refused.status, refused.text, refused.headers, refused.why, head)
            return False
        del self._buffer[:end]
        self._head, self._length = known.head, known.length
        self.ends_at = time.monotonic() + BODY_S
        return True

    def _splice(self, known: Known, end: int) -> None:
        """Gives the connection to a socket of the terminal, for good."""
        guest = self._fronts.serving.gate.let(known.claim)
        if not guest.allows("trade"):
            raise Refused(403, "a lane of one's own needs the scope trade", "scope")
        assert self._transport is not None, "connected before it is read"
        self._fronts.open.discard(self)
        self._is_deaf = True
        rest, serving = bytes(self._buffer[end:]), self._fronts.serving
        self._fronts.start(splice.serve(serving, known.head, guest, self._transport, rest))

    def _hand_over(self, end: int) -> None:
        """Gives the connection to aiohttp, with all that has come: the head first, because what
        cannot be read in one piece with a request makes aiohttp forget the request (3.14)."""
        transport, data = self._transport, bytes(self._buffer)
        assert transport is not None, "connected before it is read"
        self._fronts.open.discard(self)
        self._is_deaf = True
        protocol = self._fronts.server()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        protocol.data_received(data[:end])
        if len(data) > end:
            protocol.data_received(data[end:])

    def _refuse(
        self,
        status: int,
        text: str,
        headers: Mapping[str, str] | None = None,
        code: str = "shape",
        head: Head | None = None,
    ) -> None:
        """Says why not, and listens to nothing more: what follows is taken and thrown away for a
        moment, because a connection that is closed on unread bytes takes the words with it."""
        keys = wished_keys(head or self._head, self._fronts.serving.keys)
        self.write(farewell(status, text, keys, code, headers))
        self._is_deaf = True
        self._buffer.clear()
        self.ends_at = time.monotonic() + DEAF_S
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write_eof()


def _is_plain(head: Head) -> bool:
    """Whether a request is one of the many: for the terminal, of one known length."""
    return (
        head.method in _PLAIN
        and head.minor == 1
        and web_pass.is_terminals(head.path)
        and not any(name in _NOT_PLAIN for name, _ in head.headers)
    )


_NOT_PLAIN = frozenset(("transfer-encoding", "expect", "upgrade"))
