"""This file knows the terminal's panels: order books and charts in its windows, and their links.

Panels with the same link number move together; the binding "003" is link number 3. A panel has an
id that stays the same between runs. MetaScalp API, edition 3, "UI", 2026-08.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

BOOK = "orderBook"
LINKS = range(1, 501)
#: This group follows the window in use (MetaScalp API, edition 3, "Link number", 2026-08).
ACTIVE_LINK = 1


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. front: its tab is the one that its window shows; a chart on its own always is.

    connection and ticker: what it shows, None while it shows nothing. link: its group, or None.
    """

    id: str
    kind: str
    connection: int | None
    ticker: str | None
    link: int | None
    window: str
    tab: str
    front: bool

    @property
    def binding(self) -> str | None:
        return None if self.link is None else f"{self.link:03}"

    def as_json(self, locked: Collection[str] = ()) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "connection": self.connection,
            "ticker": self.ticker,
            "binding": self.binding,
            "window": self.window,
            "tab": self.tab,
            "front": self.front,
            "locked": self.id in locked,
        }


def grouped(panels: Iterable[Panel]) -> dict[str, list[Panel]]:
    """The panels of each binding, the bindings in order."""
    found: dict[str, list[Panel]] = {}
    for panel in panels:
        if panel.binding is not None:
            found.setdefault(panel.binding, []).append(panel)
    return dict(sorted(found.items()))


def in_reach(panels: Iterable[Panel], connection: int) -> list[Panel]:
    """The panels of which one is moved when a connection is switched without a binding.

    The terminal has one panel in use, per connection (reported, 2026-05) or in all (documents), and
    does not say which: so all order books of the connection count, or where it has none, all there
    are. Those in front come first, of them the group that follows the window in use.
    """
    books = [one for one in panels if one.kind == BOOK]
    here = [one for one in books if one.connection == connection] or books
    return sorted(here, key=lambda one: (not one.front, one.link != ACTIVE_LINK))


def showing(panels: Iterable[Panel], connection: int, ticker: str) -> list[Panel]:
    """The panels that show a ticker of a connection."""
    return [one for one in panels if (one.connection, one.ticker) == (connection, ticker)]
