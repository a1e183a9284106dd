from decimal import Decimal

import pytest

from relay.metascalp.simulator.catalog import connections
from relay.metascalp.simulator.enums import OrderType, Side
from relay.metascalp.simulator.intake import Ask, make, past
from relay.metascalp.simulator.market import Market

D = Decimal


@pytest.fixture
def market():
    """Best bid 65000.00, best ask 65000.10."""
    return Market.open(connections()[1].tickers()["BTCUSDT"], "1")


@pytest.mark.parametrize(
    ("side", "kind", "trigger", "reached"),
    [
        (Side.Buy, OrderType.Stop, "65000.10", True),
        (Side.Buy, OrderType.Stop, "65000.20", False),
        (Side.Sell, OrderType.Stop, "65000.00", True),
        (Side.Sell, OrderType.Stop, "64999.90", False),
        (Side.Sell, OrderType.StopLoss, "65000.00", True),
        (Side.Sell, OrderType.TakeProfit, "65000.00", True),
        (Side.Sell, OrderType.TakeProfit, "65000.10", False),
        (Side.Buy, OrderType.TakeProfit, "65000.10", True),
        (Side.Buy, OrderType.TakeProfit, "65000.00", False),
    ],
)
def test_triggers(market, side, kind, trigger, reached):
    assert past(market, side, kind, D(trigger)) is reached


def test_a_stop_lies_a_thousandth_behind_its_trigger(market):
    buy = make(market, Ask(Side.Buy, OrderType.Stop, D(1), D(66000)), 1, "c", 0.0, cash=False)
    sell = make(market, Ask(Side.Sell, OrderType.Stop, D(1), D(64000)), 1, "c", 0.0, cash=False)

    assert (buy.price, sell.price) == (D("66066.00"), D("63936.00"))


def test_sizes_and_prices_take_the_scale_of_their_increments(market):
    order = make(market, Ask(Side.Buy, OrderType.Limit, D(1), D(6e4)), 1, "c", 0.0, cash=False)

    assert (str(order.price), str(order.size)) == ("60000.00", "1.000")


def test_nothing_reduces_where_there_are_no_positions(market):
    ask = Ask(Side.Sell, OrderType.StopLoss, D(1), D(64000), reduce_only=True)

    assert make(market, ask, 1, "c", 0.0, cash=False).reduce_only
    assert not make(market, ask, 1, "c", 0.0, cash=True).reduce_only
