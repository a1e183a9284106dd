"""The terminal's screen: which bindings exist, what may be replaced, what really moved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from server import json_answer, serving

from relay.core.link import Link
from relay.core.screen import Screen
from relay.exchanges import Exchanges
from relay.metascalp.simulator import Simulator
from relay.outcome import Outcome
from relay.panel import Panel


def link_to(port: int, exchanges: Exchanges) -> Link:
    return Link(exchanges, lambda: None, [port])


@pytest.fixture
async def link(sim: Simulator, exchanges: Exchanges) -> AsyncIterator[Link]:
    made = link_to(sim.port, exchanges)
    yield made
    made.close()


async def panels_of(screen: Screen, link: Link) -> list[Panel]:
    found = await screen.panels(await link.reach())
    assert found is not None
    return found


async def test_the_bindings_are_those_the_terminal_knows(sim: Simulator, link: Link) -> None:
    told = await Screen(link).bindings()

    assert told["source"] == "screen"
    assert [row["binding"] for row in told["bindings"]] == list(sim.world.screen.bindings)
    first = told["bindings"][0]["panels"][0]
    assert (first["ticker"], first["connection"], first["tab"]) == ("BTCUSDT", 1, "Main")
    assert all(panel["binding"] is None for panel in told["panels"])
    assert told["panels"]


@pytest.mark.parametrize("profile", ["v1.0.671", "doc-edition-1"])
async def test_a_build_that_does_not_tell_its_screen_names_them_when_it_refuses_one(
    exchanges: Exchanges, profile: str
) -> None:
    async with Simulator(rate=0, profile=profile) as sim:
        link = link_to(sim.port, exchanges)
        told = await Screen(link).bindings()
        active = dict(sim.world.screen.active)
        link.close()

    assert told["source"] == "refusal"
    assert [row["binding"] for row in told["bindings"]] == list(sim.world.screen.bindings)
    assert active == sim.world.screen.active, "the question must not have moved anything"


async def test_a_build_that_tells_neither_is_said_to(exchanges: Exchanges) -> None:
    ping = json_answer('{"app":"MetaScalp","version":"1"}')
    no = json_answer('{"error":"Not found"}', "400 Bad Request")
    connections = json_answer('{"connections":[]}')
    async with serving(ping, connections, no) as server:
        link = link_to(server.port, exchanges)
        told = await Screen(link).bindings()
        link.close()

    assert told == {"source": "none", "bindings": [], "panels": []}


async def test_a_build_that_cannot_say_is_asked_once(exchanges: Exchanges) -> None:
    async with Simulator(rate=0, profile="v1.0.671") as sim:
        link = link_to(sim.port, exchanges)
        screen = Screen(link)
        for _ in range(3):
            assert await screen.panels(await link.reach()) is None
        link.close()
        paths = [row["path"] for row in sim.record.rows()]  # type: ignore[index]

    assert paths.count("/api/ui/state") == 1


async def test_without_locks_the_terminal_goes_its_own_way_unasked(
    sim: Simulator, link: Link
) -> None:
    _, (place, *_) = await link.fresh()
    seen = len(list(sim.record.rows()))

    assert await Screen(link).way(await link.reach(), place, "001") is None
    assert len(list(sim.record.rows())) == seen


async def test_a_binding_with_a_locked_panel_is_refused(link: Link) -> None:
    screen = Screen(link)
    _, (place, *_) = await link.fresh()
    locked = next(one for one in await panels_of(screen, link) if one.binding == "002")
    screen.locks.set(locked.id, on=True)

    way = await screen.way(await link.reach(), place, "002")

    assert isinstance(way, Outcome)
    assert (way.state, way.code) == ("refused", "panel-locked")
    assert way.params == {"binding": "002", "tab": "Main", "ticker": "ETHUSDT"}


async def test_past_a_locked_panel_another_one_in_front_is_taken(link: Link) -> None:
    """The terminal does not say which panel it would take, so it is not left to it."""
    screen = Screen(link)
    _, (place, *_) = await link.fresh()
    mine = [one for one in await panels_of(screen, link) if one.connection == 1]
    first = next(one for one in mine if one.kind == "orderBook")
    screen.locks.set(first.id, on=True)

    way = await screen.way(await link.reach(), place, None)
    beside = await screen.way(await link.reach(), place, None, in_use=True)

    assert isinstance(way, list)
    assert way[0].id != first.id
    assert (way[0].front, way[0].connection, way[0].kind) == (True, 1, "orderBook")
    assert isinstance(beside, Outcome)
    assert beside.code == "panel-locked"


async def test_when_all_are_locked_nothing_is_replaced(link: Link) -> None:
    screen = Screen(link)
    _, (place, *_) = await link.fresh()
    for one in await panels_of(screen, link):
        screen.locks.set(one.id, on=True)

    way = await screen.way(await link.reach(), place, None)

    assert isinstance(way, Outcome)
    assert way.code == "panel-locked"


async def test_what_moved_is_seen_on_the_account_it_moved_on(sim: Simulator, link: Link) -> None:
    """Two accounts on one market: the terminal is asked by market and takes the one it likes."""
    sim.world.connections[21] = replace(sim.world.connections[1], id=21, name="Binance second")
    screen = Screen(link)
    client, places = await link.fresh()
    await screen.panels(client)
    document = next(one for one in sim.world.screen.layout.documents() if one.connection == 9)
    document.connection, document.ticker = 21, "DOGEUSDT"
    place = next(one for one in places if one.id == 1)

    seen = await screen.seen(client, place, "DOGEUSDT", places, 1.0)
    not_new = await screen.seen(client, place, "DOGEUSDT", places, 0.1)

    assert seen is not None
    assert seen.place.id == 21
    assert [one.ticker for one in seen.panels] == ["DOGEUSDT"]
    assert not_new is None


async def test_what_was_shown_before_is_no_proof_of_which_account_moved(
    sim: Simulator, link: Link
) -> None:
    sim.world.connections[21] = replace(sim.world.connections[1], id=21, name="Binance second")
    screen = Screen(link)
    client, places = await link.fresh()
    panels = await screen.panels(client)
    shown = next(one for one in panels or () if one.connection == 1 and one.ticker)
    place = next(one for one in places if one.id == 1)

    assert shown.ticker is not None
    assert await screen.seen(client, place, shown.ticker, places, 0.1) is None
    alone = [one for one in places if one.id != 21]
    assert await screen.seen(client, place, shown.ticker, alone, 0.1) is not None


async def test_a_screen_that_shows_nothing_new_is_not_waited_for_long(link: Link) -> None:
    client, places = await link.fresh()

    assert await Screen(link).seen(client, places[0], "NOSUCH", places, 0.05) is None
