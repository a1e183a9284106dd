"""This file knows the terminal's WebSocket: what we subscribe to and what it pushes.

aiohttp is imported by `connect`, in a thread, because a cold click must not wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from relay.errors import RelayBroken, TerminalGone
from relay.metascalp import wire

if TYPE_CHECKING:
    import aiohttp

MAX_FRAME = 64 * 1024 * 1024
CONNECT_S = 3.0
#: The terminal's own pings are unknown; the official client pings every 20 s (SDK 1.1.0, 2026-08).
HEARTBEAT_S = 15.0


class Stream:
    """One open socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, message: Mapping[str, Any]) -> None:
        """Sends one message; ConnectionError when the socket is gone."""
        await self._socket.send_str(wire.encode(message).decode())

    async def messages(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """(type, data) of every message until the socket closes; keys folded to lower case.

        A frame that is not a message is passed over: nothing in it can be acted on.
        """
        async for frame in self._socket:
            if not isinstance(frame.data, str):
                continue
            try:
                message = wire.decode(frame.data)
            except (ValueError, RecursionError):
                continue
            if isinstance(message, dict) and isinstance(message.get("type"), str):
                data = message.get("data")
                yield message["type"], data if isinstance(data, dict) else {}


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Stream]:
    """An open socket to the terminal at this HTTP address; TerminalGone when it cannot be had."""
    try:
        aiohttp = await asyncio.to_thread(_import_aiohttp)
    except Exception as error:  # A damaged package may raise anything at all.
        raise RelayBroken(f"aiohttp cannot be imported: {error}", detail=str(error)) from error
    timeout = aiohttp.ClientWSTimeout(ws_close=1.0)
    async with aiohttp.ClientSession() as session:
        try:
            async with asyncio.timeout(CONNECT_S):
                socket = await session.ws_connect(
                    url + "/", max_msg_size=MAX_FRAME, heartbeat=HEARTBEAT_S, timeout=timeout
                )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise TerminalGone(f"no WebSocket at {url}: {error}") from error
        async with socket:
            yield Stream(socket)


def _import_aiohttp() -> Any:
    import aiohttp

    return aiohttp
