"""A terminal in a process of its own, for tests that are not async themselves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from relay.core.places import TERMINAL_VARIABLE
from relay.metascalp.simulator import Simulator


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


@pytest.fixture
def nobody(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No terminal, wherever a process started looks."""
    monkeypatch.setenv(TERMINAL_VARIABLE, "127.0.0.1:1")
