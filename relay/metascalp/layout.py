"""This file knows which tabs and charts `GET /api/ui/state` tells of (MetaScalp API, edition 3,
2026-08). Keys arrive folded (see `wire.decode`)."""

from __future__ import annotations

from typing import Any

from relay.metascalp.wire import rows_in


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
