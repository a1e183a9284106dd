"""The reading engine, run once in Node over every example of every site and the shared tables."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.extension.node import in_node

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SITES = ROOT / "extension" / "sites"
TABLES = ROOT / "tests" / "data"
KEYS = {
    "exchange", "market", "base", "quote", "native", "expiry", "bare", "pattern", "rule", "via",
}  # fmt: skip
NEWEST_NUMBER = 42


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def name_of(test: dict[str, Any]) -> str:
    return str(test.get("url") or test.get("text") or test["dom"]["value"])


def examples() -> list[Any]:
    return [
        pytest.param(file.stem, n, test, id=f"{file.stem} {name_of(test)}")
        for file in sorted(SITES.glob("*.json"))
        for n, test in enumerate(load(file)["tests"])
    ]


def rows(name: str) -> list[Any]:
    table = load(TABLES / f"{name}.json")["rows"]
    return [pytest.param(n, row, id=f"{n} {row['id']}") for n, row in enumerate(table)]


@pytest.fixture(scope="module")
def ran() -> dict[str, Any]:
    return in_node(HERE / "sites_run.mjs")


def check(find: dict[str, Any] | None, want: dict[str, Any] | None) -> None:
    if want is None:
        assert find is None
        return
    assert find is not None
    assert set(find) == KEYS
    assert {key: find[key] for key in want} == want


@pytest.mark.parametrize(("site", "n", "test"), examples())
def test_example(ran: dict[str, Any], site: str, n: int, test: dict[str, Any]) -> None:
    row = [one for one in ran["examples"] if one["site"] == site][n]
    want = {key: value for key, value in test.items() if key not in ("url", "dom", "none")}

    assert row["test"] == test
    if "text" in test:
        assert row["found"] == test["patterns"]
        return
    check(row["find"], None if "none" in test else {"rule": site, **want})
    if "none" in test and "url" in test:
        assert row["why"] == test["none"]
    assert row["others"] == [], "another site claims this example too"


@pytest.mark.parametrize(("n", "row"), rows("unseen"))
def test_unseen_address(ran: dict[str, Any], n: int, row: dict[str, Any]) -> None:
    assert ran["unseen"][n]["got"] == row["pattern"]


def venues_of(name: str) -> list[str]:
    return sorted({row["venue"] for row in load(TABLES / f"{name}.json")["rows"]})


def verdict_of(row: dict[str, Any], got: dict[str, Any] | None) -> str:
    want = row["pattern"] or row.get("base")
    if got is None:
        return "silent" if want else "right"
    return "right" if want and want == (got["pattern"] or got["base"]) else "wrong"


@pytest.mark.parametrize("venue", venues_of("harvested"))
def test_real_addresses_of_a_venue_are_read(ran: dict[str, Any], venue: str) -> None:
    """Of a hundred one may say nothing where it could; none may say something wrong."""
    mine = [one for one in ran["harvested"] if one["row"]["venue"] == venue]
    said = [(verdict_of(one["row"], one["got"]), one["row"]["url"]) for one in mine]
    silent = [url for verdict, url in said if verdict == "silent"]
    print(f"{venue}: {sum(verdict == 'right' for verdict, _ in said)} of {len(said)} right")

    assert [url for verdict, url in said if verdict == "wrong"] == []
    assert len(silent) <= len(said) // 100, silent


@pytest.mark.parametrize(("n", "row"), rows("symbols"))
def test_symbol(ran: dict[str, Any], n: int, row: dict[str, Any]) -> None:
    check(ran["symbols"][n]["got"], row["want"])


@pytest.mark.parametrize(("n", "row"), rows("texts"))
def test_text(ran: dict[str, Any], n: int, row: dict[str, Any]) -> None:
    found = ran["texts"][n]["got"]

    assert [[cut(row["text"], f), f["pattern"], f["base"]] for f in found] == row["want"]
    assert all(set(find) == KEYS | {"start", "end"} for find in found)


def cut(text: str, find: dict[str, Any]) -> str:
    """The engine counts as JavaScript does: an emoji is two."""
    units = text.encode("utf-16-le")
    return units[2 * find["start"] : 2 * find["end"]].decode("utf-16-le")


@pytest.mark.parametrize(("n", "row"), rows("facts"))
def test_facts(ran: dict[str, Any], n: int, row: dict[str, Any]) -> None:
    check(ran["facts"][n]["got"], row["want"])


@pytest.mark.parametrize(("n", "row"), rows("pages"))
def test_a_page_is_followed_only_where_two_sources_agree(
    ran: dict[str, Any], n: int, row: dict[str, Any]
) -> None:
    got = ran["pages"][n]["got"]

    assert (got["find"] and got["find"]["pattern"]) == row["pattern"]
    assert (got["agreed"], [one["source"] for one in got["sources"]]) == (
        row["agreed"],
        row["sources"],
    )


@pytest.mark.parametrize(("n", "row"), rows("glued"))
def test_glued_name_parts_where_the_venue_says(
    ran: dict[str, Any], n: int, row: dict[str, Any]
) -> None:
    check(ran["glued"][n]["got"], {key: row[key] for key in ("base", "quote", "market")})


@pytest.mark.parametrize(("n", "row"), rows("patterns"))
def test_pattern_is_taken_apart_and_written_again(
    ran: dict[str, Any], n: int, row: dict[str, Any]
) -> None:
    assert ran["patterns"][n]["got"] == row["want"]


@pytest.mark.parametrize(("n", "row"), rows("hostile"))
def test_hostile_page_gives_nothing_in_bounded_time(
    ran: dict[str, Any], n: int, row: dict[str, Any]
) -> None:
    got = ran["hostile"][n]

    assert got["id"] == row["id"]
    assert (got["url"], got["symbol"], got["facts"]) == (None, None, None)
    assert got["ms"] < got["limit"], "of the processor, the best of five"


def test_reading_is_quick_enough_not_to_be_felt(ran: dict[str, Any]) -> None:
    """20 µs an address, in the middle; 10 ms of the processor for 100 kB of text, the best of 25.

    Pages of nothing but new names and code may take half as much again (measured: 4 to 9 ms).
    """
    print(ran["timings"])

    assert ran["timings"]["url_us"] < 20
    assert ran["timings"]["text_ms"] < 10
    assert all(took < 15 for took in ran["timings"]["dense_ms"].values()), ran["timings"]


def test_what_is_no_text_gives_nothing(ran: dict[str, Any]) -> None:
    assert ran["odd"] == [[None, None, []]] * 5


def test_every_site_has_both_kinds_of_examples_and_a_date(ran: dict[str, Any]) -> None:
    for site in ran["sites"]:
        assert site["id"] == site["file"].removesuffix(".json")
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", site["confirmed"])
        assert site["source"], site["id"]
        assert any("none" in test for test in site["tests"] if "url" in test), site["id"]
        assert site["menuOnly"] or any("pattern" in test for test in site["tests"]), site["id"]
        assert site["menuOnly"] or any("dom" in test for test in site["tests"]), site["id"]
        assert any(test.get("none") for test in site["tests"]), site["id"]
        assert all(re.fullmatch(r"20\d\d-\d\d-\d\d", rule["seen"]) for rule in site["dom"])


def test_every_host_belongs_to_one_site(ran: dict[str, Any]) -> None:
    hosts = [host for site in ran["sites"] for host in site["hosts"]]

    assert len(hosts) == len(set(hosts))
    assert {host for host in hosts if not re.fullmatch(r"[a-z0-9.-]+", host)} == {
        "{locale}.tradingview.com"
    }


def test_rules_for_the_page_are_those_of_its_site(ran: dict[str, Any]) -> None:
    dom = next(site["dom"] for site in ran["sites"] if site["id"] == "tradingview")

    assert ran["rules"] == [{"index": index, **rule} for index, rule in enumerate(dom)]
    assert {rule["use"] for rule in dom} == {"row", "link", "page", "world"}
    assert ran["no_rules"] == []


def test_every_exchange_number_has_one_owner() -> None:
    table = load(ROOT / "extension" / "exchanges.json")
    numbers = [number for one in table["exchanges"].values() for number in one["numbers"]]

    assert sorted(numbers) == list(range(1, NEWEST_NUMBER + 1))
    assert sorted(n for each in table["markets"].values() for n in each) == list(range(14))


def test_every_spelling_of_an_exchange_has_one_owner() -> None:
    table = load(ROOT / "extension" / "exchanges.json")
    owners: dict[str, set[str]] = {}
    for id_, one in table["exchanges"].items():
        for spelling in [id_, one["name"], *one["aliases"], *one["tradingview"]]:
            owners.setdefault(spelling.upper(), set()).add(id_)

    assert {name for name, who in owners.items() if len(who) > 1} == set()
    assert set(owners) & set(table["refuse"]) == set()


#: A dollar contract there is settled in a stablecoin, not in the coin.
DOLLARS_ARE_LINEAR = {"EDGEX", "DYDX", "KRAKEN"}
#: Every future of the Moscow exchange expires; its code says when.
HAS_NO_PERPETUALS = {"MOEX", "TBANK"}
KINDS = ("spot", "margin", "perpetual", "coin-margined", "dated", "options")


def kind_of(test: dict[str, Any], find: dict[str, Any]) -> str:
    """The column of README's table; a share stands under spot."""
    if test.get("none"):
        return test["kind"]
    if find["market"] != "futures":
        return find["market"] or "spot"
    if find["expiry"] or find["exchange"] in HAS_NO_PERPETUALS:
        return "dated"
    inverse = find["quote"] == "USD" and find["exchange"] not in DOLLARS_ARE_LINEAR
    return "coin-margined" if inverse else "perpetual"


