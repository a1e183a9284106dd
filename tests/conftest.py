"""What most tests stand on: a home of its own for the relay, and a terminal that is not one."""

from __future__ import annotations

from collections.abc import AsyncIterator
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
