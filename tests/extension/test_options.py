"""The options page in a real Chromium: what is set there is what the browser and the relay do."""

from __future__ import annotations

import asyncio
import json
import time
import tomllib
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from relay.edges.browsers import until
from relay.edges.browsers.chromium import EXTENSION_ID
from tests.extension.conftest import Stage, chromium_stage, held

pytestmark = [pytest.mark.chromium, pytest.mark.asyncio(loop_scope="module")]

OPTIONS = f"chrome-extension://{EXTENSION_ID}/options/index.html"
CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
SITE = {
    "id": "mine",
    "name": "My charts",
    "exchange": "BYBIT",
    "hosts": ["charts.example.com"],
    "quotes": ["USDT"],
    "paths": [{"path": "/c/{base}_{quote}", "market": "futures"}],
}


@pytest_asyncio.fixture(loop_scope="module")
async def options(on_chromium: Stage):
    """The options page in a tab of its own, with everything as it is after an install."""
    page = await on_chromium.browser.context.new_page()
    page.failures = []
    page.on("pageerror", lambda error: page.failures.append(str(error)))
    await page.goto(OPTIONS)
    await page.evaluate("chrome.storage.local.clear()")
    file = on_chromium.browser.settings
    file.unlink(missing_ok=True)
    for site in (file.parent / "sites").glob("*"):
        site.unlink()
    await page.goto(OPTIONS)
    await expect(page.locator("#state")).to_have_attribute("data-state", "connected")
    await expect(page.locator("#exchanges li[data-value]")).to_have_count(3)
    yield page
    assert page.failures == []
    await page.evaluate("chrome.storage.local.clear()")
    await page.close()
    await on_chromium.browser.page.bring_to_front()


def kept(on: Stage) -> dict:
    """What the relay's settings file says."""
    path: Path = on.browser.settings
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


async def stored(page: Page) -> dict:
    return await page.evaluate("chrome.storage.local.get()")


async def test_every_setting_can_be_set_and_only_to_what_it_may_be(options: Page):
    await options.select_option("#set-modifier", "ctrl+alt")
    await options.select_option("#set-toasts", "problems")
    await options.fill("#set-followDelayMs", "750")
    await options.fill("#set-target", "007")
    await options.uncheck("#set-hideZero")
    await options.fill("#set-toastSeconds", "99")
    await options.locator("#set-toastSeconds").blur()

    assert await stored(options) == await stored(options) | {
        "modifier": "ctrl+alt", "toasts": "problems", "followDelayMs": 750, "target": "007",
        "hideZero": False,
    }  # fmt: skip
    assert "toastSeconds" not in await stored(options)
    await expect(options.locator("#set-toastSeconds")).to_have_attribute("aria-invalid", "true")


async def test_a_setting_changed_elsewhere_is_shown(options: Page):
    await options.evaluate("chrome.storage.local.set({marks: 'off'})")

    await expect(options.locator("#set-marks")).to_have_value("off")


async def test_the_order_of_exchanges_is_set_by_the_keyboard_alone(
    options: Page, on_chromium: Stage
):
    on_chromium.browser.settings.write_text('# mine\norders = "view"\n')
    await options.focus("#exchanges li[data-value=BINANCE]")
    await options.keyboard.press("Alt+ArrowDown")
    await options.keyboard.press("Alt+ArrowDown")
    await expect(options.locator("#order-said")).to_have_text("Saved")
    await expect(options.locator("#exchanges li[data-value=BINANCE]")).to_be_focused()
    await options.keyboard.press("ArrowUp")
    await options.keyboard.press("Delete")

    await until(lambda: _is(kept(on_chromium).get("exchanges"), ["BYBIT", "BINANCE"]))
    assert kept(on_chromium)["orders"] == "view"
    assert on_chromium.browser.settings.read_text().startswith("# mine\n")


