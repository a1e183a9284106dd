"""This file knows one raw socket to the terminal: bytes out, bytes in, nothing looked at.

Unlike `socket.Stream` it hands on every message as it came, for whoever only passes it on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import aiohttp
from aiohttp import WSMsgType

from relay.errors import TerminalGone
from relay.metascalp.socket import CONNECT_S, HEARTBEAT_S, MAX_FRAME

TEXT = WSMsgType.TEXT
MESSAGES = (TEXT, WSMsgType.BINARY)

#: Messages to the terminal that may wait to be written. A screener that follows every ticker of a
#: venue sends a few thousand at once; a terminal that takes no more of them is not there any more.
MAX_SAYING = 65536
WRITE_S = 5.0


class Socket:
    """One open socket. `say` never waits. `receive` is aiohttp's own: at full speed a step between
    costs as much as all the rest. Of MESSAGES only TEXT can be the terminal's; anything else
    is the end.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse[Literal[False]]) -> None:
        self._socket = socket
        self.receive = socket.receive
        self._saying: asyncio.Queue[bytes] = asyncio.Queue(MAX_SAYING)

    def say(self, raw: bytes) -> None:
        """Sends a message soon."""
        if not self._saying.full():  # Else `write` is about to give the terminal up.
            self._saying.put_nowait(raw)

    async def write(self) -> None:
        """Writes what is said, until cancelled; TerminalGone when nothing is taken any more."""
        while True:
            raw = await self._saying.get()
            try:
                async with asyncio.timeout(WRITE_S):
                    await self._socket.send_frame(raw, WSMsgType.TEXT)
            except (ConnectionError, aiohttp.ClientError, TimeoutError) as error:
                raise TerminalGone(f"the terminal takes no messages: {error}") from error


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Socket]:
    """An open socket to the terminal at this HTTP address; TerminalGone when it cannot be had."""
    timeout = aiohttp.ClientWSTimeout(ws_close=1.0)
    async with aiohttp.ClientSession() as session:
        try:
            async with asyncio.timeout(CONNECT_S):
                socket = await session.ws_connect(
                    url + "/",
                    max_msg_size=MAX_FRAME,
                    heartbeat=HEARTBEAT_S,
                    timeout=timeout,
                    decode_text=False,
                )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise TerminalGone(f"no WebSocket at {url}: {error}") from error
        async with socket:
            yield Socket(socket)
