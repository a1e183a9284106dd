"""Readers of topics: all there is at first, then changes, never too many, always the last."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from until import until

from relay.core import topics
from relay.core.topics import Reader, Sources
from relay.rows import Balance, Change


class Screen:
    """A reader's door that remembers what it was told, and what a panel would show."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.at: list[float] = []
        self.shown: dict[str, dict[str, Any]] = {}
        self.open = asyncio.Event()
        self.open.set()

    async def send(self, topic: str, data: dict[str, Any]) -> None:
        await self.open.wait()
        self.events.append((topic, data))
        self.at.append(time.monotonic())
        if topic == "account":
            if data["reset"]:
                self.shown.clear()
            for key in data["drop"]["balances"]:
                self.shown.pop(key, None)
            self.shown |= {row["key"]: row for row in data["put"]["balances"]}

    def of(self, topic: str) -> list[dict[str, Any]]:
        return [data for name, data in self.events if name == topic]


class World:
    """What is told about."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {"orders": {}, "positions": {}, "balances": {}}
        self.screen = Screen()
        self.sources = Sources(
            {
                "status": lambda: {"n": len(self.rows["balances"])},
                **{name: lambda: {"n": 0} for name in ("sites", "scan", "activity")},
            },
            lambda kind: self.rows[kind],
            lambda: {"stale": [], "known": {"tickers": 0}},
        )
        self.reader = Reader(self.screen.send, self.sources)

    def put(self, number: int, total: str = "1") -> None:
        row = Balance(1, f"C{number}", total, "0", "0")
        self.rows["balances"][row.key] = row
        self.reader.account_changed(Change(put={"balances": {row.key}}))

    def drop(self, number: int) -> None:
        key = f"1:C{number}"
        del self.rows["balances"][key]
        self.reader.account_changed(Change(drop={"balances": {key}}))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running() as made:
        yield made


@asynccontextmanager
async def running() -> AsyncIterator[World]:
    made = World()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(made.reader.run())
        yield made
        task.cancel()


async def test_a_new_reader_is_told_all_there_is(world: World) -> None:
    world.put(1)
    world.reader.subscribe({"status", "account"})
    await until(lambda: world.screen.of("account"))

    (event,) = world.screen.of("account")
    assert (event["reset"], event["more"]) == (True, False)
    assert [row["coin"] for row in event["put"]["balances"]] == ["C1"]
    assert event["drop"] == {"orders": [], "positions": [], "balances": []}
    assert (event["stale"], event["known"]) == ([], {"tickers": 0})
    assert world.screen.of("status") == [{"n": 1}]


async def test_a_topic_that_nobody_subscribed_is_silent(world: World) -> None:
    world.put(1)
    world.reader.changed("status")
    world.reader.subscribe({"status"})
    await until(lambda: world.screen.events)

    assert world.screen.of("account") == []


async def test_subscribing_again_is_nothing_new_but_after_leaving_it_starts_anew(
    world: World,
) -> None:
    world.reader.subscribe({"account"})
    await until(lambda: world.screen.events)
    world.reader.subscribe({"account"})
    world.reader.unsubscribe({"account"})
    world.put(1)
    world.reader.subscribe({"account"})
    await until(lambda: "1:C1" in world.screen.shown)

    assert [event["reset"] for event in world.screen.of("account")] == [True, True]


async def test_who_has_left_is_told_nothing_more(world: World) -> None:
    world.put(1)
    world.reader.subscribe({"account", "status"})
    world.reader.unsubscribe({"account"})
    await until(lambda: world.screen.of("status"))

    assert world.screen.of("account") == []

    world.reader.changed("status")
    world.reader.unsubscribe({"status"})
    world.reader.subscribe({"account"})
    await until(lambda: world.screen.of("account"))

    assert len(world.screen.of("status")) == 1


async def test_at_most_twenty_events_a_second_and_the_last_state_always_arrives(
    world: World,
) -> None:
    world.reader.subscribe({"account"})
    for total in range(300):
        world.put(1, str(total))
        await asyncio.sleep(0.002)
    await until(lambda: world.screen.shown["1:C1"]["total"] == "299")

    at = world.screen.at
    assert min(later - early for early, later in pairwise(at)) > 0.045
    assert 2 < len(at) <= 20 * (at[-1] - at[0]) + 2


async def test_a_slow_reader_skips_states_and_ends_on_the_last(world: World) -> None:
    world.reader.subscribe({"account"})
    await until(lambda: world.screen.events)
    world.screen.open.clear()
    for total in range(50):
        world.put(1, str(total))
        world.put(2)
    world.drop(2)
    await asyncio.sleep(0)
    world.screen.open.set()
    await until(lambda: world.screen.shown.get("1:C1", {}).get("total") == "49")

    assert "1:C2" not in world.screen.shown
    assert len(world.screen.events) <= 4


async def test_more_than_an_event_holds_comes_in_parts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "MAX_BYTES", 900)
    for number in range(25):
        world.put(number)
    world.reader.subscribe({"account"})
    await until(lambda: len(world.screen.shown) == 25)

    events = world.screen.of("account")
    assert len(events) > 2
    assert [event["more"] for event in events] == [True] * (len(events) - 1) + [False]
    assert [event["reset"] for event in events] == [True] + [False] * (len(events) - 1)
    assert all(1 < len(event["put"]["balances"]) < 12 for event in events[:-1])
    assert all(len(json.dumps(event["put"]["balances"])) < 1100 for event in events)


async def test_what_is_dropped_comes_in_parts_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.reader.subscribe({"account"})
    for number in range(100):
        world.put(number)
    await until(lambda: len(world.screen.shown) == 100)
    monkeypatch.setattr(topics, "MAX_BYTES", 100)
    for number in range(100):
        world.drop(number)
    await until(lambda: not world.screen.shown)

    events = [event for event in world.screen.of("account") if any(event["drop"].values())]
    assert len(events) > 4
    assert all(len(json.dumps(event["drop"]["balances"])) < 130 for event in events)
    assert [event["reset"] for event in events] == [False] * len(events)


async def test_no_event_is_more_than_a_browser_takes(world: World) -> None:
    """Beyond 1 MiB it disconnects, and the relay is gone."""
    for number in range(900):
        world.put(number, "1" * 1200)
    world.reader.subscribe({"account"})
    await until(lambda: len(world.screen.shown) == 900)

    assert all(len(json.dumps(data)) < 300_000 for _, data in world.screen.events)


async def test_a_row_that_no_event_can_hold_is_left_out_and_said(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(topics, "MAX_BYTES", 300)
    world.put(1)
    world.put(2)
    world.reader.subscribe({"account"})
    await until(lambda: len(world.screen.shown) == 2)
    world.put(1, "9" * 300)
    world.put(int("7" * 300))
    world.put(3)
    await until(lambda: "1:C3" in world.screen.shown)

    assert set(world.screen.shown) == {"1:C2", "1:C3"}
    assert caplog.text.count("left out") == 2
    assert "99999" not in caplog.text

    world.reader.start_anew()
    await until(lambda: world.screen.of("account")[-1]["reset"])
    assert set(world.screen.shown) == {"1:C2", "1:C3"}


async def test_who_leaves_topics_is_noticed() -> None:
    left: list[set[str]] = []
    world = World()
    reader = Reader(world.screen.send, world.sources, lambda: left.append(set(reader.topics)))
    reader.subscribe({"status", "account"})
    reader.unsubscribe({"account"})

    assert left == [{"status"}]
