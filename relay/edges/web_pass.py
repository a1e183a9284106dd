"""This file knows one REST request's way to the terminal and its answer's way back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from relay.bodies import Rebuilt, rebuild
from relay.core.deadline import MAX_AGE_MS
from relay.edges.gate import Guest
from relay.edges.serving import GUEST, SERVING, Serving, asked_keys, body_of, error, head_of
from relay.errors import BadParams, RelayError, Stale, TerminalGone, TerminalSilent
from relay.head import Head
from relay.metascalp import wire
from relay.metascalp.client import Client
from relay.metascalp.http import Reply
from relay.spelling import spell

#: What changes anything leaves this soon after it has come, or never: its sender has moved on.
LATE_S = MAX_AGE_MS / 1000
#: Only these say something about the body; nothing of what the terminal says about other origins,
#: its connections or itself is passed.
_PASSED = ("content-type", "content-language", "retry-after", "allow")


@dataclass(frozen=True, slots=True)
class Sending:
    """A request as it will be sent. kind: its content type, None without a body."""

    method: str
    target: str
    keys: str
    body: bytes | None
    dropped: tuple[str, ...] = ()


async def pass_on(request: web.Request) -> web.StreamResponse:
    """The terminal's answer to a request, or ours about why there is none."""
    serving, head, started = request.app[SERVING], head_of(request), time.monotonic()
    guest = request[GUEST]
    response = await _answered(serving, head, guest, request)
    route = guest.route.path if guest.route else "other"
    serving.metrics.answered(head.method, route, response.status, time.monotonic() - started)
    return response


async def _answered(
    serving: Serving, head: Head, guest: Guest, request: web.Request
) -> web.StreamResponse:
    keys = serving.keys
    try:
        keys, target = asked_keys(head, keys)
        if not is_terminals(head.path):
            return error(400, wire.NOT_FOUND, keys)
        body = await body_of(request)
        sending = prepared(head, guest, target, keys, body)
        is_there = lambda: request.transport is not None  # noqa: E731
        client, reply = await send(serving, head, sending, is_there)
        serving.metrics.dropped += len(sending.dropped)
        return _response(client, reply, sending)
    except Stale as late:
        return error(503, late.text, keys, code=late.code)
    except TerminalSilent as silent:
        more = {} if head.method == "GET" else {"result": "unknown"}
        return error(silent.status, silent.text, keys, code=silent.code, **more)
    except RelayError as refusal:
        return error(refusal.status, refusal.text, keys, code=refusal.code, **refusal.params)


def is_terminals(path: str) -> bool:
    """Whether a path can be one of the terminal's: all others it would not find."""
    return path.lower() == "/ping" or path.lower().startswith("/api/")


def prepared(head: Head, guest: Guest, target: str, keys: str, body: bytes | None) -> Sending:
    """What is to be sent; BadParams for a body that must not leave."""
    route = guest.route
    if route is None or body is None:
        return Sending(head.method, target, keys, body)
    if route.body is None:
        if body.strip():
            raise BadParams(f"{head.method} {route.path} takes no body: nothing was sent.")
        return Sending(head.method, target, keys, None)
    left: Rebuilt = rebuild(body, route.body)
    return Sending(head.method, target, keys, left.body, left.dropped)


async def send(
    serving: Serving, head: Head, sending: Sending, is_there: Callable[[], bool]
) -> tuple[Client, Reply]:
    """The terminal and its answer. TerminalGone means that nothing was sent, so the terminal is
    looked for and asked once more; after anything else nothing is ever sent again. Stale for what
    changes anything and could not be sent in time, or while its sender was there."""
    terminals, named = serving.terminals, head.get("x-relay-terminal")
    came = time.monotonic()

    async def ask(client: Client) -> Reply:
        check_time(sending.method, came)
        if not is_there():
            raise Stale("the client has left: nothing was sent")
        return await client.http.request(
            sending.method, sending.target, sending.body, timeout_s=serving.pass_s
        )

    client = await terminals.client(named)
    try:
        return client, await ask(client)
    except TerminalGone:
        terminals.lose(client)
        client = await terminals.client(named)
        return client, await ask(client)


def check_time(method: str, came: float) -> None:
    """Right before a request is sent that came at a monotonic time; Stale when it is too late."""
    late = time.monotonic() - came
    if method not in ("GET", "HEAD", "OPTIONS") and late > LATE_S:
        raise Stale(f"MetaScalp was there only after {late:.1f} s: nothing was sent")


def _response(client: Client, reply: Reply, sending: Sending) -> web.Response:
    body = spelled(reply.body, reply.headers, sending.keys)
    headers = passed(reply.headers) | ours(client, sending)
    return web.Response(status=reply.status, body=body, headers=headers)


def spelled(body: bytes, headers: Mapping[str, str], keys: str) -> bytes:
    """The answer in the client's spelling; what is no JSON stays what it is."""
    if keys == "asis" or not body or "json" not in headers.get("content-type", "json").lower():
        return body
    try:
        return spell(body, keys)
    except ValueError:
        return body


def passed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in _PASSED if name in headers}


def whose(client: Client) -> dict[str, str]:
    """The header that says which terminal it is."""
    return {"X-Relay-Terminal": f"{client.http.host}:{client.http.port}"}


def ours(client: Client, sending: Sending) -> dict[str, str]:
    """What we say about an answer: whose it is, and what did not reach the terminal."""
    told = whose(client)
    if sending.dropped:
        names = ", ".join(sending.dropped)
        told["X-Relay-Dropped"] = names.encode("ascii", "replace").decode()
    return told
