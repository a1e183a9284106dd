"""How it is told: what was missed, who was skipped, and whether to believe it."""

from __future__ import annotations

import json

from relay.edges.benching import rounds, table
from relay.edges.benching.rounds import Figure, Workload, least, most


def row(value: float) -> rounds.Row:
    figures = [Figure("÷", lambda one: one["relay"]["p50"], most(2)),
               Figure("rate", lambda one: one["relay"]["p50"], least(2))]  # fmt: skip
    return rounds.row(
        Workload("way", "µs", "p50", {"relay": dict}, figures), [{"relay": {"p50": value}}], {}
    )


def report(busy: float = 0.0) -> table.Report:
    return table.Report("2026-11-20", "machine", "bench", busy, [row(3.0)], {"nginx": "no"})


def test_what_was_missed_is_said():
    lines = table.text(row(3.0))

    assert "MISSED" in lines[-2]
    assert "reached" in lines[-1]


def test_a_busy_machine_and_the_skipped_come_first():
    assert not any("busy" in line for line in table.heading(report(0.1), 0.25))
    lines = table.heading(report(1.7), 0.25)

    assert any("busy: others use 1.7 cores" in line for line in lines)
    assert "skipped: nginx: no" in lines


def test_machines_get_all_of_it():
    data = json.loads(json.dumps(report().as_json()))

    (told,) = data["rows"]
    assert told["shown"] == {"relay": {"p50": {"median": 3.0, "min": 3.0, "max": 3.0}}}
    assert [one["reached"] for one in told["figures"]] == [False, True]
    assert data["skipped"] == {"nginx": "no"}


def test_the_table_of_readme_has_a_line_for_each_goal():
    lines = table.markdown(report().as_json()).splitlines()

    assert lines[2:] == [
        "| way | ÷ | 3 (3–3) | ≤ 2 | **no** |",
        "| way | rate | 3 (3–3) | ≥ 2 | yes |",
    ]


def test_the_tables_of_readme_tell_how_costs_grow():
    curve = {"unit": "µs", "points": [1, 1000], "costs": [2.0, 9.0], "growth": 4.5, "flat": False}
    last = table.markdown({"rows": [], "curves": {"topics": curve}}).splitlines()[-1]

    assert last == "| topics | µs: 1: 2, 1,000: 9 | 4.50 | **rises** |"


def test_lines_are_not_endless():
    parts = [f"contender {number} 123 (100–200)" for number in range(10)]

    assert max(map(len, table._wrapped(parts))) < 120
