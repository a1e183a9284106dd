"""What is written for its owner alone."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from relay.core import files


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="modes say nothing there")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_the_owner_reads_it_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        files.replace(tmp_path / "ours" / "state.json", b"{}")
        files.replace(tmp_path / "ours" / "state.json", b"[]")
    finally:
        os.umask(before)

    assert mode(tmp_path / "ours") == 0o700
    assert mode(tmp_path / "ours" / "state.json") == 0o600
    assert (tmp_path / "ours" / "state.json").read_bytes() == b"[]"


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.replace(tmp_path / "state.json", b"old")

    def full(descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        files.replace(tmp_path / "state.json", b"new")

    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
    assert (tmp_path / "state.json").read_bytes() == b"old"


@pytest.mark.parametrize(("times", "kept"), [(3, b"new"), (99, b"old")])
def test_what_somebody_reads_just_now_is_replaced_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, kept: bytes
) -> None:
    """Windows lets no file be replaced that a reader or a scanner has open."""
    files.replace(tmp_path / "state.json", b"old")
    replace, refused = os.replace, []

    def held(source: str, target: Path) -> None:
        if len(refused) < times:
            refused.append(target)
            raise PermissionError(13, "in use by another process")
        replace(source, target)

    monkeypatch.setattr(os, "replace", held)
    if kept == b"old":
        with pytest.raises(PermissionError):
            files.replace(tmp_path / "state.json", b"new")
    else:
        files.replace(tmp_path / "state.json", b"new")

    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
    assert (tmp_path / "state.json").read_bytes() == kept
