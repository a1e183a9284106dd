"""This file knows how to keep the order mirror true: subscribe, read, follow, read again.

While somebody watches, one socket per terminal carries the updates of every live connection.
Whatever could have been missed is stale until it has been read again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from relay.connection import Connection
from relay.core.known import Known
from relay.core.link import Link
from relay.core.reading import Reading, import_account
from relay.errors import RelayBroken, RelayError, TerminalGone
from relay.metascalp import socket, wire
from relay.metascalp.client import Client
from relay.metascalp.socket import Stream
from relay.orders import Mirror, Scope
from relay.rows import Change

RETRY_S = 0.25
#: After a reading of a connection failed, how long until it is tried again.
AGAIN_S = 2.0
#: What the stream leaves out is read again when updates have been quiet for this long: triggers of
#: stop orders are not in `order_update`, and nothing promises that a `positionId` is REST's `Id`.
SETTLE_S = 0.4

log = logging.getLogger(__name__)


class Feed:
    """The mirror and what feeds it. `changed` gets every Change, at once."""

    def __init__(self, link: Link, known: Known, changed: Callable[[Change], None]) -> None:
        self.mirror = Mirror()
        self.broken: RelayBroken | None = None
        self._link = link
        self._known = known
        self._changed = changed
        self._session: _Session | None = None

    def look(self) -> None:
        """Says that the list of connections may have changed."""
        if self._session is not None:
            self._session.connections_changed.set()

    def reread(self, connection: int, ticker: str) -> None:
        """Asks for a ticker's orders to be read again; without a session all is stale anyway."""
        if self._session is not None:
            self._session.reread(("orders", connection, ticker))

    async def read_once(self, client: Client, places: Iterable[Connection]) -> None:
        """Reads everything of these connections, without following them; raises like the client."""
        reading = self.reading(client)
        try:
            async with asyncio.TaskGroup() as group:
                for place in places:
                    group.create_task(reading.all(place.id))
        except* RelayError as failed:
            first: RelayError = _first(failed)
        else:
            return
        raise first

    async def run(self) -> None:
        """Follows the terminal until cancelled, through every restart of it."""
        while self.broken is None:
            try:
                client = await self._link.reach()
                async with socket.connect(client.url) as stream:
                    await self._follow(_Session(self, client, stream, await import_account()))
            except* RelayBroken as broken:
                self.broken = _first(broken)
                log.error("%s", self.broken.text)
            except* (RelayError, OSError):
                self._link.nudge()
            _heed_cancellation()
            await asyncio.sleep(RETRY_S)

    async def _follow(self, session: _Session) -> None:
        self._session = session
        try:
            await session.run()
        finally:
            self._session = None
            self.change(self.mirror.mark_stale(session.subscribed))

    def reading(self, client: Client) -> Reading:
        return Reading(client, self.mirror, self._known, self.change)

    def change(self, change: Change) -> None:
        if change:
            self._changed(change)

    def places(self) -> dict[int, Connection]:
        return {place.id: place for place in self._link.connections}


