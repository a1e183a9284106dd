"""Known tickers: kept between runs, bounded, pinned ones last to go."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from until import until

from relay.core import known as knowns
from relay.core.known import MAX_TICKERS, Known


def test_a_ticker_is_new_once() -> None:
    known = Known(None)

    assert known.add(1, "BTCUSDT")
    assert not known.add(1, "BTCUSDT")
    assert known.add(2, "BTCUSDT")
    assert (known.of(1), known.of(3), len(known)) == (["BTCUSDT"], [], 2)


async def test_what_is_known_is_kept_between_runs(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "tickers.json"
    known = Known(path)
    known.add(4, "龙虾_USDT")
    known.add(4, "BTC_USDT", pinned=True)
    await known.close()

    assert Known(path).of(4) == ["龙虾_USDT", "BTC_USDT"]
    assert list(path.parent.iterdir()) == [path], "nothing is left beside it"


def test_the_oldest_makes_room_but_what_is_pinned_stays() -> None:
    known = Known(None)
    known.add(1, "PINNED", pinned=True)
    for number in range(MAX_TICKERS):
        known.add(1, f"T{number}")

    assert len(known) == MAX_TICKERS
    assert "PINNED" in known.of(1)
    assert "T0" not in known.of(1)
    assert known.of(1)[-1] == f"T{MAX_TICKERS - 1}"


def test_what_is_held_does_not_make_room() -> None:
    """An order is open there: forgotten, it would stay in the panel after its end."""
    known = Known(None)
    known.held = lambda connection: {"T0", "T2"} if connection == 1 else set()
    for number in range(MAX_TICKERS + 2):
        known.add(1, f"T{number}")

    assert known.of(1)[:3] == ["T0", "T2", "T4"]
    assert len(known) == MAX_TICKERS


def test_when_all_are_pinned_the_oldest_makes_room() -> None:
    known = Known(None)
    for number in range(MAX_TICKERS + 1):
        known.add(1, f"T{number}", pinned=True)

    assert (len(known), known.of(1)[0]) == (MAX_TICKERS, "T1")


async def test_a_ticker_seen_again_is_the_newest_also_in_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "tickers.json"
    known = Known(path)
    for ticker in ("A", "B"):
        known.add(1, ticker)
    await known.save()
    known.add(1, "A")
    assert known.of(1) == ["B", "A"]

    await known.close()
    assert Known(path).of(1) == ["B", "A"]


async def test_what_is_unpinned_may_go(tmp_path: Path) -> None:
    path = tmp_path / "tickers.json"
    known = Known(path)
    known.add(1, "A", pinned=True)
    await known.save()
    known.unpin(1, "A")
    known.unpin(1, "NEVER SEEN")
    known.add(1, "B")
    known.add(1, "A")
    await known.close()

    assert json.loads(path.read_text("utf-8")) == {"1": {"B": False, "A": False}}


async def test_a_ticker_is_forgotten_unless_it_is_pinned(tmp_path: Path) -> None:
    path = tmp_path / "tickers.json"
    known = Known(path)
    known.add(1, "GONE")
    known.add(1, "PINNED", pinned=True)
    await known.save()
    for ticker in ("GONE", "PINNED", "NEVER SEEN"):
        known.forget(1, ticker)
    await known.close()

    assert known.of(1) == Known(path).of(1) == ["PINNED"]


async def test_two_relays_keep_what_both_know(tmp_path: Path) -> None:
    """Two browsers have a relay each, and both write the one file."""
    path = tmp_path / "tickers.json"
    first, second = Known(path), Known(path)
    first.add(1, "A", pinned=True)
    second.add(1, "B", pinned=True)
    second.add(2, "C")
    await first.save()
    await second.save()
    assert json.loads(path.read_text("utf-8")) == {"1": {"A": True, "B": True}, "2": {"C": False}}

    first.unpin(1, "A")
    first.add(1, "D")
    await first.close()
    second.add(1, "B")
    await second.close()
    assert json.loads(path.read_text("utf-8")) == {
        "1": {"A": False, "D": False, "B": True}, "2": {"C": False},
    }  # fmt: skip


async def test_a_file_that_is_not_to_be_had_for_a_moment_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tickers.json"
    first, second = Known(path), Known(path)
    first.add(1, "A", pinned=True)
    await first.save()
    second.add(1, "B")
    with monkeypatch.context() as held:

        def denied(self: Path, **more: str) -> str:
            raise PermissionError(13, "in use by another process")

        held.setattr(Path, "read_text", denied)
        assert Known(path).of(1) == []
        await second.save()
    await second.save()

    assert json.loads(path.read_text("utf-8")) == {"1": {"A": True, "B": False}}


async def test_what_is_held_stays_in_a_full_file_too(tmp_path: Path) -> None:
    path = tmp_path / "tickers.json"
    path.write_text(json.dumps({"1": {f"T{n}": False for n in range(MAX_TICKERS)}}))
    known = Known(path)
    known.held = lambda connection: {"T0"}
    known.add(1, "NEW")
    await known.close()

    kept = Known(path).of(1)
    assert (kept[0], kept[1], kept[-1], len(kept)) == ("T0", "T2", "NEW", MAX_TICKERS)


async def test_changes_are_written_by_themselves_and_a_write_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knowns, "PAUSE_S", 0.0)
    writing, most, writes, real = [0], [0], [0], knowns._write
    go = threading.Event()

    def write(*what: Any) -> None:
        writing[0] += 1
        most[0] = max(most[0], writing[0])
        go.wait(5)
        real(*what)
        writing[0] -= 1
        writes[0] += 1

    monkeypatch.setattr(knowns, "_write", write)
    path = tmp_path / "tickers.json"
    known = Known(path)
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(known.keep())
        known.add(1, "FIRST")
        await until(lambda: writing[0])
        for number in range(100):
            known.add(1, f"T{number}")
        keeping.cancel()  # While a write is under way.
    closing = asyncio.get_running_loop().call_later(0.02, go.set)
    await known.close()
    closing.cancel()

    assert (writes[0], most[0]) == (2, 1)
    assert len(Known(path)) == 101


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", "null", '{"x":{}}', '{"1":7}', '{"1":["A"]}', "[" * 100_000, "\x00"],
)
async def test_a_file_that_cannot_be_read_starts_anew(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tickers.json"
    path.write_text(text, "utf-8")
    known = Known(path)

    assert len(known) == 0
    assert known.add(1, "A")
    await known.close()
    assert Known(path).of(1) == ["A"]


def test_a_file_that_is_not_utf_8_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "tickers.json"
    path.write_bytes(b"\xff\xfe\x00")

    assert len(Known(path)) == 0


async def test_a_place_that_cannot_be_written_is_no_reason_to_fail(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once, and what was not written is when it can be."""
    wall = tmp_path / "file"
    wall.write_text("in the way")
    known = Known(wall / "tickers.json")
    known.add(1, "A")
    await known.save()
    known.add(1, "B")
    await known.save()
    assert known.of(1) == ["A", "B"]
    assert caplog.text.count("not kept") == 1

    wall.unlink()
    await known.close()
    assert Known(wall / "tickers.json").of(1) == ["A", "B"]


async def test_nothing_new_is_nothing_to_write(tmp_path: Path) -> None:
    known = Known(tmp_path / "tickers.json")
    known.add(1, "A")
    await known.save()
    (tmp_path / "tickers.json").unlink()
    known.add(1, "A")
    known.unpin(1, "A")
    await known.close()

    assert list(tmp_path.iterdir()) == []
