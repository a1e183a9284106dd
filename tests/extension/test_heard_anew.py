"""A page that is shown later than it was loaded asks anew how it is to be read; in Node."""

from __future__ import annotations

from tests.extension.node import ROOT, in_node

SCRIPT = """
const heard = {};
const asked = [];
globalThis.window = {addEventListener: (type, listener) => { heard[type] = listener; }};
globalThis.browser = {runtime: {id: "x", onMessage: {addListener: () => {}},
  sendMessage: async ({type}) => { asked.push(type); return answer; }}};
globalThis.MetascalpElements = {own: (name) => globalThis[name]};
globalThis.MetascalpCollect = {near: () => ({}), whole: async (one) => one, isField: () => false};
globalThis.MetascalpToast = class { remove() {} };
// What the background says to a page that is loaded ahead: nothing, as it is no tab's own page yet.
let answer = undefined;
await import("%s/extension/page/content.js");
const page = globalThis.MetascalpPage;
const settled = () => new Promise((done) => setTimeout(done));
const told = [];
const happens = async (type, event) => {
  asked.length = 0;
  heard[type]?.({type, ...event});
  await settled();
  told.push([[...asked], page.marks]);
};
await settled();
const settings = {modifier: "alt", marks: "hover", followDelayMs: 400};
answer = {rules: [], settings};
await happens("pageshow", {isTrusted: true, persisted: false});
await happens("prerenderingchange", {isTrusted: false});
await happens("prerenderingchange", {isTrusted: true});
answer = {rules: [], settings: {...settings, marks: "off"}};
await happens("pageshow", {isTrusted: true, persisted: true});
process.stdout.write(JSON.stringify(told));
"""


def test_a_page_loaded_ahead_or_kept_aside_asks_again_once_it_is_shown() -> None:
    """A first showing says nothing new, and an event of the page's own making is not heard."""
    first, faked, ahead, aside = in_node(SCRIPT % ROOT.as_uri())

    assert first == faked == [[], "off"]
    assert ahead == [["hello"], "hover"]
    assert aside == [["hello"], "off"]
