"""Real pages that really try to place an order: without the shield it arrives, with it never."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from playwright import async_api as playwright

from relay.edges.browsers import chromium, sites, stage, until
from relay.edges.browsers.firefox import UUID
from relay.metascalp.simulator import Simulator
from tests.extension.conftest import Stage, Terminal, browser_named, held
from tests.extension.screen import screen, xdotool

#: How a page may write this computer's address, and reach it (the rest was tried and did not).
NAMES = [
    "127.0.0.1",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f.1",
    "017700000001",
    "127.0.0.1.",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "①②⑦.⓪.⓪.①",
]
EVIL = "https://evil.example/"
#: A page of the web that sends the form on: the browser never shows it the terminal's address.
HOP = (f"{EVIL}hop", "_self")
PAGE = """<!doctype html><title>evil</title><iframe name=frame></iframe>
<button id=go style="position:fixed;left:300px;top:300px">free coins</button><script>
function post(action, target, tag) {
  const form = document.createElement("form");
  Object.assign(form, {method: "post", enctype: "text/plain", action, target});
  const input = document.createElement("input");
  const order = {Ticker: "BTCUSDT", Side: 1, Type: 0, Price: 1000, Size: 0.01, Tag: tag, x: ""};
  input.name = JSON.stringify(order).slice(0, -2);
  input.value = '"}';
  form.append(input);
  document.body.append(form);
  form.submit();
}
let aim = null;
go.onclick = () => post(...aim);
</script>"""
SWITCH = "#shield [data-shield=switch]"
IS_ON = "document.getElementById('shield').dataset.on === 'true'"
ENTER = "\ue007"
FOCUS = f"document.querySelector('{SWITCH}')?.focus(), document.activeElement.dataset.shield"
STATE = "import('/shield.js').then(shield => shield.readShield()).then(JSON.stringify)"


class Attacked:
    """A browser on a stage whose terminal has one of its real ports: only those are shielded."""

    def __init__(self, on: Stage) -> None:
        self.on = on
        self.first = getattr(on.browser, "tab", "")
        self.tried = 0

    async def attack(self, action: str, target: str) -> str:
        """Opens the evil page and lets it post; gives the tag the order would carry."""
        self.tried += 1
        tag = f"attack {self.tried}"
        await self.go(EVIL)
        await self.evaluate(f"void (aim = {json.dumps([action, target, tag])})")
        await self.press()
        return tag

    async def arrived(self, tag: str) -> bool:
        return any(tag in json.dumps(body) for _, body in await self.on.terminal.commands())

    def orders(self, name: str) -> str:
        return f"http://{name}:{self.on.terminal.simulator.port}/api/connections/1/orders"

    async def go(self, url: str) -> None:
        await self.on.browser.goto(url)

    async def evaluate(self, script: str) -> object:
        raise NotImplementedError

    async def press(self) -> None:
        raise NotImplementedError

    async def raise_shield(self) -> None:
        raise NotImplementedError

    async def lower_shield(self) -> None:
        raise NotImplementedError

    async def shield(self) -> dict[str, Any]:
        raise NotImplementedError


class OnChromium(Attacked):
    page: playwright.Page
    ours: playwright.Page

    def __init__(self, on: Stage, display: str) -> None:
        super().__init__(on)
        self.display = display

    async def go(self, url):
        """In a tab of its own: the error page of what was stopped before may still be coming."""
        for page in self.on.browser.context.pages[1:]:
            if not page.url.startswith("chrome-extension:"):
                await page.close()
        self.page = await self.on.browser.context.new_page()
        await self.page.goto(url)

    async def evaluate(self, script):
        return await self.page.evaluate(script)

    async def press(self):
        await self.page.click("#go")

    async def raise_shield(self):
        """The real question of the browser, answered with the keyboard: Tab from Deny to Allow."""
        self.ours = page = await self.on.browser.context.new_page()
        await page.goto(chromium.PANEL.replace("panel", "options"))
        await page.bring_to_front()
        await page.click(SWITCH)
        for _ in range(10):
            await asyncio.sleep(0.5)
            await xdotool(self.display, "key", "--delay", 100, "Tab", "Return")
            if await page.evaluate(IS_ON):
                return
        pytest.fail("the question of the browser could not be answered")

    async def lower_shield(self):
        await self.ours.bring_to_front()
        await self.ours.click(SWITCH)
        await until(lambda: self.ours.evaluate(f"!({IS_ON})"))

    async def shield(self):
        return json.loads(await self.ours.evaluate(STATE))


class OnFirefox(Attacked):
    ours: str

    async def go(self, url):
        """In a tab of its own, as in Chromium."""
        browser = self.on.browser
        made = await browser.command("browsingContext.create", type="tab")
        before, browser.tab = browser.tab, made["context"]
        if before != self.first:
            await browser.command("browsingContext.close", context=before)
        await browser.goto(url)

    async def evaluate(self, script):
        return await self.on.browser.evaluate(script)

    async def press(self):
        await self.on.browser.command("browsingContext.activate", context=self.on.browser.tab)
        await self.on.browser.click("#go")

    async def raise_shield(self):
        """Firefox has a setting, made for tests, that answers its question with yes."""
        browser = self.on.browser
        setting = "extensions.webextOptionalPermissionPrompts"
        await browser.evaluate(f"Services.prefs.setBoolPref('{setting}', false)", browser.window)
        await self.go(f"moz-extension://{UUID}/options/index.html#shield")
        self.ours, browser.tab = browser.tab, self.first
        await self._press_switch(IS_ON)

    async def lower_shield(self):
        await self._press_switch(f"!({IS_ON})")

    async def _press_switch(self, wanted):
        """By the keyboard, which is a hand of the user's as well."""
        command, evaluate = self.on.browser.command, self.on.browser.evaluate
        await command("browsingContext.activate", context=self.ours)
        await until(lambda: evaluate(FOCUS, self.ours))
        keys = [{"type": kind, "value": ENTER} for kind in ("keyDown", "keyUp")]
        typed = [{"type": "key", "id": "keys", "actions": keys}]
        await command("input.performActions", context=self.ours, actions=typed)
        await until(lambda: evaluate(wanted, self.ours))

    async def shield(self):
        return json.loads(await self.on.browser.evaluate(STATE, self.ours))


