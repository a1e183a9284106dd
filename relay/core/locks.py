"""This file knows which panels the trader has locked: nothing of ours ever replaces those.

Another browser's relay reads and writes the same file, so it is read anew whenever it counts.
"""

from __future__ import annotations

import json
from pathlib import Path

from relay.core import files
from relay.errors import BadConfig

#: Far more panels than anybody has on screens; a file that grows is one that nobody reads.
MAX_LOCKS = 200


class Locks:
    """Ids of locked panels. path: where they are kept; without one they last as long as we do."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._names: list[str] = []

    def now(self) -> frozenset[str]:
        """The locked panels. BadConfig when nobody can say: then nothing may be replaced."""
        if self._path is not None:
            self._names = _read(self._path)
        return frozenset(self._names)

    def set(self, panel: str, *, on: bool) -> frozenset[str]:
        """Locks a panel or lets it go; gives all that are locked then."""
        names = [name for name in (self._names if self._path is None else _read(self._path))]
        names = [name for name in names if name != panel]
        self._names = [*names, panel][-MAX_LOCKS:] if on else names
        if self._path is not None:
            _write(self._path, self._names)
        return frozenset(self._names)


def _read(path: Path) -> list[str]:
    try:
        names = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        raise BadConfig(f"{path}: the locked panels cannot be read: {error}") from error
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadConfig(f"{path}: the locked panels cannot be read: not a list of ids")
    return names


def _write(path: Path, names: list[str]) -> None:
    try:
        files.replace(path, json.dumps(names).encode())
    except OSError as error:
        raise BadConfig(f"{path}: the locked panels cannot be kept: {error}") from error
