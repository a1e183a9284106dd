"""What follows a page and when, without a browser: the background's own rule, in Node."""

from __future__ import annotations

from typing import Any

from tests.extension.node import ROOT, in_node, sites_of

SCRIPT = """
const kept = {tabs: []};
globalThis.chrome = {i18n: {getMessage: (key) => key}, runtime: {getManifest: () => ({}),
  getURL: () => "x:"}, storage: {session: {get: async () => kept,
  set: async (more) => void Object.assign(kept, more)},
  local: {get: async () => ({}), set: async () => {}}}, action: {}, tabs: {}};
const {Follow, PER_MINUTE} = await import("%s/extension/worker/follow.js");
const {Tabs} = await import("%s/extension/worker/tabs.js");
const {makeBook} = await import("%s/extension/sites.js");
const {sites, exchanges} = JSON.parse(process.argv[1]);
const made = makeBook({sites, exchanges});
const tabs = new Tabs();
const log = [];
let code = "switched";
const clicks = {book: async () => made, targetOf: async () => "003",
  act: async (tab, method, find) => {
    log.push(find.pattern);
    const state = code === "switched" ? "done" : "refused";
    if (state === "done") await tabs.show("003", find.pattern);
    return {outcome: {state, code}, toast: {code, copy: find.pattern}};
  }};
const told = [];
const copied = [];
const follow = new Follow({tabs, clicks, badge: {draw: async () => {}},
  tell: async (tab, toast) => void (told.push(toast.code), copied.push(toast.copy))});
let clock = 1_000_000;
Date.now = () => clock;
const page = (symbol, more = {}) => ({facts: {url: url(symbol), title: `1 | ${symbol}`, rows: [],
  page: [], text: null, href: null}, url: url(symbol), shown: false, typing: false, active: true,
  ...more});
const url = (symbol) => `https://www.binance.com/en/futures/${symbol}`;
const out = {};
await tabs.set(1, {follow: true, state: "unsure"});
out.first = await follow.heard(1, page("BTCUSDT"));
out.same = await follow.heard(1, page("BTCUSDT"));
out.soon = await follow.heard(1, page("ETHUSDT"));
clock += 1000;
out.later = await follow.heard(1, page("ETHUSDT"));
out.shown = await follow.heard(1, page("ETHUSDT", {shown: true}));
await tabs.show("003", "BINANCE:BTCUSDT.p");
out.behind = await follow.heard(1, page("ETHUSDT", {shown: true}));
out.typing = await follow.heard(1, page("ETHUSDT", {shown: true, typing: true}));
out.hidden = await follow.heard(1, page("ETHUSDT", {shown: true, active: false}));
await tabs.show("003", "BINANCE:ETHUSDT.p");
out.log = [...log];
code = "terminal-not-found";
clock += 1000;
out.gone = [await follow.heard(1, page("SOLUSDT")), (clock += 3000, await follow.heard(1,
  page("SOLUSDT")))];
for (const other of ["terminal-other", "no-connection", "not-connected", "unread"]) {
  code = other;
  clock += 20_000;
  out.gone.push(await follow.heard(1, page("SOLUSDT")));
}
for (let n = 0; n < PER_MINUTE; n += 1) {
  clock += 1000;
  await follow.heard(1, page(n %% 2 ? "SOLUSDT" : "XRPUSDT"));
}
out.stays = (await tabs.get(1)).follow;
code = "switched";
clock += 3000;
out.back = await follow.heard(1, page("SOLUSDT"));
out.told = [...told];
code = "no-ticker";
clock += 3000;
out.none = await follow.heard(1, page("XRPUSDT"));
code = "switched";
out.copied = copied;
out.afterAll = (await tabs.get(1));
let n = 0;
while ((await tabs.get(1)).follow && n < 100) {
  clock += 1000;
  await follow.heard(1, page(n++ %% 2 ? "BTCUSDT" : "ETHUSDT"));
}
out.left = [n, told.at(-1), PER_MINUTE];
out.off = await follow.heard(1, page("SOLUSDT"));
process.stdout.write(JSON.stringify(out));
"""


def ran() -> dict[str, Any]:
    return in_node(SCRIPT % ((ROOT.as_uri(),) * 3), sites_of("binance"))


def test_the_rules_of_following() -> None:
    """Once per change, at most one a second, a terminal that was away is told of once and tried
    again, and a page that changes all the time is left for good."""
    out = ran()

    settled = {"on": True, "again": None, "weighed": True}
    assert out["first"] == out["same"] == settled
    assert out["soon"] == {"on": True, "again": 1000}
    assert out["log"] == ["BINANCE:BTCUSDT.p", "BINANCE:ETHUSDT.p"]
    assert out["shown"] == settled
    assert out["behind"] == {"on": True, "again": 1000}, "to be said again as come into view"
    assert out["typing"] == {"on": True, "again": None, "weighed": False}
    assert out["hidden"] == {"on": True, "again": 1000}
    assert [one["again"] for one in out["gone"]] == [3000, 3000, 3000, 20_000, 20_000, 20_000]
    assert out["told"] == ["terminal-not-found"]
    assert out["none"] == settled
    assert set(out["copied"]) == {None}, "the clipboard is left, as nobody has clicked"
    assert out["stays"], "a terminal that is away is no page that changes all the time"
    assert out["back"] == settled
    assert out["afterAll"]["ticker"] == "BINANCE:XRPUSDT.p"
    switches, code, most = out["left"]
    assert code == "follow-too-often"
    assert switches <= most + 1
    assert out["off"] == {"on": False, "again": None}
