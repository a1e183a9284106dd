"""A command is as old as the press that gave it: what a background that stood still finds waiting
for it is refused and said, never done late."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from relay.edges.browsers import until
from tests.extension.conftest import Stage
from tests.extension.test_panel import place, row

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
ETH = '[data-symbol-full="BINANCE:ETHUSDT.P"]'
KUCOIN = '[data-symbol-full="KUCOIN:BTCUSDT"]'
#: Starts at once, after the answer that it starts (a timer of a page behind may wait a second); a
#: busy machine may need two seconds to press.
STILL = """(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    for (const over = Date.now() + 4500; Date.now() < over;);
    port1.close();
  };
  port2.postMessage(0);
})()"""
EXTENSION = Path(__file__).parents[2] / "extension"
WORDS = EXTENSION / "_locales/en/messages.json"

loop = pytest.mark.asyncio(loop_scope="module")
chromium = pytest.mark.chromium
firefox = pytest.mark.firefox


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ("NOW", "NOW"),
        ("NOW - 1", "NOW - 1"),
        ("NOW - 60000", "NOW - 60000"),
        ("-1", "-1"),
        ("NOW + 1", "NOW"),
        ("1e300", "NOW"),
        ("Infinity", "NOW"),
        ("-Infinity", "NOW"),
        ("NaN", "NOW"),
        ("undefined", "NOW"),
        ("null", "NOW"),
        ("'1'", "NOW"),
        ("[1]", "NOW"),
    ],
)
def test_only_a_moment_ahead_or_none_is_now(said: str, believed: str) -> None:
    """An infinite one would reach the relay as null, which is a command without an age."""
    node = shutil.which("node")
    assert node, "Node is needed to run when.js: install Node 18 or newer."
    script = (
        f'import {{ givenAt }} from "{(EXTENSION / "worker/when.js").as_uri()}";'
        "const NOW = 1796000000000;"
        f"console.log(givenAt({said}, NOW) === ({believed}));"
    )
    run = subprocess.run(
        [node, "--input-type=module", "-e", script], capture_output=True, timeout=30, check=True
    )

    assert run.stdout.strip() == b"true"


async def told(on: Stage) -> tuple[str, str]:
    toast = await on.browser.toast()
    return toast["state"], toast["code"]


async def again(on: Stage) -> None:
    """The background is there as before."""
    await on.browser.alt_click('[data-symbol-full="BYBIT:SOLUSDT.P"]')

    assert (await on.terminal.command())[0] == "/api/change-ticker"


@chromium
@loop
async def test_a_click_at_a_worker_that_stands_still_is_refused(on_chromium: Stage) -> None:
    await on_chromium.browser.goto(CHART)
    await on_chromium.terminal.mark()
    await on_chromium.browser.worker.evaluate(f"() => void {STILL}")
    await on_chromium.browser.alt_click(ETH)

    assert await told(on_chromium) == ("refused", "stale")
    assert await on_chromium.terminal.commands() == []
    await again(on_chromium)


@chromium
@loop
async def test_so_is_what_a_toast_had_offered(on_chromium: Stage) -> None:
    await on_chromium.browser.goto(CHART)
    await on_chromium.browser.alt_click(KUCOIN)
    assert await told(on_chromium) == ("refused", "not-connected")
    await on_chromium.terminal.mark()
    await on_chromium.browser.worker.evaluate(f"() => void {STILL}")
    await on_chromium.browser.press_chip("Binance Futures")

    async def stale() -> bool:
        return await told(on_chromium) == ("refused", "stale")

    assert await until(stale)
    assert await on_chromium.terminal.commands() == []


@chromium
@loop
async def test_so_is_a_click_in_a_frame(on_chromium: Stage) -> None:
    pages = on_chromium.pages
    pages.override["www.gate.com", "/futures/USDT/ETH_USDT"] = '<iframe id="one" src="/f"></iframe>'
    pages.override["www.gate.com", "/f"] = "<!doctype html><p id=chart>chart</p>"
    await on_chromium.browser.goto("https://www.gate.com/futures/USDT/ETH_USDT")
    await on_chromium.terminal.mark()
    await on_chromium.browser.worker.evaluate(f"() => void {STILL}")
    await on_chromium.browser.page.frame_locator("#one").locator("#chart").click(modifiers=["Alt"])

    assert await told(on_chromium) == ("refused", "stale")
    assert await on_chromium.terminal.commands() == []


@chromium
@loop
async def test_so_is_a_cancel_of_the_panel(on_chromium: Stage) -> None:
    """The panel has a thread of its own: its button is pressed while the worker stands still."""
    key = await place(on_chromium, price=50500)
    panel = await on_chromium.browser.open_panel()
    await panel.locator(row(key)).wait_for()
    await panel.click(f"{row(key)} [data-action=cancel]")
    await on_chromium.terminal.mark()
    await on_chromium.browser.worker.evaluate(f"() => void {STILL}")
    await panel.click(f"{row(key)} [data-action=confirm-cancel]")
    late = json.loads(WORDS.read_text("utf-8"))["outcome_stale"]["message"]
    await panel.get_by_text(late).first.wait_for()

    assert await on_chromium.terminal.commands() == []
    await on_chromium.browser.panel_cancel(key)
    await panel.locator(row(key)).wait_for(state="detached")


async def press_blocked(page: Any, on: Stage, element: Any, modifiers: int = 0) -> None:
    """Presses while the page's own thread stands still: the press waits for it."""
    box = await element.bounding_box()
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    devtools = await on.browser.context.new_cdp_session(page)
    await devtools.send("Input.dispatchMouseEvent", {"type": "mouseMoved", **at})
    await on.terminal.mark()
    await page.evaluate(f"() => void {STILL}")
    press = {"button": "left", "clickCount": 1, "modifiers": modifiers, **at}
    async with asyncio.TaskGroup() as tasks:
        for kind in ("mousePressed", "mouseReleased"):
            what = {"type": kind, **press}
            tasks.create_task(devtools.send("Input.dispatchMouseEvent", what))
    await devtools.detach()


