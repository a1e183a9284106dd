"""Charts in frames: a click there means the ticker of the page around, and no frame has a say in
which that is."""

from __future__ import annotations

import asyncio
import json
from html import escape
from typing import Any

import pytest

from relay.edges.browsers import until
from relay.edges.browsers.chromium import EXTENSION_ID
from tests.extension.conftest import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")
chromium = pytest.mark.chromium
firefox = pytest.mark.firefox

PAGE = "https://www.gate.com/futures/USDT/ETH_USDT"
ETH = ("/api/change-ticker", {"Exchange": 3, "Market": 2, "Ticker": "ETH/USDT"})
INSIDE = (
    '<!doctype html><title>BYBIT:SOLUSDT.P</title><p id="chart">BYBIT:SOLUSDT.P</p>'
    '<a id="link" href="#away">away</a> <input id="field">'
)
#: A frame of the page's own host, of a blob, of nothing, and one written where it stands.
OWN = {
    "host": '<iframe id="one" src="/frame.html"></iframe>',
    "blob": '<iframe id="one"></iframe><script>one.src = URL.createObjectURL('
    f"new Blob([{json.dumps(INSIDE)}], {{type: 'text/html'}}));</script>",
    "blank": '<iframe id="one"></iframe><script>'
    f"one.contentDocument.body.innerHTML = {json.dumps(INSIDE)};</script>",
    "srcdoc": f'<iframe id="one" srcdoc="{escape(INSIDE)}"></iframe>',
    "widget": '<iframe id="one" src="https://s.tradingview.com/widgetembed/"></iframe>',
}
#: An advertisement, one that is shut off from its page, and a widget that shows another ticker.
FOREIGN = {
    "advertisement": '<iframe id="one" src="https://ads.example/frame.html"></iframe>',
    "shut off": f'<iframe id="one" sandbox srcdoc="{escape(INSIDE)}"></iframe>',
    "data": f'<iframe id="one" src="data:text/html,{escape(INSIDE)}"></iframe>',
}
OTHER = '<iframe id="one" src="https://s.tradingview.com/widgetembed/?symbol=BYBIT%3ASOLUSDT.P">'


def put(on: Stage, frame: str, host: str = "www.gate.com") -> None:
    on.pages.override[host, "/futures/USDT/ETH_USDT"] = (
        f"<!doctype html><title>ETH_USDT</title><h1>chart</h1>{frame}"
    )
    for one in ("www.gate.com", "ads.example"):
        on.pages.override[one, "/frame.html"] = INSIDE
    on.pages.override["s.tradingview.com", "/widgetembed/"] = INSIDE


async def at(on: Stage, frame: str, url: str = PAGE) -> Any:
    """The frame of a freshly opened page."""
    put(on, frame, url.split("/")[2])
    await on.browser.goto("about:blank")
    await on.browser.goto(url)
    await asyncio.sleep(0.25)  # At most five clicks a second.
    await on.terminal.mark()
    return on.browser.page.frame_locator("#one")


async def quiet(on: Stage) -> None:
    """Nothing comes of it: not even what follows from it in the page itself."""
    await on.browser.page.click("h1")
    await asyncio.sleep(0.6)
    told = "document.querySelector('[data-metascalp-relay]') !== null"

    assert await on.terminal.commands() == []
    assert not await on.browser.page.evaluate(told)


@chromium
@pytest.mark.parametrize("frame", OWN.values(), ids=OWN)
async def test_a_click_in_a_frame_of_a_named_site_means_the_page(on_chromium, frame):
    inside = await at(on_chromium, frame)

    await inside.locator("#chart").click(modifiers=["Alt"])

    assert await on_chromium.terminal.command() == ETH
    assert (await on_chromium.browser.toast())["code"] == "switched"


@chromium
@pytest.mark.parametrize("frame", FOREIGN.values(), ids=FOREIGN)
async def test_a_foreign_frame_says_nothing(on_chromium, frame):
    inside = await at(on_chromium, frame)

    await inside.locator("#chart").click(modifiers=["Alt"])

    await quiet(on_chromium)


@chromium
async def test_a_widget_of_another_ticker_opens_neither(on_chromium):
    inside = await at(on_chromium, OTHER)

    await inside.locator("#chart").click(modifiers=["Alt"])

    assert (await on_chromium.browser.toast())["code"] == "no-find"
    assert await on_chromium.terminal.commands() == []


