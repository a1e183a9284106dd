"""What leaves a trader's machine in a recording, and what does not."""

import json

import pytest

from relay.errors import TerminalGone, TerminalRefused, TerminalSilent
from relay.redact import PUBLIC, Redactor, encode, loggable
from relay.subscriptions import FAMILIES

ORDER = (
    '{"connectionId":1,"ticker":"BTCUSDT","count":1,"orders":[{"Id":123456789,"Ticker":"BTCUSDT",'
    '"ClientId":"ms_1","Side":1,"Price":65000.00,"Size":0.01,"FilledSize":0.0,"FilledPrice":0.0,'
    '"RemainingSize":0.01,"Status":1,"Type":0,"TriggerPrice":null,"CreateDate":"2026"}]}'
)
OWN = ("order_", "position_", "balance_", "finres_", "notification_", "signal_", "user_", "ui_")
SECRETS = ("123456789", "ms_1", "65000", "0.01")


def test_a_reply_has_no_secret_left_and_keeps_its_shape():
    text = Redactor().reply("/api/connections/1/orders?Ticker=BTCUSDT", ORDER)

    assert not [secret for secret in SECRETS if secret in text]
    assert text == (
        '{"connectionId":1,"ticker":"BTCUSDT","count":1,"orders":[{"Id":1,"Ticker":"BTCUSDT",'
        '"ClientId":"id-2","Side":1,"Price":3.0,"Size":4.0,"FilledSize":0.0,"FilledPrice":0.0,'
        '"RemainingSize":4.0,"Status":1,"Type":0,"TriggerPrice":null,"CreateDate":"2026"}]}'
    )


def test_the_same_value_has_the_same_stand_in_in_reply_and_frame():
    redactor = Redactor()
    redactor.reply("/api/connections/1/orders", ORDER)
    frame = redactor.frame(
        '{"Type":"order_update","Data":{"orderId":123456789,"price":65000.0,"size":0.010}}'
    )

    assert frame == '{"Type":"order_update","Data":{"orderId":1,"price":3.0,"size":4.0}}'


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/connections/1/tickers", '{"tickers":[{"Name":"BTCUSDT","MinSize":0.001}]}'),
        ("/api/connections/1/orderbook-snapshot", '{"asks":[{"price":65010.0,"size":0.5}]}'),
    ],
)
def test_market_data_stays_to_the_letter(path, body):
    assert Redactor().reply(path, body) == body


@pytest.mark.parametrize(
    "kind",
    ["trade_update", "trade_subscribed", "orderbook_snapshot", "orderbook_update", "subscribed",
     "mark_price_update", "index_price_update", "funding_update", "large_trades_update",
     "density_map_snapshot", "liquidations_metadata"],
)  # fmt: skip
def test_frames_of_the_market_stay_to_the_letter(kind):
    text = f'{{"Type": "{kind}", "Data": {{"price": 65000.00}}}}'

    assert Redactor().frame(text) == text


@pytest.mark.parametrize(
    ("path", "body", "secret"),
    [
        ("/api/connections", '{"connections":[{"Id":4,"Name":"Wife money"}]}', "Wife"),
        ("/api/connections/4", '{"Id":4,"Name":"Wife money"}', "Wife"),
        ("/api/ui/state", '{"windows":[{"tabs":[{"name":"Secret plan"}]}]}', "plan"),
        ("/api/connections/4/balance", '{"balances":[{"Coin":"USDT","Total":12345.6}]}', "12345"),
        ("/api/connections/4/positions", '{"positions":[{"Id":9876,"Size":0.5}]}', "9876"),
        ("/api/connections/4/user-levels?Ticker=A", '{"userLevels":[{"Note":"stop me"}]}', "stop"),
        (
            "/api/connections/4/orderbook-settings",
            '{"settings":{"DefaultOrderUsd":7777.0}}',
            "7777",
        ),
        ("/api/screener/templates", '{"templates":[{"id":5,"name":"My edge"}]}', "edge"),
        ("/api/connections/4/orders", "not JSON: 65000", "65000"),
    ],
)
def test_what_is_the_traders_own_goes(path, body, secret):
    assert secret not in Redactor().reply(path, body)


@pytest.mark.parametrize(
    "key",
    ["tradeAmount1", "TradeAmount5", "tradeAmountUsd3", "TRADEAMOUNTUSD5", "trade_amount_2",
     "trade_amount_usd_4"],
)  # fmt: skip
def test_the_working_volumes_of_newer_builds_go_however_they_are_spelled(key):
    path = "/api/connections/4/orderbook-settings?Ticker=A"
    body = f'{{"settings":{{"RowHeight":12.0,"{key}":7777.5}}}}'

    assert Redactor().reply(path, body) == f'{{"settings":{{"RowHeight":12.0,"{key}":1.0}}}}'


@pytest.mark.parametrize(
    "key",
    ["Pnl", "unrealizedPnl", "RealizedPnL", "unrealized_pnl", "PnlPercent", "unrealisedProfit",
     "margin", "InitialMargin", "maintenance_margin", "MarginBalance", "walletBalance", "Equity",
     "NotionalUsd", "liquidationPrice", "LiqPrice", "entryPrice", "BreakEvenPrice", "leverage",
     "Quantity", "qty", "amount"],
)  # fmt: skip
def test_what_newer_builds_may_say_of_a_position_goes_too(key):
    """No document has these (edition 3, 2026-08); the list of names must not be what protects."""
    row = f'{{"Ticker":"BTCUSDT","Side":1,"MarginMode":0,"{key}":7777.5}}'
    reply = Redactor().reply("/api/connections/4/positions", f'{{"positions":[{row}]}}')
    frame = Redactor().frame(f'{{"Type":"position_update","Data":{row}}}')

    cleaned = row.replace("7777.5", "1.0")
    assert reply == f'{{"positions":[{cleaned}]}}'
    assert frame == f'{{"Type":"position_update","Data":{cleaned}}}'


