"""The list of a page's tickers where the page is slow, has gone or lets nobody in; in Node."""

from __future__ import annotations

from typing import Any

import pytest

from tests.extension.node import ROOT, in_node, sites_of

#: The worker's side of it, in front of a page that answers when the test says so.
WORKER = """
const url = "https://example.com/list";
let shown = {id: 7, url};
const runs = [];
const timers = [];
globalThis.setTimeout = (work) => void timers.push(work);
globalThis.chrome = {
  i18n: {getMessage: (key) => key}, runtime: {getManifest: () => ({})},
  tabs: {get: async () => shown, sendMessage: () => new Promise(() => undefined)},
  scripting: {executeScript: ({func}) => (func
    ? new Promise((done, fail) => runs.push({done, fail})) : Promise.resolve([]))},
};
const {makeBook} = await import("%(root)s/extension/sites.js");
const {foundOn, pageOf} = await import("%(root)s/extension/worker/here.js");
const book = makeBook(JSON.parse(process.argv[1]));
const settled = () => new Promise((done) => setImmediate(done));
const ask = (mayRead = true) => foundOn({id: 7, url}, book, {}, async () => mayRead);
const late = async () => { await settled(); timers.splice(0).forEach((work) => work()); };
const answer = (text) => runs.at(-1).done([{result: {rows: [], text}}]);
const told = ({finds}) => finds && finds.map(({pattern, base}) => pattern ?? base);
const say = (value) => process.stdout.write(JSON.stringify(value));
"""

SLOW = """
const first = ask();
await late();
const nothing = await first;
answer("BTC/USDT");
await settled();
const second = await ask();
const third = ask();
await settled();
answer("ETH/USDT");
say([told(nothing), told(second), told(await third), runs.length]);
"""

LEFT = """
const first = ask();
await settled();
shown = {id: 7, url: "https://example.com/other"};
answer("BTC/USDT");
say(told(await first));
"""

SHUT = """
const all = [];
for (const mayRead of [true, false]) {
  const asked = ask(mayRead);
  await settled();
  runs.at(-1).fail(new Error("no"));
  all.push(told(await asked));
}
say(all);
"""

HANGING = """
const page = pageOf({id: 7, url}, book, async () => true);
await late();
const {state, late: yet, at} = await page;
say([state, yet, at]);
"""


def in_worker(script: str) -> Any:
    return in_node(WORKER % {"root": ROOT.as_uri()} + script, sites_of("binance"))


def test_a_slow_page_is_not_called_empty_and_what_it_says_at_last_is_told_once() -> None:
    nothing, found, anew, readings = in_worker(SLOW)

    assert nothing is None
    assert found == ["BTCUSDT"]
    assert anew == ["ETHUSDT"]
    assert readings == 2


def test_what_a_page_said_before_it_became_another_is_not_the_other_s() -> None:
    assert in_worker(LEFT) is None


def test_only_a_page_that_may_not_be_read_is_taken_for_one_without_tickers() -> None:
    assert in_worker(SHUT) == [None, []]


def test_a_page_that_hangs_is_told_with_its_place() -> None:
    assert in_worker(HANGING) == ["silent", True, "7 https://example.com/list"]


#: The panel's side of it, with a clock and answers that the test gives.
LIST = """
const timers = [];
globalThis.setTimeout = (work, wait) => timers.push({work, wait});
globalThis.clearTimeout = (id) => { if (id) timers[id - 1].off = true; };
globalThis.chrome = {i18n: {getMessage: (key) => key}, runtime: {getManifest: () => ({})}};
const {PageList} = await import("%s/extension/panel/pagelist.js");
let answer = null;
let anew = 0;
const list = new PageList({ask: async () => answer, again: () => (anew += 1)});
const names = () => list.rows.map(({find}) => find.pattern);
const read = async (at, patterns) => {
  answer = {at, finds: patterns && patterns.map((pattern) => ({pattern}))};
  return [await list.read(), names(), list.late];
};
/** Lets all that is planned pass, and a page be slow all the while. */
const pass = async () => {
  const waits = [];
  for (const one of timers) {
    if (one.off || one.past) continue;
    one.past = true;
    waits.push(one.wait);
    one.work();
    await read("7 a", null);
  }
  return waits;
};
list.of("7 a");
const say = (value) => process.stdout.write(JSON.stringify(value));
"""


@pytest.mark.parametrize("late", ["['7 a', null]", "['8 a', ['OTHER']]"])
def test_what_was_shown_stays_while_the_page_is_slow(late: str) -> None:
    """An answer about another page is none about this one."""
    script = LIST % ROOT.as_uri() + (
        f"say([await read('7 a', ['X']), await read(...{late}), timers.length,"
        " await read('7 a', ['Y'])]);"
    )

    first, slow, planned, last = in_node(script)

    assert first == [True, ["X"], False]
    assert slow == [False, ["X"], True]
    assert planned == 1
    assert last == [True, ["Y"], False]


def test_where_a_ticker_was_stays_with_it_when_the_page_is_read_again() -> None:
    script = LIST % ROOT.as_uri() + (
        "await read('7 a', ['X', 'Y']); Object.assign(list.rows[1], {code: 'found'});"
        " await read('7 a', ['Y', 'Z']);"
        " say(list.rows.map(({find, code}) => [find.pattern, code]));"
    )

    assert in_node(script) == [["Y", "found"], ["Z", ""]]


def test_of_another_page_nothing_is_shown() -> None:
    script = LIST % ROOT.as_uri() + (
        "await read('7 a', ['X']); answer = {at: '7 a', finds: [{pattern: 'X'}]};"
        " const asked = list.read(); const turned = list.of('7 b'); const gone = names();"
        " say([turned, gone, await asked, names()]);"
    )

    assert in_node(script) == [True, [], False, []]


def test_a_slow_page_is_asked_again_later_and_later_and_then_left_alone() -> None:
    script = LIST % ROOT.as_uri() + (
        "await read('7 a', null); const waits = await pass(); const times = anew;"
        " list.patient(); await read('7 a', null);"
        " say([waits, times, timers.filter(({off, past}) => !off && !past).length]);"
    )

    waits, times, planned = in_node(script)

    assert waits == [1000, 2000, 4000, 8000, 16000, 30000]
    assert times == 6
    assert planned == 1
