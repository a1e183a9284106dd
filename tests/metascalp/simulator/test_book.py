from decimal import Decimal

import pytest

from relay.metascalp.simulator.book import ASK, BID, Book, View, bucket
from relay.metascalp.simulator.catalog import connections

BTC = connections()[1].tickers()["BTCUSDT"]


@pytest.fixture
def book():
    """Asks at 101, 102, 105, 109, bids at 100, 99, 95, 91, of 1, 2, 3 and 4 units."""
    book = Book(BTC)
    for i, (ask, bid) in enumerate([(101, 100), (102, 99), (105, 95), (109, 91)], start=1):
        book.put(ASK, ask, i)
        book.put(BID, bid, i)
    book.drain()
    return book


def prices(levels):
    return [int(level["price"] / BTC.price_increment) for level in levels]


def sizes(levels):
    return [int(level["size"] / BTC.size_increment) for level in levels]


def test_asks_rise_and_bids_fall(book):
    shot = book.snapshot(View())

    assert prices(shot["asks"]) == [101, 102, 105, 109]
    assert prices(shot["bids"]) == [100, 99, 95, 91]
    assert shot["bestAsk"] == {
        "price": Decimal("10.10"), "size": Decimal("0.001"), "type": "BestAsk"
    }  # fmt: skip
    assert list(shot) == ["asks", "bids", "bestAsk", "bestBid"]
    assert list(shot["asks"][0]) == ["price", "size", "type"]


def test_zoom_gathers_asks_upwards_and_bids_downwards(book):
    shot = book.snapshot(View(zoom=5))

    assert (prices(shot["asks"]), sizes(shot["asks"])) == ([105, 110], [6, 4])
    assert (prices(shot["bids"]), sizes(shot["bids"])) == ([100, 95, 90], [1, 5, 4])
    assert prices([shot["bestAsk"], shot["bestBid"]]) == [101, 100]


@pytest.mark.parametrize("zoom", [0, 1, -3])
def test_no_zoom_leaves_levels_alone(book, zoom):
    assert book.snapshot(View(zoom)) == book.snapshot(View())


def test_depth_cuts_after_zoom_and_percent(book):
    assert prices(book.snapshot(View(depth=2))["asks"]) == [101, 102]
    assert prices(book.snapshot(View(zoom=5, depth=1))["bids"]) == [100]
    assert prices(book.snapshot(View(depth=9, percent=Decimal(4)))["asks"]) == [101, 102, 105]


def test_percent_is_measured_from_the_best_of_each_side(book):
    shot = book.snapshot(View(percent=Decimal(5)))

    assert prices(shot["asks"]) == [101, 102, 105]
    assert prices(shot["bids"]) == [100, 99, 95]


def test_updates_bring_new_totals_and_zero_for_what_is_gone(book):
    book.put(ASK, 102, 9)
    book.put(BID, 99, 0)

    rows = book.updates(book.drain(), View())

    assert rows == [("Ask", 102, 9), ("Bid", 99, 0)]
    assert book.drain() == []


def test_zoomed_updates_carry_the_total_of_the_bucket(book):
    book.put(ASK, 102, 9)

    rows = book.updates(book.drain(), View(zoom=5))

    assert rows == [("Ask", 105, 13)]


@pytest.mark.parametrize("zoom", [5, 50, 10**18])
def test_a_bucket_of_an_update_is_that_of_the_snapshot(book, zoom):
    book.put(ASK, 102, 9)
    book.put(BID, 99, 9)
    rows = book.updates(book.drain(), View(zoom))
    shot = book.snapshot(View(zoom))

    shown = [(row["type"], *prices([row]), *sizes([row])) for row in shot["asks"] + shot["bids"]]
    assert set(rows) <= set(shown)


def test_updates_beyond_the_percent_are_not_sent(book):
    book.put(ASK, 109, 1)
    book.put(ASK, 102, 1)

    assert book.updates(book.drain(), View(percent=Decimal(5))) == [("Ask", 102, 1)]


def test_taking_eats_from_the_best_and_stops_at_the_limit(book):
    assert book.take(ASK, 5, 102) == [(101, 1), (102, 2)]
    assert book.best(ASK) == 105
    assert book.take(BID, 2, None) == [(100, 1), (99, 1)]
    assert book.best(BID) == 99


def test_an_empty_side_has_no_best_and_no_marker():
    book = Book(BTC)

    assert book.best(ASK) is None
    assert book.snapshot(View(percent=Decimal(1)))["bestBid"] is None
    assert book.take(ASK, 1, None) == []


@pytest.mark.parametrize(("side", "sign"), [(ASK, 1), (BID, -1)])
@pytest.mark.parametrize("gap", [1, 15, 16, 17, 500])
def test_the_best_is_found_however_far_behind_the_last_one_it_lies(side, sign, gap):
    book = Book(BTC)
    for place in (0, gap, gap + 1):
        book.put(side, 1000 + sign * place, 1)
    book.put(side, 1000, 0)

    assert book.best(side) == 1000 + sign * gap
    book.put(side, 1000 + sign * gap, 0)
    book.put(side, 1000 + sign * (gap + 1), 0)
    assert book.best(side) is None


def test_buckets_never_cross_the_spread():
    assert bucket(ASK, 101, 10) == 110
    assert bucket(BID, 101, 10) == 100
    assert bucket(ASK, 110, 10) == bucket(BID, 110, 10) == 110