@chromium
async def test_a_widget_on_a_page_we_do_not_know_says_nothing(on_chromium):
    inside = await at(on_chromium, OTHER, "https://chat.example/futures/USDT/ETH_USDT")

    await inside.locator("#chart").click(modifiers=["Alt"])

    await quiet(on_chromium)


@chromium
@pytest.mark.parametrize(
    ("where", "keys"),
    [("#link", ["Alt"]), ("#field", ["Alt"]), ("#chart", []), ("#chart", ["Shift"])],
)
async def test_what_has_a_meaning_of_its_own_keeps_it(on_chromium, where, keys):
    inside = await at(on_chromium, OWN["host"])

    await inside.locator(where).click(modifiers=keys)

    await quiet(on_chromium)


@chromium
async def test_a_double_click_is_one(on_chromium):
    inside = await at(on_chromium, OWN["host"])

    await inside.locator("#chart").dblclick(modifiers=["Alt"])
    await on_chromium.browser.toast()
    await asyncio.sleep(0.4)

    assert await on_chromium.terminal.commands() == [ETH]


ATTACK = """(async () => {
  const facts = {url: location.href, rows: [{index: 0, value: "BYBIT:SOLUSDT.P"}],
    href: "https://www.gate.com/futures/USDT/BTC_USDT", text: "BTCUSDT", page: [], title: ""};
  const find = {exchange: "BYBIT", market: "futures", bare: "SOLUSDT", pattern: "BYBIT:SOLUSDT.p"};
  for (const type of ["click", "offered", "hello", "warm", "menu", "mark", "followed", "open"]) {
    const sent = chrome.runtime.sendMessage({type, facts, find, at: Date.now(), shown: true,
      selection: "BYBIT:SOLUSDT.P", token: 1, index: 0}).catch(() => undefined);
    await Promise.race([sent, new Promise((done) => setTimeout(done, 100))]);
  }
  chrome.runtime.sendMessage({type: "framed", keys: ["alt"], facts, find, symbol: "SOLUSDT",
    method: "combo", tab: 1, url: "https://www.gate.com/futures/USDT/BTC_USDT"});
})()"""


@chromium
async def test_a_frame_that_was_taken_over_can_name_no_ticker(on_chromium):
    """Whatever our script there is made to say, nothing but the page's own ticker is opened."""
    await at(on_chromium, OWN["host"])
    session = await on_chromium.browser.context.new_cdp_session(on_chromium.browser.page)
    worlds: list[int] = []

    def look(event: dict[str, Any]) -> None:
        context = event["context"]
        if EXTENSION_ID in context["origin"] and context["auxData"]["frameId"] != top:
            worlds.append(context["id"])

    top = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
    session.on("Runtime.executionContextCreated", look)
    await session.send("Runtime.enable")

    async def there() -> bool:
        return bool(worlds)

    await until(there)
    await session.send(
        "Runtime.evaluate", {"expression": ATTACK, "contextId": worlds[-1], "awaitPromise": True}
    )
    await session.detach()

    assert await on_chromium.terminal.command() == ETH
    await asyncio.sleep(0.5)
    assert await on_chromium.terminal.commands() == [ETH]


async def click_inside(on: Stage, selector: str) -> None:
    """Alt+clicks in the one frame of Firefox's page."""
    browser = on.browser

    async def frame() -> Any:
        tree = await browser.command("browsingContext.getTree", root=browser.tab)
        return [one["context"] for one in tree["contexts"][0]["children"]]

    page, (browser.tab,) = browser.tab, await until(frame)
    try:
        await browser.alt_click(selector)
    finally:
        browser.tab = page


@firefox
@pytest.mark.parametrize("frame", OWN.values(), ids=OWN)
async def test_firefox_hears_the_frames_of_named_sites_too(on_firefox, frame):
    put(on_firefox, frame)
    await on_firefox.browser.goto("about:blank")
    await on_firefox.browser.goto(PAGE)
    await asyncio.sleep(0.25)
    await on_firefox.terminal.mark()

    await click_inside(on_firefox, "#chart")

    assert await on_firefox.terminal.command() == ETH


@firefox
@pytest.mark.parametrize("frame", FOREIGN.values(), ids=FOREIGN)
async def test_firefox_hears_no_foreign_frame(on_firefox, frame):
    put(on_firefox, frame)
    await on_firefox.browser.goto("about:blank")
    await on_firefox.browser.goto(PAGE)
    await on_firefox.terminal.mark()

    await click_inside(on_firefox, "#chart")
    await asyncio.sleep(0.6)

    assert await on_firefox.terminal.commands() == []
