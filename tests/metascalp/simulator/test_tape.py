from decimal import Decimal

from relay.metascalp.simulator.book import ASK, BID
from relay.metascalp.simulator.catalog import connections
from relay.metascalp.simulator.market import Print
from relay.metascalp.simulator.tape import Entry, Tape, regroup

BTC = connections()[1].tickers()["BTCUSDT"]


def test_trades_of_one_side_within_the_window_become_one():
    tape = Tape()

    assert tape.add([Print(ASK, 100, 2), Print(ASK, 103, 1)], 10.0) == []
    assert tape.add([Print(ASK, 101, 4)], 10.1) == []
    assert tape.flush(10.15) == []
    assert tape.flush(10.25) == [Entry(ASK, 101, 7, 10.1, 103, 100)]
    assert tape.flush(11.0) == []


def test_a_change_of_side_ends_the_entry():
    tape = Tape()

    done = tape.add([Print(ASK, 100, 1), Print(BID, 99, 1), Print(BID, 98, 1)], 10.0)

    assert done == [Entry(ASK, 100, 1, 10.0, 100, 100)]
    assert tape.flush(10.5) == [Entry(BID, 98, 2, 10.0, 99, 98)]


def test_a_trade_after_the_window_starts_anew():
    tape = Tape()
    tape.add([Print(ASK, 100, 1)], 10.0)

    assert tape.add([Print(ASK, 100, 1)], 10.3) == [Entry(ASK, 100, 1, 10.0, 100, 100)]


def test_an_entry_is_shown_with_its_range():
    row = Entry(ASK, 651235, 150, 1773662401.234, 651240, 651230).row(BTC)

    assert list(row.items()) == [
        ("price", Decimal("65123.50")),
        ("size", Decimal("0.150")),
        ("side", "Buy"),
        ("time", "2026-03-16T12:00:01.234+00:00"),
        ("highPrice", Decimal("65124.00")),
        ("lowPrice", Decimal("65123.00")),
    ]


def test_zoom_regroups_by_zoomed_price_and_unites_ranges():
    entries = [Entry(ASK, 101, 1, 1.0, 102, 101), Entry(ASK, 104, 2, 2.0, 105, 104)]

    assert regroup(entries, 0) == regroup(entries, 1) == entries
    assert regroup(entries, 5) == [Entry(ASK, 105, 3, 2.0, 105, 101)]
    assert len(regroup([*entries, Entry(BID, 101, 1, 3.0, 101, 101)], 5)) == 2
