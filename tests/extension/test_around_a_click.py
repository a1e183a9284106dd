"""Bindings per tab, the menu's items, the address bar and marks, in a real Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from relay.edges.browsers import piercing, until
from tests.extension.conftest import Stage, chromium_stage, held

pytestmark = [pytest.mark.chromium, pytest.mark.asyncio(loop_scope="module")]

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
ETH = '[data-symbol-full="BINANCE:ETHUSDT.P"]'
SOL = '[data-symbol-full="BYBIT:SOLUSDT.P"]'
ACTIVE = "chrome.tabs.query({active: true, lastFocusedWindow: true}).then(([tab]) => tab)"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on() -> AsyncIterator[Stage]:
    async with held(chromium_stage()) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def anew(on: Stage) -> None:
    """A fresh page; the pause keeps tests apart that click in one tab."""
    await on.browser.goto("about:blank")
    await on.browser.goto(CHART)
    await asyncio.sleep(0.25)
    await on.terminal.mark()


async def evaluate(on: Stage, script: str, argument: Any = None) -> Any:
    worker = on.browser.context.service_workers[-1]
    return await worker.evaluate(f"async (given) => {{ {script} }}", argument)


async def choose(on: Stage, item: str, **info: Any) -> None:
    """What the browser does when an item of the menu is chosen; headless it shows no menu."""
    script = (
        f"const tab = await {ACTIVE}; chrome.contextMenus.onClicked.dispatch("
        "{menuItemId: given.item, editable: false, pageUrl: tab.url, ...given.info}, tab);"
    )
    await evaluate(on, script, {"item": item, "info": info})


async def badge(on: Stage) -> tuple[str, str]:
    """Its text and its title."""
    script = (
        f"const tabId = (await {ACTIVE}).id;"
        " return Promise.all([chrome.action.getBadgeText({tabId}),"
        " chrome.action.getTitle({tabId})]);"
    )
    text, title = await evaluate(on, script)
    return text, title


async def colour(on: Stage) -> list[int]:
    """Of the toolbar button's badge: red, green, blue, and how dense."""
    script = f"return chrome.action.getBadgeBackgroundColor({{tabId: (await {ACTIVE}).id}});"
    return await evaluate(on, script)


async def badge_is(on: Stage, wanted: str) -> None:
    async def there() -> bool:
        return (await badge(on))[0] == wanted

    await until(there)


async def settings(on: Stage, **change: Any) -> None:
    await evaluate(on, "await chrome.storage.local.set(given);", change)


def native(exchange: int, market: int, ticker: str, **more: Any) -> dict[str, Any]:
    return {"Exchange": exchange, "Market": market, "Ticker": ticker, **more}


async def test_a_linked_tab_opens_in_its_binding_and_wears_its_number(on: Stage) -> None:
    await choose(on, "link-page:002")
    await badge_is(on, "2")
    _, title = await badge(on)
    second = await colour(on)
    await choose(on, "link-page:003")
    await badge_is(on, "3")
    third = await colour(on)
    await choose(on, "link-page:002")
    await badge_is(on, "2")
    await on.browser.alt_click(ETH)
    sent = await on.terminal.command()
    toast = await on.browser.toast()
    await choose(on, "link-page:")
    await badge_is(on, "")

    assert "link 002" in title
    assert (second, third) == ([179, 38, 30, 255], [107, 79, 187, 255])
    assert sent == ("/api/change-ticker", native(2, 2, "ETHUSDT", Binding="002"))
    assert toast["code"] == "switched"
    bindings = (await on.terminal.state())["bindings"]
    assert bindings["002"] == {"connectionId": 1, "ticker": "ETHUSDT"}


async def test_a_link_outlives_a_reload_and_the_worker(on: Stage) -> None:
    await choose(on, "link-page:003")
    await badge_is(on, "3")
    await on.browser.page.reload()
    await badge_is(on, "3")
    await on.browser.stop_worker()
    await on.browser.alt_click(SOL)
    sent = await on.terminal.command()
    await choose(on, "link-page:")

    assert sent[1] == native(6, 5, "SOLUSDT", Binding="003")


