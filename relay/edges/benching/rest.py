"""This file knows the rows of the table that are about requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from relay.edges.benching import machine, payloads, requesting
from relay.edges.benching.contenders import DIRECT, NGINX, RELAY, Contender, Field
from relay.edges.benching.machine import Places
from relay.edges.benching.reading import Wrong
from relay.edges.benching.requesting import Check
from relay.edges.benching.rounds import Figure, Round, Shown, Workload, added, least, most, ratio

TICKERS = "/api/connections/1/tickers"
SPELLED = "X-Relay-Keys: both\r\n"
CLIENTS = 64


@dataclass(frozen=True, slots=True)
class Size:
    """How much is sent in one round."""

    posts: int
    lists: int
    crowd_s: float


QUICK = Size(400, 150, 0.4)
FULL = Size(2000, 600, 1.0)


def workloads(field: Field, places: Places, size: Size) -> list[Workload]:
    """Small and large, alone and in a crowd, and what another spelling costs."""
    who = field.who("rest")
    mine = field.all[RELAY]
    return [
        Workload(
            "small POST, one connection", "µs", "p50",
            {one.name: _small(one, places, size) for one in who},
            [Figure("added ÷ nginx's added", added("p50", RELAY, NGINX, DIRECT), most(3.2)),
             Figure("cpu ÷ nginx's", ratio("cpu", RELAY, NGINX))],
        ),
        Workload(
            "92 kB list, one connection", "µs", "p50",
            {one.name: _large(one, places, size) for one in who},
            [Figure("added ÷ nginx's added", added("p50", RELAY, NGINX, DIRECT), most(2.5)),
             Figure("cpu ÷ nginx's", ratio("cpu", RELAY, NGINX))],
        ),
        Workload(
            "92 kB list in both spellings", "µs", "p50",
            {
                "as it is": _large(mine, places, size),
                "re-spelled": _large(mine, places, size, SPELLED),
                "as it is, new each time": _fresh(mine, places, size),
                "re-spelled, new each time": _fresh(mine, places, size, SPELLED),
            },
            [Figure("÷ as it is", ratio("p50", "re-spelled", "as it is"), most(8)),
             Figure("÷ as it is, when each list is new", ratio(
                 "p50", "re-spelled, new each time", "as it is, new each time"), most(8))],
        ),
        Workload(
            f"small POST, {CLIENTS} connections", "requests/s", "rate",
            {one.name: _crowd(one, places, size) for one in who},
            [Figure("requests/s ÷ nginx", ratio("rate", RELAY, NGINX), least(0.30)),
             Figure("requests per cpu second ÷ nginx", ratio("per cpu s", RELAY, NGINX),
                    least(0.30)),
             Figure("p99 ÷ p50", lambda one: one[RELAY]["p99"] / one[RELAY]["p50"], most(2)),
             Figure("fastest contender ÷ direct (load generator is faster: < 1)", _headroom)],
        ),
    ]  # fmt: skip


def _headroom(one: Round) -> float:
    rates = [shown["rate"] for name, shown in one.items() if name != DIRECT]
    return max(rates) / one[DIRECT]["rate"]


def _small(contender: Contender, places: Places, size: Size) -> Callable[[], Shown]:
    request = payloads.request(contender.port, "POST", "/api/change-ticker", payloads.CHANGE)
    return _serial(contender, places, request, payloads.CHANGED.__eq__, size.posts)


def _large(contender: Contender, places: Places, size: Size, more: str = "") -> Callable[[], Shown]:
    request = payloads.request(contender.port, "GET", TICKERS, more=more)
    check = Once(payloads.TICKERS) if more else payloads.tickers().__eq__
    return _serial(contender, places, request, check, size.lists)


def _fresh(contender: Contender, places: Places, size: Size, more: str = "") -> Callable[[], Shown]:
    """The list as it is when something in it has changed since it was last asked for."""
    request = payloads.request(contender.port, "GET", f"{TICKERS}?fresh=1", more=more)
    length = len(payloads.tickers())
    check = (lambda body: len(body) > length) if more else (lambda body: len(body) == length)
    return _serial(contender, places, request, check, size.lists)


def _serial(
    contender: Contender, places: Places, request: bytes, check: Check, count: int
) -> Callable[[], Shown]:
    def measure() -> Shown:
        """All on one core, so that the way through is measured and not how cores are woken."""
        contender.pin(places.one, places.one)
        with machine.pinned(places.one):
            before = machine.cpu_s(contender.processes)
            load = requesting.serial(contender.port, request, check, count)
            used = machine.used_s(contender.processes, before)
        return {"p50": load.at_us(0.5), "p99": load.at_us(0.99), "cpu": used / load.asked * 1e6}

    return measure


def _crowd(contender: Contender, places: Places, size: Size) -> Callable[[], Shown]:
    request = payloads.request(contender.port, "POST", "/api/change-ticker", payloads.CHANGE)

    def measure() -> Shown:
        """What is measured has a core of its own."""
        contender.pin(places.relay, places.load)
        with machine.pinned(places.load):
            before = machine.cpu_s(contender.processes)
            load = requesting.crowd(
                contender.port, request, payloads.CHANGED.__eq__, CLIENTS, size.crowd_s
            )
            used = machine.used_s(contender.processes, before)
        each = {"cpu": used / load.asked * 1e6, "per cpu s": load.asked / used} if used else {}
        return {"rate": load.rate, "p50": load.at_us(0.5), "p99": load.at_us(0.99), **each}

    return measure


class Once:
    """Checks a list in both spellings: read once as JSON, after that only compared."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._good: bytes | None = None

    def __call__(self, body: bytes) -> bool:
        if self._good is None:
            rows = json.loads(body)["tickers"]
            if len(rows) != self._count or any(row["Ticker"] != row["ticker"] for row in rows):
                raise Wrong("not a list in both spellings")
            self._good = body
        return body == self._good
