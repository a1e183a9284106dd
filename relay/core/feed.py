"""This file knows how to keep the order mirror true: subscribe, read, follow, read again.

While somebody watches, one socket per terminal carries the updates of every live connection.
Whatever could have been missed is stale until it has been read again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from functools import partial

from relay.connection import Connection
from relay.core.jobs import heed_cancellation, innermost, side_by_side
from relay.core.known import Known
from relay.core.link import BACKOFF_S, Link
from relay.core.marks import QuoteOf
from relay.core.reading import Reading, import_account
from relay.core.session import Session
from relay.errors import RelayBroken, RelayError
from relay.metascalp import socket
from relay.metascalp.client import Client
from relay.orders import Mirror
from relay.redact import loggable
from relay.rows import Change, Order

#: A socket that lasted so long was a good one: the next is opened without a longer pause.
GOOD_S = 5.0
#: Kinds of markets whose positions can be read (MetaScalp API, edition 3, 2026-08).
WITH_POSITIONS = ("futures", "margin")

log = logging.getLogger(__name__)


class Feed:
    """The mirror and what feeds it. `changed` gets every Change, at once.

    closed: gets every order that the stream says is filled or cancelled. quote_of: the coin that a
    result on a ticker is in.
    """

    def __init__(self, link: Link, known: Known, changed: Callable[[Change], None]) -> None:
        self.mirror = Mirror()
        self.broken: RelayBroken | None = None
        self.closed: Callable[[Order], None] = lambda order: None
        self.quote_of: QuoteOf = lambda connection, ticker: None
        known.held = self.mirror.tickers
        self._link = link
        self._known = known
        self._changed = changed
        self._session: Session | None = None

    def look(self) -> None:
        """Says that the list of connections may have changed."""
        if self._session is not None:
            self._session.heed_connections()

    def reread(self, connection: int, ticker: str) -> None:
        """Asks for a ticker's orders to be read again; without a session all is stale anyway."""
        if self._session is not None:
            self._session.reread(("orders", connection, ticker))

    def doubt(self) -> None:
        """Says that anything may have been missed: all is stale until it has been read again."""
        self._change(self.mirror.mark_stale(self.mirror.connections()))
        if self._session is not None:
            self._session.doubt()

    async def read_once(self, client: Client, places: Iterable[Connection]) -> None:
        """Reads everything of those that are connected, without following them; the others are
        stale, and what is of no connection any more is forgotten. Raises like the client."""
        reading, there = self.reading(client), {place.id: place.state for place in places}
        for number in self.mirror.gone(there):
            self._change(self.mirror.forget(number))
        self._change(self.mirror.mark_stale(self.mirror.connections() | there.keys()))
        live = [number for number, state in there.items() if state == "connected"]
        await side_by_side(partial(reading.all, number) for number in live)

    async def run(self) -> None:
        """Follows the terminal until cancelled, through every restart of it."""
        failures = 0
        try:
            while self.broken is None:
                client = await self._link.wait_connected()
                lasted = await self._follow(client)
                failures = 0 if lasted > GOOD_S else failures + 1
                self._link.nudge()
                await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
        finally:
            self.doubt()

    async def _follow(self, client: Client) -> float:
        """Follows one socket to its end; gives how many seconds it lasted."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with socket.connect(client.url) as stream:
                account = await import_account()
                reading = self.reading(client)
                session = Session(self._link, stream, reading, account, self.quote_of)
                session.closed = self.closed
                await self._run_session(session)
        except* RelayBroken as broken:
            self.broken = innermost(broken)
            log.error("%s", innermost(broken).text)
        except* (RelayError, OSError) as ended:
            log.info("the terminal is not followed: %s", loggable(innermost(ended)))
        heed_cancellation()
        return loop.time() - began

    async def _run_session(self, session: Session) -> None:
        self._session = session
        try:
            await session.run()
        finally:
            self._session = None
            self._change(self.mirror.mark_stale(session.subscribed))

    def reading(self, client: Client) -> Reading:
        """A way to read from this terminal into the mirror."""
        reading = Reading(client, self.mirror, self._known, self._change)
        reading.has_positions = self._has_positions
        return reading

    def _has_positions(self, connection: int) -> bool:
        kinds = {place.id: place.kind for place in self._link.connections}
        return kinds.get(connection) in WITH_POSITIONS

    def _change(self, change: Change) -> None:
        if not change:
            return
        if self._session is not None and (change.put.get("positions") or change.drop):
            self._session.marks.heed_positions()
        self._changed(change)
