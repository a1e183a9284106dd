"""This file knows `demo`: the whole job on a simulated terminal and a throw-away browser.

With a screen it leaves everything to the trader; without one it performs the job itself, step by
step, and every step is checked where it must show: at the simulator, or painted in the panel.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Protocol

import aiohttp

from relay.errors import RelayError
from relay.metascalp.simulator import Simulator

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
ROOM = "https://chat.example/room"
ROW = '[data-symbol-full="BYBIT:SOLUSDT.P"]'
WAIT_S = 10.0

_INSTALL = 'The demo needs its extra packages: python -m pip install "metascalp-relay[demo]"'
_NO_BROWSER = (
    "No browser found. Install Chromium, Edge, Brave or Firefox, or name one with --browser PATH."
)


_HINT = "Alt+click a ticker, right-click it for a combo. Closing the browser or Ctrl+C ends this."


class Trader(Protocol):
    """What both browsers can be made to do."""

    async def goto(self, url: str) -> None: ...
    async def alt_click(self, selector: str) -> None: ...
    async def toast(self) -> dict[str, str]: ...
    async def menu(self, method: str, selector: str) -> None: ...
    async def panel_has(self, order: str) -> None: ...
    async def panel_lacks(self, order: str) -> None: ...
    async def panel_cancel(self, order: str) -> None: ...
    async def shoot(self, page: Path, panel: Path) -> None: ...
    async def open_panel(self) -> object: ...
    async def wait_closed(self) -> None: ...


async def demo(headless: bool, offline: bool, browser: str | None, out: str) -> int:
    """Runs the demo; 0 only if every step really happened."""
    try:
        from relay.edges.browsers import installed, sites
    except ImportError as error:
        raise RelayError(f"{_INSTALL} ({error})") from error
    chosen = installed.choose(browser)
    if chosen is None:
        raise RelayError(_NO_BROWSER)
    headless = headless or not _has_screen()
    port = 0 if headless else None
    async with (
        Simulator(port=port, seed=1, rate=20.0) as simulator,
        sites.serve() if offline else nullcontext() as pages,
    ):
        print(f"terminal  simulated MetaScalp at {simulator.url}", flush=True)
        print(f"browser   {chosen.name} ({chosen.path})", flush=True)
        address = f"127.0.0.1:{simulator.port}"
        async with _running(chosen, address, headless, pages.port if pages else None) as trader:
            if headless:
                return await _perform(trader, simulator, Path(out))
            return await _leave_to_the_trader(trader, simulator)


async def _perform(trader: Trader, simulator: Simulator, out: Path) -> int:
    out.mkdir(parents=True, exist_ok=True)
    async with aiohttp.ClientSession(simulator.url) as session:
        job = _Job(trader, session)
        for number, (name, step) in enumerate(job.steps(), 1):
            started = time.perf_counter()
            try:
                async with asyncio.timeout(4 * WAIT_S):
                    said = await step()
            except Exception as error:
                print(f"{number}  FAILED  {name}: {error or type(error).__name__}", flush=True)
                return 1
            took = (time.perf_counter() - started) * 1000
            print(f"{number}  {took:7.0f} ms  {name:<42} {said}", flush=True)
        page, panel = out / "page.png", out / "panel.png"
        await trader.shoot(page, panel)
    print(f"pictures  {page}, {panel}")
    return 0


class _Job:
    """The steps. Each gives the simulator's own word for what happened, or raises."""

    def __init__(self, trader: Trader, session: aiohttp.ClientSession) -> None:
        self._trader = trader
        self._session = session
        self._order = ""

    def steps(self) -> list[tuple[str, Callable[[], Awaitable[str]]]]:
        return [
            ("open a chart page", self.open_page),
            ("Alt+click a row of the watchlist", self.click),
            ("open a combo from a selection", self.combo),
            ("place an order, as a script would", self.place),
            ("see it live in the panel", self.see),
            ("cancel it there, with the confirmation", self.cancel),
        ]

    async def open_page(self) -> str:
        await self._trader.goto(CHART)
        return CHART.partition("?")[0]

    async def click(self) -> str:
        await self._trader.alt_click(ROW)
        request = await self._request("/api/change-ticker")
        toast = await self._trader.toast()
        state = await self._state()
        _must(state["active"]["2"] == "SOLUSDT", f"the active ticker is {state['active']['2']}")
        _must(toast["state"] == "done", f"the toast says {toast}")
        return f"{request['status']} {_short(request['body'])} toast: {toast['code']}"

    async def combo(self) -> str:
        await self._trader.goto(ROOM)
        await self._trader.menu("combo", "#pattern")
        request = await self._request("/api/combo")
        combos = (await self._state())["combos"]
        _must(combos[-1]["tickers"] == ["SOLUSDT"], f"the combo is {combos[-1]}")
        return f"{request['status']} {_short(request['body'])}"

    async def place(self) -> str:
        body = {"Ticker": "BTCUSDT", "Side": 1, "Price": 60000.0, "Size": 0.01, "Type": 0}
        url = "/api/connections/1/orders"
        before = {order["Id"] for order in await self._orders()}
        async with self._session.post(url, json=body) as response:
            answer = await response.json()
        _must(response.status == 200, f"the terminal says {answer}")
        new = [order for order in await self._orders() if order["Id"] not in before]
        _must(len(new) == 1, f"{len(new)} new orders")
        self._order = f"1:{new[0]['Id']}"
        return _short(answer)

    async def see(self) -> str:
        await self._trader.panel_has(self._order)
        return f"row {self._order}"

    async def cancel(self) -> str:
        await self._trader.panel_cancel(self._order)
        request = await self._request("/api/connections/1/orders/cancel")
        _must(request["status"] == 200, f"the terminal says {request}")
        await self._trader.panel_lacks(self._order)
        left = [f"1:{order['Id']}" for order in await self._orders()]
        _must(self._order not in left, "the terminal still has the order")
        return f"{request['status']} {_short(request['body'])} gone from both"

    async def _orders(self) -> list[dict[str, Any]]:
        url = "/api/connections/1/orders?Ticker=BTCUSDT"
        async with self._session.get(url) as response:
            orders: list[dict[str, Any]] = (await response.json())["orders"]
            return orders

    async def _state(self) -> dict[str, Any]:
        async with self._session.get("/sim/state") as response:
            state: dict[str, Any] = await response.json()
            return state

    async def _request(self, path: str) -> dict[str, Any]:
        """The simulator's record of the last request to a path, waited for."""
        from relay.edges.browsers import until

        async def seen() -> dict[str, Any] | None:
            found = [r for r in (await self._state())["requests"] if r["path"] == path]
            return found[-1] if found else None

        return await until(seen, WAIT_S)


async def _leave_to_the_trader(trader: Trader, simulator: Simulator) -> int:
    """Opens the page and the panel, shows the terminal live, and waits for the browser to close."""
    # Ctrl+C reaches the browser's driver too, which then says so at length.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    await trader.goto(CHART)
    await trader.open_panel()
    print(_HINT, flush=True)
    async with asyncio.TaskGroup() as group:
        screen = group.create_task(simulator.show(_HINT)) if sys.stdout.isatty() else None
        await trader.wait_closed()
        if screen is not None:
            screen.cancel()
    return 0


@asynccontextmanager
async def _running(
    chosen: Any, address: str, headless: bool, sites_port: int | None
) -> AsyncIterator[Trader]:
    from relay.edges.browsers import stage

    start = stage.firefox_on if chosen.is_firefox else stage.chromium_on
    async with start(chosen, address, headless=headless, sites_port=sites_port) as trader:
        yield trader


def _has_screen() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _must(happened: bool, otherwise: str) -> None:
    if not happened:
        raise RelayError(otherwise)


def _short(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
