"""This file knows how the relay writes what is nobody else's business: whole, and for its owner.

On Windows the folders of a user's profile are the user's own already; modes say nothing there.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TextIO

#: What Windows does not let be replaced for a moment, because a reader or a scanner has it open.
_PAUSES_S = (0.01, 0.02, 0.05, 0.1, 0.2)


def make_folder(path: Path) -> None:
    """Our own folder: nobody else looks in. One that is there already keeps its mode."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def opened(path: Path) -> TextIO:
    """A file to be written from its start; a new one is its owner's alone."""
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8", newline="")


def replace(path: Path, content: bytes) -> None:
    """Writes beside and moves over: a reader sees the old file or the new one, and only the owner
    sees any (mkstemp's files are 0600). OSError where that cannot be done."""
    import tempfile  # Only here: a relay that starts has nothing to write yet.

    make_folder(path.parent)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _move(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


def _move(beside: str, path: Path) -> None:
    for pause_s in _PAUSES_S:
        try:
            os.replace(beside, path)
            return
        except PermissionError:
            time.sleep(pause_s)
    os.replace(beside, path)
