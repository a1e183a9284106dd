"""Rows in one spelling, and changes that merge without losing the last word on a key."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.rows import KINDS, Balance, Change, Order, Position, type_number

ORDER = Order(
    connection=4, id="739113577038255616", ticker="BTC_USDT", side="buy", type="stop",
    price="65000.00", size="0.010", filled="0", filled_price="0", status="open",
    created="2026-03-13T10:30:00+00:00", trigger="64000.50", client_id="ms_1",
)  # fmt: skip
KEYS = st.sets(st.sampled_from("abcd"))
CHANGES = st.builds(
    lambda put, drop, stale, reset: Change(
        {"orders": put}, {"orders": drop - put}, stale, reset
    ),
    KEYS, KEYS, st.booleans(), st.booleans(),
)  # fmt: skip


def test_an_order_is_told_with_its_numbers_as_strings() -> None:
    assert ORDER.as_json() == {
        "key": "4:739113577038255616", "connection": 4, "id": "739113577038255616",
        "ticker": "BTC_USDT", "side": "buy", "type": "stop", "price": "65000.00", "size": "0.010",
        "filled": "0", "filledPrice": "0", "trigger": "64000.50", "status": "open",
        "created": "2026-03-13T10:30:00+00:00", "clientId": "ms_1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "number"),
    [("limit", 0), ("market", 4), ("9", 9), ("TrailingStop", None), ("٩", None), ("10000", None)],
)
def test_a_type_is_told_to_the_terminal_by_its_number(kind: str, number: int | None) -> None:
    assert type_number(kind) == number


def test_a_position_and_a_balance_are_told() -> None:
    position = Position(1, "7", "ETHUSDT", "short", "1.50", "3200.00", "cross")
    balance = Balance(1, "USDT", "10000.00", "8500.0", "1500")

    assert position.as_json() == {
        "key": "1:7", "connection": 1, "id": "7", "ticker": "ETHUSDT", "side": "short",
        "size": "1.50", "entry": "3200.00", "marginMode": "cross",
    }  # fmt: skip
    assert balance.as_json() == {
        "key": "1:USDT", "connection": 1, "coin": "USDT", "total": "10000.00", "free": "8500.0",
        "locked": "1500",
    }  # fmt: skip


def test_no_row_holds_a_float() -> None:
    """An id of 64 bits or a price that went through a float is another one."""
    rows = [ORDER, Position(1, "7", "A", "long", "1", "2"), Balance(1, "A", "1", "1", "0")]
    told = json.loads(json.dumps([row.as_json() for row in rows]))

    assert not [value for row in told for value in row.values() if isinstance(value, float)]


def test_a_change_is_true_when_it_says_anything() -> None:
    assert not Change()
    assert not Change(put={"orders": set()}, drop={"orders": set()})
    assert Change(stale=True)
    assert Change(reset=True)
    assert Change(put={"orders": {"a"}})
    assert Change(drop={"balances": {"a"}})


def test_the_last_word_on_a_key_wins() -> None:
    change = Change(put={"orders": {"a", "b"}})
    change.add(Change(drop={"orders": {"a"}}))
    change.add(Change(put={"orders": {"c"}}, drop={"orders": {"b"}}))
    change.add(Change(put={"orders": {"b"}}))

    assert change.put["orders"] == {"b", "c"}
    assert change.drop["orders"] == {"a"}


def test_kinds_do_not_mix_and_flags_stay() -> None:
    change = Change(put={"orders": {"a"}}, stale=True)
    change.add(Change(drop={"positions": {"a"}}, reset=True))
    change.add(Change())

    assert change.put["orders"] == {"a"}
    assert change.drop["positions"] == {"a"}
    assert (change.stale, change.reset) == (True, True)


@given(st.lists(CHANGES, max_size=6))
def test_merged_changes_say_of_each_key_what_the_last_of_them_said(changes: list[Change]) -> None:
    merged = Change()
    last: dict[str, str] = {}
    for change in changes:
        merged.add(change)
        last |= dict.fromkeys(change.drop["orders"], "drop")
        last |= dict.fromkeys(change.put["orders"], "put")

    assert {key for key, word in last.items() if word == "put"} == merged.put.get("orders", set())
    assert {key for key, word in last.items() if word == "drop"} == merged.drop.get("orders", set())
    assert merged.stale == any(change.stale for change in changes)
    assert merged.reset == any(change.reset for change in changes)
    assert set(merged.put) <= set(KINDS)
