"""This file knows the HTTP and WebSocket door of `serve`: how it is opened, and who serves what.

A MetaScalp client that is pointed here instead of at the terminal works as before; what it gains is
that the terminal is found, and found again, and that web pages stay outside.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import signal
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from relay.core import start
from relay.core.jobs import beside, place_of
from relay.core.relay import Relay
from relay.core.streams import Streams
from relay.core.terminals import Terminals
from relay.core.tokens import Tokens, tokens_file
from relay.edges import passing
from relay.edges.front import DEAF_S, MAX_GUESTS, Fronts
from relay.edges.gate import MAX_BODY, OWN, Gate, Refused
from relay.edges.serving import (
    GUEST,
    PASS_S,
    SERVING,
    Serving,
    error,
    head_of,
    own_port,
    wished_keys,
)
from relay.edges.web_own import own
from relay.edges.web_pass import pass_on
from relay.metascalp import wire

#: Never inside 17845 to 17855: the official SDK adopts any WebSocket it finds there.
DEFAULT_PORT = 17860

#: How often what closed connections leave behind is freed.
SWEEP_S = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a door is kept. auth: "token", or "local" for programs that cannot send a header.
    pass_s: how long the terminal may take for an answer."""

    auth: str = "token"
    keys: str = "asis"
    requests_s: float = 100.0
    orders_s: float = 10.0
    pass_s: float = PASS_S


DEFAULT_RULES = Rules()


@asynccontextmanager
async def door(
    relay: Relay, port: int, rules: Rules = DEFAULT_RULES, ports: Iterable[int] = ()
) -> AsyncIterator[str]:
    """Opens the door on literal 127.0.0.1; gives its address. OSError when the port is taken.

    ports: where else terminals are looked for, to be listed.
    """
    gate = Gate(Tokens(tokens_file()), rules.auth == "local", rules.requests_s, rules.orders_s)
    terminals = Terminals(relay.link, relay.exchanges, {*relay.link.ports, *ports})
    reader = relay.reader(_unheard)
    streams = Streams(relay.link)
    serving = Serving(relay, reader, gate, terminals, streams, rules.keys, rules.pass_s)
    app = web.Application(middlewares=[_admit], client_max_size=MAX_BODY)
    app[SERVING] = serving
    app.router.add_route("*", "/{path:.*}", _serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, lingering_time=DEAF_S)
    await runner.setup()
    try:
        async with (
            beside("a look at the ports", terminals.watch),
            beside("revoked tokens", lambda: passing.end_revoked(serving)),
            _listening(serving, runner, port) as url,
            streams,
        ):
            relay.subscribe(reader, {"status"})  # So that the terminal is looked for all the time.
            yield url
    finally:
        await runner.cleanup()
        relay.leave(reader)
        terminals.close()


@asynccontextmanager
async def _listening(serving: Serving, runner: web.AppRunner, port: int) -> AsyncIterator[str]:
    """Takes connections, until the block is left."""
    assert runner.server is not None, "set up before"
    tasks = asyncio.TaskGroup()
    await tasks.__aenter__()
    fronts = Fronts(serving, runner.server, tasks.create_task)
    serving.connections = lambda: fronts.count
    loop = asyncio.get_running_loop()
    try:
        listener = await loop.create_server(fronts, "127.0.0.1", port, backlog=1024)
        try:
            fronts.port = listener.sockets[0].getsockname()[1]
            async with beside("slow connections", fronts.watch):
                yield f"http://127.0.0.1:{fronts.port}"
        finally:
            listener.close()
            fronts.close()
    finally:
        await tasks.__aexit__(None, None, None)


async def serve(port: int, terminal: str | None, rules: Rules) -> None:
    """Serves until it is asked to end; prints one JSON line when ready."""
    allow_many_connections()
    gc.freeze()  # What is loaded by now stays: it need not be looked through again and again.
    gc.set_threshold(10_000)  # Of what is young: closed connections of aiohttp are circles.
    async with (
        start.relay(terminal) as relay,
        door(relay, port, rules, wire.PORTS) as url,
        beside("what closed connections leave", sweep),
    ):
        status, asked = await relay.fresh_status(), _asked_to_end()
        print(json.dumps({"url": url, "terminal": status["terminal"]["url"]}), flush=True)
        await asked.wait()


async def sweep() -> None:
    """Frees the circles of closed connections, until cancelled: 34 objects each of aiohttp's
    (2026-12), a few milliseconds for all. By itself the collector counts what is made and not yet
    gone, and where nothing is made but streams pass it would hardly ever come to what is old."""
    while True:
        await asyncio.sleep(SWEEP_S)
        gc.collect()


def _asked_to_end() -> asyncio.Event:
    """Set by Ctrl+C, or what a system sends a service. Both are heard although a shell
    that starts programs in the background has them ignore the first; on Windows Ctrl+C cancels."""
    asked = asyncio.Event()
    with contextlib.suppress(NotImplementedError):
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, asked.set)
    return asked


def allow_many_connections() -> None:
    """Takes as many open files as this user may have: a system may start with 256."""
    try:
        import resource  # Not on Windows, which has no such limit.

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        many = 2 * MAX_GUESTS + 256
        most = many if hard == resource.RLIM_INFINITY else min(hard, many)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (ImportError, OSError, ValueError) as error:
        log.info("the limit of open files stays: %s", error)


async def _unheard(topic: str, data: dict[str, Any]) -> None:
    """The door asks for what it wants to know."""


@web.middleware
async def _admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    serving, head = request.app[SERVING], head_of(request)
    keys = wished_keys(head, serving.keys)
    try:
        guest = serving.gate.admit(head, own_port(request))
    except Refused as refused:
        response = error(refused.status, refused.text, keys, code=refused.why)
        response.headers.update(refused.headers)
        response.force_close()  # What may follow a body that nobody reads is not listened to.
        return response
    request[GUEST] = guest
    try:
        return await handler(request)
    except web.HTTPException as problem:  # A body that turns out too large while it is read.
        return error(problem.status, problem.reason, keys)
    except Exception as problem:
        log.error("%s failed: %s", request.method, place_of(problem))
        text = "the relay failed; nothing is known about the request"
        return error(500, text, keys, code="internal")


async def _serve(request: web.Request) -> web.StreamResponse:
    head = head_of(request)  # As the gate has read it: aiohttp's own path is unescaped.
    if head.is_upgrade:
        return await passing.serve(request)
    response = await (own(request) if head.path.startswith(OWN) else pass_on(request))
    response.force_close()  # The next request is for the front again.
    return response
