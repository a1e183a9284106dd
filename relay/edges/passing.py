"""This file knows where a client's WebSocket leads: to the shared streams, or straight through.

The streams of our terminal are shared. One that a client named itself, and that is not ours, gets
a socket for each of the client's, passed through as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aiohttp
from aiohttp import WSCloseCode, web

from relay import readers, subscriptions
from relay.edges import stream
from relay.edges.serving import GUEST, SERVING, Serving, asked_keys, error, head_of
from relay.envelope import close_frame
from relay.errors import BadFrame, RelayError, TerminalGone
from relay.metascalp.client import Client
from relay.metascalp.socket import MAX_FRAME
from relay.subscriptions import NEEDS_TRADE

#: How soon the sockets of a token end when it is revoked, and how many looks in turn may fail until
#: that counts as revoked: somebody may be writing the file just then.
LOOK_S, MAX_FAILED = 0.5, 6
REVOKED = "the token was revoked"


async def serve(request: web.Request) -> web.StreamResponse:
    """Serves one socket to its end. Without a terminal there is none: 503."""
    serving, guest, transport = request.app[SERVING], request[GUEST], request.transport
    assert transport is not None, "a request that was let in has one"
    serving.sockets[transport] = guest
    try:
        return await _serve(request, serving, may_say_all=guest.allows("trade"))
    except RelayError as refusal:
        return error(refusal.status, refusal.text, code=refusal.code)
    finally:
        del serving.sockets[transport]


async def end_revoked(serving: Serving) -> None:
    """Ends the sockets of tokens that are no more, until cancelled."""
    failed = 0
    while True:
        await asyncio.sleep(LOOK_S)
        everyone = {**serving.sockets, **serving.straight}
        guests = [(one, guest.token) for one, guest in everyone.items() if guest.token]
        if not guests:
            continue
        try:
            valid, failed = set(serving.gate.tokens.all()), 0
        except RelayError:
            valid, failed = set(), failed + 1
            if failed < MAX_FAILED:
                continue
        for transport, token in guests:
            if token not in valid and not transport.is_closing():
                if transport in serving.sockets:  # Else it might be in the middle of a frame.
                    transport.write(close_frame(WSCloseCode.POLICY_VIOLATION, REVOKED))
                transport.close()


async def _serve(
    request: web.Request, serving: Serving, *, may_say_all: bool
) -> web.StreamResponse:
    terminals, named = serving.terminals, request.headers.get("X-Relay-Terminal")
    keys, _ = asked_keys(head_of(request), serving.keys)
    client = await terminals.client(named)
    if client is terminals.link.client:
        return await stream.serve(request, serving.streams, keys, may_say_all)
    try:
        return await _pass(request, client, may_say_all)
    except TerminalGone:
        terminals.lose(client)
        return await _pass(request, await terminals.client(named), may_say_all)


async def _pass(request: web.Request, client: Client, may_say_all: bool) -> web.StreamResponse:
    """One socket of the terminal for one of a client's; either end closes both."""
    async with aiohttp.ClientSession() as session:
        try:
            there = await session.ws_connect(client.url + "/", max_msg_size=MAX_FRAME)
        except (aiohttp.ClientError, OSError) as problem:
            raise TerminalGone(f"no WebSocket at {client.url}: {problem}") from problem
        here = web.WebSocketResponse(max_msg_size=MAX_FRAME, compress=False)
        await here.prepare(request)
        async with there:
            await _pump_both(there, here, may_say_all)
            await here.close()
    return here


async def _pump_both(
    there: aiohttp.ClientWebSocketResponse, here: web.WebSocketResponse, may_say_all: bool
) -> None:
    """Pumps until one side ends; the other pump is cancelled."""
    async with asyncio.TaskGroup() as group:
        pumps = {
            group.create_task(_pump(there, here)),
            group.create_task(_pump(here, there, lambda text: may_say_all or _reads(text))),
        }
        _, waiting = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in waiting:
            pump.cancel()


async def _pump(
    source: aiohttp.ClientWebSocketResponse | web.WebSocketResponse,
    sink: aiohttp.ClientWebSocketResponse | web.WebSocketResponse,
    lets: Callable[[str | bytes], bool] = lambda text: True,
) -> None:
    try:
        async for message in source:
            if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY) and not lets(
                message.data
            ):
                await source.send_str(readers.error(NEEDS_TRADE).decode())
            elif message.type is aiohttp.WSMsgType.TEXT:
                await sink.send_str(message.data)
            elif message.type is aiohttp.WSMsgType.BINARY:
                await sink.send_bytes(message.data)
    except ConnectionError:
        return  # The sink has closed: the end of a pump like any other.


def _reads(text: str | bytes) -> bool:
    """Whether a message can do no more than subscribe."""
    try:
        return subscriptions.read(text).reads
    except BadFrame:
        return False
