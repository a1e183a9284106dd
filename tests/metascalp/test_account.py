"""Account data in both forms: numbers by REST, names by stream.

Examples R08 to R10 and V07 to V09: MetaScalp API, edition 3, 2026-08.
"""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from relay.metascalp import account, wire
from relay.rows import Balance, Order, Position

R08 = (
    '{"Id":123456789,"Ticker":"BTCUSDT","ClientId":"ms_limit_1234","Side":1,"Price":65000.00,'
    '"Size":0.01,"FilledSize":0.0,"FilledPrice":0.0,"RemainingSize":0.01,"Status":1,"Type":0,'
    '"TriggerPrice":null,"CreateDate":"2026-03-13T10:30:00+00:00"}'
)
R09 = '{"Id":1,"Ticker":"BTCUSDT","Side":1,"Size":0.05,"AvgPrice":64500.00,"MarginMode":0}'
R10 = '{"Coin":"USDT","Total":10000.00,"Free":8500.00,"Locked":1500.00}'
V07 = (
    '{"connectionId":1,"orderId":98765,"ticker":"BTCUSDT","side":"Buy","type":"Limit","price":'
    '65000.0,"filledPrice":64980.5,"size":0.01,"filledSize":0.0,"fee":0.0013,"feeCurrency":'
    '"USDT","status":"New","time":"2025-03-24T14:30:00+00:00"}'
)
V08 = (
    '{"connectionId":1,"positionId":4321,"ticker":"ETHUSDT","side":"Buy","size":1.5,"avgPrice":'
    '3200.00,"avgPriceFix":3200.00,"avgPriceDyn":3195.50,"status":"Open"}'
)


def changed(text: str, **more: Any) -> Any:
    """The example with some fields replaced, as it comes out of wire.decode."""
    data = wire.decode(text)
    return data | wire.decode(json.dumps(more))


def order(text: str = R08, **more: Any) -> Order:
    (found,) = account.orders_in({"orders": [changed(text, **more)]}, 1)
    return found


def test_an_order_by_rest() -> None:
    assert order() == Order(
        connection=1, id="123456789", ticker="BTCUSDT", side="buy", type="limit",
        price="65000.00", size="0.01", filled="0.0", filled_price="0.0", status="open",
        created="2026-03-13T10:30:00+00:00", trigger=None, client_id="ms_limit_1234",
    )  # fmt: skip


def test_an_order_by_stream() -> None:
    assert account.order_in(wire.decode(V07)) == Order(
        connection=1, id="98765", ticker="BTCUSDT", side="buy", type="limit", price="65000.0",
        size="0.01", filled="0.0", filled_price="64980.5", status="new",
        created="2025-03-24T14:30:00+00:00",
    )  # fmt: skip


def test_an_update_of_a_type_that_is_new_is_one_and_of_a_status_that_is_new_none() -> None:
    """Nobody knows whether such an order is still open."""
    of_type = account.order_in(changed(V07, type="TrailingStop"))

    assert of_type is not None
    assert of_type.type == "TrailingStop"
    assert account.order_in(changed(V07, status="Expired")) is None
    assert account.order_in(changed(V07, status=7)) is None


def test_a_position_in_both_forms() -> None:
    by_rest = account.positions_in(wire.decode('{"positions":[' + R09 + "]}"), 1)
    by_stream = account.position_in(wire.decode(V08))

    assert by_rest == [Position(1, "1", "BTCUSDT", "long", "0.05", "64500.00", "cross")]
    assert by_stream == Position(1, "4321", "ETHUSDT", "long", "1.5", "3200.00")


def test_a_balance_in_both_forms() -> None:
    by_rest = account.balances_in(wire.decode('{"balances":[' + R10 + "]}"), 1)
    by_stream = account.balances_in(
        wire.decode('{"connectionId":1,"balances":[' + R10.lower() + "]}"), 1
    )

    assert by_rest == [Balance(1, "USDT", "10000.00", "8500.00", "1500.00")]
    assert by_stream == [Balance(1, "usdt", "10000.00", "8500.00", "1500.00")]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("65000.00", "65000.00"), ("65000", "65000"), ("0.00000001", "0.00000001"),
        ("1E-8", "0.00000001"), ("1e5", "100000"), ("0.0", "0.0"), ("-1.50", "-1.50"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ('"12.30"', "12.30"),
    ],
)  # fmt: skip
def test_an_amount_is_told_digit_for_digit_and_without_an_exponent(written: str, told: str) -> None:
    text = R08.replace('"Price":65000.00', f'"Price":{written}')
    (found,) = account.orders_in(wire.decode('{"orders":[' + text + "]}"), 1)

    assert found.price == told


@pytest.mark.parametrize("number", [2**53 + 1, 2**63 - 1, 739113577038255616, "739113577038255617"])
def test_an_id_of_64_bits_is_told_whole(number: int | str) -> None:
    assert order(Id=number).id == str(number)


@pytest.mark.parametrize(
    ("field", "value", "name", "told"),
    [
        ("Side", 1, "side", "buy"), ("Side", 2, "side", "sell"), ("Side", "Sell", "side", "sell"),
        ("Side", "SELL", "side", "sell"), ("Type", 0, "type", "limit"), ("Type", 1, "type", "stop"),
        ("Type", 2, "type", "stop-loss"), ("Type", 3, "type", "take-profit"),
        ("Type", 4, "type", "market"), ("Type", "StopLoss", "type", "stop-loss"),
        ("Type", "TakeProfit", "type", "take-profit"), ("Status", 0, "status", "new"),
        ("Status", 2, "status", "closed"), ("Status", "Open", "status", "open"),
        ("Type", 9, "type", "9"), ("Type", "TrailingStop", "type", "TrailingStop"),
        ("Status", 7, "status", "7"), ("Status", "Held", "status", "Held"),
        ("TriggerPrice", 64000.5, "trigger", "64000.5"), ("ClientId", None, "client_id", None),
    ],
)  # fmt: skip
def test_numbers_and_names_of_an_enum_are_one_word(
    field: str, value: Any, name: str, told: Any
) -> None:
    assert getattr(order(**{field: value}), name) == told


