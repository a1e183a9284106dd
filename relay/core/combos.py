"""This file knows how many combos are opened behind the trader's work, and closed again.

Builds of 2026-08 on open them in the background and say which tabs there are; so what has appeared
is ours, and only that is closed: a tab that shows something else by now is the trader's again.

A combo opens on the connection in use, and the only way to choose one is to switch an order book of
it. So for a moment a panel of the trader's shows the first ticker of each connection. It is given
back what it showed; the connection in use stays the last one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from relay.actions import Combo
from relay.core import deadline
from relay.core.link import Link
from relay.core.opening import Opener
from relay.core.refusals import gone, not_found
from relay.errors import BadConfig, TerminalGone, TerminalRefused, TerminalSilent
from relay.find import Find
from relay.metascalp.client import Client
from relay.metascalp.layout import wait_for
from relay.outcome import Outcome, refused, refused_by_terminal
from relay.panel import Panel
from relay.resolve import Resolution
from relay.ticker import fold

MAX_OPENED = 200

#: Tab id -> the tickers it shows.
Tabs = Mapping[int, frozenset[str]]


@dataclass(slots=True)
class _Group:
    """Finds that open on one connection, in the order they were asked for."""

    finds: list[Find] = field(default_factory=list)
    symbols: list[str] = field(default_factory=list)


class Combos:
    """The tabs opened through us. told: is called when there are more or fewer of them."""

    def __init__(self, link: Link, opener: Opener) -> None:
        self.told: Callable[[], None] = lambda: None
        self._link = link
        self._opener = opener
        self._opened: dict[int, frozenset[str]] = {}
        self._whose: object = None

    def __len__(self) -> int:
        return len(self._opened)

    async def open(
        self, finds: tuple[Find, ...], deadline_ms: float | None = None
    ) -> list[Outcome]:
        """Opens all, each group of a connection with one request; gives an outcome for each. Stale
        when nothing was sent until the deadline, in epoch milliseconds; what was begun is done."""
        outcomes: list[Outcome] = []
        groups: dict[int, _Group] = {}
        for find in finds:
            found = await self._look(find)
            if isinstance(found, Outcome):
                outcomes.append(found)
                continue
            assert found.best is not None, "what was not found is an outcome"
            group = groups.setdefault(found.best.connection.id, _Group())
            if found.best.symbol not in group.symbols:
                group.finds.append(find)
                group.symbols.append(found.best.symbol)
        before, panels = await self._tabs(), await self._panels()
        switched: set[str] = set()
        given: set[tuple[str, str]] = set()
        deadline.check(deadline_ms)
        for group in groups.values():
            outcomes += await self._open_group(group, background=before is not None)
            switched.add(group.symbols[0])
            await self._give_back(panels, switched, given)
        if before is not None:
            wanted = {fold(one) for group in groups.values() for one in group.symbols}
            await self._take_new(before, wanted)
            await self._give_back(panels, switched, given)  # What the layout has told late.
        return outcomes

    async def close(self, deadline_ms: float | None = None) -> Outcome:
        """Closes what was opened and still shows it; a tab that is gone already is as good. Stale
        when nothing was closed until the deadline, in epoch milliseconds."""
        started = time.perf_counter()
        outcome = await self._close(deadline_ms)
        self.told()
        return outcome.took(time.perf_counter() - started)

    async def _look(self, find: Find) -> Resolution | Outcome:
        """Where a find is, or why it is not opened."""
        found = await self._opener.look(find)
        if isinstance(found, Resolution) and found.best is None:
            return not_found(find, found)
        return found

    async def _open_group(self, group: _Group, *, background: bool) -> list[Outcome]:
        if background:
            return [await self._opener.combo(Combo(tuple(group.finds), background=True))]
        # Builds that cannot say which tabs there are take one ticker a request.
        return [await self._opener.combo(Combo((find,))) for find in group.finds]

    async def _tabs(self) -> Tabs | None:
        """The tabs there are; None on a build that cannot say, or when it does not answer."""
        try:
            return await (await self._link.reach()).tabs()
        except (TerminalGone, TerminalSilent, TerminalRefused):
            return None

    async def _panels(self) -> list[Panel]:
        """The panels that are not locked; none on a build that cannot say, or when it does not
        answer, or when nobody knows what is locked."""
        screen = self._opener.screen
        try:
            found = await screen.panels(await self._link.reach()) or []
            locked = screen.locks.now()
        except (TerminalGone, TerminalSilent, TerminalRefused, BadConfig):
            return []
        return [one for one in found if one.id not in locked]

    async def _give_back(
        self, before: list[Panel], switched: set[str], given: set[tuple[str, str]]
    ) -> None:
        """Lets the panels that were switched to one of these tickers show what they showed before,
        each once; one that shows anything else by now the trader has switched himself."""
        now = {one.id: one for one in await self._panels()} if before else {}
        for was in before:
            shown = now.get(was.id, was)
            if (shown.connection, shown.ticker) == (was.connection, was.ticker):
                continue
            if was.connection is None or was.ticker is None or shown.ticker not in switched:
                continue
            if (was.id, shown.ticker) in given:
                continue  # The layout lags, or the terminal did not want to.
            given.add((was.id, shown.ticker))
            with suppress(TerminalGone, TerminalSilent, TerminalRefused):  # It stays; he sees it.
                await (await self._link.reach()).point(was.id, was.connection, was.ticker)

    async def _take_new(self, before: Tabs, wanted: set[str]) -> None:
        """Remembers the tabs that have come and show nothing but what was asked for, in any
        connection's spelling: some builds may open it on every one that has it. wanted: folded."""
        last: Tabs = {}

        async def look() -> Tabs:
            return {
                number: tickers
                for number, tickers in (await self._tabs() or {}).items()
                if number not in before and tickers and set(map(fold, tickers)) <= wanted
            }

        def all_there(seen: Tabs) -> bool:
            nonlocal last
            calm, last = seen == last, seen
            return calm and wanted <= {fold(one) for tickers in seen.values() for one in tickers}

        new = await wait_for(look, all_there)
        self._forget_others()
        self._opened |= new
        while len(self._opened) > MAX_OPENED:
            del self._opened[next(iter(self._opened))]
        self.told()

    def _forget_others(self) -> None:
        """The tabs of another terminal have the same numbers and are not ours to close."""
        client = self._link.client
        whose = (client.http.port, self._link.version) if client else None
        if whose != self._whose:
            self._opened.clear()
        self._whose = whose

    async def _close(self, deadline_ms: float | None) -> Outcome:
        if not self._opened:
            return _nothing()
        try:
            client = await self._link.reach()
            tabs = await client.tabs()
        except TerminalGone as error:
            return gone(error)
        except (TerminalSilent, TerminalRefused) as error:
            return refused("no-answer", error.text)
        self._forget_others()
        if not self._opened:
            return _nothing()
        deadline.check(deadline_ms)
        closed = await self._close_tabs(client, tabs or {})
        return closed if isinstance(closed, Outcome) else _closed(closed)

    async def _close_tabs(self, client: Client, tabs: Tabs) -> int | Outcome:
        """How many were closed, or what went wrong on the way; what is left can be closed again."""
        closed = 0
        for number, tickers in list(self._opened.items()):
            del self._opened[number]
            shown = tabs.get(number, frozenset())
            if not shown or not shown <= tickers:
                continue
            try:
                await client.close_tab(number)
                closed += 1
            except TerminalGone as error:
                return gone(error)
            except TerminalRefused as error:
                if error.http_status != 404:  # It was closed by hand between look and request.
                    return refused_by_terminal(error.text, count=closed)
            except TerminalSilent as error:
                return Outcome("unknown", "no-answer", error.text, count=closed)
        return closed


def _nothing() -> Outcome:
    return refused("nothing-opened", "Nothing that was opened from here is open.")


def _closed(count: int) -> Outcome:
    return Outcome("done", "closed-opened", f"{count} tabs closed", count=count)