async def test_a_link_goes_on_where_the_browser_gives_its_tab_another_number(on: Stage) -> None:
    """As browsers do with a tab that sleeps; here told of a second tab, which is clicked in."""
    await choose(on, "link-page:003")
    await badge_is(on, "3")
    before = await evaluate(on, f"return (await {ACTIVE}).id;")
    page = await on.browser.context.new_page()
    await page.goto(CHART)
    await badge_is(on, "")
    await evaluate(on, f"chrome.tabs.onReplaced.dispatch((await {ACTIVE}).id, given);", before)
    await badge_is(on, "3")
    await page.click(SOL, modifiers=["Alt"])
    sent = await on.terminal.command()
    await choose(on, "link-page:")
    await page.close()
    await on.browser.page.bring_to_front()

    assert sent[1] == native(6, 5, "SOLUSDT", Binding="003")


async def test_a_binding_that_is_gone_is_refused_with_those_that_are(on: Stage) -> None:
    await choose(on, "link-page:444")
    await badge_is(on, "444")
    await on.browser.alt_click(ETH)
    toast = await on.browser.toast()
    await choose(on, "link-page:")

    assert toast["code"] == "binding-not-found"


async def test_the_target_of_the_settings_counts_where_a_tab_has_none(on: Stage) -> None:
    await settings(on, target="001")
    try:
        await until(lambda: evaluate(on, "return true"))
        await asyncio.sleep(0.3)
        await on.browser.alt_click(ETH)
        sent = await on.terminal.command()
    finally:
        await settings(on, target="")

    assert sent[1]["Binding"] == "001"


async def test_the_menu_opens_in_a_binding_without_linking_the_tab(on: Stage) -> None:
    await choose(on, "into-part:002", selectionText="BYBIT:SOLUSDT.p")

    assert await on.terminal.command() == (
        "/api/change-ticker",
        native(6, 5, "SOLUSDT", Binding="002"),
    )
    assert (await badge(on))[0] == ""


async def test_the_lists_of_the_menu_are_the_bindings_that_exist(on: Stage) -> None:
    """The browser cannot be asked for its menu, but it refuses an item that is there already."""
    await on.browser.page.hover(ETH)
    await on.browser.page.mouse.down(button="right")
    await on.browser.page.mouse.up(button="right")

    async def there(name: str) -> bool:
        script = (
            "return new Promise(done => chrome.contextMenus.create({id: given, title: 'x'},"
            " () => done(chrome.runtime.lastError ? 'there' : 'made')));"
        )
        made = await evaluate(on, script, name) == "made"
        if made:
            await evaluate(on, "await chrome.contextMenus.remove(given);", name)
        return not made

    async def all_there() -> bool:
        await on.browser.page.mouse.click(5, 5, button="right")
        names = ("001", "002", "003", "007")
        return all([await there(f"into-page:{name}") for name in names])

    await until(all_there)
    assert await there("link-page:007")
    assert not await there("into-page:444")


async def test_a_selected_number_becomes_an_alert_on_the_pages_own_ticker(on: Stage) -> None:
    await choose(on, "alert-part", selectionText=" 64 250,5 ")
    toast = await on.browser.toast()

    path, body = next(one for one in await on.terminal.commands() if "signal" in one[0])
    assert toast["code"] == "alert-set"
    assert path == "/api/connections/1/signal-levels"
    assert (body["Ticker"], body["Price"]) == ("BTCUSDT", 64250.5)


@pytest.mark.parametrize("text", ["buy now", "1.2.3", "-5", "0", "64,25,0", "9" * 40, "<b>1</b>"])
async def test_what_is_no_price_is_no_alert(on: Stage, text: str) -> None:
    await choose(on, "alert-part", selectionText=text)

    assert (await on.browser.toast())["code"] in ("no-price", "no-find")
    assert await on.terminal.commands() == []


async def test_a_ticker_is_noted_in_the_terminals_feed(on: Stage) -> None:
    await choose(on, "notify-part", selectionText="BYBIT:SOLUSDT.p")
    toast = await on.browser.toast()

    sent = await on.terminal.commands()
    assert toast["code"] == "notified"
    assert sent == [
        (
            "/api/notifications",
            {"ConnectionId": 2, "Ticker": "SOLUSDT", "EventType": "From the browser"},
        )
    ]


async def test_a_pattern_is_copied(on: Stage) -> None:
    context = on.browser.context
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await choose(on, "copy-part", selectionText="$SOL BYBIT:SOLUSDT.p")
    toast = await on.browser.toast()

    copied = await on.browser.page.evaluate("navigator.clipboard.readText()")
    await context.clear_permissions()
    assert toast["code"] == "copied"
    assert copied == "BYBIT:SOLUSDT.p"


