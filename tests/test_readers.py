"""How readers come to read a topic, what each is told first, and how they leave."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hubs import BOOK, Bench, direct, load, snapshot_of, told

from relay import envelope, lanes, readers, subscriptions
from relay.metascalp.simulator.book import View


def test_a_reader_that_changes_its_zoom_keeps_its_stream_until_the_new_one_is_there(
    bench: Bench,
) -> None:
    reader = bench.reader()
    bench.ask(reader, BOOK)
    for zoom in (5, 10, 0, 5):
        bench.ask(reader, BOOK, zoomIndex=zoom)

    acks = told(reader, "orderbook_subscribed")
    assert [ack["Data"]["ZoomIndex"] for ack in acks] == [0, 5, 10, 0, 5]
    assert len(told(reader, "orderbook_snapshot")) == 5
    assert len(bench.sockets) <= 2
    assert sum(len(socket.feed.books) for socket in bench.sockets.values()) == 1


def test_a_reader_that_asks_twice_is_answered_twice_and_told_once(bench: Bench) -> None:
    reader = bench.reader()
    bench.ask(reader, "trade_subscribe")
    bench.ask(reader, "trade_subscribe")
    bench.step(20)

    updates = [json.dumps(one, default=str) for one in told(reader, "trade_update")]
    assert len(told(reader, "trade_subscribed")) == 2
    assert updates
    assert len(updates) == len(set(updates))


def test_answers_come_in_the_order_of_the_questions(bench: Bench) -> None:
    """However fast they are asked: the terminal has answered none of them yet."""
    reader = bench.reader()
    data = {"connectionId": 1, "ticker": "BTCUSDT"}
    for kind in ("subscribe", "unsubscribe", "subscribe", "unsubscribe", "unsubscribe"):
        bench.say(reader, {"Type": f"trade_{kind}", "Data": data})
    bench.settle()

    assert reader.kinds() == [
        f"trade_{kind}d" for kind in ("subscribe", "unsubscribe", "subscribe", "unsubscribe",
                                      "unsubscribe")
    ]  # fmt: skip
    assert not any(socket.feed.trades for socket in bench.sockets.values())


def test_a_reader_gone_before_its_answer_leaves_nothing_behind(bench: Bench) -> None:
    """Its acknowledgement must not be taken for that of the next one, of another view."""
    gone, other = bench.reader("gone"), bench.reader("other")
    stays = bench.reader("stays")
    bench.ask(stays, "subscribe")
    data = {"connectionId": 1, "ticker": "BTCUSDT"}
    bench.say(gone, {"Type": BOOK, "Data": {**data, "zoomIndex": 5}})
    bench.perform(bench.hub.leave(gone))
    bench.say(other, {"Type": BOOK, "Data": {**data, "zoomIndex": 10}})
    bench.settle()

    (ack,) = told(other, "orderbook_subscribed")
    assert ack["Data"]["ZoomIndex"] == 10
    assert len(told(other, "orderbook_snapshot")) == 1
    assert [len(socket.feed.books) for socket in bench.sockets.values()] == [1]


@pytest.mark.parametrize("profile", ["v1.0.2860", "v1.0.671", "doc-edition-1", "doc-edition-2"])
@pytest.mark.parametrize("kind", ["trade", "orderbook", "mark_price", ""])
def test_leaving_is_acknowledged_as_the_terminal_does(profile: str, kind: str) -> None:
    verbs = [f"{kind}_{verb}" if kind else verb for verb in ("subscribe", "unsubscribe")]
    data: dict[str, Any] = {"connectionId": 1, "ticker": "BTCUSDT"}
    messages = [{"Type": verb, "Data": data} for verb in (*verbs, verbs[1])]
    expected = direct(profile, *messages)
    bench = Bench(profile)
    bench.notice()
    first, second = bench.reader("first"), bench.reader("second")
    for reader in (first, second):
        for message in messages:
            bench.say(reader, message)
            bench.settle()
    for reader in (first, second):
        assert [load(raw) for raw in map(lower, reader.frames)] == [
            load(raw) for raw in map(lower, expected)
        ]


def test_leaving_is_spelled_as_the_family_is_whatever_was_acknowledged_last() -> None:
    """Acknowledgements of what belongs to no connection have no keys to learn from."""
    bench = Bench("doc-edition-1")
    reader = bench.reader()
    bench.ask(reader, "trade_subscribe")
    (name,) = bench.sockets
    bench.hub.receive(reader, '{"Type":"large_trades_subscribe","Data":{}}')
    bench.hear(name, b'{"type":"large_trades_subscribed","data":{}}')
    reader.drain()
    bench.ask(reader, "trade_unsubscribe")

    assert reader.drain()[0]["Data"] == {"connectionId": 1, "ticker": "BTCUSDT"}


def lower(raw: bytes) -> bytes:
    """With a small envelope: that is answered as it was spoken, not as the terminal does."""
    return envelope.spelled(raw, envelope.Spelling(upper=False))


def test_a_message_we_do_not_know_passes_untouched_both_ways(bench: Bench) -> None:
    reader = bench.reader()
    odd = '{"Type" : "candle_subscribe","Data":{"connectionId":1, "x":[1.10]}}'
    bench.say(reader, odd)
    bench.settle()

    assert bench.said == [odd]
    assert load(reader.frames[0])["Data"] == {"error": "Unknown message type: candle_subscribe"}


ODD: list[dict[str, Any]] = [
    {"zoomIndex": "0"}, {"zoomIndex": 0.0}, {"note": "x" * subscriptions.MAX_SHARED},
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: next(iter(odd)))
@pytest.mark.parametrize("known", [True, False])
def test_what_a_reader_asked_for_in_an_unusual_way_ends_when_it_leaves(
    bench: Bench, odd: dict[str, Any], known: bool
) -> None:
    """It goes to a socket of the reader's own, which is the one to be told."""
    if known:
        bench.ask(bench.reader("other"), BOOK, ticker="ETHUSDT")
    reader = bench.reader()
    bench.ask(reader, BOOK, **odd)
    bench.step(5)
    assert told(reader, "orderbook_update")
    reader.drain()
    bench.ask(reader, "orderbook_unsubscribe")
    bench.step(5)

    assert reader.kinds() == ["orderbook_unsubscribed"]
    bench.drop()
    assert reader.ended is None, "nothing was lost"


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("fast", [True, False])
def test_who_asks_in_an_unusual_way_and_in_a_usual_one_is_told_once(
    bench: Bench, turn: int, fast: bool
) -> None:
    """What is asked for last replaces what was, as on one socket of the terminal."""
    reader = bench.reader()
    for zoom in (5.0, 0)[::turn]:
        data = {"connectionId": 1, "ticker": "BTCUSDT", "zoomIndex": zoom}
        bench.say(reader, {"Type": "trade_subscribe", "Data": data})
        if not fast:
            bench.settle()
    bench.settle()
    bench.step(20)

    updates = [json.dumps(one, default=str) for one in told(reader, "trade_update")]
    assert updates
    assert len(updates) == len(set(updates))
    assert sum(len(socket.feed.trades) for socket in bench.sockets.values()) == 1
    assert set(reader.kinds()) == {"trade_subscribed", "trade_update"}
    reader.drain()
    for _ in range(2):
        bench.ask(reader, "trade_unsubscribe")
    bench.step(20)
    assert reader.kinds() == ["trade_unsubscribed"] * 2


