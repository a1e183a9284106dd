"""This file knows how costs grow: a curve for each thing of which there can be many.

Each point is what one unit costs: one delivery, one message, one request, one click. So what is to
be linear in all and flat for each is a flat line here, and `growth` is its end over its beginning.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from relay.connection import Connection
from relay.core.topics import Sources
from relay.edges.benching import machine, payloads, requesting
from relay.edges.benching.contenders import Contender
from relay.edges.benching.machine import Places
from relay.edges.benching.reading import Readers, Wrong
from relay.edges.benching.sockets import WINDOW
from relay.find import Find
from relay.orders import Mirror
from relay.resolve import Preferences, resolve
from relay.rows import Order
from relay.tickers import Listed, index

#: A cost of one that grows by more than this from the first point to the last is not flat.
FLAT = 2.0
REPEATS = 5


@dataclass(frozen=True, slots=True)
class Curve:
    """measure: what one unit costs among so many."""

    name: str
    unit: str
    points: tuple[int, ...]
    measure: Callable[[int], float]


def all_of(relay: Contender, places: Places) -> list[Curve]:
    return [
        Curve("readers of one stream", "µs of cpu for a delivery", (1, 4, 16, 64, 256),
              lambda count: _delivery(relay, places, readers=count)),
        Curve("topics of one reader, in turn", "µs of cpu for a message", (2, 10, 100, 1000),
              lambda count: _delivery(relay, places, topics=count)),
        Curve("connections of clients", "µs of cpu for a request", (1, 8, 64, 200),
              lambda count: _request(relay, places, count)),
        Curve("tickers in a list, passed on", "ns of cpu for a ticker",
              (1000, 5000, 20_000, 50_000), lambda count: _list(relay, places, count)),
        Curve("tickers in a list, a click among them", "µs for a click",
              (1000, 5000, 20_000, 50_000), lambda count: _click(count, 1)),
        Curve("connections of the terminal", "µs for a click and a connection", (1, 10, 50, 200),
              lambda count: _click(1000, count) / count),
        Curve("orders in the mirror", "µs for an update and its panel frame",
              (10, 100, 1000, 10_000), _order),
    ]  # fmt: skip


def measure(
    relay: Contender, places: Places, say: Callable[[list[str]], None], repeats: int = REPEATS
) -> dict[str, Any]:
    """All curves, told as they come."""
    found = {}
    for curve in all_of(relay, places):
        try:
            rounds = [[curve.measure(point) for point in curve.points] for _ in range(repeats)]
        except (Wrong, OSError) as error:
            say(["", f"{curve.name} FAILED: {error}"[:200]])
            continue
        found[curve.name] = _told(curve, rounds, say)
    return found


def _told(
    curve: Curve, rounds: list[list[float]], say: Callable[[list[str]], None]
) -> dict[str, Any]:
    costs = [statistics.median(values) for values in zip(*rounds, strict=True)]
    growth = statistics.median([one[-1] / one[0] for one in rounds])
    flat = growth <= FLAT
    told = zip(curve.points, costs, strict=True)
    pairs = " · ".join(f"{at}: {cost:.3g}" for at, cost in told)
    mark = "flat" if flat else "NOT FLAT"
    say(["", f"{curve.name}, {curve.unit}", f"    {pairs}", f"    x {growth:.2f}: {mark}"])
    data = {"unit": curve.unit, "points": list(curve.points), "costs": costs}
    return {**data, "growth": growth, "flat": flat}


def _delivery(relay: Contender, places: Places, readers: int = 1, topics: int = 1) -> float:
    names = [payloads.ticker(number) for number in range(topics)]
    relay.pin(places.relay, places.load)
    with machine.pinned(places.load):
        reading = Readers(relay.port, readers, names)
        try:
            messages = max(4000, 200_000 // readers // (10 if topics > 1 else 1))
            before = machine.cpu_s(relay.processes)
            stream = reading.read(relay.control, messages, 0.0, WINDOW)
            used = machine.used_s(relay.processes, before)
        finally:
            reading.close()
    return used / sum(stream.counts) * 1e6


def _request(relay: Contender, places: Places, clients: int) -> float:
    request = payloads.request(relay.port, "POST", "/api/change-ticker", payloads.CHANGE)
    relay.pin(places.relay, places.load)
    with machine.pinned(places.load):
        before = machine.cpu_s(relay.processes)
        load = requesting.crowd(relay.port, request, payloads.CHANGED.__eq__, clients, 0.4)
        return machine.used_s(relay.processes, before) / load.asked * 1e6


def _list(relay: Contender, places: Places, count: int) -> float:
    target = f"/api/connections/1/tickers?count={count}"
    body = payloads.tickers(count)
    request = payloads.request(relay.port, "GET", target)
    relay.pin(places.relay, places.load)
    with machine.pinned(places.load):
        before = machine.cpu_s(relay.processes)
        load = requesting.serial(relay.port, request, body.__eq__, max(3, 40_000 // count))
        return machine.used_s(relay.processes, before) / load.asked / count * 1e9


def _click(tickers: int, connections: int) -> float:
    """A click on a ticker of the last of so many connections, each with so many tickers."""
    listed = index(
        Listed(f"{payloads.ticker(one)}USDT", payloads.ticker(one), "USDT")
        for one in range(tickers)
    )
    places = [_place(number) for number in range(1, connections + 1)]
    lists = dict.fromkeys((one.id for one in places), listed)
    base = payloads.ticker(tickers // 2)
    find = Find(exchange="BINANCE", market="futures", base=base, quote="USDT", native=f"{base}USDT")

    def click() -> None:
        found = resolve(find, places, lists, Preferences())
        assert found.best is not None, "it is listed"

    return _timed(click)


def _place(number: int) -> Connection:
    return Connection(
        id=number, name="Binance Futures", exchange="BINANCE", exchange_name="Binance",
        exchange_id=2, market="USDT Futures", market_type=2, kind="futures", state="connected",
    )  # fmt: skip


def _order(count: int) -> float:
    """One order of many is filled a bit: the mirror takes it, and the panel is told."""
    mirror = Mirror()
    for number in range(count):
        mirror.update_order(_an_order(number, "0"))
    sources = Sources({}, lambda kind: mirror.rows[kind], lambda: {"stale": [], "known": {}})
    filled = 0

    def update() -> None:
        nonlocal filled
        filled += 1
        change = mirror.update_order(_an_order(count // 2, str(filled)))
        (event,) = sources.account(change)
        assert len(event["put"]["orders"]) == 1, "one row has changed"

    return _timed(update)


def _an_order(number: int, filled: str) -> Order:
    return Order(
        connection=1, id=str(number), ticker="BTCUSDT", side="buy", type="limit", price="65000",
        size="1000000", filled=filled, filled_price="0", status="open",
        created="2026-03-13T10:30:00+00:00",
    )  # fmt: skip


def _timed(what: Callable[[], None], times: int = 200) -> float:
    """Microseconds, the median."""
    taken = []
    for _ in range(times):
        began = time.perf_counter_ns()
        what()
        taken.append(time.perf_counter_ns() - began)
    return statistics.median(taken) / 1000