async def test_it_is_set_by_dragging_and_by_choosing_too(options: Page, on_chromium: Stage):
    rows = options.locator("#exchanges li[data-value]")
    await rows.nth(2).drag_to(rows.nth(0), target_position={"x": 30, "y": 3})
    await until(lambda: _is(kept(on_chromium).get("exchanges"), ["OKX", "BINANCE", "BYBIT"]))

    await options.select_option("#exchanges select", "MEXC")
    await until(lambda: _is(kept(on_chromium)["exchanges"][-1], "MEXC"))
    await options.select_option("#markets select", "margin")
    await until(lambda: _is(kept(on_chromium).get("markets"), ["futures", "spot", "margin"]))


async def test_a_file_changed_by_hand_is_shown(options: Page, on_chromium: Stage):
    on_chromium.browser.settings.write_text('exchanges = ["MEXC"]\n')

    await expect(options.locator("#exchanges li[data-value]")).to_have_count(1)
    await expect(options.locator("#exchanges li[data-value=MEXC]")).to_be_visible()


async def test_a_name_given_to_an_exchange_is_read_on_pages_at_once(
    options: Page, on_chromium: Stage
):
    on_chromium.pages.override["www.tradingview.com", "/mine/"] = (
        "<!doctype html><title>x</title><p data-symbol-full='OKXPERP:ETHUSDT.P'>ETH</p>"
    )
    await options.fill("#alias-name", "okxperp")
    await options.select_option("#alias-exchange", "OKX")
    await options.press("#alias-name", "Enter")
    await expect(options.locator("#aliases li")).to_contain_text("OKXPERP")
    await on_chromium.browser.page.bring_to_front()
    await on_chromium.browser.goto("https://www.tradingview.com/mine/")
    await on_chromium.terminal.mark()

    await on_chromium.browser.alt_click("[data-symbol-full]")

    assert (await on_chromium.terminal.command())[1] == {
        "Exchange": 10, "Market": 5, "Ticker": "ETHUSDT"
    }  # fmt: skip


async def test_a_name_that_is_taken_is_refused_and_said(options: Page, on_chromium: Stage):
    await options.fill("#alias-name", "BYBIT")
    await options.select_option("#alias-exchange", "OKX")
    await options.press("#alias-name", "Enter")

    await expect(options.locator("#order-said")).to_have_text("this name already means BYBIT")
    assert "aliases" not in kept(on_chromium)


async def test_a_wrong_file_stands_there_with_line_and_reason_until_it_is_right(
    options: Page, on_chromium: Stage
):
    folder = on_chromium.browser.settings.parent / "sites"
    folder.mkdir(exist_ok=True)
    (folder / "mine.json").write_text('{\n "id": "mine",\n}')
    problem = options.locator("#own-problems [data-file='mine.json']")
    await expect(problem).to_contain_text("mine.json:3")
    await expect(problem).to_contain_text("not JSON")

    (folder / "mine.json").write_text(json.dumps(SITE | {"hosts": ["www.okx.com"]}))
    await expect(problem).to_contain_text("its host belongs to the site “okx”")

    (folder / "mine.json").write_text(json.dumps(SITE))
    await expect(problem).to_have_count(0)
    row = options.locator("#own-list [data-site=mine]")
    await expect(row).to_have_attribute("data-state", "asks")
    await expect(row.get_by_role("button")).to_have_accessible_name(
        "Allow access to charts.example.com"
    )


async def test_a_site_that_is_switched_off_is_not_read_and_on_again_is(
    options: Page, on_chromium: Stage
):
    await options.fill("#site-search", "tradingview")
    await expect(options.locator("#site-list li")).to_have_count(1)
    await options.uncheck("#site-list [data-site=tradingview] [role=switch]")
    await expect(options.locator("#site-list [data-site=tradingview]")).to_have_attribute(
        "data-state", "off"
    )
    browser = on_chromium.browser
    await browser.page.bring_to_front()
    await browser.goto(CHART)
    await on_chromium.terminal.mark()
    await browser.alt_click('[data-symbol-full="BYBIT:SOLUSDT.P"]')
    await browser.goto("https://www.okx.com/trade-swap/btc-usdt-swap")
    await browser.alt_click("a[href='/trade-swap/eth-usdt-swap']")
    assert (await on_chromium.terminal.command())[1]["Ticker"] == "ETHUSDT"
    assert len(await on_chromium.terminal.commands()) == 1

    await options.check("#site-list [data-site=tradingview] [role=switch]")
    await expect(options.locator("#site-list [data-site=tradingview]")).to_have_attribute(
        "data-state", "on"
    )
    await browser.page.bring_to_front()
    await browser.goto(CHART)
    await on_chromium.terminal.mark()
    await browser.alt_click('[data-symbol-full="BYBIT:SOLUSDT.P"]')
    assert (await on_chromium.terminal.command())[1]["Ticker"] == "SOLUSDT"


