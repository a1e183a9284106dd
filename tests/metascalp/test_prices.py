"""Prices as the terminal says them: exact, and nothing that is no price."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from relay.metascalp import prices, wire


def test_a_subscription_is_what_the_documents_say():
    on, off = (prices.mark_price(1, "BTCUSDT", on=on) for on in (True, False))
    book = json.loads(wire.encode(prices.best_prices(1, "BTCUSDT", on=True)))

    assert (on["Type"], off["Type"]) == ("mark_price_subscribe", "mark_price_unsubscribe")
    assert on["Data"] == off["Data"] == {"ConnectionId": 1, "Ticker": "BTCUSDT"}
    assert book["Type"] == "orderbook_subscribe"
    assert book["Data"]["DepthLevels"] == 1
    assert 0 < book["Data"]["DepthPercent"] < 0.001
    assert prices.best_prices(1, "X", on=False)["Type"] == "orderbook_unsubscribe"


SNAPSHOT = """{"Ticker":"XLMUSDT","asks":[],"bids":[],
  "bestAsk":{"price":0.14859,"size":1,"type":"BestAsk"},
  "bestBid":{"price":0.14858,"size":1,"type":"BestBid"}}"""
UPDATE = """{"updates":[{"price":0.14856,"size":61.35528,"type":"Bid"},
  {"price":0.14857,"size":133.27626,"type":"BestBid"}, 7, {"price":"1","type":"BestAsk"}]}"""


def test_the_best_of_a_book_is_found_in_snapshots_and_updates():
    assert prices.best_prices_in(wire.decode(SNAPSHOT)) == {"bid": "0.14858", "ask": "0.14859"}
    assert prices.best_prices_in(wire.decode(UPDATE)) == {"bid": "0.14857"}
    assert prices.best_prices_in({"bestask": None, "updates": None}) == {}


@pytest.mark.parametrize("value", [1, Decimal("0.000000000000000001"), 10**30])
def test_what_is_a_price(value):
    assert prices.is_price(value)


@pytest.mark.parametrize("value", [0, -1, True, None, "1", 1.5, Decimal("1E+60"), Decimal("NaN")])
def test_what_is_none(value):
    assert not prices.is_price(value)