@asynccontextmanager
async def on_chromium() -> AsyncIterator[Attacked]:
    async with Simulator(port=None, seed=1, rate=1.0) as simulator, sites.serve() as pages:
        pages.override["evil.example", "/"] = PAGE
        async with (
            screen() as display,
            aiohttp.ClientSession(simulator.url) as session,
            stage.chromium_on(
                browser_named("Chromium", "Edge", "Brave", "Chrome"),
                f"127.0.0.1:{simulator.port}",
                sites_port=pages.port,
                headless=False,
                env={"DISPLAY": display},
            ) as running,
        ):
            yield OnChromium(Stage(Terminal(simulator, session), pages, running), display)


@asynccontextmanager
async def on_firefox() -> AsyncIterator[Attacked]:
    async with Simulator(port=None, seed=1, rate=1.0) as simulator, sites.serve() as pages:
        pages.override["evil.example", "/"] = PAGE
        async with (
            aiohttp.ClientSession(simulator.url) as session,
            stage.firefox_on(
                browser_named("Firefox"), f"127.0.0.1:{simulator.port}", sites_port=pages.port
            ) as running,
        ):
            yield OnFirefox(Stage(Terminal(simulator, session), pages, running))


@asynccontextmanager
async def some_other_program() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A program of this computer that is none of ours: its address, and when it was posted to."""
    posted = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        posted.set()
        return web.Response(text="thanks")

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", posted
    finally:
        await runner.cleanup()


@pytest.mark.timeout(180)
@pytest.mark.chromium
@pytest.mark.asyncio
async def test_in_chromium_no_page_posts_to_the_terminal_once_the_shield_is_up():
    async with held(on_chromium()) as at:
        await the_whole_attack(at)


@pytest.mark.timeout(180)
@pytest.mark.firefox
@pytest.mark.asyncio
async def test_in_firefox_no_page_posts_to_the_terminal_once_the_shield_is_up():
    async with held(on_firefox()) as at:
        await the_whole_attack(at)


async def the_whole_attack(at: Attacked) -> None:
    at.on.pages.hop = at.orders("127.0.0.1")
    await at.on.terminal.mark()
    await the_attack_is_real(at)
    await at.raise_shield()
    assert await at.shield() == {"on": True, "count": 0, "last": []}
    await at.on.terminal.mark()

    await everything_is_stopped_and_counted(at)
    await what_a_person_does_goes_on(at)

    await at.lower_shield()
    tag = await at.attack(at.orders("127.0.0.1"), "_self")
    assert await until(lambda: at.arrived(tag)), "off is off"
    assert (await at.shield())["on"] is False


async def the_attack_is_real(at: Attacked) -> None:
    ways = [(name, "_self") for name in NAMES] + [("127.0.0.1", "_blank")]
    for action, target in [*((at.orders(name), target) for name, target in ways), HOP]:
        tag = await at.attack(action, target)
        assert await until(lambda tag=tag: at.arrived(tag)), (action, target)


async def everything_is_stopped_and_counted(at: Attacked) -> None:
    """The frame comes before the last: what is refused before it is a request counts nowhere."""
    ways = [(at.orders(name), target) for name in NAMES for target in ("_self", "_blank")]
    ways += [HOP, (f"{EVIL}hop", "_blank")]
    for n, (action, target) in enumerate(ways, 1):
        await at.attack(action, target)
        assert await until(lambda n=n: counted(at, n)), (action, target)
    await at.attack(at.orders("127.0.0.1"), "frame")
    await at.attack(at.orders("127.0.0.1"), "_self")
    assert await until(lambda: counted(at, len(ways) + 1))

    assert await at.on.terminal.commands() == []
    newest = (await at.shield())["last"][0]
    assert newest["path"] == "/api/connections/1/orders"
    assert newest["from"] in (None, "evil.example"), "Chromium does not say which page it was"


async def what_a_person_does_goes_on(at: Attacked) -> None:
    """A typed address of the terminal, and a form that goes to another program here."""
    await at.go(at.orders("127.0.0.1").replace("/1/orders", ""))
    assert "Binance Futures" in str(await at.evaluate("document.body.innerText"))
    async with some_other_program() as (address, posted):
        await at.attack(address, "_self")
        async with asyncio.timeout(10):
            await posted.wait()


async def counted(at: Attacked, least: int) -> bool:
    return (await at.shield())["count"] >= least
