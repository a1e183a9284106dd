"""What the panel says and sends, what its keys do, and what else asks for a ticker; in Node."""

from __future__ import annotations

from typing import Any

import pytest

from tests.extension.node import ROOT, in_node

#: Sentences are their key and their values; nothing of a page is there but what a test gives.
STAGE = f"""
const folder = "{(ROOT / "extension").as_uri()}";
globalThis.matchMedia = () => ({{matches: true}});
globalThis.chrome = {{i18n: {{getMessage: (key, values) => [key, ...values ?? []].join(" ")}},
  runtime: {{id: "us", getManifest: () => ({{}}), getURL: (path) => `ours:/${{path}}`}}}};
const tell = (out) => process.stdout.write(JSON.stringify(out), () => process.exit());
"""

DEEDS = """
const {Deeds} = await import(`${folder}/panel/deeds.js`);
const {Model} = await import(`${folder}/panel/model.js`);
const [outcomes] = process.argv.slice(1).map(JSON.parse);
const model = new Model();
const account = (id, name) => ({id, name, exchange: "BYBIT", kind: "futures", state: "connected"});
model.heard("status", {terminal: {state: "connected"},
  connections: [account(1, "Main"), account(2, "Sub")]});
const said = [];
const row = {key: "2:7", connection: 2, ticker: "BTCUSDT"};
const orders = {lines: new Map([["2:7", {row}]])};
let answer;
const deeds = new Deeds({model, account: {tables: {orders}}, activity: {}, cancels: {}, here: {},
  tools: {}, help: {}, note: (...given) => said.push(given), door: {call: async () => answer}});
const places = {tr: {dataset: {key: "2:7"}}, section: {dataset: {section: "orders"}}};
for (const [what, outcome] of outcomes) {
  answer = {params: {}, symbol: "BTCUSDT", ms: 12, ...outcome};
  deeds.act(what, {closest: (one) => places[one] ?? null});
  await new Promise((done) => setTimeout(done));
}
tell(said);
"""


def said(*outcomes: tuple[str, dict[str, Any]]) -> list[list[str]]:
    """What the foot says of each outcome of a row of account 2, and in which state."""
    return in_node(STAGE + DEEDS, outcomes)  # type: ignore[no-any-return]


MAIN, SUB = {"id": 1, "name": "Main"}, {"id": 2, "name": "Sub"}


def test_a_row_that_opens_on_another_account_says_so() -> None:
    switched = {"state": "done", "code": "switched"}
    combo = {"state": "done", "code": "combo-opened"}
    told = said(
        ("open", {**switched, "connection": SUB}),
        ("open", {**switched, "connection": MAIN}),
        ("combo", {**combo, "connection": MAIN}),
        ("open", {"state": "refused", "code": "no-ticker", "connection": MAIN}),
    )

    assert told == [
        ["outcome_switched BTCUSDT Sub · 12 ms", "done"],
        ["opened_elsewhere BTCUSDT Main Sub · 12 ms", "unknown"],
        ["opened_elsewhere BTCUSDT Main Sub · 12 ms", "unknown"],
        ["outcome_no_ticker BTCUSDT", "refused"],
    ]


def test_what_helps_stands_in_the_foot_and_on_the_button_too() -> None:
    """There is no other place for the command there."""
    refused = {"state": "refused", "code": "host-exited"}

    assert said(("open", refused)) == [["outcome_host_exited · metascalp-relay doctor", "refused"]]
    assert in_node(STAGE + BUTTON, refused) == "outcome_host_exited · metascalp-relay doctor"


BUTTON = """
const {Toasts} = await import(`${folder}/worker/toasts.js`);
const {toastOf} = await import(`${folder}/sentences.js`);
const [outcome] = process.argv.slice(1).map(JSON.parse);
const toasts = new Toasts({mark: (tab, {title}) => tell(title)}, async () => ({}));
toasts.onButton(1, toastOf(outcome));
"""

