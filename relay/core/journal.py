"""This file knows where the activity is kept: one SQLite file, beside the other state.

Several relays write it, one for each browser, so an entry with a key is kept once and a write waits
for another's. All of it happens in one thread of its own: no click waits for a disk.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from relay.connection import Connection
from relay.core import files
from relay.entries import Entry, of_closed
from relay.errors import ActivityUnread
from relay.rows import Order

#: About 6 MB, and more than a busy month.
MAX_ROWS = 20_000
MAX_AGE_S = 30 * 86_400
#: Rows are counted and dropped once in so many writes.
TIDY_EVERY = 200
#: Entries that wait for the disk, also for one that takes nothing for a while; beyond it the oldest
#: of them are dropped, and that is logged.
MAX_WAITING = 1000
#: Between two writes, and how long one waits for another relay's.
PAUSE_S = 0.2
BUSY_S = 3.0
#: One page of a reading; a message to a browser holds at most 1 MiB.
PAGE = 500

_TABLE = """
CREATE TABLE IF NOT EXISTS activity(
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL,
  fields TEXT NOT NULL, once TEXT UNIQUE)
"""

log = logging.getLogger(__name__)


class Journal:
    """The activity. told: is called after every write. Without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self.told: Callable[[], None] = lambda: None
        self.last = 0
        self._path = path
        self._waiting: deque[Entry] = deque(maxlen=MAX_WAITING)
        self._due = asyncio.Event()
        self._thread: Executor | None = None
        self._file: _File | None = None
        self._kept = True
        self._losing = False

    def note(self, entry: Entry) -> None:
        """Takes an entry, to be written soon."""
        if self._path is None:
            return
        if len(self._waiting) == self._waiting.maxlen:
            self._lose()
        self._waiting.append(entry)
        self._due.set()

    def closed(self, order: Order, places: Iterable[Connection]) -> None:
        """Takes an order that has ended, with the name of its connection."""
        names = (place.name for place in places if place.id == order.connection)
        name = next(names, f"#{order.connection}")
        self.note(of_closed(order, name, int(time.time() * 1000)))

    async def keep(self) -> None:
        """Writes what was taken, again and again, until cancelled."""
        while True:
            await self._due.wait()
            await self.save()
            await asyncio.sleep(PAUSE_S)

    async def save(self) -> None:
        """Writes what was taken so far. What the disk does not take goes with the next."""
        self._due.clear()
        entries = list(self._waiting)
        self._waiting.clear()
        if not entries:
            return
        try:
            self.last = await self._on_disk(lambda file: file.write(entries))
        except Exception as error:
            self._say(error)
            if isinstance(error, OSError) or _is_of_the_file(error):
                self._put_back(entries)
        else:
            self._kept, self._losing = True, False
            self.told()

    async def read(self, before: int | None, limit: int) -> list[dict[str, Any]]:
        """Entries, newest first; those before an id. Raises ActivityUnread: what cannot be read is
        not nothing."""
        if self._path is None:
            return []
        await self.save()
        try:
            rows = await self._on_disk(lambda file: file.read(before, limit))
        except Exception as error:
            self._say(error)
            raise ActivityUnread(f"not read: {type(error).__name__}") from error
        return list(rows)

    async def close(self) -> None:
        """Writes what is left; nothing is kept after this."""
        await self.save()
        thread, self._thread = self._thread, None
        if thread is not None:
            file, self._file = self._file, None
            if file is not None:
                await asyncio.get_running_loop().run_in_executor(thread, file.close)
            thread.shutdown(wait=False)

    async def _on_disk(self, work: Callable[[_File], Any]) -> Any:
        assert self._path is not None, "without a path nothing is asked for"
        if self._thread is None:
            from concurrent.futures import ThreadPoolExecutor

            self._thread = ThreadPoolExecutor(1, "activity")

        def run(path: Path) -> Any:
            if self._file is None:
                self._file = _File(path)
            try:
                return work(self._file)
            except Exception as error:
                if _is_damage(error):  # Whoever opens it again puts it aside.
                    file, self._file = self._file, None
                    file.close()
                raise

        return await asyncio.get_running_loop().run_in_executor(self._thread, run, self._path)

    def _put_back(self, entries: list[Entry]) -> None:
        """Before what came meanwhile, as far as there is room for it."""
        room = MAX_WAITING - len(self._waiting)
        if len(entries) > room:
            self._lose()
        self._waiting.extendleft(reversed(entries[max(0, len(entries) - room) :]))

    def _lose(self) -> None:
        if not self._losing:
            log.warning("the disk is too slow for the activity; its oldest news are dropped")
        self._losing = True

    def _say(self, error: Exception) -> None:
        if self._kept:
            log.warning("the activity is not kept: %s", type(error).__name__)
        self._kept = False


