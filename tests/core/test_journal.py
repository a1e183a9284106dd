"""The activity on disk: kept once by two relays, bounded, nobody else's, never in the way."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from until import until

from relay.core import journal
from relay.core.journal import Journal
from relay.entries import Entry
from relay.errors import ActivityUnread


def now() -> int:
    return int(time.time() * 1000)


def entry(text: str = "x", *, at: int | None = None, once: str | None = None) -> Entry:
    return Entry(now() if at is None else at, "open", {"text": text}, once)


async def texts(kept: Journal) -> list[str]:
    return [row["text"] for row in await kept.read(None, 500)]


async def test_what_is_noted_is_read_back_newest_first(tmp_path: Path) -> None:
    kept = Journal(tmp_path / "state" / "activity.db")
    for text in "abc":
        kept.note(entry(text))

    assert await texts(kept) == ["c", "b", "a"]
    await kept.close()
    again = Journal(tmp_path / "state" / "activity.db")
    assert await texts(again) == ["c", "b", "a"]
    await again.close()


async def test_pages_follow_each_other(tmp_path: Path) -> None:
    kept = Journal(tmp_path / "activity.db")
    for number in range(7):
        kept.note(entry(str(number)))
    first = await kept.read(None, 3)
    second = await kept.read(first[-1]["id"], 3)
    await kept.close()

    assert [row["text"] for row in first + second] == ["6", "5", "4", "3", "2", "1"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights; the folder is the user's")
async def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    kept = Journal(tmp_path / "activity.db")
    kept.note(entry())
    await kept.save()
    rights = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    await kept.close()

    assert "activity.db" in rights
    assert set(rights.values()) == {0o600}


async def test_what_is_too_old_or_too_much_goes(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(journal, "MAX_ROWS", 5)
    monkeypatch.setattr(journal, "TIDY_EVERY", 1)
    kept = Journal(tmp_path / "activity.db")
    kept.note(entry("ancient", at=now() - 31 * 86_400_000))
    for number in range(8):
        kept.note(entry(str(number)))

    assert await texts(kept) == ["7", "6", "5", "4", "3"]
    await kept.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from relay.core.journal import Journal
from relay.entries import Entry
import time
async def main():
    kept = Journal(Path(sys.argv[1]))
    for n in range(60):
        kept.note(Entry(int(time.time() * 1000), "open", {"text": f"{sys.argv[2]}{n}"}))
        kept.note(Entry(int(time.time() * 1000), "closed", {"text": str(n)}, f"closed:{n}"))
        if n % 5 == 0:
            await kept.save()
    await kept.close()
asyncio.run(main())
"""


async def test_relays_that_begin_at_once_lose_nothing_and_an_order_is_told_once(
    tmp_path: Path,
) -> None:
    path = tmp_path / "activity.db"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in "abcdef"
    ]
    codes = [await asyncio.to_thread(one.wait) for one in writers]
    rows = sqlite3.connect(path)
    (opened,) = rows.execute("SELECT count(*) FROM activity WHERE kind = 'open'").fetchone()
    (closed,) = rows.execute("SELECT count(*) FROM activity WHERE kind = 'closed'").fetchone()
    rows.close()

    assert codes == [0] * 6
    assert (opened, closed) == (360, 60)


def test_who_is_refused_at_once_by_another_that_begins_tries_again(tmp_path: Path) -> None:
    class Refused:
        """A database that another one is just turning into one for many."""

        times = 2

        def execute(self, text: str) -> sqlite3.Cursor:
            self.times -= 1
            if self.times >= 0:
                raise sqlite3.OperationalError("database is locked")
            return real.execute(text)

    file = journal._File(tmp_path / "activity.db")
    real, file._db = file._db, Refused()
    file._share()
    real.close()

    assert file._db.times == -1


async def test_a_damaged_file_is_put_aside_and_begun_anew(tmp_path: Path, caplog) -> None:
    path = tmp_path / "activity.db"
    path.write_bytes(b"this is no database" * 100)
    kept = Journal(path)
    kept.note(entry("new"))

    assert await texts(kept) == ["new"]
    await kept.close()
    assert (tmp_path / "activity.damaged").read_bytes().startswith(b"this is no")
    assert "begun anew" in caplog.text


def hold(path: Path) -> sqlite3.Connection:
    """Somebody who writes into it and does not come to an end."""
    holding = sqlite3.connect(path, isolation_level=None)
    holding.execute("BEGIN IMMEDIATE")
    return holding


