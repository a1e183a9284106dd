"""This file knows how long the way of a click and of an order takes, on real parts.

A click is timed from the browser's own time stamp of the event to the moment the terminal has read
the request; an order from the moment the terminal has it to the frame in which the panel shows it.
Beside a click stands the shortest way there could be: a fetch from a page of the terminal's own,
which takes the same network process; our extension's rules let it fetch nothing at all. Both come
after the same pause, because what has just run runs faster.
"""

from __future__ import annotations

import asyncio
import random
import statistics
from typing import Any

import aiohttp

from relay.edges.benching.rounds import Figure, Row, Shown, Workload, most, row, value
from relay.errors import RelayError
from relay.metascalp.simulator import Simulator

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
ROWS = ("BYBIT:SOLUSDT.P", "BINANCE:ETHUSDT.P", "MEXC:XRPUSDT.P", "OKX:BTCUSDT.P")
#: A tab may act five times a second.
BETWEEN_S = 0.215

#: In each round; there are ROUNDS of them.
FULL = {"warm": 40, "cold": 4, "order": 20, "fetch": 40}
QUICK = {"warm": 8, "cold": 1, "order": 5, "fetch": 10}
ROUNDS = 5

_LISTEN = """() => {
  window.pressedAt = []; window.clickedAt = [];
  const stamp = list => event => list.push(performance.timeOrigin + event.timeStamp);
  addEventListener('keydown', stamp(window.pressedAt), true);
  // The click itself is ours alone.
  addEventListener('mouseup', stamp(window.clickedAt), true);
}"""
_PAINTED = """key => new Promise(done => {
  const look = () => {
    if (!document.querySelector(`tr[data-key="${key}"]`)) return requestAnimationFrame(look);
    requestAnimationFrame(() => done(performance.timeOrigin + performance.now()));
  };
  look();
})"""


_FETCH = """async ([count, pause]) => {
  const began = [];
  for (let n = 0; n < count; n += 1) {
    await new Promise((done) => setTimeout(done, pause));
    began.push(performance.timeOrigin + performance.now());
    await fetch(`/ping?direct=${n}`, {cache: 'no-store'}).then((answer) => answer.text());
  }
  return began;
}"""


async def rows(quick: bool, browser: str | None) -> list[Row]:
    """The rows; RelayError where there is no Chromium."""
    from relay.edges.browsers import installed, sites, stage

    chosen = installed.choose(browser)
    if chosen is None or chosen.is_firefox:
        raise RelayError("no Chromium-family browser; name one with --browser PATH")
    size = QUICK if quick else FULL
    async with Simulator(port=0, seed=1, rate=5.0) as simulator, sites.serve() as pages:
        address = f"127.0.0.1:{simulator.port}"
        async with (
            stage.chromium_on(chosen, address, sites_port=pages.port) as running,
            aiohttp.ClientSession(simulator.url) as session,
        ):
            beside = await running.context.new_page()
            await beside.goto(f"{simulator.url}/ping")
            ways = Ways(running, session, beside)
            clicks = [await ways.warm(size) for _ in range(ROUNDS)]
            panel = await ways.panel()
            orders = [await ways.orders(panel, size["order"]) for _ in range(ROUNDS)]
            cold = [await ways.cold(size["cold"]) for _ in range(ROUNDS)]
    return told(clicks, orders, cold)


def told(
    clicks: list[dict[str, Shown]], orders: list[dict[str, Shown]], cold: list[dict[str, Shown]]
) -> list[Row]:
    """The rounds as rows of the table."""
    ratio = Figure(
        "p50 ÷ a fetch from the browser",
        lambda one: one["click"]["p50"] / one["fetch from the browser"]["p50"],
        most(3),
    )
    p95 = Figure("p95, ms", value("p95", "click"), most(30))
    painted = Figure("p95, ms", value("p95", "order"), most(100))
    dead = Figure("p95, ms", value("p95", "click"), most(400))
    return [
        _row("click to terminal, warm", clicks, [p95, ratio]),
        _row("order to painted", orders, [painted]),
        _row("click to terminal, worker and host dead", cold, [dead]),
    ]


def _row(name: str, rounds: list[dict[str, Shown]], figures: list[Figure]) -> Row:
    nothing = dict.fromkeys(rounds[0], dict)
    return row(Workload(name, "ms", "p50", nothing, figures), rounds, {})