class _File:
    """The file, in its thread. One that is no database is put aside, once, and begun anew."""

    def __init__(self, path: Path) -> None:
        import sqlite3

        self._path = path
        self._writes = 0
        files.make_folder(path.parent)
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            log.warning("the file of the activity is damaged and begun anew")
            self._put_aside()
            self._open()

    def write(self, entries: list[Entry]) -> int:
        """Writes entries, all of them or none; gives the id of the newest there is."""
        rows = [(one.at_ms, one.kind, json.dumps(one.fields), one.once) for one in entries]
        with self._db:
            self._db.executemany(
                "INSERT OR IGNORE INTO activity(at, kind, fields, once) VALUES(?, ?, ?, ?)", rows
            )
            self._writes += len(rows)
            if self._writes >= TIDY_EVERY:
                self._tidy()
            (last,) = self._db.execute("SELECT coalesce(max(id), 0) FROM activity").fetchone()
        return int(last)

    def read(self, before: int | None, limit: int) -> list[dict[str, Any]]:
        found = self._db.execute(
            "SELECT id, at, kind, fields FROM activity WHERE id < ? ORDER BY id DESC LIMIT ?",
            (2**62 if before is None else before, limit),
        )
        return [
            {**json.loads(fields), "id": number, "at": at, "time": _iso(at), "kind": kind}
            for number, at, kind, fields in found
        ]

    def close(self) -> None:
        self._db.close()

    def _open(self) -> None:
        import sqlite3

        # Made by us first, so that it is never anybody else's to read, not for a moment; SQLite
        # gives the files beside it the same rights.
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(self._path, timeout=BUSY_S, check_same_thread=False)
        try:
            self._share()
            self._db.execute("PRAGMA synchronous=NORMAL")
            (found,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise sqlite3.DatabaseError(found)
            self._db.execute(_TABLE)
            with self._db:
                self._tidy()
        except sqlite3.DatabaseError:
            self._db.close()
            raise

    def _put_aside(self) -> None:
        """With the files that SQLite keeps beside it: they would be taken for the new one's."""
        for end in ("", "-wal", "-shm"):
            file = self._path.with_name(self._path.name + end)
            aside = self._path.with_suffix(".damaged" + end)
            aside.unlink(missing_ok=True)
            if file.exists():
                file.replace(aside)

    def _share(self) -> None:
        """Lets others read while one writes. Of two that begin at once one is refused at once,
        whatever the time-out says (SQLite, "Write-Ahead Logging", section 8)."""
        import sqlite3

        until = time.monotonic() + BUSY_S
        while True:
            try:
                self._db.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                return

    def _tidy(self) -> None:
        """Drops what is too old or too much."""
        self._writes = 0
        oldest = int((time.time() - MAX_AGE_S) * 1000)
        self._db.execute("DELETE FROM activity WHERE at < ?", (oldest,))
        self._db.execute(
            "DELETE FROM activity WHERE id <= (SELECT id FROM activity ORDER BY id DESC"
            " LIMIT 1 OFFSET ?)",
            (MAX_ROWS,),
        )


def _is_of_the_file(error: Exception) -> bool:
    """Whether the file or the disk is at fault, so that the same may be written another time."""
    import sqlite3

    return isinstance(error, sqlite3.OperationalError) or _is_damage(error)


def _is_damage(error: Exception) -> bool:
    """SQLite's kind for a damaged file has its siblings below it, for other faults."""
    import sqlite3

    return type(error) is sqlite3.DatabaseError


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
