"""What a chip of a refusal does, what has a mark and what a selection means; in Node."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.extension.node import ROOT, in_node, sites_of

SCRIPT = """
globalThis.chrome = {i18n: {getMessage: (key) => key}, runtime: {getManifest: () => ({})}};
const folder = "%s/extension";
const {Clicks} = await import(`${folder}/worker/clicks.js`);
const {Marks} = await import(`${folder}/worker/marks.js`);
const {meantAt, menuMeant} = await import(`${folder}/worker/menus.js`);
const {makeBook, readFacts} = await import(`${folder}/sites.js`);
const {sites, exchanges, known} = JSON.parse(process.argv[1]);
const book = makeBook({sites, exchanges});
const asked = [];
const other = {exchange: "binance", market: "futures", symbol: "BTCUSDT",
  pattern: "BINANCE:BTCUSDT.p", connection: "Binance Futures", listed: true, quick: true};
const relay = {wake: () => {}, request: async (method, {find, at, ...more}) => {
  asked.push([method, find.pattern, more]);
  if (method === "holding") return {ticker: find.pattern, position: null, orders: 0};
  return {state: "refused", code: "not-connected", params: {}, ms: 1, alternatives: [other],
    pattern: find.pattern, connection: null};
}};
const clicks = new Clicks({relay, book: async () => book, targetOf: async () => "007",
  shown: async () => {}});
const out = {chips: {}, marks: {}, meant: {}, texts: {}, menu: null};
const find = {exchange: "kucoin", market: "spot", bare: "BTCUSDT", pattern: "KUCOIN:BTCUSDT"};
const ways = [["open", {}], ["open", {binding: "003"}], ["combo", {}], ["alert", {price: "64000"}],
  ["notify", {price: "64000"}]];
for (const [method, more] of ways) {
  asked.length = 0;
  const {toast} = await clicks.act(1, method, find, Date.now(), more);
  await clicks.offered(1, toast.token, 0, Date.now());
  out.chips[JSON.stringify([method, more])] = [...asked];
}
const marks = new Marks(clicks);
const url = "https://www.binance.com/en/futures/BTCUSDT";
const spots = {word: {text: "Market"}, link: {href: "https://www.binance.com/en/support"},
  ticker: {href: "https://www.binance.com/en/futures/ETHUSDT"}};
for (const [name, spot] of Object.entries(spots)) {
  const facts = {url, title: "", rows: [], page: [], text: null, href: null, ...spot};
  out.marks[name] = (await marks.heard(1, {facts, url})).name;
}
for (const text of ["WBTC", "wbtc", "BABYDOGE", "August", "Btcusdt", "WUSDT", "btc-usdt",
  "BTCUSDT.p", "BINANCE:BTCUSDT.p"]) {
  const meant = [new Set(known), undefined].map((coins) =>
    menuMeant({selectionText: text}, undefined, book, {known: coins}));
  out.meant[text] = (await Promise.all(meant)).map(({find: one}) =>
    one && [one.base, one.quote].filter(Boolean).join("/"));
}
const page = {url, title: "", rows: [], page: [], text: null, href: null};
for (const text of ["ETHUSDT", "NEWCUSDT", "NEWC/USDT", "SHIB", "$SHIB", "Market"]) {
  const read = readFacts({...page, text}, book, {known: new Set(known)});
  out.texts[text] = read?.pattern ?? read?.base;
}
const coins = {known: new Set([...known, "PIPPIN"])};
const spot = {facts: {...page, text: "PIPPIN"}, selection: "", url};
chrome.tabs = {sendMessage: async () => spot.facts};
out.menu = [meantAt(spot, book, coins).page.find?.base,
  (await menuMeant({}, {id: 1, url}, book, coins)).find?.base];
process.stdout.write(JSON.stringify(out), () => process.exit());
"""


@pytest.fixture(scope="module")
def out() -> dict[str, Any]:
    known = ["BTC", "ETH", "W", "WBTC", "BABY", "DOGE", "BABYDOGE", "UST"]
    return in_node(SCRIPT % ROOT.as_uri(), {**sites_of("binance"), "known": known})


def test_a_chip_does_what_was_refused_with_what_it_names(out: dict[str, Any]) -> None:
    """The same action, in the same binding, at the same price; never a plain opening instead."""
    chips = {tuple(json.loads(way)[:1]): asked for way, asked in out["chips"].items()}

    assert len(out["chips"]) == 5
    for refused, again in out["chips"].values():
        assert [refused[1], again[1]] == ["KUCOIN:BTCUSDT", "BINANCE:BTCUSDT.p"]
        assert [again[0], again[2]] == [refused[0], refused[2]]
    assert chips["alert",][1][2] == {"price": "64000"}
    assert out["chips"]['["open",{"binding":"003"}]'][1][2] == {"target": {"binding": "003"}}


def test_a_word_beside_no_ticker_has_no_mark_of_the_pages_own(out: dict[str, Any]) -> None:
    assert out["marks"] == {"word": "", "link": "", "ticker": "BINANCE:ETHUSDT.p"}


def test_what_the_terminal_does_not_list_is_never_the_pages_own_ticker(out: dict[str, Any]) -> None:
    """It may have been listed a minute ago; a word that is no ticker leaves the page's own."""
    assert out["texts"] == {
        "ETHUSDT": "BINANCE:ETHUSDT.p",
        "NEWCUSDT": "BINANCE:NEWCUSDT.p",
        "NEWC/USDT": "BINANCE:NEWCUSDT.p",
        "SHIB": "SHIB",
        "$SHIB": "SHIB",
        "Market": "BINANCE:BTCUSDT.p",
    }


def test_the_menu_opens_what_it_names(out: dict[str, Any]) -> None:
    assert out["menu"] == ["PIPPIN", "PIPPIN"]


def test_a_selected_coin_is_not_taken_apart_into_a_pair(out: dict[str, Any]) -> None:
    """Each text with the terminal's list of coins, and while only the built-in one is there."""
    assert out["meant"] == {
        "WBTC": ["WBTC", None],
        "wbtc": [None, None],
        "BABYDOGE": ["BABYDOGE", None],
        "August": [None, None],
        "Btcusdt": ["BTC/USDT", "BTC/USDT"],
        "WUSDT": ["W/USDT", "W/USDT"],
        "btc-usdt": ["BTC/USDT", "BTC/USDT"],
        "BTCUSDT.p": ["BTC/USDT", "BTC/USDT"],
        "BINANCE:BTCUSDT.p": ["BTC/USDT", "BTC/USDT"],
    }
