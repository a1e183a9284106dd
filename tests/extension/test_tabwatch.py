"""Which changes of a tab are passed on at once, and which once a second; in Node."""

from __future__ import annotations

from itertools import pairwise

from tests.extension.node import ROOT, in_node

SCRIPT = """
const heard = {};
const on = (name) => ({addListener: (listener) => { heard[name] = listener; }});
globalThis.chrome = {tabs: {onActivated: on("activated"), onUpdated: on("updated")},
  i18n: {getMessage: (key) => key}, runtime: {getManifest: () => ({})}};
let clock = 0;
const timers = [];
Date.now = () => clock;
globalThis.setTimeout = (work, wait) => void timers.push({at: clock + wait, work});
const pass = (ms) => {
  clock += ms;
  for (const one of timers.splice(0)) one.at <= clock ? one.work() : timers.push(one);
};
const {TabWatch} = await import("%s/extension/worker/tabwatch.js");
const told = [];
new TabWatch((windowId, fresh) => told.push([clock, windowId, fresh]));
clock = 10_000;
for (let n = 0; n < 30; n += 1) {
  heard.updated(1, {title: `${n} BTCUSDT`}, {active: true, windowId: 1});
  if (n === 14) heard.activated({windowId: 1});
  pass(100);
}
heard.updated(1, {title: "x"}, {active: false, windowId: 1});
pass(5000);
process.stdout.write(JSON.stringify(told));
"""


def test_another_tab_is_told_at_once_and_a_title_once_a_second() -> None:
    told = in_node(SCRIPT % ROOT.as_uri())

    assert [one for one in told if one[2]] == [[11_400, 1, True]]
    titles = [at for at, _, fresh in told if not fresh]
    assert 2 <= len(titles) <= 4
    assert all(later - at >= 900 for at, later in pairwise(titles))