OMNIBOX = """
globalThis.chrome.omnibox = {setDefaultSuggestion: () => undefined};
const {Omnibox} = await import(`${folder}/worker/omnibox.js`);
const row = (connection, pattern) => ({exchange: "BYBIT", market: "futures", symbol: "BTCUSDT",
  connection, pattern});
const rows = [row("Main", "BYBIT:BTCUSDT.p"), row("Spot", "BYBIT:BTCUSDT"),
  row("Sub", "BYBIT:BTCUSDT.p")];
const omnibox = new Omnibox({request: async () => ({rows})});
let list;
await omnibox.changed("btc", (given) => { list = given; });
const {find} = await omnibox.entered(list[0].content);
tell([list, find.pattern]);
"""


def test_two_accounts_of_one_ticker_are_one_suggestion_that_names_both() -> None:
    """They have the same pattern, so whichever is chosen, the terminal takes the account."""
    suggestions, pattern = in_node(STAGE + OMNIBOX)

    assert [one["content"] for one in suggestions] == ["BYBIT:BTCUSDT.p", "BYBIT:BTCUSDT"]
    assert "Main, Sub" in suggestions[0]["description"]
    assert pattern == "BYBIT:BTCUSDT.p"


KEYS = """
let press;
globalThis.document = {addEventListener: (name, listener) => { press = listener; }};
const {listen} = await import(`${folder}/panel/keys.js`);
const done = [];
listen({step: (steps) => done.push(steps), act: (name) => done.push(name),
  view: (name) => done.push(name), filter: () => done.push("/")}, {});
const [keys] = process.argv.slice(1).map(JSON.parse);
const target = {closest: () => null, matches: () => true};
const kept = keys.map((given) => {
  let prevented = false;
  press({target, altKey: false, shiftKey: false, preventDefault: () => { prevented = true; },
    ...given});
  return prevented;
});
tell([done, kept]);
"""


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ({"key": "c", "code": "KeyC"}, "combo"),
        ({"key": "Enter", "altKey": True}, "chart"),
        ({"key": "Enter"}, "open"),
        ({"key": "g", "code": "KeyG"}, "group"),
        ({"key": " "}, "choose"),
        ({"key": "Delete"}, "cancel"),
        ({"key": "?"}, "help"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_key_that_is_held_is_one_decision(key, name):
    done, _ = in_node(STAGE + KEYS, [key, *[{**key, "repeat": True}] * 3])

    assert done == [name]


def test_a_key_that_is_held_walks_on_and_presses_no_button():
    """A browser takes each repeat of Enter on a button for another press."""
    keys = ({"key": one, "repeat": True} for one in ("ArrowDown", "ArrowDown", "Enter", "Tab"))
    done, kept = in_node(STAGE + KEYS, list(keys))

    assert done == [1, 1]
    assert kept == [True, True, True, False]


PANELS = """
const {Panels} = await import(`${folder}/worker/panels.js`);
const asked = [];
const shown = [];
const relay = {state: {}, subscribe: () => undefined,
  request: async (method, {at}) => { asked.push(at); return {state: "done"}; }};
const panels = new Panels(relay, async () => "", async (...given) => void shown.push(given));
const hears = [];
panels.take({name: "panel", sender: {id: "us", url: "ours:/panel/index.html"},
  onMessage: {addListener: (one) => hears.push(one)}, onDisconnect: {addListener: () => undefined},
  postMessage: () => undefined});
const [presses] = process.argv.slice(1).map(JSON.parse);
for (const at of presses) hears[0]({type: "call", id: at, method: "combo", params: {find: 1}, at});
const find = {pattern: "BINANCE:BTCUSDT.p"};
for (const target of [undefined, {binding: "003"}, {panel: "a-panel"}]) {
  hears[0]({type: "call", id: 1, method: "open", params: {find, target}, at: 1});
}
await new Promise((done) => setTimeout(done));
tell({combos: asked.slice(0, -3), shown});
"""


def test_a_press_that_is_repeated_without_a_pause_makes_one_combo() -> None:
    presses = [1000, 1250, 1500, 1750, 2200]

    assert in_node(STAGE + PANELS, presses)["combos"] == [1000, 2200]


def test_a_ticker_in_one_panel_is_not_what_the_active_window_shows() -> None:
    """Following compares with that when its tab comes back."""
    ticker = "BINANCE:BTCUSDT.p"
    shown = in_node(STAGE + PANELS, [])["shown"]

    assert sorted(shown) == [["", ticker], ["003", ticker]]
