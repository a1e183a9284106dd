"""The rows about requests, on small numbers: who is in them, and that answers are checked."""

from __future__ import annotations

import json

import pytest

from edges.benching.conftest import TINY_REST
from relay import spelling
from relay.edges.benching import payloads, rest, rounds
from relay.edges.benching.contenders import DIRECT, RELAY
from relay.edges.benching.reading import Wrong


def test_every_row_is_measured(field, anywhere):
    rows = [rounds.run(one, 1) for one in rest.workloads(field, anywhere, TINY_REST)]

    assert [row.failed for row in rows] == [{}] * 4
    assert [list(row.shown) for row in rows if "both" not in row.name] == [[DIRECT, RELAY]] * 3
    for row in rows:
        assert all(shown[row.key].median > 0 for shown in row.shown.values())


def test_the_lists_in_both_spellings_are_compared_with_the_list_as_it_is(field, anywhere):
    (both,) = [one for one in rest.workloads(field, anywhere, TINY_REST) if "both" in one.name]
    row = rounds.run(both, 1)

    names = [name for name, _, _ in row.figures]
    assert names == ["÷ as it is", "÷ as it is, when each list is new"]


def test_a_list_in_both_spellings_is_read_before_it_is_believed():
    good = spelling.spell(payloads.tickers(), "both")
    check = rest.Once(payloads.TICKERS)

    assert check(good)
    assert check(good)
    assert not check(good + b" ")


@pytest.mark.parametrize("count", [559, 561])
def test_a_list_of_another_length_is_wrong(count):
    good = spelling.spell(payloads.tickers(), "both")

    with pytest.raises(Wrong):
        rest.Once(count)(good)


def test_a_list_with_one_name_changed_is_wrong():
    rows = json.loads(spelling.spell(payloads.tickers(), "both"))
    rows["tickers"][5]["ticker"] = "OTHER"

    with pytest.raises(Wrong, match="both spellings"):
        rest.Once(payloads.TICKERS)(json.dumps(rows).encode())
