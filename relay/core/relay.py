"""This file knows the running relay: the one object that every door holds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Self

from relay.actions import Cancel, CancelAll, Combo, Open, Pin
from relay.config import Config, address
from relay.core.cancelling import Canceller
from relay.core.combos import Combos
from relay.core.desk import Desk
from relay.core.feed import Feed
from relay.core.jobs import Jobs
from relay.core.journal import Journal
from relay.core.known import Known
from relay.core.link import Link
from relay.core.once import Once
from relay.core.opening import Opener
from relay.core.quotes import Quotes
from relay.core.scanning import Scanner
from relay.core.screen import Screen
from relay.core.settings import Fixed, Settings
from relay.core.status import status_of
from relay.core.topics import Reader, Send, Sources
from relay.errors import RelayError, TerminalGone, TerminalRefused, TerminalSilent
from relay.exchanges import Exchanges
from relay.find import Find
from relay.metascalp import wire
from relay.outcome import Outcome
from relay.redact import loggable
from relay.resolve import Preferences, Resolution
from relay.rows import Change

#: After the last reader of a topic left, how long what feeds it goes on: a panel that is loaded
#: anew need not wait for everything to be read again.
GRACE_S = 5.0
#: How far behind a subscription a click may come that was sent together with it.
CLICK_BEHIND_S = 0.05

#: Topics that need a look at the terminal; the others are files of the user.
_OF_TERMINAL = {"status", "account"}

log = logging.getLogger(__name__)


class Relay:
    """One terminal, looked after. `async with` starts it and ends everything it started.

    Nothing runs until somebody subscribes, and a while after the last one left nothing runs any
    more: a relay that only carries clicks opens no socket.
    """

    def __init__(
        self,
        config: Config,
        exchanges: Exchanges,
        known: Known,
        journal: Journal | None = None,
    ) -> None:
        self.config = config
        self.config_problem: RelayError | None = None
        self.settings: Settings = Fixed()
        self._table = exchanges
        self.exchanges = exchanges.with_aliases(config.aliases)
        self.own_sites: Callable[[], dict[str, Any]] = lambda: {"sites": [], "problems": []}
        self.journal = journal or Journal(None)
        self.known = known
        ports = (address(config.terminal)[1],) if config.terminal else wire.PORTS
        self.link = Link(exchanges, self._link_changed, ports)
        self.feed = Feed(self.link, known, self._account_changed)
        self.screen = Screen(self.link)
        self.opener = Opener(self.link, self.screen, self.preferences, self._was_opened)
        self._desk = Desk(
            self.link, self.opener, self.screen, lambda: self.exchanges, self.preferences
        )
        self._canceller = Canceller(
            self.link, lambda: self.config.orders == "cancel", self.feed.reread
        )
        self.combos = Combos(self.link, self.opener)
        self.scanner = Scanner(self.link, self.opener.lists, known, self.feed)
        self.read_account = Once(self._read_account)  # For who asks once; needs no subscription.
        self._readers: list[Reader] = []
        whole: dict[str, Callable[[], dict[str, Any]]]
        whole = {"status": self.status, "sites": self.sites, "scan": self.scanner.as_json}
        whole["activity"] = partial(_activity, self.journal)
        self._sources = Sources(whole, self._rows, self._trust)
        self._tasks = asyncio.TaskGroup()
        self._jobs = Jobs(self._tasks)
        self._wire()

    def _wire(self) -> None:
        """Who is told of what."""
        self.opener.lists.behind = self.link.behind = self._jobs.behind
        self.combos.told = partial(self._changed, "status")
        self.scanner.told = partial(self._changed, "scan")
        self.journal.told = partial(self._changed, "activity")
        self.feed.quote_of = Quotes(self.link, self.opener.lists).of
        self.feed.closed = lambda order: self.journal.closed(order, self.link.connections)

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._jobs.start(self.known, "known tickers", self.known.keep, _nothing_missed)
        self._jobs.start(self.journal, "the activity", self.journal.keep, _nothing_missed)
        return self

    async def __aexit__(self, *error: Any) -> None:
        self._jobs.stop_all()
        await self._tasks.__aexit__(None, None, None)
        self.link.close()
        await self.known.close()
        await self.journal.close()

    def reader(self, send: Send) -> Reader:
        """A new reader of topics; it is told things until `leave`."""
        reader = Reader(send, self._sources, self._heed_readers)
        self._readers.append(reader)
        self._jobs.start(reader, "a reader", reader.run, lambda error: reader.start_anew())
        return reader

    def leave(self, reader: Reader) -> None:
        self._readers.remove(reader)
        self._jobs.stop(reader)
        self._heed_readers()

    def subscribe(self, reader: Reader, topics: set[str]) -> None:
        """Adds topics to a reader, and starts what they need."""
        reader.subscribe(topics)
        self._heed_readers()

    def configure(self, config: Config, problem: RelayError | None) -> None:
        """Takes new settings; where the terminal is, only a new relay learns."""
        renamed = config.aliases != self.config.aliases
        self.config, self.config_problem = config, problem
        self.exchanges = self._table.with_aliases(config.aliases)
        self._changed("status")
        if renamed:
            self.sites_changed()

    def sites_changed(self) -> None:
        """Tells who reads pages that what they are read by is another now."""
        self._changed("sites")

    def sites(self) -> dict[str, Any]:
        """What pages are read by beside what the extension ships with."""
        return {**self.own_sites(), "aliases": self.config.as_json()["aliases"]}

    def status(self) -> dict[str, Any]:
        opened = len(self.combos)
        return status_of(self.link, self.feed, self.config, self.config_problem, opened)

    async def fresh_status(self) -> dict[str, Any]:
        """The status after a look of its own, for who asks once."""
        self.settings.check()
        try:
            await self.link.fresh()
        except (TerminalGone, TerminalSilent, TerminalRefused) as error:
            log.info("%s", loggable(error))
        return self.status()

    async def open(self, action: Open, deadline_ms: float | None = None) -> Outcome:
        self.settings.check()
        return await self.opener.open(action, deadline_ms)

    async def combo(self, action: Combo, deadline_ms: float | None = None) -> Outcome:
        self.settings.check()
        return await self.opener.combo(action, deadline_ms)

    async def resolve(self, find: Find) -> Resolution:
        self.settings.check()
        return await self.opener.resolve(find)

    async def assets(self) -> list[str]:
        self.settings.check()
        return await self.opener.assets()

    @property
    def desk(self) -> Desk:
        """Alerts, notes, suggestions, locks, holdings; under the settings as they are now."""
        self.settings.check()
        return self._desk

    async def cancel(self, action: Cancel | CancelAll, deadline_ms: float | None = None) -> Outcome:
        """Cancels once. Stale when it cannot be sent before the deadline (epoch milliseconds)."""
        self.settings.check()
        return await self._canceller.cancel(action, deadline_ms)

    def pin(self, action: Pin) -> None:
        """Keeps a ticker among the known ones, and reads its orders at once."""
        if not action.on:
            self.known.unpin(action.connection, action.ticker)
            return
        if self.known.add(action.connection, action.ticker, pinned=True):
            self.feed.reread(action.connection, action.ticker)
            self._account_changed(Change(stale=True))

    def scan(self, connections: list[int] | None) -> None:
        """Looks for more orders, on these connections or all; a scan that runs ends before."""
        self._jobs.stop(self.scanner)
        self.scanner.want(connections)
        self._jobs.start(self.scanner, "a scan", self.scanner.run, _nothing_missed)

    def stop_scan(self) -> None:
        self._jobs.stop(self.scanner)
        self.scanner.stopped()

    @property
    def known_tickers(self) -> int:
        """How many tickers' orders are read; the terminal cannot list the orders of all."""
        return len(self.known)

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """What is known to be open, as JSON rows."""
        return [row.as_json() for row in self.feed.mirror.rows[kind].values()]

    async def _read_account(self) -> None:
        await self.feed.read_once(*await self.link.fresh())

    def _heed_readers(self) -> None:
        """Runs what the readers' topics need, and stops the rest after a while."""
        topics: set[str] = set().union(*(reader.topics for reader in self._readers))
        for wanted, what, name, run, failed in (
            (bool(topics & _OF_TERMINAL), self.link, "the link", self.link.watch, self._missed),
            ("account" in topics, self.feed, "the feed", self._run_feed, self._missed),
            (bool(topics), self.settings, "settings", self._follow_settings, _nothing_missed),
        ):
            if wanted:
                self._jobs.start(what, name, run, failed)
            else:
                self._jobs.stop_later(what, GRACE_S)
        if "scan" not in topics:
            self.stop_scan()

    def _missed(self, error: Exception) -> None:
        """Whatever a job did not see coming, updates may have been lost with it."""
        self.feed.doubt()

    async def _run_feed(self) -> None:
        """Ends early only when the feed is broken, which the status then says."""
        await self._let_clicks_go_first()
        await self.feed.run()
        self._changed("status")

    async def _follow_settings(self) -> None:
        await self._let_clicks_go_first()
        await self.settings.follow()

    async def _let_clicks_go_first(self) -> None:
        """What loads packages waits: a host that was started by a click has that click right
        behind the panel's subscription, and the two would share one processor."""
        await asyncio.sleep(CLICK_BEHIND_S)
        await self.opener.wait_idle()

    def preferences(self) -> Preferences:
        """The user's order, with exchanges by the names that connections have."""
        named = (self.exchanges.canonical(name) or name for name in self.config.exchanges)
        return Preferences(tuple(named), self.config.markets)

    def _was_opened(self, connection: int, ticker: str) -> None:
        if self.known.add(connection, ticker):
            self.feed.reread(connection, ticker)
            self._account_changed(Change(stale=True))

    def _rows(self, kind: str) -> dict[str, Any]:
        return self.feed.mirror.rows[kind]

    def _trust(self) -> dict[str, Any]:
        return {"stale": sorted(self.feed.mirror.stale), "known": {"tickers": self.known_tickers}}

    def _link_changed(self) -> None:
        self.opener.lists.keep(self.link.connections)
        self._doubt_what_was_never_read()
        self.feed.look()
        self._changed("status")

    def _doubt_what_was_never_read(self) -> None:
        """A connection is stale from its first moment: no rows yet is not the same as none."""
        mirror = self.feed.mirror
        live = [place.id for place in self.link.connections if place.state == "connected"]
        if unread := [number for number in live if not mirror.doubts(number)]:
            self._account_changed(mirror.mark_stale(unread))

    def _changed(self, topic: str) -> None:
        for reader in self._readers:
            reader.changed(topic)

    def _account_changed(self, change: Change) -> None:
        for reader in self._readers:
            reader.account_changed(change)


def _activity(journal: Journal) -> dict[str, Any]:
    return {"last": journal.last}


def _nothing_missed(error: Exception) -> None:
    """What this job does tells nobody anything."""
