"""The worker, the event page and the browser itself killed or frozen at each moment of a click, of
a cancel, of a subscription: it is done at most once and not later than two seconds after it was
asked for, the next one works, the panel is true again, and no process is left over.

`METASCALP_ROUNDS=100` does each of it that often at every moment, and is then strict about the two
seconds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from relay.edges.browsers import sites, stage, until
from tests.attacks.cable import MOMENTS, Cable, Plan, cable
from tests.extension.conftest import browser_named, held

LONG = "METASCALP_ROUNDS" in os.environ
ROUNDS = int(os.environ.get("METASCALP_ROUNDS", "1"))
WITHIN_S = 2.0 if LONG else 10.0
#: Longer than a command may be old and a click waits; and, in the long form, than a cancel waits.
STILL_S = 2.2
STILL_CANCEL_S = 12.5 if LONG else STILL_S
LIMIT_S = 10.0
#: A click is told as unknown after so long.
CLICK_S = 1.5
CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
SWITCH = "/api/change-ticker"
#: What is under way, by the first bytes that tell it on the cable.
NEEDLES = {
    "click": f"POST {SWITCH}".encode(),
    "cancel": b"/orders/cancel",
    "subscription": b"Upgrade: websocket",
}
ROWS = {
    "ETHUSDT": "BINANCE:ETHUSDT.P",
    "SOLUSDT": "BYBIT:SOLUSDT.P",
    "BTCUSDT": "OKX:BTCUSDT.P",
}
#: What is struck when: all, or what the short form has time for.
ALL = tuple(product(NEEDLES, MOMENTS))
ENDS = ALL if LONG else (*ALL[:3], ("cancel", "half"), ("subscription", "asked"))
FREEZES = {
    what: tuple((verb, one) for verb, one in ALL if LONG or one == moment)
    for what, moment in (("background", "asked"), ("browser", "answered"))
}
BROWSERS = [
    pytest.param("chromium", marks=pytest.mark.chromium),
    pytest.param("firefox", marks=pytest.mark.firefox),
]

reads_processes = pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="processes are looked for there"
)
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(120 + 120 * ROUNDS),
]


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
        yield browser


class Bench:
    """A terminal behind a cable, and a browser in front of it for one test after the other: a
    browser costs more seconds than most of what is done to it."""

    def __init__(self, name: str, line: Cable, pages: sites.Sites) -> None:
        self.name, self.line, self.pages = name, line, pages
        self._running: Any = None
        self._life = AsyncExitStack()

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Any]:
        """One that works, its page loaded anew. Where a test fails it is not used any more."""
        if self._running is None:
            begun = held(browsing(self.name, self.line, self.pages))
            self._running = await self._life.enter_async_context(begun)
        try:
            await self._running.goto(CHART)
            await asyncio.sleep(0.25)  # At most five clicks a second.
            await works(self.line, self._running, "BTCUSDT", LIMIT_S)
            yield self._running
        except BaseException:
            await self.end()
            raise

    async def end(self) -> None:
        """The next one is another; this one may have been killed."""
        self._running = None
        await self._life.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with sites.serve() as pages:
        with cable() as line:
            made = Bench(request.param, line, pages)
            yield made
            await made.end()


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


async def works_again(line: Cable, browser: Any, since: float) -> None:
    """A click arrives, in time. One that met a worker about to end is told as unknown when the
    trader has waited long enough, who clicks again then."""
    before, clicks = line.sent(SWITCH, "SOLUSDT"), 0
    while line.sent(SWITCH, "SOLUSDT") == before:
        assert time.monotonic() - since < WITHIN_S, f"not again within {WITHIN_S} s"
        await click(browser, "SOLUSDT")
        clicks += 1
        with suppress(TimeoutError):
            await until(partial(arrived, line, before), CLICK_S)

    assert line.sent(SWITCH, "SOLUSDT") <= before + clicks


async def arrived(line: Cable, before: int) -> bool:
    return line.sent(SWITCH, "SOLUSDT") > before


class Struck:
    """One thing under way in a browser, struck once at a moment of it. An order of the trader's own
    hand is there, to be cancelled or to be shown."""

    def __init__(self, line: Cable, browser: Any, verb: str) -> None:
        self.line, self.browser, self.verb = line, browser, verb
        self.order = line.place()
        self.before = self._asked()

    @asynccontextmanager
    async def at(self, moment: str, act: Callable[[], None]) -> AsyncIterator[None]:
        """In the block it is under way and struck."""
        self.line.plan = plan = Plan(NEEDLES[self.verb], moment, act)
        try:
            async with asyncio.TaskGroup() as tasks:
                # A press in a page that is frozen ends when that thaws.
                begun = tasks.create_task(self._begin())
                assert await asyncio.to_thread(plan.happened.wait, LIMIT_S)
                yield
                await begun
        finally:
            self.line.plan = None
            self.line.mend()

    async def _begin(self) -> None:
        """The cable says whether it began; how a press ends in a page that dies is all the same."""
        with suppress(Exception):
            if self.verb == "click":
                await click(self.browser, "ETHUSDT")
            elif self.verb == "cancel":
                await self.browser.panel_cancel(f"1:{self.order}")
            else:
                await stop(self.browser)

    @property
    def executed(self) -> int:
        return self._asked() - self.before

    def _asked(self) -> int:
        """How often the terminal was asked for it."""
        if self.verb == "click":
            return self.line.sent(SWITCH, "ETHUSDT")
        return self.line.sent("/orders/cancel", self.order)

    async def _one_host(self) -> bool:
        return len(hosts(self.browser)) == 1

    async def check(self, since: float) -> None:
        """After the trouble: all works, the panel tells the truth, nothing was done twice."""
        await works_again(self.line, self.browser, since)
        there = self.order in self.line.orders()
        look = self.browser.panel_has if there else self.browser.panel_lacks
        async with asyncio.timeout(since + WITHIN_S - time.monotonic()):
            await look(f"1:{self.order}")

        assert self.executed <= 1
        assert there == (self.verb != "cancel" or self.executed == 0)
        await until(self._one_host, since + WITHIN_S - time.monotonic())
        self.clear()

    def clear(self) -> None:
        """The next one finds no order of this one: rows that are out of sight have no element."""
        if self.order in self.line.orders():
            self.line.withdraw(self.order)


async def stop(browser: Any) -> None:
    """Ends the worker or the event page, as browsers do when they like."""
    await (
        browser.stop_background if hasattr(browser, "stop_background") else browser.stop_worker
    )()


@reads_processes
@pytest.mark.parametrize("bench", BROWSERS, indirect=True)
async def test_the_background_may_end_at_any_moment(bench: Bench) -> None:
    """The host that it had started goes with it. A subscription is struck as it comes back."""
    line = bench.line
    async with bench.browser() as browser:
        for _, (verb, moment) in product(range(ROUNDS), ENDS):
            struck = Struck(line, browser, verb)
            await browser.panel_has(f"1:{struck.order}")
            old = hosts(browser)
            async with struck.at(moment, line.hold):
                await stop(browser)
            since = time.monotonic()
            await struck.check(since)
            await until(lambda: gone(old), WITHIN_S)  # noqa: B023


@reads_processes
@pytest.mark.parametrize("what", ["background", "browser"])
@pytest.mark.parametrize("bench", BROWSERS, indirect=True)
async def test_what_is_frozen_goes_on_where_it_was(bench: Bench, what: str) -> None:
    """The process of the extension's background and pages, or the browser with all its own."""
    line = bench.line
    async with bench.browser() as browser:
        for _, (verb, moment) in product(range(ROUNDS), FREEZES[what]):
            struck = Struck(line, browser, verb)
            await browser.panel_has(f"1:{struck.order}")
            victims = its_own(browser, what)
            with thawing(victims):
                async with struck.at(moment, partial(send_all, victims, signal.SIGSTOP)):
                    await asyncio.sleep(STILL_CANCEL_S if verb == "cancel" else STILL_S)
                    send_all(victims, signal.SIGCONT)
                    since = time.monotonic()
                await struck.check(since)


