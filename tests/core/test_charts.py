"""A chart of a ticker: a window of its own, pointed at it; plainly refused where there is no such
route."""

from __future__ import annotations

import pytest
from server import Server, json_answer, serving
from until import until

from relay.actions import Chart
from relay.config import Config
from relay.core.charts import open_chart
from relay.core.known import Known
from relay.core.relay import Relay
from relay.exchanges import Exchanges
from relay.metascalp.simulator import Simulator


async def chart(sim: Simulator | Server, exchanges: Exchanges, connection: int, ticker: str):
    config = Config(terminal=f"127.0.0.1:{sim.port}")
    async with Relay(config, exchanges, Known(None)) as relay:
        return await open_chart(relay.link, Chart(connection, ticker))


async def test_a_new_window_shows_the_ticker(sim: Simulator, exchanges: Exchanges) -> None:
    before = len(sim.world.screen.layout.charts)
    outcome = await chart(sim, exchanges, 2, "SOLUSDT")
    await until(lambda: sim.world.screen.layout.charts[-1].ticker == "SOLUSDT")

    made = sim.world.screen.layout.charts[-1]
    assert (outcome.state, outcome.code) == ("dispatched", "chart-opened")
    assert len(sim.world.screen.layout.charts) == before + 1
    assert made.connection == 2


PING = json_answer('{"app":"MetaScalp","version":"1"}')
ONE = json_answer('{"connections":[{"Id":1,"Name":"B","ExchangeId":2,"MarketType":2,"State":2}]}')
OPENED = json_answer('{"status":"ok","windowId":8}')
WITHOUT = json_answer('{"windows":[],"standaloneCharts":[]}')
WITH = json_answer('{"windows":[],"standaloneCharts":[{"id":8,"externalId":"5fa8"}]}')
OK = json_answer('{"status":"ok"}')


async def test_a_window_that_the_layout_tells_late_is_pointed_too(exchanges: Exchanges) -> None:
    """The layout is the saved one: it may lag (MetaScalp API, edition 3, 2026-08)."""
    answers = (PING, ONE, OPENED, WITHOUT, WITHOUT, WITH, OK)
    async with serving(*answers) as server:
        outcome = await chart(server, exchanges, 1, "BTCUSDT")

    assert (outcome.state, outcome.code) == ("dispatched", "chart-opened")
    assert server.requests[-1].startswith(b"PUT /api/ui/documents/5fa8/ticker ")


async def test_a_window_that_is_never_told_of_leaves_the_outcome_unknown(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.metascalp.layout.LAG_S", 0.2)
    async with serving(PING, ONE, OPENED, WITHOUT) as server:
        outcome = await chart(server, exchanges, 1, "BTCUSDT")

    assert (outcome.state, outcome.code) == ("unknown", "no-answer")
    assert len(server.requests) > 4


@pytest.mark.parametrize("profile", ["v1.0.671", "doc-edition-2"])
async def test_a_build_without_the_route_says_so(exchanges: Exchanges, profile: str) -> None:
    async with Simulator(port=0, rate=0.0, profile=profile) as sim:
        outcome = await chart(sim, exchanges, 1, "BTCUSDT")

    assert (outcome.state, outcome.code) == ("refused", "not-in-build")


async def test_a_connection_that_is_not_there_is_refused(
    sim: Simulator, exchanges: Exchanges
) -> None:
    before = len(sim.world.screen.layout.charts)
    outcome = await chart(sim, exchanges, 99, "BTCUSDT")

    assert outcome.code == "no-connection"
    assert len(sim.world.screen.layout.charts) == before


async def test_without_a_terminal_nothing_is_sent(exchanges: Exchanges) -> None:
    async with Relay(Config(terminal="127.0.0.1:9"), exchanges, Known(None)) as relay:
        outcome = await open_chart(relay.link, Chart(1, "BTCUSDT"))

    assert outcome.code == "terminal-not-found"
