"""A book is merged as the terminal merges it: compared with a terminal's own, and by examples."""

from __future__ import annotations

import json
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.book import Book
from relay.metascalp.simulator.book import View
from relay.metascalp.simulator.casing import recase
from relay.metascalp.simulator.catalog import connections
from relay.metascalp.simulator.market import Market
from relay.metascalp.simulator.start import ACTIVE
from relay.metascalp.simulator.wire import encode

HEAD = {"connectionId": 1, "ticker": "BTCUSDT"}


def message(kind: str, casing: str = "mixed", **data: Any) -> bytes:
    return encode(recase({"Type": kind, "Data": {**HEAD, **data}}, casing)).encode()


def level(price: str, size: str, kind: str) -> dict[str, Any]:
    return {"price": Decimal(price), "size": Decimal(size), "type": kind}


SNAPSHOT = message(
    "orderbook_snapshot",
    asks=[level("65124.00", "1.20", "Ask"), level("65125.00", "0.85", "Ask")],
    bids=[level("65123.00", "2.50", "Bid"), level("65122.00", "1.10", "Bid")],
    bestAsk=level("65124.00", "1.20", "BestAsk"),
    bestBid=level("65123.00", "2.50", "BestBid"),
)


def book(*updates: list[tuple[str, str, str]], raw: bytes = SNAPSHOT, **view: Any) -> Book:
    made = Book(**view)
    assert made.begin(raw)
    for rows in updates:
        made.add([message("orderbook_update", updates=[level(*row) for row in rows])], 1)
    return made


def shown(made: Book) -> Any:
    snapshot = made.snapshot()
    assert snapshot is not None
    data = json.loads(snapshot, parse_float=str)["Data"]
    return [[(row["price"], row["size"]) for row in data[side]] for side in ("asks", "bids")]


def test_a_snapshot_comes_back_to_the_byte() -> None:
    assert book().snapshot() == SNAPSHOT


def test_a_snapshot_agrees_with_a_book_that_shows_its_levels_however_they_are_written() -> None:
    moved = book([("65124.00", "0.50", "Ask")])
    rewritten = json.dumps(json.loads(SNAPSHOT), indent=1).encode()

    assert b"65124.0," in rewritten
    assert book().agrees(SNAPSHOT)
    assert book().agrees(rewritten)
    assert not moved.agrees(SNAPSHOT)
    assert moved.agrees(moved.snapshot() or b"")
    assert not book([("65122.00", "0", "Bid")]).agrees(SNAPSHOT)
    assert not book().agrees(b"no snapshot")
    assert not Book().agrees(SNAPSHOT)


def test_a_level_agrees_on_its_own_side_only() -> None:
    rows = [level("65124.00", "1.20", "Ask")]
    asks, bids = (
        message("orderbook_snapshot", **{"asks": [], "bids": [], side: rows}, bestAsk=None,
                bestBid=None)
        for side in ("asks", "bids")
    )  # fmt: skip

    assert book(raw=asks).agrees(asks)
    assert not book(raw=asks).agrees(bids)


def test_the_best_of_levels_gathered_by_zoom_has_to_agree_too() -> None:
    made = book([("65124.40", "0.2", "BestAsk")], zoom=10)

    assert shown(made) == shown(book())
    assert not made.agrees(SNAPSHOT)


def test_a_book_that_is_cut_is_not_whole() -> None:
    cut = book([("65126.00", "1.0", "Ask")], depth=2)

    assert cut.agrees(SNAPSHOT), "as far as it is shown"
    assert (book().whole, cut.whole, book(percent=Decimal(1)).whole) == (True, False, False)


def test_an_update_sets_totals_and_keeps_their_text() -> None:
    made = book(
        [("65124.00", "0.90", "Ask"), ("65126.00", "0.50", "Ask"), ("65123.00", "2.8", "Bid")]
    )

    assert shown(made) == [
        [("65124.00", "0.90"), ("65125.00", "0.85"), ("65126.00", "0.50")],
        [("65123.00", "2.8"), ("65122.00", "1.10")],
    ]


