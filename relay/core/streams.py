"""This file knows how one terminal's streams reach all who read them: the loop around the hub.

The hub says what is to be done; here are the sockets to the terminal that it wants, kept open
through every restart, and the readers it speaks of.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Self

from relay import envelope
from relay.core.fanout import TURN_BYTES, Fanout, Outlet, Run
from relay.core.jobs import Jobs, heed_cancellation, innermost
from relay.core.link import Link
from relay.errors import RelayError
from relay.hub import Hub
from relay.metascalp import lane
from relay.redact import loggable
from relay.subscriptions import head_of
from relay.topic import CloseLane, Effect, End, Fan, LaneName, OpenLane, Say, Tell, Topic, Wake

#: How long a snapshot that was asked for again may take.
WAKE_S = 0.7
#: How often the connections are read: one that is away for less takes its subscriptions with it,
#: and nobody has seen it. As often some of what is quiet is asked for again.
LOOK_S = 0.5
#: Between two tries to open a socket; the last is repeated. One that lasted was a good one.
PAUSES_S = (0.02, 0.1, 0.25, 0.5, 1.0)
GOOD_S = 2.0
#: How long the terminal may be away before those who wait for an answer are told so.
ABSENT_S = 3.0

#: Close code: the server is going down (RFC 6455, section 7.4.1).
GOING_AWAY = 1001

log = logging.getLogger(__name__)


class Streams:
    """The streams of one terminal. `async with` starts it and ends everything it started."""

    def __init__(self, link: Link) -> None:
        self.hub = Hub()
        self.fanout = Fanout(self._missed)
        self.heard = 0
        self.unreadable = 0
        self._link = link
        self._tasks = asyncio.TaskGroup()
        self._jobs = Jobs(self._tasks)
        self._sockets: dict[LaneName, lane.Socket] = {}

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        """Closes every reader, which may come again, and every socket to the terminal."""
        for outlet in list(self.hub.clients):
            outlet.end(GOING_AWAY, "the relay is ending")
        self._jobs.stop_all()
        await self._tasks.__aexit__(None, None, None)

    def join(self, outlet: Outlet, keys: str = "asis", may_say_all: bool = True) -> None:
        """A new reader; `leave` is to follow."""
        self.hub.join(outlet, keys, may_say_all)
        self._jobs.start(self, "streams", self._look_after, _ignored)

    def leave(self, outlet: Outlet) -> None:
        self._do(self.hub.leave, outlet)
        if not self.hub.clients:
            self._jobs.stop(self)

    def receive(self, outlet: Outlet, text: str | bytes) -> None:
        """A message of a reader."""
        if outlet in self.hub.clients:
            self._do(self.hub.receive, outlet, text)

    def put(self, outlet: Outlet, frame: bytes) -> None:
        """A frame for one reader, in turn with everything else."""
        self.settle()
        self.fanout.put(outlet, frame)

    def settle(self) -> None:
        """Nothing is added any more to what is in a batch now."""
        self.fanout.end_run()

    def lag(self, outlet: Outlet) -> None:
        """A reader that cannot keep up is owed what it does not get, until it has `resume`d."""
        self.settle()
        self.hub.lag(outlet)

    def resume(self, outlet: Outlet, room: int) -> bool:
        """Gives a reader that lagged so many bytes of what it is owed; True when that was all."""
        self._do(self.hub.resume, outlet, room)
        client = self.hub.clients.get(outlet)
        return client is None or not client.lagging

    def stats(self) -> dict[str, int]:
        """Figures for a status: none of them says what is read."""
        topics = self.hub.lanes.topics()
        return {
            "readers": len(self.hub.clients),
            "lagging": sum(client.lagging for client in self.hub.clients.values()),
            "topics": len(topics),
            "subscriptions": sum(len(topic.readers) for topic in topics),
            "sockets": len(self._sockets),
            "messages": self.heard + self.fanout.passed,
            "unreadable": self.unreadable + self.hub.ignored,
        }

    def _do(self, rule: Callable[..., Sequence[Effect]], *arguments: Any) -> None:
        """What a rule of the hub says is to be done. No run is under way when it is asked: it may
        look into a book."""
        self.settle()
        self._perform(rule(*arguments))

    def _perform(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case Tell(reader, raw):
                    self._tell(reader, raw)
                case Fan(topic, raw):
                    self.fanout.fan(topic, raw)
                case Say(name, raw):
                    self._say(name, raw)
                case OpenLane(name):
                    run = partial(self._keep_open, name)
                    self._jobs.start(("lane", name), "a lane", run, _ignored)
                case CloseLane(name):
                    self._jobs.stop(("lane", name))
                case End(reader, code, reason):
                    reader.end(code, reason)
                case Wake():
                    asyncio.get_running_loop().call_later(WAKE_S, self._wake)

    def _missed(self, topic: Topic, updates: list[bytes]) -> None:
        self._perform(self.hub.missed(topic, updates))

    def _wake(self) -> None:
        self._do(self.hub.wake)

    def _say(self, name: LaneName, raw: bytes) -> None:
        if (socket := self._sockets.get(name)) is not None:
            socket.say(raw)

    def _tell(self, outlet: Outlet, raw: bytes) -> None:
        client = self.hub.clients.get(outlet)
        if client is not None:
            self.fanout.put(outlet, envelope.frame(envelope.spelled(raw, client.spelling)))

    async def _keep_open(self, name: LaneName) -> None:
        """Keeps a lane's socket open, through every restart of the terminal, until cancelled."""
        failures, seen = 0, time.monotonic()
        while True:
            began = time.monotonic()
            if await self._hold(name):
                seen = time.monotonic()
                failures = 0 if seen - began > GOOD_S else failures
            elif time.monotonic() - seen > ABSENT_S:
                self._do(self.hub.absent, name, "MetaScalp is not running")
            await asyncio.sleep(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
            failures += 1

    async def _hold(self, name: LaneName) -> bool:
        """Opens a lane's socket and follows it to its end; False when it could not be opened."""
        opened = False
        try:
            client, _ = await self._link.fresh()
            async with lane.connect(client.url, partial(self._hear_all, name)) as socket:
                opened = True
                await self._follow(name, socket)
        except* RelayError as error:
            log.debug("a lane is not open: %s", loggable(innermost(error)))
        finally:
            self._link.nudge()
        heed_cancellation()
        return opened

    async def _follow(self, name: LaneName, socket: lane.Socket) -> None:
        """Keeps to one socket, to its end."""
        self._sockets[name] = socket
        try:
            self._do(self.hub.opened, name)
            await socket.watch()
        finally:
            del self._sockets[name]
            self._do(self.hub.closed, name, _now_ms())

    def _hear_all(self, name: LaneName, messages: list[bytes]) -> None:
        """The path that all speed depends on: most messages begin as the one before them did."""
        fanout, read, alone = self.fanout, 0, len(messages) == 1
        run: Run | None = None
        head = b""
        fanout.hold()
        try:
            for raw in messages:
                size = len(raw)
                alike = run is not None and run is fanout.run and raw.startswith(head)
                if alike and size <= envelope.MAX_PASSED and raw.isascii():
                    run.add(raw, size)  # type: ignore[union-attr]
                elif (run := self._begin(name, raw, alone)) is not None:
                    head = run.head
                read += size
                if read >= TURN_BYTES:
                    read = 0
                    fanout.flush()
                    fanout.hold()
        finally:
            fanout.flush()

    def _begin(self, name: LaneName, raw: bytes, alone: bool) -> Run | None:
        """A message unlike the one before: the first of a run, where it is known whose it is. One
        that came alone needs none."""
        head = head_of(raw)
        open_lane = self.hub.lanes.open.get(name)
        topic = open_lane.routes.get(head) if open_lane else None
        if topic is None or len(raw) > envelope.MAX_PASSED or not raw.isascii():
            self._hear(name, raw)
            return None
        if alone:
            self.heard += 1
            self.fanout.fan(topic, raw)
            return None
        run = self.fanout.begin(head, topic, raw)
        run.add(raw, len(raw))
        return run

    def _hear(self, name: LaneName, raw: bytes) -> None:
        """A message that no earlier one was like. What is too large for a reader the hub says where
        it knows whose it is, or can take it apart."""
        self.heard += 1
        lane = self.hub.lanes.open.get(name)
        own = lane is not None and lane.client is not None
        if len(raw) > envelope.MAX_PASSED and not own and b'_snapshot"' not in raw[:64]:
            log.warning("a message of %d bytes was not passed on", len(raw))
        elif raw.isascii() or _is_utf8(raw):
            self._do(self.hub.heard, name, raw, _now_ms())
            return
        self.unreadable += 1

    async def _look_after(self) -> None:
        """Watches the connections and the quiet topics while anybody reads."""
        while True:
            try:
                _, places = await self._link.fresh(0.0)
                live = {place.id for place in places if place.state == "connected"}
                self._do(self.hub.connections, live, _now_ms())
            except RelayError as error:
                log.debug("connections not read: %s", loggable(error))
            self._do(self.hub.doubt_the_quiet, _now_ms())
            await asyncio.sleep(LOOK_S)


def _ignored(error: Exception) -> None:
    """The job goes on; a lane's topics are asked for anew when its socket opens again."""


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _now_ms() -> int:
    return int(time.time() * 1000)
