"""This file knows how more orders are looked for: ticker by ticker, slowly, until told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Any

from relay.connection import Connection
from relay.core.feed import Feed
from relay.core.jobs import heed_cancellation
from relay.core.known import Known
from relay.core.link import Link
from relay.core.lists import Lists
from relay.core.reading import Reading
from relay.errors import RelayError, TerminalRefused
from relay.metascalp.client import Client
from relay.redact import loggable
from relay.rows import Balance
from relay.scan import Place, plan

#: Each ticker is a request to an exchange: Binance futures count 2,400 a minute for all a trader's
#: programs together (public exchange information, 2026-11). Five a second leave them seven eighths.
READS_PER_S = 5.0
#: Places named in what is told; all of them are in the mirror.
MAX_NAMED = 50
#: Failures in a row after which nothing more is to be expected.
MAX_FAILURES = 5

log = logging.getLogger(__name__)


class Scanner:
    """One scan at a time. told: is called after every step."""

    def __init__(self, link: Link, lists: Lists, known: Known, feed: Feed) -> None:
        self.told: Callable[[], None] = lambda: None
        self._link = link
        self._lists = lists
        self._known = known
        self._feed = feed
        self._wanted: Collection[int] | None = None
        self._state = "idle"
        self._code: str | None = None
        self._todo: list[Place] = []
        self._total = 0
        self._failed = 0
        self._now: Place | None = None
        self._found: list[Place] = []
        self._orders = 0

    def as_json(self) -> dict[str, Any]:
        """state: "idle", "running", "done", "stopped" or "failed" with a code. failed: tickers that
        could not be read. orders: how many there were on tickers that nobody knew."""
        done = self._total - len(self._todo)
        return {
            "state": self._state,
            "code": self._code,
            "done": done,
            "total": self._total,
            "failed": self._failed,
            "leftS": round(len(self._todo) / READS_PER_S) if self._state == "running" else 0,
            "connection": self._now[0] if self._now else None,
            "ticker": self._now[1] if self._now else None,
            "orders": self._orders,
            "found": [
                {"connection": connection, "ticker": ticker}
                for connection, ticker in self._found[-MAX_NAMED:]
            ],
        }

    def want(self, connections: Collection[int] | None) -> None:
        """Says where the next run looks; None: on every connection that is live."""
        self._wanted = connections
        self._todo, self._total, self._failed, self._orders = [], 0, 0, 0
        self._found, self._now = [], None
        self._set("running")

    def stopped(self) -> None:
        """Says that the run has been ended from outside."""
        if self._state == "running":
            self._set("stopped")

    async def run(self) -> None:
        """Looks at everything once; goes on where it was when it is run again."""
        try:
            client, places = await self._link.fresh()
            if not self._total:
                await self._plan(client, places)
            await self._read_all(self._feed.reading(client))
        except RelayError as error:
            heed_cancellation()
            self._set("failed", error.code)
        else:
            self._set("done")

    async def _plan(self, client: Client, places: list[Connection]) -> None:
        meant = [
            place
            for place in places
            if place.state == "connected" and (self._wanted is None or place.id in self._wanted)
        ]
        await self._lists.load(client, meant)
        lists = {one.id: self._lists.known[one.id] for one in meant if one.id in self._lists.known}
        known = {(one.id, ticker) for one in meant for ticker in self._known.of(one.id)}
        rows = self._feed.mirror.rows["balances"].values()
        balances = [row for row in rows if isinstance(row, Balance)]
        self._todo = (await asyncio.to_thread(plan, lists, known, balances))[::-1]
        self._total = len(self._todo)
        self.told()

    async def _read_all(self, reading: Reading) -> None:
        loop, failures = asyncio.get_running_loop(), 0
        while self._todo:
            due = loop.time() + 1 / READS_PER_S
            self._now = self._todo[-1]
            try:
                await self._read(reading, *self._now)
                failures = 0
            except TerminalRefused as error:
                heed_cancellation()
                self._failed += 1
                failures += 1
                log.info("%s was refused: %s", self._now[1], loggable(error))
                if failures >= MAX_FAILURES:
                    raise
            self._todo.pop()
            self.told()
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _read(self, reading: Reading, connection: int, ticker: str) -> None:
        await reading.orders(connection, ticker)
        orders = sum(
            1
            for one in self._feed.mirror.orders()
            if (one.connection, one.ticker) == (connection, ticker)
        )
        if orders and reading.learn(connection, ticker):
            self._orders += orders
            self._found.append((connection, ticker))

    def _set(self, state: str, code: str | None = None) -> None:
        self._state, self._code = state, code
        self._now = None
        self.told()
