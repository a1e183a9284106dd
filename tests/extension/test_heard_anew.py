"""A page that is shown later than it was loaded asks anew how it is to be read; in Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
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
    node = shutil.which("node")
    assert node, "Node is needed to run the extension's modules: install Node 18 or newer."
    command = [node, "--input-type=module", "-e", SCRIPT % ROOT.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    first, faked, ahead, aside = json.loads(done.stdout)

    assert first == faked == [[], "off"]
    assert ahead == [["hello"], "hover"]
    assert aside == [["hello"], "off"]