async def test_what_could_not_be_written_is_written_with_the_next(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(journal, "BUSY_S", 0.05)
    kept = Journal(tmp_path / "activity.db")
    kept.note(entry("a"))
    await kept.save()
    holding = hold(tmp_path / "activity.db")
    for text in "bc":
        kept.note(entry(text))
        await kept.save()
    holding.close()
    kept.note(entry("d"))

    assert await texts(kept) == ["d", "c", "b", "a"]
    await kept.close()


async def test_of_what_could_not_be_written_the_newest_are_held_and_it_is_logged_once(
    tmp_path: Path, monkeypatch, caplog
) -> None:
    monkeypatch.setattr(journal, "BUSY_S", 0.05)
    monkeypatch.setattr(journal, "MAX_WAITING", 3)
    kept = Journal(tmp_path / "activity.db")
    await kept.read(None, 1)
    holding = hold(tmp_path / "activity.db")
    for text in "abcde":
        kept.note(entry(text))
        await kept.save()
    holding.close()

    assert await texts(kept) == ["e", "d", "c"]
    await kept.close()
    assert caplog.text.count("are dropped") == 1


async def test_while_a_write_fails_the_newest_that_came_meanwhile_go_before_it(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(journal, "BUSY_S", 0.05)
    monkeypatch.setattr(journal, "MAX_WAITING", 3)
    kept = Journal(tmp_path / "activity.db")
    await kept.read(None, 1)
    holding = hold(tmp_path / "activity.db")
    for text in "ab":
        kept.note(entry(text))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(kept.save())
        await asyncio.sleep(0)
        for text in "cd":
            kept.note(entry(text))
    holding.close()

    assert await texts(kept) == ["d", "c", "b"]
    await kept.close()


async def test_an_entry_that_no_disk_could_take_does_not_come_again(tmp_path: Path) -> None:
    kept = Journal(tmp_path / "activity.db")
    kept.note(entry("big", at=2**80))
    await kept.save()
    kept.note(entry("a"))

    assert await texts(kept) == ["a"]
    await kept.close()


async def test_a_file_that_is_damaged_while_it_is_open_is_put_aside_and_nothing_is_lost_after(
    tmp_path: Path, caplog
) -> None:
    path = tmp_path / "activity.db"
    kept = Journal(path)
    kept.note(entry("old"))
    await kept.save()
    damage(path)
    for text in "ab":
        kept.note(entry(text))
        await kept.save()

    assert await texts(kept) == ["b", "a"]
    await kept.close()
    assert (tmp_path / "activity.damaged").read_bytes().startswith(b"no database")
    assert "begun anew" in caplog.text


def damage(path: Path) -> None:
    """Overwrites the file, after a write of another relay: nobody trusts what they hold of it."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("INSERT INTO activity(at, kind, fields) VALUES(1, 'open', '{}')")
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    with path.open("r+b") as file:
        file.write(b"no database" * (path.stat().st_size // 11))


async def test_a_file_whose_pages_are_damaged_is_put_aside_too(tmp_path: Path, caplog) -> None:
    """Its head is sound, so that it opens, and the index of what is kept once is not."""
    path = tmp_path / "activity.db"
    kept = Journal(path)
    for number in range(300):
        kept.note(entry(str(number), once=str(number)))
    await kept.close()
    with sqlite3.connect(path) as found:
        (page,) = found.execute(
            "SELECT rootpage FROM sqlite_master WHERE name LIKE 'sqlite_autoindex%'"
        ).fetchone()
        (size,) = found.execute("PRAGMA page_size").fetchone()
    found.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    again = Journal(path)
    again.note(entry("new", once="new"))

    assert await texts(again) == ["new"]
    await again.close()
    assert "begun anew" in caplog.text


async def test_a_disk_that_takes_nothing_stops_nobody_and_is_logged_once(
    tmp_path: Path, caplog
) -> None:
    (tmp_path / "file").write_text("not a folder")
    kept = Journal(tmp_path / "file" / "activity.db")
    for _ in range(3):
        kept.note(entry("secret 0.01 BTC"))
        await kept.save()

    with pytest.raises(ActivityUnread, match="not read"):
        await kept.read(None, 5)
    await kept.close()
    assert caplog.text.count("the activity is not kept") == 1
    assert "secret" not in caplog.text


async def test_the_news_that_wait_are_bounded(tmp_path: Path, monkeypatch) -> None:
    kept = Journal(tmp_path / "activity.db")
    for number in range(journal.MAX_WAITING + 10):
        kept.note(entry(str(number)))
    rows = await kept.read(None, journal.MAX_WAITING + 10)
    await kept.close()

    assert len(rows) == journal.MAX_WAITING
    assert rows[-1]["text"] == "10"


async def test_after_a_write_everybody_is_told(tmp_path: Path) -> None:
    kept, told = Journal(tmp_path / "activity.db"), []
    kept.told = lambda: told.append(kept.last)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(kept.keep())
        kept.note(entry())
        await until(lambda: told == [1])
        kept.note(entry())
        await until(lambda: told == [1, 2])
        task.cancel()
    await kept.close()


async def test_without_a_path_nothing_is_kept() -> None:
    kept = Journal(None)
    kept.note(entry())
    await kept.save()

    assert await kept.read(None, 5) == []
    await kept.close()


def test_sqlite_is_not_loaded_until_something_is_kept() -> None:
    """The host's first words must not wait for it."""
    script = "import sys, relay.edges.native_loop; print('sqlite3' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == "False"