async def test_a_page_that_is_open_hears_that_its_site_is_off(options: Page, on_chromium: Stage):
    browser = on_chromium.browser
    await browser.goto(CHART)
    await options.uncheck("#site-list [data-site=tradingview] [role=switch]")
    await expect(options.locator("#site-list [data-site=tradingview]")).to_have_attribute(
        "data-state", "off"
    )
    await browser.page.bring_to_front()
    await on_chromium.terminal.mark()
    await browser.page.evaluate(
        "addEventListener('click', (e) => window.heard = e.defaultPrevented)"
    )
    await until(lambda: _ignored(browser.page))
    await on_chromium.terminal.mark()
    await browser.page.click('[data-symbol-full="BINANCE:ETHUSDT.P"]', modifiers=["Alt"])
    await asyncio.sleep(0.3)  # nothing is to come, so there is nothing to wait for

    assert await on_chromium.terminal.commands() == []


async def _ignored(page: Page) -> bool:
    """A click that we do not take reaches the page as it was."""
    await page.click('[data-symbol-full="BYBIT:SOLUSDT.P"]', modifiers=["Alt"])
    return await page.evaluate("window.heard === false")


async def test_the_language_is_changed_here_and_in_what_clicks_say(
    options: Page, on_chromium: Stage
):
    await options.select_option("#set-language", "ru")
    await expect(options.locator("h1")).to_have_text("MetaScalp Relay: настройки")
    assert await options.evaluate("document.documentElement.lang") == "ru"

    browser = on_chromium.browser
    await browser.page.bring_to_front()
    await browser.goto(CHART)
    await browser.alt_click('[data-symbol-full="KUCOIN:BTCUSDT"]')
    await browser.toast()
    told = json.dumps(await browser.document(), ensure_ascii=False)
    assert "не подключена" in told
    assert "скопировано" in told or "Копировать" in told

    await options.select_option("#set-language", "auto")
    await expect(options.locator("h1")).to_have_text("MetaScalp Relay: settings")


async def test_the_theme_is_changed_at_once(options: Page):
    back = "getComputedStyle(document.body).backgroundColor"
    await options.select_option("#set-theme", "light")
    await expect(options.locator("html")).to_have_attribute("data-theme", "light")
    light = await options.evaluate(back)
    await options.select_option("#set-theme", "dark")
    await expect(options.locator("html")).to_have_attribute("data-theme", "dark")

    assert light == "rgb(255, 255, 255)"
    assert await options.evaluate(back) == "rgb(18, 23, 30)"


async def test_the_connection_and_a_ticker_are_tested(options: Page, on_chromium: Stage):
    await options.click("#check-connection")
    found = options.locator("#check-found")
    await expect(found).to_contain_text("Relay 0.1.0 answers")
    await expect(found).to_contain_text(f"127.0.0.1:{on_chromium.terminal.simulator.port}")
    await expect(found).to_contain_text("VIEW")
    await on_chromium.terminal.mark()

    await options.fill("#check-ticker", "BYBIT:ETHUSDT.p")
    await options.click("#check-resolve")
    await expect(options.locator("#check-said")).to_contain_text("ETHUSDT on Bybit Perp")
    assert await on_chromium.terminal.commands() == []
    await options.fill("#check-ticker", "KUCOIN:BTCUSDT")
    await options.click("#check-resolve")
    await expect(options.locator("#check-said li").first).to_have_attribute("data-state", "bad")
    await options.fill("#check-ticker", "not a ticker!")
    await options.click("#check-resolve")
    await expect(options.locator("#check-said")).to_contain_text("not a ticker!")

    await options.fill("#check-ticker", "BYBIT:ETHUSDT.p")
    await options.click("#check-open")
    assert (await on_chromium.terminal.command())[0] == "/api/change-ticker"


