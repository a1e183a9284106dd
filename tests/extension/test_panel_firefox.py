"""The same panel as Firefox's sidebar: its views, the page, combos, prices, the activity; and in a
tab, where Firefox lets a tool press and type, what is cancelled, filtered, sought and pinned."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from relay.edges.browsers import until

pytestmark = [pytest.mark.firefox, pytest.mark.asyncio(loop_scope="module")]

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"


async def show(browser: Any, view: str) -> None:
    """The sidebar in one of its views."""
    await browser.open_panel()
    await until(lambda: browser.panel("panel.body.dataset.loaded === 'true'"))
    tab = json.dumps(f"#views [data-view={view}]")
    await browser.panel(f"void panel.querySelector({tab}).click()")
    await until(lambda: browser.panel(f"panel.body.dataset.view === '{view}'"))


async def count(browser: Any, css: str) -> int:
    return int(await browser.panel(f"panel.querySelectorAll({json.dumps(css)}).length"))


async def press(browser: Any, css: str) -> None:
    await until(lambda: count(browser, css))
    await browser.panel(f"void panel.querySelector({json.dumps(css)}).click()")


async def text(browser: Any, css: str) -> str:
    return str(await browser.panel(f"panel.querySelector({json.dumps(css)}).textContent"))


async def test_the_page_and_everything_found_on_it(on_firefox):
    browser = on_firefox.browser
    await browser.goto(CHART)
    await show(browser, "here")
    await until(lambda: count(browser, "li[data-find='BYBIT:SOLUSDT.p'][data-code=found]"))
    await on_firefox.terminal.mark()
    await press(browser, "li[data-find='BYBIT:SOLUSDT.p'] .symbol")

    assert await text(browser, ".own .symbol") == "BINANCE:BTCUSDT.p"
    assert (await on_firefox.terminal.command())[1]["Ticker"] == "SOLUSDT"


async def test_combos_behind_and_closed_again(on_firefox):
    browser = on_firefox.browser
    layout = on_firefox.terminal.simulator.world.screen.layout
    before = [tab.id for window in layout.windows for tab in window.tabs]
    await show(browser, "here")
    for ticker in ("BINANCE:ETHUSDT.p", "BYBIT:SOLUSDT.p"):
        await press(browser, f"li[data-find='{ticker}'] input")
    await press(browser, "[data-action=combos]")
    await until(lambda: count(browser, "[data-action=close-opened]"))
    between = [tab.id for window in layout.windows for tab in window.tabs]
    await press(browser, "[data-action=close-opened]")

    async def closed() -> bool:
        return [tab.id for window in layout.windows for tab in window.tabs] == before

    await until(closed)
    assert len(between) == len(before) + 2


async def test_rows_are_placed_and_few_of_many_have_an_element(on_firefox):
    browser = on_firefox.browser
    await show(browser, "orders")
    await until(lambda: count(browser, "section[data-section=orders] tr[data-key]"))
    tops = await browser.panel(
        "JSON.stringify([...panel.querySelectorAll('section[data-section=orders] tr[data-key]')]"
        ".map((one) => one.getBoundingClientRect().top))"
    )
    wide = await browser.panel("panel.documentElement.scrollWidth - panel.defaultView.innerWidth")

    assert json.loads(tops) == sorted(set(json.loads(tops)))
    assert wide <= 0


async def test_positions_have_prices_and_results(on_firefox):
    browser = on_firefox.browser
    await show(browser, "positions")
    await until(lambda: count(browser, "td.c-result[title*=USDT]"))

    assert "USDT" in await text(browser, "section[data-section=positions] .extra")


async def test_the_activity_has_what_was_done(on_firefox):
    browser = on_firefox.browser
    await show(browser, "activity")

    async def told() -> bool:
        return "Bybit Perp" in await text(browser, "section[data-section=activity]")

    await until(told)


async def test_after_the_background_was_ended_the_panel_goes_on(on_firefox):
    browser = on_firefox.browser
    await show(browser, "orders")
    await browser.stop_background()
    placed = await on_firefox.terminal.post(
        "/sim/order", connectionId=1, ticker="BTCUSDT", side="Buy", type="Limit", price=53000,
        size=0.01,
    )  # fmt: skip
    await until(lambda: count(browser, f"tr[data-key='1:{placed['orderId']}']"))


# ---- the same page in a tab: presses and keys of a hand ----


class Hand:
    """The panel in a tab of its own, pressed and typed into as by the trader."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser

    async def ask(self, script: str) -> Any:
        return await self.browser.evaluate(script)

    async def wait(self, script: str) -> Any:
        return await until(lambda: self.ask(script))

    async def has(self, css: str, *, there: bool = True) -> None:
        found = f"document.querySelector({json.dumps(css)})?.checkVisibility() ?? false"
        await self.wait(found if there else f"!({found})")

    async def press(self, css: str, *, alt: bool = False) -> None:
        await self.browser._press_at(css, 0, alt=alt)

    async def keys(self, *values: str) -> None:
        actions = [
            {"type": kind, "value": value} for value in values for kind in ("keyDown", "keyUp")
        ]
        typed = {"type": "key", "id": "keys", "actions": actions}
        await self.browser.command(
            "input.performActions", context=self.browser.tab, actions=[typed]
        )

    async def focus(self, css: str) -> None:
        await self.ask(f"void document.querySelector({json.dumps(css)}).focus()")


