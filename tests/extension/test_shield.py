"""Real pages that really try to place an order: without the shield it arrives, with it never."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from pathlib import Path
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
    "a:b@127.0.0.1",
    "a%2fb%40:c%3a@localhost",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
]
#: The same from a page without TLS: from another one the browser asks the person first.
PLAIN_NAMES = [
    "0.0.0.0",
    "0",
    "[::ffff:127.0.0.1]",
    "[::ffff:0.0.0.0]",
    "a@0.0.0.0",
    "a:b@[::ffff:7f00:1]",
    "[::]",
]
#: Those that lead to a terminal which listens there; the simulator itself does not.
OF_IPV6 = ("[::1]", "[0:0:0:0:0:0:0:1]", "[::]")
#: What a page may hold another page in, and send a form into. A page of the web may not, here.
HOLDERS = ("frame", "object", "embed")
EVIL = "https://evil.example/"
#: A page of the web that sends the form on: the browser never shows it the terminal's address.
HOP = (f"{EVIL}hop", "_self")
PAGE = """<!doctype html><title>evil</title>
<iframe name=frame style="width:9px;height:9px"></iframe>
<object name=object type=text/html data=/blank width=9 height=9></object>
<embed name=embed type=text/html src=/blank width=9 height=9>
<button id=go style="position:fixed;left:300px;top:300px">free coins</button><script>
// A form writes NAME=VALUE: the first ticker swallows the sign, the second is the one that counts.
function post(action, target, fields) {
  const form = document.createElement("form");
  Object.assign(form, {method: "post", enctype: "text/plain", action, target});
  const input = document.createElement("input");
  input.name = '{"Ticker":"';
  input.value = '","Ticker":"BTCUSDT",' + JSON.stringify(fields).slice(1);
  form.append(input);
  document.body.append(form);
  form.submit();
}
let aim = null;
go.onclick = () => post(...aim);
</script>"""
SWITCH = "#shield [data-shield=switch]"
IS_ON = "document.getElementById('shield').dataset.on === 'true'"
RULES = "browser.declarativeNetRequest.getDynamicRules().then(JSON.stringify)"
ENTER = "\ue007"
FOCUS = f"document.querySelector('{SWITCH}')?.focus(), document.activeElement.dataset.shield"
STATE = "import('/shield.js').then(shield => shield.readShield()).then(JSON.stringify)"


GUARD = """
const kept = {}, puts = [];
let slow = true;
const late = () => new Promise((done) => setTimeout(done, slow ? 20 : 0));
globalThis.chrome = {permissions: {}, runtime: {getManifest: () => ({})}, i18n: {},
  storage: {local: {get: async () => ({...kept}), set: async (more) => {
    if (more.terminalPort === 2) throw new Error("full");
    await late();
    Object.assign(kept, more);
  }}},
  declarativeNetRequest: {getDynamicRules: async () => puts.slice(-1),
    updateDynamicRules: async ({addRules}) => void puts.push(...addRules)}};
puts.push({id: 1, condition: {regexFilter: ""}});
const {guard} = await import("%s/extension/shield.js");
const failed = guard("http://127.0.0.1:2").then(() => false, () => true);
const first = guard("http://127.0.0.1:18000");
slow = false;
await Promise.all([failed, first, guard("http://127.0.0.1:80")]);
const meant = new RegExp(puts.at(-1).condition.regexFilter);
process.stdout.write(JSON.stringify({failed: await failed, port: kept.terminalPort,
  meant: JSON.parse(process.argv[1]).filter((url) => meant.test(url))}));
