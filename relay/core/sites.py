"""This file knows the user's own site files: what they say now, and what is wrong with which."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from relay import sitefile
from relay.errors import BadConfig
from relay.exchanges import Exchanges

MAX_FILES = 50

log = logging.getLogger(__name__)


class Sites:
    """The files of a folder. Each is read again when it has changed, and only then."""

    def __init__(self, folder: Path, exchanges: Exchanges) -> None:
        self._folder = folder
        self._exchanges = exchanges
        self._read: dict[str, tuple[tuple[int, int], dict[str, Any] | str]] = {}

    def now(self) -> dict[str, Any]:
        """The sites, and the problems as {file, reason}; a wrong file never hides the others."""
        try:
            files = sorted(self._folder.glob("*.json"))[:MAX_FILES]
        except OSError as error:
            return {"sites": [], "problems": [{"file": str(self._folder), "reason": str(error)}]}
        self._read = {file.name: self._one(file) for file in files}
        found = [(name, said) for name, (_, said) in self._read.items()]
        problems = [{"file": name, "reason": said} for name, said in found if isinstance(said, str)]
        return {
            "sites": [said for _, said in found if not isinstance(said, str)],
            "problems": problems,
        }

    def _one(self, file: Path) -> tuple[tuple[int, int], dict[str, Any] | str]:
        mark = (0, 0)
        try:
            stat = file.stat()
            mark = (stat.st_mtime_ns, stat.st_size)
            known = self._read.get(file.name)
            if known and known[0] == mark:
                return known
            return mark, sitefile.parse(file.read_text(encoding="utf-8"), self._exchanges)
        except (BadConfig, OSError, UnicodeDecodeError) as error:
            log.warning("%s: %s", file, error)
            return mark, str(error)
