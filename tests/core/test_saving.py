"""Preferences in the user's own file: what was there stays, and half a file is never seen."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from relay.config import parse
from relay.core.saving import edited, save
from relay.errors import BadConfig

MINE = """# My settings, written by hand.
orders = "view"   # until I trust it

# Where I trade most.
exchanges = [
    "BYBIT",  # perp
    "OKX",
]

[aliases]
# TradingView calls it so
BINANCEUSDM = "BINANCE"
MY = "OKX"
"""


def test_comments_and_other_settings_stay() -> None:
    text = edited(MINE, {"markets": ["spot", "futures"]})

    assert [line for line in MINE.splitlines() if line not in text.splitlines()] == []
    assert parse(text).markets == ("spot", "futures")
    assert parse(text).aliases == {"BINANCEUSDM": "BINANCE", "MY": "OKX"}


def test_what_is_already_so_is_not_touched() -> None:
    wanted = {"exchanges": ["BYBIT", "OKX"], "aliases": {"BINANCEUSDM": "BINANCE", "MY": "OKX"}}

    assert edited(MINE, wanted) == MINE


def test_an_alias_more_or_less_leaves_the_comments_of_the_others() -> None:
    text = edited(MINE, {"aliases": {"BINANCEUSDM": "BINANCE", "GATEFI": "GATEIO"}})

    assert parse(text).aliases == {"BINANCEUSDM": "BINANCE", "GATEFI": "GATEIO"}
    assert "# TradingView calls it so\nBINANCEUSDM" in text


def test_none_takes_a_preference_out() -> None:
    text = edited(MINE, {"exchanges": None, "aliases": None, "markets": None})

    assert parse(text).exchanges == parse("").exchanges
    assert parse(text).aliases == {}
    assert parse(text).orders == "view"


def test_an_empty_file_gets_what_is_wanted_and_nothing_else() -> None:
    text = edited("", {"exchanges": ["OKX"], "aliases": {"A": "OKX"}})

    assert text == 'exchanges = ["OKX"]\n\n[aliases]\nA = "OKX"\n'


@pytest.mark.parametrize(
    ("text", "why"), [("orders = ", "not-toml"), ('orders = "all"', "choice"), ("x = 1", "unknown")]
)
def test_a_file_that_cannot_be_meant_is_left_as_it_is(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)

    with pytest.raises(BadConfig) as caught:
        save(file, {"exchanges": ["OKX"]})

    assert str(caught.value.params["why"]).startswith(why)
    assert file.read_text() == text


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'# mine\r\norders = "view"\r\n')

    save(file, {"exchanges": ["OKX"]})

    assert file.read_bytes().startswith(b'# mine\r\norders = "view"\r\n')
    assert parse(file.read_text()).exchanges == ("OKX",)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_may_read_it_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.toml"

    save(file, {"exchanges": ["OKX"]})

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(file.parent) == ["config.toml"]


@pytest.mark.skipif(sys.platform == "win32", reason="links want rights there")
def test_a_file_kept_elsewhere_stays_there(tmp_path: Path) -> None:
    kept, link = tmp_path / "dotfiles.toml", tmp_path / "config.toml"
    kept.write_text(MINE)
    link.symlink_to(kept)

    save(link, {"exchanges": ["OKX"]})

    assert link.is_symlink()
    assert parse(kept.read_text()).exchanges == ("OKX",)


def test_what_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(BadConfig) as caught:
        save(tmp_path / "file" / "config.toml", {"exchanges": ["OKX"]})

    assert caught.value.params["why"] == "unwritable"


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(MINE)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(BadConfig, match="disk full"):
        save(file, {"markets": ["spot"]})

    assert file.read_text() == MINE
    assert os.listdir(tmp_path) == ["config.toml"]