def test_size_zero_takes_a_level_away_however_it_is_written() -> None:
    made = book([("65124.0", "0.000", "Ask"), ("65122.000", "0.0", "Bid")])

    assert shown(made) == [[("65125.00", "0.85")], [("65123.00", "2.50")]]


def test_the_best_follows_the_levels() -> None:
    made = book([("65124.00", "0.0", "Ask")])
    data = json.loads(made.snapshot() or b"")["Data"]

    assert data["bestAsk"] == {"price": 65125.0, "size": 0.85, "type": "BestAsk"}


def test_an_empty_side_has_no_best() -> None:
    made = book([("65124.00", "0.0", "Ask"), ("65125.00", "0.0", "Ask")])
    data = json.loads(made.snapshot() or b"")["Data"]

    assert (data["asks"], data["bestAsk"]) == ([], None)


def test_a_mark_is_a_level_too() -> None:
    """The terminal was seen to name the best levels by their marks alone (public code, 2026-05)."""
    made = book([("65123.50", "0.3", "BestAsk"), ("65123.20", "0.4", "BestBid")])

    assert shown(made) == [
        [("65123.50", "0.3"), ("65124.00", "1.20"), ("65125.00", "0.85")],
        [("65123.20", "0.4"), ("65123.00", "2.50"), ("65122.00", "1.10")],
    ]


def test_levels_a_mark_has_passed_are_gone() -> None:
    made = book([("65125.00", "0.85", "BestAsk"), ("65122.00", "1.10", "BestBid")])

    assert shown(made) == [[("65125.00", "0.85")], [("65122.00", "1.10")]]


def test_a_level_passed_once_does_not_come_back_with_the_price() -> None:
    made = book([("65126.00", "1.0", "BestAsk")], [("65123.50", "0.5", "BestAsk")])

    assert shown(made)[0] == [("65123.50", "0.5"), ("65126.00", "1.0")]


def test_a_level_set_again_after_the_mark_stays() -> None:
    made = book(
        [("65125.00", "0.85", "BestAsk")],
        [("65124.50", "0.1", "Ask"), ("65124.50", "0.1", "BestAsk")],
    )

    assert shown(made)[0] == [("65124.50", "0.1"), ("65125.00", "0.85")]


def test_many_marks_are_kept_in_few() -> None:
    rows = [[(f"{65124 - n / 100:.2f}", "1.0", "BestAsk")] for n in range(1, 2000)]
    made = book(*rows)

    assert len(shown(made)[0]) == 2001


def test_levels_gathered_by_zoom_are_not_judged_by_marks() -> None:
    """A mark is a raw price: it may lie within the bucket that is nearest."""
    made = book([("65124.40", "0.2", "BestAsk")], zoom=10)

    assert shown(made)[0] == [("65124.00", "1.20"), ("65125.00", "0.85")]
    assert b'"bestAsk":{"price":65124.40,"size":0.2' in (made.snapshot() or b"")


def test_depth_cuts_what_is_shown() -> None:
    assert shown(book(depth=1)) == [[("65124.00", "1.20")], [("65123.00", "2.50")]]


def test_percent_hides_what_is_far() -> None:
    made = book([("65200.00", "1.0", "Ask")], percent=Decimal("0.01"))

    assert shown(made)[0] == [("65124.00", "1.20"), ("65125.00", "0.85")]


