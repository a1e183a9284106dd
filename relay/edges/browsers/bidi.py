"""This file knows WebDriver BiDi: one socket to a Firefox, commands and their answers.

Firefox speaks it itself, so no driver program is needed (measured with Firefox 153, 2026-11).
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp

ANSWER_S = 30.0
_GONE = "the browser has closed its socket"


class BidiError(Exception):
    """What Firefox answered to a command it could not carry out."""


class Bidi:
    """One session. Every script must give a string, number, boolean or null."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._last = 0
        self.closed = asyncio.Event()
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def read(self) -> None:
        """Hands answers to who waits for them, until the socket closes: then nobody waits on."""
        try:
            async for frame in self._socket:
                message = json.loads(frame.data)
                future = self._waiting.pop(message.get("id"), None)
                if future is not None and not future.done():
                    future.set_result(message)
        finally:
            self.closed.set()
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionError(_GONE))

    async def command(self, method: str, **params: Any) -> dict[str, Any]:
        """Its result. ConnectionError when the browser is gone before it has answered."""
        if self.closed.is_set():
            raise ConnectionError(_GONE)
        self._last += 1
        future = asyncio.get_running_loop().create_future()
        self._waiting[self._last] = future
        await self._socket.send_json({"id": self._last, "method": method, "params": params})
        async with asyncio.timeout(ANSWER_S):
            answer = await future
        if answer["type"] == "error":
            raise BidiError(f"{method}: {answer['error']}: {answer['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def evaluate(self, script: str, context: str) -> Any:
        return (await self._evaluated(script, context)).get("value")

    async def document(self, context: str) -> dict[str, Any]:
        """The page's tree of nodes, closed shadow roots too."""
        return await self._evaluated(
            "document.documentElement",
            context,
            serializationOptions={"maxDomDepth": None, "includeShadowTree": "all"},
        )

    async def _evaluated(self, script: str, context: str, **options: Any) -> dict[str, Any]:
        answer = await self.command(
            "script.evaluate",
            expression=script,
            target={"context": context},
            awaitPromise=True,
            **options,
        )
        if answer["type"] == "exception":
            raise BidiError(answer["exceptionDetails"]["text"])
        result: dict[str, Any] = answer["result"]
        return result
