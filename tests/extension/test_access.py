"""A host of the user's own site: asked for by a click, in the browser's real question; no host is
ever read without it, and none any more once the user has taken the access back."""

from __future__ import annotations

import asyncio
import json

import pytest

from relay.edges.browsers import until
from relay.edges.browsers.chromium import EXTENSION_ID
from relay.edges.browsers.firefox import UUID
from tests.extension.conftest import Stage, chromium_stage, firefox_stage, held
from tests.extension.screen import screen, xdotool

pytestmark = pytest.mark.asyncio

SITE = {
    "id": "mine",
    "name": "My charts",
    "exchange": "BYBIT",
    "hosts": ["charts.example.com"],
    "quotes": ["USDT"],
    "paths": [{"path": "/c/{base}_{quote}", "market": "futures"}],
}
PAGE = "https://charts.example.com/c/ETH_USDT"
ROW = "#own-list [data-site=mine]"
BUTTON = f"{ROW} [data-act=allow]"
OPENED = ("/api/change-ticker", {"Exchange": 6, "Market": 5, "Ticker": "ETHUSDT"})
SCRIPTS = (
    "chrome.scripting.getRegisteredContentScripts()"
    ".then(all => JSON.stringify(all.map(one => `${one.id} ${one.matches}`).sort()))"
)
#: One for pages, one for their frames.
LET_IN = ["let-in https://charts.example.com/*", "let-in-frames https://charts.example.com/*"]
STORED = "chrome.storage.local.get().then(JSON.stringify)"


def drop_in(on: Stage) -> None:
    """The file, as a user puts it there."""
    on.pages.override["charts.example.com", "/c/ETH_USDT"] = (
        "<!doctype html><title>mine</title><h1 id=pane>chart</h1>"
    )
    folder = on.browser.settings.parent / "sites"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mine.json").write_text(json.dumps(SITE))


async def clicked(on: Stage) -> list:
    """What the terminal hears of an Alt+click on the site's page, and of one after it elsewhere."""
    await on.browser.goto(PAGE)
    await on.terminal.mark()
    await on.browser.alt_click("#pane")
    await asyncio.sleep(0.4)  # the next page must not be taken for a repeat of this one
    await on.browser.goto("https://www.okx.com/trade-swap/btc-usdt-swap")
    await on.browser.alt_click("a[href='/trade-swap/eth-usdt-swap']")

    async def both():
        heard = [one for one in await on.terminal.commands() if one[0] == "/api/change-ticker"]
        okx = [one for one in heard if one[1]["Exchange"] == 10]
        return [one for one in heard if one not in okx] if okx else None

    async def told():
        return [await both()] if await both() is not None else None

    return (await until(told))[0]


@pytest.mark.chromium
async def test_chromium_asks_once_and_reads_only_what_was_allowed():
    """The real question, answered with real keys: the focus is on Deny, Allow is the next."""
    async with screen() as display:
        options = {"headless": False, "env": {"DISPLAY": display}}
        async with held(chromium_stage(**options)) as on:
            drop_in(on)
            assert await clicked(on) == []
            page = await on.browser.context.new_page()
            await page.goto(f"chrome-extension://{EXTENSION_ID}/options/index.html")
            await page.bring_to_front()
            await page.wait_for_selector(f"{ROW}[data-state=asks]")

            await _answer(display, page, ["Return"], f"{ROW}[data-state=asks]", "refused")
            assert json.loads(await page.evaluate(SCRIPTS)) == []
            assert json.loads(await page.evaluate(STORED))["refused"] == ["mine"]

            await _answer(display, page, ["Tab", "Return"], f"{ROW}[data-state=on]", None)
            assert json.loads(await page.evaluate(SCRIPTS)) == LET_IN
            assert json.loads(await page.evaluate(STORED))["refused"] == []
            await on.browser.page.bring_to_front()
            assert await clicked(on) == [OPENED]

            # As from the browser's own page of extensions: the extension only hears of it.
            taken = "chrome.permissions.remove({origins: ['https://charts.example.com/*']})"
            await page.evaluate(taken)
            await page.wait_for_selector(f"{ROW}[data-state=asks]")
            await until(lambda: page.evaluate(f"{SCRIPTS}.then(text => text === '[]')"))
            assert await clicked(on) == []


async def _answer(display, page, keys, wanted, refused) -> None:
    """Presses Allow until the browser's question has been answered: an early key is lost."""
    for _ in range(10):
        await page.click(BUTTON)
        await asyncio.sleep(0.7)
        await xdotool(display, "key", "--delay", 120, *keys)
        await asyncio.sleep(0.7)
        stored = json.loads(await page.evaluate(STORED))
        if bool(stored.get("refused")) is bool(refused) and await page.query_selector(wanted):
            return
    pytest.fail("the question of the browser could not be answered")


