"""What a reader that cannot keep up is owed, and what it gets when it is back."""

from __future__ import annotations

import pytest
from hubs import BOOK, Bench, snapshot_of, told

from relay import lagging


def test_a_reader_that_lags_gets_a_new_book_and_the_others_feel_nothing(bench: Bench) -> None:
    fast, slow = bench.reader("fast"), bench.reader("slow")
    for reader in (fast, slow):
        bench.ask(reader, BOOK)
        reader.drain()
    bench.lag(slow)
    bench.step(200)
    assert slow.frames == []
    assert len(fast.frames) > 100
    bench.resume(slow)

    (snapshot,) = slow.drain()
    assert {**snapshot_of(bench), "connectionId": 1, "ticker": "BTCUSDT"} == snapshot["Data"]
    bench.step(5)
    assert slow.books == fast.books


@pytest.mark.parametrize("fetches", [True, False])
def test_a_reader_that_lagged_is_told_whether_a_snapshot_makes_it_good(
    bench: Bench, fetches: bool
) -> None:
    """Who wanted no snapshot gets none, and knows that its book has a gap."""
    slow = bench.reader()
    bench.say(slow, {"Type": "relay_status_subscribe", "Data": {}})
    bench.ask(slow, BOOK, ticker="DOGEUSDT", fetchSnapshot=fetches)
    slow.drain()
    bench.lag(slow)
    bench.step(50)
    bench.resume(slow)
    said = slow.drain()
    (status,) = (one["Data"] for one in said if one["Type"] == "relay_status")

    assert status["snapshot"] is fetches
    assert ("orderbook_snapshot" in [one["Type"] for one in said]) is fetches


def test_of_a_price_only_the_newest_waits(bench: Bench) -> None:
    slow = bench.reader()
    bench.ask(slow, "mark_price_subscribe")
    slow.drain()
    bench.lag(slow)
    name = next(iter(bench.sockets))
    for price in range(100):
        head = '{"Type":"mark_price_update","Data":{"connectionId":1,"ticker":"BTCUSDT"'
        bench.hear(name, f'{head},"markPrice":{price}.0}}}}'.encode())
    bench.resume(slow)

    (last,) = slow.drain()
    assert last["Data"]["markPrice"] == 99


def test_trades_are_dropped_and_counted_for_who_asked(bench: Bench) -> None:
    plain, asked = bench.reader("plain"), bench.reader("asked")
    bench.say(asked, {"Type": "relay_status_subscribe", "Data": {}})
    for reader in (plain, asked):
        bench.ask(reader, "trade_subscribe")
        reader.drain()
        bench.lag(reader)
    name = next(iter(bench.sockets))
    for _ in range(7):
        bench.hear(
            name,
            b'{"Type":"trade_update","Data":{"connectionId":1,"ticker":"BTCUSDT","trades":[]}}',
        )
    for reader in (plain, asked):
        bench.resume(reader)

    assert plain.frames == []
    (status,) = asked.drain()
    assert status["Data"] == {
        "state": "slow", "type": "trade_subscribe", "connectionId": 1, "ticker": "BTCUSDT",
        "missed": 7,
    }  # fmt: skip


def account_event(number: int) -> bytes:
    return f'{{"Type":"order_update","Data":{{"connectionId":1,"orderId":{number}}}}}'.encode()


def test_account_events_wait_in_order_and_none_is_lost(bench: Bench) -> None:
    slow = bench.reader()
    bench.ask(slow, "subscribe")
    slow.drain()
    bench.lag(slow)
    name = next(iter(bench.sockets))
    for number in range(1000):
        bench.hear(name, account_event(number))
    bench.resume(slow, room=1)
    for number in range(1000, 1010):
        bench.hear(name, account_event(number))
    bench.resume(slow)
    bench.hear(name, account_event(1010))

    assert [message["Data"]["orderId"] for message in slow.drain()] == list(range(1011))


def test_a_reader_beyond_its_bound_with_account_events_is_closed(bench: Bench) -> None:
    slow, fast = bench.reader("slow"), bench.reader("fast")
    for reader in (slow, fast):
        bench.ask(reader, "subscribe")
        reader.drain()
    bench.lag(slow)
    name = next(iter(bench.sockets))
    number = 0
    while slow.ended is None:
        bench.hear(name, account_event(number))
        number += 1
        client = bench.hub.clients[slow]
        assert sum(map(len, client.kept)) <= lagging.MAX_KEPT

    assert slow.ended[0] == 1013
    assert slow.ended[1]
    assert len(fast.frames) == number


def test_a_reader_is_given_no_more_than_it_can_take(bench: Bench) -> None:
    slow = bench.reader()
    tickers = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "DOGEUSDT", "XRPUSDT"]
    for ticker in tickers:
        bench.ask(slow, BOOK, ticker=ticker)
    slow.drain()
    bench.lag(slow)
    bench.step(3)
    rounds = 0
    while bench.hub.clients[slow].lagging:
        bench.resume(slow, room=1)
        rounds += 1

    assert rounds >= len(tickers)
    assert slow.kinds().count("orderbook_snapshot") == len(tickers)


def test_a_reader_that_falls_behind_again_before_it_is_back_is_fed_nothing(bench: Bench) -> None:
    slow = bench.reader()
    for ticker in ("BTCUSDT", "ETHUSDT"):
        bench.ask(slow, BOOK, ticker=ticker)
    bench.lag(slow)
    bench.resume(slow, room=1)
    assert bench.hub.clients[slow].lagging
    bench.lag(slow)
    slow.drain()
    bench.step(20)

    assert slow.frames == []
    bench.resume(slow)
    assert slow.kinds() == ["orderbook_snapshot"] * 2


def test_who_asked_to_be_told_is_told_what_it_missed(bench: Bench) -> None:
    plain, asked = bench.reader("plain"), bench.reader("asked")
    bench.say(asked, {"Type": "relay_status_subscribe", "Data": {}})
    for reader in (plain, asked):
        bench.ask(reader, "trade_subscribe")
        bench.ask(reader, BOOK)
        reader.drain()
    bench.drop(again=False)
    bench.now_ms += 1500
    bench.open_wanted()

    states = [message["Data"] for message in told(asked, "relay_status")]
    assert [(one["state"], one["type"]) for one in states] == [
        ("lost", "trade_subscribe"),
        ("lost", BOOK),
        ("restored", "trade_subscribe"),
        ("restored", BOOK),
    ]
    assert [one.get("ms") for one in states[2:]] == [1500, 1500]
    assert [one.get("snapshot") for one in states[2:]] == [False, True]
    assert plain.kinds() == ["orderbook_snapshot"]


def test_who_no_longer_asks_is_not_told(bench: Bench) -> None:
    reader = bench.reader()
    bench.say(reader, {"Type": "relay_status_subscribe", "Data": {}})
    bench.say(reader, {"Type": "relay_status_unsubscribe"})
    bench.ask(reader, "subscribe")
    bench.drop()

    assert reader.kinds() == ["relay_status_subscribed", "relay_status_unsubscribed", "subscribed"]
