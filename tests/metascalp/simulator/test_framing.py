"""Frames written fast are the same as those written plainly."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.metascalp.simulator.catalog import connections
from relay.metascalp.simulator.framing import REMEMBERED, BookWriter, framed, text_of

ROWS = connections()
ONES = [(1, "BTCUSDT"), (4, "龙虾_USDT"), (10, "SBER"), (1, "1000PEPEUSDT")]
LEVELS = st.lists(
    st.tuples(
        st.sampled_from(["Ask", "Bid", "BestAsk", "BestBid"]),
        st.integers(1, 10**12), st.integers(0, 10**12),
    ),
    min_size=1,
)  # fmt: skip


def plain(payload):
    """The text in a frame, by the lengths of RFC 6455."""
    assert payload[0] == 0x81
    short = payload[1]
    assert short < 128, "a server does not mask"
    size, start = short, 2
    if short >= 126:
        start = 4 if short == 126 else 10
        size = int.from_bytes(payload[2:start])
    assert len(payload) == start + size
    return payload[start:].decode()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 100_000])
def test_a_frame_has_its_length_before_it(size):
    assert plain(framed("x" * size)) == "x" * size


@given(st.sampled_from(ONES), st.sampled_from(["mixed", "camel", "pascal"]), LEVELS)
def test_a_book_is_written_as_any_message_is(one, casing, levels):
    number, name = one
    ticker = ROWS[number].tickers()[name]
    updates = [
        {
            "price": tick * ticker.price_increment,
            "size": units * ticker.size_increment,
            "type": kind,
        }
        for kind, tick, units in levels
    ]
    data = {"connectionId": number, "ticker": name, "updates": updates}
    writer = BookWriter.make(number, ticker, casing)

    assert plain(writer.frame(levels)) == text_of("orderbook_update", data, casing)
    assert plain(writer.frame(levels)) == text_of("orderbook_update", data, casing)


def test_what_is_remembered_has_a_bound():
    writer = BookWriter.make(1, ROWS[1].tickers()["BTCUSDT"], "mixed")
    writer.frame([("Ask", tick, tick) for tick in range(REMEMBERED + 5)])
    text = plain(writer.frame([("Ask", 1, 1)]))

    assert max(len(writer.prices), len(writer.sizes)) <= REMEMBERED
    row = json.loads(text, parse_float=Decimal)["Data"]["updates"]
    assert row == [{"price": Decimal("0.10"), "size": Decimal("0.001"), "type": "Ask"}]
