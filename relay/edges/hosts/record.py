"""This file knows what we have put on a machine, so that exactly that can be taken away again.

The record is written before each step: what is cut short is still known. It also keeps what the
user added: ids of extensions from stores, folders of browsers that keep their data elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import stat
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from relay.core import files
from relay.edges.hosts.registry import Registry, above
from relay.errors import RelayError

FILE = "installed.json"


class BadRecord(RelayError):
    """The record cannot be read; the text says which file."""

    code = "record-damaged"


@dataclass(slots=True)
class Record:
    """What was written. folders, bare_keys: made by us on the way to a file or a key.

    program: our own copy of a one-file executable. unpacked: the folder with the extension.
    """

    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    bare_keys: list[str] = field(default_factory=list)
    extensions: list[str] = field(default_factory=list)
    data_folders: list[str] = field(default_factory=list)
    unpacked: list[str] = field(default_factory=list)


class Ledger:
    """The record of one user, kept in a file; writes and removes what it records.

    salvaged: what takes the place of a damaged one.
    """

    def __init__(
        self, state: Path, registry: Registry | None, salvaged: Record | None = None
    ) -> None:
        self._path = state / FILE
        self._registry = registry
        self.record = salvaged or _read(self._path)
        #: Whether anything changed since it was opened.
        self.changed = False
        #: What could not be taken away: places, and what the system said.
        self.left: list[str] = []
        if salvaged is not None:
            self._save()

    def write(self, path: Path, content: bytes, mode: int = 0o644) -> None:
        """Writes a file, if it is not so already; a reader sees the old one or the new one.

        Everybody may read it, there is nothing in it; nobody else may change what a browser starts.
        """
        if _same(path, content, mode):
            self._note(files=[str(path)])
            return
        self.folder(path.parent)
        self._note(files=[str(path)])
        self.changed = True
        beside = _beside(path)
        beside.write_bytes(content)
        beside.chmod(mode)
        beside.replace(path)

    def folder(self, path: Path) -> None:
        """Makes a folder and remembers which of those above it were not there."""
        missing = []
        while not path.is_dir():
            missing.append(path)
            path = path.parent
        self._note(folders=[str(one) for one in missing])
        for one in reversed(missing):
            one.mkdir(mode=0o755, exist_ok=True)

    def key(self, key: str, value: str) -> None:
        """Sets the default value of a registry key, if it is not so already."""
        assert self._registry is not None, "only Windows has one"
        if self._registry.read(key) == {"": value}:
            self._note(keys=[key])
            return
        made = [one for one in above(key) if self._registry.read(one) is None]
        self._note(keys=[key], bare_keys=made)
        self.changed = True
        self._registry.remove(key)
        self._registry.write(key, value)

    def remember(self, **more: Iterable[str]) -> None:
        """Adds to the lists of the record that hold what the user gave."""
        self._note(**more)

    def drop(self, path: Path) -> None:
        """Removes a file that is not wanted any more, and forgets it."""
        _unlink(str(path))
        self.changed = True
        if str(path) in self.record.files:
            self.record.files.remove(str(path))
            self._save()

    def take_away(self) -> list[str]:
        """Removes everything that was recorded, the record last; gives the places.

        What the system does not let go stays in the record, and nothing else stays because of it:
        what a browser reads goes first, a program that may be running last.
        """
        record, registry = self.record, self._registry
        keys = self._each(record.keys, registry.remove) if registry is not None else []
        order = sorted(record.files, key=lambda one: Path(one).suffix != ".json")
        files = self._each(order, _unlink)
        for key in sorted(record.bare_keys, key=len, reverse=True):
            if registry is not None and registry.is_bare(key):
                with contextlib.suppress(OSError):  # It is empty: nobody reads anything there.
                    registry.remove(key)
        if self.left:
            record.keys = [one for one in record.keys if one not in keys]
            record.files = [one for one in record.files if one not in files]
            self._save()
        else:
            self._path.unlink(missing_ok=True)
        for folder in sorted(record.folders, key=len, reverse=True):
            with contextlib.suppress(OSError):  # Somebody else has put something there.
                Path(folder).rmdir()
        return [*files, *keys]

    def _each(self, places: list[str], remove: Callable[[str], None]) -> list[str]:
        gone = []
        for place in places:
            try:
                remove(place)
            except OSError as error:
                self.left.append(f"{place}: {error.strerror or error}")
            else:
                gone.append(place)
        return gone

    def _note(self, **more: Iterable[str]) -> None:
        noted = False
        for name, values in more.items():
            kept: list[str] = getattr(self.record, name)
            fresh = [value for value in values if value not in kept]
            kept.extend(fresh)
            noted = noted or bool(fresh)
        if noted:
            self._save()

    def _save(self) -> None:
        missing = []
        folder = self._path.parent
        while not folder.is_dir():
            missing.append(str(folder))
            folder = folder.parent
        self.record.folders += [one for one in missing if one not in self.record.folders]
        text = json.dumps(asdict(self.record), indent=2, ensure_ascii=False) + "\n"
        files.replace(self._path, text.encode())


def _beside(path: Path) -> Path:
    """Where a file is written before it is moved to its place."""
    return path.with_name(path.name + ".new")


def _unlink(place: str) -> None:
    """Removes a file, and what a crash has left of writing it."""
    for path in (_beside(Path(place)), Path(place)):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()


def _same(path: Path, content: bytes, mode: int) -> bool:
    """Whether a file is so already. On Windows modes say nothing."""
    try:
        if path.read_bytes() != content:
            return False
        return sys.platform == "win32" or stat.S_IMODE(path.stat().st_mode) == mode
    except (FileNotFoundError, NotADirectoryError):
        return False


def _read(path: Path) -> Record:
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return Record()
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    if isinstance(written, list):
        return _of_version_0_1(written)
    known = {one.name for one in fields(Record)}
    if not isinstance(written, dict) or not all(
        isinstance(values, list) and all(isinstance(one, str) for one in values)
        for name, values in written.items()
        if name in known
    ):
        raise _damaged(path, "it is not a record of ours")
    return Record(**{name: values for name, values in written.items() if name in known})


def _damaged(path: Path, why: object) -> BadRecord:
    return BadRecord(f"{path} is damaged: {why}. Run: metascalp-relay doctor --fix")


def _of_version_0_1(written: list[object]) -> Record:
    """The first release wrote one list of files and keys."""
    texts = [one for one in written if isinstance(one, str)]
    keys = [rf"HKCU\{one}" for one in texts if one.startswith("Software\\")]
    return Record(files=[one for one in texts if not one.startswith("Software\\")], keys=keys)
