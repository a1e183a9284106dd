"""Ratios are made inside a round; of the rounds the median counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from relay.edges.benching import rounds
from relay.edges.benching.rounds import Figure, Workload, added, least, most, ratio, run


def workload(figures=(), **measures):
    return Workload("way", "µs", "p50", measures, list(figures))


def told(*values):
    """A measure that gives these, one each time."""
    left = list(values)
    return lambda: {"p50": left.pop(0)}


def test_a_ratio_is_of_one_round_and_not_of_medians():
    row = run(
        workload([Figure("÷", ratio("p50", "a", "b"), most(1))],
                 a=told(1.0, 20.0, 100.0), b=told(2.0, 10.0, 400.0)), 3,
    )  # fmt: skip

    ((name, spread, goal),) = row.figures
    assert name == "÷"
    assert (spread.median, spread.low, spread.high) == (0.5, 0.25, 2.0)
    assert goal is not None
    assert goal.reached(spread.median)
    assert row.shown["a"]["p50"].median == 20.0


def test_each_round_begins_with_another():
    order = []
    run(
        workload(**{name: lambda name=name: order.append(name) or {"p50": 1.0} for name in "abc"}),
        3,
    )

    assert "".join(order) == "abcbcacab"


def test_what_has_rounds_of_its_own_has_as_many():
    one = workload(a=lambda: {"p50": 1.0})

    assert run(one, 2).rounds == 2
    assert run(replace(one, again=5), 2).rounds == 5


def test_added_is_what_is_on_top_of_nothing_at_all():
    one = {"mine": {"p50": 40.0}, "other": {"p50": 20.0}, "none": {"p50": 10.0}}

    assert added("p50", "mine", "other", "none")(one) == 3.0
    assert added("p50", "mine", "none", "other")(one) is None


def test_who_answers_wrongly_is_named_and_left_out():
    def wrong():
        raise ValueError("not the answer")

    row = run(
        workload([Figure("÷", ratio("p50", "a", "b")), Figure("a", rounds.value("p50", "a"))],
                 a=told(1.0, 2.0), b=wrong), 2,
    )  # fmt: skip

    assert row.failed == {"b": "ValueError: not the answer"}
    assert list(row.shown) == ["a"]
    assert [name for name, _, _ in row.figures] == ["a"]


@pytest.mark.parametrize(
    ("goal", "value", "reached"),
    [
        (most(2), 2.0, True),
        (most(2), 2.1, False),
        (least(30), 30.0, True),
        (least(30), 29.9, False),
    ],
)
def test_a_goal_is_reached_at_its_limit(goal, value, reached):
    assert goal.reached(value) is reached


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.0512, "0.0512"), (2.345, "2.35"), (153, "153"), (56789, "56.8 k"), (5.61e6, "5.61 M")],
)
def test_three_digits_matter(number, text):
    assert rounds.short(number) == text
