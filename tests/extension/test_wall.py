"""A script of ours in a page that somebody has taken over may say what it likes: it can suggest
symbols, five a second, and nothing else."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from relay.edges.browsers import until
from relay.edges.browsers.chromium import EXTENSION_ID

pytestmark = [pytest.mark.chromium, pytest.mark.asyncio(loop_scope="module")]

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
#: What only the trader's own hand may do: none of it may come of anything a page says.
FORBIDDEN = ("/orders", "/combo", "/signal-levels", "/notifications", "/ui/")
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


async def test_a_taken_over_script_gets_nothing_done_but_clicks(on_chromium):
    placed = await on_chromium.terminal.post(
        "/sim/order", connectionId=1, ticker="BTCUSDT", side="Buy", type="Limit", price=1000, size=1
    )
    order = {
        "connection": 1, "ticker": "BTCUSDT", "order": str(placed["orderId"]), "type": "limit",
        "price": "1", "text": "x", "panel": "x", "on": True,
    }  # fmt: skip
    find = {"exchange": "BINANCE", "market": "futures", "bare": "ETHUSDT"}
    await on_chromium.browser.goto(CHART)
    await on_chromium.terminal.mark()

    told = json.loads(
        await in_our_world(on_chromium, ATTACK.replace("GIVEN", json.dumps([METHODS, find, order])))
    )

    assert [end for end in told["ports"] if end[1] != "closed"] == []
    assert {name for name, _ in told["ports"]} == {"panel", "options", "first", "", "__proto__"}
    assert (told["kept"], told["wrote"]) == ("locked", "locked")
    assert not {"tabs", "permissions", "declarativeNetRequest"} & set(told["apis"])
    sent = await on_chromium.terminal.commands()
    assert sent == []
    rows = (await on_chromium.terminal.state())["orders"]
    assert placed["orderId"] in [row.get("orderId", row.get("Id")) for row in rows]


async def test_a_taken_over_script_clicks_five_times_a_second_at_most(on_chromium):
    await on_chromium.browser.goto(CHART)
    await asyncio.sleep(1.1)  # What was allowed in the second before is over.
    await on_chromium.terminal.mark()
    started = time.monotonic()

    allowed = await in_our_world(on_chromium, FLOOD)

    took = time.monotonic() - started
    opened = await on_chromium.terminal.commands()
    assert all(path == "/api/change-ticker" for path, _ in opened)
    assert 0 < allowed <= 5 * (took + 1)
    assert len(opened) <= 5 * (took + 1)
