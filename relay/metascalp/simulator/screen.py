"""This file knows what the terminal's screen shows: active tickers, binding panels, combos."""

from collections import deque
from dataclasses import dataclass, field

from .wire import Json

COMBOS = 200
"""So many opened combos are remembered, the newest."""
PANELS = {
    "001": (1, "BTCUSDT"),
    "002": (2, "ETHUSDT"),
    "003": (4, "BTC_USDT"),
    "007": (9, "SOLUSDT"),
}


@dataclass(slots=True)
class Screen:
    """The screen. active: the ticker of each connection's active panel."""

    active: dict[int, str]
    active_connection: int = 1
    bindings: dict[str, tuple[int, str]] = field(default_factory=lambda: dict(PANELS))
    combos: deque[dict[str, Json]] = field(default_factory=lambda: deque(maxlen=COMBOS))

    def switch(self, connection: int, ticker: str, binding: str | None) -> None:
        """Moves the active panel of a connection, and the panels of a binding when given."""
        self.active[connection] = ticker
        self.active_connection = connection
        if binding is not None:
            self.bindings[binding] = (connection, ticker)

    def combo(self, connection: int, tickers: list[str], activate: bool, now: float) -> None:
        """Opens a panel per ticker; the last one comes to the front when activate is set."""
        self.combos.append(
            {"tickers": tickers, "activate": activate, "connectionId": connection, "at": now}
        )
        if activate:
            self.active[connection] = tickers[-1]
            self.active_connection = connection

    def shows(self) -> set[tuple[int, str]]:
        """The (connection, ticker) of every panel."""
        return set(self.active.items()) | set(self.bindings.values())
