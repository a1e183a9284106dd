"""The side panel in a real Chromium: live orders, cancelling, nothing that jumps, Russian."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from relay.edges.browsers import until
from tests.extension.conftest import Stage, chromium_stage, held

pytestmark = [pytest.mark.chromium, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def panel(on_chromium):
    """The real side panel, with its first rows."""
    page = await on_chromium.browser.open_panel()
    await page.locator("section[data-section=orders] tr[data-key]").first.wait_for()
    return page


async def place(on: Stage, **order: Any) -> str:
    """The row's key of an order placed at the terminal by hand."""
    body = {"connectionId": 1, "ticker": "BTCUSDT", "side": "Buy", "type": "Limit", "size": 0.01}
    placed = await on.terminal.post("/sim/order", **{**body, "price": 51000, **order})
    return f"{order.get('connectionId', 1)}:{placed['orderId']}"


def row(key: str) -> str:
    return f"section[data-section=orders] tr[data-key='{key}']"


async def test_every_connection_is_shown_with_its_state(panel):
    names = await panel.locator("[data-section=connections]").inner_text()

    for name in ("Binance Futures", "MEXC Spot Demo", "KuCoin Spot"):
        assert name in names
    assert "VIEW" in names
    assert "DEMO" in names


async def test_an_order_appears_is_filled_and_goes(on_chromium, panel):
    key = await place(on_chromium, price=52000)
    await panel.locator(row(key)).wait_for()

    await on_chromium.terminal.post(
        "/sim/fill", connectionId=1, orderId=int(key.partition(":")[2]), size=0.004
    )
    await on_chromium.terminal.post("/sim/fill", connectionId=1, orderId=int(key.partition(":")[2]))

    await panel.locator(row(key)).wait_for(state="detached")


async def test_an_id_beyond_2_to_the_53_is_not_bent(on_chromium, panel):
    key = await place(on_chromium, connectionId=4, ticker="BTC_USDT", price=51000, size=0.01)
    number = int(key.partition(":")[2])

    await panel.locator(row(key)).wait_for()
    await on_chromium.terminal.mark()
    await on_chromium.browser.panel_cancel(key)

    path, body = await on_chromium.terminal.command()
    assert number > 2**53
    assert (path, body["OrderId"]) == ("/api/connections/4/orders/cancel", number)


async def test_cancelling_wants_a_confirmation(on_chromium, panel):
    key = await place(on_chromium)
    await on_chromium.terminal.mark()

    await panel.click(f"{row(key)} [data-action=cancel]")
    await panel.keyboard.press("Escape")
    kept = await on_chromium.terminal.commands()
    await on_chromium.browser.panel_cancel(key)
    await panel.locator(row(key)).wait_for(state="detached")

    number = int(key.partition(":")[2])
    assert kept == []
    assert await on_chromium.terminal.commands() == [
        (
            "/api/connections/1/orders/cancel",
            {"Ticker": "BTCUSDT", "OrderId": number, "Type": 0},
        )
    ]


async def test_a_row_click_takes_the_terminal_there(on_chromium, panel):
    key = await place(on_chromium, connectionId=2, ticker="SOLUSDT", price=100, size=1)
    await on_chromium.terminal.mark()

    await panel.click(f"{row(key)} td >> nth=0")

    assert await on_chromium.terminal.command() == (
        "/api/change-ticker",
        {"Exchange": 6, "Market": 5, "Ticker": "SOLUSDT"},
    )


async def test_nothing_moves_when_numbers_change(on_chromium, panel):
    key = await place(on_chromium, price=53000, size=1)
    await panel.locator(row(key)).wait_for()
    boxes = (
        "key => [...document.querySelectorAll(`tr[data-key]`)].slice(0, 8)"
        ".flatMap(tr => [...tr.cells].map(td => { const b = td.getBoundingClientRect();"
        " return [tr.dataset.key, Math.round(b.x), Math.round(b.width), Math.round(b.height)]; }))"
    )
    before = await panel.evaluate(boxes, key)

    number = int(key.partition(":")[2])
    await on_chromium.terminal.post("/sim/fill", connectionId=1, orderId=number, size=0.123)

    async def filled() -> bool:
        async with on_chromium.terminal.session.get(
            "/api/connections/1/orders?Ticker=BTCUSDT"
        ) as response:
            rows = (await response.json())["orders"]
        return any(one["Id"] == number and one["FilledSize"] for one in rows)

    await until(filled)
    await asyncio.sleep(0.2)  # Long enough for an update to be painted: it is to change nothing.
    assert await panel.evaluate(boxes, key) == before


@pytest.mark.parametrize("width", [280, 360, 900])
async def test_it_fits_its_width(on_chromium, width):
    """In a tab, because the real panel's width cannot be set from outside."""
    page = await on_chromium.browser.context.new_page()
    await page.set_viewport_size({"width": width, "height": 700})
    await page.goto((await on_chromium.browser.open_panel()).url)
    await page.locator("section[data-section=orders] tr[data-key]").first.wait_for()

    overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    await page.close()

    assert overflow <= 0


async def test_a_view_only_setting_offers_no_cancel():
    """What cannot be done is not offered: view mode and the user's own setting."""
    async with held(chromium_stage()) as on:
        panel = await on.browser.open_panel()
        await panel.locator("section[data-section=orders] tr[data-key]").first.wait_for()
        await on.terminal.post("/sim/connection", connectionId=1, viewMode=True)

        async def gone() -> bool:
            buttons = "section[data-section=orders] tr[data-key^='1:'] [data-action=cancel]"
            visible = await panel.locator(buttons).evaluate_all(
                "all => all.some(one => one.checkVisibility() && !one.disabled)"
            )
            return not visible

        await until(gone)


async def test_russian_is_complete_on_the_screen():
    async with held(chromium_stage(locale="ru")) as on:
        panel = await on.browser.open_panel()
        await panel.locator("section[data-section=orders] tr[data-key]").first.wait_for()

        text = await panel.inner_text("body")

    for word in ("Заявки", "Позиции", "Балансы", "Подключения"):
        assert word.lower() in text.lower()


async def test_a_panel_survives_the_death_of_its_worker(on_chromium, panel):
    await on_chromium.browser.stop_worker()

    key = await place(on_chromium, price=54000)

    await panel.locator(row(key)).wait_for()
