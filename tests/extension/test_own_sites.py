"""A site of the user's own, in a real Chromium and in the engine alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SITE = {
    "id": "mine",
    "name": "Mine",
    "exchange": "BYBIT",
    "hosts": ["charts.example.com"],
    "quotes": ["USDT"],
    "paths": [{"path": "/c/{base}_{quote}", "market": "futures"}],
}
SCRIPT = """
globalThis.chrome = {};
globalThis.fetch = () => { throw new Error("nothing is fetched"); };
const {withOwn, OwnSites} = await import("%s/extension/sitefiles.js");
const {readUrl} = await import("%s/extension/sites.js");
const {own, builtin, exchanges, urls} = JSON.parse(process.argv[1]);
const book = withOwn(builtin, own, exchanges);
const asked = [];
const told = [];
const sites = new OwnSites(async (method) => (asked.push(method), {sites: own}),
  (now) => told.push(now.length));
for (const at of [0, 100, 1000, 2000]) await sites.look(at);
process.stdout.write(JSON.stringify({
  found: urls.map((url) => readUrl(url, book)?.pattern ?? null), asked, told}));
"""


def run(*own: object, urls: list[str]) -> dict[str, list[object]]:
    node = shutil.which("node")
    assert node, "Node is needed to run the reading engine: install Node 18 or newer."
    folder = ROOT / "extension"
    given = {
        "own": own,
        "builtin": [json.loads((folder / "sites" / "okx.json").read_text("utf-8"))],
        "exchanges": json.loads((folder / "exchanges.json").read_text("utf-8")),
        "urls": urls,
    }
    script = SCRIPT % (ROOT.as_uri(), ROOT.as_uri())
    command = [node, "--input-type=module", "-e", script, json.dumps(given)]
    done = subprocess.run(command, capture_output=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return json.loads(done.stdout)


OKX = "https://www.okx.com/trade-swap/btc-usdt-swap"
MINE = "https://charts.example.com/c/BTC_USDT"


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ([], [None, "OKX:BTCUSDT.p"]),
        ([SITE], ["BYBIT:BTCUSDT.p", "OKX:BTCUSDT.p"]),
        ([{**SITE, "id": "okx"}], ["BYBIT:BTCUSDT.p", None]),
        ([{**SITE, "hosts": ["www.okx.com"]}], [None, "OKX:BTCUSDT.p"]),
        ([{**SITE, "paths": [{"path": "/{no}"}]}, {**SITE, "id": "b"}], ["BYBIT:BTCUSDT.p"] * 1),
        ([{}, None, "x"], [None, "OKX:BTCUSDT.p"]),
    ],
    ids=["none", "one more", "in place of one", "another's host", "one is wrong", "no site at all"],
)
def test_a_site_of_ones_own_is_added_or_stands_in_and_a_wrong_one_is_left_out(
    own: list[object], found: list[str | None]
) -> None:
    assert run(*own, urls=[MINE, OKX][: len(found)])["found"] == found


def test_sites_are_looked_at_once_a_second_and_told_when_they_changed() -> None:
    ran = run(SITE, urls=[])

    assert ran["asked"] == ["sites"] * 3
    assert ran["told"] == [1]
