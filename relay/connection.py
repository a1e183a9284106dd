"""This file knows one connection of the terminal: an account on one market of one exchange."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

STATES = ("disconnected", "connecting", "connected", "reconnecting", "resetting")


@dataclass(frozen=True, slots=True)
class Connection:
    """A row of `GET /api/connections`. Source: MetaScalp API, edition 3, 2026-08.

    exchange: our canonical name; exchange_name: what the terminal displays.
    market_type: the terminal's number; kind: "spot", "futures", "stock" … ; market: its display.
    view_mode: read-only, trading and change-ticker are off; demo_mode: paper trading.
    """

    id: int
    name: str
    exchange: str
    exchange_name: str
    exchange_id: int
    market: str
    market_type: int
    kind: str
    state: str
    view_mode: bool = False
    demo_mode: bool = False

    @property
    def live(self) -> bool:
        """Whether the terminal can open a ticker on it now."""
        return self.state == "connected" and not self.view_mode

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "exchange": self.exchange,
            "exchangeName": self.exchange_name,
            "exchangeId": self.exchange_id,
            "market": self.market,
            "marketType": self.market_type,
            "kind": self.kind,
            "state": self.state,
            "viewMode": self.view_mode,
            "demoMode": self.demo_mode,
        }
