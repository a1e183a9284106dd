import dataclasses
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.metascalp.simulator.feed import Feed
from relay.metascalp.simulator.messages import CLIENT, FAMILIES, SERVER
from relay.metascalp.simulator.pulse import Pulse
from relay.metascalp.simulator.wire import encode
from relay.metascalp.simulator.world import World

WORLD = World(1, time.time)


@pytest.fixture
def feed():
    return Feed(World(1, time.time))


def say(feed, kind, **data):
    return feed.receive(json.dumps({"type": kind, "data": data}))


@pytest.mark.parametrize("name", ["mark_price", "index_price", "funding"])
def test_prices_are_acknowledged_wherever_they_are_asked_for(feed, name):
    ack = (f"{name}_subscribed", {"ConnectionId": 1, "Ticker": "BTCUSDT"})

    assert say(feed, f"{name}_subscribe", connectionId=1, ticker="BTCUSDT") == [ack]
    assert feed.followed() == {(1, "BTCUSDT")}
    assert say(feed, f"{name}_subscribe", connectionId=1, ticker="NO")[0][0] == ack[0]
    assert say(feed, f"{name}_unsubscribe", connectionId=1, ticker="BTCUSDT") == [
        (f"{name}_unsubscribed", ack[1])
    ]
    assert feed.followed() == set()


@pytest.mark.parametrize(
    ("name", "subject"),
    [("mark_price", "mark price"), ("index_price", "index price"), ("funding", "funding"),
     ("annotation", "annotation")],
)  # fmt: skip
def test_what_is_refused(feed, name, subject):
    for data, text in (
        ({}, "Connection 0 not found or not active"),
        ({"connectionId": 999, "ticker": "A"}, "Connection 999 not found or not active"),
        ({"connectionId": 1}, f"Ticker is required for {subject} subscription"),
    ):
        assert say(feed, f"{name}_subscribe", **data) == [("error", {"error": text})]


def test_an_unknown_ticker_may_be_an_error(feed):
    feed.world.profile = dataclasses.replace(feed.world.profile, unknown_ticker_error=True)
    text = "Ticker 'NO' not found on connection 1"

    for name in ("mark_price", "trade", "orderbook"):
        assert say(feed, f"{name}_subscribe", connectionId=1, ticker="NO") == [
            ("error", {"error": text})
        ]


def test_annotations_come_once_or_an_error_after_the_ack(feed):
    found = say(feed, "annotation_subscribe", connectionId=1, ticker="BTCUSDT")
    missing = say(feed, "annotation_subscribe", connectionId=1, ticker="NO")

    assert [kind for kind, _ in found] == ["annotation_subscribed", "annotations_snapshot"]
    assert missing[1] == ("error", {"error": "Ticker 'NO' not found on connection 1"})


@pytest.mark.parametrize(
    ("name", "first"),
    [("notification", "notification_snapshot"), ("signal_level", "signal_levels_snapshot"),
     ("user_level", "user_levels_snapshot"), ("ui", "ui_snapshot")],
)  # fmt: skip
def test_topics_of_the_whole_terminal_begin_with_a_snapshot(feed, name, first):
    ack, snapshot = say(feed, f"{name}_subscribe")

    assert ack == (f"{name}_subscribed", {})
    assert snapshot[0] == first
    assert say(feed, f"{name}_unsubscribe") == [(f"{name}_unsubscribed", {})]
    assert feed.topics.on == set()


def test_feeds_are_replaced_and_left(feed):
    markets = [{"exchange": "binance", "market": "futures"}]
    first = say(feed, "density_map_subscribe", exchangeMarkets=markets)
    assert [kind for kind, _ in first] == ["density_map_subscribed", "density_map_snapshot"]
    assert say(feed, "large_trades_subscribe", exchangeMarkets=markets) == [
        ("large_trades_subscribed", {})
    ]
    _, (kind, data) = say(feed, "liquidations_subscribe", exchanges=["okx"], backfill=3)
    assert (kind, len(data["liquidations"])) == ("liquidations_snapshot", 3)
    assert {row["exchange"] for row in data["liquidations"]} == {"okx"}
    refused = say(feed, "liquidations_subscribe", exchanges=[])
    assert refused[0][0] == "error"
    assert say(feed, "liquidations_unsubscribe") == [("liquidations_unsubscribed", {})]
    assert set(feed.topics.feeds) == {"density_map", "large_trades"}


def test_the_screener_begins_with_a_whole_frame(feed):
    ack, (kind, frame) = say(feed, "screener_subscribe", templateId=-1)

    assert ack == ("screener_subscribed", {"TemplateId": -1})
    assert (kind, frame["templateId"], len(frame["rows"]) > 20) == ("screener_frame", -1, True)
    assert say(feed, "screener_subscribe", templateId=7) == [
        ("error", {"error": "screener_subscribe: screener template 7 not found"})
    ]
    assert say(feed, "screener_unsubscribe", templateId=-1) == [
        ("screener_unsubscribed", {"TemplateId": -1})
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
NAMES = sorted({name.strip("!") for family in FAMILIES for name in family.data.split()})
VALUES = JSON | st.sampled_from([
    1, 4, 11, 999, -1, 2**70, "BTCUSDT", "1e9", ["okx"], ["USDT"], "long", "h1", 0.5,
    [{"exchange": "binance", "market": "futures"}], [{"exchange": 5}], [[]],
])  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(CLIENT)), st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_any_data_on_any_message_is_answered(kind, data):
    one = Feed(WORLD)
    answers = one.receive(json.dumps({"Type": kind, "Data": data}))
    list(Pulse(WORLD).due([one.topics]))

    assert answers
    assert all(encode(body) for _, body in answers)
    assert {name for name, _ in answers} <= SERVER
