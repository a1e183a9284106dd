"""Prices of positions: the mark price, the book where that is silent, none without need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from until import until

from relay.core import marks
from relay.core.marks import Marks
from relay.orders import Mirror
from relay.rows import Change, Position


class Stream:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.gone = False

    async def send(self, message: dict[str, Any]) -> None:
        if self.gone:
            raise ConnectionError
        self.sent.append((message["Type"], message["Data"]["Ticker"]))


class World:
    def __init__(self) -> None:
        self.stream, self.mirror, self.changes = Stream(), Mirror(), list[Change]()
        self.marks = Marks(self.stream, self.mirror, self.changes.append, lambda *key: "USDT")  # type: ignore[arg-type]

    def hold(self, ticker: str, *, size: str = "2") -> None:
        self.mirror.update_position(
            Position(1, ticker, ticker, "long", size, "100", closed=size == "0")
        )
        self.marks.heed_positions()

    def told(self, ticker: str, price: str) -> None:
        data = {"connectionid": 1, "ticker": ticker, "markprice": Decimal(price)}
        self.marks.take("mark_price_update", data)

    def row(self, ticker: str) -> dict[str, Any]:
        return next(row for row in self.mirror.positions() if row.ticker == ticker).as_json()


@asynccontextmanager
async def running(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(marks, "SILENT_S", 0.05)
    monkeypatch.setattr(marks, "PAUSE_S", 0.01)
    world = World()
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(world.marks.run())
        yield world
        task.cancel()


async def test_a_position_gets_its_mark_price_and_our_result(monkeypatch):
    async with running(monkeypatch) as world:
        world.hold("BTCUSDT")
        await until(lambda: ("mark_price_subscribe", "BTCUSDT") in world.stream.sent)
        world.told("BTCUSDT", "110.5")

    row = world.row("BTCUSDT")
    assert (row["mark"], row["markFrom"], row["result"], row["quote"]) == (
        "110.5", "mark", "21", "USDT",
    )  # fmt: skip
    assert [one.put["positions"] for one in world.changes] == [{"1:BTCUSDT"}]


async def test_a_silent_ticker_is_priced_by_its_book_even_while_others_speak(monkeypatch):
    async with running(monkeypatch) as world:
        world.hold("BTCUSDT")
        world.hold("QUIET")
        await until(lambda: ("mark_price_subscribe", "QUIET") in world.stream.sent)
        for turn in range(20):
            world.told("BTCUSDT", f"1{turn}")
            world.marks.heed_positions()
            await asyncio.sleep(0.01)
        await until(lambda: ("orderbook_subscribe", "QUIET") in world.stream.sent)
        best = {
            "bestbid": {"price": Decimal("99"), "size": 1, "type": "BestBid"},
            "bestask": {"price": Decimal("102"), "size": 1, "type": "BestAsk"},
        }
        world.marks.take("orderbook_snapshot", {"connectionid": 1, "ticker": "QUIET", **best})
        first = world.row("QUIET")
        moved = [
            {"price": Decimal("101"), "size": 1, "type": "BestBid"},
            {"price": 5, "type": "Bid"},
        ]
        data = {"connectionid": 1, "ticker": "QUIET", "updates": moved}
        world.marks.take("orderbook_update", data)

    assert (first["mark"], first["markFrom"], first["result"]) == ("100.5", "book", "1")
    assert world.row("QUIET")["mark"] == "101.5"
    assert ("orderbook_subscribe", "BTCUSDT") not in world.stream.sent


async def test_when_the_mark_price_comes_after_all_the_book_is_left(monkeypatch):
    async with running(monkeypatch) as world:
        world.hold("LATE")
        await until(lambda: ("orderbook_subscribe", "LATE") in world.stream.sent)
        world.told("LATE", "100")
        await until(lambda: ("orderbook_unsubscribe", "LATE") in world.stream.sent)

    assert world.row("LATE")["markFrom"] == "mark"


async def test_what_falls_quiet_is_asked_for_again(monkeypatch):
    """Its connection was away for a moment, and took the subscriptions with it."""
    monkeypatch.setattr(marks, "QUIET_S", 0.2)
    async with running(monkeypatch) as world:
        world.hold("BTCUSDT")
        asked = [("mark_price_subscribe", "BTCUSDT"), ("orderbook_subscribe", "BTCUSDT")]
        await until(lambda: world.stream.sent == asked)
        await until(lambda: world.stream.sent == [*asked, *asked])
        world.told("BTCUSDT", "105")

    assert world.row("BTCUSDT")["markFrom"] == "mark"


async def test_what_had_a_mark_price_and_lost_it_is_priced_by_its_book(monkeypatch):
    monkeypatch.setattr(marks, "QUIET_S", 0.2)
    async with running(monkeypatch) as world:
        world.hold("BTCUSDT")
        await until(lambda: world.stream.sent)
        world.told("BTCUSDT", "105")
        world.stream.sent.clear()
        await until(lambda: ("orderbook_subscribe", "BTCUSDT") in world.stream.sent)

    assert world.stream.sent[0] == ("mark_price_subscribe", "BTCUSDT")


async def test_on_a_connection_that_was_away_all_is_asked_for_at_once(monkeypatch):
    async with running(monkeypatch) as world:
        world.hold("BTCUSDT")
        await until(lambda: world.stream.sent)
        world.told("BTCUSDT", "105")
        world.stream.sent.clear()
        world.marks.doubt({2})
        world.marks.doubt({1})
        await until(lambda: world.stream.sent)

    assert world.stream.sent == [("mark_price_subscribe", "BTCUSDT")]


async def test_without_a_position_nothing_is_followed(monkeypatch):
    async with running(monkeypatch) as world:
        world.hold("BTCUSDT")
        await until(lambda: ("mark_price_subscribe", "BTCUSDT") in world.stream.sent)
        world.hold("BTCUSDT", size="0")
        await until(lambda: ("mark_price_unsubscribe", "BTCUSDT") in world.stream.sent)
        world.told("BTCUSDT", "5")

    assert world.changes == []


@pytest.mark.parametrize("price", [0, -1, True, "5", None, Decimal("1E+99")])
async def test_what_is_no_price_is_passed_over(monkeypatch, price):
    async with running(monkeypatch) as world:
        world.hold("BTCUSDT")
        await until(lambda: world.stream.sent)
        data = {"connectionid": 1, "ticker": "BTCUSDT", "markprice": price}
        world.marks.take("mark_price_update", data)
        world.marks.take("mark_price_update", {**data, "ticker": ["BTCUSDT"]})

    assert world.changes == []


async def test_a_socket_that_is_gone_ends_it(monkeypatch):
    async with running(monkeypatch) as world:
        world.stream.gone = True
        world.hold("BTCUSDT")
        await asyncio.sleep(0.1)

    assert world.stream.sent == []


async def test_a_new_reading_keeps_the_price(monkeypatch):
    async with running(monkeypatch) as world:
        world.hold("BTCUSDT")
        await until(lambda: world.stream.sent)
        world.told("BTCUSDT", "105")
        snapshot = world.mirror.begin(("positions", 1, ""))
        world.mirror.finish(snapshot, [Position(1, "BTCUSDT", "BTCUSDT", "long", "4", "100")])

    assert world.row("BTCUSDT")["result"] == "20"