@pytest.mark.parametrize(
    ("view", "updates", "exact"),
    [
        ({}, [], True),
        ({"depth": 2}, [], True),
        ({"depth": 3}, [], True),  # Two levels is all there was.
        ({"depth": 2}, [("65124.50", "1.0", "Ask")], True),
        ({"depth": 2}, [("65124.00", "0.0", "Ask")], False),
        ({"depth": 2}, [("65124.00", "0.0", "Ask"), ("65126.00", "1.0", "Ask")], False),
        ({"depth": 2}, [("65124.00", "0.0", "Ask"), ("65124.30", "1.0", "Ask")], True),
        ({"percent": Decimal("0.01")}, [], True),
        ({"percent": Decimal("0.01")}, [("65123.50", "1.0", "BestAsk")], True),
        ({"percent": Decimal("0.01")}, [("65124.00", "0.0", "Ask")], False),
    ],
    ids=str,
)
def test_a_book_knows_whether_it_may_lack_far_levels(
    view: dict[str, Any], updates: list[tuple[str, str, str]], exact: bool
) -> None:
    assert book(updates, **view).exact() is exact


def test_before_a_snapshot_nothing_is_known() -> None:
    made = Book()
    made.add([message("orderbook_update", updates=[level("1.0", "1.0", "Ask")])], 1)

    assert made.snapshot() is None
    assert not made.exact()
    assert made.waiting == 0


def test_a_part_of_what_waits_is_merged_the_oldest_first() -> None:
    made = book()
    updates = [
        message("orderbook_update", updates=[level("65126.00", size, "Ask")])
        for size in ("1.0", "2.0", "3.0")
    ]
    made.add(updates, sum(map(len, updates)))

    assert made.merge(2) == 2
    assert made.waiting == len(updates[2])
    assert made._sides["ask"].levels[b"65126"].size == b"2.0"
    assert made.merge() == 1
    assert made.waiting == 0
    assert made._sides["ask"].levels[b"65126"].size == b"3.0"


def test_what_was_forgotten_is_not_merged() -> None:
    made = book([("65126.00", "0.50", "Ask")])
    made.forget()

    assert made.snapshot() is None
    assert made.begin(SNAPSHOT)
    assert made.snapshot() == SNAPSHOT


@pytest.mark.parametrize("casing", ["mixed", "camel", "pascal"])
def test_every_spelling_of_the_terminal_comes_back_as_it_was(casing: str) -> None:
    asks, bids = [level("2.0", "1.0", "Ask")], [level("1.0", "3.0", "Bid")]
    best = {"bestAsk": level("2.0", "1.0", "BestAsk"), "bestBid": level("1.0", "3.0", "BestBid")}
    raw = message("orderbook_snapshot", casing, asks=asks, bids=bids, **best)
    made = book(raw=raw)
    made.add([message("orderbook_update", casing, updates=[level("2.0", "5.0", "Ask")])], 1)
    expected = raw.replace(b"1.0,", b"5.0,")

    assert (made.snapshot() or b"").lower().count(b"5.0") == 2
    assert json.loads(made.snapshot() or b"").keys() == json.loads(raw).keys()
    assert len(made.snapshot() or b"") == len(expected)


def test_an_unusual_form_is_read_as_json() -> None:
    made = book()
    made.add(
        [
            b'{ "Data": {"ticker":"BTCUSDT", "updates": [{"type":"Ask","size":7,"price":65124}]},'
            b' "Type":"orderbook_update"}'
        ],
        1,
    )

    assert shown(made)[0] == [(65124, 7), ("65125.00", "0.85")]


@pytest.mark.parametrize(
    "raw",
    [b"", b"x", b"[]", b"{}", b'{"Type":"orderbook_snapshot","Data":{}}',
     b'{"Type":"orderbook_snapshot","Data":{"asks":5,"bids":[],"bestAsk":null,"bestBid":null}}',
     b'{"Type":"orderbook_snapshot","Data":{"asks":[{}],"bids":[],"bestAsk":null,"bestBid":null}}',
     b'{"Type":"orderbook_snapshot","Data":{"asks":[{"price":"x","size":1,"type":"Ask"}],'
     b'"bids":[],"bestAsk":null,"bestBid":null}}'],
)  # fmt: skip
def test_what_is_no_snapshot_is_refused(raw: bytes) -> None:
    made = book()

    assert not made.begin(raw)
    assert made.snapshot() is None


