"""This file knows which tabs and charts `GET /api/ui/state` tells of, and how late (MetaScalp API,
edition 3, 2026-08). Keys arrive folded (see `wire.decode`)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from relay.metascalp.wire import rows_in

#: The layout that the terminal tells is the saved one and may lag behind (edition 3, 2026-08).
LAG_S = 2.0
LOOK_AGAIN_S = 0.1

Seen = TypeVar("Seen")


async def wait_for(look: Callable[[], Awaitable[Seen]], there: Callable[[Seen], bool]) -> Seen:
    """Looks until what was just opened is there, as long as the layout may lag; gives what was seen
    last."""
    until = time.monotonic() + LAG_S
    while True:
        seen = await look()
        if there(seen) or time.monotonic() > until:
            return seen
        await asyncio.sleep(LOOK_AGAIN_S)


def tabs_in(reply: Any) -> dict[int, frozenset[str]]:
    """Tab id -> the tickers it shows, of every tab of `GET /api/ui/state`."""
    windows = rows_in(reply.get("windows")) if isinstance(reply, dict) else []
    return {
        tab["id"]: frozenset(
            row["ticker"]
            for row in rows_in(tab.get("documents"))
            if isinstance(row.get("ticker"), str)
        )
        for window in windows
        for tab in rows_in(window.get("tabs"))
        if isinstance(tab.get("id"), int)
    }


def chart_document_in(reply: Any, window: object) -> str | None:
    """The document of a chart window that stands on its own."""
    for row in rows_in(reply.get("standalonecharts") if isinstance(reply, dict) else None):
        if row.get("id") == window and row.get("externalid"):
            return str(row["externalid"])
    return None
