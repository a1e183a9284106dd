"""This file knows which tickers' orders to read: the terminal cannot list them all by itself.

`GET …/orders` wants a ticker (MetaScalp API, edition 3, 2026-08), so the set is gathered: tickers
of positions, of the terminal's windows, of order updates, opened through us, pinned. It is kept
between runs, newest last, so that an order placed yesterday is seen today.

Another browser's relay writes the same file. So what is written is not what we have but what we
have changed, put into what is there.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Literal

from relay.core import files

#: Per connection. Each costs one read after a gap, so the oldest unpinned make room.
MAX_TICKERS = 200
#: Between two writes: a lively stream moves tickers to the end many times a second.
PAUSE_S = 1.0

#: Tickers by connection id, oldest first, each with whether it is pinned.
Tickers = dict[int, dict[str, bool]]
#: The last thing done to a ticker. "seen" leaves its pin as it is.
Word = Literal["seen", "pinned", "unpinned", "forgotten"]
Words = dict[tuple[int, str], Word]
Held = Callable[[int], Collection[str]]

log = logging.getLogger(__name__)


class Known:
    """Tickers by connection id, with what is pinned.

    held: the tickers of a connection that must not make room, because something is open there.
    """

    def __init__(self, path: Path | None) -> None:
        self.held: Held = lambda connection: ()
        self._path = path
        self._tickers: Tickers = _begin(path) if path else {}
        self._words: Words = {}
        self._due = asyncio.Event()
        self._writer: Executor | None = None
        self._kept = True

    def __len__(self) -> int:
        return sum(len(tickers) for tickers in self._tickers.values())

    def of(self, connection: int) -> list[str]:
        return list(self._tickers.get(connection, {}))

    def pinned(self, connection: int) -> list[str]:
        return [name for name, pinned in self._tickers.get(connection, {}).items() if pinned]

    def connections(self) -> list[int]:
        return sorted(self._tickers)

    def add(self, connection: int, ticker: str, *, pinned: bool = False) -> bool:
        """Adds a ticker as the newest; True when it was not known."""
        tickers = self._tickers.get(connection, {})
        new = ticker not in tickers
        last = next(reversed(tickers), None)
        if ticker != last or (pinned and not tickers[ticker]):
            self._say(connection, ticker, "pinned" if pinned else "seen")
        return new

    def unpin(self, connection: int, ticker: str) -> None:
        """Lets a ticker be forgotten when room is needed."""
        if self._tickers.get(connection, {}).get(ticker):
            self._say(connection, ticker, "unpinned")

    def forget(self, connection: int, ticker: str) -> None:
        """Takes a ticker out that the terminal does not know; a pinned one stays."""
        if self._tickers.get(connection, {}).get(ticker) is False:
            self._say(connection, ticker, "forgotten")

    async def keep(self) -> None:
        """Writes what has changed, again and again, until cancelled."""
        while True:
            await self._due.wait()
            await self.save()
            await asyncio.sleep(PAUSE_S)

    async def save(self) -> None:
        """Writes what has changed since the last time, away from the event loop."""
        self._due.clear()
        if self._path is None or not self._words:
            return
        words, self._words = self._words, {}
        ours = {number: dict(tickers) for number, tickers in self._tickers.items()}
        held = {number: frozenset(self.held(number)) for number, _ in words}
        work = asyncio.get_running_loop().run_in_executor(
            self._one_writer(), _write, self._path, words, ours, held
        )
        try:
            # A write is never given up half way: its successor would overtake it.
            await asyncio.shield(work)
        except BaseException as error:
            self._words = {**words, **self._words}
            if not isinstance(error, OSError):
                raise
            self._told(error)
        else:
            self._told(None)

    async def close(self) -> None:
        """Writes what is left; nothing is kept after this."""
        await self.save()
        if self._writer is not None:
            self._writer.shutdown(wait=False)

    def _say(self, connection: int, ticker: str, word: Word) -> None:
        _apply(self._tickers, connection, ticker, word, self.held)
        before = self._words.pop((connection, ticker), word)
        stays = word == "seen" and before in ("pinned", "unpinned")
        self._words[connection, ticker] = before if stays else word
        self._due.set()

    def _one_writer(self) -> Executor:
        """One thread, so that writes happen in the order in which they were asked for."""
        if self._writer is None:
            from concurrent.futures import ThreadPoolExecutor

            self._writer = ThreadPoolExecutor(1, "known-tickers")
        return self._writer

    def _told(self, error: OSError | None) -> None:
        if error is not None and self._kept:
            log.warning("the list of known tickers is not kept: %s", error)
        self._kept = error is None


def _apply(all_of: Tickers, connection: int, ticker: str, word: Word, held: Held) -> None:
    tickers = all_of.setdefault(connection, {})
    if word == "unpinned":
        tickers[ticker] = False
        return
    pinned = tickers.pop(ticker, False)
    if word == "forgotten":
        return
    tickers[ticker] = pinned or word == "pinned"
    if len(tickers) > MAX_TICKERS:
        _make_room(tickers, held(connection))


def _make_room(tickers: dict[str, bool], held: Collection[str]) -> None:
    """Drops the oldest that are too many: unpinned first; never the newest or what is held."""
    free = [name for name in list(tickers)[:-1] if name not in held]
    free.sort(key=tickers.__getitem__)
    for name in free[: len(tickers) - MAX_TICKERS]:
        del tickers[name]


def _write(path: Path, words: Words, ours: Tickers, held: Mapping[int, Collection[str]]) -> None:
    """Puts our changes into the file as it is now; writes beside and moves over, so that a reader
    never sees half a file. A damaged one is replaced by what we have; OSError for one that is only
    not to be had at the moment."""
    there = _load(path)
    if there is None:
        there = ours
    else:
        for (connection, ticker), word in words.items():
            _apply(there, connection, ticker, word, held.__getitem__)
    data = {str(number): tickers for number, tickers in there.items()}
    files.replace(path, json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))


def _begin(path: Path) -> Tickers:
    try:
        return _load(path) or {}
    except OSError as error:
        log.warning("the list of known tickers cannot be read now: %s", error)
        return {}


def _load(path: Path) -> Tickers | None:
    """What a file holds; None when there is none, or nothing that makes sense."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {
            int(number): {str(name): bool(pinned) for name, pinned in tickers.items() if name}
            for number, tickers in data.items()
        }
    except FileNotFoundError:
        return None
    except (ValueError, AttributeError, RecursionError) as error:
        log.warning("the list of known tickers cannot be read and starts anew: %s", error)
        return None
