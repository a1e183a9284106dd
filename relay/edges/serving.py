"""This file knows what the parts of the HTTP door share, and how it answers for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from relay.core.relay import Relay
from relay.core.streams import Streams
from relay.core.terminals import Terminals
from relay.core.topics import Reader
from relay.edges.gate import Gate, Guest
from relay.errors import BadParams
from relay.head import Head
from relay.metrics import Metrics
from relay.spelling import KEYS, dump

#: The slowest known route is an order on a slow venue (stop acknowledgements of 8 s, 2026-05).
PASS_S = 30.0
#: How long a body may take to come.
BODY_S = 30.0


@dataclass(slots=True)
class Serving:
    """One open door. keys: the spelling of who does not ask for one. reader: of the relay's events,
    for all of the door. streams: what is shared of our terminal. pass_s: how long the terminal may
    take. sockets: that are open, and whose each is; straight: those that are spliced to one of the
    terminal's. connections: how many there are in all."""

    relay: Relay
    reader: Reader
    gate: Gate
    terminals: Terminals
    streams: Streams
    keys: str = "asis"
    pass_s: float = PASS_S
    metrics: Metrics = field(default_factory=Metrics)
    sockets: dict[asyncio.Transport, Guest] = field(default_factory=dict)
    straight: dict[asyncio.Transport, Guest] = field(default_factory=dict)
    connections: Callable[[], int] = lambda: 0


SERVING = web.AppKey("serving", Serving)
GUEST = web.RequestKey("guest", Guest)


def head_of(request: web.Request) -> Head:
    """The head as it came, before anything was made of it."""
    fields = tuple((name.lower(), value) for name, value in request.headers.items())
    return Head(request.method, request.raw_path, fields)


def own_port(request: web.Request) -> int:
    """The port that was connected to; 0 when the connection is gone already."""
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return int(name[1]) if name else 0


async def body_of(request: web.Request) -> bytes | None:
    """The body, None when there is none; 408 for one that does not come, 400 for one cut off."""
    if not request.body_exists:
        return None
    try:
        async with asyncio.timeout(BODY_S):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout(reason="the body took too long to come") from None
    except ConnectionError:
        raise web.HTTPBadRequest(reason="the client left before its body had come") from None


def asked_keys(head: Head, default: str) -> tuple[str, str]:
    """The spelling this client wants, and the target without its wish.

    By the header X-Relay-Keys or by `relay_keys` in the query; BadParams for one there is not.
    """
    path, mark, query = head.target.partition("?")
    parts = query.split("&")
    wishes = [one for one in parts if one.partition("=")[0] == "relay_keys"]
    if wishes:
        rest = "&".join(one for one in parts if one not in wishes)
        target = f"{path}?{rest}" if rest else path
        wish = wishes[-1].partition("=")[2]
    else:
        target = path + mark + query
        wish = head.get("x-relay-keys") or default
    if wish.lower() not in KEYS:
        raise BadParams(f"keys are one of {', '.join(KEYS)}, not {wish[:40]!r}", field="keys")
    return wish.lower(), target


def wished_keys(head: Head | None, default: str) -> str:
    """The spelling of a refusal: the client's, where it has said one that there is."""
    try:
        return asked_keys(head, default)[0] if head is not None else default
    except BadParams:
        return default


def error(status: int, text: str, keys: str = "asis", **more: Any) -> web.Response:
    """Our own refusal, in the shape of the terminal's, and in the client's spelling."""
    return web.Response(status=status, body=refusal(text, keys, **more), headers=_JSON)


def refusal(text: str, keys: str = "asis", **more: Any) -> bytes:
    """The body of a refusal; more: what else there is to say, without what is None."""
    told = {name: value for name, value in more.items() if value is not None}
    return dump({"error": text, **told}, keys)


def json_response(value: Any, keys: str) -> web.Response:
    return web.Response(body=dump(value, keys), headers=_JSON)


_JSON = {"Content-Type": "application/json; charset=utf-8"}