NAMES = """
  globalThis.titles = {};
  const update = chrome.contextMenus.update;
  chrome.contextMenus.update = (id, change) => {
    if (change.title) titles[id] = change.title;
    return update.call(chrome.contextMenus, id, change);
  };"""


async def titles(on: Stage) -> dict[str, str]:
    return await evaluate(on, "return titles;")


async def test_the_menu_names_the_ticker_that_would_be_opened(on: Stage) -> None:
    """Chromium has its menu up at once: the names come with the press itself, the rest of the page
    gets its own by another, and a press elsewhere, or a choice, takes them back."""
    await evaluate(on, NAMES)
    page = on.browser.page
    await page.click(SOL, button="right")

    async def named() -> bool:
        return "SOLUSDT" in (await titles(on)).get("open-page", "")

    await until(named)
    over = await titles(on)
    await page.evaluate(
        "getSelection().selectAllChildren(document.querySelector('#pane, h1, body'));"
        "document.body.insertAdjacentHTML('afterbegin', '<b id=eth>BINANCE:ETHUSDT.p</b>');"
        "getSelection().selectAllChildren(document.querySelector('#eth'))"
    )
    await page.click("#eth", button="right")

    async def selected() -> bool:
        return "ETHUSDT" in (await titles(on)).get("combo-part", "")

    await until(selected)
    part = await titles(on)
    await page.keyboard.press("Escape")
    await page.click("#eth")

    async def plain() -> bool:
        return (await titles(on))["open-part"] == "Open in MetaScalp"

    await until(plain)
    await page.click(SOL, button="right")
    await until(named)
    await choose(on, "copy-page")

    async def unnamed() -> bool:
        return "SOLUSDT" not in (await titles(on))["open-page"]

    await until(unnamed)
    assert over["open-page"] == "Open BYBIT:SOLUSDT.p in MetaScalp"
    assert part["open-part"] == "Open BINANCE:ETHUSDT.p in MetaScalp"


@pytest.mark.parametrize(
    ("modifier", "keys"),
    [("ctrl", ["Control"]), ("shift", ["Shift"]), ("ctrl+shift", ["Control", "Shift"])],
)
async def test_another_modifier_is_chosen_and_alt_means_nothing_then(
    on: Stage, modifier: str, keys: list[Any]
) -> None:
    await settings(on, modifier=modifier)
    try:
        await asyncio.sleep(0.3)
        await on.browser.alt_click(ETH)
        await asyncio.sleep(0.4)
        other = await on.terminal.commands()
        await on.browser.page.click(SOL, modifiers=keys)
        sent = await on.terminal.command()
    finally:
        await settings(on, modifier="alt")
        await asyncio.sleep(0.3)

    assert other == []
    assert sent[1] == native(6, 5, "SOLUSDT")


async def test_a_ticker_in_a_shadow_root_is_read_through_it(on: Stage) -> None:
    await on.browser.page.evaluate("""() => {
      const host = document.body.appendChild(document.createElement('div'));
      host.id = 'host';
      const outer = host.attachShadow({mode: 'open'});
      outer.innerHTML = '<section data-symbol-full="BYBIT:SOLUSDT.P"><p></p></section>';
      const inner = outer.querySelector('p').attachShadow({mode: 'open'});
      inner.innerHTML = '<span id="deep" style="position: fixed; top: 0; left: 0">here</span>';
    }""")

    await on.browser.alt_click("#deep")

    assert (await on.terminal.command())[1] == native(6, 5, "SOLUSDT")


async def test_a_row_that_is_used_again_is_read_as_it_is_at_the_click(on: Stage) -> None:
    """Lists that draw a few rows for many put another ticker into the same element."""
    await on.browser.page.evaluate(
        "document.body.insertAdjacentHTML('afterbegin',"
        ' \'<div id="again" data-symbol-full="BYBIT:SOLUSDT.P">row</div>\')'
    )
    await on.browser.alt_click("#again")
    first = await on.terminal.command()
    await on.terminal.mark()
    await on.browser.page.evaluate(
        "document.querySelector('#again').dataset.symbolFull = 'BINANCE:ETHUSDT.P'"
    )
    await asyncio.sleep(0.35)  # Of one place a second click within this counts as the same.
    await on.browser.alt_click("#again")

    assert first[1] == native(6, 5, "SOLUSDT")
    assert (await on.terminal.command())[1] == native(2, 2, "ETHUSDT")


