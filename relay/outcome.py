"""This file knows what came of an action: done, dispatched, refused or unknown, and what exists.

done        the terminal said ok
dispatched  the terminal took it and does not say whether it has happened
refused     nothing happened, and why
unknown     it was sent and no answer came; it is never sent again
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from relay.connection import Connection
from relay.panel import Panel

State = Literal["done", "dispatched", "refused", "unknown"]
#: What stands against opening a place. Each is `why_<code>` in the extension's _locales.
Why = Literal["view-mode", "not-connected", "other-market", "other-exchange", "other-multiplier"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place where an instrument exists.

    symbol: the terminal's own name there. why: what stands against opening it; None when nothing
    does.
    """

    connection: Connection
    symbol: str
    pattern: str
    why: Why | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "connectionId": self.connection.id,
            "connection": self.connection.name,
            "exchange": self.connection.exchange,
            "market": self.connection.kind,
            "symbol": self.symbol,
            "pattern": self.pattern,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one action.

    code and params: for whoever makes the sentence in the trader's language; text: the English one.
    ticker, symbol, connection: what was really opened, as the terminal has it.
    panels: those of the terminal that show it now, as far as its screen can be read in time.
    pattern: what is worth copying when nothing was opened. ms: from request to result.
    checked_ms: what reading the screen took after that.
    """

    state: State
    code: str
    text: str
    params: dict[str, Any] = field(default_factory=dict)
    ticker: str | None = None
    symbol: str | None = None
    connection: Connection | None = None
    binding: str | None = None
    alternatives: tuple[Candidate, ...] = ()
    pattern: str | None = None
    count: int | None = None
    panels: tuple[Panel, ...] = ()
    ms: float = 0.0
    checked_ms: float = 0.0

    def took(self, seconds: float) -> Outcome:
        return replace(self, ms=round(seconds * 1000, 1))

    def as_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "state": self.state,
            "code": self.code,
            "text": self.text,
            "params": self.params,
            "ticker": self.ticker,
            "symbol": self.symbol,
            "connection": self.connection.as_json() if self.connection else None,
            "binding": self.binding,
            "panels": [panel.as_json() for panel in self.panels],
            "ms": self.ms,
            "checkedMs": self.checked_ms,
            "alternatives": [candidate.as_json() for candidate in self.alternatives],
            "pattern": self.pattern,
        }
        return data if self.count is None else {**data, "count": self.count}


def refused(code: str, text: str, **more: Any) -> Outcome:
    return Outcome("refused", code, text, **more)


def refused_by_terminal(said: str, **more: Any) -> Outcome:
    """A refusal in the terminal's own words."""
    more = {"params": {"text": said}, **more}
    return refused("terminal-refused", f"MetaScalp refused: {said}", **more)
