"""This file knows what the trader has put on the terminal: levels, drawings, settings, templates.

All of it is in memory only; a fresh terminal has what a fresh Desk has.
"""

from dataclasses import dataclass, field

from .drawings import Drawing
from .levels import SignalLevel, UserLevel
from .notices import Notices
from .settings import DEFAULT_WINDOW_MS, WINDOW, Settings
from .wire import Json

Key = tuple[int, str]


@dataclass(slots=True)
class Template:
    """One template. settings: opaque."""

    id: int
    name: str
    settings: dict[str, Json]

    def row(self) -> dict[str, Json]:
        return {"id": self.id, "name": self.name, "settings": self.settings}


@dataclass(slots=True)
class Desk:
    """The trader's things. settings: by ticker, a row from when its order book was first shown."""

    signals: dict[int, SignalLevel] = field(default_factory=dict)
    users: dict[int, UserLevel] = field(default_factory=dict)
    drawings: dict[Key, Drawing] = field(default_factory=dict)
    settings: dict[Key, Settings] = field(default_factory=dict)
    templates: dict[int, Template] = field(default_factory=dict)
    notices: Notices = field(default_factory=Notices)
    last: dict[str, int] = field(default_factory=dict)

    def next_id(self, family: str) -> int:
        """The next number of a family, 1 first."""
        self.last[family] = self.last.get(family, 0) + 1
        return self.last[family]

    def armed(self) -> set[Key]:
        """The tickers whose price is watched by a level."""
        return {(one.connection, one.ticker) for one in self.signals.values() if one.fired is None}

    def window_s(self, key: Key) -> float:
        """For how long trades of a ticker are merged before they are sent."""
        settings = self.settings.get(key)
        sent: Json = None if settings is None else settings.working.get(WINDOW)
        return (DEFAULT_WINDOW_MS if sent is None else int(sent)) / 1000
