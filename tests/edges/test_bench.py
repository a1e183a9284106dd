"""`bench` measures on real parts; here with few rounds, for that it measures at all."""

from __future__ import annotations

import json

import pytest

from relay.edges import bench
from relay.errors import RelayError


@pytest.mark.chromium
async def test_every_way_is_measured(monkeypatch, capsys):
    monkeypatch.setattr(bench, "QUICK", {"start": 2, "warm": 2, "cold": 1, "order": 2})

    code = await bench.bench(quick=True, browser=None, as_json=True)

    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert code == 0
    assert [row["rounds"] for row in rows.values()] == [2, 2, 2, 1]
    assert all(0 < row["p50"] <= row["p95"] < 10_000 for row in rows.values())


@pytest.mark.parametrize(("p95", "mark"), [(29.0, "reached"), (31.0, "MISSED")])
def test_the_table_says_what_was_missed(capsys, p95, mark):
    row = bench._result("way", [p95], "p95 <= 30", lambda r: r.p95 <= 30)

    bench._print([row], as_json=False)

    assert mark in capsys.readouterr().out


def test_the_95th_percentile_is_of_the_times():
    row = bench._result("way", [float(n) for n in range(100, 0, -1)], "", lambda r: True)

    assert (row.rounds, row.p50, row.p95) == (100, 50.5, 95.0)


async def test_without_a_chromium_one_sentence_says_so(tmp_path):
    with pytest.raises(RelayError, match="Chromium-family"):
        await bench.bench(quick=True, browser=str(tmp_path / "none"), as_json=False)
