"""What a socket is answered; MetaScalp API, edition 3, 2026-08, WebSocket."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.metascalp.simulator.feed import Feed
from relay.metascalp.simulator.wire import encode
from relay.metascalp.simulator.world import World

WORLD = World(1, time.time)


@pytest.fixture
def feed():
    return Feed(WORLD)


def say(feed, kind, **data):
    """The only answer to a frame, as its text."""
    [(answer, body)] = feed.receive(json.dumps({"Type": kind, "Data": data}))
    return encode({"Type": answer, "Data": body})


@pytest.mark.parametrize(
    ("kind", "data", "ack"),
    [
        ("subscribe", {"connectionId": 1}, '{"Type":"subscribed","Data":{"ConnectionId":1}}'),
        ("unsubscribe", {"connectionId": 1}, '{"Type":"unsubscribed","Data":{"ConnectionId":1}}'),
        (
            "trade_subscribe",
            {"connectionId": 1, "ticker": "BTCUSDT", "zoomIndex": 1},
            '{"Type":"trade_subscribed",'
            '"Data":{"ConnectionId":1,"Ticker":"BTCUSDT","ZoomIndex":1}}',
        ),
        (
            "trade_subscribe",
            {"connectionId": 1, "ticker": "BTCUSDT"},
            '{"Type":"trade_subscribed",'
            '"Data":{"ConnectionId":1,"Ticker":"BTCUSDT","ZoomIndex":0}}',
        ),
        (
            "trade_unsubscribe",
            {"connectionId": 1, "ticker": "BTCUSDT"},
            '{"Type":"trade_unsubscribed","Data":{"ConnectionId":1,"Ticker":"BTCUSDT"}}',
        ),
        (
            "orderbook_subscribe",
            {"ConnectionID": 1, "TICKER": "BTCUSDT", "DepthLevels": 50, "depthPercent": 0.5,
             "fetchSnapshot": True, "unknown": 1},
            '{"Type":"orderbook_subscribed","Data":{"ConnectionId":1,"Ticker":"BTCUSDT",'
            '"ZoomIndex":0,"DepthLevels":50,"DepthPercent":0.5}}',
        ),
        (
            "orderbook_subscribe",
            {"connectionId": 1, "ticker": "BTCUSDT", "depthLevels": None, "fetchSnapshot": False},
            '{"Type":"orderbook_subscribed","Data":{"ConnectionId":1,"Ticker":"BTCUSDT",'
            '"ZoomIndex":0,"FetchSnapshot":false}}',
        ),
        (
            "orderbook_unsubscribe",
            {"connectionId": 1, "ticker": "BTCUSDT"},
            '{"Type":"orderbook_unsubscribed","Data":{"ConnectionId":1,"Ticker":"BTCUSDT"}}',
        ),
    ],
)  # fmt: skip
def test_acks(feed, kind, data, ack):
    assert say(feed, kind, **data) == ack
    assert say(feed, kind, **data) == ack


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("subscribe", {}, "Connection 0 not found or not active"),
        ("subscribe", {"connectionId": 999}, "Connection 999 not found or not active"),
        ("subscribe", {"connectionId": 11}, "Connection 11 not found or not active"),
        ("subscribe", {"connectionId": []}, "Invalid message format"),
        ("trade_subscribe", {"ticker": "X"}, "Connection 0 not found or not active"),
        ("trade_subscribe", {"connectionId": 1}, "Ticker is required for trade subscription"),
        (
            "orderbook_subscribe",
            {"connectionId": 1, "ticker": ""},
            "Ticker is required for order book subscription",
        ),
        (
            "orderbook_subscribe",
            {"connectionId": 1, "ticker": "BTCUSDT", "depthLevels": 0},
            "DepthLevels must be >= 1 when specified",
        ),
        (
            "orderbook_subscribe",
            {"connectionId": 1, "ticker": "BTCUSDT", "depthPercent": 0},
            "DepthPercent must be > 0 when specified",
        ),
        ("nothing", {}, "Unknown message type: nothing"),
        ("Subscribe", {"connectionId": 1}, "Unknown message type: Subscribe"),
    ],
)
def test_errors(feed, kind, data, text):
    assert json.loads(say(feed, kind, **data)) == {"Type": "error", "Data": {"error": text}}
    assert (feed.accounts, feed.trades, feed.books) == (set(), {}, {})


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "5", "null", "{}", '{"Type":"subscribe"}', '{"Data":{}}', b"\xff\x00",
     '{"Type":5,"Data":{}}', '{"Type":"subscribe","Data":[]}', '{"Type":"subscribe","Data":null}'],
)  # fmt: skip
def test_what_is_no_message(feed, text):
    assert feed.receive(text) == [("error", {"error": "Invalid message format"})]


def test_the_envelope_may_be_in_lower_case(feed):
    [(kind, _)] = feed.receive('{"type":"subscribe","data":{"connectionid":"1"}}')

    assert kind == "subscribed"


def test_an_unknown_ticker_is_acknowledged_and_then_silent(feed):
    assert "orderbook_subscribed" in say(feed, "orderbook_subscribe", connectionId=1, ticker="NOPE")
    assert "trade_subscribed" in say(feed, "trade_subscribe", connectionId=1, ticker="NOPE")
    assert feed.followed() == set()


def test_subscribing_again_replaces_the_parameters(feed):
    say(feed, "orderbook_subscribe", connectionId=1, ticker="BTCUSDT", zoomIndex=5, depthLevels=3)
    say(feed, "orderbook_subscribe", connectionId=1, ticker="BTCUSDT", zoomIndex=2)
    say(feed, "trade_subscribe", connectionId=1, ticker="BTCUSDT", zoomIndex=2)
    say(feed, "trade_subscribe", connectionId=1, ticker="BTCUSDT", zoomIndex=7)

    [view] = feed.books.values()
    assert (view.zoom, view.depth) == (2, None)
    assert feed.trades == {(1, "BTCUSDT"): 7}


def test_unsubscribing_leaves_nothing(feed):
    for kind in ("trade", "orderbook"):
        say(feed, f"{kind}_subscribe", connectionId=1, ticker="BTCUSDT")
        say(feed, f"{kind}_unsubscribe", connectionId=1, ticker="BTCUSDT")

    assert feed.followed() == set()


KINDS = st.sampled_from(["subscribe", "trade_subscribe", "orderbook_subscribe", "unsubscribe"])
VALUES = st.none() | st.integers() | st.floats() | st.text() | st.lists(st.integers())
DATA = st.dictionaries(
    st.sampled_from(["connectionId", "ticker", "zoomIndex", "depthLevels", "depthPercent"]),
    VALUES | st.sampled_from([1, "BTCUSDT"]),
)


@given(st.text() | st.binary() | st.builds(lambda t, d: json.dumps({"Type": t, "Data": d}),
                                           KINDS, DATA))  # fmt: skip
def test_any_frame_is_answered_with_one_frame(text):
    [(kind, data)] = Feed(WORLD).receive(text)

    assert kind == "error" or kind.endswith("subscribed")
    assert encode(data)
