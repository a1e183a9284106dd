"""Switching past the locks, and one exact panel."""

from __future__ import annotations

from typing import Any

import pytest

from relay.actions import Combo, Open
from relay.config import Config
from relay.core.known import Known
from relay.core.relay import Relay
from relay.errors import TerminalGone
from relay.exchanges import Exchanges
from relay.find import from_pattern
from relay.metascalp.client import Client
from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.layout import Document


def relay_at(sim: Simulator, exchanges: Exchanges) -> Relay:
    return Relay(Config(terminal=f"127.0.0.1:{sim.port}"), exchanges, Known(None))


def sent(sim: Simulator) -> list[str]:
    rows: list[Any] = list(sim.record.rows())
    return [row["path"] for row in rows if row["method"] in ("POST", "PUT")]


def document(sim: Simulator, tab: str, kind: str = "orderBook") -> Document:
    window = sim.world.screen.layout.main
    found = next(one for one in window.tabs if one.name == tab)
    return next(one for one in found.documents if one.kind == kind)


async def test_one_exact_panel_shows_a_ticker_of_another_connection(
    sim: Simulator, exchanges: Exchanges
) -> None:
    panel = document(sim, "MEXC + spot", "chart")
    before = dict(sim.world.screen.active)
    async with relay_at(sim, exchanges) as relay:
        find = from_pattern("BYBIT:SOLUSDT.p", exchanges)
        outcome = await relay.open(Open(find, panel=panel.external_id))

    assert (outcome.state, outcome.code) == ("done", "panel-pointed")
    assert [one.id for one in outcome.panels] == [panel.external_id]
    assert outcome.params == {"tab": "MEXC + spot", "count": 1}
    assert (panel.connection, panel.ticker) == (2, "SOLUSDT")
    assert sim.world.screen.active == before
    assert sent(sim) == [f"/api/ui/documents/{panel.external_id}/ticker"]


async def test_a_locked_panel_is_not_pointed_at_anything(
    sim: Simulator, exchanges: Exchanges
) -> None:
    panel = document(sim, "Main")
    async with relay_at(sim, exchanges) as relay:
        relay.screen.locks.set(panel.external_id, on=True)
        find = from_pattern("BINANCE:ETHUSDT.p", exchanges)
        outcome = await relay.open(Open(find, panel=panel.external_id))

    assert (outcome.state, outcome.code) == ("refused", "panel-locked")
    assert outcome.pattern == "BINANCE:ETHUSDT.p"
    assert panel.ticker == "BTCUSDT"
    assert sent(sim) == []


async def test_a_panel_that_is_gone_is_said_to_be(sim: Simulator, exchanges: Exchanges) -> None:
    async with relay_at(sim, exchanges) as relay:
        find = from_pattern("BINANCE:ETHUSDT.p", exchanges)
        outcome = await relay.open(Open(find, panel="0" * 8 + "-0000-4000-8000-" + "0" * 12))

    assert (outcome.state, outcome.code) == ("refused", "panel-not-found")
    assert sent(sim) == []


async def test_an_older_build_has_no_panels_to_choose(exchanges: Exchanges) -> None:
    async with Simulator(rate=0, profile="v1.0.671") as sim, relay_at(sim, exchanges) as relay:
        find = from_pattern("BINANCE:ETHUSDT.p", exchanges)
        outcome = await relay.open(Open(find, panel="0" * 8 + "-0000-4000-8000-" + "0" * 12))

    assert (outcome.state, outcome.code) == ("refused", "not-in-build")


async def test_a_click_goes_round_a_locked_panel(sim: Simulator, exchanges: Exchanges) -> None:
    """The panel in use is not known, so with a lock in reach a free panel in front is taken."""
    locked = document(sim, "Main")
    async with relay_at(sim, exchanges) as relay:
        relay.screen.locks.set(locked.external_id, on=True)
        outcome = await relay.open(Open(from_pattern("BINANCE:XRPUSDT.p", exchanges)))

    assert (outcome.state, outcome.code) == ("done", "panel-pointed")
    assert locked.ticker == "BTCUSDT"
    (panel,) = outcome.panels
    assert (panel.connection, panel.ticker, panel.tab) == (1, "XRPUSDT", "Second screen")
    assert sent(sim) == [f"/api/ui/documents/{panel.id}/ticker"]


async def test_a_binding_goes_past_a_lock_panel_by_panel(
    sim: Simulator, exchanges: Exchanges
) -> None:
    locked = document(sim, "Main")
    async with relay_at(sim, exchanges) as relay:
        relay.screen.locks.set(locked.external_id, on=True)
        outcome = await relay.open(Open(from_pattern("BINANCE:XRPUSDT.p", exchanges), "007"))

    assert (outcome.code, outcome.binding, outcome.params["count"]) == ("panel-pointed", "007", 3)
    assert sim.world.screen.bindings["007"] == (1, "XRPUSDT")
    assert locked.ticker == "BTCUSDT"


async def test_a_terminal_that_goes_between_two_panels_has_been_pointed_once(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sent is not sent again, and is not said to have been nothing."""
    point, pointed = Client.point, []

    async def gone_after_one(self: Client, panel: str, connection: int, ticker: str) -> None:
        if pointed:
            raise TerminalGone("nothing listens there")
        pointed.append(panel)
        await point(self, panel, connection, ticker)

    monkeypatch.setattr(Client, "point", gone_after_one)
    async with relay_at(sim, exchanges) as relay:
        relay.screen.locks.set(document(sim, "Main").external_id, on=True)
        outcome = await relay.open(Open(from_pattern("BINANCE:XRPUSDT.p", exchanges), "007"))

    assert (outcome.code, outcome.params["count"]) == ("panel-pointed", 1)
    assert sent(sim) == [f"/api/ui/documents/{pointed[0]}/ticker"]


async def test_a_combo_is_not_opened_where_its_switch_would_replace_a_locked_panel(
    sim: Simulator, exchanges: Exchanges
) -> None:
    locked = document(sim, "Main")
    async with relay_at(sim, exchanges) as relay:
        relay.screen.locks.set(locked.external_id, on=True)
        outcome = await relay.combo(Combo((from_pattern("BINANCE:XRPUSDT.p", exchanges),)))

    assert (outcome.state, outcome.code) == ("refused", "panel-locked")
    assert sent(sim) == []


@pytest.mark.parametrize("on", [True, False])
async def test_the_outcome_names_the_panels_that_show_it(
    sim: Simulator, exchanges: Exchanges, on: bool
) -> None:
    async with relay_at(sim, exchanges) as relay:
        find = from_pattern("BINANCE:XRPUSDT.p", exchanges)
        outcome = await relay.open(Open(find, "001" if on else None))

    assert outcome.code == "switched"
    assert {panel.binding for panel in outcome.panels} >= ({"001"} if on else set())
    assert outcome.checked_ms < 200
