"""This file knows where a client's WebSocket leads: to the shared streams, or straight through.

The streams of our terminal are shared. One that a client named itself, and that is not ours, gets
a socket for each of the client's, passed through as it is.
"""

from __future__ import annotations

import asyncio

import aiohttp
from aiohttp import web

from relay.edges import stream
from relay.edges.serving import SERVING, Serving, asked_keys, error, head_of
from relay.errors import RelayError, TerminalGone
from relay.metascalp.client import Client
from relay.metascalp.socket import MAX_FRAME


async def serve(request: web.Request) -> web.StreamResponse:
    """Serves one socket to its end. Without a terminal there is none: 503."""
    serving = request.app[SERVING]
    named = request.headers.get("X-Relay-Terminal")
    try:
        keys, _ = asked_keys(head_of(request), serving.keys)
        client = await serving.terminals.client(named)
        if client is serving.terminals.link.client:
            return await _share(request, serving, keys)
        try:
            return await _pass(request, client)
        except TerminalGone:
            serving.terminals.lose(client)
            return await _pass(request, await serving.terminals.client(named))
    except RelayError as refusal:
        return error(refusal.status, refusal.text, code=refusal.code)


async def _share(request: web.Request, serving: Serving, keys: str) -> web.StreamResponse:
    serving.sockets += 1
    try:
        return await stream.serve(request, serving.streams, keys)
    finally:
        serving.sockets -= 1


async def _pass(request: web.Request, client: Client) -> web.StreamResponse:
    """One socket of the terminal for one of a client's; either end closes both."""
    async with aiohttp.ClientSession() as session:
        try:
            there = await session.ws_connect(client.url + "/", max_msg_size=MAX_FRAME)
        except (aiohttp.ClientError, OSError) as problem:
            raise TerminalGone(f"no WebSocket at {client.url}: {problem}") from problem
        here = web.WebSocketResponse(max_msg_size=MAX_FRAME, compress=False)
        await here.prepare(request)
        request.app[SERVING].sockets += 1
        try:
            async with there:
                await _pump_both(there, here)
                await here.close()
        finally:
            request.app[SERVING].sockets -= 1
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
