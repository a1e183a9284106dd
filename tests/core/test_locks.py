"""Which panels are locked, kept in a file that two relays write."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.core.locks import MAX_LOCKS, Locks
from relay.errors import BadConfig

A, B = "3fa85f64-5717-4562-b3fc-2c963f66afa6", "5fa85f64-5717-4562-b3fc-2c963f66afa6"


def test_what_one_relay_locks_another_sees_and_may_let_go(tmp_path: Path) -> None:
    one, other = Locks(tmp_path / "state" / "locks.json"), Locks(tmp_path / "state" / "locks.json")
    before = other.now()
    one.set(A, on=True)
    other.set(B, on=True)
    both = one.now()

    assert before == frozenset()
    assert both == {A, B}
    assert other.set(A, on=False) == one.now() == {B}
    assert one.set(A, on=False) == {B}


def test_without_a_file_a_lock_lasts_as_long_as_we_do() -> None:
    locks = Locks(None)

    assert locks.set(A, on=True) == locks.now() == {A}
    assert locks.set(A, on=False) == locks.now() == frozenset()


@pytest.mark.parametrize("text", ["{", '{"a":1}', "[1]", "\udcff", "[" * 100_000])
def test_locks_that_cannot_be_read_are_said_and_not_taken_for_none(
    tmp_path: Path, text: str
) -> None:
    """Else a locked panel would be replaced."""
    path = tmp_path / "locks.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    locks = Locks(path)

    for ask in (locks.now, lambda: locks.set(A, on=True)):
        with pytest.raises(BadConfig, match="cannot be read"):
            ask()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file", encoding="utf-8")

    with pytest.raises(BadConfig, match="cannot be"):
        Locks(tmp_path / "state" / "locks.json").set(A, on=True)


def test_there_are_never_more_than_anybody_has_panels() -> None:
    locks = Locks(None)
    for number in range(MAX_LOCKS + 1):
        locks.set(f"panel {number}", on=True)

    assert len(locks.now()) == MAX_LOCKS
    assert "panel 0" not in locks.now()
