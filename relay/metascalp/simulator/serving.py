"""This file knows how one WebSocket is served: its frames are read, what waits is written."""

import asyncio

from aiohttp import WSMsgType, web

from .faults import Faults
from .feed import Feed
from .stream import Hub, Socket

SMALL = 65536
PING_S = 1.0
"""What two switches mean: the largest frame taken, and how often a client is pinged."""


async def serve(request: web.BaseRequest, hub: Hub) -> web.WebSocketResponse:
    """Talks to one client until it leaves or is cut off."""
    profile = hub.world.profile
    reply = web.WebSocketResponse(
        compress=False,
        max_msg_size=SMALL if profile.small_frames else 0,
        heartbeat=PING_S if profile.server_pings else None,
    )
    await reply.prepare(request)

    def cut() -> None:
        hub.leave(socket)
        if request.transport is not None:
            request.transport.abort()

    socket = Socket(Feed(hub.world), cut)
    hub.sockets.add(socket)
    try:
        async with asyncio.TaskGroup() as group:
            writer = group.create_task(_write(request, reply, socket, hub.faults))
            await _read(reply, socket, hub)
            writer.cancel()
    finally:
        hub.leave(socket)
    return reply


async def _read(reply: web.WebSocketResponse, socket: Socket, hub: Hub) -> None:
    async for message in reply:
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            await hub.faults.thawed.wait()
            hub.receive(socket, message.data)


async def _write(
    request: web.BaseRequest, reply: web.WebSocketResponse, socket: Socket, faults: Faults
) -> None:
    """All that waits goes out in one piece: a write a tick, however many frames it has."""
    while True:
        data = await socket.take()
        await faults.thawed.wait()
        if request.transport is None or request.transport.is_closing():
            return
        request.transport.write(data)
        await request.writer.drain()
        if socket.over is not None:
            await reply.close(code=socket.over)
            return
