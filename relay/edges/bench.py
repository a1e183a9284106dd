"""This file knows `bench`: how long the way of a click and of an order takes, on real parts.

Times are of this machine at this moment; beside each stands what the product is to reach. A click
is timed from the browser's own time stamp of the event to the moment the terminal has read the
request; an order from the moment the terminal has it to the frame in which the panel shows it.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp

from relay.errors import RelayError
from relay.frames import encode
from relay.metascalp.simulator import Simulator

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
ROWS = ("BYBIT:SOLUSDT.P", "BINANCE:ETHUSDT.P", "MEXC:XRPUSDT.P", "OKX:BTCUSDT.P")
#: A tab may act five times a second.
BETWEEN_S = 0.215

FULL = {"start": 40, "warm": 200, "cold": 20, "order": 100}
QUICK = {"start": 10, "warm": 30, "cold": 5, "order": 20}

_LISTEN = """() => {
  window.pressedAt = []; window.clickedAt = [];
  const stamp = list => event => list.push(performance.timeOrigin + event.timeStamp);
  addEventListener('keydown', stamp(window.pressedAt), true);
  addEventListener('click', stamp(window.clickedAt), true);
}"""
_PAINTED = """key => new Promise(done => {
  const look = () => {
    if (!document.querySelector(`tr[data-key="${key}"]`)) return requestAnimationFrame(look);
    requestAnimationFrame(() => done(performance.timeOrigin + performance.now()));
  };
  look();
})"""


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table. Times in milliseconds; goal names the figure it is held against."""

    name: str
    rounds: int
    p50: float
    p95: float
    goal: str
    reached: bool


async def bench(quick: bool, browser: str | None, as_json: bool) -> int:
    """Measures and prints the table; 0 when it could be measured, whatever the figures."""
    from relay.edges.browsers import installed, sites, stage

    chosen = installed.choose(browser)
    if chosen is None or chosen.is_firefox:
        raise RelayError("bench needs a Chromium-family browser; name one with --browser PATH")
    rounds = QUICK if quick else FULL
    results = [await asyncio.to_thread(_host_start, rounds["start"])]
    async with Simulator(port=0, seed=1, rate=5.0) as simulator, sites.serve() as pages:
        address = f"127.0.0.1:{simulator.port}"
        async with (
            stage.chromium_on(chosen, address, sites_port=pages.port) as running,
            aiohttp.ClientSession(simulator.url) as session,
        ):
            ways = _Ways(running, session)
            results.append(await ways.warm(rounds["warm"]))
            results.append(await ways.orders(rounds["order"]))
            results.append(await ways.cold(rounds["cold"]))
    _print(results, as_json)
    return 0


class _Ways:
    def __init__(self, running: Any, session: aiohttp.ClientSession) -> None:
        self._running = running
        self._page = running.page
        self._session = session

    async def warm(self, rounds: int) -> Result:
        """Clicks with everything running; the first few are not counted."""
        await self._page.goto(CHART)
        await self._page.evaluate(_LISTEN)
        for number in range(-4, rounds):
            await self._click(number)
            await asyncio.sleep(BETWEEN_S)
            if number < 0:
                await self._page.evaluate("window.clickedAt.length = 0")
        clicks = await self._page.evaluate("window.clickedAt")
        requests = (await self._requests())[-rounds:]
        times = [at_ms - click for click, (_, at_ms) in zip(clicks, requests, strict=True)]
        return _result("click -> terminal, warm", times, "p95 <= 30", lambda r: r.p95 <= 30)

    async def cold(self, rounds: int) -> Result:
        """Clicks with worker and host dead, timed from the Alt key, which comes first."""
        times = []
        for number in range(rounds):
            await self._page.goto(CHART)
            await self._page.evaluate(_LISTEN)
            await asyncio.sleep(0.5)
            await self._running.stop_worker()
            before = (await self._requests())[-1][0]
            await self._click(number)
            times.append(await self._arrival(before) - await self._page.evaluate("pressedAt[0]"))
        name = "click -> terminal, worker and host dead"
        return _result(name, times, "p95 <= 400", lambda r: r.p95 <= 400)

    async def orders(self, rounds: int) -> Result:
        """Orders placed at the terminal, until the panel has painted them."""
        panel = await self._running.open_panel()
        await panel.locator("section[data-section=orders] tr[data-key]").first.wait_for()
        times = []
        moments = random.Random(1)
        for number in range(rounds):
            await asyncio.sleep(moments.uniform(0.05, 0.3))  # Orders keep no rhythm with us.
            price = 50000 + number
            body = {
                "connectionId": 1,
                "ticker": "BTCUSDT",
                "side": "Buy",
                "type": "Limit",
                "price": price,
                "size": 0.001,
            }
            async with self._session.post("/sim/order", json=body) as response:
                placed = await response.json()
            painted = await panel.evaluate(_PAINTED, f"1:{placed['orderId']}")
            times.append(painted - placed["at"] * 1000)
            # It goes again: a row that is not in sight has no element.
            fill = {"connectionId": 1, "orderId": placed["orderId"]}
            async with self._session.post("/sim/fill", json=fill) as response:
                await response.read()
        return _result("order -> painted", times, "p95 <= 100", lambda r: r.p95 <= 100)

    async def _click(self, number: int) -> None:
        await self._running.alt_click(f'[data-symbol-full="{ROWS[number % len(ROWS)]}"]')

    async def _requests(self) -> list[tuple[int, float]]:
        """Number and time (epoch milliseconds) of the clicks among the last 500 requests."""
        async with self._session.get("/sim/state") as response:
            requests = (await response.json())["requests"]
        clicks = [one for one in requests if one["path"] == "/api/change-ticker"]
        return [(one["n"], one["at"] * 1000) for one in clicks]

    async def _arrival(self, before: int) -> float:
        """When the first click after that request arrived."""
        from relay.edges.browsers import until

        async def arrived() -> float | None:
            return next((at_ms for n, at_ms in await self._requests() if n > before), None)

        return await until(arrived)


def _host_start(rounds: int) -> Result:
    """From starting the process to its answer to `hello`."""
    command = [sys.executable, "-c", "from relay.edges.native import main; main()"]
    hello = encode({"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {}})
    times = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as host:
            assert host.stdin is not None, "a pipe was asked for"
            assert host.stdout is not None, "a pipe was asked for"
            host.stdin.write(hello)
            host.stdin.flush()
            host.stdout.read(5)
            times.append((time.perf_counter() - started) * 1000)
            host.stdin.close()
    return _result("host start -> hello", times[1:], "p50 <= 60", lambda r: r.p50 <= 60)


def _result(name: str, times: list[float], goal: str, reached: Callable[[Result], bool]) -> Result:
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)) - 1)]
    row = Result(name, len(ordered), statistics.median(ordered), p95, goal, False)
    return Result(row.name, row.rounds, row.p50, row.p95, goal, reached(row))


def _print(results: list[Result], as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(result) for result in results]))
        return
    print(f"{'':<42}{'rounds':>7}{'p50 ms':>9}{'p95 ms':>9}   goal")
    for row in results:
        mark = "reached" if row.reached else "MISSED"
        times = f"{row.p50:>9.1f}{row.p95:>9.1f}"
        print(f"{row.name:<42}{row.rounds:>7}{times}   {row.goal}: {mark}")
