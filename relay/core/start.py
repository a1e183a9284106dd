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
        running.follow_settings = lambda: follow(path, running)
        yield running


async def follow(path: Path, running: Relay) -> None:
    """Takes over every saved change of the settings file, until cancelled.

    Where the folder cannot be watched the settings stay as they are, and the status says so.
    """
    try:
        watchfiles = await asyncio.to_thread(__import__, "watchfiles")
        path.parent.mkdir(parents=True, exist_ok=True)
        async for _ in watchfiles.awatch(path.parent, **_WATCH):
            _take_over(path, running)
    except Exception as error:
        log.warning("settings are not followed: %r", error)
        running.configure(running.config, f"changes are not followed: {error}")


def read(path: Path, last: Config) -> tuple[Config, str | None]:
    """The settings in a file and what is wrong with it; the last good ones when something is."""
    try:
        return parse(path.read_text(encoding="utf-8")), None
    except FileNotFoundError:
        return Config(), None
    except (BadConfig, OSError, UnicodeDecodeError, RecursionError) as error:
        log.warning("%s: %s; the last good settings stay", path, error)
        return last, str(error)


def _take_over(path: Path, running: Relay) -> None:
    config, problem = read(path, running.config)
    names = changed(running.config, config) - {"terminal"}
    if names or problem != running.config_problem:
        log.info("settings changed: %s", ", ".join(sorted(names)) or problem)
        running.configure(replace(config, terminal=running.config.terminal), problem)
