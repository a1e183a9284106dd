"""A cable between a relay and a terminal, that can be cut or held at a moment of one's choice."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib import request

from relay.metascalp.simulator import Simulator

#: When a thing happens: before a request is handed on, before its answer is, in the middle of it.
MOMENTS = ("asked", "answered", "half")
TICKER = "BTCUSDT"


@dataclass
class Plan:
    """What happens once, at a moment of the first request that has these bytes in it."""

    needle: bytes
    moment: str
    act: Callable[[], None]
    happened: threading.Event = field(default_factory=threading.Event)

    def due(self, moment: str) -> bool:
        if moment != self.moment or self.happened.is_set():
            return False
        self.happened.set()
        return True


class Cable:
    """One port in front of a terminal. Everything runs in its own thread, beside the test."""

    def __init__(self) -> None:
        self.simulator: Simulator
        self.port = 0
        self.plan: Plan | None = None
        self._loop: asyncio.AbstractEventLoop
        self._free = asyncio.Event()
        self._up = True
        self._writers: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Every connection ends, and none is taken until `mend`: the terminal was killed."""
        self._up = False
        for writer in self._writers:
            writer.transport.abort()

    def hold(self) -> None:
        """Bytes are taken and not handed on until `mend`: the terminal is frozen."""
        self._free.clear()

    def mend(self) -> None:
        self._loop.call_soon_threadsafe(self._mend)

    def _mend(self) -> None:
        self._up = True
        self._free.set()

    def sent(self, path: str, word: str) -> int:
        """How often the terminal itself was asked for a path with a word in the body."""
        requests = list(self.simulator.record.requests)
        return sum(path in one.path and word.encode() in one.body for one in requests)

    def place(self) -> str:
        """An order of the trader's own hand; its id."""
        body = {"connectionId": 1, "ticker": TICKER, "side": "Buy", "type": "Limit"}
        asked = request.Request(
            f"{self.simulator.url}/sim/order",
            json.dumps({**body, "price": 1000, "size": 0.01}).encode(),
            {"Content-Type": "application/json"},
        )
        with request.urlopen(asked) as answer:
            return str(json.load(answer)["orderId"])

    def withdraw(self, order: str) -> None:
        """Cancels an order by the trader's own hand."""
        asked = request.Request(
            f"{self.simulator.url}/api/connections/1/orders/cancel",
            json.dumps({"Ticker": TICKER, "OrderId": int(order), "Type": 0}).encode(),
            {"Content-Type": "application/json"},
        )
        with request.urlopen(asked) as answer:
            assert answer.status == 200

    def orders(self) -> set[str]:
        """The open orders of the ticker as the terminal itself has them."""
        url = f"{self.simulator.url}/api/connections/1/orders?Ticker={TICKER}"
        with request.urlopen(url) as answer:
            return {str(row["Id"]) for row in json.load(answer)["orders"]}

    async def run(self, ready: threading.Event, stop: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._free.set()
        async with Simulator(port=0, rate=0.0) as self.simulator:
            # What is counted is not to be forgotten in a hundred rounds.
            self.simulator.record.requests = deque()
            server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await asyncio.to_thread(stop.wait)
            server.close()
            self.cut()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._up:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.simulator.port)
        mine = {writer, back}
        self._writers |= mine
        armed = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._ask(reader, back, armed))
                pumps.create_task(self._answer(there, writer, armed))
        finally:
            self._writers -= mine
            for one in mine:
                with suppress(OSError):
                    one.close()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, armed: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if (plan := self.plan) and plan.needle in data:
                    armed.set()
                    if plan.due("asked"):
                        plan.act()
                await self._free.wait()
                writer.write(data)
        writer.transport.abort()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, armed: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if armed.is_set() and (plan := self.plan):
                    if plan.due("answered"):
                        plan.act()
                    if plan.due("half"):
                        writer.write(data[: len(data) // 2])
                        data = data[len(data) // 2 :]
                        plan.act()
                await self._free.wait()
                writer.write(data)
        writer.transport.abort()


@contextmanager
def cable() -> Iterator[Cable]:
    """A terminal behind a cable, until the block is left."""
    made, ready, stop = Cable(), threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(made.run(ready, stop)))
    thread.start()
    assert ready.wait(10)
    try:
        yield made
    finally:
        made.mend()
        stop.set()
        thread.join(10)
