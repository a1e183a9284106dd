"""This file knows how preferences get into the user's own settings file.

Comments, order and all other settings stay as the user wrote them. What would make a file that
cannot be meant is not written, and neither is anything into a file that cannot be understood.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from relay.config import parse
from relay.errors import BadConfig


def save(path: Path, wanted: Mapping[str, Any]) -> None:
    """Writes preferences; None takes one out. BadConfig says why nothing was written."""
    # Behind a link is the file that the user keeps elsewhere.
    path = path.resolve()
    try:
        before = _content(path)
        text = edited(before, wanted)
        if text != before:
            _replace(path, text)
    except (OSError, UnicodeDecodeError) as error:
        text = f"{path.name} cannot be written: {error}"
        raise BadConfig(text, why="unwritable", value=str(error)) from error


def _content(path: Path) -> str:
    """What is there, line ends as they are."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""


def edited(text: str, wanted: Mapping[str, Any]) -> str:
    """A settings text with these preferences in it."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        for name, value in wanted.items():
            if value is None:
                document.pop(name, None)
            elif document.get(name) != value:
                _put(document, name, value)
        made = tomlkit.dumps(document)
    except TOMLKitError as error:
        raise BadConfig(f"not TOML: {error}", why="not-toml", value=str(error)) from error
    parse(made)
    return made


def _put(document: Any, name: str, value: Any) -> None:
    """A list in one line; a table changed key by key, so that its comments stay too."""
    import tomlkit

    there = document.get(name)
    if not isinstance(value, dict):
        document[name] = tomlkit.item(value)
    elif isinstance(there, dict):
        for gone in [key for key in there if key not in value]:
            del there[gone]
        for key, one in value.items():
            if there.get(key) != one:
                there[key] = one
    else:
        table = tomlkit.table()
        table.update(value)
        document[name] = table


def _replace(path: Path, text: str) -> None:
    """Writes beside and moves over: a reader never sees half a file, and only the owner any."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".config-", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
