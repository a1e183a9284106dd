from decimal import Decimal

import pytest

from relay.metascalp.simulator.enums import OrderStatus, OrderType, Side
from relay.metascalp.simulator.orders import Order, Position, Refused, iso, net

D = Decimal


def order(**more):
    fields = {
        "id": 123456789, "client_id": "ms_limit_1234", "ticker": "BTCUSDT", "side": Side.Buy,
        "type": OrderType.Limit, "price": D("65000.00"), "size": D("0.01"), "created": 1773397800.0,
        "reduce_only": False, "fee_currency": "USDT",
    }  # fmt: skip
    return Order(**(fields | more))


def test_an_order_is_shown_as_rest_shows_it():
    assert list(order(status=OrderStatus.Open).row().items()) == [
        ("Id", 123456789),
        ("Ticker", "BTCUSDT"),
        ("ClientId", "ms_limit_1234"),
        ("Side", 1),
        ("Price", D("65000.00")),
        ("Size", D("0.01")),
        ("FilledSize", D("0")),
        ("FilledPrice", D("0")),
        ("RemainingSize", D("0.01")),
        ("Status", 1),
        ("Type", 0),
        ("TriggerPrice", None),
        ("CreateDate", "2026-03-13T10:30:00+00:00"),
    ]


def test_an_order_is_shown_as_the_socket_shows_it():
    half = order(filled=D("0.005"), value=D("324.90"), fee=D("0.0013"))

    assert list(half.update(1).items()) == [
        ("connectionId", 1),
        ("orderId", 123456789),
        ("ticker", "BTCUSDT"),
        ("side", "Buy"),
        ("type", "Limit"),
        ("price", D("65000.00")),
        ("filledPrice", D("64980.00")),
        ("size", D("0.01")),
        ("filledSize", D("0.005")),
        ("fee", D("0.0013")),
        ("feeCurrency", "USDT"),
        ("status", "New"),
        ("time", "2026-03-13T10:30:00+00:00"),
    ]


@pytest.mark.parametrize(
    ("held", "entry", "trade", "price", "now", "average", "profit", "left"),
    [
        ("0", "0", "2", "100", "2", "100", "0", "0"),
        ("2", "100", "2", "110", "4", "105", "0", "0"),
        ("-2", "100", "-2", "110", "-4", "105", "0", "0"),
        ("4", "100", "-1", "110", "3", "100", "10", "0"),
        ("-4", "100", "1", "110", "-3", "100", "-10", "0"),
        ("2", "100", "-2", "90", "0", "100", "-20", "0"),
        ("2", "100", "-5", "110", "0", "100", "20", "-3"),
        ("-2", "100", "5", "90", "0", "100", "20", "3"),
    ],
)
def test_a_trade_nets_into_a_position(held, entry, trade, price, now, average, profit, left):
    position = Position(1, "BTCUSDT", D(held), D(entry))

    result = net(position, D(trade), D(price))

    assert (position.signed, position.fixed) == (D(now), D(average))
    assert result == (D(profit), D(left))


def test_the_dynamic_price_moves_with_realised_exits():
    position = Position(1, "BTCUSDT", D(4), D("100.00"))
    net(position, D(-2), D(110))

    assert (position.fixed, position.dynamic) == (100, 90)

    short = Position(1, "BTCUSDT", D(-4), D("100.00"))
    net(short, D(2), D(90))

    assert (short.fixed, short.dynamic) == (100, 110)


def test_a_position_is_shown_both_ways():
    position = Position(4321, "ETHUSDT", D("-1.5"), D("3200.00"))

    assert list(position.row().items()) == [
        ("Id", 4321),
        ("Ticker", "ETHUSDT"),
        ("Side", 2),
        ("Size", D("1.5")),
        ("AvgPrice", D("3200.00")),
        ("MarginMode", 0),
    ]
    assert list(position.update(1, Side.Sell)) == [
        "connectionId", "positionId", "ticker", "side", "size", "avgPrice", "avgPriceFix",
        "avgPriceDyn", "status",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("epoch", "text"),
    [
        (1773397800.0, "2026-03-13T10:30:00+00:00"),
        (1773397800.25, "2026-03-13T10:30:00.25+00:00"),
        (1773397800.0004, "2026-03-13T10:30:00+00:00"),
    ],
)
def test_times_have_a_fraction_only_when_there_is_one(epoch, text):
    assert iso(epoch) == text


def test_every_exchange_has_its_own_words_for_a_refusal():
    assert Refused("margin").text(2) == "Margin is insufficient."
    assert Refused("margin").text(6) == "ab not enough for new order"
    assert Refused("empty").text(18) == "No liquidity for a market order"
