"""What a door may ask for, and what it is told when it asks for something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from relay import actions
from relay.actions import Cancel, CancelAll, Open, Pin
from relay.errors import BadParams, BadTicker, RelayError
from relay.exchanges import Exchanges
from relay.find import Find

ID = "739113577038255616"
FIND = {"bare": "BTCUSDT"}


def test_open_takes_a_find_or_a_pattern(exchanges: Exchanges) -> None:
    by_find = actions.open_of({"find": FIND}, exchanges)
    by_ticker = actions.open_of({"ticker": "OKX:BTC-USDT.p"}, exchanges)

    assert by_find == Open(Find(bare="BTCUSDT"))
    assert by_ticker.find.exchange == "OKX"


@pytest.mark.parametrize(
    ("params", "binding"),
    [
        ({}, None), ({"target": None}, None), ({"target": {}}, None),
        ({"target": {"binding": None}}, None), ({"target": {"binding": "001"}}, "001"),
        ({"target": {"binding": "500"}}, "500"), ({"binding": "007"}, "007"),
        ({"target": {"binding": ""}}, None),
    ],
)  # fmt: skip
def test_open_may_name_a_binding(
    exchanges: Exchanges, params: dict[str, Any], binding: str | None
) -> None:
    assert actions.open_of({"find": FIND, **params}, exchanges).binding == binding


@pytest.mark.parametrize(
    "params",
    [
        {"target": 7}, {"target": "001"}, {"target": {"binding": "1"}}, {"target": {"binding": 1}},
        {"target": {"binding": "000"}}, {"target": {"binding": "501"}}, {"binding": "٠٠١"},
        {"target": {"binding": ["001"]}}, {"target": {"binding": "0001"}},
    ],
)  # fmt: skip
def test_a_binding_that_cannot_be_is_refused(exchanges: Exchanges, params: dict[str, Any]) -> None:
    with pytest.raises(BadParams):
        actions.open_of({"find": FIND, **params}, exchanges)


def test_a_combo_is_one_find_or_a_list(exchanges: Exchanges) -> None:
    one = actions.combo_of({"find": FIND}, exchanges)
    mixed = actions.combo_of({"tickers": ["BTCUSDT", {"bare": "ETHUSDT"}]}, exchanges)

    assert one.finds == (Find(bare="BTCUSDT"),)
    assert [find.bare for find in mixed.finds] == ["BTCUSDT", "ETHUSDT"]
    assert len(actions.combo_of({"finds": [FIND] * 20}, exchanges).finds) == actions.MAX_COMBO


@pytest.mark.parametrize("listed", [[], ["BTCUSDT"] * 21, "BTCUSDT", {}, 7])
def test_a_combo_of_none_or_too_many_is_refused(exchanges: Exchanges, listed: Any) -> None:
    with pytest.raises(BadParams):
        actions.combo_of({"tickers": listed}, exchanges)


def test_a_combo_of_something_else_is_refused(exchanges: Exchanges) -> None:
    with pytest.raises(BadTicker):
        actions.combo_of({"tickers": ["no ticker"]}, exchanges)
    with pytest.raises(BadParams):
        actions.combo_of({"tickers": [7]}, exchanges)


def test_resolve_takes_what_open_takes(exchanges: Exchanges) -> None:
    assert actions.find_of({"find": FIND}, exchanges) == Find(bare="BTCUSDT")


@pytest.mark.parametrize(
    ("kind", "number"),
    [("limit", 0), ("stop", 1), ("stop-loss", 2), ("take-profit", 3), ("market", 4)],
)
def test_an_order_is_cancelled_by_its_id_of_64_bits_and_its_type(kind: str, number: int) -> None:
    params = {"connection": 4, "order": ID, "ticker": "BTC_USDT", "type": kind}

    assert actions.cancel_of(params) == Cancel(4, int(ID), "BTC_USDT", number)


def test_an_order_without_a_type_is_a_limit_order() -> None:
    assert actions.cancel_of({"connection": 1, "order": "1", "ticker": "龙虾_USDT"}).type == 0


CANCEL = {"connection": 1, "order": "1", "ticker": "A", "type": "limit"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"order": 1}, "order"), ({"order": "1.0"}, "order"), ({"order": "-1"}, "order"),
        ({"order": ""}, "order"), ({"order": None}, "order"), ({"order": "٣"}, "order"),
        ({"order": "1" * 21}, "order"), ({"type": "iceberg"}, "type"), ({"type": 0}, "type"),
        ({"type": None}, "type"), ({"connection": "1"}, "connection"),
        ({"connection": True}, "connection"), ({"connection": -1}, "connection"),
        ({"connection": 2**31}, "connection"), ({"connection": None}, "connection"),
        ({"connection": 1.0}, "connection"), ({"ticker": ""}, "ticker"), ({"ticker": 1}, "ticker"),
        ({"ticker": "A" * 65}, "ticker"), ({"ticker": "A\n"}, "ticker"),
        ({"ticker": None}, "ticker"),
    ],
)  # fmt: skip
def test_a_cancellation_that_cannot_be_meant_names_the_field(
    wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadParams) as caught:
        actions.cancel_of(CANCEL | wrong)

    assert caught.value.params["field"] == field


def test_all_orders_of_a_ticker_are_named_by_connection_and_ticker() -> None:
    assert actions.cancel_all_of(CANCEL) == CancelAll(1, "A")


@pytest.mark.parametrize(
    ("params", "on"), [({}, True), ({"on": True}, True), ({"on": False}, False)]
)
def test_a_pin_is_set_or_taken_away(params: dict[str, Any], on: bool) -> None:
    assert actions.pin_of(CANCEL | params) == Pin(1, "A", on)


@pytest.mark.parametrize("on", [0, 1, "yes", None])
def test_a_pin_is_not_half_set(on: Any) -> None:
    with pytest.raises(BadParams):
        actions.pin_of(CANCEL | {"on": on})


Read = Callable[[Mapping[str, Any], Exchanges], object]


@pytest.mark.parametrize("read", [actions.open_of, actions.combo_of, actions.find_of])
@pytest.mark.parametrize("params", [{}, {"find": None}, {"ticker": None}, {"ticker": 7}])
def test_a_request_for_nothing_is_refused(
    exchanges: Exchanges, read: Read, params: dict[str, Any]
) -> None:
    with pytest.raises(RelayError) as caught:
        read(params, exchanges)

    assert caught.value.code == "bad-params"