@pytest.mark.parametrize("raw", [b"", b"x", b'{"Data":{"updates":[{"price":1}]}}', b'{"Data":[]}'])
def test_what_is_no_update_changes_nothing(raw: bytes) -> None:
    made = book()
    made.add([raw], 1)

    assert made.snapshot() == SNAPSHOT


VIEWS = st.builds(
    View,
    zoom=st.sampled_from([0, 1, 2, 5, 50]),
    depth=st.none() | st.integers(1, 40),
    percent=st.none() | st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal(1)]),
)


@settings(max_examples=60, deadline=None)
@given(view=VIEWS, seed=st.integers(0, 10**6), steps=st.integers(0, 150))
def test_it_equals_the_terminals_own_or_says_that_it_may_not(
    view: View, seed: int, steps: int
) -> None:
    ticker = connections(0)[1].tickers()[ACTIVE[1]]
    market = Market.open(ticker, str(seed))
    made = Book(view.zoom, view.depth, view.percent)
    market.book.drain()
    made.begin(message("orderbook_snapshot", **market.book.snapshot(view)))
    random = Random(seed)
    for _ in range(steps):
        market.step()
        changed = market.book.drain()
        rows = [
            {
                "price": tick * ticker.price_increment,
                "size": units * ticker.size_increment,
                "type": side,
            }
            for side, tick, units in market.book.updates(changed, view)
        ]
        marks = [mark for side in ("Ask", "Bid") if (mark := market.book.marker(side)) is not None]
        made.add([message("orderbook_update", updates=rows + marks)], 1)
        if random.random() < 0.1:
            made.merge()

    own = message("orderbook_snapshot", **market.book.snapshot(view))
    if made.exact():
        assert made.snapshot() == own
    else:
        assert view.depth is not None or view.percent is not None


def test_a_mark_without_a_size_says_nothing() -> None:
    assert shown(book([("65125.00", "0.0", "BestAsk")])) == shown(book())


def test_a_price_with_an_exponent_is_the_same_price() -> None:
    made = book()
    made.add(
        [
            b'{"Type":"orderbook_update","Data":{"updates":'
            b'[{"price":6.5124E4,"size":0.0,"type":"Ask"}]}}'
        ],
        1,
    )

    assert shown(made)[0] == [("65125.00", "0.85")]


@pytest.mark.parametrize("price", ["NaN", "Infinity"])
def test_what_is_no_number_is_no_level(price: str) -> None:
    made = book()
    made.add([f'{{"Data":{{"updates":[{{"price":{price},"size":1,"type":"Ask"}}]}}}}'.encode()], 1)

    assert made.snapshot() == SNAPSHOT


@pytest.mark.parametrize("casing", ["mixed", "pascal"])
def test_a_book_too_large_for_one_message_comes_in_several(casing: str) -> None:
    """The nearest levels first; whoever merges them has the whole book."""
    asks = [level(f"{2 + n / 100:.2f}", "1.0", "Ask") for n in range(3000)]
    bids = [level(f"{1 - n / 10000:.4f}", "2.0", "Bid") for n in range(1000)]
    best = {"bestAsk": level("2.00", "1.0", "BestAsk"), "bestBid": level("1.0", "2.0", "BestBid")}
    made = book(raw=message("orderbook_snapshot", casing, asks=asks, bids=bids, **best))
    parts = made.parts(20_000)
    merged = Book()
    assert merged.begin(parts[0])
    merged.add(parts[1:], 1)

    assert len(parts) > 5
    assert max(map(len, parts)) <= 20_000
    assert merged.snapshot() == made.snapshot()
    assert made.parts(10**7) == [made.snapshot()]
    assert Book().parts(10) == []
