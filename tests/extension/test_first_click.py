"""From nothing to the first click: the commands of README, and nothing else of ours in place."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from relay.core import places
from relay.edges.browsers import chromium, sites
from relay.metascalp.simulator import Simulator

from .conftest import Terminal, browser_named

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"


async def command(env: dict[str, str], *words: str) -> str:
    """One command of ours, typed by the user; whatever it says."""
    run = [sys.executable, "-m", "relay", *words]
    done = await asyncio.to_thread(
        subprocess.run, run, capture_output=True, text=True, env=env, timeout=30
    )
    return str(done.stdout)


@pytest.mark.chromium
async def test_install_and_extension_are_enough_for_a_click(tmp_path: Path, monkeypatch: Any):
    home, profile = tmp_path / "user", tmp_path / "user/.config/chromium"
    profile.mkdir(parents=True)
    folder = tmp_path / "user/metascalp-extension"
    async with Simulator(port=0, seed=1, rate=0.0) as simulator, sites.serve() as pages:
        address = f"127.0.0.1:{simulator.port}"
        env = {"HOME": str(home), "PATH": os.environ["PATH"], places.TERMINAL_VARIABLE: address}
        env["LANG"] = "C.UTF-8"
        assert "Chromium" in await command(env, "install")
        await command(env, "extension", str(folder))
        monkeypatch.setattr(chromium.places, "shipped", lambda _: folder)
        monkeypatch.delenv(places.HOME_VARIABLE, raising=False)
        browser = browser_named("Chromium", "Edge", "Brave", "Chrome")
        more = {places.TERMINAL_VARIABLE: address}
        async with (
            aiohttp.ClientSession(simulator.url) as session,
            chromium.launch(
                browser, home, profile, headless=True, sites_port=pages.port, env=more
            ) as trader,
        ):
            terminal = Terminal(simulator, session)
            await trader.goto(CHART)
            await terminal.mark()
            await trader.alt_click('[data-symbol-full="BYBIT:SOLUSDT.P"]')

            assert (await trader.toast())["code"] == "switched"
            assert (await terminal.command())[0] == "/api/change-ticker"

        told = json.loads(await command(env, "doctor", "--json"))
    ours = [one["how"] for one in told["works"] if one["what"] == "Chromium"]
    assert any(str(folder) in how for how in ours), told
    assert {one["fault"] for one in told["findings"] if one["level"] == "broken"} == set()