"""


def test_the_last_port_that_was_found_is_guarded_also_the_one_no_address_names() -> None:
    """Told of at once, the second would be overtaken by the first; one that failed stops none."""
    node = shutil.which("node")
    assert node, "Node is needed to run shield.js: install Node 18 or newer."
    here = [
        "127.0.0.1",
        "a:b@127.0.0.1",
        "0.0.0.0",
        "localhost",
        "x.localhost",
        "localhost.",
        "[::1]",
    ]
    aimed = [f"http://{name}/api/" for name in here] + ["http://x.example:17845/"]
    others = [
        "http://www.tradingview.com/", "http://127.0.0.1.example.com/", "http://127.0.0.1:8080/",
        "http://site.example/?q=@127.0.0.1/", "http://notlocalhost/", "https://127.0.0.1/",
    ]  # fmt: skip
    script = GUARD % Path(__file__).parents[2].as_uri()
    command = [node, "--input-type=module", "-e", script, json.dumps([*aimed, *others])]
    run = subprocess.run(command, capture_output=True, timeout=30, check=False)
    assert run.returncode == 0, run.stderr.decode(errors="replace")[-2000:]

    assert json.loads(run.stdout) == {"failed": True, "port": 80, "meant": aimed}


class Attacked:
    """A browser on a stage whose terminal has one of its real ports: only those are shielded."""

    #: The address of a page that another program of this computer serves, without TLS.
    plain = ""
    posted: asyncio.Event
    #: Names that lead here in this browser alone.
    own_names: tuple[str, ...] = ()

    def __init__(self, on: Stage) -> None:
        self.on = on
        self.first = getattr(on.browser, "tab", "")
        self.tried = 0

    async def attack(self, action: str, target: str, page: str = EVIL) -> int:
        """Lets an evil page post a real order; gives its price, which no other order has."""
        self.tried += 1
        price = 1000 + self.tried
        await self.post(action, target, {"Side": 1, "Type": 0, "Price": price, "Size": 1}, page)
        return price

    async def post(self, action: str, target: str, fields: dict[str, int], page: str) -> None:
        await self.go(page)
        await self.evaluate(f"void (aim = {json.dumps([action, target, fields])})")
        await self.press()

    async def prices(self) -> dict[int, int]:
        """The orders that stand at the terminal: the price of each, by its number."""
        rows = (await self.on.terminal.state())["orders"]
        return {row["Id"]: row["Price"] for row in rows if row["connectionId"] == 1}

    async def arrived(self, price: int) -> bool:
        return price in (await self.prices()).values()

    def orders(self, name: str) -> str:
        return f"http://{name}:{self.on.terminal.simulator.port}/api/connections/1/orders"

    def ways(self) -> list[tuple[str, str, str]]:
        """Every (action, target, page) by which an order is tried."""
        port = self.on.terminal.simulator.port
        missing = () if listens_at_ipv6(port) else OF_IPV6
        web_ways = [(name, "_self", EVIL) for name in NAMES] + [("127.0.0.1", "_blank", EVIL)]
        plain = [(name, "_self", self.plain) for name in (*PLAIN_NAMES, *self.own_names)]
        held_ways = [("127.0.0.1", holder, self.plain) for holder in HOLDERS]
        named = [way for way in (*web_ways, *plain, *held_ways) if way[0] not in missing]
        return [*((self.orders(name), *rest) for name, *rest in named), (*HOP, EVIL)]

    async def go(self, url: str) -> None:
        await self.on.browser.goto(url)

    async def evaluate(self, script: str) -> object:
        raise NotImplementedError

    async def press(self) -> None:
        raise NotImplementedError

    async def raise_shield(self, place: str = "options") -> None:
        """Presses the switch on one of our pages: "options" or "first"."""
        raise NotImplementedError

    async def lower_shield(self) -> None:
        raise NotImplementedError

    async def shield(self) -> dict[str, Any]:
        raise NotImplementedError

    async def guards(self, port: int) -> bool:
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

    async def raise_shield(self, place="options"):
        """The real question of the browser, answered with the keyboard: Tab from Deny to Allow."""
        self.ours = page = await self.on.browser.context.new_page()
        await page.goto(chromium.PANEL.replace("panel", place))
        await page.bring_to_front()
        await page.click(SWITCH)
        for _ in range(10):
            await asyncio.sleep(0.5)
            if await page.evaluate(IS_ON):
                return  # It asks once, and not again for what was given before.
            await xdotool(self.display, "key", "--delay", 100, "Tab", "Return")
        pytest.fail("the question of the browser could not be answered")

    async def lower_shield(self):
        await self.ours.bring_to_front()
        await self.ours.click(SWITCH)
        await until(lambda: self.ours.evaluate(f"!({IS_ON})"))

    async def shield(self):
        return json.loads(await self.ours.evaluate(STATE))


class OnFirefox(Attacked):
    ours: str
    own_names = ("[::127.0.0.1]",)

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

    async def ask_nothing(self):
        """Its questions, by settings made for tests: access is given, and a form goes from this
        computer's page, which counts as secure, as it would from any page without TLS."""
        for setting in (
            "extensions.webextOptionalPermissionPrompts",
            "security.warn_submit_secure_to_insecure",
        ):
            setting_off = f"Services.prefs.setBoolPref('{setting}', false)"
            await self.on.browser.evaluate(setting_off, self.on.browser.window)

    async def raise_shield(self, place="options"):
        browser = self.on.browser
        await self.go(f"moz-extension://{UUID}/{place}/index.html#shield")
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

    async def guards(self, port: int) -> bool:
        return str(port) in await self.on.browser.evaluate(RULES, self.ours)


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
async def on_firefox(port: int | None = None) -> AsyncIterator[Attacked]:
    async with Simulator(port=port, seed=1, rate=1.0) as simulator, sites.serve() as pages:
        pages.override["evil.example", "/"] = PAGE
        async with (
            aiohttp.ClientSession(simulator.url) as session,
            stage.firefox_on(
                browser_named("Firefox"), f"127.0.0.1:{simulator.port}", sites_port=pages.port
            ) as running,
        ):
            at = OnFirefox(Stage(Terminal(simulator, session), pages, running))
            await at.ask_nothing()
            yield at


