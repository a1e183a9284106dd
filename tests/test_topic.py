"""The parts of the hub: how a topic is asked for, named, and given to its readers."""

from __future__ import annotations

import pytest

from relay.envelope import Spelling
from relay.subscriptions import read
from relay.topic import (
    AGAIN_MS,
    MOST_QUIET_MS,
    QUIET_MS,
    Client,
    Lane,
    Topic,
    asking,
    leaving,
    made,
)

BOOK = (
    '{"type":"orderbook_subscribe","data":{"ConnectionID":1,"Ticker":"BTCUSDT","zoomIndex":5,'
    '"depthPercent":0.50}}'
)


def topic(text: str) -> Topic:
    return made(read(text), Lane("lane"))


def test_the_terminal_is_asked_as_the_first_reader_did() -> None:
    """Values as they were written, names too: an older build may be particular."""
    asked = asking(topic(BOOK)).decode()

    assert asked == BOOK.replace("type", "Type").replace("data", "Data", 1)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (BOOK, '{"Type":"orderbook_unsubscribe","Data":{"connectionId":1,"ticker":"BTCUSDT"}}'),
        (
            '{"Type":"subscribe","Data":{"connectionId":4}}',
            '{"Type":"unsubscribe","Data":{"connectionId":4}}',
        ),
        ('{"Type":"ui_subscribe","Data":{}}', '{"Type":"ui_unsubscribe","Data":{}}'),
        (
            '{"Type":"screener_subscribe","Data":{"templateId":-1}}',
            '{"Type":"screener_unsubscribe","Data":{"templateId":-1}}',
        ),
        (
            '{"Type":"large_trades_subscribe","Data":{"exchangeMarkets":[{"exchange":"a"}]}}',
            '{"Type":"large_trades_unsubscribe","Data":{}}',
        ),
    ],
)
def test_it_is_left_by_its_names_alone(text: str, left: str) -> None:
    assert leaving(topic(text)).decode() == left


def test_only_a_book_has_a_book() -> None:
    assert topic(BOOK).book is not None
    assert topic(BOOK.replace("orderbook", "trade")).book is None


def test_a_topic_of_a_connection_says_which() -> None:
    assert topic(BOOK).connection == 1
    assert topic('{"Type":"screener_subscribe","Data":{"templateId":7}}').connection is None


def test_what_is_quiet_for_long_is_doubtful_and_what_is_not_is_as_new() -> None:
    one = topic(BOOK)
    one.sure = one.heard = True

    assert not one.is_doubtful(5 * QUIET_MS)
    assert not one.is_doubtful(6 * QUIET_MS - 1)
    assert one.is_doubtful(6 * QUIET_MS)
    assert one.is_doubtful(0), "the clock was set back"
    one.trust_longer()
    assert not one.is_doubtful(6 * QUIET_MS)
    one.heard = True
    assert not one.is_doubtful(7 * QUIET_MS)
    assert one.is_doubtful(8 * QUIET_MS)


def test_what_was_doubted_in_vain_is_doubted_later_but_not_when_it_is_unsure() -> None:
    one = topic(BOOK)
    one.sure = True
    pauses = []
    for _ in range(4):
        one.trust_longer()
        pauses.append(one.pause_ms)
    assert pauses == [2 * QUIET_MS, 4 * QUIET_MS, MOST_QUIET_MS, MOST_QUIET_MS]
    one.sure = False

    assert one.is_doubtful(QUIET_MS)


def test_what_has_no_connection_is_wanting_until_it_is_had_again() -> None:
    one, book = topic('{"Type":"ui_subscribe","Data":{}}'), topic(BOOK)
    assert not one.is_wanting(AGAIN_MS), "nobody reads it"
    one.readers[Client("a", Spelling())] = book.readers[Client("b", Spelling())] = None
    one.quiet_ms = 5 * AGAIN_MS

    assert not book.is_wanting(9 * AGAIN_MS)
    assert not one.is_wanting(6 * AGAIN_MS - 1)
    assert one.is_wanting(6 * AGAIN_MS)
    assert one.is_wanting(0), "the clock was set back"
    one.sure = True
    assert not one.is_wanting(6 * AGAIN_MS)


def test_a_reader_is_fed_once_however_often_it_is_said() -> None:
    one = topic(BOOK)
    client, other = Client("a", Spelling()), Client("b", Spelling(upper=False))
    for reader in (client, client, other):
        one.feed(reader)

    assert one.audience == {client.spelling: ["a"], other.spelling: ["b"]}


def test_a_starved_reader_is_written_to_no_more() -> None:
    one = topic(BOOK)
    client = Client("a", Spelling())
    one.feed(client)
    one.behind[client] = one.thirsty[client] = None
    one.starve(client)
    one.starve(client)

    assert (one.audience, one.behind, one.thirsty) == ({}, {}, {})
