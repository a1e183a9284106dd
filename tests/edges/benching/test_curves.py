"""How costs grow: each curve can be measured; in memory the flat ones are flat."""

from __future__ import annotations

from dataclasses import replace

import pytest

from relay.edges.benching import curves
from relay.edges.benching.contenders import RELAY
from relay.edges.benching.reading import Wrong


def test_every_curve_gives_a_cost(field, anywhere, monkeypatch):
    said = []
    small = [
        replace(one, points=one.points[:2]) for one in curves.all_of(field.all[RELAY], anywhere)
    ]
    monkeypatch.setattr(curves, "all_of", lambda *_: small)
    found = curves.measure(field.all[RELAY], anywhere, said.extend, repeats=1)

    assert list(found) == [one.name for one in small]
    assert all(cost >= 0 for one in found.values() for cost in one["costs"])
    assert any("readers of one stream" in line for line in said)


@pytest.mark.parametrize(
    "cost", [lambda count: curves._click(count, 1), curves._order], ids=["click", "order"]
)
def test_more_of_it_makes_one_no_dearer(cost):
    """Ten times as many; a busy machine may double a time, it does not make it tenfold."""
    ratios = sorted(cost(5000) / cost(500) for _ in range(3))

    assert ratios[1] < 5


def test_a_curve_that_cannot_be_measured_is_named_and_the_others_follow(
    field, anywhere, monkeypatch
):
    def wrong(count):
        raise Wrong("not the answer")

    said = []
    two = [curves.Curve("broken", "µs", (1, 2), wrong), curves.Curve("whole", "µs", (1, 2), float)]
    monkeypatch.setattr(curves, "all_of", lambda *_: two)
    found = curves.measure(field.all[RELAY], anywhere, said.extend, repeats=1)

    assert list(found) == ["whole"]
    assert "broken FAILED: not the answer" in said


def test_a_curve_that_rises_is_named():
    steep = curves.Curve("steps", "µs", (1, 10), float)
    said = []
    found = curves._told(steep, [[1.0, 10.0]], said.extend)

    assert found["growth"] == 10.0
    assert not found["flat"]
    assert "NOT FLAT" in said[-1]
