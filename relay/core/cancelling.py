"""This file knows the way of a cancellation: look, check what stands against it, send it once.

Whatever comes of it is said as it is: that nothing was sent, that the terminal said no, or that it
was sent and nobody knows. It is never sent twice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from relay.actions import Cancel, CancelAll
from relay.connection import Connection
from relay.core import deadline
from relay.core.link import Link
from relay.core.opening import LOOK_S
from relay.core.refusals import gone
from relay.errors import TerminalGone, TerminalRefused, TerminalSilent
from relay.metascalp.client import Client
from relay.outcome import Outcome, refused, refused_by_terminal


class Canceller:
    """Cancels orders. allowed: whether the settings let it. touched: is told of the ticker after
    every try, whatever came of it: its orders are to be read again."""

    def __init__(
        self, link: Link, allowed: Callable[[], bool], touched: Callable[[int, str], None]
    ) -> None:
        self._link = link
        self._allowed = allowed
        self._touched = touched

    async def cancel(self, action: Cancel | CancelAll, deadline_ms: float | None) -> Outcome:
        """What came of it. Stale when the look took until the deadline, in epoch milliseconds;
        nothing was sent then."""
        started = time.perf_counter()
        outcome = await self._look(action, deadline_ms)
        self._touched(action.connection, action.ticker)
        return outcome.took(time.perf_counter() - started)

    async def _look(self, action: Cancel | CancelAll, deadline_ms: float | None) -> Outcome:
        if not self._allowed():
            return refused("orders-view-only", "The settings allow to look at orders only.")
        try:
            async with asyncio.timeout(LOOK_S):
                client, places = await self._link.fresh()
        except TerminalGone as error:
            return gone(error)
        except (TerminalSilent, TimeoutError):
            return refused("no-answer", "MetaScalp does not answer; nothing was sent to it.")
        except TerminalRefused as error:
            return refused_by_terminal(error.text)
        place = next((one for one in places if one.id == action.connection), None)
        if place is None:
            return refused("no-connection", f"There is no connection {action.connection}.")
        if place.view_mode:
            return refused("view-mode", f"{place.name} is in view mode.", connection=place)
        deadline.check(deadline_ms)
        return await self._send(client, place, action)

    async def _send(self, client: Client, place: Connection, action: Cancel | CancelAll) -> Outcome:
        code, count, done = "cancelled", None, "the order is cancelled"
        try:
            if isinstance(action, Cancel):
                await client.cancel(place.id, action.ticker, action.order, action.type)
            else:
                code = "cancelled-all"
                count = await client.cancel_all(place.id, action.ticker)
                done = f"orders cancelled: {count}"
        except TerminalGone as error:
            return gone(error)
        except TerminalRefused as error:
            return refused_by_terminal(error.text)
        except TerminalSilent:
            text = "Sent; MetaScalp did not answer. The orders are being read again."
            return Outcome("unknown", "no-answer", text)
        text = f"{action.ticker} on {place.name}: {done}"
        return Outcome("done", code, text, symbol=action.ticker, connection=place, count=count)
