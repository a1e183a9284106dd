"""This file knows kept connections to one terminal whose answers are passed on as they come.

`http.py` gives whole answers to who asks for one thing; this gives parts of them, without a task
and without a copy, to a door that has somebody waiting at its other end.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol, cast

import httptools

from relay.errors import TerminalGone, TerminalSilent
from relay.metascalp.http import CONNECT_S, FRESH_S

#: Connections kept for the next request; as many are opened as are asked for.
KEPT = 64


class Sink(Protocol):
    """Who hears the answer. Each method is called in the order they stand here."""

    def on_head(self, status: int, headers: dict[str, str]) -> None:
        """headers: names in lower case; the last of a repeated one wins."""

    def on_part(self, data: bytes) -> None:
        """A part of the body."""

    def on_end(self) -> None:
        """The answer is whole."""

    def on_pause(self) -> None:
        """All that has come by now was told."""

    def on_failure(self, error: TerminalSilent, *, unheard: bool) -> None:
        """There is no more of an answer. unheard: not one byte came, on a connection that was
        kept: the terminal had closed it, most likely before it was asked."""


class Pipe(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self, pipes: Pipes) -> None:
        self._pipes = pipes
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._sink: Sink | None = None
        self._headers: dict[str, str] = {}
        self._status = 0
        self._heard = False
        self._asked_before = False
        self._is_open_ended = False
        self.since = 0.0

    def ask(self, data: bytes, sink: Sink) -> None:
        """Sends one request; its answer goes to the sink."""
        assert self._sink is None, "one request at a time"
        assert self._transport is not None, "connected before it is used"
        self._sink = sink
        self._heard = self._is_open_ended = False
        self._transport.write(data)

    def leave(self) -> None:
        """Nobody waits for the answer any more: it is not known to be whole, so this ends."""
        self._sink = None
        self.close()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def hold(self) -> None:
        """Reads no more until `go_on`: whoever the answer is for cannot take it so fast."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def go_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A stream of bytes; the transports of uvloop are of no class that says so.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._sink is None:
            self.close()  # Nobody has asked.
            return
        self._heard = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(f"not an answer: {error!r}")
        if self._sink is not None:
            self._sink.on_pause()

    def connection_lost(self, exc: Exception | None) -> None:
        self._pipes.forget(self)
        if self._sink is not None and self._is_open_ended and exc is None:
            self._end(keeps=False)
        else:
            self._fail(f"the connection broke: {exc}" if exc else "the answer was cut off")
        del self._parser  # It holds our methods: a circle.

    def on_message_begin(self) -> None:
        self._headers = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        if self._sink is None or self._status < 200:
            return
        bounded = "content-length" in self._headers or "transfer-encoding" in self._headers
        self._is_open_ended = not bounded and self._status not in (204, 304)
        self._sink.on_head(self._status, self._headers)

    def on_body(self, data: bytes) -> None:
        if self._sink is not None:
            self._sink.on_part(data)

    def on_message_complete(self) -> None:
        if self._status >= 200:
            self._end(keeps=self._parser.should_keep_alive())

    def _end(self, *, keeps: bool) -> None:
        sink, self._sink = self._sink, None
        self._asked_before = True
        if keeps and sink is not None:
            self.since = time.monotonic()
            self._pipes.keep(self)
        else:
            self.close()
        if sink is not None:
            sink.on_end()
            sink.on_pause()

    def _fail(self, text: str) -> None:
        sink, self._sink = self._sink, None
        self.close()
        if sink is not None:
            sink.on_failure(TerminalSilent(text), unheard=self._asked_before and not self._heard)
            sink.on_pause()


class Pipes:
    """The connections to one host and port."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._kept: list[Pipe] = []
        self._closed = False

    def take(self, *, safe: bool) -> Pipe | None:
        """A kept connection; for what must not be lost, one that was used a moment ago."""
        not_before = 0.0 if safe else time.monotonic() - FRESH_S
        while self._kept:
            pipe = self._kept.pop()
            if pipe.usable and pipe.since >= not_before:
                return pipe
            pipe.close()
        return None

    async def open(self) -> Pipe:
        """A new connection; TerminalGone when nothing listens there."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_S):
                _, pipe = await loop.create_connection(lambda: Pipe(self), self.host, self.port)
        except OSError as error:  # TimeoutError is one of them.
            raise TerminalGone(f"nothing listens on {self.host}:{self.port}") from error
        return pipe

    def keep(self, pipe: Pipe) -> None:
        if len(self._kept) < KEPT and not self._closed:
            self._kept.append(pipe)
        else:
            pipe.close()

    def forget(self, pipe: Pipe) -> None:
        if pipe in self._kept:
            self._kept.remove(pipe)

    def close(self) -> None:
        """Closes what is kept; what is under way goes on to its end, and is not kept any more."""
        self._closed = True
        while self._kept:
            self._kept.pop().close()
