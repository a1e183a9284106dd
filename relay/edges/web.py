"""This file knows the HTTP and WebSocket door of `serve`: how it is opened, and who serves what.

A MetaScalp client that is pointed here instead of at the terminal works as before; what it gains is
that the terminal is found, and found again, and that web pages stay outside.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from relay.core import start
from relay.core.jobs import beside
from relay.core.relay import Relay
from relay.core.terminals import Terminals
from relay.core.tokens import Tokens, tokens_file
from relay.edges import passing
from relay.edges.gate import MAX_BODY, OWN, Gate, Refused
from relay.edges.serving import GUEST, SERVING, Serving, error, head_of, own_port
from relay.edges.web_own import own
from relay.edges.web_pass import pass_on

#: Never inside 17845 to 17855: the official SDK adopts any WebSocket it finds there.
DEFAULT_PORT = 17860

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a door is kept. auth: "token", or "local" for programs that cannot send a header."""

    auth: str = "token"
    keys: str = "asis"
    requests_s: float = 100.0
    orders_s: float = 10.0


DEFAULT_RULES = Rules()


@asynccontextmanager
async def door(relay: Relay, port: int, rules: Rules = DEFAULT_RULES) -> AsyncIterator[str]:
    """Opens the door on literal 127.0.0.1; gives its address. OSError when the port is taken."""
    gate = Gate(Tokens(tokens_file()), rules.auth == "local", rules.requests_s, rules.orders_s)
    terminals = Terminals(relay.link, relay.exchanges, relay.link.ports)
    reader = relay.reader(_unheard)
    serving = Serving(relay, reader, gate, terminals, rules.keys)
    app = web.Application(middlewares=[_admit], client_max_size=MAX_BODY)
    app[SERVING] = serving
    app.router.add_route("*", "/{path:.*}", _serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        relay.subscribe(reader, {"status"})  # So that the terminal is looked for all the time.
        async with beside("a look at the ports", terminals.watch):
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        relay.leave(reader)
        terminals.close()


async def serve(port: int, terminal: str | None, rules: Rules) -> None:
    """Serves until cancelled; prints one JSON line when ready."""
    async with start.relay(terminal) as relay, door(relay, port, rules) as url:
        status = await relay.fresh_status()
        print(json.dumps({"url": url, "terminal": status["terminal"]["url"]}), flush=True)
        await asyncio.Event().wait()


async def _unheard(topic: str, data: dict[str, Any]) -> None:
    """The door asks for what it wants to know."""


@web.middleware
async def _admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    serving = request.app[SERVING]
    try:
        guest = serving.gate.admit(head_of(request), own_port(request))
    except Refused as refused:
        response = error(refused.status, refused.text)
        response.headers.update(refused.headers)
        response.force_close()  # What may follow a body that nobody reads is not listened to.
        return response
    request[GUEST] = guest
    try:
        return await handler(request)
    except web.HTTPException as problem:  # A body that turns out too large while it is read.
        return error(problem.status, problem.reason)
    except Exception:
        log.exception("%s %s", request.method, request.path)
        return error(500, "the relay failed; nothing is known about the request", code="internal")


async def _serve(request: web.Request) -> web.StreamResponse:
    if head_of(request).is_upgrade:
        return await passing.serve(request)
    if request.path.startswith(OWN):
        return await own(request)
    return await pass_on(request)
