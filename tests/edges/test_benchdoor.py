"""The table of the door is measured and told; what the figures are is not for a test."""

import json

import pytest

from relay.edges import benchdoor, cli


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"rounds": 1, "posts": 20, "lists": 10, "seconds": 0.05}
    monkeypatch.setattr(benchdoor, "QUICK", counts)


def test_the_table_is_told_to_people_and_to_machines(home, few, capsys):
    for words in ([], ["--json"]):
        with pytest.raises(SystemExit) as ended:
            cli.main(["bench", "--door", "--quick", *words])
        assert ended.value.code == 0
    text, _, rows = capsys.readouterr().out.rpartition("\n[")

    told = json.loads(f"[{rows}")
    assert {"92 kB in both spellings / as it is", "p99 / p50 at 64 connections"} <= {
        row["name"] for row in told
    }
    assert all(row["low"] <= row["value"] <= row["high"] for row in told)
    assert all(row["name"] in text for row in told)


def test_without_nginx_what_it_adds_is_not_told(home, few, capsys, monkeypatch):
    monkeypatch.setattr("relay.edges.benchpeers.shutil.which", lambda *_, **__: None)

    assert benchdoor.bench(quick=True, as_json=False) == 0
    told = capsys.readouterr().out
    assert "nginx is not installed" in told
    assert "what nginx adds" not in told
    assert "both spellings" in told


def test_a_ratio_is_held_against_its_goal():
    fast = benchdoor._Round(
        {"direct": 10, "nginx": 20, "relay": 30},
        {"direct": 10, "nginx": 20, "relay": 34, "camel": 40, "both": 400},
        {"nginx": 100, "relay": 50},
        1.2,
    )
    table = {row.name: row for row in benchdoor._table([fast] * 3, has_nginx=True)}

    assert table["small POST: what we add / what nginx adds"].value == 2.0
    assert table["small POST: what we add / what nginx adds"].reached
    assert table["64 connections: requests a second / nginx"].reached
    assert not table["92 kB in both spellings / as it is"].reached
