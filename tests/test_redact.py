"""What leaves a trader's machine in a recording, and what does not."""

import json

import pytest

from relay.redact import Redactor, encode

ORDER = (
    '{"connectionId":1,"ticker":"BTCUSDT","count":1,"orders":[{"Id":123456789,"Ticker":"BTCUSDT",'
    '"ClientId":"ms_1","Side":1,"Price":65000.00,"Size":0.01,"FilledSize":0.0,"FilledPrice":0.0,'
    '"RemainingSize":0.01,"Status":1,"Type":0,"TriggerPrice":null,"CreateDate":"2026"}]}'
)
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


@pytest.mark.parametrize("kind", ["trade_update", "orderbook_update", "subscribed"])
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


def test_connection_ids_stay_because_others_need_them():
    assert '"Id":4' in Redactor().reply("/api/connections", '{"connections":[{"Id":4,"Name":"x"}]}')


@pytest.mark.parametrize("text", ["{", "[" * 100000, "5", '{"Type":5}', ""])
def test_a_frame_that_is_none_tells_nothing(text):
    assert len(Redactor().frame(text)) <= 10


def test_numbers_keep_their_spelling():
    text = '{"a":[1.50,1,null,true,"й"]}'
    from decimal import Decimal

    assert encode(json.loads(text, parse_float=Decimal)) == text