ALT = 1


@chromium
@loop
async def test_a_click_at_a_page_that_stands_still_is_as_old_as_the_press(
    on_chromium: Stage,
) -> None:
    await on_chromium.browser.goto(CHART)
    page = on_chromium.browser.page
    await press_blocked(page, on_chromium, page.locator(ETH), ALT)

    assert await told(on_chromium) == ("refused", "stale")
    assert await on_chromium.terminal.commands() == []
    await again(on_chromium)


@chromium
@loop
async def test_so_is_one_at_a_frame_that_stands_still(on_chromium: Stage) -> None:
    pages = on_chromium.pages
    pages.override["www.gate.com", "/futures/USDT/ETH_USDT"] = '<iframe id="one" src="/f"></iframe>'
    pages.override["www.gate.com", "/f"] = "<!doctype html><p id=chart>chart</p>"
    await on_chromium.browser.goto("https://www.gate.com/futures/USDT/ETH_USDT")
    page = on_chromium.browser.page
    chart = page.frame_locator("#one").locator("#chart")
    await press_blocked(page, on_chromium, chart, ALT)

    assert await told(on_chromium) == ("refused", "stale")
    assert await on_chromium.terminal.commands() == []


@chromium
@loop
async def test_so_is_a_cancel_of_a_panel_that_stands_still(on_chromium: Stage) -> None:
    key = await place(on_chromium, price=50600)
    panel = await on_chromium.browser.open_panel()
    await panel.locator(row(key)).wait_for()
    await panel.click(f"{row(key)} [data-action=cancel]")
    sure = panel.locator(f"{row(key)} [data-action=confirm-cancel]")
    await press_blocked(panel, on_chromium, sure)
    late = json.loads(WORDS.read_text("utf-8"))["outcome_stale"]["message"]
    await panel.get_by_text(late).first.wait_for()

    assert await on_chromium.terminal.commands() == []
    await on_chromium.browser.panel_cancel(key)
    await panel.locator(row(key)).wait_for(state="detached")


@firefox
@loop
async def test_in_firefox_a_click_at_a_page_that_stands_still_is_refused(on_firefox: Stage) -> None:
    """Its event page shares a thread with every page of ours: one of them holds it."""
    browser: Any = on_firefox.browser
    ours = await browser._extension_tab()
    await browser.goto(CHART)
    await browser.command("browsingContext.activate", context=browser.tab)
    await on_firefox.terminal.mark()
    await browser.evaluate(f"void {STILL}", ours)
    await browser.alt_click(ETH)

    assert await told(on_firefox) == ("refused", "stale")
    assert await on_firefox.terminal.commands() == []
    await again(on_firefox)