class Ways:
    """What is done in a browser, a round at a time."""

    def __init__(self, running: Any, session: aiohttp.ClientSession, beside: Any) -> None:
        self._running = running
        self._page = running.page
        self._session = session
        self._beside = beside
        self._placed = 0
        self._seen = 0
        self._requests: list[dict[str, Any]] = []

    async def warm(self, size: dict[str, int]) -> dict[str, Shown]:
        """Clicks with everything running, the first few not counted, and fetches beside them."""
        await self._page.goto(CHART)
        await self._page.evaluate(_LISTEN)
        for number in range(-4, size["warm"]):
            await self._click(number)
            await asyncio.sleep(BETWEEN_S)
            if number < 0:
                await self._page.evaluate("window.clickedAt.length = 0")
            if number % 50 == 0:  # The simulator remembers its last 500 requests.
                await self._arrivals("/api/change-ticker")
        clicked = await self._page.evaluate("window.clickedAt")
        came = await self._arrivals("/api/change-ticker")
        times = [at - then for then, at in zip(clicked, came[-size["warm"] :], strict=True)]
        began = await self._beside.evaluate(_FETCH, [size["fetch"], BETWEEN_S * 1000])
        came = await self._arrivals("/ping", "direct")
        fetched = [at - then for then, at in zip(began, came[-size["fetch"] :], strict=True)]
        return {"click": _times(times), "fetch from the browser": _times(fetched)}

    async def cold(self, count: int) -> dict[str, Shown]:
        """Clicks with worker and host dead, timed from the Alt key, which comes first."""
        times = []
        for number in range(count):
            await self._page.goto(CHART)
            await self._page.evaluate(_LISTEN)
            await asyncio.sleep(0.5)
            await self._running.stop_worker()
            before = len(await self._arrivals("/api/change-ticker"))
            await self._click(number)
            times.append(await self._arrival(before) - await self._page.evaluate("pressedAt[0]"))
        return {"click": _times(times)}

    async def panel(self) -> Any:
        panel = await self._running.open_panel()
        await panel.locator("section[data-section=orders] tr[data-key]").first.wait_for()
        return panel

    async def orders(self, panel: Any, count: int) -> dict[str, Shown]:
        """Orders placed at the terminal, until the panel has painted them."""
        times = []
        moments = random.Random(self._placed)
        for _ in range(count):
            await asyncio.sleep(moments.uniform(0.05, 0.3))  # Orders keep no rhythm with us.
            self._placed += 1
            place = {"connectionId": 1, "ticker": "BTCUSDT", "side": "Buy", "type": "Limit"}
            body = {**place, "price": 50000 + self._placed, "size": 0.001}
            async with self._session.post("/sim/order", json=body) as response:
                placed = await response.json()
            painted = await panel.evaluate(_PAINTED, f"1:{placed['orderId']}")
            times.append(painted - placed["at"] * 1000)
            # It goes again: a row that is not in sight has no element.
            fill = {"connectionId": 1, "orderId": placed["orderId"]}
            async with self._session.post("/sim/fill", json=fill) as response:
                await response.read()
        return {"order": _times(times)}

    async def _click(self, number: int) -> None:
        await self._running.alt_click(f'[data-symbol-full="{ROWS[number % len(ROWS)]}"]')

    async def _arrivals(self, path: str, query: str = "") -> list[float]:
        """When (epoch milliseconds) the terminal had read each request for a path, so far."""
        async with self._session.get("/sim/state") as response:
            requests = (await response.json())["requests"]
        for one in requests:
            if one["n"] > self._seen:
                self._requests.append(one)
        self._seen = requests[-1]["n"] if requests else 0
        return [
            one["at"] * 1000
            for one in self._requests
            if one["path"] == path and query in str(one["query"])
        ]

    async def _arrival(self, before: int) -> float:
        """When the first click after so many arrived."""
        from relay.edges.browsers import until

        async def arrived() -> float | None:
            came = await self._arrivals("/api/change-ticker")
            return came[before] if len(came) > before else None

        return await until(arrived)


def _times(times: list[float]) -> Shown:
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)) - 1)]
    return {"p50": statistics.median(ordered), "p95": max(p95, ordered[0])}
