"""This file knows the rows of the table that are about WebSockets: one to one, one to many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from relay.edges.benching import machine
from relay.edges.benching.contenders import (
    BROADCAST,
    DIRECT,
    FAN_C,
    FAST,
    NGINX,
    PIPE,
    RELAY,
    Contender,
    Field,
)
from relay.edges.benching.machine import Places
from relay.edges.benching.reading import Readers, Stream, Wrong
from relay.edges.benching.rounds import (
    Figure,
    Round,
    Shown,
    Workload,
    added,
    least,
    most,
    ratio,
    value,
)

#: A socket of the terminal for one client alone, passed on as it is.
OWN_LANE = "X-Relay-Lane: own\r\n"
PRIVATE, PRIVATE_FAST = "relay, private lane", "relay+uvloop, private lane"
#: Messages under way in a backlog through one that fans out: below the bytes from which a reader
#: of ours lags, because who lags is told less. For all contenders the same.
WINDOW = 1800


@dataclass(frozen=True, slots=True)
class Size:
    """seconds: of one measurement. most: messages of one."""

    seconds: float
    most: int


QUICK = Size(0.4, 400_000)
FULL = Size(1.0, 2_000_000)


def workloads(field: Field, places: Places, size: Size) -> list[Workload]:
    """At an even pace, in a backlog, in a flood that all must get, and with one who sleeps."""
    fans = field.who("fan")
    return [
        *_one_to_one(field, places, size),
        *(_fan_out(fans, places, size, count) for count in (1, 8, 64)),
        Workload(
            "fan-out 8, 1,000 messages/s", "µs", "p50",
            {one.name: _paced(one, places, size, 8, 1000.0) for one in fans},
            [Figure("cpu per delivery ÷ a C fan-out", ratio("cpu", RELAY, FAN_C), most(1.3)),
             Figure("cpu per delivery ÷ websockets", ratio("cpu", RELAY, BROADCAST))],
        ),
        Workload(
            "fan-out 8, 50,000 messages/s", "µs", "p99",
            {one.name: _paced(one, places, size, 8, 50_000.0, apart=True) for one in fans},
            [Figure("delivered", value("delivered", RELAY), least(1.0)),
             Figure("p99 in ms", lambda one: one[RELAY]["p99"] / 1000, most(1.0)),
             Figure("p50 ÷ a C fan-out", ratio("p50", RELAY, FAN_C))],
        ),
        Workload(
            "one stalled reader of nine, 20,000 messages/s", "share delivered", "delivered",
            {one.name: _stalled(one, places) for one in fans if one.name in (RELAY, BROADCAST)},
            [Figure("delivered to the other eight", value("delivered", RELAY), least(1.0)),
             Figure("memory grown, MB", lambda one: one[RELAY]["grown"] / 1024, most(4.0))],
        ),
    ]  # fmt: skip


def _one_to_one(field: Field, places: Places, size: Size) -> list[Workload]:
    """Through ours both shared and on a lane of one's own."""
    ways, mine = field.who("way"), field.all[RELAY]
    calm = {one.name: _paced(one, places, size, 1, 1000.0) for one in (*ways, mine)}
    calm[PRIVATE] = _paced(mine, places, size, 1, 1000.0, OWN_LANE)
    if (fast := field.all.get(FAST)) is not None:
        calm[PRIVATE_FAST] = _paced(fast, places, size, 1, 1000.0, OWN_LANE)
    flood = {one.name: _backlog(one, places, size, 1) for one in ways}
    flood[PRIVATE] = _backlog(mine, places, size, 1, OWN_LANE)
    return [
        Workload(
            "WebSocket 1 to 1, 1,000 messages/s", "µs", "p50", calm,
            [Figure("added ÷ nginx's added, shared", added("p50", RELAY, NGINX, DIRECT), most(1.5)),
             Figure("added ÷ nginx's added, private", added("p50", PRIVATE, NGINX, DIRECT),
                    most(1.3)),
             Figure("added ÷ nginx's added, private, with uvloop",
                    added("p50", PRIVATE_FAST, NGINX, DIRECT)),
             Figure("added ÷ bytes in asyncio, shared", added("p50", RELAY, PIPE, DIRECT)),
             Figure("added ÷ bytes in asyncio, private", added("p50", PRIVATE, PIPE, DIRECT))],
        ),
        Workload(
            "WebSocket 1 to 1, backlog", "messages/s", "rate", flood,
            [Figure("private lane, messages/s ÷ nginx", ratio("rate", PRIVATE, NGINX), least(1.0)),
             Figure("private lane, per cpu second ÷ nginx", ratio("per cpu s", PRIVATE, NGINX)),
             Figure("÷ direct", ratio("rate", PRIVATE, DIRECT))],
        ),
    ]  # fmt: skip


