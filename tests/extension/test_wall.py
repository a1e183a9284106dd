"""A script of ours in a page that somebody has taken over may say what it likes: it can suggest
symbols, five a second, and nothing else."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from relay.edges import browsers
from relay.edges.browsers import until
from relay.edges.browsers.chromium import EXTENSION_ID, PANEL
from relay.edges.browsers.firefox_profile import ADDON_ID
from tests.extension.conftest import Stage, chromium_stage, held
from tests.extension.test_around_a_click import settings

pytestmark = pytest.mark.asyncio(loop_scope="module")
chromium = pytest.mark.chromium
firefox = pytest.mark.firefox

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
EXTENSION = Path(__file__).parents[2] / "extension"
#: Exact lists (design, section 7): one more is a decision, made here. What a page's script may say;
OF_A_PAGE = {"hello", "warm", "click", "offered", "menu", "mark", "followed"}
#: what one in a frame may; what our own pages may ask for at once, and over their ports.
OF_A_FRAME = {"framed"}
OF_OURS = {"tab-state", "follow", "bind", "bindings"}
OF_PORTS = {"window", "wake", "call", "ask"}
OF_A_PANEL = {"page", "found"}
CALLS = {
    "panel": {
        "open", "combo", "combos", "close_opened", "chart", "cancel", "cancel_all", "resolve",
        "locate", "lock", "known", "pin", "scan", "scan_stop", "activity", "activity_csv",
    },
    "options": {"open", "resolve", "status", "config_get", "config_set"},
    "first": {"open"},
}  # fmt: skip
#: The lists as the modules themselves have them.
LISTS = """(async () => {
  const { Hearing } = await import("/worker/hearing.js");
  const { pageRequests, PAGES: none } = await import("/worker/pages.js");
  const { PAGES } = await import("/worker/panels.js");
  const { FRAMED } = await import("/worker/framed.js");
  return JSON.stringify({
    page: Object.keys(new Hearing({}).said), frame: [FRAMED], ours: Object.keys(pageRequests({})),
    calls: Object.entries(PAGES).map(([name, { methods }]) => [name, methods]),
    folders: Object.entries(PAGES).map(([name, { folder }]) => [name, folder]),
  });
})()"""
#: What is answered at all, of every word that could be the name of a message.
ANSWERED = """(async (types) => {
  const answered = [];
  for (const type of types) {
    const sent = chrome.runtime.sendMessage({type, at: 0, token: "x", index: 0, tab: 1, id: 1,
      keys: ["alt"], method: "open", params: {}, windowId: 1, what: "page", facts: {}});
    const got = await Promise.race([sent.catch(() => undefined),
      new Promise((done) => setTimeout(() => done(undefined), 1500))]);
    if (got !== undefined && !got?.ignored) answered.push(type);
  }
  return JSON.stringify(answered);
})(GIVEN)"""
HELD = """(async () => JSON.stringify(await chrome.runtime.sendMessage({type: "mark",
  facts: {url: location.href, rows: [{index: 0, value: "BINANCE:BTCUSDT.P"}]}})))()"""
#: Another extension, which speaks to ours in every way there is.
STRANGER = {
    "manifest_version": 3,
    "name": "stranger",
    "version": "1",
    "permissions": ["nativeMessaging"],
    "browser_specific_settings": {"gecko": {"id": "stranger@example"}},
}
STRANGE = """(async ([ours, messages, names]) => {
  const answers = [];
  const noted = (what) => (got) => { answers.push([what, got === undefined ? "nothing" : "got"]); };
  const late = () => new Promise((done) => setTimeout(done, 500));
  for (const message of messages) {
    await Promise.race([late(), chrome.runtime.sendMessage(ours, message)
      .then(noted(message.type), () => undefined)]);
  }
  const ports = [];
  for (const open of [...names.map((name) => () => chrome.runtime.connect(ours, {name})),
    () => chrome.runtime.connectNative("metascalp_relay")]) {
    const port = open();
    port.onMessage.addListener(noted("port"));
    const closed = new Promise((done) => port.onDisconnect.addListener(() => done("closed")));
    messages.forEach((message) => { try { port.postMessage(message); } catch { /* closed */ } });
    ports.push(await Promise.race([closed, late()]));
  }
  return JSON.stringify({answers, ports});
})(GIVEN)"""
METHODS = [
    "cancel", "cancel_all", "combo", "combos", "close_opened", "chart", "alert", "notify", "lock",
    "config_set", "pin", "open", "scan", "place", "order",
]  # fmt: skip

#: Every kind of message there is, and some there are not, from the script's own world.
ATTACK = """(async ([methods, find, order]) => {
  const said = [];
  const params = {...order, find, finds: [find], at: Date.now(), changes: {orders: "cancel"}};
  const short = (got) => got?.outcome?.code ?? (got && Object.keys(got));
  const send = (message) => Promise.race([
    chrome.runtime.sendMessage(message).catch((error) => [String(error)]),
    new Promise((done) => setTimeout(done, 300))]).then((got) =>
      said.push([message.type, short(got)]));
  await Promise.all([
    ...methods.flatMap((method) => [
      send({...params, params, type: method}),
      send({type: "call", id: 1, method, params}),
      send({jsonrpc: "2.0", id: 1, method, params}),
      send({type: "offered", token: 1, index: 0, method}),
      send({type: "follow", tab: 1, on: true}), send({type: "bind", tab: 1, binding: "001"}),
    ]),
    ...["tab-state", "bindings", "settings", "__proto__", "constructor", "toString"].map((type) =>
      send({type, tab: 1})),
  ]);
  const ports = [];
  for (const name of ["panel", "options", "first", "", "__proto__"]) {
    const port = chrome.runtime.connect({name});
    let alive = true;
    port.onDisconnect.addListener(() => { alive = false; });
    port.onMessage.addListener((message) => ports.push([name, message.type]));
    for (const method of methods) {
      try { port.postMessage({type: "call", id: 1, method, params}); } catch { alive = false; }
    }
    await new Promise((done) => setTimeout(done, 200));
    ports.push([name, alive ? "open" : "closed"]);
  }
  const kept = await chrome.storage.local.get(null).then(
    (all) => Object.keys(all).length, () => "locked");
  const wrote = await chrome.storage.local.set({own: {}}).then(() => "wrote", () => "locked");
  return JSON.stringify({said, ports, kept, wrote, apis: Object.keys(chrome).sort()});
})(GIVEN)"""

FLOOD = """(async (rounds) => {
  const told = [];
  for (let n = 0; n < rounds; n += 1) {
    const symbol = n % 2 ? "BINANCE:ETHUSDT.P" : "BINANCE:SOLUSDT.P";
    const facts = {url: location.href, rows: [{index: 0, value: symbol}]};
    told.push(chrome.runtime.sendMessage({type: "click", at: Date.now(), facts}));
    await new Promise((done) => setTimeout(done, 10));
  }
  const all = await Promise.all(told);
  return all.filter((one) => one && !one.ignored).length;
})(150)"""


async def in_our_world(on: Any, script: str) -> Any:
    """The value of a script where our own script of the page runs."""
    if hasattr(on.browser, "stop_background"):
        put = (
            "browser.tabs.query({url: 'https://www.tradingview.com/*'}).then(([tab]) =>"
            " browser.scripting.executeScript({target: {tabId: tab.id}, func: () => SCRIPT}))"
            ".then(([{result}]) => result)"
        )
        ours = await on.browser._extension_tab()
        return await on.browser.evaluate(put.replace("SCRIPT", script), ours)
    session = await on.browser.context.new_cdp_session(on.browser.page)
    worlds: list[int] = []

    def look(event: dict[str, Any]) -> None:
        if EXTENSION_ID in event["context"]["origin"]:
            worlds.append(event["context"]["id"])

    session.on("Runtime.executionContextCreated", look)
    await session.send("Runtime.enable")

    async def there() -> bool:
        return bool(worlds)

    await until(there)
    answer = await session.send(
        "Runtime.evaluate",
        {
            "expression": script,
            "contextId": worlds[-1],
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    await session.detach()
    assert "exceptionDetails" not in answer, answer
    return answer["result"]["value"]


async def in_ours(on: Any, script: str) -> Any:
    """The value of a script in a page of ours."""
    if hasattr(on.browser, "stop_background"):
        return await on.browser.evaluate(script, await on.browser._extension_tab())
    page = await on.browser.context.new_page()
    try:
        await page.goto(PANEL.replace("panel", "options"))
        return await page.evaluate(script)
    finally:
        await page.close()


def words() -> list[str]:
    """Whatever in our sources could be the name of a message: each word in quotes, each key."""
    text = "\n".join(path.read_text("utf-8") for path in EXTENSION.rglob("*.js"))
    found = re.findall(r"[\"']([a-z_-]{3,20})[\"']|\b([a-z]{3,20}):", text)
    return sorted({*METHODS, *(word for pair in found for word in pair if word)})


async def the_lists_are_exact(on: Stage) -> None:
    lists = json.loads(await in_ours(on, LISTS))
    source = (EXTENSION / "worker/panels.js").read_text("utf-8")
    background = (EXTENSION / "background.js").read_text("utf-8")

    # A chip of a toast is heard on any page that the trader acted on, so it stands apart.
    assert {*lists["page"], "offered"} == OF_A_PAGE
    assert set(lists["frame"]) == OF_A_FRAME
    assert set(lists["ours"]) == OF_OURS
    assert {name: set(methods) for name, methods in lists["calls"]} == CALLS
    assert {name: folder for name, folder in lists["folders"]} == {n: f"{n}/" for n in CALLS}
    assert set(re.findall(r'type === "([a-z]+)"', source)) == OF_PORTS
    panels = background[background.index("const panels =") : background.index("const access =")]
    assert set(re.findall(r"^  (\w+): async", panels, re.M)) == OF_A_PANEL


async def nothing_else_is_answered(on: Stage) -> None:
    tried = words()
    assert set(tried) > OF_A_PAGE | OF_A_FRAME | OF_OURS | OF_PORTS | {"cancel", "cancel_all"}
    await on.browser.goto(CHART)
    await asyncio.sleep(1.1)  # What was allowed in the second before is over.
    await on.terminal.mark()

    answered = json.loads(await in_our_world(on, ANSWERED.replace("GIVEN", json.dumps(tried))))

    assert set(answered) == OF_A_PAGE
    assert await on.terminal.commands() == []


@chromium
async def test_every_list_of_what_is_heard_is_exact(on_chromium):
    await the_lists_are_exact(on_chromium)


@chromium
async def test_nothing_beside_them_is_answered_to_a_page(on_chromium):
    await nothing_else_is_answered(on_chromium)


@firefox
async def test_nothing_beside_them_is_answered_to_a_page_of_firefox(on_firefox):
    await nothing_else_is_answered(on_firefox)


@chromium
async def test_what_is_held_is_told_only_while_marks_are_shown(on_chromium):
    await on_chromium.browser.goto(CHART)
    shown = json.loads(await in_our_world(on_chromium, HELD))
    await settings(on_chromium, marks="off")
    try:
        hidden = json.loads(await in_our_world(on_chromium, HELD))
    finally:
        await settings(on_chromium, marks="key")

    assert shown["name"] == "BINANCE:BTCUSDT.p"
    assert hidden == {"ignored": True}


def strange(ours: str) -> str:
    """What a stranger tries, as a script."""
    said = [*sorted(OF_A_PAGE | OF_A_FRAME | OF_OURS | OF_PORTS), *METHODS]
    messages = [
        {"type": name, "method": method, "jsonrpc": "2.0", "id": 1, "params": {}, "tab": 1}
        for name, method in [(name, "cancel_all") for name in said] + [("call", m) for m in METHODS]
    ]
    return STRANGE.replace("GIVEN", json.dumps([ours, messages[:40], ["", *CALLS]]))


def stranger(folder: Path) -> str:
    (folder / "manifest.json").write_text(json.dumps(STRANGER))
    (folder / "page.html").write_text("<!doctype html><title>stranger</title>")
    return str(folder)


def id_of(folder: str) -> str:
    """Chromium names an extension without a key after its folder."""
    digits = hashlib.sha256(folder.encode()).hexdigest()[:32]
    return digits.translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))


@chromium
async def test_no_other_extension_is_heard(monkeypatch, tmp_path):
    """Nor may one start our host: its manifest names the one extension that may."""
    folder, arguments = stranger(tmp_path), browsers.chromium._arguments

    def both(*given: Any) -> list[str]:
        return [f"{one},{folder}" if "extension=" in one or "except=" in one else one
                for one in arguments(*given)]  # fmt: skip

    monkeypatch.setattr(browsers.chromium, "_arguments", both)
    async with held(chromium_stage()) as on:
        page = await on.browser.context.new_page()
        await page.goto(f"chrome-extension://{id_of(folder)}/page.html")
        await on.terminal.mark()

        told = json.loads(await page.evaluate(strange(EXTENSION_ID)))

        assert told == {"answers": [], "ports": ["closed"] * 5}
        assert await on.terminal.commands() == []


@firefox
async def test_no_other_extension_is_heard_in_firefox(on_firefox, tmp_path):
    browser: Any = on_firefox.browser
    data = {"type": "path", "path": stranger(tmp_path)}
    await browser.command("webExtension.install", extensionData=data)
    policy = "WebExtensionPolicy.getByID('stranger@example').mozExtensionHostname"
    host = await browser.evaluate(policy, browser.window)
    made = await browser.command("browsingContext.create", type="tab", background=True)
    page = made["context"]
    url = f"moz-extension://{host}/page.html"
    await browser.command("browsingContext.navigate", context=page, url=url, wait="complete")
    await on_firefox.terminal.mark()

    told = json.loads(await browser.evaluate(strange(ADDON_ID), page))

    await browser.command("browsingContext.close", context=page)
    await browser.command("webExtension.uninstall", extension="stranger@example")
    assert told == {"answers": [], "ports": ["closed"] * 5}
    assert await on_firefox.terminal.commands() == []


async def gets_nothing_done(on: Stage, *, kept: str) -> None:
    placed = await on.terminal.post(
        "/sim/order", connectionId=1, ticker="BTCUSDT", side="Buy", type="Limit", price=1000, size=1
    )
    order = {
        "connection": 1, "ticker": "BTCUSDT", "order": str(placed["orderId"]), "type": "limit",
        "price": "1", "text": "x", "panel": "x", "on": True,
    }  # fmt: skip
    find = {"exchange": "BINANCE", "market": "futures", "bare": "ETHUSDT"}
    await on.browser.goto(CHART)
    await on.terminal.mark()

    told = json.loads(
        await in_our_world(on, ATTACK.replace("GIVEN", json.dumps([METHODS, find, order])))
    )

    assert [end for end in told["ports"] if end[1] != "closed"] == []
    assert {name for name, _ in told["ports"]} == {"panel", "options", "first", "", "__proto__"}
    if kept:
        assert (told["kept"], told["wrote"]) == (kept, kept)
    assert not {"tabs", "permissions", "declarativeNetRequest"} & set(told["apis"])
    sent = await on.terminal.commands()
    assert sent == []
    rows = (await on.terminal.state())["orders"]
    assert placed["orderId"] in [row.get("orderId", row.get("Id")) for row in rows]


async def clicks_five_times_a_second_at_most(on: Stage) -> None:
    await on.browser.goto(CHART)
    await asyncio.sleep(1.1)  # What was allowed in the second before is over.
    await on.terminal.mark()
    started = time.monotonic()

    allowed = await in_our_world(on, FLOOD)

    took = time.monotonic() - started
    opened = await on.terminal.commands()
    assert all(path == "/api/change-ticker" for path, _ in opened)
    assert 0 < allowed <= 5 * (took + 1)
    assert len(opened) <= 5 * (took + 1)


@chromium
async def test_a_taken_over_script_gets_nothing_done_but_clicks(on_chromium):
    await gets_nothing_done(on_chromium, kept="locked")


@chromium
async def test_a_taken_over_script_clicks_five_times_a_second_at_most(on_chromium):
    await clicks_five_times_a_second_at_most(on_chromium)


@firefox
async def test_nor_does_one_in_firefox(on_firefox):
    """It has no lock on what is kept (2026-11): that script could write there."""
    await gets_nothing_done(on_firefox, kept="")


@firefox
async def test_one_in_firefox_clicks_five_times_a_second_at_most(on_firefox):
    await clicks_five_times_a_second_at_most(on_firefox)
