"""One connection: what can be opened on it, and how it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from relay.connection import STATES, Connection

PLACE = Connection(
    id=1, name="Binance Futures", exchange="BINANCE", exchange_name="Binance", exchange_id=2,
    market="USDT Futures", market_type=2, kind="futures", state="connected",
)  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_only_a_connected_one_is_live(state: str) -> None:
    assert replace(PLACE, state=state).live == (state == "connected")


def test_view_mode_is_not_live_and_demo_mode_is() -> None:
    """In view mode change-ticker is off (seen live, 2026-05)."""
    assert not replace(PLACE, view_mode=True).live
    assert replace(PLACE, demo_mode=True).live


def test_it_is_told_with_both_modes_visible() -> None:
    assert replace(PLACE, demo_mode=True).as_json() == {
        "id": 1, "name": "Binance Futures", "exchange": "BINANCE", "exchangeName": "Binance",
        "exchangeId": 2, "market": "USDT Futures", "marketType": 2, "kind": "futures",
        "state": "connected", "viewMode": False, "demoMode": True,
    }  # fmt: skip
