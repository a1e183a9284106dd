"""What most tests stand on: a home of its own for the relay, and a terminal that is not one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hubs import Bench

from relay.core.places import HOME_VARIABLE, TERMINAL_VARIABLE, load_exchanges
from relay.exchanges import Exchanges
from relay.metascalp.simulator import Simulator


@pytest.fixture
def exchanges() -> Exchanges:
    """The exchange table that ships."""
    return load_exchanges()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for settings and state; no terminal is set."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv(HOME_VARIABLE, str(folder))
    monkeypatch.delenv(TERMINAL_VARIABLE, raising=False)
    return folder


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    """A terminal on a free port, with a market that stands still."""
    async with Simulator(port=0, rate=0.0) as simulator:
        yield simulator


@pytest.fixture
def terminal(home: Path, sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The terminal that every relay started in this test is told of."""
    monkeypatch.setenv(TERMINAL_VARIABLE, f"127.0.0.1:{sim.port}")
    return sim


@pytest.fixture
def bench() -> Bench:
    """A hub with a terminal, all its connections up; no socket."""
    made = Bench()
    made.notice()
    return made


@pytest.fixture
def outside(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A terminal that runs beside the test, in a thread; every process started is told of it."""
    ready, stop = threading.Event(), threading.Event()
    made: list[Simulator] = []

    async def run() -> None:
        async with Simulator(port=0, rate=0.0) as simulator:
            made.append(simulator)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert ready.wait(10)
    monkeypatch.setenv(TERMINAL_VARIABLE, f"127.0.0.1:{made[0].port}")
    try:
        yield made[0]
    finally:
        stop.set()
        thread.join(10)