@pytest.mark.parametrize(
    "kind", ["orders_update", "fill_update", "Order_Update", "account_snapshot", "trade_updates",
             "annotations_snapshot", "", "x"],
)  # fmt: skip
def test_a_frame_of_a_kind_that_is_not_known_is_cleaned_like_the_traders_own(kind):
    frame = f'{{"Type":"{kind}","Data":{{"ticker":"BTCUSDT","orderId":4711,"size":0.5}}}}'

    assert Redactor().frame(frame) == (
        f'{{"Type":"{kind}","Data":{{"ticker":"BTCUSDT","orderId":1,"size":2.0}}}}'
    )


@pytest.mark.parametrize(
    "frame",
    [
        '{"orderId":4711}',
        '[{"orderId":4711}]',
        '{"Type":null,"size":4711}',
        '{"Type":"trade_update","type":"x","size":4711}',
        '{"type":"x","Type":"trade_update","size":4711}',
    ],
)
def test_so_is_one_that_does_not_say_its_kind_or_two_of_them(frame):
    assert "4711" not in Redactor().frame(frame)


def test_what_passes_for_the_markets_is_documented():
    documented = {kind for family in FAMILIES for kind in (*family.updates, family.first)}
    acks = {family.type(f"{verb}d") for family in FAMILIES for verb in ("subscribe", "unsubscribe")}

    assert documented | acks >= PUBLIC
    assert not [kind for kind in PUBLIC if kind.startswith(OWN)]


def test_connection_ids_stay_because_others_need_them():
    assert '"Id":4' in Redactor().reply("/api/connections", '{"connections":[{"Id":4,"Name":"x"}]}')


@pytest.mark.parametrize("text", ["{", "[" * 100000, "5", '{"Type":5}', ""])
def test_a_frame_that_is_none_tells_nothing(text):
    assert len(Redactor().frame(text)) <= 10


def test_numbers_keep_their_spelling():
    text = '{"a":[1.50,1,null,true,"й"]}'
    from decimal import Decimal

    assert encode(json.loads(text, parse_float=Decimal)) == text


@pytest.mark.parametrize(
    "path", ["/api/connections/4/leverage-limits?Ticker=A", "/api/connections/4/balance", "/ping",
             "/api/screener/templates"],
)  # fmt: skip
def test_the_words_of_an_exchange_go_those_of_the_terminal_stay(path):
    theirs = '{"error":"Account 4711 has 12.5 USDT, needs 99","executionTimeMs":98.7512}'
    redactor = Redactor()
    text = redactor.reply(path, theirs)

    assert text == '{"error":"sentence-1","executionTimeMs":98.7512}'
    assert redactor.reply(path, theirs) == text
    for own in ("Connection 4 not found", "Query parameter 'Ticker' is required", "Not found",
                "Ticker 'BTCUSDT' not found on connection 4"):  # fmt: skip
        body = json.dumps({"error": own}, separators=(",", ":"))
        assert redactor.reply(path, body) == body


def test_so_it_is_with_the_frames_of_errors():
    redactor = Redactor()
    own = '{"Type":"error","Data":{"error":"Connection 9 not found or not active"}}'

    assert redactor.frame(own) == own
    assert redactor.frame('{"type":"error","data":{"Error":"key ABC is wrong"}}') == (
        '{"type":"error","data":{"Error":"sentence-1"}}'
    )


def test_what_a_screener_looks_for_goes_and_its_shape_stays():
    body = (
        '{"count":1,"templates":[{"id":5,"name":"Edge","settings":{"columnFilters":[{"type":"Vol",'
        '"min":5000000,"on":true}],"coinTags":["AI"],"numberOfRows":0,"activeFilter":null}}]}'
    )

    assert Redactor().reply("/api/screener/templates", body) == (
        '{"count":1,"templates":[{"id":5,"name":"text-1","settings":{"columnFilters":[{"type":'
        '"text-2","min":3,"on":true}],"coinTags":["text-4"],"numberOfRows":0,"activeFilter":null}}]}'
    )


def test_a_notification_of_the_traders_own_programs_is_not_told():
    row = '{"Type":"notification_update","Data":{"notifications":[{"type":"%s","price":5.0}]}}'
    redactor = Redactor()

    assert '"type":"Trade"' in redactor.frame(row % "Trade")
    assert "whale" not in redactor.frame(row % "my whale bot")
    assert '"Type":"notification_update"' in redactor.frame(row % "x")


def test_a_log_says_of_a_failure_what_is_nobodys_secret():
    known = TerminalRefused("Connection 7 is not active", 409)
    foreign = TerminalRefused("Insufficient balance: 12345.67 USDT", 400)
    failed = TerminalSilent("it answered 500: 12345.67", terminal="12345.67", status=500)

    assert loggable(known) == "Connection 7 is not active"
    assert loggable(foreign) == "terminal-refused (400)"
    assert loggable(failed) == "no-answer (500)"
    assert loggable(TerminalGone("nothing listens")) == "nothing listens"
    assert loggable(ValueError("12345.67")) == "ValueError"