async def test_the_key_for_the_pages_own_ticker_opens_it(on: Stage) -> None:
    await evaluate(on, f"chrome.commands.onCommand.dispatch('open-page', await {ACTIVE});")

    assert await on.terminal.command() == ("/api/change-ticker", native(2, 2, "BTCUSDT"))
    assert (await on.browser.toast())["code"] == "switched"


async def test_the_key_for_the_panel_closes_it_and_asks_for_it_again(on: Stage) -> None:
    """The browser opens a panel for a gesture only, which no script can make: here it is asked."""
    await on.browser.open_panel()
    await evaluate(
        on,
        """
      globalThis.asked = [];
      chrome.sidePanel.open = (options) => { asked.push(options); return Promise.resolve(); };""",
    )
    press = f"chrome.commands.onCommand.dispatch('toggle-panel', await {ACTIVE});"
    views = "return (await chrome.runtime.getContexts({contextTypes: ['SIDE_PANEL']})).length;"
    before = await evaluate(on, views)
    await evaluate(on, press)

    async def closed() -> bool:
        return await evaluate(on, views) == 0

    await until(closed)
    on.browser._panel = None
    await evaluate(on, press)
    asked = await evaluate(on, "return asked;")
    window = await evaluate(on, f"return (await {ACTIVE}).windowId;")

    assert before == 1
    assert asked == [{"windowId": window}]


async def test_the_key_for_a_combo_opens_one_for_the_page(on: Stage) -> None:
    await evaluate(on, f"chrome.commands.onCommand.dispatch('open-combo', await {ACTIVE});")

    async def both() -> Any:
        sent = await on.terminal.commands()
        return [path for path, _ in sent] == ["/api/change-ticker", "/api/combo"]

    await until(both)


async def suggested(on: Stage, typed: str) -> list[dict[str, str]]:
    script = (
        "return new Promise(done =>"
        " chrome.omnibox.onInputChanged.dispatch(given, list => done(list)));"
    )
    return await evaluate(on, script, typed)


async def test_the_address_bar_suggests_the_terminals_tickers_and_opens_one(on: Stage) -> None:
    list_ = await suggested(on, "sol bybit")
    await evaluate(
        on,
        "chrome.omnibox.onInputEntered.dispatch(given, 'currentTab');",
        list_[0]["content"],
    )
    sent = await on.terminal.command()

    assert list_[0]["content"] == "BYBIT:SOLUSDT.p"
    assert list_[0]["description"] == "SOLUSDT <dim>Bybit Perp</dim>"
    assert sent == ("/api/change-ticker", native(6, 5, "SOLUSDT"))


async def test_what_was_typed_without_choosing_opens_the_likeliest_in_a_binding(on: Stage) -> None:
    await evaluate(
        on, "chrome.omnibox.onInputEntered.dispatch(given, 'currentTab');", "003 ethusdt"
    )

    assert (await on.terminal.command())[1] == native(2, 2, "ETHUSDT", Binding="003")


@pytest.mark.parametrize("typed", ["<match>", "&lt;", "\"'>", "\u202egnp", "nosuchcoin", " ", ""])
async def test_nothing_typed_breaks_the_suggestions(on: Stage, typed: str) -> None:
    """Chromium refuses a description that is no XML, and says so only in a lost error."""
    assert await suggested(on, typed) == []


async def test_letters_are_marked_where_they_stand_and_names_are_escaped(on: Stage) -> None:
    rows = await suggested(on, "xaut")

    assert rows
    assert all("<match>" in row["description"] for row in rows)
    assert any("GOLD(<match>XAUT</match>)_USDT" in row["description"] for row in rows)


def mark(document: piercing.Node) -> dict[str, str] | None:
    """Texts of the mark by their kind, "" for the whole."""
    for node in document.walk():
        if "data-metascalp-mark" not in node.attributes:
            continue
        box = next(one for one in node.walk() if one.attributes.get("class") == "mark")
        return {
            one.attributes.get("class", ""): "".join(text.text for text in one.walk())
            for one in box.below
        }
    return None


async def marked(on: Stage) -> dict[str, str]:
    async def there() -> dict[str, str] | None:
        return mark(piercing.devtools(await on.browser.document())) or None

    return await until(there)