async def test_everything_leaves_as_one_file_and_comes_back(
    options: Page, on_chromium: Stage, tmp_path: Path
):
    await options.select_option("#set-modifier", "ctrl")
    await options.focus("#exchanges li[data-value=BINANCE]")
    await options.keyboard.press("Delete")
    await until(lambda: _is(kept(on_chromium).get("exchanges"), ["BYBIT", "OKX"]))
    async with options.expect_download() as download:
        await options.click("#backup-out")
    file = tmp_path / "settings.json"
    await (await download.value).save_as(file)
    data = json.loads(file.read_text("utf-8"))
    assert (data["browser"]["modifier"], data["relay"]["exchanges"]) == ("ctrl", ["BYBIT", "OKX"])
    assert not {"orders", "terminal"} & set(data["relay"])

    await options.select_option("#set-modifier", "alt")
    on_chromium.browser.settings.unlink()
    await expect(options.locator("#exchanges li[data-value]")).to_have_count(3)
    await options.set_input_files("#backup-file", file)
    await expect(options.locator("#backup-said")).to_have_text("Everything is restored")
    await expect(options.locator("#set-modifier")).to_have_value("ctrl")
    await expect(options.locator("#exchanges li[data-value]")).to_have_count(2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "This is not a file of our settings"),
        ('{"kind": "other"}', "This is not a file of our settings"),
        ("x" * 200_001, "This is not a file of our settings"),
        (
            '{"kind": "metascalp-relay-settings", "format": 1, "relay": {"markets": ["moon"]},'
            ' "browser": {"modifier": "space", "folded": ["x"], "orders": "cancel"}}',
            "Restored, except: modifier, folded, orders, markets",
        ),
    ],
    ids=["no json", "another's", "too large", "values that are none"],
)
async def test_what_cannot_be_meant_is_not_taken_from_a_file(
    options: Page, on_chromium: Stage, tmp_path: Path, text: str, said: str
):
    file = tmp_path / "settings.json"
    file.write_text(text)

    await options.set_input_files("#backup-file", file)

    await expect(options.locator("#backup-said")).to_have_text(said)
    assert kept(on_chromium) == {}
    assert not {"modifier", "folded"} & set(await stored(options))


async def test_the_keys_are_shown_with_the_way_to_change_them(options: Page, on_chromium: Stage):
    await expect(options.locator("[data-command=open-page] kbd")).to_have_text("Alt+Shift+O")
    async with on_chromium.browser.context.expect_page() as opened:
        await options.click("#key-change")
    page = await opened.value
    await page.wait_for_load_state()

    assert page.url.startswith("chrome://extensions/shortcuts")
    await page.close()


@pytest.mark.parametrize("width", [400, 1200])
async def test_nothing_runs_out_of_the_window(options: Page, width: int):
    before = options.viewport_size
    await options.set_viewport_size({"width": width, "height": 800})
    wide = await options.evaluate("document.documentElement.scrollWidth")
    await options.set_viewport_size(before)

    assert wide <= width


async def test_every_control_has_a_name_for_who_listens(options: Page):
    nameless = await options.evaluate(
        "[...document.querySelectorAll('button, input:not([type=file]), select')].filter(one =>"
        " !one.labels?.length && !one.ariaLabel && !one.textContent.trim()).map(one => one.id)"
    )
    texts = await options.locator("body").inner_text()

    assert nameless == []
    assert "options_" not in texts
    assert "set_" not in texts


