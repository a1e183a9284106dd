"""What is sent at its own pace; the time is the test's."""

import json

import pytest

from relay.metascalp.simulator.feed import Feed
from relay.metascalp.simulator.pulse import Pulse
from relay.metascalp.simulator.world import World

MARKETS = [
    {"exchange": name, "market": market}
    for name in ("binance", "bybit", "okx", "gate", "kucoin", "mexc")
    for market in ("spot", "futures")
]
DENSITY = {
    "exchangeMarkets": MARKETS,
    "smallCoefficient": 0,
    "includedQuoteAssets": ["USDT", "USDC", "OTHER"],
}
ASKED = {"density_map": DENSITY, "liquidations": {"exchanges": ["binance", "okx", "gate", "htx"]}}


class Clock:
    def __init__(self):
        self.now = 1_780_000_000.0
        self.world = World(1, lambda: self.now)
        self.feed = Feed(self.world)
        self.pulse = Pulse(self.world)

    def say(self, kind, **data):
        self.feed.receive(json.dumps({"type": kind, "data": data}))

    def wait(self, seconds):
        """What was sent meanwhile, looked at ten times a second."""
        sent = []
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            sent += [message for _, message in self.pulse.due([self.feed.topics])]
        return sent


@pytest.fixture
def clock():
    return Clock()


def test_a_price_is_sent_when_it_changed_and_never_at_first(clock):
    clock.say("mark_price_subscribe", connectionId=1, ticker="BTCUSDT")
    clock.say("index_price_subscribe", connectionId=1, ticker="BTCUSDT")
    clock.say("funding_subscribe", connectionId=1, ticker="BTCUSDT")
    assert clock.wait(5) == []
    clock.world.market((1, "BTCUSDT")).jump(5_000_000)
    sent = dict(clock.wait(4))

    assert set(sent) == {"mark_price_update", "index_price_update", "funding_update"}
    assert list(sent["funding_update"]) == ["connectionId", "ticker", "fundingRate", "fundingTime"]
    assert clock.wait(5) == []


@pytest.mark.parametrize("number", [9, 10])
def test_where_a_venue_has_no_such_price_nothing_ever_comes(clock, number):
    ticker = {9: "BTCUSDT", 10: "SBER"}[number]
    clock.say("mark_price_subscribe", connectionId=number, ticker=ticker)
    clock.wait(1)
    clock.world.market((number, ticker)).step()

    assert clock.wait(3) == []


def test_feeds_come_in_batches(clock):
    clock.say("density_map_subscribe", exchangeMarkets=MARKETS)
    clock.say("large_trades_subscribe", exchangeMarkets=MARKETS)
    clock.say("liquidations_subscribe", exchanges=["binance", "bybit", "okx", "gate"])
    sent = clock.wait(20)
    counts = {kind: [one for one, _ in sent].count(kind) for kind in dict(sent)}

    assert set(counts) == {
        "density_map_update", "large_trades_update", "liquidations_update", "liquidations_metadata",
    }  # fmt: skip
    assert counts["liquidations_metadata"] in range(33, 41)
    assert counts["liquidations_update"] <= 80
    walls = [row["id"] for kind, data in sent if kind == "density_map_update"
             for row in data["notifications"]]  # fmt: skip
    assert len(walls) == len(set(walls)) > 0


@pytest.mark.parametrize("name", ASKED)
def test_what_a_snapshot_has_shown_does_not_come_again_and_nobody_loses_anything(clock, name):
    """Another reader subscribes anew every second, between two ticks of the clock."""

    def subscribed(feed):
        frame = {"type": f"{name}_subscribe", "data": ASKED[name]}
        _, (_, data) = feed.receive(json.dumps(frame))
        return rows(data)

    def rows(data):
        return [str(row) for row in next(iter(data.values()))]

    other = Feed(clock.world)
    subscribed(clock.feed)
    mine, others = [], []
    for n in range(300):
        clock.now += 0.1
        if n % 10 == 0:
            others = subscribed(other)
        for reader, (kind, data) in clock.pulse.due([clock.feed.topics, other.topics]):
            if kind == f"{name}_update":
                (mine if reader is clock.feed.topics else others).extend(rows(data))

    assert len(mine) == len(set(mine)) > 3
    assert len(others) == len(set(others))
    assert set(mine) <= set(others)


def test_liquidations_are_newest_first(clock):
    clock.say("liquidations_subscribe", exchanges=["binance", "bybit", "okx", "gate", "htx"])
    batches = [data["liquidations"] for kind, data in clock.wait(30) if kind.endswith("_update")]
    times = [[row["time"] for row in batch] for batch in batches]

    assert any(len(batch) > 1 for batch in times)
    assert all(batch == sorted(batch, reverse=True) for batch in times)


def test_a_screener_frame_a_second(clock):
    clock.say("screener_subscribe", templateId=-1)
    assert len(clock.wait(5.05)) in (4, 5)
    clock.say("screener_unsubscribe", templateId=-1)

    assert clock.wait(3) == []
