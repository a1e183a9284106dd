"""A scope holds those before it, and none after it."""

from itertools import product

from relay.scopes import SCOPES, holds


def test_each_holds_those_before_it():
    held = {(one, other) for one, other in product(SCOPES, SCOPES) if holds(one, other)}

    assert held == {
        ("read", "read"), ("ui", "read"), ("ui", "ui"),
        ("trade", "read"), ("trade", "ui"), ("trade", "trade"),
    }  # fmt: skip
