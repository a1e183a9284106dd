"""Many combos behind the trader's work: his tab stays, and only what we opened is closed again."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from until import until

from relay.config import Config
from relay.core.known import Known
from relay.core.relay import Relay
from relay.errors import Stale
from relay.exchanges import Exchanges
from relay.find import Find, from_pattern
from relay.metascalp.client import Client
from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.screen import Screen


def relay_at(sim: Simulator, exchanges: Exchanges) -> Relay:
    return Relay(Config(terminal=f"127.0.0.1:{sim.port}"), exchanges, Known(None))


def finds(exchanges: Exchanges, *patterns: str) -> tuple[Find, ...]:
    return tuple(from_pattern(pattern, exchanges) for pattern in patterns)


def shown(sim: Simulator) -> dict[str, tuple[int | None, str | None]]:
    """Panel id -> what it shows."""
    panels = sim.world.screen.layout.documents()
    return {one.external_id: (one.connection, one.ticker) for one in panels}


async def tabs(relay: Relay) -> dict[int, frozenset[str]]:
    return await (await relay.link.reach()).tabs() or {}


async def test_each_connection_gets_one_request_in_the_background(
    sim: Simulator, exchanges: Exchanges
) -> None:
    many = finds(
        exchanges, "BINANCE:BTCUSDT.p", "BYBIT:SOLUSDT.p", "BINANCE:ETHUSDT.p", "BINANCE:NOSUCH.p"
    )
    async with relay_at(sim, exchanges) as relay:
        before = await tabs(relay)
        outcomes = await relay.combos.open(many)
        after = await tabs(relay)
        opened = len(relay.combos)

    state = sim.world.screen.combos
    told = [(one.code, one.params.get("symbols")) for one in outcomes]
    assert sorted(told, key=str) == [
        ("combo-opened", "BTCUSDT, ETHUSDT"), ("combo-opened", "SOLUSDT"), ("no-ticker", None),
    ]  # fmt: skip
    assert [one["activate"] for one in state] == [False, False]
    assert opened == len(after.keys() - before.keys()) == 3


async def test_the_order_books_that_were_switched_for_it_show_again_what_they_showed(
    sim: Simulator, exchanges: Exchanges
) -> None:
    """A combo opens on the connection in use, so one of its books is switched before."""
    before = shown(sim)
    async with relay_at(sim, exchanges) as relay:
        for pair in (("DOGE", "SOL"), ("XRP", "DOGE")):
            patterns = (f"BINANCE:{pair[0]}USDT.p", f"BYBIT:{pair[1]}USDT.p")
            await relay.combos.open(finds(exchanges, *patterns))
            await until(lambda: before.items() <= shown(sim).items())

    rows: Any = list(sim.record.rows())
    asked = [row["body"]["Ticker"] for row in rows if row["path"] == "/api/change-ticker"]
    assert asked == ["DOGEUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT"]
    assert {"DOGEUSDT", "SOLUSDT", "XRPUSDT"} <= {ticker for _, ticker in shown(sim).values()}


@pytest.mark.parametrize("locked", [False, True])
async def test_a_panel_that_the_trader_switched_or_locked_meanwhile_stays_as_it_is(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    before, opened = shown(sim), Screen.combo
    touched: list[str] = []

    def combo(screen: Screen, *wish: Any) -> Any:
        for panel in screen.layout.documents():
            if before.get(panel.external_id) == (1, "BTCUSDT") != (1, panel.ticker):
                touched.append(panel.external_id)
                if locked:
                    relay.opener.screen.locks.set(panel.external_id, on=True)
                else:
                    panel.ticker = "LTCUSDT"
        return opened(screen, *wish)

    monkeypatch.setattr(Screen, "combo", combo)
    async with relay_at(sim, exchanges) as relay:
        await relay.combos.open(finds(exchanges, "BINANCE:DOGEUSDT.p"))

    after = shown(sim)
    assert len(touched) == 1
    assert {one for one in before if after[one] != before[one]} == set(touched)
    assert after[touched[0]] == (1, "DOGEUSDT" if locked else "LTCUSDT")


async def test_a_panel_is_given_back_too_when_the_layout_lags(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the saved one (MetaScalp API, edition 3, 2026-08)."""
    before, told, looks = shown(sim), Client._screen, list[Any]()

    async def late(client: Client) -> Any:
        looks.append(await told(client))
        return looks[0] if len(looks) < 9 else looks[-1]

    monkeypatch.setattr(Client, "_screen", late)
    async with relay_at(sim, exchanges) as relay:
        await relay.combos.open(finds(exchanges, "BINANCE:DOGEUSDT.p"))
        await until(lambda: before.items() <= shown(sim).items())

    assert len(looks) > 9


async def test_close_takes_exactly_what_was_opened(sim: Simulator, exchanges: Exchanges) -> None:
    async with relay_at(sim, exchanges) as relay:
        before = await tabs(relay)
        await relay.combos.open(finds(exchanges, "BINANCE:BTCUSDT.p", "BINANCE:ETHUSDT.p"))
        closed = await relay.combos.close()
        after = await tabs(relay)
        nothing = await relay.combos.close()

    assert (closed.state, closed.code, closed.count) == ("done", "closed-opened", 2)
    assert after == before
    assert nothing.code == "nothing-opened"


