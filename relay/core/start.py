"""This file knows how a relay starts: settings read and followed, tables loaded, state found."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from relay.config import Config, address, changed, parse, preferences_in
from relay.core import files, places
from relay.core.journal import Journal
from relay.core.known import Known
from relay.core.locks import Locks
from relay.core.relay import Relay
from relay.core.sites import Sites
from relay.errors import BadConfig, RelayError
from relay.exchanges import Exchanges

#: It also wakes up by itself every second: a change while the watch was being set up is not told.
_WATCH = {"debounce": 100, "step": 50, "yield_on_timeout": True, "rust_timeout": 1000}

#: Before any good settings are known, a file that cannot be meant may have forbidden to cancel.
CAREFUL = Config(orders="view")

log = logging.getLogger(__name__)


@asynccontextmanager
async def relay(terminal: str | None = None) -> AsyncIterator[Relay]:
    """A running relay with the user's settings. terminal: "127.0.0.1:PORT" overrides them."""
    path = places.config_file()
    terminal = terminal or os.environ.get(places.TERMINAL_VARIABLE)
    exchanges = places.load_exchanges()
    config, problem = read(path, CAREFUL, exchanges)
    if problem is not None:
        config = replace(config, terminal=terminal_in(path))
    config = replace(config, terminal=terminal or config.terminal)
    if config.terminal:
        address(config.terminal)
    known = Known(places.state_folder() / "tickers.json")
    activity = Journal(places.state_folder() / "activity.db")
    async with Relay(config, exchanges, known, activity) as running:
        sites = Sites(path.parent / "sites", exchanges)
        running.own_sites = sites.now
        running.screen.locks = Locks(places.state_folder() / "locks.json")
        running.config_problem = problem
        running.settings = Settings(path, running, sites, exchanges)
        yield running


class Settings:
    """The settings file of a running relay, and the user's own sites beside it."""

    def __init__(self, path: Path, running: Relay, sites: Sites, exchanges: Exchanges) -> None:
        self._path = path
        self._running = running
        self._sites = sites
        self._exchanges = exchanges
        self._taken: object = None
        self._unfollowed: RelayError | None = None
        self._saving = asyncio.Lock()

    def check(self) -> None:
        """Takes over what is saved, if it is not what was taken over last.

        Before an action, so that one that is not allowed any more is not sent; it costs a look at
        one small file.
        """
        if (saved := _content(self._path)) != self._taken:
            self._taken = saved
            self._take_over()

    async def save(self, changes: Mapping[str, Any]) -> None:
        """Writes preferences into the file, whose comments and other settings stay."""
        wanted = preferences_in(changes)
        self._exchanges.with_aliases(wanted.get("aliases") or {})
        from relay.core import saving  # Only here: few relays ever write settings.

        async with self._saving:
            await asyncio.to_thread(saving.save, self._path, wanted)
        self.check()

    async def follow(self) -> None:
        """Takes over every saved change, until cancelled.

        Where the folder cannot be watched the status says so; an action still looks for itself.
        """
        try:
            watchfiles = await asyncio.to_thread(__import__, "watchfiles")
            files.make_folder(self._path.parent)
            self._unfollowed = None
            self._take_over()
            async for _ in watchfiles.awatch(self._path.parent, **_WATCH):
                self.check()
                if self._sites.have_changed():
                    self._running.sites_changed()
        except Exception as error:
            text = f"changes are not followed: {error}"
            self._unfollowed = BadConfig(text, why="not-followed", value=str(error))
            self._take_over()
            raise

    def _take_over(self) -> None:
        running = self._running
        config, problem = read(self._path, running.config, self._exchanges)
        problem = problem or self._unfollowed
        names = changed(running.config, config) - {"terminal"}
        if names or _text(problem) != _text(running.config_problem):
            log.info("settings changed: %s", ", ".join(sorted(names)) or _text(problem))
            running.configure(replace(config, terminal=running.config.terminal), problem)


def read(
    path: Path, last: Config, exchanges: Exchanges | None = None
) -> tuple[Config, RelayError | None]:
    """The settings in a file and what is wrong with it; the last good ones when something is.

    exchanges: what aliases are held against, for who uses them.
    """
    try:
        config = parse(path.read_text(encoding="utf-8-sig"))
        if exchanges is not None:
            exchanges.with_aliases(config.aliases)
        return config, None
    except FileNotFoundError:
        return Config(), None
    except (BadConfig, OSError, UnicodeDecodeError, RecursionError) as error:
        log.warning("%s: %s; the last good settings stay", path, error)
        unreadable = BadConfig(str(error), why="unreadable", value=str(error))
        return last, error if isinstance(error, BadConfig) else unreadable


def terminal_in(path: Path) -> str | None:
    """The terminal that a file names which is wrong elsewhere: nothing goes to another for that."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return None
    named = re.search(r"""^[ \t]*terminal[ \t]*=[ \t]*["']([^"'\n]+)["']""", text, re.MULTILINE)
    try:
        address(named[1] if named else "")
    except BadConfig:
        return None
    return named[1] if named else None


def _text(problem: RelayError | None) -> str | None:
    return problem.text if problem else None


def _content(path: Path) -> object:
    """What is in a file, or why it cannot be read: equal when nothing has changed."""
    try:
        return path.read_bytes()
    except OSError as error:
        return type(error), error.errno
