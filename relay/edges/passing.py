"""This file knows where a client's WebSocket leads: to the shared streams, or straight through.

The streams of our terminal are shared. One that a client named itself, and that is not ours, gets
a socket for each of the client's: only how a message is spelled is the client's own there.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp
from aiohttp import WSCloseCode, web

from relay import readers, subscriptions
from relay.edges import stream
from relay.edges.serving import GUEST, SERVING, Serving, asked_keys, error, head_of, wished_keys
from relay.edges.web_pass import whose
from relay.envelope import Spelling, close_frame, spelled
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
        keys = wished_keys(head_of(request), serving.keys)
        return error(refusal.status, refusal.text, keys, code=refusal.code)
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
        return await stream.serve(request, serving.streams, keys, may_say_all, whose(client))
    talk = _Talk(keys, may_say_all)
    try:
        return await _pass(request, client, talk)
    except TerminalGone:
        terminals.lose(client)
        return await _pass(request, await terminals.client(named), talk)


async def _pass(request: web.Request, client: Client, talk: _Talk) -> web.StreamResponse:
    """One socket of the terminal for one of a client's; either end closes both."""
    async with aiohttp.ClientSession() as session:
        try:
            there = await session.ws_connect(client.url + "/", max_msg_size=MAX_FRAME)
        except (aiohttp.ClientError, OSError) as problem:
            raise TerminalGone(f"no WebSocket at {client.url}: {problem}") from problem
        here = web.WebSocketResponse(max_msg_size=MAX_FRAME, compress=False)
        here.headers.update(whose(client))
        await here.prepare(request)
        async with there:
            await _pump_both(there, here, talk)
            await here.close()
    return here


class _Talk:
    """What is made of the messages between one client and a terminal it named. keys: that it
    wishes; its envelope is heard. may_say_all: also what no document has."""

    def __init__(self, keys: str, may_say_all: bool) -> None:
        self._how = Spelling(keys)
        self._may_say_all = may_say_all

    def lets(self, text: str | bytes) -> bool:
        """Whether the client may say this: without the scope, no more than subscribe."""
        try:
            wish = subscriptions.read(text)
        except BadFrame:
            return self._may_say_all
        self._how = self._how._replace(upper=wish.upper)
        return self._may_say_all or wish.reads

    def spelled(self, text: str) -> str:
        return spelled(text.encode(), self._how).decode()


async def _pump_both(
    there: aiohttp.ClientWebSocketResponse, here: web.WebSocketResponse, talk: _Talk
) -> None:
    """Pumps until one side ends; the other pump is cancelled."""
    async with asyncio.TaskGroup() as group:
        pumps = {
            group.create_task(_hear(there, here, talk)),
            group.create_task(_say(here, there, talk)),
        }
        _, waiting = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in waiting:
            pump.cancel()


async def _hear(
    there: aiohttp.ClientWebSocketResponse, here: web.WebSocketResponse, talk: _Talk
) -> None:
    with suppress(ConnectionError):  # The client has closed: the end of a pump like any other.
        async for message in there:
            if message.type is aiohttp.WSMsgType.TEXT:
                await here.send_str(talk.spelled(message.data))
            elif message.type is aiohttp.WSMsgType.BINARY:
                await here.send_bytes(message.data)


async def _say(
    here: web.WebSocketResponse, there: aiohttp.ClientWebSocketResponse, talk: _Talk
) -> None:
    with suppress(ConnectionError):
        async for message in here:
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                continue
            if not talk.lets(message.data):
                await here.send_str(talk.spelled(readers.error(NEEDS_TRADE).decode()))
            elif message.type is aiohttp.WSMsgType.TEXT:
                await there.send_str(message.data)
            else:
                await there.send_bytes(message.data)
