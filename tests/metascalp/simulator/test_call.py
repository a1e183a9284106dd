import time

import pytest

from relay.metascalp.simulator.body import ApiError
from relay.metascalp.simulator.call import Call
from relay.metascalp.simulator.world import World


@pytest.fixture
def call():
    return Call(World(1, time.time), {"ticker": "BTCUSDT", "n": "1.5"}, b"", frozenset(), 1)


def test_a_ticker_is_found_by_its_exact_name_only(call):
    assert call.ticker("BTCUSDT").base == "BTC"
    with pytest.raises(ApiError) as error:
        call.ticker("btcusdt")
    assert error.value.text == "Ticker 'btcusdt' not found on connection 1"


def test_the_query_may_have_a_ticker_and_numbers(call):
    assert call.query_ticker() == "BTCUSDT"
    assert call.query_number("n", ApiError("")) == 1.5
    assert call.query_number("nothing", ApiError("")) is None
    with pytest.raises(ApiError) as error:
        call.query_number("ticker", ApiError("a number please"))
    assert error.value.text == "a number please"


def test_a_market_is_that_of_the_connection(call):
    assert call.market("BTCUSDT").ticker is call.ticker("BTCUSDT")
    assert call.connection.name == "Binance Futures"
