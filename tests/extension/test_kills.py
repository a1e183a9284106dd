"""The worker, the event page and the browser itself ended at each moment of a click: it is done at
most once, the next one works, and no process is left over.

`METASCALP_ROUNDS=100` does each of it that often, and is then strict about the two seconds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from relay.edges.browsers import sites, stage, until
from tests.attacks.cable import MOMENTS, Cable, Plan, cable
from tests.extension.conftest import browser_named

ROUNDS = int(os.environ.get("METASCALP_ROUNDS", "1"))
WITHIN_S = 2.0 if "METASCALP_ROUNDS" in os.environ else 10.0
LIMIT_S = 10.0
CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
SWITCH = "/api/change-ticker"
ROWS = {"ETHUSDT": "BINANCE:ETHUSDT.P", "SOLUSDT": "BYBIT:SOLUSDT.P"}
BROWSERS = [
    pytest.param("chromium", marks=pytest.mark.chromium),
    pytest.param("firefox", marks=pytest.mark.firefox),
]

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(120 + 30 * ROUNDS)]


@asynccontextmanager
async def browsing(name: str, line: Cable, pages: sites.Sites) -> AsyncIterator[Any]:
    """A browser whose host reaches the terminal over the cable."""
    address = f"127.0.0.1:{line.port}"
    if name == "chromium":
        found = browser_named("Chromium", "Edge", "Brave", "Chrome")
        opened: Any = stage.chromium_on(found, address, sites_port=pages.port)
    else:
        opened = stage.firefox_on(browser_named("Firefox"), address, sites_port=pages.port)
    async with opened as browser:
        await browser.goto(CHART)
        yield browser


def processes(browser: Any, having: str = "") -> set[int]:
    """Everything that runs with the throw-away home of this browser and has a word in its command:
    the browser, its helpers, our hosts."""
    home = f"\0HOME={browser.settings.parent.parent}\0".encode()
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            environment = b"\0" + (folder / "environ").read_bytes()
            command = (folder / "cmdline").read_bytes()
            if home in environment and having.encode() in command:
                found.add(int(folder.name))
    return found


def hosts(browser: Any) -> set[int]:
    return processes(browser, "relay.edges.native")


async def click(browser: Any, ticker: str) -> None:
    await browser.alt_click(f'[data-symbol-full="{ROWS[ticker]}"]')


async def works(line: Cable, browser: Any, ticker: str, within_s: float = WITHIN_S) -> None:
    """A click arrives, in time and once."""
    before, ends = line.sent(SWITCH, ticker), time.monotonic() + within_s
    await click(browser, ticker)
    while line.sent(SWITCH, ticker) == before:
        assert time.monotonic() < ends, f"not within {within_s} s"
        await asyncio.sleep(0.01)

    assert line.sent(SWITCH, ticker) == before + 1


@asynccontextmanager
async def struck(line: Cable, browser: Any, ticker: str, moment: str) -> AsyncIterator[None]:
    """In the block a click is under way and stands still at this moment."""
    line.plan = Plan(f"POST {SWITCH}".encode(), moment, line.hold)
    try:
        await click(browser, ticker)
        assert await asyncio.to_thread(line.plan.happened.wait, LIMIT_S)
        yield
    finally:
        line.plan = None
        line.mend()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked for there")
@pytest.mark.parametrize("name", BROWSERS)
async def test_the_background_may_end_at_any_moment_of_a_click(name: str) -> None:
    """As browsers end it when they like; the host that it had started goes with it."""
    async with sites.serve() as pages:
        with cable() as line:
            async with browsing(name, line, pages) as browser:
                stop = browser.stop_worker if name == "chromium" else browser.stop_background
                await works(line, browser, "SOLUSDT", LIMIT_S)
                for _ in range(ROUNDS):
                    for moment in MOMENTS:
                        before, old = line.sent(SWITCH, "ETHUSDT"), hosts(browser)
                        async with struck(line, browser, "ETHUSDT", moment):
                            await stop()
                        await works(line, browser, "SOLUSDT")

                        assert line.sent(SWITCH, "ETHUSDT") - before <= 1
                        await until(lambda: gone(old), WITHIN_S)  # noqa: B023
                        assert len(hosts(browser)) == 1


async def gone(numbers: set[int]) -> bool:
    return not any(Path(f"/proc/{number}").exists() for number in numbers)


def chief(numbers: set[int]) -> int:
    """The process that all others of them come from."""
    for number in sorted(numbers):
        status = Path(f"/proc/{number}/status").read_text()
        (parent,) = (int(row.split()[1]) for row in status.splitlines() if row.startswith("PPid"))
        if parent not in numbers:
            return number
    raise AssertionError(f"nobody is first of {numbers}")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked for there")
@pytest.mark.parametrize("moment", ["at rest", "asked"])
@pytest.mark.parametrize("name", BROWSERS)
async def test_a_killed_browser_leaves_no_process_behind(name: str, moment: str) -> None:
    """SIGKILL: it can tell nobody. The end of the pipe is all that its host hears."""
    async with sites.serve() as pages:
        with cable() as line:
            for _ in range(ROUNDS):
                before = line.sent(SWITCH, "ETHUSDT")
                async with browsing(name, line, pages) as browser:
                    await works(line, browser, "SOLUSDT", LIMIT_S)
                    if moment == "asked":
                        async with struck(line, browser, "ETHUSDT", moment):
                            left = await killed(browser)
                    else:
                        left = await killed(browser)

                assert left < WITHIN_S
                assert line.sent(SWITCH, "ETHUSDT") - before <= 1


async def killed(browser: Any) -> float:
    """Kills the browser; how long its hosts lived on, in seconds."""
    running = processes(browser)
    mine = hosts(browser)
    assert len(mine) == 1, "it has a host"
    os.kill(chief(running), signal.SIGKILL)
    started = time.monotonic()
    await until(lambda: gone(mine), LIMIT_S)
    took = time.monotonic() - started
    await until(lambda: gone_or_zombie(running), LIMIT_S)
    return took


async def gone_or_zombie(numbers: set[int]) -> bool:
    """A killed child stays in the table until its parent has looked."""
    for number in numbers:
        with suppress(OSError):
            if "\nState:\tZ" not in Path(f"/proc/{number}/status").read_text():
                return False
    return True
