"""The loop around the hub, with a real terminal on the other side."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hubs import BOOK, load, lowered, unframed
from server import free_port
from until import until

from relay import topic
from relay.core import streams as module
from relay.core.fanout import Chunk
from relay.core.link import Link
from relay.core.streams import Streams
from relay.envelope import MAX_PASSED
from relay.exchanges import Exchanges
from relay.metascalp.simulator import Simulator


class Reader:
    """What a reader was told, in messages."""

    def __init__(self) -> None:
        self.batch: list[bytes | Chunk] = []
        self.told: list[Any] = []
        self.ended: int | None = None

    def flush(self) -> None:
        batch, self.batch = self.batch, []
        for part in batch:
            for one in [part] if isinstance(part, bytes) else split(part.joined()):
                self.told.append(load(unframed(one)))

    def end(self, code: int, reason: str) -> None:
        self.ended = code

    def kinds(self) -> list[str]:
        return [one["Type"] for one in self.told]


def split(frames: bytes) -> list[bytes]:
    found = []
    while frames:
        size = frames[1]
        start = 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(frames[2:start], "big")
        found.append(frames[: start + size])
        frames = frames[start + size :]
    return found


@asynccontextmanager
async def running(exchanges: Exchanges, *ports: int) -> AsyncIterator[Streams]:
    link = Link(exchanges, lambda: None, ports)
    async with asyncio.timeout(30), Streams(link) as streams:
        yield streams
    link.close()


def say(streams: Streams, reader: Reader, kind: str, **data: Any) -> None:
    streams.receive(reader, json.dumps({"Type": kind, "Data": data}))


async def test_a_reader_is_told_what_the_terminal_says(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with running(exchanges, sim.port) as streams:
        reader = Reader()
        streams.join(reader)
        say(streams, reader, BOOK, connectionId=1, ticker="BTCUSDT")
        await until(lambda: len(reader.told) == 2)
        for _ in range(20):
            sim.world.step()
        await until(lambda: len(reader.told) == 22)

        assert reader.kinds()[:3] == [
            "orderbook_subscribed", "orderbook_snapshot", "orderbook_update",
        ]  # fmt: skip
        assert streams.stats()["topics"] == 1
        streams.leave(reader)
        await until(lambda: not sim.hub.sockets)
        assert streams.stats()["readers"] == 0


async def test_nothing_is_opened_before_somebody_asks(sim: Simulator, exchanges: Exchanges) -> None:
    async with running(exchanges, sim.port) as streams:
        reader = Reader()
        streams.join(reader)
        streams.receive(reader, "no message")
        await until(lambda: reader.told)

        assert not sim.hub.sockets


async def test_a_terminal_that_moves_is_followed(exchanges: Exchanges) -> None:
    first, second = free_port(), free_port()
    async with running(exchanges, first, second) as streams:
        reader = Reader()
        streams.join(reader)
        async with Simulator(port=first, rate=0.0):
            say(streams, reader, BOOK, connectionId=1, ticker="BTCUSDT")
            await until(lambda: len(reader.told) == 2)
            await streams._link.look_around()
        async with Simulator(port=second, rate=0.0, seed=7) as moved:
            await until(lambda: len(reader.told) == 3)
            market = moved.world.market((1, "BTCUSDT"))
            assert market is not None
            assert reader.kinds()[2] == "orderbook_snapshot"
            assert len(reader.told[2]["Data"]["asks"]) == len(market.book.asks)


async def test_without_a_terminal_whoever_waits_is_told_so(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ABSENT_S", 0.1)
    async with running(exchanges, free_port()) as streams:
        reader = Reader()
        streams.join(reader)
        say(streams, reader, "subscribe", connectionId=1)
        await until(lambda: reader.told)

        assert reader.told[0]["Data"] == {"error": "MetaScalp is not running"}


async def test_what_cannot_be_passed_on_is_left_out(sim: Simulator, exchanges: Exchanges) -> None:
    """Bytes that are no text, a frame on which the official client would close, and no JSON."""
    async with running(exchanges, sim.port) as streams:
        reader = Reader()
        streams.join(reader)
        say(streams, reader, "notification_subscribe")
        await until(lambda: len(reader.told) == 2)
        row = b'{"Type":"notification_update","Data":{"notifications":["%b"]}}'
        sim.hub.send_all([
            row % b"\xff\xfe", row % (b"x" * MAX_PASSED), b"not json", b"",
            row % "ключ".encode(),
        ])  # fmt: skip
        await until(lambda: len(reader.told) == 3)

        assert reader.told[2]["Data"] == {"notifications": ["ключ"]}
        assert streams.stats()["unreadable"] == 4


async def test_whoever_asked_for_what_we_do_not_know_is_told_of_what_was_too_large(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with running(exchanges, sim.port) as streams:
        reader = Reader()
        streams.join(reader)
        say(streams, reader, "of_tomorrow_subscribe")
        await until(lambda: len(reader.told) == 1)
        row = b'{"Type":"of_tomorrow","Data":{"x":"%b"}}'
        sim.hub.send_all([row % (b"x" * MAX_PASSED), row % b"x"])
        await until(lambda: len(reader.told) == 3)

        assert reader.kinds() == ["error", "error", "of_tomorrow"]


async def test_a_connection_that_went_and_came_back_is_subscribed_again(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.02)
    async with running(exchanges, sim.port) as streams:
        reader = Reader()
        streams.join(reader)
        say(streams, reader, BOOK, connectionId=1, ticker="BTCUSDT")
        await until(lambda: len(reader.told) == 2)
        await until(lambda: 1 in streams.hub._live)
        sim.world.connections[1].state = 3  # type: ignore[assignment]
        sim.hub.silence(1)
        await until(lambda: 1 not in streams.hub._live)
        sim.world.connections[1].state = 2  # type: ignore[assignment]
        await until(lambda: len(reader.told) == 3)

        assert reader.kinds()[2] == "orderbook_snapshot"


async def test_what_is_quiet_is_asked_for_again(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.02)
    monkeypatch.setattr(topic, "QUIET_MS", 50)
    async with running(exchanges, sim.port) as streams:
        reader = Reader()
        streams.join(reader)
        say(streams, reader, "subscribe", connectionId=1)
        await until(lambda: reader.told)
        sim.hub.silence(1)
        await until(lambda: any(1 in one.feed.accounts for one in sim.hub.sockets))

        assert reader.kinds() == ["subscribed"]


async def test_at_the_end_every_reader_is_closed(sim: Simulator, exchanges: Exchanges) -> None:
    reader = Reader()
    async with running(exchanges, sim.port) as streams:
        streams.join(reader)
        say(streams, reader, "ui_subscribe")
        await until(lambda: len(reader.told) == 2)

    assert reader.ended == module.GOING_AWAY
    await until(lambda: not sim.hub.sockets)


async def test_in_the_envelope_it_speaks_every_reader_is_answered(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with running(exchanges, sim.port) as streams:
        reader = Reader()
        streams.join(reader)
        streams.receive(reader, '{"type":"ui_subscribe","data":{}}')
        await until(lambda: len(reader.told) == 2)

        assert [lowered(one)["type"] for one in reader.told] == ["ui_subscribed", "ui_snapshot"]
        assert {tuple(one) for one in reader.told} == {("type", "data")}
