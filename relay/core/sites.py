"""This file knows the user's own site files: what they say now, and what is wrong with which."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relay import sitefile
from relay.errors import BadConfig
from relay.exchanges import Exchanges
from relay.spelling import AsIs

MAX_FILES = 50
#: Of all files together: what is told must fit into one message to a browser, which takes 1 MiB.
MAX_BYTES = 700_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it was read. mark: by what a later one is known to be the same."""

    mark: tuple[int, int]
    site: dict[str, Any] | None
    problem: BadConfig | None
    size: int = 0


class Sites:
    """The files of a folder. Each is read again when it has changed, and only then."""

    def __init__(self, folder: Path, exchanges: Exchanges) -> None:
        self._folder = folder
        self._exchanges = exchanges
        self._read: dict[str, _File] = {}
        self._told: dict[str, Any] | None = None

    def have_changed(self) -> bool:
        """Whether they say something else than when they were last asked here."""
        before, self._told = self._told, self.now()
        return before != self._told

    def now(self) -> dict[str, Any]:
        """The sites with the names of their files, the problems, and the folder to put them into.

        A problem is {file, line, why, value, reason}; a wrong file never hides the others.
        """
        told: dict[str, Any] = {"sites": [], "files": [], "problems": []}
        told["folder"] = str(self._folder)
        try:
            files = sorted(self._folder.glob("*.json"))
        except OSError as error:
            unreadable = BadConfig(str(error), why="unreadable", value=str(error))
            return {**told, "problems": [_as_json(str(self._folder), unreadable)]}
        self._read = {file.name: self._one(file) for file in files[:MAX_FILES]}
        taken: dict[str, str] = {}
        room = MAX_BYTES
        for name, file in self._read.items():
            problem = file.problem or _against(file, taken, room)
            if problem is not None or file.site is None:
                told["problems"].append(_as_json(name, problem))
                continue
            room -= file.size
            taken[file.site["id"]] = name
            told["sites"].append(file.site)
            told["files"].append(name)
        if len(files) > MAX_FILES:
            many = BadConfig(f"more than {MAX_FILES} files", why="too-many", value=str(MAX_FILES))
            told["problems"].append(_as_json(files[MAX_FILES].name, many))
        return told

    def _one(self, file: Path) -> _File:
        mark = (0, 0)
        try:
            stat = file.stat()
            mark = (stat.st_mtime_ns, stat.st_size)
            known = self._read.get(file.name)
            if known and known.mark == mark:
                return known
            text = file.read_text(encoding="utf-8-sig")
            site = AsIs(sitefile.parse(text, self._exchanges))
            return _File(mark, site, None, len(json.dumps(site, ensure_ascii=False).encode()))
        except BadConfig as error:
            log.warning("%s: %s", file, error)
            return _File(mark, None, error)
        except (OSError, UnicodeDecodeError) as error:
            log.warning("%s: %s", file, error)
            return _File(mark, None, BadConfig(str(error), why="unreadable", value=str(error)))


def _against(file: _File, taken: dict[str, str], room: int) -> BadConfig | None:
    """What stands against a good file among the others."""
    other = taken.get(file.site["id"]) if file.site else None
    if other is not None:
        return BadConfig(f"line 1: its id is that of {other}", why="same-id", value=other, line=1)
    if file.size > room:
        kilobytes = str(MAX_BYTES // 1000)
        return BadConfig(
            f"all files together exceed {kilobytes} kB", why="no-room", value=kilobytes
        )
    return None


def _as_json(file: str, problem: BadConfig | None) -> dict[str, Any]:
    assert problem is not None, "a file without a site has a problem"
    told = {"line": None, "why": "unreadable", "value": "", **problem.params}
    return {"file": file, **told, "reason": problem.text}
