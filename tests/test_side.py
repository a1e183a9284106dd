"""One half of a book: what is far, and what a mark takes away."""

from __future__ import annotations

from decimal import Decimal

from relay.side import Level, Side


def test_further_from_the_spread_is_larger_on_both_sides() -> None:
    ask, bid = Side("ask"), Side("bid")

    assert ask.distance(b"101.5") > ask.distance(b"101")
    assert bid.distance(b"98.5") > bid.distance(b"99")


def test_a_percentage_bounds_both_sides_from_the_best_on() -> None:
    ask, bid = Side("ask"), Side("bid")

    assert ask.bound(Decimal(2), b"100") == ask.distance(b"102")
    assert bid.bound(Decimal(2), b"100") == bid.distance(b"98")
    assert ask.bound(None, b"100") == ask.bound(Decimal(2), None) == Decimal("Infinity")


def test_a_mark_takes_away_what_lay_before_it_when_it_was_set() -> None:
    side = Side("bid")
    for at, price in enumerate((b"100", b"99", b"98", b"100.5")):
        side.levels[price] = Level(price, b"1", at)
    side.drop_crossed()
    assert len(side.levels) == 4, "without a mark nothing goes"
    side.marks.append((side.distance(b"99"), 2))
    side.drop_crossed()

    assert set(side.levels) == {b"99", b"98", b"100.5"}
    assert side.marks == []