def test_who_shares_again_what_it_had_alone_outlives_a_restart(bench: Bench) -> None:
    reader = bench.reader()
    for zoom in (0.0, "0", 0):
        bench.ask(reader, "trade_subscribe", zoomIndex=zoom)
    bench.drop()
    reader.drain()
    bench.step(20)

    assert reader.ended is None
    assert told(reader, "trade_update")


def test_who_is_refused_something_unusual_keeps_what_it_shares(bench: Bench) -> None:
    reader = bench.reader()
    bench.ask(reader, BOOK)
    bench.ask(reader, BOOK, depthLevels=0)
    assert reader.kinds()[-1] == "error"
    bench.step(5)
    bench.drop()

    assert told(reader, "orderbook_update")
    assert reader.kinds()[-1] == "orderbook_snapshot"
    assert reader.ended is None


def test_nobody_else_hears_of_a_message_we_do_not_know(bench: Bench) -> None:
    first, second = bench.reader("first"), bench.reader("second")
    bench.ask(first, "trade_subscribe")
    first.drain()
    bench.say(second, {"Type": "candle_subscribe", "Data": {}})
    bench.settle()

    assert first.frames == []
    assert len(bench.sockets) == 2
    bench.leave(second)
    assert len(bench.sockets) == 1


def test_everybody_is_answered_in_the_envelope_he_speaks(bench: Bench) -> None:
    small, large = bench.reader("small"), bench.reader("large")
    data = {"connectionId": 1, "ticker": "BTCUSDT"}
    bench.say(small, {"type": BOOK, "data": data})
    bench.say(large, {"Type": BOOK, "Data": data})
    bench.settle()
    bench.step(5)

    assert {tuple(load(raw)) for raw in small.frames} == {("type", "data")}
    assert {tuple(load(raw)) for raw in large.frames} == {("Type", "Data")}
    assert [load(raw)["data"] for raw in small.frames[2:]] == [
        load(raw)["Data"] for raw in large.frames[2:]
    ]


def test_a_reader_may_change_its_envelope(bench: Bench) -> None:
    reader = bench.reader()
    bench.ask(reader, BOOK)
    bench.say(reader, {"type": "ui_subscribe", "data": {}})
    bench.settle()
    reader.drain()
    bench.step(3)

    assert reader.frames
    assert {tuple(load(raw)) for raw in reader.frames} == {("type", "data")}


