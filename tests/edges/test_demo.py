"""`demo --headless --offline` does the whole job in real browsers, and says so only if it did."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from relay.edges import demo
from relay.edges.browsers import installed
from relay.metascalp.simulator import Simulator

PNG = b"\x89PNG\r\n"


def run_demo(out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "relay", "demo", "--headless", "--out", str(out), *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    return subprocess.run(command, capture_output=True, text=True, timeout=110, env=environment)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "family",
    [
        pytest.param("Chromium", marks=pytest.mark.chromium),
        pytest.param("Firefox", marks=pytest.mark.firefox),
    ],
)
def test_the_whole_job_happens_step_by_step(tmp_path, family):
    browser = next((one for one in installed.browsers() if one.name == family), None)
    assert browser is not None, f"no {family} on this machine; .ci/run installs it"

    done = run_demo(tmp_path, "--offline", "--browser", browser.path)

    assert done.returncode == 0, done.stdout + done.stderr
    steps = [line for line in done.stdout.splitlines() if " ms  " in line]
    assert len(steps) == 6, done.stdout
    assert '200 {"Exchange":6,"Market":5,"Ticker":"SOLUSDT"}' in steps[1]
    assert '200 {"Ticker":"SOLUSDT"}' in steps[2]
    assert "gone from both" in steps[5]
    for name in ("page.png", "panel.png"):
        assert (tmp_path / name).read_bytes().startswith(PNG)


def test_without_a_browser_one_sentence_says_so(tmp_path):
    done = run_demo(tmp_path, "--offline", "--browser", str(tmp_path / "no-browser"))

    assert done.returncode == 1
    assert "No browser found" in done.stderr
    assert "Traceback" not in done.stderr


class Idle:
    """A trader whose hands do nothing, so that no step after the first can happen."""

    async def goto(self, url: str) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        async def nothing(*_: object) -> dict[str, str]:
            return {}

        return nothing


async def test_a_step_that_did_not_happen_fails_the_demo(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(demo, "WAIT_S", 0.2)
    async with Simulator(port=0, seed=1, rate=0.0) as simulator:
        code = await demo._perform(Idle(), simulator, tmp_path)

    assert code == 1
    assert "2  FAILED  Alt+click a row of the watchlist" in capsys.readouterr().out


async def test_a_job_looks_at_the_terminal_not_at_the_trader(tmp_path):
    """Whatever the browser claims, an order counts as cancelled only when the terminal lost it."""
    async with (
        Simulator(port=0, seed=1, rate=0.0) as simulator,
        aiohttp.ClientSession(simulator.url) as session,
    ):
        job = demo._Job(Idle(), session)
        await job.place()

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await job.cancel()