def readme_rows() -> dict[str, list[str]]:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("| Venue | spot |"))
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[start + 2 :]]
    return {row[0]: row[1:] for row in rows[: next(n for n, row in enumerate(rows) if not row)]}


def test_the_table_of_venues_says_what_the_examples_say(ran: dict[str, Any]) -> None:
    """✓: an example is read. ✗: an example of a page that does not name its instrument."""
    names = {path.stem: load(path) for path in SITES.glob("*.json")}
    venues = {id_: one["name"] for id_, one in names.items() if one.get("exchange")}
    venues["tradingview"] = "TradingView"
    want: dict[str, list[str]] = {name: [""] * len(KINDS) for name in venues.values()}
    urls: dict[str, set[str]] = {name: set() for name in venues.values()}
    for row in ran["examples"]:
        test, name = row["test"], venues.get(row["site"])
        if name is None or "url" not in test or ("none" in test and "kind" not in test):
            continue
        column = KINDS.index(kind_of(test, row["find"]))
        if want[name][column] != "✓":
            want[name][column] = "✗" if "none" in test else "✓"
        if "none" not in test:
            urls[name].add(f"`{test['url'].removeprefix('https://')}`")
    said = readme_rows()

    assert {name: cells[:-1] for name, cells in said.items()} == want
    assert [name for name, cells in said.items() if cells[-1] not in urls[name]] == []
