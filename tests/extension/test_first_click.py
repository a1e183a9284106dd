"""From nothing to the first click: the commands of README, and nothing else of ours in place."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from relay.core import places
from relay.edges.browsers import chromium, firefox, sites
from relay.metascalp.simulator import Simulator

from .conftest import Terminal, browser_named

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
ROW = '[data-symbol-full="BYBIT:SOLUSDT.P"]'


class User:
    """Somebody with a home, a browser that was started once, and a terminal."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = home
        self.profile = home / ".config/chromium"
        self.profile.mkdir(parents=True)
        (home / ".mozilla").mkdir()
        self.folder = home / "metascalp-extension"
        monkeypatch.delenv(places.HOME_VARIABLE, raising=False)
        self._patch = monkeypatch
        self._pages = 0

    async def type(self, *words: str) -> str:
        """One command of ours; what it says."""
        env = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8",
               places.TERMINAL_VARIABLE: os.environ[places.TERMINAL_VARIABLE]}  # fmt: skip
        run = [sys.executable, "-m", "relay", *words]
        done = await asyncio.to_thread(
            subprocess.run, run, capture_output=True, text=True, env=env, timeout=30
        )
        return str(done.stdout)

    def load(self, folder: Path) -> None:
        """What the browser's own button would load."""
        for module in (chromium, firefox):
            self._patch.setattr(module.places, "shipped", lambda _: folder)

    def unzip(self, store: str) -> Path:
        """A store's package, unpacked as the store does for its users."""
        (packed,) = (self.home / "zips").glob(f"*-{store}-*.zip")
        folder = self.home / f"from-{store}"
        zipfile.ZipFile(packed).extractall(folder)
        return folder

    @asynccontextmanager
    async def terminal(self) -> AsyncIterator[Terminal]:
        async with (
            Simulator(port=0, seed=1, rate=0.0) as simulator,
            sites.serve() as pages,
            aiohttp.ClientSession(simulator.url) as session,
        ):
            self._patch.setenv(places.TERMINAL_VARIABLE, f"127.0.0.1:{simulator.port}")
            self._pages = pages.port
            yield Terminal(simulator, session)

    def chromium(self) -> AbstractAsyncContextManager[Any]:
        named = browser_named("Chromium", "Edge", "Brave", "Chrome")
        return chromium.launch(
            named, self.home, self.profile, headless=True, sites_port=self._pages
        )

    def firefox(self) -> AbstractAsyncContextManager[Any]:
        named = browser_named("Firefox")
        profile = self.home / "firefox"
        return firefox.launch(named, self.home, profile, headless=True, sites_port=self._pages)


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    return User(tmp_path / "user", monkeypatch)


async def click(trader: Any, terminal: Terminal) -> str:
    """What the toast says after an Alt+click; the terminal must have heard of a switch."""
    await trader.goto(CHART)
    await terminal.mark()
    await trader.alt_click(ROW)
    code = str((await trader.toast())["code"])
    if code == "switched":
        assert (await terminal.command())[0] == "/api/change-ticker"
    return code


@pytest.mark.chromium
async def test_install_and_extension_are_enough_for_a_click(user):
    async with user.terminal() as terminal:
        assert "Chromium" in await user.type("install")
        await user.type("extension", str(user.folder))
        user.load(user.folder)
        async with user.chromium() as trader:
            assert await click(trader, terminal) == "switched"

        told = json.loads(await user.type("doctor", "--json"))
    seen = [one["how"] for one in told["works"] if one["what"] == "Chromium"]
    assert any(str(user.folder) in how for how in seen), told
    assert {one["fault"] for one in told["findings"] if one["level"] == "broken"} == set()


@pytest.mark.chromium
async def test_what_a_store_serves_works_once_its_id_is_let_in(user, monkeypatch):
    """Without `key` Chromium makes the id of an unpacked folder from its path."""
    async with user.terminal() as terminal:
        await user.type("install")
        await user.type("package", str(user.home / "zips"))
        folder = user.unzip("chrome")
        user.load(folder)
        digest = hashlib.sha256(str(folder).encode()).hexdigest()[:32]
        identity = digest.translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))
        monkeypatch.setattr(chromium, "EXTENSION_ID", identity)
        async with user.chromium() as trader:
            assert await click(trader, terminal) == "host-forbidden"
        told = json.loads(await user.type("doctor", "--json"))
        assert "extension-other-id" in [one["fault"] for one in told["findings"]]

        await user.type("install", "--extension", identity)

        async with user.chromium() as trader:
            assert await click(trader, terminal) == "switched"


@pytest.mark.firefox
async def test_what_firefoxs_store_serves_works_at_once(user):
    async with user.terminal() as terminal:
        assert "Firefox" in await user.type("install")
        await user.type("package", str(user.home / "zips"))
        user.load(user.unzip("firefox"))
        async with user.firefox() as trader:
            assert await click(trader, terminal) == "switched"
