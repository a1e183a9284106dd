"""The extension is updated while pages are open, pages fake what we say, names turn round."""

from __future__ import annotations

import asyncio

import pytest

from relay.edges.browsers import piercing, until
from relay.edges.browsers.chromium import EXTENSION_ID
from tests.extension.conftest import Stage, chromium_stage, held

pytestmark = [pytest.mark.chromium, pytest.mark.asyncio]

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
ETH = '[data-symbol-full="BINANCE:ETHUSDT.P"]'
ACTIVE = "chrome.tabs.query({active: true, lastFocusedWindow: true}).then(([tab]) => tab)"


async def update(on: Stage) -> None:
    """What an update does to a running extension: everything of it ends and starts anew."""
    context = on.browser.context
    old = context.service_workers[-1]
    async with context.expect_event("serviceworker", timeout=20_000) as started:
        await old.evaluate("() => void setTimeout(() => chrome.runtime.reload(), 50)")
    worker = await started.value
    assert EXTENSION_ID in worker.url
    on.browser.worker = worker


async def evaluate(on: Stage, script: str) -> object:
    return await on.browser.worker.evaluate(f"async () => {{ {script} }}")


async def test_one_click_is_one_command_after_an_update_and_links_are_kept() -> None:
    async with held(chromium_stage()) as on:
        errors: list[str] = []
        on.browser.page.on("pageerror", lambda error: errors.append(str(error)))
        await on.browser.goto(CHART)
        await on.browser.alt_click(ETH)
        await on.browser.toast()
        await evaluate(
            on,
            f"const tab = await {ACTIVE}; chrome.contextMenus.onClicked.dispatch("
            "{menuItemId: 'link-page:002', pageUrl: tab.url}, tab);",
        )

        async def linked() -> bool:
            shown = await evaluate(
                on, f"return chrome.action.getBadgeText({{tabId: (await {ACTIVE}).id}});"
            )
            return shown == "2"

        await until(linked)
        await update(on)
        await until(linked)
        await asyncio.sleep(1.0)
        await on.terminal.mark()
        await on.browser.alt_click('[data-symbol-full="BYBIT:SOLUSDT.P"]')
        toast = await on.browser.toast()
        await asyncio.sleep(0.5)
        sent = await on.terminal.commands()
        hosts = [
            node
            for node in piercing.devtools(await on.browser.document()).walk()
            if "data-metascalp-relay" in node.attributes
        ]

    assert toast["code"] == "switched"
    assert [body["Ticker"] for _, body in sent] == ["SOLUSDT"]
    assert sent[0][1]["Binding"] == "002"
    assert len(hosts) == 1
    assert errors == []


async def test_a_chart_in_an_open_frame_is_heard_once_after_an_update() -> None:
    async with held(chromium_stage()) as on:
        on.pages.override["www.gate.com", "/frame.html"] = '<p class="chart">chart</p>'
        on.pages.override["www.gate.com", "/futures/USDT/ETH_USDT"] = (
            '<iframe id="host" src="/frame.html"></iframe>'
            "<iframe id=\"blank\" srcdoc='<p class=chart>chart</p>'></iframe>"
        )
        await on.browser.goto("https://www.gate.com/futures/USDT/ETH_USDT")
        await update(on)
        await asyncio.sleep(1.0)
        counts = []
        for frame in ("#host", "#blank"):
            await on.terminal.mark()
            inside = on.browser.page.frame_locator(frame)
            await inside.locator(".chart").click(modifiers=["Alt"])
            await asyncio.sleep(0.8)
            counts.append(len(await on.terminal.commands()))

    assert counts == [1, 1]


LAYOUT = """<!doctype html><title>chart</title><h1 id="pane">chart</h1><script>
window.TradingViewApi = {_activeChartWidgetWV: {value: () => ({symbol: () => "BYBIT:ETHUSDT.P"})}};
</script>"""


async def test_the_script_of_an_open_chart_is_asked_after_an_update_too() -> None:
    """A document that is written anew hears nobody any more: as if we had never been there."""
    async with held(chromium_stage()) as on:
        on.pages.override["www.tradingview.com", "/chart/aB3dEf9h/"] = LAYOUT
        await on.browser.goto("https://www.tradingview.com/chart/aB3dEf9h/")
        await on.browser.page.evaluate(
            "text => { document.open(); document.write(text); document.close(); }", LAYOUT
        )
        await update(on)
        await asyncio.sleep(1.0)
        await on.terminal.mark()
        await on.browser.alt_click("#pane")
        sent = await on.terminal.command()

    assert sent[1]["Ticker"] == "ETHUSDT"


