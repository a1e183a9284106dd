"""This file knows the running relay: the one object that every door holds."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Coroutine
from typing import Any, Self

from relay import __version__
from relay.actions import Cancel, CancelAll, Combo, Open, Pin
from relay.config import Config, address
from relay.core.feed import Feed
from relay.core.known import Known
from relay.core.link import Link
from relay.core.opening import Opener
from relay.core.topics import Reader, Send, Sources
from relay.errors import TerminalGone, TerminalRefused, TerminalSilent
from relay.exchanges import Exchanges
from relay.find import Find
from relay.metascalp import wire
from relay.outcome import Outcome, refused
from relay.resolve import Resolution
from relay.rows import Change

PROTOCOL = 1

log = logging.getLogger(__name__)


class Relay:
    """One terminal, looked after. `async with` starts it and ends everything it started.

    Nothing runs until somebody subscribes: a relay that only carries clicks opens no socket.
    """

    def __init__(self, config: Config, exchanges: Exchanges, known: Known) -> None:
        self.config = config
        self.config_problem: str | None = None
        self.follow_settings: Callable[[], Coroutine[Any, Any, None]] | None = None
        self.exchanges = exchanges
        self._known = known
        ports = (address(config.terminal)[1],) if config.terminal else wire.PORTS
        self.link = Link(exchanges, self._link_changed, ports)
        self.feed = Feed(self.link, known, self._account_changed)
        self.opener = Opener(self.link, lambda: self.config.preferences, self._was_opened)
        self._readers: list[Reader] = []
        self._sources = Sources(self.status, self._rows, self._trust)
        self._tasks = asyncio.TaskGroup()
        self._jobs: dict[object, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        for job in self._jobs.values():
            job.cancel()
        await self._tasks.__aexit__(None, None, None)
        self.link.close()

    def reader(self, send: Send) -> Reader:
        """A new reader of topics; it is told things until `leave`."""
        reader = Reader(send, self._sources)
        self._readers.append(reader)
        self._start(reader, reader.run)
        return reader

    def leave(self, reader: Reader) -> None:
        self._readers.remove(reader)
        self._jobs.pop(reader).cancel()

    def subscribe(self, reader: Reader, topics: set[str]) -> None:
        """Adds topics to a reader, and starts what they need."""
        reader.subscribe(topics)
        self._start(self.link, self.link.watch)
        if self.follow_settings is not None:
            self._start("settings", self.follow_settings)
        if "account" in topics:
            self._start(self.feed, self._run_feed)

    def configure(self, config: Config, problem: str | None) -> None:
        """Takes new settings; where the terminal is, only a new relay learns."""
        self.config, self.config_problem = config, problem
        self._status_changed()

    def status(self) -> dict[str, Any]:
        broken = self.feed.broken
        return {
            "relay": {
                "version": __version__,
                "protocol": PROTOCOL,
                "pid": os.getpid(),
                "broken": broken.text if broken else None,
                "configProblem": self.config_problem,
            },
            "terminal": {
                "state": self.link.state,
                "url": self.link.client.url if self.link.client else None,
                "version": self.link.version if self.link.client else None,
                "since": self.link.since_ms,
            },
            "connections": [place.as_json() for place in self.link.connections],
            "orders": self.config.orders,
        }

    async def fresh_status(self) -> dict[str, Any]:
        """The status after a look of its own, for who asks once."""
        try:
            await self.link.fresh()
        except (TerminalGone, TerminalSilent, TerminalRefused) as error:
            log.info("%s", error.text)
        return self.status()

    async def open(self, action: Open) -> Outcome:
        return await self.opener.open(action)

    async def combo(self, action: Combo) -> Outcome:
        return await self.opener.combo(action)

    async def resolve(self, find: Find) -> Resolution:
        return await self.opener.resolve(find)

    async def assets(self) -> list[str]:
        return await self.opener.assets()

    async def cancel(self, action: Cancel) -> Outcome:
        return await self._act(action, "cancelled")

    async def cancel_all(self, action: CancelAll) -> Outcome:
        return await self._act(action, "cancelled-all")

    def pin(self, action: Pin) -> None:
        """Keeps a ticker among the known ones, and reads its orders at once."""
        if not action.on:
            self._known.unpin(action.connection, action.ticker)
            return
        if self._known.add(action.connection, action.ticker, pinned=True):
            self.feed.reread(action.connection, action.ticker)
            self._account_changed(Change(stale=True))

    @property
    def known_tickers(self) -> int:
        """How many tickers' orders are read; the terminal cannot list the orders of all."""
        return len(self._known)

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """What is known to be open, as JSON rows."""
        return [row.as_json() for row in self.feed.mirror.rows[kind].values()]

    async def read_account(self) -> None:
        """Reads everything once, for who asks once; needs no subscription."""
        client, places = await self.link.fresh()
        await self.feed.read_once(client, [place for place in places if place.state == "connected"])

    async def _act(self, action: Cancel | CancelAll, code: str) -> Outcome:
        """Sends one cancellation, once; whatever came of it, the ticker is read again."""
        started = time.perf_counter()
        try:
            outcome = await self._send_cancel(action, code)
        except TerminalGone as error:
            outcome = refused("terminal-not-found", error.text)
        except TerminalRefused as error:
            text = f"MetaScalp refused: {error.text}"
            outcome = refused("terminal-refused", text, params={"text": error.text})
        except TerminalSilent:
            text = "Sent; MetaScalp did not answer. The orders are being read again."
            outcome = Outcome("unknown", "no-answer", text)
        self.feed.reread(action.connection, action.ticker)
        return outcome.took(time.perf_counter() - started)

    async def _send_cancel(self, action: Cancel | CancelAll, code: str) -> Outcome:
        if self.config.orders != "cancel":
            return refused("orders-view-only", "The settings allow to look at orders only.")
        client, places = await self.link.fresh()
        place = next((one for one in places if one.id == action.connection), None)
        if place is None:
            return refused("no-connection", f"There is no connection {action.connection}.")
        if place.view_mode:
            return refused("view-mode", f"{place.name} is in view mode.", connection=place)
        count = None
        if isinstance(action, Cancel):
            await client.cancel(place.id, action.ticker, action.order, action.type)
        else:
            count = await client.cancel_all(place.id, action.ticker)
        text = f"{action.ticker} on {place.name}: {code}"
        return Outcome("done", code, text, symbol=action.ticker, connection=place, count=count)

    def _start(self, what: object, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if what not in self._jobs:
            self._jobs[what] = self._tasks.create_task(run())

    async def _run_feed(self) -> None:
        """Ends early only when the feed is broken, which the status then says."""
        await self.feed.run()
        self._status_changed()

    def _was_opened(self, connection: int, ticker: str) -> None:
        if self._known.add(connection, ticker):
            self.feed.reread(connection, ticker)
            self._account_changed(Change(stale=True))

    def _rows(self, kind: str) -> dict[str, Any]:
        return self.feed.mirror.rows[kind]

    def _trust(self) -> dict[str, Any]:
        return {"stale": sorted(self.feed.mirror.stale), "known": {"tickers": self.known_tickers}}

    def _link_changed(self) -> None:
        self.feed.look()
        self._status_changed()

    def _status_changed(self) -> None:
        for reader in self._readers:
            reader.status_changed()

    def _account_changed(self, change: Change) -> None:
        for reader in self._readers:
            reader.account_changed(change)
