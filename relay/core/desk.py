"""This file knows what a trader does around a click: alerts, notes in the feed, a search, locks,
a look at what is held."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from relay.actions import Alert, Lock, Notice
from relay.core import deadline
from relay.core.link import Link
from relay.core.opening import Opener
from relay.core.refusals import not_found, not_there
from relay.core.screen import Screen
from relay.errors import BadParams, TerminalGone, TerminalRefused, TerminalSilent
from relay.exchanges import Exchanges
from relay.find import Find
from relay.metascalp import prices
from relay.metascalp.client import Client, is_missing
from relay.metascalp.socket import connect
from relay.outcome import Candidate, Outcome, refused, refused_by_terminal
from relay.resolve import Preferences
from relay.suggest import suggest, wish_of

#: The first letters may be typed before any list is read; whoever types does not wait longer.
LISTS_S = 0.4
#: What the terminal answers to a level without a rule when it does not show the ticker's book
#: (MetaScalp API, edition 3, "Signal levels", 2026-08).
NO_BOOK = "No market data for "
#: How long the terminal may take to tell the best ask of a book that it does not show.
BOOK_S = 3.0

Do = Callable[[Client, Candidate], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Desk:
    """The terminal's tools besides its windows. Every method raises like the client unless it
    returns an Outcome, which says what stands against it."""

    link: Link
    opener: Opener
    screen: Screen
    exchanges: Callable[[], Exchanges]
    preferences: Callable[[], Preferences]

    async def alert(self, action: Alert, deadline_ms: float | None = None) -> Outcome:
        """Lets the terminal tell when a price is reached."""
        return await self._timed(
            action.find, lambda client, best: _alert(client, best, action, deadline_ms), deadline_ms
        )

    async def notify(self, action: Notice, deadline_ms: float | None = None) -> Outcome:
        """Puts a row into the terminal's feed, where the ticker can be opened from."""
        return await self._timed(
            action.find, lambda client, best: _notify(client, best, action), deadline_ms
        )

    async def bindings(self) -> dict[str, Any]:
        return await self.screen.bindings()

    async def lock(self, action: Lock) -> dict[str, Any]:
        """Locks a panel or lets it go. Only one that is on the screen can be locked."""
        if action.on:
            panels = await self.screen.panels(await self.link.reach())
            if action.panel not in [one.id for one in panels or ()]:
                raise BadParams(f"there is no panel {action.panel}", field="panel")
        return {"locked": sorted(self.screen.locks.set(action.panel, on=action.on))}

    async def suggest(self, text: str, limit: int) -> dict[str, Any]:
        """The tickers that typed letters may mean. whole: whether every list was looked through."""
        client, places = await self.link.fresh()
        live = [place for place in places if place.live]
        with suppress(TimeoutError):
            async with asyncio.timeout(LISTS_S):
                await self.opener.lists.load(client, live)
        lists = self.opener.lists.known
        rows = suggest(wish_of(text, self.exchanges()), live, lists, self.preferences(), limit)
        whole = all(place.id in lists for place in live)
        return {"rows": [row.as_json() for row in rows], "whole": whole}

    async def holding(self, find: Find) -> dict[str, Any]:
        """Which way the trader's position is there, and how many orders wait; no sizes."""
        found = await self.opener.resolve(find)
        if found.best is None:
            return {"ticker": None, "connection": None, "position": None, "orders": 0}
        client, best = await self.link.reach(), found.best
        side, orders = await asyncio.gather(
            client.position_side(best.connection.id, best.symbol),
            client.orders_count(best.connection.id, best.symbol),
        )
        return {
            "ticker": best.pattern,
            "connection": best.connection.as_json(),
            "position": side,
            "orders": orders,
        }

    async def _timed(self, find: Find, do: Do, deadline_ms: float | None) -> Outcome:
        started = time.perf_counter()
        outcome = await self._placed(find, do, deadline_ms)
        return outcome.took(time.perf_counter() - started)

    async def _placed(self, find: Find, do: Do, deadline_ms: float | None) -> Outcome:
        """Looks the find up like a click does, then does it there, once; Stale when the look took
        until the deadline, in epoch milliseconds."""
        try:
            found = await self.opener.resolve(find)
            if found.best is None:
                return not_found(find, found)
            client = await self.link.reach()
        except TerminalGone as error:
            return not_there(find, error)
        except TerminalSilent as error:
            return refused("no-answer", error.text, pattern=find.shown)
        deadline.check(deadline_ms)
        try:
            return replace(await do(client, found.best), alternatives=found.others)
        except TerminalGone as error:
            return not_there(find, error)
        except TerminalRefused as error:
            return _refusal(error, find)
        except TerminalSilent:
            text = "Sent; MetaScalp did not answer."
            return Outcome("unknown", "no-answer", text, pattern=find.shown)


async def _alert(
    client: Client, best: Candidate, action: Alert, deadline_ms: float | None
) -> Outcome:
    place, symbol, rule = best.connection, best.symbol, None
    try:
        await client.place_level(place.id, symbol, action.price)
    except TerminalRefused as error:
        if not error.text.startswith(NO_BOOK):
            raise
        async with AsyncExitStack() as book:
            ask = await _best_ask(client, best, book)
            if ask is None:
                return _priceless(best)
            deadline.check(deadline_ms)
            rule = "LessThanEqual" if action.price <= ask else "GreaterThanEqual"
            await client.place_level(place.id, symbol, action.price, rule)
    params = {"price": f"{action.price:f}", "rule": rule or ""}
    return _told("alert-set", f"alert at {action.price:f}", best, params)


async def _best_ask(client: Client, best: Candidate, book: AsyncExitStack) -> Decimal | None:
    """The best ask by the terminal's stream, which has every exchange's books: by REST there are
    none of Bybit (MetaScalp API, edition 3, "Market data", 2026-08). None when it does not come.

    The book stays subscribed to while `book` is open: builds that know no rule then find their own.
    """
    try:
        async with asyncio.timeout(BOOK_S):
            stream = await book.enter_async_context(connect(client.url))
            await stream.send(prices.best_prices(best.connection.id, best.symbol, on=True))
            async for kind, data in stream.messages():
                if kind == "error":
                    break
                if ask := prices.best_prices_in(data).get("ask"):
                    return Decimal(ask)
    except (TimeoutError, ConnectionError, TerminalGone):
        pass  # Nothing was placed, which is what counts; the outcome says so.
    return None


def _priceless(best: Candidate) -> Outcome:
    text = f"{best.pattern} has no price by which to set the alert: open its order book."
    return refused("price-unknown", text, symbol=best.symbol, pattern=best.pattern)


async def _notify(client: Client, best: Candidate, action: Notice) -> Outcome:
    row = {
        "ConnectionId": best.connection.id,
        "Ticker": best.symbol,
        "EventType": action.text,
    }
    await client.notify(row if action.price is None else {**row, "Price": action.price})
    return _told("notified", action.text, best, {"text": action.text})


def _told(code: str, text: str, best: Candidate, params: dict[str, Any]) -> Outcome:
    return Outcome(
        "done",
        code,
        f"{best.pattern} on {best.connection.name}: {text}",
        params=params,
        ticker=best.pattern,
        symbol=best.symbol,
        connection=best.connection,
        pattern=best.pattern,
    )


def _refusal(error: TerminalRefused, find: Find) -> Outcome:
    if is_missing(error):
        text = "This build of MetaScalp cannot do that yet."
        return refused("not-in-build", text, pattern=find.shown)
    return refused_by_terminal(error.text, pattern=find.shown)
