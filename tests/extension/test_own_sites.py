"""A site of the user's own, in a real Chromium and in the engine alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.extension.node import in_node, sites_of

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
globalThis.fetch = () => { throw new Error("nothing is fetched"); };
const kept = {};
globalThis.chrome = {storage: {
  session: {get: async () => ({files: [exchanges, ...builtin]})},
  local: {get: async () => kept, set: async (change) => Object.assign(kept, change)}}};
const {own, aliases, builtin, exchanges, urls, symbols} = JSON.parse(process.argv[1]);
const {OwnSites} = await import("%s/extension/worker/ownsites.js");
const {readUrl, readSymbol} = await import("%s/extension/sites.js");
const changes = [];
const first = new OwnSites((changed) => changes.push(changed));
const files = own.map((_, index) => `${index}.json`);
const told = {sites: own, aliases, files, folder: "here",
  problems: [{file: "bad.json", line: 2, why: "not-json", value: "x"}]};
await first.take(told);
await first.take(told);
const {book, ours} = await first.reading;
const again = new OwnSites(() => undefined);
process.stdout.write(JSON.stringify({ours, changes,
  found: urls.map((url) => readUrl(url, book)?.pattern ?? null),
  read: symbols.map((symbol) => readSymbol(symbol, book)?.pattern ?? null),
  files: await first.files(), kept: (await again.reading).ours}));
"""


def run(
    *own: object, urls: list[str], symbols: list[str] | None = None, **aliases: str
) -> dict[str, Any]:
    known = sites_of("okx", "kucoin")
    given = {
        "own": own,
        "aliases": aliases,
        "symbols": symbols or [],
        "builtin": known["sites"],
        "exchanges": known["exchanges"],
        "urls": urls,
    }
    return in_node(SCRIPT % (ROOT.as_uri(), ROOT.as_uri()), given)


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


def test_a_host_that_only_old_links_name_is_free_for_a_site_of_ones_own() -> None:
    old, mine = "https://trade.kucoin.com/KCS-USDT", "https://trade.kucoin.com/c/BTC_USDT"

    assert run(urls=[old, mine])["found"] == ["KUCOIN:KCSUSDT", None]
    taken = run({**SITE, "hosts": ["trade.kucoin.com"]}, urls=[old, mine])
    assert taken["found"] == [None, "BYBIT:BTCUSDT.p"]


def test_what_is_left_out_is_told_with_its_file_and_the_reason() -> None:
    ran = run(
        {**SITE, "id": "a", "hosts": ["www.okx.com"]},
        SITE,
        {**SITE, "id": "b", "paths": [{"path": "/{no}"}], "hosts": ["b.example.com"]},
        {**SITE, "id": "c"},
        urls=[MINE, OKX],
    )

    assert ran["found"] == ["BYBIT:BTCUSDT.p", "OKX:BTCUSDT.p"]
    assert ran["ours"] == ["mine"]
    problems = ran["files"]["problems"]
    assert [(one["file"], one["line"], one["why"]) for one in problems] == [
        ("bad.json", 2, "not-json"),
        ("0.json", None, "host-taken"),
        ("2.json", None, "no-book"),
        ("3.json", None, "host-taken"),
    ]
    assert [problems[1]["value"], problems[3]["value"]] == ["okx", "mine"]


def test_a_worker_that_starts_before_the_relay_speaks_has_what_was_told_last() -> None:
    ran = run(SITE, urls=[])

    assert ran["kept"] == ["mine"]
    assert ran["changes"] == [True, False]


def test_the_users_name_of_an_exchange_is_read_and_changes_no_other() -> None:
    symbols = ["BINANCEUSDM:BTCUSDT.P", "MY:ETHUSDT", "BYBIT:BTCUSDT.P", "OTHER:BTCUSDT"]
    ran = run(
        urls=[], symbols=symbols, BINANCEUSDM="BINANCE", my="okx", BYBIT="OKX", OTHER="NOWHERE"
    )

    assert ran["read"] == ["BINANCE:BTCUSDT.p", "OKX:ETHUSDT", "BYBIT:BTCUSDT.p", None]
