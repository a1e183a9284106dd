"""This file knows the way of a click: find the place, tell the terminal, say what came of it.

Nothing that changes the terminal is ever sent twice. The one repetition is after a connection was
refused, when nothing had been sent: the terminal may have come back on another port.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from relay.actions import Combo, Open
from relay.connection import Connection
from relay.core.link import Link
from relay.core.lists import REREAD_S, Lists
from relay.core.refusals import (
    gone,
    no_answer,
    not_beside,
    not_found,
    not_there,
    one_of_accounts,
    terminal_refused,
)
from relay.core.screen import SEEN_S, Screen, twins
from relay.core.switching import switch
from relay.errors import RelayError, TerminalGone, TerminalRefused, TerminalSilent
from relay.find import Find
from relay.metascalp.client import Client
from relay.metascalp.layout import wait_for
from relay.outcome import Candidate, Outcome, refused, refused_by_terminal
from relay.panel import Panel
from relay.resolve import Preferences, Resolution, resolve, wanted
from relay.ticker import fold
from relay.tickers import assets_of

#: A trader is told within 1.5 s. This is what a click may take of it in all, and this the part that
#: finding the place may take: reported answers to change-ticker came within 1.5 s (2026-05).
OPEN_S = 1.35
LOOK_S = 1.1
#: What exists elsewhere is worth telling, but not worth a late answer.
ELSEWHERE_S = 0.6


class Opener:
    """Opens tickers and combos. `opened` is told of every ticker that the terminal now shows."""

    def __init__(
        self,
        link: Link,
        screen: Screen,
        preferences: Callable[[], Preferences],
        opened: Callable[[int, str], None],
    ) -> None:
        self.lists = Lists()
        self.screen = screen
        self._link = link
        self._preferences = preferences
        self._opened = opened
        self._under_way = 0
        self._idle = asyncio.Event()

    async def open(self, action: Open, deadline_ms: float | None = None) -> Outcome:
        """What came of it, with what the screen shows of it once the terminal had answered. Stale
        when nothing was sent until the deadline, in epoch milliseconds."""
        outcome = await self._first(self._open(action, deadline_ms))
        return await self._seen(outcome)

    async def combo(self, action: Combo, deadline_ms: float | None = None) -> Outcome:
        """What came of it. A combo whose ticker was switched to in time is opened."""
        return await self._first(self._combo(action, deadline_ms))

    async def wait_idle(self) -> None:
        """Waits until no click is under way."""
        while self._under_way:
            self._idle.clear()
            await self._idle.wait()

    async def _first(self, work: Awaitable[Outcome]) -> Outcome:
        """Does the work of a click, for which everything that can wait waits."""
        self._under_way += 1
        try:
            return await _timed(work)
        finally:
            self._under_way -= 1
            self._idle.set()

    async def resolve(self, find: Find) -> Resolution:
        """Where a find is; raises like the client when the terminal cannot be asked."""
        try:
            async with asyncio.timeout(LOOK_S):
                client, places = await self._link.fresh()
                return await self._resolve(client, places, find)
        except TimeoutError as error:
            raise TerminalSilent("MetaScalp does not answer; nothing was sent to it") from error

    async def assets(self) -> list[str]:
        """Every coin that the connected connections list; raises like the client."""
        client, places = await self._link.fresh()
        await self.lists.load(client, [one for one in places if one.state == "connected"])
        return assets_of(self.lists.known.values())

    async def _open(self, action: Open, deadline_ms: float | None) -> Outcome:
        until = time.monotonic() + OPEN_S
        try:
            return await self._open_once(action, until, deadline_ms)
        except TerminalGone:
            pass  # Nothing was sent: the terminal may have come back on another port.
        try:
            return await self._open_once(action, until, deadline_ms)
        except TerminalGone as error:
            return not_there(action.find, error)

    async def _open_once(self, action: Open, until: float, deadline_ms: float | None) -> Outcome:
        """Raises TerminalGone only when the terminal went between the look and the switch."""
        resolution = await self.look(action.find)
        if isinstance(resolution, Outcome):
            return resolution
        if resolution.best is None:
            return not_found(action.find, resolution)
        return await self._switch(action, resolution, until, deadline_ms)

    async def look(self, find: Find) -> Resolution | Outcome:
        """The resolution, or the refusal when the terminal does not let itself be asked."""
        try:
            return await self.resolve(find)
        except TerminalGone as error:
            return not_there(find, error)
        except TerminalSilent as error:
            if self._link.state == "lost":  # It went while we looked, and is still looked for.
                return not_there(find, self._link.absence())
            return refused("no-answer", error.text, pattern=find.shown)

    async def _resolve(self, client: Client, places: list[Connection], find: Find) -> Resolution:
        meant = [place for place in wanted(find, places) if place.live]
        await self.lists.load(client, meant)
        found = resolve(find, places, self.lists.known, self._preferences())
        if found.code == "no-ticker" and await self.lists.load(client, meant, older_s=REREAD_S):
            found = resolve(find, places, self.lists.known, self._preferences())
        if found.best is not None:
            return found
        with suppress(TimeoutError):
            async with asyncio.timeout(ELSEWHERE_S):
                await self.lists.load(client, [one for one in places if one.state == "connected"])
        return resolve(find, places, self.lists.known, self._preferences())

    async def _switch(
        self, action: Open, resolution: Resolution, until: float, deadline_ms: float | None
    ) -> Outcome:
        best, others = resolution.best, resolution.others
        assert best is not None, "only what was found is switched to"
        client = await self._link.reach()
        if action.panel is None and twins(best.connection, self._link.connections):
            await self._panels(client)  # Else it is not known which of them moved.
        left = max(until - time.monotonic(), OPEN_S - LOOK_S)
        try:
            outcome = await switch(self.screen, client, best, action, left, deadline_ms)
        except TerminalGone:
            self._link.lose(client)
            raise
        except TerminalRefused as error:
            return await self._explain(error, action, others)
        except TerminalSilent:
            return no_answer(best, action.binding)
        if outcome.state != "refused":
            self._opened(best.connection.id, best.symbol)
        return replace(outcome, alternatives=others)

    async def _explain(
        self, error: TerminalRefused, action: Open, others: tuple[Candidate, ...]
    ) -> Outcome:
        """The reason for a refusal: a connection may have changed since its list was read."""
        self._link.nudge()
        again = await self.look(action.find)
        if isinstance(again, Resolution) and again.best is None:
            return not_found(action.find, again)
        return terminal_refused(error, action.find, others, action.binding)

    async def _seen(self, outcome: Outcome) -> Outcome:
        """The outcome with the panels that show it, and with the account it was really opened on:
        the terminal is asked by exchange and market, of which it may have two."""
        place, symbol, client = outcome.connection, outcome.symbol, self._link.client
        told = outcome.state in ("done", "dispatched")
        if client is None or place is None or symbol is None or not told:
            return outcome
        started = time.perf_counter()
        left = OPEN_S - outcome.ms / 1000
        named = outcome.code != "switched"  # A panel is pointed at one account, by its number.
        places = [] if named else self._link.connections
        linked = outcome.binding is not None or bool(outcome.panels)
        seen = await self.screen.seen(client, place, symbol, places, left, again=linked)
        took = round((time.perf_counter() - started) * 1000, 1)
        if seen is None:
            alike = len(twins(place, places))
            told_less = one_of_accounts(outcome, place, alike + 1) if alike else outcome
            return replace(told_less, checked_ms=took)
        wanted = {panel.id for panel in outcome.panels}
        there = wanted <= {panel.id for panel in seen.panels}
        return replace(
            outcome,
            state="done" if there else outcome.state,
            connection=seen.place,
            panels=seen.panels if there else outcome.panels,
            checked_ms=took,
        )

    async def _combo(self, action: Combo, deadline_ms: float | None) -> Outcome:
        """Switches to the first, so that the combo opens on its connection, then opens them all.

        One request opens on one connection, so the others must be listed there too.
        """
        first, *rest = action.finds
        resolution = await self.look(first)
        if isinstance(resolution, Outcome):
            return resolution
        if resolution.best is None:
            return not_found(first, resolution)
        place, symbols = resolution.best.connection, [resolution.best.symbol]
        for find in rest:
            there = resolve(find, [place], self.lists.known, self._preferences())
            if there.best is None:
                unlisted = there.code == "no-ticker"
                return not_found(find, there) if unlisted else not_beside(find, place)
            symbols.append(there.best.symbol)
        switched = await self._open(Open(first, in_use=True), deadline_ms)
        if switched.state != "done":
            return switched
        if twins(place, self._link.connections):
            switched = await self._seen(switched)
        return await self._open_combo(symbols, switched, background=action.background)

    async def _open_combo(
        self, symbols: list[str], switched: Outcome, *, background: bool
    ) -> Outcome:
        place = switched.connection
        try:
            if (client := self._link.client) is None:  # One that is found later is another moment.
                raise self._link.absence()
            before = await self._panels(client)
            await client.combo(symbols, background=background)
        except TerminalGone as error:
            return gone(error, switched.pattern)
        except TerminalRefused as error:
            return refused_by_terminal(error.text, pattern=switched.pattern)
        except TerminalSilent:
            text = "MetaScalp took the combo and did not answer."
            return Outcome("unknown", "no-answer", text, pattern=switched.pattern)
        places = await self._places(client, before, symbols) or ([place] if place else [])
        where = ", ".join(one.name for one in places)
        return Outcome(
            "done",
            "combo-opened",
            f"combo {', '.join(symbols)} on {where or 'one of several accounts'}",
            params={"symbols": ", ".join(symbols)},
            ticker=switched.ticker,
            symbol=symbols[0],
            connection=places[0] if len(places) == 1 else None,
            pattern=switched.pattern,
            count=len(symbols),
        )

    async def _places(
        self, client: Client, before: list[Panel], symbols: list[str]
    ) -> list[Connection]:
        """Where the screen shows that a combo has opened; none when it does not, or not in time.

        On one connection by the documents, on all that have the pair by a report (2026-05).
        """
        known, wanted = {one.id for one in before}, {fold(one) for one in symbols}

        async def look() -> set[int | None]:
            new = [one for one in await self._panels(client) if one.id not in known]
            return {one.connection for one in new if fold(one.ticker or "") in wanted}

        shown: set[int | None] = set()
        with suppress(TimeoutError):
            async with asyncio.timeout(SEEN_S):
                shown = await wait_for(look, bool) if before else shown
        return [one for one in self._link.connections if one.id in shown]

    async def _panels(self, client: Client) -> list[Panel]:
        """The terminal's panels; none on a build that cannot say, or when it does not soon."""
        with suppress(TimeoutError, RelayError):
            async with asyncio.timeout(SEEN_S):
                return await self.screen.panels(client) or []
        return []


async def _timed(work: Awaitable[Outcome]) -> Outcome:
    started = time.perf_counter()
    return (await work).took(time.perf_counter() - started)
