"""This file knows one open socket to the terminal: its lanes, its updates, what they make unsure.

Updates of orders go straight into the mirror; what an update does not say is read again beside it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from relay.core.jobs import heed_cancellation
from relay.core.lane import Lane
from relay.core.link import Link
from relay.core.marks import Marks, QuoteOf
from relay.core.reading import Reading
from relay.errors import RelayError, TerminalGone
from relay.metascalp.socket import Stream
from relay.orders import Scope
from relay.redact import loggable
from relay.rows import Order

#: How long what the stream leaves out may stay unread: triggers of stop orders are not in
#: `order_update`, and nothing promises that a `positionId` is REST's `Id`. Updates in between are
#: covered by the one reading.
SETTLE_S = 0.4

log = logging.getLogger(__name__)


class Session:
    """One open socket and the readings that belong to it. account: the module of the rows.

    closed: gets every order that the stream says is filled or cancelled.
    """

    def __init__(
        self, link: Link, stream: Stream, reading: Reading, account: Any, quote_of: QuoteOf
    ) -> None:
        self.closed: Callable[[Order], None] = lambda order: None
        self.marks = Marks(stream, reading.mirror, reading.changed, quote_of)
        self._link = link
        self._stream = stream
        self._reading = reading
        self._account = account
        self._lanes: dict[int, tuple[Lane, asyncio.Task[None]]] = {}
        self._timers: dict[Scope, asyncio.TimerHandle] = {}
        self._under_way: set[Scope] = set()
        self._tasks = asyncio.TaskGroup()
        self._ended = False
        reading.taught = self._taught

    @property
    def subscribed(self) -> set[int]:
        return set(self._lanes)

    async def run(self) -> None:
        """Follows the socket until it closes; always ends with an exception."""
        async with self._tasks:
            try:
                self.heed_connections()
                self._start(self.marks.run)
                async for kind, data in self._stream.messages():
                    self._take(kind, data)
                raise TerminalGone("the terminal closed the socket")
            finally:
                self._ended = True
                for timer in self._timers.values():
                    timer.cancel()

    def heed_connections(self) -> None:
        """Opens a lane for what has come alive and forgets what is no longer there."""
        if self._ended:
            return
        mirror, changed = self._reading.mirror, self._reading.changed
        present = {place.id: place for place in self._link.connections}
        live = {number for number, place in present.items() if place.state == "connected"}
        if lost := self.subscribed - live:
            for number in lost:
                self._lanes.pop(number)[1].cancel()
            changed(mirror.mark_stale(lost))
        if came := live - self.subscribed:
            changed(mirror.mark_stale(came))
            self.marks.doubt(came)
            for number in sorted(came):
                lane = Lane(number, self._stream, self._reading, self._link.nudge)
                self._lanes[number] = lane, self._start(lane.run)
        for number in mirror.gone(present):
            changed(mirror.forget(number))

    def doubt(self) -> None:
        """Says that anything may have been missed on any connection."""
        for lane, _ in self._lanes.values():
            lane.doubt()

    def reread(self, scope: Scope, after_s: float = 0.0) -> None:
        """Asks for one scope to be read again; requests before it happens are one, at the time of
        the earliest: however many come, it is read."""
        if self._ended:
            return
        loop = asyncio.get_running_loop()
        when, pending = loop.time() + after_s, self._timers.get(scope)
        if pending is not None:
            if pending.when() <= when:
                return
            pending.cancel()
        self._timers[scope] = loop.call_at(when, self._start_reading, scope)

    def _start_reading(self, scope: Scope) -> None:
        """One reading of a scope at a time: what is asked for during it waits for its end."""
        del self._timers[scope]
        if scope in self._under_way:
            self.reread(scope, SETTLE_S)
        elif not self._ended:
            self._under_way.add(scope)
            self._start(partial(self._read, scope))

    async def _read(self, scope: Scope) -> None:
        kind, connection, ticker = scope
        try:
            if kind == "orders":
                await self._reading.orders(connection, ticker)
            else:
                for new in await self._reading.positions(connection):
                    self.reread(("orders", connection, new))
        except RelayError as error:
            heed_cancellation()
            log.warning("%s of connection %d not read: %s", kind, connection, loggable(error))
            if connection in self._lanes:
                self._lanes[connection][0].doubt()
        finally:
            self._under_way.discard(scope)

    def _take(self, kind: str, data: Mapping[str, Any]) -> None:
        connection = data.get("connectionid")
        if not isinstance(connection, int) or isinstance(connection, bool):
            return
        if kind == "subscribed":
            if connection in self._lanes:
                self._lanes[connection][0].acknowledge()
        elif kind == "order_update":
            self._take_order(data)
        elif kind == "position_update":
            self._take_position(data)
        elif kind == "balance_update":
            for balance in self._account.balances_in(data, connection):
                self._reading.changed(self._reading.mirror.update_balance(balance))
        else:
            self.marks.take(kind, data)

    def _take_order(self, data: Mapping[str, Any]) -> None:
        order = self._account.order_in(data)
        if order is None:
            self._reread_orders(data)
            return
        self._reading.changed(self._reading.mirror.update_order(order))
        if order.status == "closed":
            self.closed(order)
        scope = ("orders", order.connection, order.ticker)
        if self._reading.learn(order.connection, order.ticker):
            self.reread(scope)
        elif order.status != "closed" and order.type not in ("limit", "market"):
            self.reread(scope, after_s=SETTLE_S)

    def _reread_orders(self, data: Mapping[str, Any]) -> None:
        """What the stream says of an order cannot be read: the terminal's list tells the truth of
        its ticker, and all is in doubt where not even that is known, or the list cannot be read."""
        connection, ticker = data["connectionid"], data.get("ticker")
        if isinstance(ticker, str) and 0 < len(ticker) <= self._account.MAX_NAME:
            self._reading.learn(connection, ticker)
            self.reread(("orders", connection, ticker))
        elif connection in self._lanes:
            self._lanes[connection][0].doubt()

    def _take_position(self, data: Mapping[str, Any]) -> None:
        position = self._account.position_in(data)
        if position is not None:
            self._reading.changed(self._reading.mirror.update_position(position))
        self.reread(("positions", data["connectionid"], ""), after_s=SETTLE_S)

    def _taught(self, connection: int, ticker: str) -> None:
        """A connection that is being read whole reads this with the rest."""
        if connection in self._lanes and connection not in self._reading.mirror.stale:
            self.reread(("orders", connection, ticker))

    def _start(self, run: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        return self._tasks.create_task(self._until_failure(run))

    async def _until_failure(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """The first unexpected failure ends the session: nothing may be started after it."""
        try:
            await run()
        except Exception:
            self._ended = True
            raise