async def test_the_held_key_shows_where_a_click_goes_and_what_is_held(on: Stage) -> None:
    page = on.browser.page
    held_ticker = "BINANCE:BTCUSDT.P"
    await on.terminal.post(
        "/sim/order", connectionId=1, ticker="BTCUSDT", side="Buy", type="Limit",
        price=1000, size=0.01,
    )  # fmt: skip
    held = [one.ticker for one in on.terminal.simulator.world.accounts[1].positions.values()]
    await page.evaluate(
        "name => document.body.insertAdjacentHTML('afterbegin',"
        " `<p id=held data-symbol-full=${name}>held</p>`)",
        held_ticker,
    )
    await page.keyboard.down("Alt")
    await page.hover("#held")
    await page.mouse.move(300, 5)
    await page.hover("#held")
    shown = await marked(on)
    await page.keyboard.up("Alt")

    async def gone() -> bool:
        return mark(piercing.devtools(await on.browser.document())) is None

    await until(gone)
    assert shown["name"] == "BINANCE:BTCUSDT.p"
    assert int(shown["held orders"][1:]) >= 1
    assert ("held long" in shown or "held short" in shown) == ("BTCUSDT" in held)


async def test_what_the_terminal_does_not_have_is_marked_as_away(on: Stage) -> None:
    page = on.browser.page
    await page.keyboard.down("Alt")
    await page.hover('[data-symbol-full="KUCOIN:BTCUSDT"]')
    await page.mouse.move(300, 5)
    await page.hover('[data-symbol-full="KUCOIN:BTCUSDT"]')
    shown = await marked(on)
    await page.keyboard.up("Alt")

    assert shown == {"name away": "KUCOIN:BTCUSDT"}


async def test_without_marks_nothing_of_them_is_in_the_page(on: Stage) -> None:
    await settings(on, marks="off")
    try:
        await asyncio.sleep(0.3)
        page = on.browser.page
        await page.keyboard.down("Alt")
        await page.hover(ETH)
        await asyncio.sleep(0.5)
        shown = mark(piercing.devtools(await on.browser.document()))
        await page.keyboard.up("Alt")
    finally:
        await settings(on, marks="key")

    assert shown is None


async def test_a_mark_is_pressed_without_the_key_where_it_is_always_shown(on: Stage) -> None:
    await settings(on, marks="hover")
    try:
        page = on.browser.page
        await asyncio.sleep(0.5)
        await page.hover(SOL)
        await marked(on)
        node = next(
            one
            for one in piercing.devtools(await on.browser.document()).walk()
            if one.attributes.get("class") == "mark"
        )
        session = await on.browser.context.new_cdp_session(page)
        box = await session.send("DOM.getBoxModel", {"backendNodeId": node.identity})
        x, y, *_, left, bottom = box["model"]["border"]
        await page.mouse.move((x + left) / 2 + 8, (y + bottom) / 2)
        await page.mouse.down()
        await page.mouse.up()
        sent = await on.terminal.command()
    finally:
        await settings(on, marks="key")

    assert sent == ("/api/change-ticker", native(6, 5, "SOLUSDT"))


async def in_here(on: Stage) -> Any:
    """The panel's view of the page, once it knows where its tickers would open."""
    panel = await on.browser.open_panel()
    await panel.click("#views [data-view=here]")
    await panel.locator("li[data-find='BINANCE:ETHUSDT.p'][data-code=found]").wait_for()
    return panel


async def test_the_panel_opens_where_clicks_in_the_tab_beside_it_open(on: Stage) -> None:
    await choose(on, "link-page:002")
    await badge_is(on, "2")
    panel = await in_here(on)
    await on.terminal.mark()
    await panel.click("li[data-find='BINANCE:ETHUSDT.p'] .symbol")
    here = await on.terminal.command()
    await choose(on, "link-page:")
    await badge_is(on, "")
    await on.terminal.mark()
    await panel.click("li[data-find='BINANCE:ETHUSDT.p'] .symbol")
    free = await on.terminal.command()
    await panel.click("#views [data-view=all]")

    assert here[1] == native(2, 2, "ETHUSDT", Binding="002")
    assert free[1] == native(2, 2, "ETHUSDT")


async def test_where_the_settings_say_the_panel_opens_too_and_says_so(on: Stage) -> None:
    panel = await in_here(on)
    await settings(on, target="003")
    try:
        usual = panel.locator(".this-tab select option[value='']", has_text="As set: link 003")
        await usual.wait_for(state="attached")
        await panel.click("#views [data-view=orders]")
        await on.terminal.mark()
        await panel.locator("section[data-section=orders] tr[data-key^='2:'] .open").first.click()
        sent = await on.terminal.command()
    finally:
        await settings(on, target="")
        await panel.click("#views [data-view=all]")

    assert sent[1]["Binding"] == "003"


