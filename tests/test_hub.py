"""Playbooks: what readers say, what the terminal says, what happens then."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from typing import Any

import pytest
from hubs import BOOK, Bench, Reader, direct, load, snapshot_of, told
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from relay import envelope
from relay.metascalp.simulator.book import View
from relay.metascalp.simulator.feed import Feed
from relay.subscriptions import FAMILIES
from relay.topic import QUIET_MS


def test_equal_subscriptions_share_one_upstream(bench: Bench) -> None:
    readers = [bench.reader(f"{n}") for n in range(5)]
    for reader in readers:
        bench.ask(reader, BOOK, zoomIndex=0)
        bench.ask(reader, "trade_subscribe")
    bench.step(20)

    assert bench.count(BOOK) == bench.count("trade_subscribe") == 1
    assert len(bench.sockets) == 1
    assert [len(told(reader, "trade_update")) for reader in readers] == [
        len(told(readers[0], "trade_update"))
    ] * 5
    assert told(readers[0], "trade_update")


@pytest.mark.parametrize("profile", ["v1.0.2860", "v1.0.671", "doc-edition-1", "doc-edition-2"])
def test_everybody_hears_what_the_terminal_would_have_said(profile: str) -> None:
    """The second reader never reached the terminal, and hears it to the byte."""
    bench = Bench(profile)
    bench.notice()
    data = {"connectionId": 1, "ticker": "BTCUSDT", "zoomIndex": 5, "depthPercent": 0.5}
    kind = "type" if profile == "doc-edition-1" else "Type"
    asks = {kind: BOOK, "data" if kind == "type" else "Data": data}
    first, second = bench.reader("first"), bench.reader("second")
    for reader in (first, second):
        bench.say(reader, asks)
        bench.settle()
    expected = direct(profile, asks)

    assert first.frames == expected
    assert second.frames == expected
    assert bench.count(BOOK) == 1
    bench.step(50)
    assert len(first.frames) > 10
    assert first.frames == second.frames
    assert first.books == second.books


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"ticker": "BTCUSDT"},
        {"connectionId": 1},
        {"connectionId": 1, "ticker": ""},
        {"connectionId": None, "ticker": "BTCUSDT"},
        {"connectionId": "one", "ticker": "BTCUSDT"},
        {"connectionId": True, "ticker": "BTCUSDT"},
        {"connectionId": 1, "ticker": 5},
        {"connectionId": 1, "ticker": "BTCUSDT", "depthLevels": 0},
        {"connectionId": 1, "ticker": "BTCUSDT", "depthPercent": -1},
        {"connectionId": 99, "ticker": "BTCUSDT"},
        {"connectionId": 11, "ticker": "BTC-USDT"},
    ],
    ids=str,
)
def test_what_the_terminal_refuses_it_refuses_in_its_own_words(
    bench: Bench, data: dict[str, Any]
) -> None:
    """The vendor's own JavaScript examples subscribe without a connection id."""
    other, reader = bench.reader("other"), bench.reader()
    bench.ask(other, BOOK)
    other.drain()
    bench.say(reader, {"type": BOOK, "data": data})
    bench.settle()

    assert reader.kinds() == ["error"]
    assert load(reader.frames[0])["data"]["error"]
    assert other.frames == []
    assert reader.ended is None


@pytest.mark.parametrize(
    "text",
    ["", "not json", "[]", "null", "3", '"x"', "{}", '{"Type":5,"Data":{}}', '{"Data":{}}', b"\xff",
     '{"Type":"subscribe","Data":{"connectionId":NaN}}', "[" * 5000, '{"Type":"subscribe"'],
    ids=lambda text: repr(text[:20]),
)  # fmt: skip
def test_what_is_no_message_is_answered_as_the_terminal_does(bench: Bench, text: str) -> None:
    reader = bench.reader()
    bench.say(reader, text)

    assert load(reader.frames[0])["Data"] == {"error": "Invalid message format"}
    assert bench.sockets == {}


