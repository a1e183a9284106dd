"""What each view of the panel is for, done as a trader does it, in a real Chromium."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from relay.edges.browsers import until
from relay.metascalp.simulator.profile import PROFILES
from tests.extension.conftest import Stage, chromium_stage, held
from tests.extension.test_panel import place, row

pytestmark = [pytest.mark.chromium, pytest.mark.asyncio(loop_scope="module")]

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"


async def show(panel: Any, view: str) -> None:
    await panel.evaluate("view => chrome.storage.local.set({view, grouped: true})", view)
    await until(lambda: panel.evaluate(f"document.body.dataset.view === '{view}'"))


@pytest_asyncio.fixture(loop_scope="module")
async def panel(on_chromium):
    page = await on_chromium.browser.open_panel()
    await page.locator("body[data-loaded=true]").wait_for()
    await page.fill("#filter", "")
    yield page


async def said(panel: Any, words: str) -> None:
    await panel.locator("#said", has_text=words).wait_for()


# ---- this page ----


async def at_chart(on: Stage, panel: Any) -> None:
    await on.browser.goto(CHART)
    await show(panel, "here")
    await panel.locator("li[data-find='BINANCE:ETHUSDT.p'][data-code=found]").wait_for()


async def test_here_names_the_pages_ticker_and_who_says_so(on_chromium, panel):
    await at_chart(on_chromium, panel)

    assert await panel.locator(".own .symbol").inner_text() == "BINANCE:BTCUSDT.p"
    assert "Binance Futures" in await panel.locator(".card .places").inner_text()
    assert await panel.locator(".sources").get_attribute("data-agreed") == "true"
    assert await panel.locator(".source[data-state=same]").count() >= 2


async def test_each_ticker_found_says_where_it_would_open_and_whether_it_can(on_chromium, panel):
    await at_chart(on_chromium, panel)
    live = panel.locator("li[data-find='BYBIT:SOLUSDT.p'] .places")
    away = panel.locator("li[data-find='KUCOIN:BTCUSDT'] .places")

    assert "Bybit Perp" in await live.inner_text()
    assert await live.locator(".dot").get_attribute("data-state") == "connected"
    assert "not connected" in await away.inner_text()


#: No page tells its tickers until it may.
SLOW_PAGE = """() => {
  const run = chrome.scripting.executeScript;
  const may = new Promise((done) => { globalThis.may = done; });
  chrome.scripting.executeScript = async (given) => {
    if (given.func) await may;
    return run.call(chrome.scripting, given);
  };
}"""

#: The fewest rows that ever stood there.
FEWEST = """() => {
  const list = document.querySelector("ul.found");
  window.fewest = list.children.length;
  new MutationObserver(() => { window.fewest = Math.min(window.fewest, list.children.length); })
    .observe(list, {childList: true});
}"""


async def test_a_slow_page_keeps_its_list_until_it_has_answered(on_chromium, panel):
    await at_chart(on_chromium, panel)
    worker = on_chromium.browser.context.service_workers[-1]
    await panel.evaluate(FEWEST)
    sentence = panel.locator("[data-section=here] .empty")
    await worker.evaluate(SLOW_PAGE)
    try:
        await panel.click("[data-action=look]")
        await sentence.wait_for()
    finally:
        await worker.evaluate("may()")
    await sentence.wait_for(state="hidden")

    assert await panel.evaluate("fewest") > 1


async def test_another_tabs_list_is_gone_at_once(on_chromium, panel):
    """The page of the other tab is as slow, and its own list not there yet."""
    await at_chart(on_chromium, panel)
    worker = on_chromium.browser.context.service_workers[-1]
    await worker.evaluate(SLOW_PAGE)
    other = await on_chromium.browser.context.new_page()
    try:
        await other.goto(CHART.replace("BTC", "SOL"))
        await panel.locator("li[data-find]").first.wait_for(state="detached", timeout=2000)
    finally:
        await worker.evaluate("may()")
        await other.close()


async def test_one_click_opens_and_one_opens_a_combo(on_chromium, panel):
    await at_chart(on_chromium, panel)
    await on_chromium.terminal.mark()
    await panel.click("li[data-find='BYBIT:SOLUSDT.p'] .symbol")
    first = await on_chromium.terminal.command()
    await on_chromium.terminal.mark()
    await panel.hover("li[data-find='BINANCE:ETHUSDT.p']")
    await panel.click("li[data-find='BINANCE:ETHUSDT.p'] [data-action=combo-find]")
    await said(panel, "Combo")
    paths = [path for path, _ in await on_chromium.terminal.commands()]

    assert first == ("/api/change-ticker", {"Exchange": 6, "Market": 5, "Ticker": "SOLUSDT"})
    assert paths[-1] == "/api/combo"


async def test_a_double_press_makes_one_combo(on_chromium, panel):
    """Not the ticker of the test before: within 300 ms that would be a double press as well."""
    await at_chart(on_chromium, panel)
    await on_chromium.terminal.mark()
    await panel.hover("li[data-find='MEXC:XRPUSDT.p']")
    await panel.dblclick("li[data-find='MEXC:XRPUSDT.p'] [data-action=combo-find]")

    async def made():
        return "/api/combo" in [path for path, _ in await on_chromium.terminal.commands()]

    await until(made)  # The exchange first: what is pressed next could be there before it.
    await panel.click("li[data-find='BYBIT:SOLUSDT.p'] .symbol")

    async def then_opened():
        sent = await on_chromium.terminal.commands()
        return sent if sent and sent[-1][1].get("Ticker") == "SOLUSDT" else None

    paths = [path for path, _ in await until(then_opened)]
    assert paths.count("/api/combo") == 1


async def cancel(on: Stage, ticker: str, key: str) -> None:
    order = {"Ticker": ticker, "OrderId": int(key.partition(":")[2]), "Type": 0}
    await on.terminal.post("/api/connections/1/orders/cancel", **order)


@pytest.mark.parametrize(
    ("target", "goes"),
    [("li[data-find='BINANCE:ETHUSDT.p']", False), ("li[data-find='BINANCE:ETHUSDT.p']", True),
     (".own", False)],
    ids=["a row, an order comes", "a row, its only order goes", "the page's own, an order comes"],
)  # fmt: skip
async def test_a_press_counts_when_the_list_changes_before_the_release(
    on_chromium, panel, target, goes
):
    """Seen 2026-12: each update of the account made the buttons anew, and such a press was lost."""
    ticker = "ETHUSDT" if "ETH" in target else "BTCUSDT"
    await at_chart(on_chromium, panel)
    if goes:  # With the only one its count goes, which stands before the button.
        key = await place(on_chromium, ticker=ticker, price=1000)
        await panel.locator(f"{target} .orders").wait_for()
    await on_chromium.terminal.mark()
    button = panel.locator(f"{target} [data-action=combo-find]")
    await panel.hover(target)
    await button.hover()
    orders = f"{target} .orders"
    before = await panel.locator(orders).all_inner_texts()
    await panel.mouse.down()
    if goes:
        await cancel(on_chromium, ticker, key)
    else:
        key = await place(on_chromium, ticker=ticker, price=1000)

    async def counted() -> bool:
        return await panel.locator(orders).all_inner_texts() != before

    await until(counted)
    await panel.mouse.up()

    async def sent() -> list[Any]:
        seen = await on_chromium.terminal.commands()
        return [body for path, body in seen if path == "/api/combo"]

    combos = await until(sent)
    if not goes:
        await cancel(on_chromium, ticker, key)

    assert [body["Ticker"] for body in combos] == [ticker]


async def test_many_combos_open_behind_and_exactly_those_close_again(on_chromium, panel):
    await at_chart(on_chromium, panel)
    layout = on_chromium.terminal.simulator.world.screen.layout
    before = [tab.id for window in layout.windows for tab in window.tabs]
    await on_chromium.terminal.mark()
    for ticker in ("BINANCE:ETHUSDT.p", "BYBIT:SOLUSDT.p", "MEXC:XRPUSDT.p"):
        await panel.click(f"li[data-find='{ticker}'] input")
    await panel.click("[data-action=combos]")
    await said(panel, "Combos opened: 3")
    bodies = [body for path, body in await on_chromium.terminal.commands() if path == "/api/combo"]
    await panel.click("[data-action=close-opened]")
    await said(panel, "Tabs closed: 3")
    after = [tab.id for window in layout.windows for tab in window.tabs]

    assert [body["Activate"] for body in bodies] == [False, False, False]
    assert after == before


async def test_another_page_is_noticed_by_itself(on_chromium, panel):
    await at_chart(on_chromium, panel)
    on_chromium.pages.override["www.bybit.com", "/trade/usdt/ETHUSDT"] = (
        "<!doctype html><title>ETHUSDT</title><p>and BINANCE:SOLUSDT.P</p>"
    )
    await on_chromium.browser.goto("https://www.bybit.com/trade/usdt/ETHUSDT")
    await panel.locator(".own .symbol", has_text="BYBIT:ETHUSDT.p").wait_for()
    await panel.locator("li[data-find='BINANCE:SOLUSDT.p']").wait_for()
    gone = await panel.locator("li[data-find='MEXC:XRPUSDT.p']").count()

    assert gone == 0


async def test_another_page_moves_no_order_from_under_the_pointer(on_chromium, panel):
    await at_chart(on_chromium, panel)
    await show(panel, "all")
    top = "document.querySelector('section[data-section=orders]').getBoundingClientRect().top"
    first = await panel.evaluate(top)
    await on_chromium.browser.goto("https://www.bybit.com/trade/usdt/SOLUSDT")
    await panel.locator(".own .symbol", has_text="SOLUSDT").wait_for()
    second = await panel.evaluate(top)
    await on_chromium.browser.goto("about:blank")
    await panel.locator(".card .quiet", has_text="We do not read").wait_for()

    assert first == second == await panel.evaluate(top)


REPORT = """() => new Promise((done) => {
  navigator.clipboard.writeText = async (text) => done(text);
  document.querySelector('[data-action=report]').click();
})"""
#: Amounts, a name and keys that can be known again, planted in a terminal and on a page.
BALANCE, SIZE, PRICE, POSITION = "8675309.13370042", "7.391", "20771.3", "3.917"
NAME = "Zanzibar-Quux"
TOKEN = "msr_planted-and-wrong-0123456789abcdefghijklmnop"


def planted(on: Stage) -> Callable[[], None]:
    """Puts them into connection 1; gives what takes them out again."""
    world = on.terminal.simulator.world
    connection, account = world.connections[1], world.accounts[1]
    name, totals, positions = connection.name, dict(account.totals), dict(account.positions)
    first = next(iter(positions))
    connection.name = NAME
    account.totals["USDT"] = Decimal(BALANCE)
    account.positions[first] = replace(positions[first], signed=Decimal(POSITION))

    def taken_out() -> None:
        connection.name = name
        account.totals.update(totals)
        account.positions.update(positions)

    return taken_out


def spellings(amount: str) -> set[str]:
    """As a panel, a terminal and a page may write it."""
    number = f"{Decimal(amount):,}"
    spaced = {number.replace(",", gap) for gap in (" ", "\u00a0", "\u2009", "\u202f")}
    cut = {one.partition(".")[0] for one in (number, amount, *spaced) if len(amount) > 8}
    return {amount, number, amount.replace(".", ","), *spaced, *cut}


async def test_the_report_holds_the_page_and_nothing_of_an_account(on_chromium, panel):
    """The panel has every one of them on its screen, or this would prove nothing."""
    take_out = planted(on_chromium)
    key = await place(on_chromium, price=float(PRICE), size=float(SIZE))
    try:
        await on_chromium.browser.stop_worker()  # A relay anew reads them.
        secret = f"referralCode=abcdefghijklmnopqrstuvwxyz0123456789&token={TOKEN}"
        await on_chromium.browser.goto(f"{CHART}&{secret}&user=trader#{TOKEN}")
        await on_chromium.browser.page.evaluate(
            "given => { document.title = given; }", f"BTCUSDT {PRICE} {BALANCE} {POSITION}"
        )
        await show(panel, "all")
        await panel.locator(row(key)).wait_for()
        for shown in (*map(spellings, (BALANCE, SIZE, PRICE, POSITION)), {NAME}):
            await until(lambda shown=shown: on_screen(panel, shown))
        await show(panel, "here")
        await panel.locator(".own .symbol", has_text="BTCUSDT").wait_for()
        report = await panel.evaluate(REPORT)
    finally:
        number = int(key.partition(":")[2])
        cancel = {"Ticker": "BTCUSDT", "OrderId": number, "Type": 0}
        await on_chromium.terminal.post("/api/connections/1/orders/cancel", **cancel)
        take_out()

    assert "BINANCE:BTCUSDT.p" in report
    assert "legend" in report
    assert "symbol=BINANCE:BTCUSDT.P" in report
    amounts = {one for amount in (BALANCE, SIZE, PRICE, POSITION) for one in spellings(amount)}
    orders = [str(order["Id"]) for order in (await on_chromium.terminal.state())["orders"]]
    private = {"abcdefghij", "trader", NAME, "MEXC Spot Demo", TOKEN, TOKEN[:12], *amounts, *orders}
    assert [one for one in private if one in report] == []


async def on_screen(panel: Any, spelled: set[str]) -> bool:
    whole = await panel.evaluate("document.body.textContent")
    return any(one in whole for one in spelled)


# ---- orders ----


async def test_all_orders_of_a_ticker_go_after_a_second_question(on_chromium, panel):
    await show(panel, "orders")
    keys = [
        await place(on_chromium, connectionId=2, ticker="SOLUSDT", price=80 + n, size=1)
        for n in range(3)
    ]
    await panel.locator(row(keys[0])).wait_for()
    await on_chromium.terminal.mark()
    await panel.click(f"{row(keys[0])} [data-action=cancel]")
    await panel.click(f"{row(keys[0])} [data-action=cancel-all]")
    asked = await panel.locator(".ask .yes").inner_text()
    none = await on_chromium.terminal.commands()
    await panel.click(f"{row(keys[0])} [data-action=confirm-cancel-all]")
    for key in keys:
        await panel.locator(row(key)).wait_for(state="detached")

    assert "SOLUSDT" in asked
    assert none == []
    assert await on_chromium.terminal.commands() == [
        ("/api/connections/2/orders/cancel-all", {"Ticker": "SOLUSDT"})
    ]


async def test_a_cancel_that_is_never_answered_is_told_as_unknown_and_not_sent_again(
    on_chromium, panel
):
    """The request arrives, its answer does not: the order may be gone or not. A terminal that goes
    on carries it out, and the panel hears that."""
    await show(panel, "orders")
    key = await place(on_chromium, connectionId=2, ticker="SOLUSDT", price=70, size=1)
    await panel.locator(row(key)).wait_for()
    await on_chromium.terminal.mark()
    await panel.click(f"{row(key)} [data-action=cancel]")
    await on_chromium.terminal.post("/sim/fault", name="freeze")
    try:
        await panel.click(f"{row(key)} [data-action=confirm-cancel]")
        await panel.locator("#note[data-state=unknown]").wait_for(timeout=15_000)
        text = await panel.locator("#said").inner_text()
        in_row = await panel.locator(f"{row(key)} .ask[data-phase=unknown]").count()
    finally:
        await on_chromium.terminal.post("/sim/fault", name="freeze", on=False)
    await panel.locator(row(key)).wait_for(state="detached")
    cancels = [path for path, _ in await on_chromium.terminal.commands() if "cancel" in path]

    assert text == "No answer; checking"
    assert in_row == 1
    assert cancels == ["/api/connections/2/orders/cancel"]


async def test_sides_connections_and_one_list(on_chromium, panel):
    await show(panel, "orders")
    buy = await place(on_chromium, connectionId=2, ticker="SOLUSDT", price=80, size=1)
    sell = await place(on_chromium, price=91000, side="Sell")
    await panel.locator(row(buy)).wait_for()
    await panel.locator(row(sell)).wait_for()

    await panel.click(".choice [data-side=sell]")
    await panel.locator(row(buy)).wait_for(state="detached")
    sells = await panel.locator("section[data-section=orders] .side").evaluate_all(
        "all => [...new Set(all.map((one) => one.dataset.side))]"
    )
    await panel.click(".choice [data-side='']")
    await panel.locator(".tools select").select_option("2")
    await panel.locator(row(sell)).wait_for(state="detached")
    await panel.locator(row(buy)).wait_for()
    await panel.locator(".tools select").select_option("")
    await panel.click("[data-action=group]")
    await panel.locator("section[data-section=orders] tbody[data-connection='']").wait_for()
    groups = await panel.locator("section[data-section=orders] tr.group:visible").count()
    await panel.click("[data-action=group]")
    await panel.locator("section[data-section=orders] tbody[data-connection='1']").wait_for()

    assert sells == ["sell"]
    assert groups == 0


async def test_a_modified_click_opens_a_chart(on_chromium, panel):
    await show(panel, "orders")
    key = await place(on_chromium, connectionId=2, ticker="SOLUSDT", price=90, size=1)
    layout = on_chromium.terminal.simulator.world.screen.layout
    charts = len(layout.charts)
    await panel.locator(row(key)).wait_for()
    await panel.click(f"{row(key)} .open", modifiers=["Alt"])
    await said(panel, "chart opened")

    assert len(layout.charts) == charts + 1

    async def pointed() -> bool:
        return bool(layout.charts[-1].ticker == "SOLUSDT")

    await until(pointed)


async def test_a_scan_shows_its_progress_and_stops(on_chromium, panel):
    await show(panel, "orders")
    if await panel.locator("#coverage").is_hidden():
        await panel.click("[data-action=coverage]")
    await panel.click("[data-action=scan]")
    await panel.locator("#coverage progress").wait_for()
    await panel.locator(".told", has_text="min left").wait_for()
    began = (await on_chromium.terminal.state())["received"]
    await asyncio.sleep(1)
    reads = (await on_chromium.terminal.state())["received"] - began
    await panel.click("[data-action=scan-stop]")
    await panel.locator(".told", has_text="Stopped after").wait_for()

    assert 1 <= reads <= 20  # Five a second of the scan, and what the panel asks beside it.


async def test_a_pin_is_shown_and_taken_off(on_chromium, panel):
    await show(panel, "orders")
    key = await place(on_chromium, connectionId=2, ticker="ADAUSDT", price=0.3, size=20)
    await panel.locator(row(key)).focus()
    await panel.keyboard.press("p")
    await said(panel, "ADAUSDT is pinned")
    if await panel.locator("#coverage").is_hidden():
        await panel.click("[data-action=coverage]")
    pin = panel.locator(".pin[data-ticker=ADAUSDT]")
    await pin.click()
    await pin.wait_for(state="detached")


# ---- positions ----


async def test_a_position_has_its_price_and_our_result(on_chromium, panel):
    await show(panel, "positions")
    cells = panel.locator("section[data-section=positions] td.c-result[data-sign]")
    await cells.first.wait_for()
    told = panel.locator("section[data-section=positions] td.c-result[title*=USDT]")
    await told.first.wait_for()
    heading = panel.locator("section[data-section=positions] th.c-result")

    assert "Computed by us" in (await heading.get_attribute("title"))
    assert "USDT" in await panel.locator("section[data-section=positions] .extra").inner_text()


# ---- activity ----


async def test_what_was_done_stands_in_the_activity_and_goes_into_a_file(on_chromium, panel):
    await at_chart(on_chromium, panel)
    await panel.click("li[data-find='BYBIT:SOLUSDT.p'] .symbol")
    await panel.click("li[data-find='KUCOIN:BTCUSDT'] .symbol")
    key = await place(on_chromium, price=50500)
    await on_chromium.terminal.post("/sim/fill", connectionId=1, orderId=int(key.split(":")[1]))
    await show(panel, "activity")
    what = panel.locator("section[data-section=activity] td.c-what")
    await what.filter(has_text="filled").first.wait_for()
    await what.filter(has_text="→ Bybit Perp").first.wait_for()
    await what.filter(has_text="KUCOIN").first.wait_for()
    script = """() => new Promise((done) => {
      URL.createObjectURL = (blob) => { blob.text().then(done); return 'blob:x'; };
      HTMLAnchorElement.prototype.click = () => undefined;
      document.querySelector('[data-action=export]').click();
    })"""
    text = await panel.evaluate(script)
    lines = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))

    assert {"open", "closed"} <= {line["kind"] for line in lines}
    filled = [line for line in lines if line["state"] == "filled"]
    assert filled != []
    assert not {"size", "filled"} & filled[0].keys(), "a file may be passed on"
    await panel.reload()


#: The relay cannot read its file while `failing` is set.
UNREAD = """() => {
  const connect = chrome.runtime.connect.bind(chrome.runtime);
  const asked = new Set();
  chrome.runtime.connect = (...given) => {
    const port = connect(...given);
    const post = port.postMessage.bind(port);
    const add = port.onMessage.addListener.bind(port.onMessage);
    port.postMessage = (message) => {
      if (message.method === 'activity' && globalThis.failing) asked.add(message.id);
      post(message);
    };
    port.onMessage.addListener = (listener) => add((message) => listener(asked.has(message.id)
      ? {...message, result: {state: 'refused', code: 'activity-unread'}} : message));
    return port;
  };
}"""


async def test_an_activity_that_cannot_be_read_is_not_called_empty_nor_new(on_chromium, panel):
    await at_chart(on_chromium, panel)
    await panel.add_init_script(f"({UNREAD})()")
    await panel.reload()
    await panel.evaluate("failing = true")
    await show(panel, "activity")
    section = panel.locator("section[data-section=activity]")
    unread = section.get_by_role("status")
    await unread.filter(has_text="cannot be read now").wait_for()
    empty = await section.get_by_text("Nothing yet").is_visible()
    await panel.evaluate("failing = false")
    await unread.wait_for(state="hidden")
    await panel.evaluate("failing = true")
    await show(panel, "here")
    await panel.click("li[data-find='BYBIT:SOLUSDT.p'] .symbol")
    await show(panel, "activity")
    await unread.filter(has_text="may be old").wait_for()
    shown = await section.locator("td.c-what").count()
    await panel.evaluate("failing = false")
    await unread.wait_for(state="hidden")

    assert not empty
    assert shown > 0


# ---- by keyboard alone ----


async def test_everything_is_reached_by_keys(on_chromium, panel):
    await panel.locator("body[data-loaded=true]").wait_for()
    key = await place(on_chromium, connectionId=4, ticker="BTC_USDT", price=50000, size=0.01)
    await panel.locator("#views [aria-selected=true]").focus()
    await panel.keyboard.press("2")
    await until(lambda: panel.evaluate("document.body.dataset.view === 'orders'"))
    await panel.locator(row(key)).wait_for()
    await panel.keyboard.press("/")
    filtering = await panel.evaluate("document.activeElement.id")
    await panel.keyboard.type("btc_")
    await panel.locator("section[data-section=orders] tr[data-key^='2:']").first.wait_for(
        state="detached"
    )
    await panel.locator("#views [aria-selected=true]").focus()
    await panel.keyboard.press("ArrowDown")
    for _ in range(60):
        await panel.evaluate(PAINTED)
        if await panel.evaluate("document.activeElement.dataset.key") == key:
            break
        await panel.keyboard.press("ArrowDown")
    else:
        pytest.fail("no key leads to the row")
    await on_chromium.terminal.mark()
    await panel.keyboard.press("Enter")
    opened = await on_chromium.terminal.command()
    await panel.keyboard.press("Delete")
    asked = await panel.evaluate("document.activeElement.dataset.action")
    await panel.keyboard.press("Enter")
    await panel.locator(row(key)).wait_for(state="detached")
    paths = [path for path, _ in await on_chromium.terminal.commands()]
    await panel.fill("#filter", "")
    await panel.locator("#views [aria-selected=true]").focus()
    await panel.keyboard.press("Shift+?")
    shown = await panel.locator("#keys[open]").count()

    assert filtering == "filter"
    assert opened[1] == {"Exchange": 8, "Market": 1, "Ticker": "BTC_USDT"}
    assert asked == "confirm-cancel"
    assert paths[-1] == "/api/connections/4/orders/cancel"
    assert shown == 1


#: A row further down is made when it is come to.
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
NAMED = """() => [...document.querySelectorAll('button, input, select, [role=option], table')]
  .filter((one) => one.checkVisibility() && !one.closest('dialog'))
  .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim() || one.title
    || one.closest('label')?.textContent.trim()))
  .map((one) => one.outerHTML.slice(0, 120))"""


async def test_everything_that_can_be_pressed_has_a_name(on_chromium, panel):
    await at_chart(on_chromium, panel)
    nameless = []
    for view in ("here", "orders", "positions", "balances", "activity", "all"):
        await show(panel, view)
        nameless += await panel.evaluate(NAMED)
    live = await panel.locator("[aria-live]").evaluate_all("all => all.map((one) => one.id)")

    assert nameless == []
    assert set(live) <= {"terminal", "said", ""}


# ---- what goes wrong ----


async def test_a_connection_that_is_removed_takes_its_rows_along():
    async with held(chromium_stage()) as on:
        panel = await on.browser.open_panel()
        mine = panel.locator("section[data-section=orders] tr[data-key^='1:']")
        await mine.first.wait_for()
        await on.terminal.post("/sim/connection", connectionId=1, remove=True)
        await mine.first.wait_for(state="detached")
        options = await panel.locator(".tools option").all_inner_texts()
        others = await panel.locator("section[data-section=orders] tr[data-key]").count()

    assert "Binance Futures" not in options
    assert others > 0


#: The process of the host, as the relay's own status names it.
PID = """() => new Promise((done) => {
  const port = chrome.runtime.connect({name: 'panel'});
  port.onMessage.addListener((message) => {
    if (message.topic !== 'status') return;
    port.disconnect();
    done(message.data.relay.pid);
  });
})"""


async def test_when_the_host_is_killed_the_panel_says_so_and_recovers(on_chromium, panel):
    await show(panel, "all")
    await panel.locator("tbody[data-stale=false] tr[data-key]").first.wait_for()
    pid = await panel.evaluate(PID)
    os.kill(pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)

    async def another() -> bool:
        return bool(await panel.evaluate(PID) != pid)

    await until(another)
    await panel.locator("tbody[data-stale=false] tr[data-key]").first.wait_for()
    key = await place(on_chromium, price=52500)
    await panel.locator(row(key)).wait_for()


async def test_an_old_build_says_that_it_cannot():
    async with held(chromium_stage()) as on:
        panel = await on.browser.open_panel()
        await panel.locator("section[data-section=orders] tr[data-key]").first.wait_for()
        on.terminal.simulator.world.profile = PROFILES["v1.0.671"]
        first = panel.locator("section[data-section=orders] tr[data-key] .open").first
        await first.click(modifiers=["Alt"])
        await said(panel, "This version of MetaScalp cannot do that")
        state = await panel.locator("#note").get_attribute("data-state")

    assert state == "refused"
