"""This file knows the windows on the screen: tabs, documents in them, and what links documents.

A document is a panel: an order book or a chart. Documents with the same link number move together,
and a link number is the binding of that name: 3 is "003". MetaScalp API, edition 3, 2026-08, "UI".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from uuid import UUID

from .wire import Json

LINKS = range(1, 501)
CANCEL = 9999
MAIN = "MainWorkspace"
MAX_TABS = 200
"""So many tabs a window has at most; the oldest combo goes when another one is opened."""

Rectangle = dict[str, Decimal]
"""top, left, width, height."""


@dataclass(slots=True)
class Document:
    """One panel. place: pane group, index in it and its direction; None: on its own."""

    id: int
    kind: str
    connection: int | None
    ticker: str | None
    link: int | None = None
    place: tuple[int, int, str] | None = None
    engine: str = "Regular"
    geometry: Rectangle | None = None

    @property
    def external_id(self) -> str:
        return str(UUID(int=Random(f"document:{self.id}").getrandbits(128), version=4))


@dataclass(slots=True)
class Tab:
    id: int
    name: str
    documents: list[Document] = field(default_factory=list)
    combo: bool = False


@dataclass(slots=True)
class Window:
    """One workspace. selected: id of the tab in front."""

    id: int
    type: str
    geometry: Rectangle
    tabs: list[Tab]
    selected: int


@dataclass(slots=True)
class Surface:
    """A window of another family: watchlist, screener, or one of those there is one of."""

    id: int
    geometry: Rectangle
    template: int = -1
    open: bool = True

    @property
    def external_id(self) -> str:
        return str(UUID(int=Random(f"surface:{self.id}").getrandbits(128), version=4))


@dataclass(slots=True)
class Layout:
    """Everything on the screen. last: the highest id of each family."""

    windows: list[Window] = field(default_factory=list)
    charts: list[Document] = field(default_factory=list)
    watchlists: list[Surface] = field(default_factory=list)
    screeners: list[Surface] = field(default_factory=list)
    singles: dict[str, Surface] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)

    def next_id(self, family: str) -> int:
        self.last[family] = self.last.get(family, 0) + 1
        return self.last[family]

    @property
    def main(self) -> Window:
        return self.windows[0]

    def documents(self) -> Iterator[Document]:
        """Every panel, those of windows first."""
        for window in self.windows:
            for tab in window.tabs:
                yield from tab.documents
        yield from self.charts

    def document(self, external_id: str) -> Document | None:
        wanted = external_id.lower()
        return next((one for one in self.documents() if one.external_id == wanted), None)

    def tab(self, number: int) -> tuple[Window, Tab] | None:
        for window in self.windows:
            for tab in window.tabs:
                if tab.id == number:
                    return window, tab
        return None

    def tab_of(self, connection: int, ticker: str) -> str | None:
        """The name of a tab that shows a ticker."""
        for window in self.windows:
            for tab in window.tabs:
                if any((d.connection, d.ticker) == (connection, ticker) for d in tab.documents):
                    return tab.name
        return None

    def bindings(self) -> dict[str, tuple[int, str]]:
        """What each linked group shows, by the name change-ticker knows it under."""
        groups: dict[int, tuple[int, str]] = {}
        for one in self.documents():
            if one.link is not None and one.connection is not None and one.ticker:
                groups.setdefault(one.link, (one.connection, one.ticker))
        return {f"{number:03}": groups[number] for number in sorted(groups)}

    def point(self, link: int, connection: int, ticker: str) -> None:
        """Every panel of a group shows a ticker."""
        for one in self.documents():
            if one.link == link:
                one.connection, one.ticker = connection, ticker

    def open_combo(self, connection: int, ticker: str, *, front: bool) -> tuple[Window, Document]:
        """A new tab of the main window with an order book and a chart of the ticker."""
        window = self.main
        tab = Tab(self.next_id("tab"), f"Combo {ticker}", combo=True)
        for index, kind in enumerate(("orderBook", "chart")):
            place = (index, 0, "Horizontal")
            number = self.next_id("document")
            tab.documents.append(Document(number, kind, connection, ticker, place=place))
        window.tabs.append(tab)
        if len(window.tabs) > MAX_TABS:
            self.close(window, next(one for one in window.tabs if one.combo))
        if front:
            window.selected = tab.id
        return window, tab.documents[1]

    def close(self, window: Window, tab: Tab) -> None:
        """Takes a tab away with its documents; the last one comes to the front if it was there."""
        window.tabs.remove(tab)
        if window.selected == tab.id:
            window.selected = window.tabs[-1].id


def rectangle(top: int, left: int, width: int, height: int) -> Rectangle:
    names = ("top", "left", "width", "height")
    return dict(zip(names, map(Decimal, (top, left, width, height)), strict=True))


def geometry_row(geometry: Rectangle) -> dict[str, Json]:
    return {**geometry, "isFullScreen": False, "pinOnTop": None, "isTopBarHidden": False}