@pytest.mark.parametrize(
    "kind",
    ["notification", "signal_level", "user_level", "ui", "density_map", "liquidations"],
)
def test_whoever_comes_second_gets_the_first_snapshot_of_its_own(bench: Bench, kind: str) -> None:
    data: dict[str, Any] = {}
    if kind == "density_map":
        data = {"exchangeMarkets": [{"exchange": "binance", "market": "futures"}]}
    if kind == "liquidations":
        data = {"exchanges": ["binance", "bybit"]}
    first, second = bench.reader("first"), bench.reader("second")
    bench.say(first, {"Type": f"{kind}_subscribe", "Data": data})
    bench.settle()
    before = list(first.frames)
    bench.say(second, {"Type": f"{kind}_subscribe", "Data": data})
    bench.settle()

    assert [one.split("_")[0] for one in second.kinds()][:2] == [one.split("_")[0] for one in
                                                                  first.kinds()][:2]  # fmt: skip
    assert len(second.frames) == 2
    assert first.frames == before
    assert len(bench.sockets) == 1


def test_a_book_without_a_snapshot_of_its_own_stays_without(bench: Bench) -> None:
    """Unless somebody else has it fetched: then all get it (MetaScalp API, edition 3, 2026-08)."""
    first, second, third = (bench.reader(str(n)) for n in range(3))
    ticker = "DOGEUSDT"
    bench.ask(first, BOOK, ticker=ticker, fetchSnapshot=False)
    bench.ask(second, BOOK, ticker=ticker, fetchSnapshot=False)
    assert first.kinds() == second.kinds() == ["orderbook_subscribed"]
    bench.ask(third, BOOK, ticker=ticker)

    for reader in (first, second, third):
        assert reader.kinds() == ["orderbook_subscribed", "orderbook_snapshot"]


def test_after_the_terminals_restart_everything_is_restored(bench: Bench) -> None:
    first, second = bench.reader("first"), bench.reader("second")
    for reader in (first, second):
        bench.ask(reader, BOOK)
        bench.ask(reader, "trade_subscribe")
        bench.ask(reader, "subscribe")
    bench.step(5)
    for reader in (first, second):
        reader.drain()
    bench.drop(again=False)
    bench.world.step()
    bench.open_wanted()

    for reader in (first, second):
        assert reader.kinds() == ["orderbook_snapshot"]
        reader.drain()
    bench.step(5)
    (socket,) = bench.sockets.values()
    assert set(socket.feed.accounts) == {1}
    assert len(told(first, "trade_update")) > 0
    assert first.frames == second.frames


def test_a_connection_that_comes_up_later_is_restored_then(bench: Bench) -> None:
    """After a start the terminal answers before its connections are there."""
    reader = bench.reader()
    bench.ask(reader, BOOK)
    bench.drop(again=False)
    bench.world.connections[1].state = 1  # type: ignore[assignment]
    bench.notice()
    reader.drain()
    bench.open_wanted()
    assert reader.frames == []

    bench.connect(1, 2)

    assert reader.kinds() == ["orderbook_snapshot"]


def test_what_was_refused_is_asked_for_again_when_somebody_looks(bench: Bench) -> None:
    """The connection was away between two looks: nobody has seen it go or come."""
    reader = bench.reader()
    bench.ask(reader, BOOK)
    bench.drop(again=False)
    bench.world.connections[1].state = 3  # type: ignore[assignment]
    reader.drain()
    bench.open_wanted()
    bench.world.connections[1].state = 2  # type: ignore[assignment]
    assert reader.frames == []
    bench.notice()

    assert reader.kinds() == ["orderbook_snapshot"]


def test_what_cannot_be_restored_for_long_is_told_once_and_still_tried(bench: Bench) -> None:
    """The connection is gone, or has another number now: silence would look like a quiet market."""
    reader = bench.reader()
    bench.ask(reader, BOOK)
    bench.drop(again=False)
    bench.world.connections[1].state = 0  # type: ignore[assignment]
    bench.notice()
    reader.drain()
    bench.open_wanted()
    for _ in range(10):
        doubt(bench)

    (error,) = reader.drain()
    assert error["Data"] == {"error": "Connection 1 not found or not active"}
    bench.connect(1, 2)
    assert reader.kinds() == ["orderbook_snapshot"]


FEEDS: dict[str, dict[str, Any]] = {
    "liquidations": {"exchanges": ["binance"]},
    "large_trades": {"exchangeMarkets": [{"exchange": "binance", "market": "spot"}]},
    "density_map": {"exchangeMarkets": [{"exchange": "binance", "market": "futures"}]},
    "screener": {"templateId": -1},
    "notification": {},
}


