"""Known tickers: kept between runs, bounded, pinned ones last to go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from relay.core.known import MAX_TICKERS, Known


def test_a_ticker_is_new_once() -> None:
    known = Known(None)

    assert known.add(1, "BTCUSDT")
    assert not known.add(1, "BTCUSDT")
    assert known.add(2, "BTCUSDT")
    assert (known.of(1), known.of(3), len(known)) == (["BTCUSDT"], [], 2)


def test_what_is_known_is_kept_between_runs(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "tickers.json"
    known = Known(path)
    known.add(4, "龙虾_USDT")
    known.add(4, "BTC_USDT", pinned=True)

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


def test_a_ticker_seen_again_is_the_newest() -> None:
    known = Known(None)
    for ticker in ("A", "B", "A"):
        known.add(1, ticker)

    assert known.of(1) == ["B", "A"]


def test_what_is_unpinned_may_go(tmp_path: Path) -> None:
    path = tmp_path / "tickers.json"
    known = Known(path)
    known.add(1, "A", pinned=True)
    known.unpin(1, "A")
    known.unpin(1, "NEVER SEEN")

    assert json.loads(path.read_text("utf-8")) == {"1": {"A": False}}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", "null", '{"x":{}}', '{"1":7}', '{"1":["A"]}', "[" * 100_000, "\x00"],
)
def test_a_file_that_cannot_be_read_starts_anew(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tickers.json"
    path.write_text(text, "utf-8")
    known = Known(path)

    assert len(known) == 0
    assert known.add(1, "A")
    assert Known(path).of(1) == ["A"]


def test_a_file_that_is_not_utf_8_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "tickers.json"
    path.write_bytes(b"\xff\xfe\x00")

    assert len(Known(path)) == 0


def test_a_place_that_cannot_be_written_is_no_reason_to_fail(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    known = Known(tmp_path / "file" / "tickers.json")

    assert known.add(1, "A")
    assert known.of(1) == ["A"]
    assert "not kept" in caplog.text