async def test_what_opened_everywhere_is_said_so_and_closed_in_every_spelling(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reported of some build, 2026-05; Gate's and MEXC's DOGE_USDT are as much ours."""
    monkeypatch.setattr("relay.core.opening.SEEN_S", 5.0)
    everywhere = Simulator(port=0, rate=0.0, switches=["combo_everywhere"])
    async with everywhere as sim, relay_at(sim, exchanges) as relay:
        before = await tabs(relay)
        (told,) = await relay.combos.open(finds(exchanges, "BINANCE:DOGEUSDT.p"))
        opened = {
            number: one for number, one in (await tabs(relay)).items() if number not in before
        }
        closed = await relay.combos.close()
        after = await tabs(relay)

    assert {"DOGEUSDT", "DOGE_USDT"} <= frozenset().union(*opened.values())
    assert (told.state, told.code, told.connection) == ("done", "combo-opened", None)
    assert "MEXC" in told.text
    assert closed.count == len(opened) > 2
    assert after.keys() == before.keys()


async def test_a_tab_that_shows_something_else_by_now_stays(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with relay_at(sim, exchanges) as relay:
        before = await tabs(relay)
        await relay.combos.open(finds(exchanges, "BINANCE:BTCUSDT.p", "BINANCE:ETHUSDT.p"))
        new = [
            tab
            for window in sim.world.screen.layout.windows
            for tab in window.tabs
            if tab.id not in before
        ]
        for document in new[0].documents:
            document.ticker = "SOLUSDT"
        closed = await relay.combos.close()
        after = await tabs(relay)

    assert closed.count == 1
    assert after.keys() - before.keys() == {new[0].id}


async def test_a_tab_that_the_trader_has_added_to_is_his(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with relay_at(sim, exchanges) as relay:
        before = await tabs(relay)
        await relay.combos.open(finds(exchanges, "BINANCE:BTCUSDT.p"))
        (new,) = (
            tab
            for window in sim.world.screen.layout.windows
            for tab in window.tabs
            if tab.id not in before
        )
        new.documents.append(replace(new.documents[0], ticker="SOLUSDT"))
        closed = await relay.combos.close()

        assert closed.count == 0
        assert new.id in await tabs(relay)


async def test_the_tabs_of_another_terminal_are_not_closed(
    sim: Simulator, exchanges: Exchanges
) -> None:
    """Another version on the port has tabs with the same numbers, and perhaps the same tickers."""
    async with relay_at(sim, exchanges) as relay:
        await relay.combos.open(finds(exchanges, "BINANCE:BTCUSDT.p"))
        before = await tabs(relay)
        relay.link.ours.version = "9.9.9"
        closed = await relay.combos.close()

        assert closed.code == "nothing-opened"
        assert await tabs(relay) == before
        assert len(relay.combos) == 0


async def test_what_could_not_begin_in_time_is_not_begun(
    sim: Simulator, exchanges: Exchanges
) -> None:
    too_late = time.time() * 1000 - 1
    async with relay_at(sim, exchanges) as relay:
        before = await tabs(relay)
        many = finds(exchanges, "BINANCE:BTCUSDT.p", "BYBIT:SOLUSDT.p")
        with pytest.raises(Stale, match="nothing was sent"):
            await relay.combos.open(many, too_late)
        assert await tabs(relay) == before

        await relay.combos.open(many, too_late + 60_000)
        with pytest.raises(Stale, match="nothing was sent"):
            await relay.combos.close(too_late)
        assert len(await tabs(relay)) == len(before) + 2
        assert (await relay.combos.close(too_late + 60_000)).count == 2


async def test_a_tab_closed_by_hand_is_as_good(sim: Simulator, exchanges: Exchanges) -> None:
    async with relay_at(sim, exchanges) as relay:
        before = await tabs(relay)
        await relay.combos.open(finds(exchanges, "BINANCE:BTCUSDT.p"))
        (mine,) = (await tabs(relay)).keys() - before.keys()
        await (await relay.link.reach()).close_tab(mine)
        closed = await relay.combos.close()

    assert (closed.state, closed.count) == ("done", 0)


@pytest.mark.parametrize("profile", ["v1.0.671", "doc-edition-2"])
async def test_older_builds_open_one_after_the_other_in_front(
    exchanges: Exchanges, profile: str
) -> None:
    old = Simulator(port=0, rate=0.0, profile=profile)
    async with old as sim, relay_at(sim, exchanges) as relay:
        outcomes = await relay.combos.open(
            finds(exchanges, "BINANCE:BTCUSDT.p", "BINANCE:ETHUSDT.p")
        )
        combos: Any = list(sim.world.screen.combos)
        closed = await relay.combos.close()

    assert [one.code for one in outcomes] == ["combo-opened", "combo-opened"]
    assert [one["tickers"] for one in combos] == [["BTCUSDT"], ["ETHUSDT"]]
    assert closed.code == "nothing-opened"


async def test_without_a_terminal_every_one_is_told(exchanges: Exchanges) -> None:
    async with Relay(Config(terminal="127.0.0.1:9"), exchanges, Known(None)) as relay:
        outcomes = await relay.combos.open(finds(exchanges, "BINANCE:BTCUSDT.p", "BYBIT:SOLUSDT"))

    assert [one.code for one in outcomes] == ["terminal-not-found"] * 2
