"""Clicks and orders in a real browser; here with few rounds, for that they are measured at all."""

from __future__ import annotations

import pytest

from relay.edges.benching import clicks
from relay.errors import RelayError


@pytest.mark.chromium
async def test_every_way_is_measured(monkeypatch):
    monkeypatch.setattr(clicks, "QUICK", {"warm": 2, "cold": 1, "order": 2, "fetch": 3})
    monkeypatch.setattr(clicks, "ROUNDS", 2)
    click, order, cold = await clicks.rows(quick=True, browser=None)

    assert set(click.shown) == {"click", "fetch from the browser"}
    for row in (click, order, cold):
        assert row.rounds == 2
        for shown in row.shown.values():
            assert 0 < shown["p50"].median <= shown["p95"].median < 10_000
    assert [name for name, _, _ in click.figures] == ["p95, ms", "p50 ÷ a fetch from the browser"]


def test_the_95th_percentile_is_of_the_times():
    assert clicks._times([float(n) for n in range(100, 0, -1)]) == {"p50": 50.5, "p95": 95.0}
    assert clicks._times([7.0]) == {"p50": 7.0, "p95": 7.0}


async def test_without_a_chromium_one_sentence_says_so(tmp_path):
    with pytest.raises(RelayError, match="Chromium-family"):
        await clicks.rows(quick=True, browser=str(tmp_path / "none"))
