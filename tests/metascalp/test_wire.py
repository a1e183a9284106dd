"""The terminal's words in every spelling the documents and captures have.

Examples: MetaScalp API, edition 3, 2026-08; key cases of editions 1 and 2 and of captures.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from relay.connection import Connection
from relay.exchanges import Exchanges
from relay.metascalp import wire
from relay.tickers import Listed

CONNECTIONS = (
    '{"connections":[{"Id":1,"Name":"Binance Futures","Exchange":"Binance","ExchangeId":2,'
    '"Market":"USDT Futures","MarketType":2,"State":2,"ViewMode":false,"DemoMode":false},'
    '{"Id":3,"Name":"Bybit Spot","Exchange":"Bybit","ExchangeId":6,"Market":"Spot",'
    '"MarketType":0,"State":2,"ViewMode":true,"DemoMode":true}]}'
)
TICKERS = (
    '{"connectionId":1,"count":2,"tickers":[{"Name":"BTCUSDT","BaseAsset":"BTC","QuoteAsset":'
    '"USDT","IsTradingAllowed":true,"PriceIncrement":0.01,"SizeIncrement":0.001,"MinSize":0.001,'
    '"MaxSize":1000.0},{"Name":"OLDUSDT","BaseAsset":"OLD","QuoteAsset":"USDT",'
    '"IsTradingAllowed":false,"MaxSize":null}]}'
)


def camel(key: str) -> str:
    return key[:1].lower() + key[1:]


def pascal(key: str) -> str:
    return key[:1].upper() + key[1:]


def cased(value: Any, case: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {case(key): cased(one, case) for key, one in value.items()}
    return [cased(one, case) for one in value] if isinstance(value, list) else value


CASES = pytest.mark.parametrize("case", [str, camel, pascal, str.lower, str.upper])


@CASES
def test_connections_are_read_in_any_case_of_their_keys(
    exchanges: Exchanges, case: Callable[[str], str]
) -> None:
    body = json.dumps(cased(json.loads(CONNECTIONS), case))

    assert wire.connections_in(wire.decode(body), exchanges) == [
        Connection(1, "Binance Futures", "BINANCE", "Binance", 2, "USDT Futures", 2, "futures",
                   "connected"),
        Connection(3, "Bybit Spot", "BYBIT", "Bybit", 6, "Spot", 0, "spot", "connected", True,
                   True),
    ]  # fmt: skip


@CASES
def test_tickers_are_read_in_any_case_of_their_keys(case: Callable[[str], str]) -> None:
    body = json.dumps(cased(json.loads(TICKERS), case))

    assert wire.tickers_in(wire.decode(body)) == [
        Listed("BTCUSDT", "BTC", "USDT"), Listed("OLDUSDT", "OLD", "USDT", tradable=False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "has"),
    [
        ({"Id": 9}, {"name": "#9", "exchange_id": -1, "kind": "other", "state": "disconnected"}),
        ({"Id": 9, "State": 7}, {"state": "disconnected"}),
        ({"Id": 9, "State": "Connected"}, {"state": "disconnected"}),
        ({"Id": 9, "State": 1, "MarketType": 9}, {"state": "connecting", "kind": "stock"}),
        ({"Id": 9, "ExchangeId": 77, "Exchange": "Gate"}, {"exchange": "GATEIO"}),
        ({"Id": 9, "ExchangeId": 77, "Exchange": "Brandnew"}, {"exchange": "BRANDNEW"}),
        ({"Id": 9, "Name": None, "ViewMode": None}, {"name": "#9", "view_mode": False}),
    ],
)
def test_a_connection_with_odd_fields_is_still_one(
    exchanges: Exchanges, row: dict[str, Any], has: dict[str, Any]
) -> None:
    (found,) = wire.connections_in(wire.decode(json.dumps({"connections": [row]})), exchanges)

    assert {name: getattr(found, name) for name in has} == has


@pytest.mark.parametrize(
    "reply",
    [None, 7, "text", [], {}, {"connections": None}, {"connections": {"id": 1}}, [1, None, [2]],
     {"connections": [{"Name": "no id"}, {"id": "1"}, 7]}],
)  # fmt: skip
def test_what_is_no_list_of_rows_has_none(exchanges: Exchanges, reply: Any) -> None:
    assert wire.connections_in(reply, exchanges) == []
    assert wire.tickers_in(reply) == []
    assert wire.screen_tickers_in(reply) == set()


def test_a_list_without_its_wrapper_is_read_too(exchanges: Exchanges) -> None:
    rows = wire.decode(CONNECTIONS)["connections"]

    assert len(wire.connections_in(rows, exchanges)) == 2


def test_what_the_windows_show_is_gathered_from_all_of_them() -> None:
    document = {"ConnectionId": 1, "Ticker": "BTCUSDT"}
    documents = [document, document, {"ConnectionId": 3, "Ticker": ""}]
    reply = {
        "StandaloneCharts": [{"ConnectionId": 2, "Ticker": "ETHUSDT"}, {"Ticker": "nowhere"}],
        "Windows": [{"Tabs": [{"Documents": documents}, {"Documents": None}]}, {"Tabs": 7}, None],
    }

    assert wire.screen_tickers_in(wire.decode(json.dumps(reply))) == {
        (1, "BTCUSDT"), (2, "ETHUSDT"),
    }  # fmt: skip


def test_decimals_keep_every_digit_and_ids_all_64_bits() -> None:
    data = wire.decode(b'{"Price":65000.00,"Size":1E-8,"Id":9223372036854775807}')

    assert str(data["price"]) == "65000.00"
    assert data["size"] == Decimal("1E-8")
    assert data["id"] == 2**63 - 1


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error":"Connection 99 not found"}', "Connection 99 not found"),
        (b'{"Error":"Not found"}', "Not found"),
        (b'{"error":"(exchange text)","executionTimeMs":98.7512}', "(exchange text)"),
        (b'{"error":null}', "None"),
        (b"<html>", "<html>"), (b"", ""), (b"[]", "[]"), (b"\xff", "\ufffd"),
        (b"x" * 500, "x" * 200),
        (b"[" * 100_000, "[" * 200),
    ],
)  # fmt: skip
def test_an_error_is_the_terminals_own_words_or_the_start_of_the_body(
    body: bytes, text: str
) -> None:
    assert wire.error_in(body) == text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (wire.tickers_path(4), "/api/connections/4/tickers"),
        (wire.orders_path(4), "/api/connections/4/orders"),
        (wire.orders_path(4, "BTC_USDT"), "/api/connections/4/orders?Ticker=BTC_USDT"),
        (wire.orders_path(7, "BTC/USDT"), "/api/connections/7/orders?Ticker=BTC%2FUSDT"),
        (wire.orders_path(4, "GOLD(XAUT)_USDT"),
         "/api/connections/4/orders?Ticker=GOLD%28XAUT%29_USDT"),
        (wire.orders_path(1, "龙虾&a=b\r\n"),
         "/api/connections/1/orders?Ticker=%E9%BE%99%E8%99%BE%26a%3Db%0D%0A"),
        (wire.cancel_path(4), "/api/connections/4/orders/cancel"),
        (wire.cancel_all_path(4), "/api/connections/4/orders/cancel-all"),
        (wire.positions_path(4), "/api/connections/4/positions"),
        (wire.balance_path(4), "/api/connections/4/balance"),
    ],
)  # fmt: skip
def test_paths_are_the_documented_ones_whatever_the_ticker(path: str, expected: str) -> None:
    assert path == expected


def test_messages_are_written_with_the_documented_names() -> None:
    assert wire.encode(wire.subscribe(1)) == b'{"Type":"subscribe","Data":{"ConnectionId":1}}'
    assert wire.encode({"Ticker": "龙虾"}).decode() == '{"Ticker":"龙虾"}'


@pytest.mark.parametrize("number", ["1e99999999999999999999", "-1e-99999999999999999999999"])
def test_a_number_nobody_can_mean_is_a_value_error_like_any_bad_json(number: str) -> None:
    """It is an ArithmeticError of decimal's, which no reader of the wire expects."""
    with pytest.raises(ValueError, match="not a number"):
        wire.decode(f'{{"app":{number}}}')