@reads_processes
@pytest.mark.parametrize("bench", BROWSERS, indirect=True)
async def test_a_click_that_waited_in_a_frozen_background_is_not_carried_out(bench: Bench) -> None:
    line = bench.line
    async with bench.browser() as browser:
        for _ in range(ROUNDS):
            victims = its_own(browser, "background")
            before = line.sent(SWITCH, "ETHUSDT")
            with thawing(victims):
                send_all(victims, signal.SIGSTOP)
                await click(browser, "ETHUSDT")
                await asyncio.sleep(STILL_CANCEL_S)
            await works(line, browser, "SOLUSDT")

            assert line.sent(SWITCH, "ETHUSDT") == before


def its_own(browser: Any, what: str) -> set[int]:
    """The process of the extension, or every one of the browser; in neither the host."""
    everything = family(chief(processes(browser)))
    if what == "background":
        everything = {number for number in everything if is_of_extensions(number)}
        assert len(everything) == 1, "they have one process"
    return everything - hosts(browser)


def is_of_extensions(number: int) -> bool:
    """By the command line in Chromium, by the name in Firefox (156 and 153, 2026-12)."""
    folder = Path(f"/proc/{number}")
    command = (folder / "cmdline").read_bytes()
    return b"--extension-process" in command or (folder / "comm").read_text() == "WebExtensions\n"


def family(first: int) -> set[int]:
    """A process and all that come from it."""
    found, before = {first}, set[int]()
    while found != before:
        before = set(found)
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if parent(int(folder.name)) in before:
                    found.add(int(folder.name))
    return found


def parent(number: int) -> int:
    rows = Path(f"/proc/{number}/status").read_text().splitlines()
    (found,) = (int(row.split()[1]) for row in rows if row.startswith("PPid"))
    return found


def send_all(numbers: set[int], what: signal.Signals) -> None:
    for number in numbers:
        with suppress(ProcessLookupError):
            os.kill(number, what)


@contextmanager
def thawing(numbers: set[int]) -> Iterator[None]:
    """None of these is left frozen."""
    try:
        yield
    finally:
        send_all(numbers, signal.SIGCONT)


async def gone(numbers: set[int]) -> bool:
    return not any(Path(f"/proc/{number}").exists() for number in numbers)


def chief(numbers: set[int]) -> int:
    """The process that all others of them come from."""
    return next(number for number in sorted(numbers) if parent(number) not in numbers)


@reads_processes
@pytest.mark.parametrize("verb", NEEDLES)
@pytest.mark.parametrize("bench", BROWSERS, indirect=True)
async def test_a_killed_browser_leaves_no_process_behind(bench: Bench, verb: str) -> None:
    """SIGKILL: it can tell nobody. The end of the pipe is all that its host hears."""
    for n in range(ROUNDS):
        async with bench.browser() as browser:
            struck = Struck(bench.line, browser, verb)
            await browser.panel_has(f"1:{struck.order}")
            async with struck.at(MOMENTS[n % 3], bench.line.hold):
                left = await killed(browser)
        await bench.end()

        assert left < WITHIN_S
        assert struck.executed <= 1
        struck.clear()


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
