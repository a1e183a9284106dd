"""Batches: who gets what in which order, put together how often."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from until import until

from relay import envelope
from relay.core.fanout import AT_ONCE, FLOOD_BYTES, MERGE_BYTES, Chunk, Fanout, joined
from relay.envelope import Spelling, frame
from relay.subscriptions import head_of, read
from relay.topic import Client, Lane, Topic, made

SMALL, LARGE = Spelling(upper=False), Spelling()


class Reader:
    def __init__(self) -> None:
        self.batch: list[bytes | Chunk] = []
        self.written: list[bytes] = []

    def flush(self) -> None:
        batch, self.batch = self.batch, []
        self.written.append(joined(batch))

    def end(self, code: int, reason: str) -> None:
        raise AssertionError("nobody is closed here")


def topic(kind: str = "orderbook", ticker: str = "A", *clients: Client) -> Topic:
    data = f'{{"connectionId":1,"ticker":"{ticker}"}}'
    one = made(read(f'{{"Type":"{kind}_subscribe","Data":{data}}}'), Lane("lane"))
    for client in clients:
        one.feed(client)
    return one


def update(number: int, ticker: str = "A", kind: str = "orderbook") -> bytes:
    data = f'{{"connectionId":1,"ticker":"{ticker}","updates":[{number}]}}'
    return f'{{"Type":"{kind}_update","Data":{data}}}'.encode()


def run(fanout: Fanout, one: Topic, *updates: bytes) -> None:
    started = fanout.begin(head_of(updates[0]), one, updates[0])
    for raw in updates:
        assert raw.startswith(started.head)
        started.add(raw, len(raw))


@pytest.fixture
def missed() -> list[tuple[Topic, list[bytes]]]:
    return []


@pytest.fixture
def fanout(missed: list[Any]) -> Fanout:
    return Fanout(lambda one, updates: missed.append((one, updates)))


async def turn() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_a_turn_is_one_write_in_the_order_of_events(fanout: Fanout) -> None:
    reader, other = Reader(), Reader()
    first = topic("orderbook", "A", Client(reader, LARGE), Client(other, LARGE))
    second = topic("orderbook", "B", Client(reader, LARGE))
    run(fanout, first, update(1), update(2))
    run(fanout, second, update(3, "B"))
    fanout.end_run()
    fanout.put(reader, frame(b"told"))
    run(fanout, first, update(4))
    await turn()

    expected = [update(1), update(2), update(3, "B"), b"told", update(4)]
    assert reader.written == [b"".join(map(frame, expected))]
    assert other.written == [b"".join(map(frame, (update(1), update(2), update(4))))]


async def test_readers_alike_get_the_very_same_bytes(fanout: Fanout) -> None:
    readers = [Reader() for _ in range(3)]
    run(fanout, topic("orderbook", "A", *(Client(one, LARGE) for one in readers)), update(1))
    await turn()

    assert readers[0].written[0] is readers[1].written[0] is readers[2].written[0]


async def test_each_spelling_is_put_together_for_itself(fanout: Fanout) -> None:
    small, large = Reader(), Reader()
    run(fanout, topic("orderbook", "A", Client(small, SMALL), Client(large, LARGE)), update(1))
    await turn()

    assert large.written == [frame(update(1))]
    assert small.written == [frame(envelope.spelled(update(1), SMALL))]


async def test_what_comes_after_a_turn_is_the_next_ones(fanout: Fanout) -> None:
    reader = Reader()
    one = topic("orderbook", "A", Client(reader, LARGE))
    run(fanout, one, update(1))
    await turn()
    assert fanout.run is None
    fanout.fan(one, update(2))
    await turn()

    assert reader.written == [frame(update(1)), frame(update(2))]


async def test_those_behind_are_not_written_to_and_told_of(
    fanout: Fanout, missed: list[Any]
) -> None:
    reader, slow = Reader(), Reader()
    behind = Client(slow, LARGE)
    one = topic("orderbook", "A", Client(reader, LARGE))
    one.behind[behind] = None
    run(fanout, one, update(1), update(2))
    fanout.end_run()
    fanout.fan(one, update(3))
    await turn()

    assert slow.written == []
    assert missed == [(one, [update(1), update(2)]), (one, [update(3)])]


async def test_a_book_gets_every_update_once(fanout: Fanout) -> None:
    one = topic()
    run(fanout, one, update(1), update(2))
    fanout.end_run()
    fanout.end_run()
    fanout.fan(one, update(3))

    assert one.book is not None
    assert one.book.waiting == len(update(1)) * 3


async def test_in_a_calm_books_are_merged_and_in_a_flood_forgotten(fanout: Fanout) -> None:
    calm, flood = topic(), topic("orderbook", "B")
    assert calm.book is not None
    assert flood.book is not None
    for one in (calm, flood):
        assert one.book is not None
        empty = b'"asks":[],"bids":[],"bestAsk":null,"bestBid":null'
        assert one.book.begin(b'{"Type":"orderbook_snapshot","Data":{' + empty + b"}}")
    each = len(update(1000))
    run(fanout, calm, *[update(1000 + n) for n in range(1000)])
    await turn()
    assert calm.book.waiting == 1000 * each
    await until(lambda: calm.book.waiting < 1000 * each)
    assert calm.book.waiting == (1000 - AT_ONCE) * each
    await until(lambda: calm.book.waiting <= MERGE_BYTES)
    assert calm.book.known

    while flood.book.known:
        run(fanout, flood, *[update(n, "B") for n in range(2000)])
        await turn()
        assert flood.book.waiting <= FLOOD_BYTES + 2000 * len(update(2000, "B"))
    assert flood.book.snapshot() is None
