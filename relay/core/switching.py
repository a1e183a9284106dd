"""This file knows how the terminal is switched: by its own way, or panel by panel past the locks.

Nothing here is sent twice, and a locked panel is looked for right before anything is sent.
"""

from __future__ import annotations

from dataclasses import replace

from relay.actions import Open
from relay.core import deadline
from relay.core.screen import Screen, panel_locked
from relay.errors import TerminalGone, TerminalRefused
from relay.metascalp.client import Client
from relay.outcome import Candidate, Outcome, refused
from relay.panel import Panel


async def switch(
    screen: Screen,
    client: Client,
    best: Candidate,
    action: Open,
    timeout_s: float,
    deadline_ms: float | None = None,
) -> Outcome:
    """Lets the terminal show a ticker where the action wants it; raises like the client, and Stale
    when nothing was sent until the deadline, in epoch milliseconds."""
    place, way = best.connection, await _way(screen, client, best, action)
    if isinstance(way, Outcome):
        return replace(way, connection=place, binding=action.binding, pattern=best.pattern)
    deadline.check(deadline_ms)
    if way is not None:
        return await _point(client, best, way, action.binding)
    await client.change_ticker(
        place.exchange_id, place.market_type, best.symbol, action.binding, timeout_s
    )
    return _done("done", "switched", best, action.binding)


async def _way(
    screen: Screen, client: Client, best: Candidate, action: Open
) -> list[Panel] | Outcome | None:
    if action.panel is None:
        return await screen.way(client, best.connection, action.binding, in_use=action.in_use)
    panels = await screen.panels(client)
    if panels is None:
        return refused("not-in-build", "This build of MetaScalp does not tell its panels.")
    found = [one for one in panels if one.id == action.panel]
    if not found:
        return refused("panel-not-found", f"There is no panel {action.panel} any more.")
    return panel_locked(found[0]) if action.panel in screen.locks.now() else found


async def _point(
    client: Client, best: Candidate, panels: list[Panel], binding: str | None
) -> Outcome:
    """Each panel by itself; a later one that is refused leaves the earlier ones as they are."""
    pointed: list[Panel] = []
    for panel in panels:
        try:
            await client.point(panel.id, best.connection.id, best.symbol)
        except (TerminalRefused, TerminalGone):
            if not pointed:
                raise
            break
        pointed.append(panel)
    return replace(
        _done("dispatched", "panel-pointed", best, binding),
        params={"tab": pointed[0].tab, "count": len(pointed)},
        panels=tuple(pointed),
    )


def _done(state: str, code: str, best: Candidate, binding: str | None) -> Outcome:
    return Outcome(
        "done" if state == "done" else "dispatched",
        code,
        f"{best.pattern} on {best.connection.name}",
        ticker=best.pattern,
        symbol=best.symbol,
        connection=best.connection,
        binding=binding,
        pattern=best.pattern,
    )