@pytest.mark.parametrize(
    ("keys", "name"),
    [("camel", "connectionId"), ("pascal", "ConnectionId"), ("asis", "ConnectionId")],
)
def test_keys_can_be_spelled_for_one_reader(bench: Bench, keys: str, name: str) -> None:
    reader = bench.reader(keys=keys)
    bench.ask(reader, "trade_subscribe")

    assert next(iter(load(reader.frames[0])["Data"])) == name


def test_a_book_with_few_levels_is_asked_for_again_when_it_may_lack_some(bench: Bench) -> None:
    """It began with the nearest levels: what follows them when those are gone, nobody has said."""
    first, second = bench.reader("first"), bench.reader("second")
    bench.ask(first, BOOK, depthLevels=5)
    bench.step(400)
    first.drain()
    bench.ask(second, BOOK, depthLevels=5)

    (snapshot,) = told(second, "orderbook_snapshot")
    expected = snapshot_of(bench, view=View(depth=5))
    assert snapshot["Data"] == {**expected, "connectionId": 1, "ticker": "BTCUSDT"}
    assert told(first, "orderbook_snapshot") == []


def test_a_reader_may_have_so_many_subscriptions_and_no_more(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "MAX_TOPICS", 2)
    reader = bench.reader()
    for ticker in ("BTCUSDT", "ETHUSDT", "SOLUSDT"):
        bench.ask(reader, "trade_subscribe", ticker=ticker)
    bench.ask(reader, "trade_unsubscribe", ticker="BTCUSDT")
    bench.ask(reader, "trade_subscribe", ticker="SOLUSDT")

    assert reader.kinds() == [
        "trade_subscribed", "trade_subscribed", "error", "trade_unsubscribed", "trade_subscribed",
    ]  # fmt: skip


def test_what_waits_for_a_terminal_that_is_away_is_bounded() -> None:
    bench = Bench(up=False)
    reader = bench.reader()
    for _ in range(100):
        bench.say(reader, '{"Type":"unknown","Data":{"pad":"' + "x" * 10_000 + '"}}')

    (name,) = bench.hub.lanes.open
    assert sum(map(len, bench.hub.lanes.open[name].held)) <= lanes.MAX_HELD
    assert set(reader.kinds()) == {"error"}
    assert len(reader.frames) > 50


def test_who_lags_and_subscribes_gets_its_book_when_it_is_back(bench: Bench) -> None:
    first, slow = bench.reader("first"), bench.reader("slow")
    bench.ask(first, BOOK)
    bench.lag(slow)
    bench.ask(slow, BOOK)
    bench.ask(slow, "trade_subscribe")
    bench.step(5)
    assert slow.frames == []
    bench.resume(slow)

    assert slow.kinds() == ["orderbook_subscribed", "trade_subscribed", "orderbook_snapshot"]
    assert slow.books == first.books


def test_a_book_forgotten_while_its_reader_lagged_is_asked_for(bench: Bench) -> None:
    slow = bench.reader()
    bench.say(slow, {"Type": "relay_status_subscribe"})
    bench.ask(slow, BOOK)
    bench.lag(slow)
    bench.step(5)
    (topic,) = bench.hub.lanes.topics()
    assert topic.book is not None
    topic.book.forget()
    slow.drain()
    bench.resume(slow)
    bench.step(5)

    assert bench.count(BOOK) == 2
    assert slow.kinds()[:3] == ["relay_status", "orderbook_snapshot", "orderbook_update"]
    assert {key: len(book) for key, book in slow.books.items()} == {(1, "BTCUSDT"): 2}


def test_two_readers_may_change_their_envelope_apart(bench: Bench) -> None:
    one, other = bench.reader("one"), bench.reader("other")
    for reader in (one, other):
        bench.ask(reader, BOOK)
    bench.lag(other)
    for reader in (one, other):
        bench.say(reader, '{"type":"relay_status_unsubscribe"}')
        reader.drain()
    bench.step(2)
    bench.resume(other)

    assert {tuple(load(raw)) for raw in one.frames + other.frames} == {("type", "data")}


def test_leaving_what_lagged_leaves_nothing_owed(bench: Bench) -> None:
    slow = bench.reader()
    bench.ask(slow, "mark_price_subscribe")
    slow.drain()
    bench.lag(slow)
    (name,) = bench.sockets
    bench.hear(
        name,
        b'{"Type":"mark_price_update","Data":{"connectionId":1,"ticker":"BTCUSDT","markPrice":1.0}}',
    )
    bench.ask(slow, "mark_price_unsubscribe")
    bench.resume(slow)

    assert slow.kinds() == ["mark_price_unsubscribed"]


def test_what_waits_for_one_answer_is_bounded() -> None:
    bench = Bench(up=False)
    reader = bench.reader()
    for _ in range(readers.MAX_WAITING + 10):
        bench.ask(reader, BOOK)

    assert reader.kinds() == ["error"] * 9
