"""This file knows one plain request on its way: asked once, its answer passed on as it comes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any, Protocol

from relay.core.jobs import place_of
from relay.edges.gate import Guest
from relay.edges.serving import Serving, asked_keys, refusal
from relay.edges.web_pass import (
    Sending,
    check_time,
    is_terminals,
    ours,
    passed,
    prepared,
    spelled,
)
from relay.errors import RelayError, Stale, TerminalGone, TerminalSilent, TooLarge
from relay.head import Head
from relay.metascalp import http, wire
from relay.metascalp.client import Client
from relay.metascalp.pipe import Pipe, Pipes

#: As much as an answer may have that is spelled anew, and so held whole.
MAX_SPELLED = 16 * 1024 * 1024

Start = Callable[[Coroutine[Any, Any, None]], object]

log = logging.getLogger(__name__)


class Asker(Protocol):
    """Who has asked: the connection of a client."""

    def write(self, data: bytes) -> None:
        """Sends a part of the answer."""

    def finished(self, *, whole: bool) -> None:
        """The answer is out; not whole: its rest will never come."""


class Answer:
    """One request and its answer; hears of the answer as a Sink of `pipe.py`. heard_at: when a
    part of it came last."""

    def __init__(
        self, serving: Serving, head: Head, guest: Guest, asker: Asker, start: Start
    ) -> None:
        self._serving = serving
        self._head = head
        self._route = guest.route.path if guest.route else "other"
        self._guest = guest
        self._asker: Asker | None = asker
        self._start = start
        self._started = self._came = self.heard_at = time.monotonic()
        self._keys = serving.keys
        self._sending: Sending | None = None
        self._client: Client | None = None
        self._pipe: Pipe | None = None
        self._out: list[bytes] = []
        self._parts: list[bytes] | None = None
        self._size = 0
        self._status = 0
        self._headers: dict[str, str] = {}
        self._is_chunked = False
        self._is_over = False
        self._was_asked_again = False

    def begin(self, body: bytes | None) -> None:
        """Sends the request, at once where a connection is kept."""
        head = self._head
        try:
            self._keys, target = asked_keys(head, self._keys)
            if not is_terminals(head.path):
                self._end_with(400, wire.NOT_FOUND)
                return
            sending = prepared(head, self._guest, target, self._keys, body)
        except RelayError as error:
            self._fail_with(error)
            return
        except Exception as problem:  # Else the client would never hear of it.
            self._fail_unsent(problem)
            return
        self._sending, self._came = sending, time.monotonic()
        client = self._serving.terminals.known(head.get("x-relay-terminal"))
        pipe = self._kept(client) if client else None
        if client is not None and pipe is not None:
            self._ask(client, pipe)
        else:
            self._start(self._reach())

    def leave(self) -> None:
        """The client is gone. What has not been sent never will be."""
        self._asker = None
        if self._pipe is not None:
            self._pipe.leave()

    def give_up(self, waited_s: float) -> None:
        """The answer has taken too long."""
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.leave()
        target = self._head.target
        self.on_failure(
            TerminalSilent(f"{self._head.method} {target}: no answer in {waited_s:.1f} s"),
            unheard=False,
        )
        self.on_pause()

    def hold(self) -> None:
        """The client cannot take more for now."""
        if self._pipe is not None:
            self._pipe.hold()

    def go_on(self) -> None:
        if self._pipe is not None:
            self._pipe.go_on()

    async def _reach(self) -> None:
        """Takes or opens a connection, looking for the terminal if need be, and asks there."""
        terminals, named = self._serving.terminals, self._head.get("x-relay-terminal")
        try:
            client = await terminals.client(named)
            try:
                pipe = self._kept(client) or await _pipes(client).open()
            except TerminalGone:  # Nothing was sent: it may have come back on another port.
                terminals.lose(client)
                client = await terminals.client(named)
                pipe = await _pipes(client).open()
        except RelayError as error:
            self._fail_with(error)
            return
        except Exception as problem:
            self._fail_unsent(problem)
            return
        if self._asker is None or self._is_over:
            pipe.close()
            return
        try:
            check_time(self._head.method, self._came)
        except Stale as late:
            pipe.close()
            self._end_with(503, late.text, code=late.code)
            return
        self._ask(client, pipe)

    def _kept(self, client: Client) -> Pipe | None:
        """A connection from before; none for what was asked on one already, in vain."""
        safe = self._head.method == "GET"
        return None if self._was_asked_again else _pipes(client).take(safe=safe)

    def _ask(self, client: Client, pipe: Pipe) -> None:
        sending = self._sending
        assert sending is not None, "prepared before it is sent"
        self._client, self._pipe = client, pipe
        data = http.head(
            sending.method, sending.target, client.http.host, client.http.port, sending.body, None
        )
        pipe.ask(data + sending.body if sending.body else data, self)

    def on_head(self, status: int, headers: dict[str, str]) -> None:
        self._status, self._headers = status, headers
        if self._keys != "asis" and "json" in headers.get("content-type", "json").lower():
            self._parts = []
            return
        length = headers.get("content-length")
        bodiless = status in (204, 304)
        self._is_chunked = length is None and not bodiless
        self._out.append(self._head_of(None if bodiless else length))

    def on_part(self, data: bytes) -> None:
        self.heard_at = time.monotonic()
        if self._parts is not None:
            self._size += len(data)
            if self._size <= MAX_SPELLED:
                self._parts.append(data)
        elif self._is_chunked:
            self._out += (b"%x\r\n" % len(data), data, b"\r\n")
        else:
            self._out.append(data)

    def on_end(self) -> None:
        if self._parts is not None:
            try:
                if self._size > MAX_SPELLED:
                    raise TooLarge(f"an answer of {self._size} bytes is only to be had asis")
                body = spelled(b"".join(self._parts), self._headers, self._keys)
            except TooLarge as error:
                self._fail_with(error)
                return
            self._out += (self._head_of(str(len(body))), body)
        elif self._is_chunked:
            self._out.append(b"0\r\n\r\n")
        self._is_over = True

    def on_pause(self) -> None:
        asker = self._asker
        if asker is None:
            return
        if self._out:
            asker.write(b"".join(self._out))
            self._out.clear()
        if self._is_over:
            self._asker = self._pipe = None
            seconds = time.monotonic() - self._started
            metrics = self._serving.metrics
            metrics.answered(self._head.method, self._route, self._status, seconds)
            metrics.dropped += len(self._sending.dropped) if self._sending else 0
            asker.finished(whole=True)

    def on_failure(self, error: TerminalSilent, *, unheard: bool) -> None:
        if unheard and self._head.method == "GET" and not self._was_asked_again:
            self._was_asked_again = True
            self._pipe = None
            self._start(self._reach())
        elif self._status and self._parts is None:
            asker, self._asker = self._asker, None
            if asker is not None:  # A part is out already: only the end can be wrong.
                asker.finished(whole=False)
        else:
            self._fail_with(error)

    def _fail_with(self, error: RelayError) -> None:
        changes = isinstance(error, TerminalSilent) and self._head.method != "GET"
        more = {**error.params, "result": "unknown"} if changes else error.params
        self._end_with(error.status, error.text, code=error.code, **more)

    def _fail_unsent(self, problem: Exception) -> None:
        log.error("%s failed: %s", self._head.method, place_of(problem))
        self._end_with(500, "the relay failed: nothing was sent", code="internal")

    def _end_with(self, status: int, text: str, **more: Any) -> None:
        """Ends with words of our own."""
        body = refusal(text, self._keys, **more)
        self._status, self._is_over = status, True
        headers = {"Content-Type": "application/json; charset=utf-8"}
        self._out = [response_head(status, headers, str(len(body))), body]
        self.on_pause()

    def _head_of(self, length: str | None) -> bytes:
        assert self._client is not None, "asked before it answers"
        assert self._sending is not None, "asked before it answers"
        headers = passed(self._headers) | ours(self._client, self._sending)
        if not self._head.keeps_alive:
            headers["Connection"] = "close"
        return response_head(self._status, headers, length, chunked=self._is_chunked)


def response_head(
    status: int, headers: Mapping[str, str], length: str | None, *, chunked: bool = False
) -> bytes:
    """The head of an answer. length: of its body, None where there is none to tell."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {headers[name]}" for name in headers)]
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    elif length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1", "replace")


def farewell(
    status: int, text: str, keys: str, code: str, headers: Mapping[str, str] | None = None
) -> bytes:
    """A whole refusal, after which the connection ends."""
    body = refusal(text, keys, code=code)
    told = {"Content-Type": "application/json; charset=utf-8", "Connection": "close"}
    return response_head(status, {**told, **(headers or {})}, str(len(body))) + body


def _pipes(client: Client) -> Pipes:
    """The connections of a terminal; they are closed with its client."""
    beside = client.http.beside
    if not isinstance(beside, Pipes):
        beside = client.http.beside = Pipes(client.http.host, client.http.port)
    return beside
