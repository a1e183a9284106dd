"""This file knows how a chart window of a ticker is opened, on builds that have such a route."""

from __future__ import annotations

import asyncio
import time

from relay.actions import Chart
from relay.core import deadline
from relay.core.link import Link
from relay.core.opening import LOOK_S
from relay.core.refusals import gone
from relay.errors import TerminalGone, TerminalRefused, TerminalSilent
from relay.outcome import Outcome, refused, refused_by_terminal


async def open_chart(link: Link, action: Chart, deadline_ms: float | None = None) -> Outcome:
    """Only ever "dispatched": the terminal says yes before the window shows the ticker.
    Stale when the look took until the deadline, in epoch milliseconds."""
    started = time.perf_counter()
    return (await _open(link, action, deadline_ms)).took(time.perf_counter() - started)


async def _open(link: Link, action: Chart, deadline_ms: float | None) -> Outcome:
    try:
        async with asyncio.timeout(LOOK_S):
            client, places = await link.fresh()
    except TerminalGone as error:
        return gone(error)
    except (TerminalSilent, TimeoutError):
        return refused("no-answer", "MetaScalp does not answer; nothing was sent to it.")
    except TerminalRefused as error:
        return refused_by_terminal(error.text)
    place = next((one for one in places if one.id == action.connection), None)
    if place is None:
        return refused("no-connection", f"There is no connection {action.connection}.")
    deadline.check(deadline_ms)
    try:
        able = await client.open_chart(action.connection, action.ticker)
    except TerminalGone as error:
        return gone(error)
    except TerminalRefused as error:
        return refused_by_terminal(error.text)
    except TerminalSilent as error:
        return Outcome("unknown", "no-answer", error.text, symbol=action.ticker, connection=place)
    if not able:
        return refused("not-in-build", "This MetaScalp cannot open charts for others.")
    text = f"a chart of {action.ticker} on {place.name}"
    return Outcome("dispatched", "chart-opened", text, symbol=action.ticker, connection=place)