class _Session:
    """One open socket and the readings that belong to it."""

    def __init__(self, feed: Feed, client: Client, stream: Stream, account: Any) -> None:
        self.subscribed: set[int] = set()
        self.connections_changed = asyncio.Event()
        self._feed = feed
        self._stream = stream
        self._account = account
        self._reading = feed.reading(client)
        self._timers: dict[Scope, asyncio.TimerHandle] = {}
        self._tasks = asyncio.TaskGroup()
        self._ended = False

    async def run(self) -> None:
        """Follows the socket until it closes; always ends with an exception."""
        async with self._tasks:
            try:
                self._tasks.create_task(self._follow_connections())
                async for kind, data in self._stream.messages():
                    self._take(kind, data)
                raise TerminalGone("the terminal closed the socket")
            finally:
                self._ended = True
                for timer in self._timers.values():
                    timer.cancel()

    def reread(self, scope: Scope, after_s: float = 0.0) -> None:
        """Asks for one scope to be read again; requests before it happens are one."""
        if self._ended:
            return
        if scope in self._timers:
            self._timers[scope].cancel()
        loop = asyncio.get_running_loop()
        self._timers[scope] = loop.call_later(after_s, self._start_reading, scope)

    def _start_reading(self, scope: Scope) -> None:
        self._timers.pop(scope, None)
        self._tasks.create_task(self._read(scope))

    async def _read(self, scope: Scope) -> None:
        kind, connection, ticker = scope
        try:
            if kind == "orders":
                await self._reading.orders(connection, ticker)
            else:
                for new in await self._reading.positions(connection):
                    self.reread(("orders", connection, new))
        except RelayError as error:
            log.warning("%s of connection %d not read: %s", kind, connection, error.text)
            if connection in self.subscribed:
                self._feed.change(self._feed.mirror.mark_stale([connection]))
                await asyncio.sleep(AGAIN_S)
                await self._read_connection(connection)

    def _take(self, kind: str, data: Mapping[str, Any]) -> None:
        if not isinstance(data.get("connectionid"), int):
            return
        if kind == "subscribed":
            # Read only now: an update before the ack would be in neither of the two.
            self._tasks.create_task(self._read_connection(data["connectionid"]))
        elif kind == "order_update":
            self._take_order(data)
        elif kind == "position_update":
            self._take_position(data)
        elif kind == "balance_update":
            for balance in self._account.balances_in(data, data["connectionid"]):
                self._feed.change(self._feed.mirror.update_balance(balance))

    def _take_order(self, data: Mapping[str, Any]) -> None:
        order = self._account.order_in(data)
        if order is None:
            return
        self._feed.change(self._feed.mirror.update_order(order))
        scope = ("orders", order.connection, order.ticker)
        if self._reading.learn(order.connection, order.ticker):
            self.reread(scope)
        elif order.status != "closed" and order.type not in ("limit", "market"):
            self.reread(scope, after_s=SETTLE_S)

    def _take_position(self, data: Mapping[str, Any]) -> None:
        position = self._account.position_in(data)
        if position is None:
            return
        self._feed.change(self._feed.mirror.update_position(position))
        self.reread(("positions", position.connection, ""), after_s=SETTLE_S)

    async def _follow_connections(self) -> None:
        """Subscribes to what has come alive and forgets what is no longer there."""
        mirror = self._feed.mirror
        while True:
            self.connections_changed.clear()
            present = self._feed.places()
            live = {number for number, place in present.items() if place.state == "connected"}
            for number in sorted(live - self.subscribed):
                await self._stream.send(wire.subscribe(number))
                self.subscribed.add(number)
                self._feed.change(mirror.mark_stale([number]))
            if lost := self.subscribed - live:
                self.subscribed -= lost
                # Without any connection the terminal is away: all may still come back.
                self._feed.change(mirror.mark_stale(lost & present.keys() if present else lost))
            for number in mirror.connections() - present.keys() if present else ():
                self._feed.change(mirror.forget(number))
            await self.connections_changed.wait()

    async def _read_connection(self, connection: int) -> None:
        """Reads all of a connection, again and again until it succeeds or is gone."""
        read = False
        while connection in self.subscribed and not read:
            try:
                await self._reading.all(connection)
                read = True
            except* RelayError as failed:
                log.warning("connection %d not read: %s", connection, _first(failed).text)
                _heed_cancellation()
                await asyncio.sleep(AGAIN_S)


def _heed_cancellation() -> None:
    """Before Python 3.13, a TaskGroup that fails while it is cancelled forgets the cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _first(group: BaseExceptionGroup[Any]) -> Any:
    inner: BaseException = group
    while isinstance(inner, BaseExceptionGroup):
        inner = inner.exceptions[0]
    return inner
