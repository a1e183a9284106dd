"""This file knows how preferences get into the user's own settings file.

Comments, order and all other settings stay as the user wrote them. What would make a file that
cannot be meant is not written, and neither is anything into a file that cannot be understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from relay.config import parse
from relay.core import files
from relay.errors import BadConfig


def save(path: Path, wanted: Mapping[str, Any]) -> None:
    """Writes preferences; None takes one out. BadConfig says why nothing was written."""
    # Behind a link is the file that the user keeps elsewhere.
    path = path.resolve()
    try:
        before = _content(path)
        text = edited(before, wanted)
        if text != before:
            files.replace(path, text.encode())
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
