"""This file knows the terminal's screen: its panels, what links them, which are locked, what moved.

Builds of 2026-08 on tell it (`GET /api/ui/state`); the tree may lag behind the windows, so what it
shows counts and what it does not show proves nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from relay.connection import Connection
from relay.core.link import Link
from relay.core.locks import Locks
from relay.errors import RelayError
from relay.metascalp.client import Client
from relay.outcome import Outcome, refused
from relay.panel import Panel, grouped, in_reach, showing

#: How long an outcome may wait for the screen to show it, and how often it is looked at meanwhile.
SEEN_S = 0.12
LOOK_AGAIN_S = 0.04


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a ticker is on the screen now: on which connection, in which panels."""

    place: Connection
    panels: tuple[Panel, ...]


class Screen:
    """The screen of the terminal behind a link."""

    def __init__(self, link: Link) -> None:
        self.locks = Locks(None)
        self._link = link
        self._unable: Client | None = None
        self._last: list[Panel] = []

    async def panels(self, client: Client) -> list[Panel] | None:
        """Every panel; None on a build that cannot say, which is asked once."""
        if client is self._unable:
            return None
        found = await client.panels()
        if found is None:
            self._unable = client
        self._last = found or []
        return found

    async def bindings(self) -> dict[str, Any]:
        """The bindings that exist, each with its panels; raises like the client.

        source: "screen", or "refusal" for names alone, or "none" when the build tells neither.
        """
        client = await self._link.reach()
        panels = await self.panels(client)
        if panels is None:
            names = await client.binding_names()
            rows: list[dict[str, Any]] = [{"binding": name, "panels": []} for name in names or ()]
            return {
                "source": "none" if names is None else "refusal", "bindings": rows, "panels": [],
            }  # fmt: skip
        locked = self.locks.now()
        rows = [
            {"binding": name, "panels": [one.as_json(locked) for one in group]}
            for name, group in grouped(panels).items()
        ]
        alone = [one.as_json(locked) for one in panels if one.binding is None]
        return {"source": "screen", "bindings": rows, "panels": alone}

    async def way(
        self, client: Client, place: Connection, binding: str | None, *, in_use: bool = False
    ) -> list[Panel] | Outcome | None:
        """How to switch without replacing a locked panel: None for the terminal's own way, panels
        to be pointed one by one, or the refusal when none is left. in_use: only its own will do."""
        locked = self.locks.now()
        panels = await self.panels(client) if locked else None
        if not panels:
            return None
        group = grouped(panels).get(binding or "", [])
        reach = in_reach(panels, place.id)
        held = [one for one in group if one.id in locked]
        if not held and not any(one.id in locked for one in reach):
            return None
        free = [one for one in reach if one.front and one.id not in locked][:1]
        if held or in_use or not free:
            return panel_locked((held or [one for one in reach if one.id in locked])[0])
        return list({one.id: one for one in (*free, *group)}.values())

    async def seen(
        self,
        client: Client,
        place: Connection,
        symbol: str,
        places: Iterable[Connection],
        within_s: float,
        *,
        again: bool = True,
    ) -> Seen | None:
        """Where the screen shows what was opened; None when it does not, or not in time, or when it
        may be another account that was moved: of several only what is shown newly tells which, so
        the panels are to be read before. again: looks until it does."""
        if client is self._unable:
            return None
        before = self._last
        others = twins(place, places)
        try:
            async with asyncio.timeout(min(within_s, SEEN_S)):
                while (panels := await self.panels(client)) is not None:
                    if found := _moved(before, panels, symbol, [place, *others]):
                        return found
                    if not again and not others:
                        return None
                    await asyncio.sleep(LOOK_AGAIN_S)
        except (TimeoutError, RelayError):
            pass  # What was opened was opened; nobody waits for a terminal to say where.
        return None


def panel_locked(panel: Panel) -> Outcome:
    params = {"binding": panel.binding or "", "tab": panel.tab, "ticker": panel.ticker or ""}
    text = f"The panel in tab {panel.tab!r} is locked; it would have been replaced."
    return refused("panel-locked", text, params=params)


def twins(place: Connection, places: Iterable[Connection]) -> list[Connection]:
    """The connections that the terminal cannot tell from this one when it is asked to switch."""
    asked = (place.exchange_id, place.market_type)
    same = [one for one in places if (one.exchange_id, one.market_type) == asked and one.live]
    return [one for one in same if one.id != place.id]


def _moved(
    before: Sequence[Panel], panels: Sequence[Panel], symbol: str, places: Sequence[Connection]
) -> Seen | None:
    """The place meant if it is shown there; of several accounts the one that shows it newly."""
    if len(places) == 1:
        shown = showing(panels, places[0].id, symbol)
        return Seen(places[0], tuple(shown)) if shown else None
    for place in places:
        shown = showing(panels, place.id, symbol)
        if shown and before and not showing(before, place.id, symbol):
            return Seen(place, tuple(shown))
    return None