STATE = {
    "Windows": [
        {"Type": "Workspace", "Tabs": [
            {"Name": "Tab 1", "IsSelected": False, "Documents": [
                {"ExternalId": "a", "Kind": "orderBook", "ConnectionId": 1, "Ticker": "BTCUSDT",
                 "LinkNumber": 3},
                {"ExternalId": "", "Kind": "chart"},
                7,
            ]},
            "odd",
        ]},
        None,
    ],
    "StandaloneCharts": [{"ExternalId": "b", "Kind": "chart", "LinkNumber": 9999}],
}  # fmt: skip


@pytest.mark.parametrize("spell", [str.lower, str.upper, str])
def test_the_panels_of_every_window_are_read_whatever_the_case(spell: Callable[[str], str]) -> None:
    text = json.dumps(STATE)
    for name in ("Windows", "Type", "Tabs", "Name", "IsSelected", "Documents", "ExternalId"):
        text = text.replace(f'"{name}"', f'"{spell(name)}"')

    first, second = wire.panels_in(wire.decode(text))

    assert (first.id, first.binding, first.tab, first.front) == ("a", "003", "Tab 1", False)
    assert (second.id, second.link, second.connection, second.front) == ("b", None, None, True)


@pytest.mark.parametrize("reply", [None, [], 7, "x", {"windows": 7}, {"windows": [{"tabs": {}}]}])
def test_what_is_no_screen_has_no_panels(reply: Any) -> None:
    assert wire.panels_in(reply) == []


@pytest.mark.parametrize(
    ("refusal", "names"),
    [
        ("Binding '500' not found. Available: 001, 003", ["001", "003"]),
        ("Binding '500' not found. Available: 3;001 003", ["001", "003"]),
        ("Binding '500' not found. Available: ", []),
        ("No connection found for exchange 32767 and market 0", None),
        ("Available: 001", None),
    ],
)
def test_a_refused_binding_names_those_that_exist(refusal: str, names: list[str] | None) -> None:
    assert wire.bindings_in(refusal) == names


def test_a_price_is_written_digit_by_digit_as_a_number() -> None:
    body = wire.encode({"Ticker": 'B"', "Price": Decimal("1E-8"), "N": None, "L": ["龙"]})

    assert body.decode() == '{"Ticker":"B\\"","Price":0.00000001,"N":null,"L":["龙"]}'


def test_positions_and_orders_are_told_without_their_sizes() -> None:
    rows = '{"positions":[{"Ticker":"A","Side":2,"Size":0.5},{"Ticker":"B","Side":1,"Size":0.0}]}'
    positions = wire.decode(rows)

    assert wire.side_in(positions, "A") == "short"
    assert wire.side_in(positions, "B") is None
    assert wire.side_in([], "A") is None
    assert wire.orders_count_in({"orders": [{}, {}, 7]}) == 2
