"""This file knows what a relay costs that has nothing to do, and what each reader adds to it."""

from __future__ import annotations

import time
from collections.abc import Callable

from relay.edges.benching import machine
from relay.edges.benching.contenders import NGINX, RELAY, Field
from relay.edges.benching.reading import Readers
from relay.edges.benching.rounds import Figure, Shown, Workload, most, ratio, value

MORE_READERS = 100


def workload(field: Field, seconds: float, rounds: int) -> Workload:
    """A relay with one subscription and no messages; then with a hundred readers more."""
    measures: dict[str, Callable[[], Shown]] = {RELAY: lambda: _at_rest(field, RELAY, seconds)}
    if NGINX in field.all:
        measures[NGINX] = lambda: _at_rest(field, NGINX, seconds)
    return Workload(
        "at rest, one subscription", "MB", "MB", measures,
        [Figure("% of a core", value("cpu %", RELAY), most(1.0)),
         Figure("memory, MB", value("MB", RELAY), most(60.0)),
         Figure("kB for each further reader", value("kB each", RELAY), most(60.0)),
         Figure("memory ÷ nginx", ratio("MB", RELAY, NGINX))],
        again=rounds,
    )  # fmt: skip


def _at_rest(field: Field, name: str, seconds: float) -> Shown:
    contender = field.all[name]
    readers = Readers(contender.port, 1)
    try:
        time.sleep(0.5)
        before = machine.cpu_s(contender.processes)
        time.sleep(seconds)
        used = machine.used_s(contender.processes, before)
        memory = _memory(contender.processes)
        more = Readers(contender.port, MORE_READERS)
        time.sleep(0.3)
        each = (_memory(contender.processes) - memory) / MORE_READERS
        more.close()
    finally:
        readers.close()
    return {"cpu %": used / seconds * 100, "MB": memory / 1024, "kB each": each}


def _memory(processes: list[int]) -> int:
    return sum(map(machine.memory_kb, processes))