@pytest.mark.parametrize("kind", FEEDS)
def test_what_belongs_to_no_connection_is_asked_for_until_the_terminal_has_it(
    bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal is up before it has signed in to its broker: no look would ever say when."""
    reader = restarted_and_refused(bench, kind, monkeypatch)
    monkeypatch.undo()
    assert reader.frames == []
    doubt(bench)
    first = next(family.first for family in FAMILIES if family.name == kind)

    assert reader.kinds() == ([first] if first else [])
    (socket,) = bench.sockets.values()
    theirs = socket.feed.topics
    assert theirs.on or theirs.feeds or theirs.screens
    asked = bench.count(f"{kind}_subscribe")
    doubt(bench)
    assert bench.count(f"{kind}_subscribe") == asked


@pytest.mark.parametrize("kind", FEEDS)
def test_what_belongs_to_no_connection_and_stays_refused_is_told_once(
    bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = restarted_and_refused(bench, kind, monkeypatch)
    asked = bench.count(f"{kind}_subscribe")
    for _ in range(2):
        doubt(bench)
    assert reader.frames == []
    doubt(bench)
    assert reader.kinds() == ["error"]
    for _ in range(3):
        doubt(bench)

    assert reader.kinds() == ["error"]
    assert 15 <= bench.count(f"{kind}_subscribe") - asked <= 21


def restarted_and_refused(bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """A reader of this; the terminal was restarted and says no to all that it is asked."""
    reader = bench.reader()
    bench.say(reader, {"Type": f"{kind}_subscribe", "Data": FEEDS[kind]})
    bench.settle()
    reader.drain()
    refusal = ("error", {"error": f"{kind}_subscribe: sign in to MetaBroker first"})
    monkeypatch.setattr(Feed, "receive", lambda feed, text: [refusal])
    bench.drop()
    return reader


def test_a_subscription_that_ended_without_a_word_is_asked_for_again(bench: Bench) -> None:
    """A connection left the terminal and came back; nothing was said about it."""
    reader = bench.reader()
    bench.ask(reader, BOOK)
    bench.ask(reader, "subscribe")
    reader.drain()
    bench.connect(1, 3)
    bench.connect(1, 2)

    assert reader.kinds() == ["orderbook_snapshot"]
    (socket,) = bench.sockets.values()
    assert socket.feed.accounts == {1}


def gone_unseen(bench: Bench) -> None:
    """The connection has just gone, and no look has seen it yet."""
    bench.world.connections[1].state = 1  # type: ignore[assignment]
    bench.terminal.silence(1)


def test_what_is_quiet_for_long_is_asked_for_again(bench: Bench) -> None:
    """The connection left and came back between two looks."""
    reader = bench.reader()
    bench.ask(reader, "subscribe")
    bench.terminal.silence(1)
    reader.drain()
    for _ in range(2):
        doubt(bench)

    (socket,) = bench.sockets.values()
    assert socket.feed.accounts == {1}
    assert reader.frames == []


def test_a_doubt_that_the_terminal_refuses_is_a_loss_and_no_error(bench: Bench) -> None:
    """Nobody has asked anything; the connection has just gone, and the next look would see it."""
    plain, asked = bench.reader("plain"), bench.reader("asked")
    bench.say(asked, {"Type": "relay_status_subscribe", "Data": {}})
    for reader in (plain, asked):
        bench.ask(reader, "mark_price_subscribe")
        reader.drain()
    gone_unseen(bench)
    for _ in range(2):
        doubt(bench)

    assert bench.count("mark_price_subscribe") > 1
    assert plain.frames == []
    assert [(one["Data"]["state"], one["Data"]["why"]) for one in asked.drain()] == [
        ("lost", "connection")
    ]
    bench.notice()
    bench.connect(1, 2)
    assert plain.frames == []
    assert [one["Data"]["state"] for one in asked.drain()] == ["restored"]
    assert any(socket.feed.topics.prices for socket in bench.sockets.values())


def test_who_comes_while_a_doubt_is_refused_is_told_so_and_nobody_else(bench: Bench) -> None:
    reader, late = bench.reader(), bench.reader("late")
    bench.ask(reader, BOOK, depthLevels=5)
    bench.step(400)
    reader.drain()
    gone_unseen(bench)
    for now_ms in (0, QUIET_MS):
        bench.perform(bench.hub.doubt_the_quiet(now_ms))
    bench.ask(late, BOOK, depthLevels=5)
    assert reader.frames == []
    assert late.kinds() == ["error"]
    bench.world.connections[1].state = 2  # type: ignore[assignment]
    bench.notice()

    assert reader.kinds() == ["orderbook_snapshot"]


def test_what_is_refused_for_long_after_a_doubt_is_told_once(bench: Bench) -> None:
    """The terminal calls its connection connected, and yet knows it no more."""
    reader = bench.reader()
    bench.ask(reader, "mark_price_subscribe")
    reader.drain()
    gone_unseen(bench)
    for _ in range(6):
        doubt(bench)

    assert reader.kinds() == ["error"]


def doubt(bench: Bench) -> None:
    """Ten seconds go by in which nothing happens."""
    for _ in range(20):
        bench.now_ms += 500
        bench.perform(bench.hub.doubt_the_quiet(bench.now_ms))
        bench.settle()


def test_a_book_that_ended_unseen_is_there_again_for_all_who_read_it(bench: Bench) -> None:
    """The connection left and came back between two looks: the market went on without us."""
    first, second, deep = bench.reader("first"), bench.reader("second"), bench.reader("deep")
    for reader in (first, second):
        bench.ask(reader, BOOK)
    bench.ask(deep, BOOK, depthLevels=5)
    bench.step(5)
    bench.terminal.silence(1)
    bench.step(20)
    doubt(bench)
    for reader in (first, second, deep):
        reader.drain()
    doubt(bench)

    for reader in (first, second, deep):
        assert reader.kinds() == ["orderbook_snapshot"]
    bench.step(5)
    own = snapshot_of(bench)
    for reader in (first, second):
        for side in ("asks", "bids"):
            assert reader.books[1, "BTCUSDT"][side] == {
                row["price"]: row["size"] for row in own[side]
            }
    assert told(deep, "orderbook_update")


def test_a_book_in_which_nothing_happens_is_asked_for_again_and_nobody_hears_of_it(
    bench: Bench,
) -> None:
    reader, late = bench.reader(), bench.reader("late")
    bench.ask(reader, BOOK)
    bench.step(3)
    for _ in range(3):
        doubt(bench)
    reader.drain()
    for _ in range(3):
        doubt(bench)
    asked = bench.count(BOOK)
    bench.ask(late, BOOK)

    assert asked == 3
    assert reader.frames == []
    assert late.kinds() == ["orderbook_subscribed", "orderbook_snapshot"]


@pytest.mark.parametrize("view", [{}, {"depthLevels": 5}], ids=str)
def test_a_book_that_is_asked_for_again_in_vain_is_left_in_peace_for_longer(
    bench: Bench, view: dict[str, Any]
) -> None:
    """Every snapshot costs the terminal, and it may cost it a request to the exchange."""
    reader = bench.reader()
    bench.ask(reader, BOOK, **view)

    assert periods_asked(bench, 20) == [1, 3, 7, 13, 19]
    bench.step(3)
    assert periods_asked(bench, 2) == [1], "after a word it is as new"


def periods_asked(bench: Bench, periods: int) -> list[int]:
    """In which of so many periods of ten seconds the book was asked for."""
    asked = []
    for period in range(periods):
        before = bench.count(BOOK)
        doubt(bench)
        asked += [period] * (bench.count(BOOK) - before)
    return asked


def test_what_was_left_in_peace_for_long_is_doubted_soon_after_its_connection_was_away(
    bench: Bench,
) -> None:
    bench.notice()
    reader = bench.reader()
    bench.ask(reader, BOOK)
    periods_asked(bench, 20)
    bench.connect(1, 3)
    bench.connect(1, 2)
    reader.drain()

    assert periods_asked(bench, 3) == [1]
    assert reader.frames == []


def test_a_book_that_somebody_new_gets_from_memory_is_doubted_soon(bench: Bench) -> None:
    first, late = bench.reader("first"), bench.reader("late")
    bench.ask(first, BOOK)
    assert periods_asked(bench, 16)[-1] == 13
    bench.terminal.silence(1)
    bench.step(20)
    bench.ask(late, BOOK)
    first.drain()
    late.drain()

    assert periods_asked(bench, 1) == [0]
    assert first.kinds() == late.kinds() == ["orderbook_snapshot"]


@pytest.mark.parametrize(("missing", "told"), [(0, []), (1, ["orderbook_snapshot"])])
def test_a_quiet_book_is_compared_by_its_levels(
    bench: Bench, missing: int, told: list[str]
) -> None:
    reader = bench.reader()
    bench.ask(reader, BOOK)
    snapshot = json.loads(reader.frames[-1])
    del snapshot["Data"]["asks"][:missing]
    reader.drain()
    for now_ms in (0, QUIET_MS):
        bench.hub.doubt_the_quiet(now_ms)
    bench.hear(next(iter(bench.sockets)), json.dumps(snapshot, indent=1).encode())

    assert reader.kinds() == told


def test_who_comes_while_a_book_is_doubted_and_who_was_there_both_get_it(bench: Bench) -> None:
    first, late = bench.reader("first"), bench.reader("late")
    bench.ask(first, BOOK, depthLevels=5)
    bench.step(400)
    bench.terminal.silence(1)
    first.drain()
    for now_ms in (0, QUIET_MS):
        bench.perform(bench.hub.doubt_the_quiet(now_ms))
    bench.ask(late, BOOK, depthLevels=5)

    assert first.kinds() == ["orderbook_snapshot"]
    assert late.kinds() == ["orderbook_subscribed", "orderbook_snapshot"]


def test_who_comes_to_a_book_that_ended_unseen_brings_it_back_for_all(bench: Bench) -> None:
    first, calm, late = bench.reader("first"), bench.reader("calm"), bench.reader("late")
    bench.ask(first, BOOK, depthLevels=5)
    first.drain()
    bench.ask(calm, BOOK, depthLevels=5)
    assert first.kinds() == []
    bench.step(400)
    bench.terminal.silence(1)
    bench.step(400)
    first.drain()
    bench.ask(late, BOOK, depthLevels=5)

    assert first.kinds() == ["orderbook_snapshot"]
    assert first.books == calm.books == late.books


def test_a_private_subscription_cannot_be_restored_so_its_reader_is_closed() -> None:
    bench = Bench("doc-edition-1")
    reader, other = bench.reader(), bench.reader("other")
    bench.ask(other, "trade_subscribe")
    bench.say(reader, {"Type": "subscribe", "Data": {"connectionId": 1.0}})
    bench.settle()
    bench.drop()

    assert reader.ended is not None
    assert reader.ended[0] == 1012
    assert other.ended is None


def test_a_private_message_that_was_refused_ends_nobody(bench: Bench) -> None:
    reader = bench.reader()
    bench.say(reader, {"Type": "nonsense", "Data": {}})
    bench.settle()
    bench.drop()

    assert reader.ended is None


@pytest.mark.parametrize("kind", ["of_tomorrow", "of_tomorrow_snapshot"])
def test_a_private_message_too_large_for_a_client_is_an_error(bench: Bench, kind: str) -> None:
    """The official client's socket closes on more than 1 MiB (1.1.0, 2026-08)."""
    reader = bench.reader()
    bench.say(reader, {"Type": "of_tomorrow_subscribe", "Data": {}})
    bench.settle()
    reader.drain()
    (name,) = bench.sockets
    head = f'{{"Type":"{kind}","Data":{{"x":"'.encode()
    fits = envelope.MAX_PASSED - len(head) - 3
    bench.hear(name, head + b"x" * fits + b'"}}')
    bench.hear(name, head + b"x" * (fits + 1) + b'"}}')

    assert reader.kinds() == [kind, "error"]
    assert len(reader.frames[0]) == envelope.MAX_PASSED
    assert "1048577 bytes" in load(reader.frames[1])["Data"]["error"]


def test_leaving_what_nobody_read_begins_nothing_that_could_be_lost(bench: Bench) -> None:
    """Clients do so to be sure; what they subscribe to afterwards is shared and restored."""
    reader = bench.reader()
    bench.ask(reader, "unsubscribe")
    bench.ask(reader, "subscribe")
    bench.drop()

    assert reader.kinds() == ["unsubscribed", "subscribed"]
    assert reader.ended is None


@pytest.mark.parametrize("answered", [True, False])
def test_leaving_hides_nothing_that_is_lost_with_the_socket(bench: Bench, answered: bool) -> None:
    reader = bench.reader()
    bench.ask(reader, "trade_subscribe", zoomIndex=1.0)
    bench.say(reader, {"Type": "unsubscribe", "Data": {"connectionId": 1}})
    if answered:
        bench.settle()
    bench.drop()

    assert reader.ended is not None


def test_without_a_terminal_whoever_waits_is_told_so() -> None:
    bench = Bench(up=False)
    reader = bench.reader()
    bench.ask(reader, BOOK)
    bench.say(reader, {"Type": "unknown", "Data": {}})
    assert reader.frames == []
    for name in list(bench.wanted):
        bench.perform(bench.hub.absent(name, "MetaScalp is not running"))

    assert [load(raw)["Data"]["error"] for raw in reader.frames] == ["MetaScalp is not running"] * 2


def test_a_snapshot_that_never_comes_is_made_of_what_is_known(bench: Bench) -> None:
    """Nothing says that a terminal sends one when it is asked again (edition 3, 2026-08)."""
    first, second = bench.reader("first"), bench.reader("second")
    bench.ask(first, BOOK, depthLevels=5)
    bench.step(400)
    name = next(iter(bench.sockets))
    ack = first.frames[0]
    data = {"connectionId": 1, "ticker": "BTCUSDT", "depthLevels": 5}
    bench.perform(
        [one for one in bench.hub.receive(second, json.dumps({"Type": BOOK, "Data": data}))
         if type(one).__name__ != "Say"]
    )  # fmt: skip
    bench.hear(name, ack)
    assert second.kinds() == ["orderbook_subscribed"]
    bench.perform(bench.hub.wake())

    assert second.kinds() == ["orderbook_subscribed", "orderbook_snapshot"]


def test_a_book_forgotten_in_a_flood_is_asked_for_anew(bench: Bench) -> None:
    first, second = bench.reader("first"), bench.reader("second")
    bench.ask(first, BOOK)
    (topic,) = bench.hub.lanes.topics()
    assert topic.book is not None
    topic.book.forget()
    bench.ask(second, BOOK)

    assert second.kinds() == ["orderbook_subscribed", "orderbook_snapshot"]
    assert bench.count(BOOK) == 2


VIEWS: list[dict[str, Any]] = [
    {}, {"zoomIndex": 5}, {"depthLevels": 8}, {"depthPercent": 0.05},
    {"zoomIndex": 10, "depthLevels": 6, "depthPercent": 0.1},
]  # fmt: skip
TICKERS = ("BTCUSDT", "ETHUSDT")
#: So many sequences of so many steps; `FUZZ_EXAMPLES` makes them many and longer.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "10"))
STEPS = 50 if "FUZZ_EXAMPLES" in os.environ else 15


class Readers(RuleBasedStateMachine):
    """Whatever readers, terminal and connections do: every book equals the terminal's."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.bench.notice()
        self.readers = [self.bench.reader(str(n)) for n in range(4)]
        self.wants: dict[tuple[int, str], dict[str, Any]] = {}
        self.lagging: set[int] = set()

    @rule(n=st.integers(0, 3), ticker=st.sampled_from(TICKERS), view=st.sampled_from(VIEWS))
    def subscribe(self, n: int, ticker: str, view: dict[str, Any]) -> None:
        self.bench.ask(self.readers[n], BOOK, ticker=ticker, **view)
        self.wants[n, ticker] = view

    @rule(n=st.integers(0, 3), ticker=st.sampled_from(TICKERS))
    def unsubscribe(self, n: int, ticker: str) -> None:
        self.bench.ask(self.readers[n], "orderbook_unsubscribe", ticker=ticker)
        self.wants.pop((n, ticker), None)

    @rule(n=st.integers(0, 3))
    def reconnect(self, n: int) -> None:
        self.bench.leave(self.readers[n])
        self.readers[n] = self.bench.reader(str(n))
        self.wants = {key: view for key, view in self.wants.items() if key[0] != n}
        self.lagging.discard(n)

    @rule(times=st.integers(1, 60))
    def step(self, times: int) -> None:
        self.bench.step(times)

    @rule(times=st.integers(0, 20))
    def restart(self, times: int) -> None:
        self.bench.drop(again=False)
        for _ in range(times):
            self.bench.world.step()
        self.bench.open_wanted()

    @rule(times=st.integers(0, 20))
    def flicker(self, times: int) -> None:
        """The connection leaves the terminal and comes back."""
        self.bench.connect(1, 3)
        for _ in range(times):
            self.bench.world.step()
        self.bench.connect(1, 2)

    @rule(times=st.integers(0, 20))
    def end_unseen(self, times: int) -> None:
        """The same between two looks; more than a minute goes by in which nothing is said."""
        self.bench.terminal.silence(1)
        for _ in range(times):
            self.bench.world.step()
        for _ in range(8):
            doubt(self.bench)

    @rule(n=st.integers(0, 3))
    def lag(self, n: int) -> None:
        self.bench.lag(self.readers[n])
        self.lagging.add(n)

    @precondition(lambda self: self.lagging)
    @rule()
    def resume(self) -> None:
        self.bench.resume(self.readers[self.lagging.pop()])

    @rule(n=st.integers(0, 3))
    def wake(self, n: int) -> None:
        self.bench.perform(self.bench.hub.wake())

    @invariant()
    def every_book_is_the_terminals(self) -> None:
        for (n, ticker), view in self.wants.items():
            if n not in self.lagging and not view.keys() - {"zoomIndex"}:
                own = snapshot_of(self.bench, ticker, View(view.get("zoomIndex", 0)))
                book = self.readers[n].books[1, ticker]
                for side in ("asks", "bids"):
                    assert book[side] == {row["price"]: row["size"] for row in own[side]}

    @invariant()
    def whoever_comes_now_gets_the_terminals_snapshot(self) -> None:
        for view in VIEWS:
            reader = self.bench.reader("late")
            self.bench.ask(reader, BOOK, **view)
            (snapshot,) = told(reader, "orderbook_snapshot")
            depth, percent = view.get("depthLevels"), view.get("depthPercent")
            wanted = View(
                view.get("zoomIndex", 0), depth, None if percent is None else Decimal(str(percent))
            )
            expected = snapshot_of(self.bench, view=wanted)
            self.bench.leave(reader)
            assert snapshot["Data"] == {**expected, "connectionId": 1, "ticker": "BTCUSDT"}

    @invariant()
    def nothing_is_subscribed_that_nobody_reads(self) -> None:
        wanted = {(ticker, json.dumps(view)) for (_, ticker), view in self.wants.items()}
        held = [key for socket in self.bench.sockets.values() for key in socket.feed.books]
        assert len(held) == len(wanted)


TestReaders = pytest.mark.timeout(60 + 5 * EXAMPLES)(Readers.TestCase)
TestReaders.settings = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None)


def test_what_is_gone_concerns_nobody(bench: Bench) -> None:
    """Sockets and readers end in any order; what comes late is for nobody."""
    gone = bench.reader()
    bench.ask(gone, BOOK)
    (name,) = bench.sockets
    bench.leave(gone)

    assert bench.hub.leave(gone) == []
    assert bench.hub.heard(name, b'{"Type":"error","Data":{"error":"x"}}', 0) == []
    assert bench.hub.closed(name, 0) == bench.hub.absent(name, "x") == []
    assert bench.hub.resume(gone, 1) == []
    bench.hub.lag(gone)


def test_an_error_that_names_nothing_is_told_to_all_on_its_socket(bench: Bench) -> None:
    first, second = bench.reader("first"), bench.reader("second")
    bench.ask(first, BOOK)
    bench.ask(second, "trade_subscribe")
    (name,) = bench.sockets
    bench.hear(name, b'{"Type":"error","Data":{"error":"the broker is away"}}')

    assert first.kinds()[-1] == second.kinds()[-1] == "error"


def test_a_refusal_that_names_a_message_is_for_who_sent_it(bench: Bench) -> None:
    """Large trades are refused after their acknowledgement (interactive page, 2026-08)."""
    first, second = bench.reader("first"), bench.reader("second")
    bench.ask(first, "subscribe")
    data = {"exchangeMarkets": [{"exchange": "binance", "market": "spot"}]}
    bench.say(second, {"Type": "large_trades_subscribe", "Data": data})
    bench.settle()
    (name,) = bench.sockets
    bench.hear(name, b'{"Type":"error","Data":{"error":"large_trades_subscribe: refused"}}')

    assert first.kinds() == ["subscribed"]
    assert second.kinds() == ["large_trades_subscribed", "error"]


def test_where_nothing_is_known_and_nothing_comes_it_is_subscribed_from_the_start(
    bench: Bench,
) -> None:
    first, second = bench.reader("first"), bench.reader("second")
    bench.ask(first, BOOK)
    (topic,) = bench.hub.lanes.topics()
    (name,) = bench.sockets
    assert topic.book is not None
    topic.book.forget()
    asked = bench.hub.receive(
        second, '{"Type":"orderbook_subscribe","Data":{"connectionId":1,"ticker":"BTCUSDT"}}'
    )
    bench.hear(name, first.frames[0])
    assert [type(one).__name__ for one in asked] == ["Say"]
    assert second.kinds() == ["orderbook_subscribed"]
    first.drain()
    bench.perform(bench.hub.wake())
    bench.settle()

    assert bench.count("orderbook_unsubscribe") == 1
    assert first.kinds() == second.kinds()[1:] == ["orderbook_snapshot"]


def test_a_restart_while_a_snapshot_is_awaited_loses_nobody(bench: Bench) -> None:
    first, second = bench.reader("first"), bench.reader("second")
    bench.ask(first, BOOK)
    (topic,) = bench.hub.lanes.topics()
    assert topic.book is not None
    topic.book.forget()
    (name,) = bench.sockets
    bench.hub.receive(
        second, '{"Type":"orderbook_subscribe","Data":{"connectionId":1,"ticker":"BTCUSDT"}}'
    )
    bench.hear(name, first.frames[0])
    bench.drop()
    bench.step(5)

    assert second.kinds()[:2] == ["orderbook_subscribed", "orderbook_snapshot"]
    assert first.books == second.books


def test_a_snapshot_that_cannot_be_read_is_passed_on_and_not_kept(bench: Bench) -> None:
    first, second = bench.reader("first"), bench.reader("second")
    bench.ask(first, BOOK)
    first.drain()
    (name,) = bench.sockets
    odd = b'{"Type":"orderbook_snapshot","Data":{"connectionId":1,"ticker":"BTCUSDT","levels":[]}}'
    bench.perform(bench.hub.heard(name, b"not json", 0))
    before = bench.hub.ignored
    first.take = first.frames.append  # type: ignore[method-assign]
    bench.perform(bench.hub.heard(name, odd, 0))
    assert first.frames == [odd]
    assert bench.hub.ignored == before + 1

    bench.ask(second, BOOK)
    assert second.kinds() == ["orderbook_subscribed", "orderbook_snapshot"]


def test_a_snapshot_for_all_reaches_who_lags_when_it_is_back(bench: Bench) -> None:
    slow = bench.reader()
    bench.ask(slow, BOOK)
    bench.ask(slow, "ui_subscribe")
    slow.drain()
    bench.lag(slow)
    bench.drop()
    assert slow.frames == []
    bench.resume(slow)

    assert sorted(slow.kinds()) == ["orderbook_snapshot", "ui_snapshot"]


def test_a_snapshot_too_large_for_a_client_is_taken_apart(bench: Bench) -> None:
    """The official client's socket closes on more than 1 MiB (1.1.0, 2026-08)."""
    reader = bench.reader()
    bench.ask(reader, BOOK)
    bench.ask(reader, "notification_subscribe")
    reader.drain()
    (name,) = bench.sockets
    asks = ",".join(f'{{"price":{70000 + n}.00,"size":1.00,"type":"Ask"}}' for n in range(30_000))
    large = (
        '{"Type":"orderbook_snapshot","Data":{"connectionId":1,"ticker":"BTCUSDT",'
        f'"asks":[{asks}],"bids":[],"bestAsk":null,"bestBid":null}}}}'
    )
    bench.hear(name, large.encode())
    pad = "x" * envelope.MAX_PASSED
    bench.hear(
        name,
        f'{{"Type":"notification_snapshot","Data":{{"notifications":["{pad}"]}}}}'.encode(),
    )

    assert len(large) > envelope.MAX_PASSED >= max(map(len, reader.frames))
    assert set(reader.kinds()) == {"orderbook_snapshot", "orderbook_update"}
    assert len(reader.books[1, "BTCUSDT"]["asks"]) == 30_000
