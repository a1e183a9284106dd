"""This file knows `bench`: what is measured in a run, and where it is written to."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from relay.edges.benching import (
    clicks,
    contenders,
    curves,
    machine,
    plot,
    rest,
    rounds,
    sockets,
    standing,
    starts,
    table,
)
from relay.edges.benching.contenders import (
    BROADCAST,
    DIRECT,
    FAN_C,
    FAST,
    NGINX,
    PIPE,
    RELAY,
    WS,
)
from relay.edges.benching.machine import Places
from relay.edges.benching.rounds import Row, Workload
from relay.errors import RelayError

#: Who is there with --quick.
FEW = (DIRECT, RELAY, FAST, NGINX, PIPE, BROADCAST, WS, FAN_C)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for. only: part of the name of the workloads that are wanted."""

    quick: bool = False
    browser: str | None = None
    as_json: str | None = None
    svg: str | None = None
    curves: bool = False
    only: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    rounds: int
    starts: int
    rest_s: float
    rest: rest.Size
    sockets: sockets.Size


QUICK = Size(5, 10, 2.0, rest.QUICK, sockets.QUICK)
FULL = Size(7, 30, 10.0, rest.FULL, sockets.FULL)


def bench(wish: Wish, size: Size | None = None) -> int:
    """Measures, prints, writes; 0 when it could be measured, whatever the figures."""
    # As with everybody who has started the relay before: what was imported once stays compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    size = size or (QUICK if wish.quick else FULL)
    told = ["metascalp-relay bench", "--quick" * wish.quick, "--curves" * wish.curves]
    report = table.Report(
        datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), machine.describe(),
        " ".join(filter(None, told)), machine.busy_cores(),
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="metascalp-bench-") as folder:
        _measure(Path(folder), wish, size, report)
    data = report.as_json()
    if wish.as_json:
        Path(wish.as_json).write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    if wish.svg:
        Path(wish.svg).write_text(plot.svg(data))
    return 0


def _measure(folder: Path, wish: Wish, size: Size, report: table.Report) -> None:
    places = machine.places()
    with contenders.Field(folder, FEW if wish.quick else None) as field:
        report.skipped.update(field.skipped)
        _say(table.heading(report, machine.BUSY_CORES))
        for workload in _workloads(field, places, size, folder):
            if wish.only in workload.name:
                _add(report, rounds.run(workload, size.rounds))
        with _simulator(folder) as terminal:
            for workload in starts.workloads(folder, terminal, size.starts):
                if wish.only in workload.name:
                    _add(report, rounds.run(workload, size.rounds))
        if wish.curves:
            report.curves = curves.measure(field.all[RELAY], places, _say)
    _add_clicks(report, wish)


def _workloads(
    field: contenders.Field, places: Places, size: Size, folder: Path
) -> Iterator[Workload]:
    yield standing.workload(field, size.rest_s, min(size.rounds, 3))
    yield from rest.workloads(field, places, size.rest)
    yield from sockets.workloads(field, places, size.sockets)
    yield starts.discovering(field.all[DIRECT].port)


def _add_clicks(report: table.Report, wish: Wish) -> None:
    """In a browser; where there is none that is named as skipped."""
    if wish.only and wish.only not in "click to terminal, order to painted":
        return
    try:
        found = asyncio.run(clicks.rows(wish.quick, wish.browser))
    except RelayError as error:
        report.skipped["clicks in Chromium"] = error.text
        _say([f"skipped: clicks in Chromium: {error.text}"])
        return
    for row in found:
        _add(report, row)


def _add(report: table.Report, row: Row) -> None:
    report.rows.append(row)
    _say(["", *table.text(row)])


def _say(lines: list[str]) -> None:
    print("\n".join(lines), flush=True)


@contextmanager
def _simulator(folder: Path) -> Iterator[str]:
    """A simulated terminal in a process of its own: its address."""
    own = folder / "simulator"
    own.mkdir()
    command = [sys.executable, "-m", "relay", "simulate", "--port", "0", "--rate", "1", "--quiet"]
    with contenders.process(command, own, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None, "a pipe was asked for"
        yield json.loads(running.stdout.readline())["url"].removeprefix("http://")
