"""Following, bindings, the menu's names, the address bar and marks, in a real Firefox."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from relay.core import places
from relay.edges.browsers import piercing, until
from relay.edges.browsers.firefox import UUID
from tests.extension.conftest import Stage

pytestmark = [pytest.mark.firefox, pytest.mark.asyncio(loop_scope="module")]

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
SOL = '[data-symbol-full="BYBIT:SOLUSDT.P"]'
PAGE = """<!doctype html><title>64,250.5 | BTCUSDT Perpetual</title><h1>futures</h1>
<p><b id="pattern">BYBIT:SOLUSDT.p</b> <span id="price">64 250,5</span></p><script>
  window.go = (symbol) => {
    history.pushState({}, "", "/en/futures/" + symbol);
    document.title = `64,111 | ${symbol} Perpetual`;
  };
</script>"""
FUTURES = "https://www.binance.com/en/futures/BTCUSDT"


def native(exchange: int, market: int, ticker: str, **more: Any) -> dict[str, Any]:
    return {"Exchange": exchange, "Market": market, "Ticker": ticker, **more}


async def sent(on: Stage, *bodies: dict[str, Any]) -> None:
    async def arrived() -> bool:
        return [body for _, body in await on.terminal.commands()] == list(bodies)

    await until(arrived)


async def badge_is(on: Stage, wanted: str) -> None:
    async def there() -> bool:
        return await on.browser.around.badge() == wanted

    await until(there)


async def at(on: Stage, url: str) -> None:
    on.pages.override["www.binance.com", "/en/futures/BTCUSDT"] = PAGE
    await on.browser.goto("about:blank")
    await on.browser.goto(url)
    await asyncio.sleep(0.3)
    await on.terminal.mark()


async def test_the_terminal_follows_a_tab_by_key_and_through_a_reload(on_firefox: Stage) -> None:
    """And shows it again when the trader comes back to it from another tab."""
    browser = on_firefox.browser
    await at(on_firefox, FUTURES)
    await browser.around.press_key("F")
    await sent(on_firefox, native(2, 2, "BTCUSDT"))
    await badge_is(on_firefox, "▸")
    await asyncio.sleep(1.0)
    await browser.evaluate("void go('ETHUSDT')")
    await sent(on_firefox, native(2, 2, "BTCUSDT"), native(2, 2, "ETHUSDT"))
    await browser.goto(FUTURES)
    await sent(
        on_firefox, native(2, 2, "BTCUSDT"), native(2, 2, "ETHUSDT"), native(2, 2, "BTCUSDT")
    )
    await badge_is(on_firefox, "▸")
    await browser.stop_background()
    await asyncio.sleep(1.0)
    await browser.evaluate("void go('SOLUSDT')")

    async def heard(*last: str) -> None:
        async def there() -> bool:
            told = [one["Ticker"] for _, one in await on_firefox.terminal.commands()]
            return tuple(told[-len(last) :]) == last

        await until(there)

    await heard("SOLUSDT")
    page = browser.tab
    other = await browser.command("browsingContext.create", type="tab")
    browser.tab = other["context"]
    await browser.goto(FUTURES)
    await browser.alt_click("h1")
    await heard("SOLUSDT", "BTCUSDT")
    browser.tab = page
    await browser.command("browsingContext.close", context=other["context"])
    await browser.command("browsingContext.activate", context=page)
    await heard("SOLUSDT", "BTCUSDT", "SOLUSDT")
    await browser.around.press_key("F")
    await badge_is(on_firefox, "")


#: The chart's own script and its legend, each told apart from the other; the address stays.
LIVE = """<!doctype html><title>chart</title>
<div data-name="legend-series-item"><span data-name="legend-source-title">BTCUSDT.P</span>
<span class="exchangeTitle-x">Binance</span></div><script>
  let shown = "BINANCE:BTCUSDT.P";
  window.TradingViewApi = {_activeChartWidgetWV: {value: () => ({symbol: () => shown})}};
  window.script = (symbol) => { shown = symbol; };
  window.legend = (symbol, exchange) => {
    document.querySelector("[data-name=legend-source-title]").textContent = symbol;
    document.querySelector("[class^=exchangeTitle]").textContent = exchange;
  };
