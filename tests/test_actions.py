"""What a door may ask for, and what it is told when it asks for something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
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
    [("limit", 0), ("stop", 1), ("stop-loss", 2), ("take-profit", 3), ("market", 4), ("9", 9)],
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
        ({"type": "9.0"}, "type"), ({"type": "-9"}, "type"), ({"type": "٩"}, "type"),
        ({"type": "10000"}, "type"), ({"type": ""}, "type"),
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


PANEL = "3fa85f64-5717-4562-b3fc-2c963f66afa6"


def test_open_may_name_one_panel(exchanges: Exchanges) -> None:
    action = actions.open_of({"find": FIND, "target": {"panel": PANEL}}, exchanges)

    assert (action.panel, action.binding) == (PANEL, None)


@pytest.mark.parametrize(
    "target",
    [
        {"panel": PANEL, "binding": "001"}, {"panel": "../" + "x" * 33}, {"panel": PANEL + "0"},
        {"panel": 7}, {"panel": [PANEL]}, {"panel": "x" * 36},
    ],
)  # fmt: skip
def test_what_is_no_panel_is_refused(exchanges: Exchanges, target: dict[str, Any]) -> None:
    with pytest.raises(BadParams):
        actions.open_of({"find": FIND, "target": target}, exchanges)


def test_an_alert_keeps_every_digit_of_its_price(exchanges: Exchanges) -> None:
    action = actions.alert_of({"find": FIND, "price": "0.000000123456789012"[:18]}, exchanges)

    assert str(action.price) == "1.234567890E-7"
    assert f"{action.price:f}" == "0.0000001234567890"


@pytest.mark.parametrize(
    "price",
    [None, 1, 64250.5, "", "0", "0.0", "-1", "1e5", "1,5", " 1", "1.", ".5", "NaN", "1" * 17, "１"],
)
def test_a_price_is_digits_above_zero(exchanges: Exchanges, price: Any) -> None:
    with pytest.raises(BadParams):
        actions.alert_of({"find": FIND, "price": price}, exchanges)


def test_a_notice_is_one_line(exchanges: Exchanges) -> None:
    action = actions.notice_of({"find": FIND, "text": " seen ", "price": "1.5"}, exchanges)

    assert (action.text, action.price) == ("seen", Decimal("1.5"))
    for text in (None, 7, "", "  ", "a\nb", "x" * 121, "\u202e"):
        with pytest.raises(BadParams):
            actions.notice_of({"find": FIND, "text": text}, exchanges)


def test_a_lock_names_a_panel() -> None:
    assert actions.lock_of({"panel": PANEL, "on": False}) == actions.Lock(PANEL, on=False)
    for params in ({}, {"panel": 1}, {"panel": "x"}, {"panel": PANEL, "on": 1}):
        with pytest.raises(BadParams):
            actions.lock_of(params)


def test_what_was_typed_and_how_much_is_wanted_are_bounded() -> None:
    assert actions.suggest_of({"text": "btc"}) == ("btc", 20)
    assert actions.suggest_of({"text": "", "limit": 5}) == ("", 5)
    for params in (
        {}, {"text": 1}, {"text": "x" * 201}, {"text": "b", "limit": 0}, {"text": "b", "limit": 21},
        {"text": "b", "limit": True},
    ):  # fmt: skip
        with pytest.raises(BadParams):
            actions.suggest_of(params)
