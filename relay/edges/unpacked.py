"""This file knows `extension PATH`: the extension as a folder that a browser can load.

The same folder serves every browser. Written again it becomes the version of this package, and
files that version has no more are removed; the browser takes the new ones when it reloads it.
"""

from __future__ import annotations

import json
from pathlib import Path

from relay.core import places
from relay.edges.hosts.machine import Machine
from relay.edges.hosts.record import Ledger
from relay.errors import RelayError

#: The kinds of files that an extension consists of.
KINDS = {".css", ".html", ".js", ".json", ".png", ".svg"}


class NotOurs(RelayError):
    """The folder holds something else; nothing was written."""

    code = "not-ours"


def unpack(machine: Machine, folder: Path) -> bool:
    """Writes the extension into a folder; whether anything changed. NotOurs, OSError."""
    source = places.shipped("extension")
    if folder.exists() and not is_ours(folder):
        raise NotOurs(f"{folder} is not empty and holds no extension of ours; name another folder")
    wanted = {folder / path.relative_to(source): path for path in files(source)}
    ledger = Ledger(machine.state, machine.registry)
    ledger.remember(files=map(str, wanted), unpacked=[str(folder)])
    for path, original in wanted.items():
        ledger.write(path, original.read_bytes())
    for name in list(ledger.record.files):
        if Path(name).is_relative_to(folder) and Path(name) not in wanted:
            ledger.drop(Path(name))
    return ledger.changed


def is_ours(folder: Path) -> bool:
    """Whether a folder is empty or holds our extension, of any version."""
    if not folder.is_dir():
        return False
    if next(folder.iterdir(), None) is None:
        return True
    return identity(folder) == identity(places.shipped("extension"))


def identity(folder: Path) -> str | None:
    """Whose extension a folder holds: its id in Firefox."""
    manifest = read_manifest(folder)
    gecko = manifest.get("browser_specific_settings", {}).get("gecko", {}) if manifest else {}
    found = gecko.get("id")
    return found if isinstance(found, str) else None


def is_some_build(folder: Path) -> bool:
    """Whether a folder holds our extension, also as Chrome's store has it: without Firefox's id."""
    manifest = read_manifest(folder) or {}
    mine = read_manifest(places.shipped("extension")) or {}
    if identity(folder) is not None:
        return identity(folder) == identity(places.shipped("extension"))
    names = ("short_name", "action", "commands")
    return all(manifest.get(name) == mine.get(name) for name in names)


def version(folder: Path) -> str | None:
    """Which version of an extension a folder holds."""
    manifest = read_manifest(folder)
    found = manifest.get("version") if manifest else None
    return found if isinstance(found, str) else None


def files(folder: Path) -> list[Path]:
    """Everything the extension consists of, in an order that is the same everywhere.

    What a system or an editor leaves lying about (.DS_Store, menus.js~) is no part of it.
    """
    found = (path for path in folder.rglob("*") if path.is_file() and _is_part(path, folder))
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _is_part(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.suffix in KINDS and not hidden


def read_manifest(folder: Path) -> dict[str, dict[str, dict[str, object]]] | None:
    """The manifest of an extension; None where there is none that can be read."""
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