async def test_without_a_link_typed_the_address_bar_opens_where_the_tab_does(on: Stage) -> None:
    await choose(on, "link-page:002")
    await badge_is(on, "2")
    await on.terminal.mark()
    await evaluate(on, "chrome.omnibox.onInputEntered.dispatch(given, 'currentTab');", "ethusdt")
    sent = await on.terminal.command()
    await choose(on, "link-page:")
    await badge_is(on, "")

    assert sent[1] == native(2, 2, "ETHUSDT", Binding="002")


#: The terminal tells its links only after four seconds.
SLOW_LINKS = """() => {
  const send = chrome.runtime.sendMessage.bind(chrome.runtime);
  const later = () => new Promise((done) => setTimeout(done, 4000));
  chrome.runtime.sendMessage = (message) => (message.type === "bindings"
    ? later().then(() => send(message)) : send(message));
}"""


async def test_what_is_set_for_a_tab_is_shown_before_the_terminal_has_told_its_links(
    on: Stage,
) -> None:
    """Shown late, the switch of one tab would be that of another for as long."""
    panel = await on.browser.open_panel()
    strip = panel.locator(".this-tab select")
    await strip.locator("option[value='002']").wait_for(state="attached")
    await panel.evaluate(SLOW_LINKS)
    await choose(on, "link-page:002")

    async def shows_2() -> bool:
        return await strip.input_value() == "002"

    await until(shows_2, 2.0)
    await panel.reload()
    await choose(on, "link-page:")
    await badge_is(on, "")


async def test_following_that_was_refused_is_not_shown_as_on(on: Stage) -> None:
    await on.browser.goto("about:blank")
    panel = await on.browser.open_panel()
    follow = panel.locator(".this-tab input[type=checkbox]")
    await follow.click()

    async def is_off() -> bool:
        return not await follow.is_checked()

    await until(is_off)


async def test_a_link_that_is_not_typed_after_all_leaves_what_was(on: Stage) -> None:
    panel = await on.browser.open_panel()
    strip = panel.locator(".this-tab")
    await strip.locator("select option[value='002']").wait_for(state="attached")
    await strip.locator("select").select_option("002")
    await badge_is(on, "2")
    for leave in ("Escape", "Tab"):
        await strip.locator("select").select_option("other")
        await strip.locator(".typed").press(leave)
        await strip.locator(".typed").wait_for(state="hidden")

        async def shows_2() -> bool:
            return await strip.locator("select").input_value() == "002"

        await until(shows_2)
    await strip.locator("select").select_option("")
    await badge_is(on, "")


async def test_the_panel_follows_links_locks_and_points(on: Stage) -> None:
    panel = await on.browser.open_panel()
    strip = panel.locator(".this-tab")
    await strip.locator("select option[value='002']").wait_for(state="attached")
    await strip.locator("select").select_option("002")
    await badge_is(on, "2")
    await strip.locator("select").select_option("other")
    await strip.locator(".typed").fill("007")
    await strip.locator(".typed").press("Enter")
    await badge_is(on, "7")
    await strip.locator("select").select_option("")
    await badge_is(on, "")

    await panel.click("#views [data-view=here]")
    await panel.locator(".own .symbol").wait_for()  # What is pointed is this page's ticker.
    await strip.locator("summary").click()
    row = strip.locator("li", has_text="SOLUSDT").first
    await row.locator("[data-act=lock]").click()
    await strip.locator("li[data-locked=true]").wait_for()
    await on.terminal.mark()
    await row.locator("[data-act=show]").click()
    said = panel.locator("#said")

    async def refused() -> bool:
        return "locked" in (await said.text_content() or "")

    await until(refused)
    nothing = await on.terminal.commands()
    await row.locator("[data-act=lock]").click()
    await strip.locator("li[data-locked=true]").wait_for(state="detached")
    await row.locator("[data-act=show]").click()

    async def pointed() -> bool:
        requests = (await on.terminal.state())["requests"]
        return any(one["method"] == "PUT" and one["path"].endswith("/ticker") for one in requests)

    await until(pointed)
    assert nothing == []
