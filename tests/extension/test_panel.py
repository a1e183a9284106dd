"""The side panel in a real Chromium: live orders, cancelling, nothing that jumps, Russian."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from relay.edges.browsers import until
from relay.metascalp.simulator import rest
from relay.metascalp.simulator.call import Reply
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


BUTTONS = "section[data-section=orders] tr[data-key^='1:'] [data-action=cancel]"


async def usable(panel: Any) -> int:
    """How many orders of connection 1 can be cancelled from here."""
    return await panel.locator(BUTTONS).evaluate_all(
        "all => all.filter(one => one.checkVisibility() && !one.disabled).length"
    )


async def rows_of_1(panel: Any) -> int:
    return await panel.locator("section[data-section=orders] tr[data-key^='1:']").count()


async def none_usable(panel: Any) -> bool:
    return await usable(panel) == 0


async def test_view_mode_and_the_users_own_setting_offer_no_cancel():
    """What cannot be done is not offered; both are followed live, there and back."""
    async with held(chromium_stage()) as on:
        panel = await on.browser.open_panel()
        await until(lambda: usable(panel))
        before, rows = await usable(panel), await rows_of_1(panel)

        await on.terminal.post("/sim/connection", connectionId=1, viewMode=True)
        await until(lambda: none_usable(panel))
        kept = await rows_of_1(panel)
        await on.terminal.post("/sim/connection", connectionId=1, viewMode=False)
        await until(lambda: usable(panel))

        on.browser.settings.write_text('orders = "view"\n')
        await until(lambda: none_usable(panel))
        kept_too = await rows_of_1(panel)
        on.browser.settings.write_text('orders = "cancel"\n')
        await until(lambda: usable(panel))

    assert before == rows > 0
    assert kept == kept_too == rows


async def test_settings_that_cannot_be_meant_are_named_quietly():
    async with held(chromium_stage()) as on:
        panel = await on.browser.open_panel()
        await until(lambda: usable(panel))
        hidden = await panel.locator("#problem").is_hidden()

        on.browser.settings.write_text('orders = "sometimes"\n')
        await panel.locator("#problem").wait_for()
        text = await panel.locator("#problem").inner_text()
        still = await usable(panel)
        on.browser.settings.write_text("")
        await panel.locator("#problem").wait_for(state="hidden")

    assert hidden
    assert text.startswith("Settings not taken; the last good ones are kept: ")
    assert "sometimes" in text
    assert still


@asynccontextmanager
async def slow_cancels(seconds: float) -> AsyncIterator[None]:
    """A terminal that says ok to every cancel, late, and cancels nothing."""
    quick = rest.answer

    def answer(world: Any, method: str, path: str, *more: Any) -> Reply:
        if path.endswith("/orders/cancel"):
            return Reply({"status": "ok"}, wait_s=seconds)
        return quick(world, method, path, *more)

    rest.answer = answer
    try:
        yield
    finally:
        rest.answer = quick


async def test_one_decision_is_one_cancel(on_chromium, panel):
    """The cross stays in reach of the keyboard while the first cancel has no answer."""
    key = await place(on_chromium, price=51500)
    cross, bar = f"{row(key)} [data-action=cancel]", panel.locator(f"{row(key)} .ask")
    await panel.locator(row(key)).wait_for()
    await on_chromium.terminal.mark()

    async with slow_cancels(1.5):
        await on_chromium.browser.panel_cancel(key)
        phases = [await bar.get_attribute("data-phase")]
        usable_cross = await panel.locator(cross).is_enabled()
        for _ in range(2):
            await panel.evaluate("css => document.querySelector(css).focus()", cross)
            await panel.keyboard.press("Enter")
            await panel.keyboard.press("Enter")
            await panel.evaluate("css => document.querySelector(css).click()", cross)
            phases.append(await bar.get_attribute("data-phase"))
            await panel.locator(f"{row(key)} .ask[data-phase=done]").wait_for()
    sent = [path for path, _ in await on_chromium.terminal.commands()]
    await on_chromium.terminal.post("/sim/fill", connectionId=1, orderId=int(key.partition(":")[2]))

    assert phases == ["sent", "sent", "done"]
    assert not usable_cross
    assert sent == ["/api/connections/1/orders/cancel"]


async def test_an_answer_to_a_question_that_has_just_gone_opens_nothing(on_chromium, panel):
    """The order was filled under it: Enter was meant for the question, not for the next row."""
    await place(on_chromium, price=51701)
    key = await place(on_chromium, price=51700)
    await panel.click(f"{row(key)} [data-action=cancel]")
    await on_chromium.terminal.mark()
    await on_chromium.terminal.post("/sim/fill", connectionId=1, orderId=int(key.partition(":")[2]))
    await panel.locator(row(key)).wait_for(state="detached")
    at_once = await panel.evaluate("document.activeElement.localName")
    await panel.keyboard.press("Enter")
    await panel.evaluate("new Promise((done) => setTimeout(done, 1100))")  # It was meant till then.
    nothing = await on_chromium.terminal.commands()
    await panel.keyboard.press("Enter")
    path, _ = await on_chromium.terminal.command()

    assert at_once == "tr"
    assert nothing == []
    assert path == "/api/change-ticker"


async def test_while_a_cancel_is_out_the_keys_go_on(on_chromium, panel):
    key = await place(on_chromium, price=51800)
    await panel.locator(row(key)).focus()
    async with slow_cancels(1.0):
        await panel.keyboard.press("Delete")
        await panel.keyboard.press("Enter")
        await panel.locator(f"{row(key)} .ask[data-phase=sent]").wait_for()
        await panel.keyboard.press("ArrowDown")
        there = await panel.evaluate(
            "[document.activeElement.localName, document.activeElement.dataset.key]"
        )
        await panel.locator(f"{row(key)} .ask[data-phase=done]").wait_for()
    await on_chromium.terminal.post("/sim/fill", connectionId=1, orderId=int(key.partition(":")[2]))

    assert there[0] == "tr"
    assert there[1] != key


async def test_a_question_ends_when_it_may_not_be_asked_any_more(on_chromium, panel):
    key = await place(on_chromium, price=51600)
    await panel.click(f"{row(key)} [data-action=cancel]")
    asked = await panel.locator(f"{row(key)} [data-action=confirm-cancel]").count()

    on_chromium.browser.settings.write_text('orders = "view"\n')
    try:
        asking = panel.locator(f"{row(key)} .ask")
        await asking.wait_for(state="detached", timeout=3000)  # It ends by itself after five.
    finally:
        on_chromium.browser.settings.write_text("")

    assert asked == 1


SILENCES = [
    ("searching", "connected connected", [], None, "away"),
    ("connected", "", [], None, "unknown"),
    ("connected", "connected connected", ["1", "2"], None, "reading"),
    ("connected", "connected connected", ["2"], None, "partly"),
    ("connected", "connected connected", [], None, "none"),
    ("connected", "connected disconnected", ["2"], None, "none"),
    ("connected", "connected disconnected", ["1", "2"], None, "reading"),
    ("connected", "disconnected", ["1"], None, "unknown"),
    ("connected", "connected", ["1"], "no pydantic", "unknown"),
]


@pytest.mark.parametrize(("terminal", "states", "stale", "broken", "silence"), SILENCES)
async def test_nothing_is_called_empty_before_it_was_read(
    panel, terminal, states, stale, broken, silence
):
    """And one connection that cannot be read does not hide that the others have nothing."""
    connections = [{"id": n, "state": state} for n, state in enumerate(states.split(), 1)]
    status = {
        "terminal": {"state": terminal},
        "connections": connections,
        "relay": {"broken": broken},
    }
    script = """async ([status, stale]) => {
      const { Model } = await import('./model.js');
      const model = new Model();
      model.linked({ state: 'ready' });
      model.heard('status', status);
      model.heard('account', { reset: true, stale: ['0'] });
      model.heard('account', { stale });
      return model.silence;
    }"""

    assert await panel.evaluate(script, [status, stale]) == silence


#: What the section says until its first row is there.
SAID = """() => new Promise(done => {
  const section = document.querySelector('section[data-section=positions]');
  const said = new Set();
  const look = () => {
    said.add(section.querySelector('.empty').textContent);
    if (section.querySelector('tr[data-key]')) done([...said]);
    else requestAnimationFrame(look);
  };
  look();
})"""


async def test_while_rows_are_read_the_panel_says_so():
    quick = rest.answer

    def late(*call: Any) -> Reply:
        reply = quick(*call)
        return replace(reply, wait_s=2.0) if call[2].endswith("/positions") else reply

    rest.answer = late
    try:
        async with held(chromium_stage()) as on:
            panel = await on.browser.open_panel()
            empty = panel.locator("section[data-section=positions] .empty")
            await empty.wait_for()
            said = await panel.evaluate(SAID)
    finally:
        rest.answer = quick

    assert "Reading…" in said
    assert not [one for one in said if one.startswith("No open")]


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