@asynccontextmanager
async def hand(on: Any, view: str = "orders") -> AsyncIterator[Hand]:
    browser = on.browser
    page, before = await browser._extension_tab(), browser.tab
    await browser.command("browsingContext.activate", context=page)
    browser.tab = page
    try:
        one = Hand(browser)
        await one.wait("document.body.dataset.loaded === 'true'")
        await one.press(f"#views [data-view={view}]")
        await one.wait(f"document.body.dataset.view === '{view}'")
        yield one
    finally:
        browser.tab = before
        await browser.command("browsingContext.activate", context=before)


UNKNOWN = json.dumps("#note[data-state=unknown]")


async def place(on: Any, **order: Any) -> str:
    body = {"connectionId": 2, "ticker": "SOLUSDT", "side": "Buy", "type": "Limit", "size": 1}
    placed = await on.terminal.post("/sim/order", **{**body, "price": 80, **order})
    return f"{order.get('connectionId', 2)}:{placed['orderId']}"


def row(key: str) -> str:
    return f"section[data-section=orders] tr[data-key='{key}']"


async def test_all_orders_of_a_ticker_go_after_a_second_question(on_firefox):
    keys = [await place(on_firefox, price=80 + n) for n in range(3)]
    async with hand(on_firefox) as panel:
        await panel.has(row(keys[0]))
        await on_firefox.terminal.mark()
        await panel.press(f"{row(keys[0])} [data-action=cancel]")
        await panel.press(f"{row(keys[0])} [data-action=cancel-all]")
        none = await on_firefox.terminal.commands()
        await panel.press(f"{row(keys[0])} [data-action=confirm-cancel-all]")
        for key in keys:
            await panel.has(row(key), there=False)

    assert none == []
    assert await on_firefox.terminal.commands() == [
        ("/api/connections/2/orders/cancel-all", {"Ticker": "SOLUSDT"})
    ]


async def test_a_cancel_that_is_never_answered_is_told_as_unknown_and_not_sent_again(on_firefox):
    key = await place(on_firefox, price=70)
    async with hand(on_firefox) as panel:
        await panel.has(row(key))
        await on_firefox.terminal.mark()
        await panel.press(f"{row(key)} [data-action=cancel]")
        await on_firefox.terminal.post("/sim/fault", name="freeze")
        try:
            await panel.press(f"{row(key)} [data-action=confirm-cancel]")
            await until(lambda: panel.ask(f"document.querySelector({UNKNOWN}) !== null"), 15)
            text = await panel.ask("document.querySelector('#said').textContent")
        finally:
            await on_firefox.terminal.post("/sim/fault", name="freeze", on=False)
        await until(lambda: panel.ask(f"document.querySelector({json.dumps(row(key))}) === null"))
    cancels = [path for path, _ in await on_firefox.terminal.commands() if "cancel" in path]

    assert text == "No answer; checking"
    assert cancels == ["/api/connections/2/orders/cancel"]


