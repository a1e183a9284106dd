"""This file knows the native door once the relay is loaded: requests in, answers and events out.

Every request is answered exactly once; what cannot be answered as asked is answered with a code.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Any

from relay.core import start
from relay.core.jobs import place_of
from relay.core.relay import Relay
from relay.core.topics import Reader
from relay.edges import logs
from relay.edges.operations import TABLE, perform
from relay.edges.rpc import Message, answer_hello, failure, is_hello, request_id
from relay.edges.stdio import Input, Output
from relay.errors import BadParams, BadRequest, Busy, RelayError
from relay.frames import encode

#: Requests under way at once; a trader's browser has a handful.
IN_FLIGHT = 256
#: Messages not answered yet, refusals included. A browser that has sent this many without reading a
#: single answer is not one that will.
UNANSWERED = 4096
#: After the end of input: how long requests under way may still be answered.
DRAIN_S = 0.2
#: How soon it is noticed that the browser was killed: its helpers may hold our input open for two
#: seconds more (Chromium 156 on Linux, 2026-12).
PARENT_S = 0.5

log = logging.getLogger(__name__)


def serve(waiting: list[Message | RelayError | None], source: Input, out: Output) -> None:
    """Serves until the end of input, beginning with the messages that came before.

    When it ends with an exception, `waiting` holds what is not answered yet and `source` keeps the
    rest.
    """
    logs.begin("WARNING")
    asyncio.run(_serve(waiting, source, out))


async def _serve(waiting: list[Message | RelayError | None], source: Input, out: Output) -> None:
    loop = asyncio.get_running_loop()
    async with start.relay() as relay, asyncio.TaskGroup() as tasks:
        door = _Door(relay, tasks, out)
        out.on_room = lambda: _tell(loop, door.room.set)
        while waiting:
            door.take(waiting.pop(0))
        source.deliver_to(lambda message: _tell(loop, door.take, message))
        watch = tasks.create_task(_outlive_no_browser(door))
        try:
            await door.ended.wait()
            await door.drain()
        finally:
            watch.cancel()
            source.keep()
            door.close()


async def _outlive_no_browser(door: _Door) -> None:
    """Ends the door when who started us is no more: then another process is our parent.

    It has no effect where our parent stays: on Windows for ever, and in the one-file program, whose
    bootloader is the parent. There the end of input ends the door, as it does everywhere."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - no event tells of it
        await asyncio.sleep(PARENT_S)
    door.take(None)


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[..., None], *about: Any) -> None:
    """Called by the threads of input and output, which may outlive the loop."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(what, *about)


class _Door:
    def __init__(self, relay: Relay, tasks: asyncio.TaskGroup, out: Output) -> None:
        self.ended = asyncio.Event()
        self.room = asyncio.Event()
        self._relay = relay
        self._tasks = tasks
        self._out = out
        self._reader: Reader = relay.reader(self._send_event)
        self._under_way: set[asyncio.Task[None]] = set()

    def take(self, message: Message | RelayError | None) -> None:
        if message is None or self.ended.is_set():
            self.ended.set()
        elif len(self._under_way) >= UNANSWERED:
            log.error("%d messages are unanswered; the browser does not read", UNANSWERED)
            self.ended.set()
        elif isinstance(message, RelayError):
            self._reply(failure(None, message))
        elif is_hello(message):
            self._reply(answer_hello(message))
        else:
            self._take_request(message)

    async def drain(self) -> None:
        """Gives requests under way a moment to be answered."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=DRAIN_S)

    def close(self) -> None:
        """Stops telling and answering."""
        self._relay.leave(self._reader)
        for task in self._under_way:
            task.cancel()

    def _take_request(self, message: Message) -> None:
        try:
            identity = request_id(message)
        except BadRequest as error:
            self._reply(failure(None, error))
            return
        if len(self._under_way) >= IN_FLIGHT:
            busy = Busy(f"{IN_FLIGHT} requests are under way", limit=IN_FLIGHT)
            self._reply(failure(identity, busy))
            return
        self._start(self._answer(identity, message["method"], message.get("params")))

    async def _answer(self, identity: str | int, method: str, params: object) -> None:
        try:
            result = await self._perform(method, params)
            reply = {"jsonrpc": "2.0", "id": identity, "result": result}
            await self._send(encode(reply))
        except RelayError as error:
            await self._send(encode(failure(identity, error)))
        except Exception as error:
            name = method if method in TABLE else "a request"
            log.error("%s failed: %s", name, place_of(error))
            broken = RelayError(f"{name} failed: {type(error).__name__}")
            await self._send(encode(failure(identity, broken)))

    async def _perform(self, method: str, params: object) -> dict[str, Any]:
        if params is None:
            params = {}
        if not isinstance(params, dict):
            raise BadParams("params must be an object", field="params")
        return await perform(method, self._relay, params, self._reader)

    async def _send_event(self, topic: str, data: dict[str, Any]) -> None:
        params = {"topic": topic, "data": data}
        await self._send(encode({"jsonrpc": "2.0", "method": "event", "params": params}))

    async def _send(self, frame: bytes) -> None:
        """Sends a frame; waits while the browser does not read, so that events conflate."""
        while not self._out.offer(frame):
            self.room.clear()
            if self._out.offer(frame):
                return
            await self.room.wait()

    def _reply(self, message: Message) -> None:
        self._start(self._send(encode(message)))

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = self._tasks.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