class Fox:
    """The options page in a Firefox, and the browser's own question beside it."""

    def __init__(self, on: Stage) -> None:
        self.browser = on.browser
        self.page = on.browser.tab
        self.ours = ""

    async def open(self) -> None:
        made = await self.browser.command("browsingContext.create", type="tab")
        self.ours = made["context"]
        url = f"moz-extension://{UUID}/options/index.html"
        await self.browser.command(
            "browsingContext.navigate", context=self.ours, url=url, wait="complete"
        )

    async def state(self, wanted: str) -> None:
        script = f"document.querySelector('{ROW}')?.dataset.state === '{wanted}'"
        await until(lambda: self.browser.evaluate(script, self.ours))

    async def press(self) -> None:
        await self.browser.command("browsingContext.activate", context=self.ours)
        self.browser.tab = self.ours
        script = f"document.querySelector('{BUTTON}').scrollIntoView({{block: 'center'}})"
        await self.browser.evaluate(f"void {script}")
        await self.browser.click(BUTTON)
        self.browser.tab = self.page

    async def answer(self, button: str) -> None:
        """Presses a button of the real question."""
        shown = "document.getElementById('notification-popup').firstElementChild"
        await until(
            lambda: self.browser.evaluate(
                f"PopupNotifications.panel.state === 'open' && !!{shown}", self.browser.window
            )
        )
        await self.browser.evaluate(f"void {shown}.{button}.click()", self.browser.window)

    async def value(self, script: str):
        return json.loads(await self.browser.evaluate(script, self.ours))

    async def front(self) -> None:
        await self.browser.command("browsingContext.activate", context=self.page)


@pytest.mark.firefox
async def test_firefox_asks_once_and_reads_only_what_was_allowed():
    async with held(firefox_stage()) as on:
        drop_in(on)
        assert await clicked(on) == []
        fox = Fox(on)
        await fox.open()
        await fox.state("asks")

        await fox.press()
        await fox.answer("secondaryButton")
        await until(lambda: _stored(fox, "refused", ["mine"]))
        assert await fox.value(SCRIPTS) == []

        await fox.press()
        await fox.answer("button")
        await fox.state("on")
        assert await fox.value(SCRIPTS) == LET_IN
        await until(lambda: _stored(fox, "refused", []))
        await fox.front()
        assert await clicked(on) == [OPENED]

        taken = (
            "chrome.permissions.remove({origins: ['https://charts.example.com/*']}).then(() => 1)"
        )
        await on.browser.evaluate(taken, fox.ours)
        await fox.state("asks")
        await until(lambda: on.browser.evaluate(f"{SCRIPTS}.then(t => t === '[]')", fox.ours))
        assert await clicked(on) == []


async def _stored(fox: Fox, name: str, wanted: object) -> bool:
    return (await fox.value(STORED)).get(name) == wanted


#: A setting of Firefox, made for tests, that answers its question with yes.
UNASKED = "Services.prefs.setBoolPref('extensions.webextOptionalPermissionPrompts', false)"


async def press(on: Stage, ours: str, selector: str, row: str, wanted: str) -> None:
    """Presses a button of the options until its row says what is wanted; the page is in front
    again after that."""
    browser, page = on.browser, on.browser.tab
    await browser.command("browsingContext.activate", context=ours)
    browser.tab = ours
    centre = f"document.querySelector('{selector}')?.scrollIntoView({{block: 'center'}})"
    await until(lambda: browser.evaluate(f"document.querySelector('{row}') !== null"))
    await browser.evaluate(f"void {centre}")
    await browser.click(selector)
    state = f"document.querySelector('{row}').dataset.state === '{wanted}'"
    await until(lambda: browser.evaluate(state))
    browser.tab = page
    await browser.command("browsingContext.activate", context=page)


@pytest.mark.firefox
async def test_a_site_where_people_talk_is_read_only_while_it_is_allowed():
    async with held(firefox_stage()) as on:
        fox, browser = Fox(on), on.browser
        await browser.evaluate(UNASKED, browser.window)
        on.pages.override["x.com", "/home"] = (
            "<!doctype html><p><span id=text>BINANCE:SOLUSDT.p</span>"
        )
        await fox.open()
        row = "#site-list [data-site=x]"

        async def heard() -> bool:
            await browser.goto("https://x.com/home")
            await on.terminal.mark()
            await browser.alt_click("#text")
            await asyncio.sleep(0.7)  # what is not to come cannot be waited for
            return bool(await on.terminal.commands())

        assert not await heard()
        await press(on, fox.ours, f"{row} [data-act=allow]", row, "on")
        there = f"{SCRIPTS}.then(text => text.includes('https://x.com/*'))"
        await until(lambda: browser.evaluate(there, fox.ours))
        assert await heard()
        await press(on, fox.ours, f"{row} [data-act=switch]", row, "off")
        assert not await heard()
        granted = "chrome.permissions.contains({origins: ['https://x.com/*']})"
        assert await browser.evaluate(granted, fox.ours) is False

        # One of our own sites, taken away and given back, works in the page that is open.
        row, okx = "#site-list [data-site=okx]", "{origins: ['https://www.okx.com/*']}"
        assert await browser.evaluate(f"chrome.permissions.remove({okx})", fox.ours)
        await browser.goto("https://www.okx.com/trade-swap/btc-usdt-swap")
        await on.terminal.mark()
        await press(on, fox.ours, f"{row} [data-act=allow]", row, "on")

        async def opened() -> bool:
            await browser.alt_click("a[href='/trade-swap/eth-usdt-swap']")
            return bool(await on.terminal.commands())

        await until(opened)
