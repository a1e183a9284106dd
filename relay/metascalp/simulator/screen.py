"""This file knows what the terminal's screen shows: active tickers, binding panels, combos."""

from collections import deque
from dataclasses import dataclass, field

from .furniture import furnish
from .layout import Document, Layout, Window
from .wire import Json

COMBOS = 200
"""So many opened combos are remembered, the newest."""
PANELS = {
    "001": (1, "BTCUSDT"),
    "002": (2, "ETHUSDT"),
    "003": (4, "BTC_USDT"),
    "007": (9, "SOLUSDT"),
}
"""What the linked panels of a fresh terminal show."""


@dataclass(slots=True)
class Screen:
    """The screen. active: the ticker of each connection's active panel."""

    active: dict[int, str]
    active_connection: int = 1
    combos: deque[dict[str, Json]] = field(default_factory=lambda: deque(maxlen=COMBOS))
    layout: Layout = field(init=False)

    def __post_init__(self) -> None:
        self.layout = furnish(self.active)

    @property
    def bindings(self) -> dict[str, tuple[int, str]]:
        return self.layout.bindings()

    def switch(self, connection: int, ticker: str, binding: str | None) -> None:
        """Moves the active panel of a connection, and the panels of a binding when given."""
        self.activate(connection, ticker)
        if binding is not None:
            self.layout.point(int(binding), connection, ticker)

    def activate(self, connection: int, ticker: str) -> None:
        """The active panel of a connection shows a ticker, and is the one in use."""
        panel = self._panel(connection)
        self.active[connection] = ticker
        self.active_connection = connection
        if panel is not None:
            panel.ticker = ticker

    def show(self, panel: Document, connection: int, ticker: str) -> None:
        """One panel shows a ticker, be it the active one or another."""
        if panel is self._panel(connection):
            self.active[connection] = ticker
        panel.connection, panel.ticker = connection, ticker

    def _panel(self, connection: int) -> Document | None:
        """The active panel of a connection."""
        shown = self.active.get(connection)
        for tab in reversed(self.layout.main.tabs):
            for one in tab.documents:
                mine = one.kind == "orderBook" and one.connection == connection
                if mine and one.link is None and one.ticker == shown:
                    return one
        return None

    def combo(
        self, connection: int, tickers: list[str], activate: bool, now: float
    ) -> list[tuple[Window, Document]]:
        """Opens a tab per ticker; the last one comes to the front when activate is set."""
        self.combos.append(
            {"tickers": tickers, "activate": activate, "connectionId": connection, "at": now}
        )
        opened = [self.layout.open_combo(connection, ticker, front=activate) for ticker in tickers]
        if activate:
            self.active[connection] = tickers[-1]
            self.active_connection = connection
        return opened

    def shows(self) -> set[tuple[int, str]]:
        """The (connection, ticker) of every order book."""
        return set(self.active.items()) | {
            (one.connection, one.ticker)
            for one in self.layout.documents()
            if one.kind == "orderBook" and one.connection is not None and one.ticker
        }
