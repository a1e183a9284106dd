"""A simulator on a free port, and a client that speaks to it like any other program."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import aiohttp
import pytest_asyncio

from relay.metascalp.simulator import Simulator

TIMEOUT_S = 10


def parse(text: str) -> Any:
    """JSON as it was sent: decimals stay decimals, so that 1.0 and 1 differ in their text."""
    return json.loads(text, parse_float=Decimal)


@dataclass
class Answer:
    status: int
    text: str
    headers: Any

    @property
    def json(self) -> Any:
        return parse(self.text)

    @property
    def error(self) -> tuple[int, str]:
        return self.status, self.json["error"]


@dataclass
class Stream:
    """One WebSocket client. seen: every frame so far."""

    socket: aiohttp.ClientWebSocketResponse
    seen: list[Any] = field(default_factory=list)

    async def send(self, kind: str, **data: Any) -> None:
        await self.socket.send_str(json.dumps({"Type": kind, "Data": data}))

    async def next(self) -> Any:
        frame = parse(await asyncio.wait_for(self.socket.receive_str(), TIMEOUT_S))
        self.seen.append(frame)
        return frame

    async def wait_for(self, kind: str) -> Any:
        """The Data of the next frame of a kind."""
        while True:
            frame = await self.next()
            if frame["Type"] == kind:
                return frame["Data"]

    async def ask(self, kind: str, **data: Any) -> Any:
        await self.send(kind, **data)
        return await self.next()


@dataclass
class Terminal:
    """A running simulator and a client of it."""

    sim: Simulator
    http: aiohttp.ClientSession

    async def request(self, method: str, path: str, raw: bytes | None = None) -> Answer:
        async with self.http.request(method, self.sim.url + path, data=raw) as reply:
            return Answer(reply.status, await reply.text(), reply.headers)

    async def get(self, path: str) -> Answer:
        return await self.request("GET", path)

    async def post(self, path: str, **body: Any) -> Answer:
        return await self.request("POST", path, json.dumps(body).encode())

    async def stream(self) -> Stream:
        return Stream(await self.http.ws_connect(self.sim.url + "/", max_msg_size=0))


@pytest_asyncio.fixture
async def terminal() -> AsyncIterator[Terminal]:
    """The market stands still unless a test takes steps: nothing happens by itself."""
    async with Simulator(rate=0) as sim, aiohttp.ClientSession() as http:
        yield Terminal(sim, http)
