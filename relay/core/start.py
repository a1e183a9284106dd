"""This file knows how a relay starts: settings read and followed, tables loaded, state found."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from relay.config import Config, address, changed, parse
from relay.core import places
from relay.core.known import Known
from relay.core.relay import Relay
from relay.errors import BadConfig

#: It also wakes up by itself every second: a change while the watch was being set up is not told.
_WATCH = {"debounce": 100, "step": 50, "yield_on_timeout": True, "rust_timeout": 1000}

log = logging.getLogger(__name__)


@asynccontextmanager
async def relay(terminal: str | None = None) -> AsyncIterator[Relay]:
    """A running relay with the user's settings. terminal: "127.0.0.1:PORT" overrides them."""
    path = places.config_file()
    terminal = terminal or os.environ.get(places.TERMINAL_VARIABLE)
    config, problem = read(path, Config())
    config = replace(config, terminal=terminal or config.terminal)
    if config.terminal:
        address(config.terminal)
    known = Known(places.state_folder() / "tickers.json")
    async with Relay(config, places.load_exchanges(), known) as running:
        running.config_problem = problem
        running.settings = Settings(path, running)
        yield running


class Settings:
    """The settings file of a running relay."""

    def __init__(self, path: Path, running: Relay) -> None:
        self._path = path
        self._running = running
        self._taken: object = None
        self._unfollowed: str | None = None

    def check(self) -> None:
        """Takes over what is saved, if it is not what was taken over last.

        Before an action, so that one that is not allowed any more is not sent; it costs a look at
        one small file.
        """
        if (saved := _content(self._path)) != self._taken:
            self._taken = saved
            self._take_over()

    async def follow(self) -> None:
        """Takes over every saved change, until cancelled.

        Where the folder cannot be watched the status says so; an action still looks for itself.
        """
        try:
            watchfiles = await asyncio.to_thread(__import__, "watchfiles")
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._unfollowed = None
            self._take_over()
            async for _ in watchfiles.awatch(self._path.parent, **_WATCH):
                self.check()
        except Exception as error:
            self._unfollowed = f"changes are not followed: {error}"
            self._take_over()
            raise

    def _take_over(self) -> None:
        running = self._running
        config, problem = read(self._path, running.config)
        problem = problem or self._unfollowed
        names = changed(running.config, config) - {"terminal"}
        if names or problem != running.config_problem:
            log.info("settings changed: %s", ", ".join(sorted(names)) or problem)
            running.configure(replace(config, terminal=running.config.terminal), problem)


def read(path: Path, last: Config) -> tuple[Config, str | None]:
    """The settings in a file and what is wrong with it; the last good ones when something is."""
    try:
        return parse(path.read_text(encoding="utf-8")), None
    except FileNotFoundError:
        return Config(), None
    except (BadConfig, OSError, UnicodeDecodeError, RecursionError) as error:
        log.warning("%s: %s; the last good settings stay", path, error)
        return last, str(error)


def _content(path: Path) -> object:
    """What is in a file, or why it cannot be read: equal when nothing has changed."""
    try:
        return path.read_bytes()
    except OSError as error:
        return type(error), error.errno
