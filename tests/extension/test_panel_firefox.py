"""The same panel as Firefox's sidebar: its views, the page, combos, prices, the activity."""

from __future__ import annotations

import json
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