def _fan_out(fans: list[Contender], places: Places, size: Size, count: int) -> Workload:
    goals = {8: least(30), 64: least(35)}
    return Workload(
        f"fan-out {count}, backlog", "deliveries/s", "rate",
        {one.name: _backlog(one, places, size, count) for one in fans},
        [Figure("÷ websockets", ratio("rate", RELAY, BROADCAST), goals.get(count)),
         Figure("per cpu second ÷ websockets", ratio("per cpu s", RELAY, BROADCAST)),
         Figure("÷ the best other", _best)],
    )  # fmt: skip


def _best(one: Round) -> float | None:
    others = [shown["rate"] for name, shown in one.items() if name not in (RELAY, FAST, FAN_C)]
    return one[RELAY]["rate"] / max(others) if others else None


def _paced(
    contender: Contender, places: Places, size: Size, count: int, rate: float,
    more: str = "", apart: bool = False,
) -> Callable[[], Shown]:  # fmt: skip
    """At an even pace. apart: what is measured has a core of its own."""
    messages = max(200, int(rate * size.seconds))
    ours, load = (places.relay, places.load) if apart else (places.one, places.one)

    def measure() -> Shown:
        contender.pin(ours, load)
        with machine.pinned(load):
            stream, used = _read(contender, count, messages, rate, more=more)
        shown = {"p50": stream.age_us(0.5), "p99": stream.age_us(0.99)}
        return {**shown, "delivered": stream.delivered, "cpu": used / sum(stream.counts) * 1e6}

    return measure


def _backlog(
    contender: Contender, places: Places, size: Size, count: int, more: str = ""
) -> Callable[[], Shown]:
    """As fast as it is taken; so many messages as last about as long as is wanted."""
    is_fan = contender.name in (RELAY, *_FANS) and not more
    known: list[int] = []

    def measure() -> Shown:
        contender.pin(places.relay, places.load)
        with machine.pinned(places.load):
            window = WINDOW if is_fan else 0
            if not known:
                trial, _ = _read(contender, count, 5000, 0.0, window, more)
                known.append(int(trial.rate / count * size.seconds))
            messages = min(max(known[0], 2000), size.most)
            stream, used = _read(contender, count, messages, 0.0, window, more)
        if stream.delivered != 1.0:
            raise Wrong(f"{stream.delivered:.2%} delivered")
        return {"rate": stream.rate, **_each(stream, used)}

    return measure


_FANS = (FAST, BROADCAST, "socketify", "ws", FAN_C)


def _each(stream: Stream, used: float) -> Shown:
    total = sum(stream.counts)
    return {"cpu": used / total * 1e6, "per cpu s": total / used} if used else {}


def _read(
    contender: Contender, count: int, messages: int, rate: float, window: int = 0, more: str = ""
) -> tuple[Stream, float]:
    """One stream through a contender to new readers, and the processor time it took."""
    readers = Readers(contender.port, count, more=more)
    try:
        before = machine.cpu_s(contender.processes)
        stream = readers.read(contender.control, messages, rate, window)
        return stream, machine.used_s(contender.processes, before)
    finally:
        readers.close()


def _stalled(contender: Contender, places: Places) -> Callable[[], Shown]:
    """Eight that read and one that never does, for as long as takes more than the kernel's own
    buffers; memory as its peak has grown."""
    rate, messages = 20_000.0, 24_000

    def measure() -> Shown:
        contender.pin(places.relay, places.load)
        with machine.pinned(places.load):
            sleeping = Readers(contender.port, 1, is_deaf=True)
            readers = Readers(contender.port, 8)
            try:
                machine.forget_peak(contender.main)
                before = machine.memory_kb(contender.main, "VmHWM")
                stream = readers.read(contender.control, messages, rate, limit_s=5)
                grown = machine.memory_kb(contender.main, "VmHWM") - before
            finally:
                readers.close()
                sleeping.close()
        shown = {"delivered": stream.delivered, "grown": float(grown)}
        return {**shown, "p50": stream.age_us(0.5), "p99": stream.age_us(0.99)}

    return measure
