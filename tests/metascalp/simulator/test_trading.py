"""Shapes and texts of the trading routes."""

import json
import re
import time

import pytest

from relay.metascalp.simulator import rest
from relay.metascalp.simulator.world import World

ORDERS = "/api/connections/1/orders"


async def test_orders(terminal):
    answer = await terminal.get(f"{ORDERS}?ticker=BTCUSDT")

    assert re.fullmatch(
        r'\{"connectionId":1,"ticker":"BTCUSDT","count":3,"orders":\[\{"Id":\d+,"Ticker":"BTCUSDT",'
        r'"ClientId":"[0-9a-f-]{32}","Side":1,"Price":62400.00,"Size":0.020,"FilledSize":0.0,'
        r'"FilledPrice":0.0,"RemainingSize":0.020,"Status":1,"Type":0,"TriggerPrice":null,'
        r'"CreateDate":"[\d.:T-]+\+00:00"\},.*\]\}',
        answer.text,
    )


async def test_conditional_orders_show_their_trigger(terminal):
    rows = (await terminal.get(f"{ORDERS}?Ticker=BTCUSDT")).json["orders"]

    assert [(row["Type"], row["TriggerPrice"]) for row in rows] == [
        (0, None), (3, 68900), (2, 61100)
    ]  # fmt: skip


async def test_no_orders_are_an_empty_list(terminal):
    answer = await terminal.get("/api/connections/5/orders?Ticker=BTCUSDT")

    assert answer.text == '{"connectionId":5,"ticker":"BTCUSDT","count":0,"orders":[]}'


async def test_positions(terminal):
    answer = await terminal.get("/api/connections/1/positions")

    assert answer.text.startswith(
        '{"connectionId":1,"count":2,"positions":[{"Id":1001,"Ticker":"BTCUSDT","Side":1,'
        '"Size":0.050,"AvgPrice":65000.1'
    )
    assert list(answer.json["positions"][0])[-1] == "MarginMode"
    assert (await terminal.get("/api/connections/3/positions")).json["count"] == 0


async def test_balance(terminal):
    answer = await terminal.get("/api/connections/3/balance")

    assert answer.text.startswith(
        '{"connectionId":3,"count":4,"balances":[{"Coin":"USDT","Total":10000.00000000,'
        '"Free":8745.50000000,"Locked":1254.50000000},'
    )


async def test_placing_a_limit_order(terminal):
    answer = await terminal.post(
        ORDERS, Ticker="BTCUSDT", Side=1, Price=60000.00, Size=0.01, Type=0
    )

    assert re.fullmatch(
        r'\{"status":"ok","clientId":"[0-9a-f-]{32}","executionTimeMs":\d+\.\d{1,4}\}', answer.text
    )
    rows = (await terminal.get(f"{ORDERS}?Ticker=BTCUSDT")).json["orders"]
    assert rows[-1]["ClientId"] == answer.json["clientId"]
    assert rows[-1]["Price"] == 60000


async def test_a_market_order_never_shows_among_the_open_ones(terminal):
    path = "/api/connections/5/orders"
    await terminal.post(path, ticker="BTCUSDT", side=2, size=0.01, type=4)

    assert (await terminal.get(f"{path}?Ticker=BTCUSDT")).json["count"] == 0
    assert (await terminal.get("/api/connections/5/positions")).json["positions"][0]["Side"] == 2


async def test_numbers_as_text_and_names_are_taken(terminal):
    answer = await terminal.post(
        ORDERS, ticker="BTCUSDT", side="buy", price="60000", size="0.01", type="limit"
    )

    assert answer.status == 200


NEEDED = "Invalid request body. 'ticker', 'side', 'price', and 'size' are required."
PRICE = "Price must be greater than zero for non-market orders"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, NEEDED),
        ({"side": 1, "price": 1, "size": 1}, NEEDED),
        ({"ticker": "BTCUSDT", "price": 1, "size": 1}, NEEDED),
        ({"ticker": "BTCUSDT", "side": 0, "price": 1, "size": 1}, NEEDED),
        ({"ticker": "BTCUSDT", "side": 3, "price": 1, "size": 1}, NEEDED),
        ({"ticker": "BTCUSDT", "side": 1, "price": 1}, "Size must be greater than zero"),
        ({"ticker": "BTCUSDT", "side": 1, "price": 1, "size": 0}, "Size must be greater than zero"),
        ({"ticker": "BTCUSDT", "side": 1, "size": 1}, PRICE),
        ({"ticker": "BTCUSDT", "side": 1, "price": -1, "size": 1, "type": 2}, PRICE),
        ({"ticker": "X", "side": 1, "price": 1, "size": 1}, "Ticker 'X' not found on connection 1"),
        ({"ticker": "BTCUSDT", "side": 1, "price": 1, "size": 1, "type": 9},
         "Order type is not supported"),
    ],
)  # fmt: skip
async def test_placing_errors(terminal, body, text):
    assert (await terminal.post(ORDERS, **body)).error == (400, text)


