"""This file knows HTTP/1.1 to one terminal: kept connections, whole answers, nothing sent twice.

aiohttp's client would do, but importing it takes longer than a cold click may (200 ms against 3 ms
for httptools, measured 2026-11), so the REST side stands on asyncio streams and llhttp's parser.
Only what a terminal on 127.0.0.1 needs: no TLS, no proxy, no redirect, no cookies.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

import httptools

from relay.errors import TerminalGone, TerminalSilent

MAX_BODY = 64 * 1024 * 1024
KEPT = 8
#: On loopback a connect succeeds at once; Windows takes two seconds to report a refused one, as
#: it repeats the SYN (Microsoft KB 175523). Nothing has been sent by then. Not less, because a busy
#: machine may keep a process waiting for half a second.
CONNECT_S = 0.8
#: A kept connection older than this is not trusted with a request that must not be lost.
FRESH_S = 2.0

_CHUNK = 256 * 1024
_SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(slots=True)
class Reply:
    """One answer. headers: names in lower case; the last of a repeated one wins."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class _Kept:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    since: float

    @property
    def usable(self) -> bool:
        return not (self.writer.is_closing() or self.reader.at_eof())


class _Protocol(asyncio.StreamReaderProtocol):
    """ended: called when the other side has closed, also while nobody reads."""

    def __init__(self, reader: asyncio.StreamReader, ended: Callable[[], None]) -> None:
        super().__init__(reader, loop=asyncio.get_running_loop())
        self._ended = ended

    def eof_received(self) -> bool:
        stays = super().eof_received()
        self._ended()
        return bool(stays)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._ended()


class Closing(Protocol):
    """What can be closed."""

    def close(self) -> None: ...


class Http:
    """Requests to one host and port; `async with` closes what it keeps."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._kept: list[_Kept] = []
        self._closed = False
        #: Closed with this: connections of a door that passes answers on (`pipe.py`).
        self.beside: Closing | None = None
        #: Called when the terminal has closed a connection that was kept: it may be gone.
        self.ended: Callable[[], None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes what is kept; what is still under way is not kept any more."""
        self._closed = True
        while self._kept:
            self._kept.pop().writer.close()
        if self.beside is not None:
            self.beside.close()

    async def request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        *,
        timeout_s: float,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """The terminal's answer to one request.

        TerminalGone: nothing was sent. TerminalSilent: it was sent and the answer never came whole.
        A GET whose kept connection turns out to be closed is sent once more on a new one; anything
        else never is.
        """
        data = head(method, target, self.host, self.port, body, headers) + (body or b"")
        started = time.monotonic()
        try:
            async with asyncio.timeout(timeout_s):
                return await self._send(method, data)
        except TimeoutError as error:
            waited = time.monotonic() - started
            raise TerminalSilent(f"{method} {target}: no answer in {waited:.1f} s") from error

    async def _send(self, method: str, data: bytes) -> Reply:
        safe = method in _SAFE
        kept = self._take(0.0 if safe else time.monotonic() - FRESH_S)
        if kept is not None:
            try:
                return await self._exchange(kept, method, data)
            except (OSError, EOFError) as error:
                if not safe:
                    raise TerminalSilent(f"the connection broke: {error}") from error
        return await self._send_new(method, data)

    async def _send_new(self, method: str, data: bytes) -> Reply:
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await self._connect()
        except OSError as error:  # TimeoutError is one of them.
            raise TerminalGone(f"nothing listens on {self.host}:{self.port}") from error
        try:
            return await self._exchange(_Kept(reader, writer, time.monotonic()), method, data)
        except (OSError, EOFError) as error:
            raise TerminalSilent(f"the connection broke: {error}") from error

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Like asyncio's open_connection, and says when what is kept has ended."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=_CHUNK, loop=loop)
        protocol = _Protocol(reader, lambda: self._let_go_of(reader))
        transport, _ = await loop.create_connection(lambda: protocol, self.host, self.port)
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    def _let_go_of(self, reader: asyncio.StreamReader) -> None:
        kept = next((one for one in self._kept if one.reader is reader), None)
        if kept is not None:
            self._kept.remove(kept)
            kept.writer.close()
            if self.ended is not None:
                self.ended()

    async def _exchange(self, kept: _Kept, method: str, data: bytes) -> Reply:
        """Sends and reads one answer; the connection is kept only when all of it came."""
        parser = _Parser(bodiless=method == "HEAD")
        done = False
        try:
            kept.writer.write(data)
            await kept.writer.drain()
            while not parser.complete:
                received = await kept.reader.read(_CHUNK)
                parser.feed(received)
            done = parser.keep_alive and len(self._kept) < KEPT
        finally:
            parser.let_go()
            if done and not self._closed:
                kept.since = time.monotonic()
                self._kept.append(kept)
            else:
                kept.writer.close()
        return parser.reply

    def _take(self, not_before: float) -> _Kept | None:
        while self._kept:
            kept = self._kept.pop()
            if kept.usable and kept.since >= not_before:
                return kept
            kept.writer.close()
        return None


class _Parser:
    """llhttp's callbacks, gathered into a Reply."""

    def __init__(self, *, bodiless: bool = False) -> None:
        self.reply = Reply()
        self._bodiless = bodiless
        self.complete = False
        self.keep_alive = False
        self._body: list[bytes] = []
        self._size = 0
        self._llhttp = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Takes what was read; an empty piece is the end of the connection."""
        if not data:
            self._ended()
            return
        try:
            self._llhttp.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.complete:
                raise EOFError(f"not an answer: {error!r}") from error
            self.keep_alive = False

    def let_go(self) -> None:
        """llhttp's parser holds this one's methods: without that circle whole answers do not wait
        for the garbage collector, which sees how few objects they are and not how large."""
        del self._llhttp

    def on_message_begin(self) -> None:
        """One request has one answer; what follows it is not listened to."""
        if self.complete:
            raise EOFError("more than one answer")

    def on_headers_complete(self) -> None:
        if self._bodiless:
            self.on_message_complete()
            self.keep_alive = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.reply.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > MAX_BODY:
            raise EOFError(f"more than {MAX_BODY} bytes")
        self._body.append(data)

    def on_message_complete(self) -> None:
        if self.complete:
            return
        self.reply.status = self._llhttp.get_status_code()
        self.reply.body = b"".join(self._body)
        self.keep_alive = self._llhttp.should_keep_alive()
        self.complete = self.reply.status >= 200

    def _ended(self) -> None:
        """Only an answer without a length may end with its connection."""
        headers = self.reply.headers
        bounded = "content-length" in headers or "transfer-encoding" in headers
        if bounded or not headers:
            raise EOFError("the answer was cut off")
        self.on_message_complete()


def head(
    method: str,
    target: str,
    host: str,
    port: int,
    body: bytes | None,
    headers: Mapping[str, str] | None,
) -> bytes:
    """The request's first bytes. A POST says its length even when it has no body: .NET's listener,
    on which the terminal stands, answers 411 to one that does not."""
    fields = {"Host": f"{host}:{port}", "Accept": "application/json"}
    if body is not None:
        fields["Content-Type"] = "application/json"
    if body is not None or method not in _SAFE:
        fields["Content-Length"] = str(len(body or b""))
    lines = [f"{name}: {value}" for name, value in (fields | dict(headers or {})).items()]
    return "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "\r\n"]).encode("latin-1")