@asynccontextmanager
async def some_other_program() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A program of this computer that is none of ours: its address, which is an evil page as well,
    and when it was posted to."""
    posted = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        posted.set()
        return web.Response(text="thanks")

    async def show(request: web.Request) -> web.Response:
        evil = request.path == "/"
        return web.Response(text=PAGE if evil else "<p>blank", content_type="text/html")

    app = web.Application()
    app.router.add_post("/", answer)
    app.router.add_get("/", show)
    app.router.add_get("/blank", show)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", posted
    finally:
        await runner.cleanup()


def listens_at_ipv6(port: int) -> bool:
    with socket.socket(socket.AF_INET6) as probe:
        return probe.connect_ex(("::1", port)) == 0


@asynccontextmanager
async def also_at_ipv6(port: int) -> AsyncIterator[None]:
    """A terminal of 127.0.0.1 listens at ::1 too, where this machine has such an address."""

    async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with closing(sink), suppress(OSError):
            while some := await source.read(65_536):
                sink.write(some)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, there_writer), copy(there_reader, writer))

    try:
        server = await asyncio.start_server(connected, "::1", port)
    except OSError:
        yield
        return
    yield
    server.close()


@asynccontextmanager
async def attacked(browser: AbstractAsyncContextManager[Attacked]) -> AsyncIterator[Attacked]:
    async with (
        held(browser) as at,
        some_other_program() as (at.plain, at.posted),
        also_at_ipv6(at.on.terminal.simulator.port),
    ):
        at.on.pages.hop = at.orders("127.0.0.1")
        await at.on.terminal.mark()
        yield at


@pytest.mark.timeout(300)
@pytest.mark.chromium
@pytest.mark.asyncio
async def test_in_chromium_no_page_posts_to_the_terminal_once_the_shield_is_up():
    async with attacked(on_chromium()) as at:
        await the_whole_attack(at)


@pytest.mark.timeout(300)
@pytest.mark.firefox
@pytest.mark.asyncio
async def test_in_firefox_no_page_posts_to_the_terminal_once_the_shield_is_up():
    async with attacked(on_firefox()) as at:
        await the_whole_attack(at)


@pytest.mark.timeout(120)
@pytest.mark.firefox
@pytest.mark.asyncio
async def test_a_terminal_set_to_a_port_of_its_own_is_shielded_where_it_was_found():
    async with attacked(on_firefox(port=0)) as at:
        price = await at.attack(at.orders("127.0.0.1"), "_self")
        assert await until(lambda: at.arrived(price)), "it is no usual port"
        await at.raise_shield()
        await until(lambda: at.guards(at.on.terminal.simulator.port))
        await at.on.terminal.mark()

        await at.attack(at.orders("127.0.0.1"), "_self")
        assert await until(lambda: counted(at, 1))
        assert await at.on.terminal.commands() == []


async def the_whole_attack(at: Attacked) -> None:
    await the_attack_is_real(at)
    await at.raise_shield()
    assert await at.shield() == {"on": True, "inPrivate": False, "count": 0, "last": []}

    await everything_is_stopped_and_counted(at)
    await what_a_person_does_goes_on(at)

    await at.lower_shield()
    price = await at.attack(at.orders("127.0.0.1"), "_self")
    assert await until(lambda: at.arrived(price)), "off is off"
    assert (await at.shield())["on"] is False
    await the_first_steps_raise_it_as_well(at)


async def the_attack_is_real(at: Attacked) -> None:
    for way in at.ways():
        price = await at.attack(*way)
        assert await until(lambda price=price: at.arrived(price)), way

    number = next(number for number, price in (await at.prices()).items() if price == 1001)
    await cancel_by_form(at, number)

    async def cancelled() -> bool:
        return number not in await at.prices()

    assert await until(cancelled), "the first of these orders"


async def cancel_by_form(at: Attacked, number: int) -> None:
    await at.post(f"{at.orders('127.0.0.1')}/cancel", "_self", {"OrderId": number, "Type": 0}, EVIL)


async def everything_is_stopped_and_counted(at: Attacked) -> None:
    """A frame of the web comes before the last: it is refused before it is a request, and counts
    nowhere."""
    standing = await at.prices()
    await at.on.terminal.mark()
    ways = [*at.ways(), (at.orders("a@127.0.0.1"), "_blank", EVIL), (f"{EVIL}hop", "_blank", EVIL)]
    for n, way in enumerate(ways, 1):
        await at.attack(*way)
        assert await until(lambda n=n: counted(at, n)), way
    await cancel_by_form(at, next(iter(standing)))
    assert await until(lambda: counted(at, len(ways) + 1))
    await at.attack(at.orders("127.0.0.1"), "frame")
    await at.attack(at.orders("127.0.0.1"), "_self")
    assert await until(lambda: counted(at, len(ways) + 2))

    assert await at.on.terminal.commands() == []
    assert await at.prices() == standing
    newest = (await at.shield())["last"][0]
    assert newest["path"] == "/api/connections/1/orders"
    assert newest["from"] in (None, "evil.example"), "Chromium does not say which page it was"


async def what_a_person_does_goes_on(at: Attacked) -> None:
    """A typed address of the terminal, and a form that goes to another program here."""
    await at.go(at.orders("127.0.0.1").replace("/1/orders", ""))
    assert "Binance Futures" in str(await at.evaluate("document.body.innerText"))
    await at.attack(at.plain, "_self")
    async with asyncio.timeout(10):
        await at.posted.wait()


async def the_first_steps_raise_it_as_well(at: Attacked) -> None:
    await at.raise_shield("first")
    before = (await at.shield())["count"]
    await at.on.terminal.mark()

    await at.attack(at.orders("127.0.0.1"), "_self")
    assert await until(lambda: counted(at, before + 1))
    assert await at.on.terminal.commands() == []


async def counted(at: Attacked, least: int) -> bool:
    return (await at.shield())["count"] >= least
