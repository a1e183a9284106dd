"""This file knows the HTTP and WebSocket door of `serve`: the terminal's own paths, passed through.

A MetaScalp client that is pointed here instead of at the terminal works as before; what it gains is
that the terminal is found, and found again. Web pages are kept out before a body is read: no page
can do without a foreign Host, an Origin or a Sec-Fetch-Site header (Fetch standard; Chromium 156
leaves Sec-Fetch-Site off WebSocket upgrades but sends Origin, measured 2026-11).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler

from relay.core import start
from relay.core.relay import Relay
from relay.errors import RelayError, TerminalGone
from relay.metascalp.client import Client
from relay.metascalp.socket import MAX_FRAME

#: Never inside 17845 to 17855: the official SDK adopts any WebSocket it finds there.
DEFAULT_PORT = 17860
#: The slowest known route is an order on a slow venue (stop acknowledgements of 8 s, 2026-05).
PASS_S = 30.0
#: Ticker lists are the largest replies (146 kB captured); no body we are sent comes near this.
MAX_BODY = 4 * 1024 * 1024

_RELAY = web.AppKey("relay", Relay)
_NOT_PASSED = frozenset(
    ("connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "date", "server")
)

log = logging.getLogger(__name__)


@asynccontextmanager
async def door(relay: Relay, port: int) -> AsyncIterator[str]:
    """Opens the door on literal 127.0.0.1; gives its address. OSError when the port is taken."""
    app = web.Application(middlewares=[_keep_pages_out], client_max_size=MAX_BODY)
    app[_RELAY] = relay
    app.router.add_get("/relay/status", _status)
    app.router.add_route("*", "/{path:.*}", _pass_on)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def serve(port: int, terminal: str | None) -> None:
    """Serves until cancelled; prints one JSON line when ready."""
    async with start.relay(terminal) as relay, door(relay, port) as url:
        status = await relay.fresh_status()
        print(json.dumps({"url": url, "terminal": status["terminal"]["url"]}), flush=True)
        await asyncio.Event().wait()


@web.middleware
async def _keep_pages_out(request: web.Request, handler: Handler) -> web.StreamResponse:
    host = request.headers.get("Host", "")
    sock = request.transport.get_extra_info("sockname") if request.transport else None
    ours = {f"127.0.0.1:{sock[1]}", f"localhost:{sock[1]}"} if sock else set()
    if host not in ours:
        return _refuse(403, f"Host {host!r} is not this door")
    if "Origin" in request.headers or "Sec-Fetch-Site" in request.headers:
        return _refuse(403, "web pages are not let in")
    return await handler(request)


async def _status(request: web.Request) -> web.StreamResponse:
    return web.json_response(await request.app[_RELAY].fresh_status())


async def _pass_on(request: web.Request) -> web.StreamResponse:
    """One request to the terminal and its answer back, byte for byte.

    TerminalGone means that nothing was sent, so the terminal is looked for and asked once more.
    """
    link = request.app[_RELAY].link
    passes = _pass_socket if _is_upgrade(request) else _pass_request
    try:
        client = await link.reach()
        try:
            return await passes(request, client)
        except TerminalGone:
            link.lose(client)
            return await passes(request, await link.reach())
    except RelayError as error:
        return _refuse(error.status, error.text)


def _is_upgrade(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


async def _pass_request(request: web.Request, client: Client) -> web.StreamResponse:
    body = await request.read() if request.body_exists else None
    headers = {}
    if body is not None and (kind := request.headers.get("Content-Type")):
        headers["Content-Type"] = kind
    reply = await client.http.request(
        request.method, request.raw_path, body, timeout_s=PASS_S, headers=headers
    )
    return web.Response(status=reply.status, body=reply.body, headers=_passed(reply.headers))


def _passed(headers: Mapping[str, str]) -> dict[str, str]:
    """The terminal's headers without those of the connection, and never a word about CORS."""
    return {
        name: value
        for name, value in headers.items()
        if name not in _NOT_PASSED and not name.startswith("access-control-")
    }


async def _pass_socket(request: web.Request, client: Client) -> web.StreamResponse:
    """One socket of the terminal for one of a client's; either end closes both."""
    async with aiohttp.ClientSession() as session:
        try:
            there = await session.ws_connect(client.url + "/", max_msg_size=MAX_FRAME)
        except (aiohttp.ClientError, OSError) as error:
            raise TerminalGone(f"no WebSocket at {client.url}: {error}") from error
        here = web.WebSocketResponse(max_msg_size=MAX_FRAME, compress=False)
        await here.prepare(request)
        async with there:
            await _pump_both(there, here)
            await here.close()
    return here


async def _pump_both(there: aiohttp.ClientWebSocketResponse, here: web.WebSocketResponse) -> None:
    """Pumps until one side ends; the other pump is cancelled."""
    async with asyncio.TaskGroup() as group:
        pumps = {group.create_task(_pump(there, here)), group.create_task(_pump(here, there))}
        _, waiting = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in waiting:
            pump.cancel()


async def _pump(
    source: aiohttp.ClientWebSocketResponse | web.WebSocketResponse,
    sink: aiohttp.ClientWebSocketResponse | web.WebSocketResponse,
) -> None:
    try:
        async for message in source:
            if message.type is aiohttp.WSMsgType.TEXT:
                await sink.send_str(message.data)
            elif message.type is aiohttp.WSMsgType.BINARY:
                await sink.send_bytes(message.data)
    except ConnectionError:
        return  # The sink has closed: the end of a pump like any other.


def _refuse(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)