async def test_an_old_copy_with_marks_and_following_does_nothing_any_more() -> None:
    async with held(chromium_stage()) as on:
        page = on.browser.page
        await on.browser.goto(CHART)
        await page.keyboard.down("Alt")
        await page.hover(ETH)

        async def marks() -> int:
            document = piercing.devtools(await on.browser.document())
            return sum("data-metascalp-mark" in one.attributes for one in document.walk())

        await until(marks)
        await page.keyboard.up("Alt")
        await update(on)
        await asyncio.sleep(1.0)
        await page.mouse.move(5, 5)
        await page.keyboard.down("Alt")
        await page.hover(ETH)
        await until(marks)
        count = await marks()
        await page.keyboard.up("Alt")

        async def gone() -> bool:
            return await marks() == 0

        await until(gone)

    assert count == 1


FAKES = """<!doctype html><title>fake</title>
<div data-metascalp-relay popover="manual" id="toast"><div class="box" data-state="refused"
  data-code="not-connected"><button id="chip">BTCUSDT · Binance Futures</button></div></div>
<div id="row" data-symbol-full="BYBIT:SOLUSDT.P">row</div><script>
  toast.showPopover();
  chip.onclick = () => { window.pressed = true; };
  window.said = [];
  const types = ["click", "offered", "followed", "mark", "menu", "hello", "warm", "toast", "facts",
    "settings", "follow", "bind", "bindings"];
  for (const type of types) {
    const message = {type, token: "x", index: 0, tab: 1, on: true, binding: "001",
      facts: {url: location.href, rows: [{index: 0, value: "BINANCE:ETHUSDT.P"}]}};
    postMessage(message, "*");
    dispatchEvent(new CustomEvent(type, {detail: message}));
    for (const id of ["egcejpaeokcmogjmokfehabjofphekff"]) {
      try { chrome.runtime.sendMessage(id, message, (said) => window.said.push(said ?? null)); }
      catch (error) { window.said.push(String(error)); }
    }
  }
  try { MetascalpPage.open({rows: []}); } catch (error) { window.page = error.name; }
</script>"""


async def test_a_page_that_fakes_our_toast_and_our_messages_moves_nothing() -> None:
    async with held(chromium_stage()) as on:
        on.pages.override["www.tradingview.com", "/fake"] = FAKES
        await on.terminal.mark()
        await on.browser.goto("https://www.tradingview.com/fake")
        await asyncio.sleep(1.0)
        page = on.browser.page
        await page.click("#chip")
        await asyncio.sleep(0.5)
        nothing = await on.terminal.commands()
        name = await page.evaluate("window.page")
        said = await page.evaluate("window.said")
        shown = await evaluate(
            on, f"return chrome.action.getBadgeText({{tabId: (await {ACTIVE}).id}});"
        )
        await on.browser.alt_click("#row")
        sent = await on.terminal.command()

    assert nothing == []
    assert name == "ReferenceError", "what content scripts share is not the page's to see"
    assert all(one is None or "Error" in str(one) for one in said)
    assert shown == ""
    assert sent[1]["Ticker"] == "SOLUSDT"


async def test_a_name_that_turns_the_writing_round_is_told_without_doing_so() -> None:
    async with held(chromium_stage()) as on:
        on.terminal.simulator.world.connections[2].name = "Bybit \u202egnitset\u2066 پرپ"
        await on.browser.goto(CHART)
        await on.browser.alt_click('[data-symbol-full="BYBIT:SOLUSDT.P"]')
        await on.browser.toast()
        texts = [
            node.text
            for host in piercing.devtools(await on.browser.document()).walk()
            if "data-metascalp-relay" in host.attributes
            for node in host.walk()
        ]

    told = next(text for text in texts if "SOLUSDT" in text)
    assert "gnitset" in told
    assert "پرپ" in told
    assert not set(told) & set("\u202e\u2066\u2069\u200f")