@pytest.mark.parametrize(
    ("more", "closed", "side", "margin"),
    [
        ({"status": "Open"}, False, "long", None), ({"status": "Closed"}, True, "long", None),
        ({"status": 2}, True, "long", None), ({"size": 0.0}, True, "long", None),
        ({"size": 0}, True, "long", None), ({"side": "Sell"}, False, "short", None),
        ({"size": 0, "side": 0}, True, "long", None),
        ({"status": "Closed", "side": "None"}, True, "long", None),
        ({"marginMode": 1}, False, "long", "isolated"),
        ({"marginMode": "Cross"}, False, "long", "cross"),
    ],
)  # fmt: skip
def test_a_position_is_closed_by_its_status_or_its_size(
    more: dict[str, Any], closed: bool, side: str, margin: str | None
) -> None:
    found = account.position_in(changed(V08, **more))

    assert found is not None
    assert (found.closed, found.side, found.margin_mode) == (closed, side, margin)


def test_a_position_that_is_closed_is_none_of_the_open_ones() -> None:
    rows = [changed(R09, Size=0), changed(R09, Size=0.0, Side=0), wire.decode(R09)]
    found = account.positions_in({"positions": rows}, 1)

    assert [one.size for one in found] == ["0.05"]
    assert found.odd == 0


@pytest.mark.parametrize("side", [0, "None"])
def test_a_position_that_is_neither_long_nor_short_is_not_told_as_either(
    side: int | str, caplog: pytest.LogCaptureFixture
) -> None:
    """0 is a side of orders alone."""
    with caplog.at_level(logging.WARNING):
        by_rest = account.positions_in({"positions": [changed(R09, Side=side)]}, 1)
        by_stream = account.position_in(changed(V08, side=side))

    assert (by_rest, by_rest.odd, by_stream) == ([], 1, None)
    assert "unreadable Position: side" in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"Id": None}, {"Id": True}, {"Id": 1.5}, {"Ticker": None}, {"Ticker": 7}, {"Side": 3},
        {"Side": "Hold"}, {"Side": True}, {"Side": -1}, {"Type": -1}, {"Type": 5.0},
        {"Type": 10000}, {"Type": True}, {"Type": None}, {"Type": ""}, {"Type": "=1+1"},
        {"Type": "X" * 33}, {"Status": None}, {"Status": "\x1b[2J"},
        {"Price": "much"}, {"Price": True}, {"Price": "NaN"}, {"Price": "1e99999"}, {"Size": None},
        {"Size": []}, {"Size": "Infinity"}, {"Ticker": ""}, {"Ticker": "X" * 129},
        {"Id": ""}, {"Id": "7" * 129}, {"Price": "1." + "0" * 64},
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_read_does_not_hide_the_others(
    wrong: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        rows = [changed(R08, **wrong), wire.decode(R08)]
        found = account.orders_in({"orders": rows}, 1)

    assert [one.id for one in found] == ["123456789"]
    assert found.odd == 1
    assert "unreadable Order" in caplog.text
    assert "65000" not in caplog.text


@pytest.mark.parametrize("reply", [None, [], {}, {"orders": None}, {"orders": 7}, "text"])
def test_what_is_no_reply_has_no_rows_and_does_not_say_that_there_are_none(reply: Any) -> None:
    found = account.orders_in(reply, 1)

    assert (found, found.odd) == ([], 1)


@pytest.mark.parametrize("row", [None, 7, [], "x"])
def test_what_is_no_row_is_none(row: Any) -> None:
    found = account.orders_in({"orders": [row]}, 1)

    assert (found, found.odd) == ([], 1)


def test_what_stands_beside_what_matters_hides_no_row() -> None:
    """A newer build may leave it out, or know a word more."""
    odd = order(Price=None, FilledSize=None, FilledPrice=None, ClientId=7, CreateDate=None)
    (held,) = account.positions_in({"positions": [changed(R09, MarginMode=2, AvgPrice=None)]}, 1)

    assert (odd.price, odd.filled, odd.filled_price) == ("0", "0", "0")
    assert (odd.client_id, odd.created) == ("7", "")
    assert (held.margin_mode, held.entry) == (None, "0")
    assert account.orders_in({"orders": []}, 1).odd == 0


def test_an_update_without_what_makes_it_one_is_none() -> None:
    assert account.order_in({"connectionid": 1}) is None
    assert account.position_in({"connectionid": 1}) is None


def test_an_empty_ticker_is_none_in_updates_and_positions_too() -> None:
    """It would stand for all tickers, and a reading of "all" would drop every order."""
    assert account.order_in(changed(V07, ticker="")) is None
    assert account.position_in(changed(V08, ticker="")) is None
    assert account.positions_in({"positions": [changed(R09, ticker="")]}, 1) == []


def test_texts_that_are_only_shown_are_cut_and_hide_nothing() -> None:
    found = order(ClientId="c" * 500_000, CreateDate="d" * 500_000)

    assert (found.client_id, found.created) == ("c" * 128, "d" * 128)