async def test_a_panel_is_locked_and_pointed_at_a_ticker(on_firefox):
    browser = on_firefox.browser
    await browser.goto(CHART)
    await show(browser, "here")
    await until(lambda: count(browser, ".own .symbol"))  # Read anew: another tab was in front.
    await browser.panel("void panel.querySelector('.this-tab summary').click()")
    of_sol = (
        "[...panel.querySelectorAll('.panels li')].find((one) =>"
        " one.textContent.includes('SOLUSDT'))"
    )
    await until(lambda: browser.panel(f"{of_sol} !== undefined"))
    await browser.panel(f"void {of_sol}.querySelector('[data-act=lock]').click()")
    await until(lambda: count(browser, ".panels li[data-locked=true]"))
    await on_firefox.terminal.mark()
    await browser.panel(f"void {of_sol}.querySelector('[data-act=show]').click()")
    await until(
        lambda: browser.panel("panel.querySelector('#said').textContent.includes('locked')")
    )
    nothing = await on_firefox.terminal.commands()
    await browser.panel("void panel.querySelector('li[data-locked=true] [data-act=lock]').click()")

    async def unlocked() -> bool:
        return await count(browser, ".panels li[data-locked=true]") == 0

    await until(unlocked)
    await browser.panel(f"void {of_sol}.querySelector('[data-act=show]').click()")

    async def pointed() -> bool:
        requests = (await on_firefox.terminal.state())["requests"]
        return any(one["method"] == "PUT" and one["path"].endswith("/ticker") for one in requests)

    await until(pointed)
    assert nothing == []


async def test_sides_connections_and_one_list(on_firefox):
    buy = await place(on_firefox)
    sell = await place(on_firefox, connectionId=1, ticker="BTCUSDT", side="Sell", price=91000,
                       size=0.01)  # fmt: skip
    chosen = (
        "(() => {{ const one = document.querySelector('.tools select'); one.value = '{}';"
        " one.dispatchEvent(new Event('change', {{bubbles: true}})); }})()"
    )
    async with hand(on_firefox) as panel:
        await panel.has(row(buy))
        await panel.has(row(sell))
        await panel.press(".choice [data-side=sell]")
        await panel.has(row(buy), there=False)
        await panel.has(row(sell))
        await panel.press(".choice [data-side='']")
        await panel.ask(chosen.format("2"))
        await panel.has(row(sell), there=False)
        await panel.has(row(buy))
        await panel.ask(chosen.format(""))
        await panel.press("[data-action=group]")
        await panel.has("section[data-section=orders] tbody[data-connection='']")
        await panel.press("[data-action=group]")
        await panel.has("section[data-section=orders] tbody[data-connection='1']")


async def test_a_scan_shows_its_progress_and_stops(on_firefox):
    async with hand(on_firefox) as panel:
        await panel.press("[data-action=coverage]")
        await panel.press("[data-action=scan]")
        await panel.has("#coverage progress")
        await panel.press("[data-action=scan-stop]")
        await panel.wait("document.querySelector('.told').textContent.includes('Stopped after')")
        await panel.press("[data-action=coverage]")


async def test_a_pin_is_set_by_its_key_and_taken_off(on_firefox):
    key = await place(on_firefox, ticker="ADAUSDT", price=0.3, size=20)
    async with hand(on_firefox) as panel:
        await panel.has(row(key))
        await panel.focus(row(key))
        await panel.keys("p")
        await panel.wait("document.querySelector('#said').textContent.includes('ADAUSDT')")
        await panel.press("[data-action=coverage]")
        await panel.press(".pin[data-ticker=ADAUSDT]")
        await panel.has(".pin[data-ticker=ADAUSDT]", there=False)
        await panel.press("[data-action=coverage]")