async def test_an_order_the_exchange_refuses_says_how_long_it_took(terminal):
    answer = await terminal.post(ORDERS, ticker="BTCUSDT", side=1, price=60000, size=100)

    assert re.fullmatch(
        r'\{"error":"Margin is insufficient.","executionTimeMs":\d+\.\d{1,4}\}', answer.text
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("orders", {"ticker": "ETHUSDT", "side": 1, "price": 3000, "size": 0.1}),
        ("orders/cancel", {"ticker": "ETHUSDT", "orderId": 1}),
        ("orders/cancel-all", {"ticker": "ETHUSDT"}),
    ],
)
async def test_view_mode_refuses(terminal, path, body):
    answer = await terminal.post(f"/api/connections/6/{path}", **body)

    assert answer.error == (400, "Connection 6 is in view mode")


async def test_cancelling(terminal):
    path = "/api/connections/4/orders"
    order = (await terminal.get(f"{path}?Ticker=BTC_USDT")).json["orders"][0]["Id"]
    assert order > 2**53

    for wrong in (float(order) + 1024, 1):
        answer = await terminal.post(f"{path}/cancel", ticker="BTC_USDT", orderId=int(wrong))
        assert answer.error == (400, "Order does not exist")
    answer = await terminal.post(f"{path}/cancel", Ticker="BTC_USDT", OrderId=str(order), Type=0)

    assert answer.text == '{"status":"ok"}'
    assert (await terminal.get(f"{path}?Ticker=BTC_USDT")).json["count"] == 0
    again = await terminal.post(f"{path}/cancel", ticker="BTC_USDT", orderId=order)
    assert again.error == (400, "Order does not exist")


async def test_a_conditional_order_is_cancelled_as_one(terminal):
    order = (await terminal.get(f"{ORDERS}?Ticker=BTCUSDT")).json["orders"][1]["Id"]
    wrong = await terminal.post(f"{ORDERS}/cancel", ticker="BTCUSDT", orderId=order)
    right = await terminal.post(f"{ORDERS}/cancel", ticker="BTCUSDT", orderId=order, type=3)

    assert wrong.error == (400, "Unknown order sent.")
    assert right.status == 200


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("cancel", {}, "Invalid request body. 'ticker' and 'orderId' are required."),
        ("cancel", {"orderId": 5}, "Invalid request body. 'ticker' and 'orderId' are required."),
        ("cancel", {"ticker": "BTCUSDT"},
         "Invalid request body. 'ticker' and 'orderId' are required."),
        ("cancel", {"ticker": "X", "orderId": 5}, "Ticker 'X' not found on connection 1"),
        ("cancel-all", {}, "Invalid request body. 'ticker' is required."),
        ("cancel-all", {"ticker": "X"}, "Ticker 'X' not found on connection 1"),
    ],
)  # fmt: skip
async def test_cancel_errors(terminal, path, body, text):
    assert (await terminal.post(f"{ORDERS}/{path}", **body)).error == (400, text)


async def test_cancel_all(terminal):
    first = await terminal.post(f"{ORDERS}/cancel-all", ticker="BTCUSDT")
    second = await terminal.post(f"{ORDERS}/cancel-all", ticker="BTCUSDT")

    assert first.text == '{"status":"ok","cancelledCount":3}'
    assert second.text == '{"status":"ok","cancelledCount":0}'
    assert (await terminal.get(f"{ORDERS}?Ticker=SOLUSDT")).json["count"] == 1


async def test_orders_need_a_ticker(terminal):
    assert (await terminal.get(ORDERS)).error == (400, "Query parameter 'Ticker' is required")


def test_whether_updates_come_before_or_after_the_reply_is_drawn_from_the_seed():
    raw = json.dumps({"ticker": "BTCUSDT", "side": 1, "price": 1000, "size": 0.001}).encode()
    drawn = []
    for world in (World(1, time.time), World(1, time.time)):
        replies = [rest.answer(world, "POST", ORDERS, {}, raw) for _ in range(20)]
        drawn.append([reply.after is None for reply in replies])

    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {True, False}


def test_the_exchange_takes_a_few_milliseconds_and_says_it_took_longer():
    raw = json.dumps({"ticker": "BTCUSDT", "side": 1, "price": 1000, "size": 0.001}).encode()
    reply = rest.answer(World(1, time.time), "POST", ORDERS, {}, raw)

    assert 0 < reply.wait_s < 0.005
    assert reply.body["executionTimeMs"] > 30
