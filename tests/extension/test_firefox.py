"""Click, combo, panel and cancelling in a real Firefox."""

from __future__ import annotations

import pytest

from relay.edges.browsers import until

pytestmark = [pytest.mark.firefox, pytest.mark.asyncio(loop_scope="module")]

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"


async def test_alt_click_switches_the_terminal(on_firefox):
    await on_firefox.browser.goto(CHART)
    await on_firefox.terminal.mark()

    await on_firefox.browser.alt_click('[data-symbol-full="BYBIT:SOLUSDT.P"]')

    assert await on_firefox.terminal.command() == (
        "/api/change-ticker",
        {"Exchange": 6, "Market": 5, "Ticker": "SOLUSDT"},
    )
    assert (await on_firefox.browser.toast())["code"] == "switched"


async def test_the_real_context_menu_opens_a_combo(on_firefox):
    await on_firefox.browser.goto("https://chat.example/room")
    await on_firefox.terminal.mark()

    await on_firefox.browser.menu("combo", "#pattern")

    async def opened():
        sent = await on_firefox.terminal.commands()
        return sent if len(sent) == 2 else None

    assert (await until(opened))[1] == ("/api/combo", {"Ticker": "SOLUSDT"})


async def test_the_sidebar_shows_a_new_order_and_cancels_it(on_firefox):
    await on_firefox.browser.goto(CHART)
    placed = await on_firefox.terminal.post(
        "/sim/order",
        connectionId=1,
        ticker="BTCUSDT",
        side="Buy",
        type="Limit",
        price=51000,
        size=0.01,
    )
    key = f"1:{placed['orderId']}"
    await on_firefox.browser.panel_has(key)
    await on_firefox.terminal.mark()

    await on_firefox.browser.panel_cancel(key)

    assert (await on_firefox.terminal.command())[1]["OrderId"] == placed["orderId"]
    await on_firefox.browser.panel_lacks(key)


async def test_a_refusal_is_told(on_firefox):
    await on_firefox.browser.goto(CHART)
    await on_firefox.terminal.mark()

    await on_firefox.browser.alt_click('[data-symbol-full="KUCOIN:BTCUSDT"]')

    assert (await on_firefox.browser.toast())["code"] == "not-connected"
    assert await on_firefox.terminal.commands() == []


async def test_after_the_background_was_ended_a_click_still_works(on_firefox):
    await on_firefox.browser.goto(CHART)
    await on_firefox.browser.stop_background()
    await on_firefox.terminal.mark()

    await on_firefox.browser.alt_click('[data-symbol-full="BINANCE:ETHUSDT.P"]')

    assert (await on_firefox.terminal.command())[1]["Ticker"] == "ETHUSDT"


async def test_the_page_cannot_read_what_came_of_a_click(on_firefox):
    seen = []
    for symbol in ("BYBIT:SOLUSDT.P", "KUCOIN:BTCUSDT"):
        await on_firefox.browser.goto("about:blank")
        await on_firefox.browser.goto(CHART)
        await on_firefox.browser.alt_click(f'[data-symbol-full="{symbol}"]')
        code = (await on_firefox.browser.toast())["code"]
        host = "document.querySelector('[data-metascalp-relay]')"
        box = f"JSON.stringify({host}.getBoundingClientRect())"
        page = await on_firefox.browser.evaluate(f"{host}.outerHTML + {box} + {host}.shadowRoot")
        seen.append((code, page))

    (switched, one), (refused, other) = seen
    assert (switched, refused) == ("switched", "not-connected")
    assert one == other