async def test_a_modified_click_opens_a_chart(on_firefox):
    key = await place(on_firefox, price=90)
    layout = on_firefox.terminal.simulator.world.screen.layout
    charts = len(layout.charts)
    async with hand(on_firefox) as panel:
        await panel.has(row(key))
        await panel.press(f"{row(key)} .open", alt=True)

        async def opened() -> bool:
            return len(layout.charts) == charts + 1 and layout.charts[-1].ticker == "SOLUSDT"

        await until(opened)


async def test_everything_is_reached_by_keys(on_firefox):
    down, enter, delete = "\ue015", "\ue007", "\ue017"
    key = await place(on_firefox, connectionId=4, ticker="BTC_USDT", price=50000, size=0.01)
    async with hand(on_firefox, "here") as panel:
        await panel.keys("2")
        await panel.wait("document.body.dataset.view === 'orders'")
        await panel.has(row(key))
        await panel.keys("/")
        filtering = await panel.ask("document.activeElement.id")
        await panel.keys(*"btc_")
        await panel.has("section[data-section=orders] tr[data-key^='2:']", there=False)
        await panel.focus("#views [aria-selected=true]")
        for _ in range(60):
            await panel.keys(down)
            await asyncio.sleep(0.05)
            if await panel.ask("document.activeElement.dataset.key ?? ''") == key:
                break
        else:
            pytest.fail("no key leads to the row")
        await on_firefox.terminal.mark()
        await panel.keys(enter)
        opened = await on_firefox.terminal.command()
        await panel.keys(delete)
        asked = await panel.ask("document.activeElement.dataset.action")
        await panel.keys(enter)
        await panel.has(row(key), there=False)
        await panel.ask(
            "(() => { const one = document.querySelector('#filter'); one.value = '';"
            " one.dispatchEvent(new Event('input', {bubbles: true})); })()"
        )
    paths = [path for path, _ in await on_firefox.terminal.commands()]

    assert filtering == "filter"
    assert opened[1] == {"Exchange": 8, "Market": 1, "Ticker": "BTC_USDT"}
    assert asked == "confirm-cancel"
    assert paths[-1] == "/api/connections/4/orders/cancel"


#: What of the panel's own words and numbers is cut, or lies outside of it.
CUT = """JSON.stringify([...panel.querySelectorAll(
  'section[data-section=SECTION] :is(.open, td.number, thead th > span), #views button')]
  .filter((one) => one.checkVisibility())
  .filter((one) => one.scrollWidth > one.clientWidth + 1
    || one.getBoundingClientRect().right > panel.defaultView.innerWidth + 1)
  .filter((one) => one.scrollWidth && one.clientWidth)
  .map((one) => [one.className, one.textContent, one.scrollWidth, one.clientWidth]))"""


@pytest.mark.parametrize("width", [235, 280, 420])
async def test_a_narrow_sidebar_cuts_no_ticker_and_no_number(on_firefox, width):
    """About 235 px is what Firefox opens it with."""
    browser = on_firefox.browser
    await show(browser, "orders")
    box = "document.getElementById('sidebar-box').style"
    script = f"void ({box}.minWidth = '0', {box}.maxWidth = 'none', {box}.width = '{width}px')"
    await browser.evaluate(script, browser.window)
    try:
        await until(lambda: browser.panel(f"Math.abs(panel.defaultView.innerWidth - {width}) < 12"))
        cut = {}
        for view in ("orders", "positions", "balances"):
            await show(browser, view)
            await until(
                lambda view=view: count(browser, f"section[data-section={view}] tr[data-key]")
            )
            await asyncio.sleep(0.2)
            cut[view] = json.loads(await browser.panel(CUT.replace("SECTION", view)))
        wide = await browser.panel(
            "panel.documentElement.scrollWidth - panel.defaultView.innerWidth"
        )
    finally:
        await browser.evaluate(f"void ({box}.width = '')", browser.window)

    assert cut == {"orders": [], "positions": [], "balances": []}
    assert wide <= 0
