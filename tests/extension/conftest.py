"""The stage of the browser tests: simulator, stand-in sites, a real browser with our parts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import pytest
import pytest_asyncio

from relay.edges.browsers import installed, sites, stage, until
from relay.edges.browsers.installed import Browser
from relay.metascalp.simulator import Simulator

Held = TypeVar("Held")


class Terminal:
    """The simulator as a test sees it: through its HTTP."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self.session = session
        self._seen = 0

    async def state(self) -> dict[str, Any]:
        async with self.session.get("/sim/state") as response:
            return await response.json()

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        async with self.session.post(path, json=body) as response:
            answer = await response.json()
        assert response.status == 200, answer
        return answer

    async def mark(self) -> None:
        """From here on `commands` tells what is new."""
        self._seen = (await self.state())["received"]

    async def commands(self) -> list[tuple[str, Any]]:
        """(path, body) of every POST since the mark, those of the test itself left out."""
        requests = (await self.state())["requests"]
        return [
            (one["path"], one["body"])
            for one in requests
            if one["n"] > self._seen and one["method"] == "POST" and "/sim/" not in one["path"]
        ]

    async def command(self) -> tuple[str, Any]:
        """The first command since the mark, waited for."""
        return (await until(self.commands))[0]


@dataclass
class Stage:
    """What a browser test has at hand."""

    terminal: Terminal
    pages: sites.Sites
    browser: Any


def browser_named(*names: str) -> Browser:
    for browser in installed.browsers():
        if browser.name in names:
            return browser
    pytest.fail(f"no browser of {', '.join(names)} on this machine; .ci/run installs them")


@asynccontextmanager
async def chromium_stage(**options: Any) -> AsyncIterator[Stage]:
    async with Simulator(port=0, seed=1, rate=5.0) as simulator, sites.serve() as pages:
        address = f"127.0.0.1:{simulator.port}"
        browser = browser_named("Chromium", "Edge", "Brave", "Chrome")
        async with (
            aiohttp.ClientSession(simulator.url) as session,
            stage.chromium_on(browser, address, sites_port=pages.port, **options) as running,
        ):
            yield Stage(Terminal(simulator, session), pages, running)


@asynccontextmanager
async def firefox_stage(**options: Any) -> AsyncIterator[Stage]:
    async with Simulator(port=0, seed=1, rate=5.0) as simulator, sites.serve() as pages:
        address = f"127.0.0.1:{simulator.port}"
        async with (
            aiohttp.ClientSession(simulator.url) as session,
            stage.firefox_on(
                browser_named("Firefox"), address, sites_port=pages.port, **options
            ) as running,
        ):
            yield Stage(Terminal(simulator, session), pages, running)


@asynccontextmanager
async def held(context: AbstractAsyncContextManager[Held]) -> AsyncIterator[Held]:
    """A context entered and left in one task, as task groups want it and fixtures do not do it."""
    entered: asyncio.Future[Held] = asyncio.get_running_loop().create_future()
    leave = asyncio.Event()

    async def hold() -> None:
        try:
            async with context as value:
                entered.set_result(value)
                await leave.wait()
        except BaseException as error:
            if entered.done():
                raise
            entered.set_exception(error)

    task = asyncio.get_running_loop().create_task(hold())
    try:
        yield await entered
    finally:
        leave.set()
        await task


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on_chromium() -> AsyncIterator[Stage]:
    """One Chromium for a whole file of tests."""
    async with held(chromium_stage()) as stage_:
        yield stage_


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on_firefox() -> AsyncIterator[Stage]:
    """One Firefox for a whole file of tests."""
    async with held(firefox_stage()) as stage_:
        yield stage_