</script>"""


async def test_a_chart_of_tradingview_is_followed_when_its_script_and_its_legend_agree(
    on_firefox: Stage,
) -> None:
    browser = on_firefox.browser
    on_firefox.pages.override["www.tradingview.com", "/chart/aB3dEf9h/"] = LIVE
    await at(on_firefox, "https://www.tradingview.com/chart/aB3dEf9h/")
    await browser.around.press_key("F")
    await sent(on_firefox, native(2, 2, "BTCUSDT"))
    await asyncio.sleep(1.0)
    await browser.evaluate("void script('BYBIT:SOLUSDT.P')")
    await badge_is(on_firefox, "▸?")
    await browser.evaluate("void legend('SOLUSDT.P', 'Bybit')")
    await sent(on_firefox, native(2, 2, "BTCUSDT"), native(6, 5, "SOLUSDT"))
    await browser.around.press_key("F")
    await badge_is(on_firefox, "")


async def test_the_keys_open_the_page_and_the_sidebar(on_firefox: Stage) -> None:
    browser = on_firefox.browser
    await at(on_firefox, FUTURES)
    await browser.around.press_key("O")
    await sent(on_firefox, native(2, 2, "BTCUSDT"))
    await browser.around.press_key("C")

    async def both() -> bool:
        return [path for path, _ in await on_firefox.terminal.commands()][-1] == "/api/combo"

    await until(both)
    is_open = "SidebarController.isOpen"
    before = await browser.evaluate(is_open, browser.window)
    for wanted in (not before, before):
        await browser.around.press_key("K")

        async def so(wanted: bool = wanted) -> bool:
            return bool(await browser.evaluate(is_open, browser.window)) is wanted

        await until(so)


async def test_another_modifier_is_chosen_on_the_options_page(on_firefox: Stage) -> None:
    browser = on_firefox.browser

    async def choose(modifier: str) -> None:
        await browser.goto(f"moz-extension://{UUID}/options/index.html")
        node = "document.querySelector('#set-modifier')"
        await until(lambda: browser.evaluate(f"{node}?.value ? 1 : 0"))
        change = "new Event('change', {bubbles: true})"
        await browser.evaluate(f"{node}.value = '{modifier}'; void {node}.dispatchEvent({change})")
        kept = "browser.storage.local.get('modifier').then((one) => one.modifier ?? 'alt')"
        await until(lambda: browser.evaluate(f"{kept}.then((one) => one === '{modifier}')"))

    await choose("ctrl")
    try:
        await at(on_firefox, CHART)
        await browser.alt_click(SOL)
        await asyncio.sleep(0.5)
        other = await on_firefox.terminal.commands()
        x, y = await until(lambda: browser._resting_place(SOL))
        steps = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        rest = [{"type": "pause"}] * 3
        held = [
            {"type": "keyDown", "value": "\ue009"}, *rest, {"type": "keyUp", "value": "\ue009"},
        ]  # fmt: skip
        actions = [
            {"type": "key", "id": "keys", "actions": held},
            {"type": "pointer", "id": "mouse", "actions": [{"type": "pause"}, *steps]},
        ]
        await browser.command("input.performActions", context=browser.tab, actions=actions)
        await sent(on_firefox, native(6, 5, "SOLUSDT"))
    finally:
        await choose("alt")

    assert other == []


async def test_the_menu_names_the_ticker_and_lists_the_bindings(on_firefox: Stage) -> None:
    browser = on_firefox.browser
    await at(on_firefox, FUTURES)
    await browser.open_menu("#pattern", select=True)
    await browser.around.menu_says("open-part", "SOLUSDT")
    label = await browser.around.choose("open-part")
    await sent(on_firefox, native(6, 5, "SOLUSDT"))
    await on_firefox.terminal.mark()
    await browser.open_menu("#pattern", select=True)
    await browser.around.menu_says("into-part", "SOLUSDT")
    entry = await browser.around.choose("into-part:002")
    await sent(on_firefox, native(6, 5, "SOLUSDT", Binding="002"))

    assert label == "Open BYBIT:SOLUSDT.p in MetaScalp"
    assert entry.startswith("002 — ")


async def test_where_we_may_not_read_the_menu_names_nothing_and_opens_what_was_chosen(
    on_firefox: Stage,
) -> None:
    """Firefox tells the selection when an item is chosen, and not before."""
    browser = on_firefox.browser
    await at(on_firefox, "https://chat.example/room")
    await browser.open_menu("#pattern", select=True)
    label = await browser.around.choose("open-part")
    await sent(on_firefox, native(2, 2, "SOLUSDT"))

    assert label == "Open in MetaScalp"


async def test_a_tab_is_linked_from_the_menu_and_wears_its_number(on_firefox: Stage) -> None:
    browser = on_firefox.browser
    await at(on_firefox, FUTURES)
    await browser.open_menu("h1")
    await browser.around.menu_says("open-page", "BTCUSDT")
    await browser.around.choose("link-page:003")
    await badge_is(on_firefox, "3")
    await browser.alt_click("h1")
    await sent(on_firefox, native(2, 2, "BTCUSDT", Binding="003"))
    await browser.open_menu("h1")
    await browser.around.menu_says("open-page", "BTCUSDT")
    await browser.around.choose("link-page:")
    await badge_is(on_firefox, "")


async def test_a_number_on_the_page_becomes_an_alert(on_firefox: Stage) -> None:
    browser = on_firefox.browser
    await at(on_firefox, FUTURES)
    await browser.open_menu("#price", select=True)
    await browser.around.menu_says("alert-part", "64250.5")
    label = await browser.around.choose("alert-part")

    async def placed() -> Any:
        sent = await on_firefox.terminal.commands()
        return [body for path, body in sent if "signal-levels" in path]

    body, *_ = await until(placed)
    assert label == "Price alert: BINANCE:BTCUSDT.p at 64250.5"
    assert (body["Ticker"], body["Price"]) == ("BTCUSDT", 64250.5)


async def test_a_ticker_is_noted_in_the_terminals_feed(on_firefox: Stage) -> None:
    browser = on_firefox.browser
    await at(on_firefox, FUTURES)
    await browser.open_menu("#pattern", select=True)
    await browser.around.menu_says("notify-part", "SOLUSDT")
    await browser.around.choose("notify-part")
    body = {"ConnectionId": 2, "Ticker": "SOLUSDT", "EventType": "From the browser"}
    await sent(on_firefox, body)


async def test_the_address_bar_suggests_and_opens(on_firefox: Stage) -> None:
    browser = on_firefox.browser
    await at(on_firefox, CHART)

    async def offered() -> Any:
        shown = await browser.around.address_bar("ms sol bybit")
        return [one for one in shown if "Bybit Perp" in str(one)] and shown

    await until(offered)
    await browser.around.enter_address()

    await sent(on_firefox, native(6, 5, "SOLUSDT"))


async def test_the_held_key_marks_a_ticker(on_firefox: Stage) -> None:
    browser = on_firefox.browser
    await at(on_firefox, CHART)
    spot = json.loads(
        await browser.evaluate(
            f"(() => {{ const box = document.querySelector({json.dumps(SOL)})"
            ".getBoundingClientRect(); return JSON.stringify([Math.round(box.x + 10),"
            " Math.round(box.y + box.height / 2)]); })()"
        )
    )

    async def act(*keys: dict[str, Any], moves: tuple[int, ...] = ()) -> None:
        steps = [{"type": "pointerMove", "x": spot[0] + by, "y": spot[1]} for by in moves]
        actions: list[dict[str, Any]] = [{"type": "key", "id": "keys", "actions": list(keys)}]
        if steps:
            actions.append({"type": "pointer", "id": "mouse", "actions": steps})
        await browser.command("input.performActions", context=browser.tab, actions=actions)

    await act({"type": "keyDown", "value": "\ue00a"})
    await act(moves=(0, 3))

    async def marked() -> str | None:
        await act(moves=(1, 2))
        for host in piercing.bidi(await browser._bidi.document(browser.tab)).walk():
            if "data-metascalp-mark" in host.attributes:
                named = [one for one in host.walk() if one.attributes.get("class") == "name"]
                return "".join(one.text for node in named for one in node.walk())
        return None

    shown = await until(marked)
    await act({"type": "keyUp", "value": "\ue00a"})

    assert shown == "BYBIT:SOLUSDT.p"


async def test_an_update_with_a_tab_open_leaves_one_copy_of_us_and_keeps_the_link(
    on_firefox: Stage,
) -> None:
    """The same folder again is an update to Firefox; the page is not reloaded."""
    browser = on_firefox.browser
    await at(on_firefox, FUTURES)
    await browser.open_menu("h1")
    await browser.around.menu_says("open-page", "BTCUSDT")
    await browser.around.choose("link-page:003")
    await badge_is(on_firefox, "3")
    folder = {"type": "path", "path": str(places.shipped("extension"))}
    await browser.command("webExtension.install", extensionData=folder)
    await badge_is(on_firefox, "3")

    async def clicked() -> bool:
        await browser.alt_click("h1")
        await asyncio.sleep(0.5)
        return bool(await on_firefox.terminal.commands())

    await until(clicked)
    told = await on_firefox.terminal.commands()
    await browser.open_menu("h1")
    await browser.around.menu_says("open-page", "BTCUSDT")
    await browser.around.choose("link-page:")
    await badge_is(on_firefox, "")

    assert [body for _, body in told] == [native(2, 2, "BTCUSDT", Binding="003")]