async def test_without_a_relay_its_part_says_so_and_the_rest_works(monkeypatch, tmp_path):
    from relay.edges.browsers import hosting

    monkeypatch.setattr(hosting, "_folder", lambda *_: tmp_path)
    async with held(chromium_stage()) as on:
        page = await on.browser.context.new_page()
        await page.goto(OPTIONS)
        await expect(page.locator("#state-text")).to_have_text("The relay is not installed")
        await expect(page.locator("#order-away")).to_be_visible()
        await page.select_option("#set-modifier", "ctrl")
        await page.click("#check-connection")
        await expect(page.locator("#check-found code")).to_have_text("metascalp-relay install")
        assert (await stored(page))["modifier"] == "ctrl"


async def _is(value: object, wanted: object) -> bool:
    return value == wanted


async def test_a_file_is_live_within_a_second_of_being_dropped_in(
    options: Page, on_chromium: Stage
):
    folder = on_chromium.browser.settings.parent / "sites"
    folder.mkdir(exist_ok=True)
    (folder / "mine.json").write_text("{")
    await expect(options.locator("#own-problems li")).to_have_count(1)

    dropped = time.monotonic()
    (folder / "mine.json").write_text(json.dumps(SITE))
    await options.wait_for_selector("#own-list [data-site=mine]")
    took = time.monotonic() - dropped

    assert took < 1.5  # a second, and what a busy machine adds


async def test_a_file_dropped_in_while_the_worker_sleeps_counts_at_its_next_start(
    on_chromium: Stage,
):
    """It stands in place of a site we ship with, so no access has to be asked for."""
    browser = on_chromium.browser
    folder = browser.settings.parent / "sites"
    folder.mkdir(parents=True, exist_ok=True)
    await browser.goto("https://www.okx.com/trade-swap/btc-usdt-swap")
    await browser.stop_worker()
    path = "/trade-swap/{base}-{quote}-swap"
    mine = SITE | {"id": "okx", "hosts": ["www.okx.com"], "paths": [{"path": path}]}
    (folder / "okx.json").write_text(json.dumps(mine | {"exchange": "MEXC"}))
    await on_chromium.terminal.mark()
    try:
        await browser.page.keyboard.press("Alt")  # wakes it, as every press before a click does

        async def in_the_other_place() -> bool:
            await browser.alt_click("a[href='/trade-swap/eth-usdt-swap']")
            sent = await on_chromium.terminal.commands()
            return any(body.get("Exchange") == 8 for path, body in sent)

        assert await until(in_the_other_place)
    finally:
        (folder / "okx.json").unlink()


async def test_the_panel_says_what_is_wrong_and_which_site_waits_until_a_no(
    options: Page, on_chromium: Stage
):
    folder = on_chromium.browser.settings.parent / "sites"
    folder.mkdir(exist_ok=True)
    (folder / "bad.json").write_text("{")
    panel = await on_chromium.browser.open_panel()
    await expect(panel.locator("#own")).to_contain_text("Files of your own sites with mistakes: 1")

    (folder / "mine.json").write_text(json.dumps(SITE))
    await expect(panel.locator("#own")).to_contain_text("charts.example.com waits")
    await panel.click("#own [data-own=later]")
    await expect(panel.locator("#own")).to_contain_text("with mistakes: 1")
    (folder / "bad.json").unlink()
    await expect(panel.locator("#own")).to_be_hidden()

    (folder / "bad.json").write_text("{")
    async with on_chromium.browser.context.expect_page() as opened:
        await panel.click("#own [data-own=show]")
    page = await opened.value
    await expect(page.locator("#own-problems [data-file='bad.json']")).to_be_visible()
    await page.close()


async def test_the_shield_says_that_it_does_not_reach_private_windows(options: Page):
    """Nor that it does not, where the extension is allowed in them."""
    line = options.locator("[data-shield=private]")
    await expect(line).to_be_visible()
    said = await line.text_content()
    await options.add_init_script("chrome.extension.isAllowedIncognitoAccess = async () => true;")
    await options.reload()
    await expect(line).to_be_hidden()

    assert said.startswith("Private windows are not covered")
