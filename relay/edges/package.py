"""This file knows `package DIR`: what is uploaded to the stores, byte for byte the same anywhere.

Chrome's zip serves Edge Add-ons too. A store gives an extension its own id, so `key` stays out, and
so does what the other family of browsers alone understands. Each zip holds a bill of materials of
itself, and another one of all zips lies beside them. Files are stored, not compressed: no
two versions of zlib need to agree, and a store compresses for itself.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from relay import __version__
from relay.core import places
from relay.edges import bill, unpacked
from relay.errors import RelayError

Store = Literal["chrome", "firefox"]

#: What a store's manifest is without. A path of two: a key inside a key.
_WITHOUT: dict[Store, tuple[tuple[str, ...], ...]] = {
    "chrome": (
        ("key",),
        ("browser_specific_settings",),
        ("sidebar_action",),
        ("background", "scripts"),
    ),
    "firefox": (
        ("key",),
        ("minimum_chrome_version",),
        ("side_panel",),
        ("background", "service_worker"),
    ),
}
#: Permissions that only one family knows.
_FOREIGN: dict[Store, frozenset[str]] = {
    "chrome": frozenset(),
    "firefox": frozenset({"sidePanel"}),
}
#: The time of every file in a zip: the earliest a zip can say.
_EPOCH = (1980, 1, 1, 0, 0, 0)
#: A plain file that everybody may read.
_MODE = 0o100644
#: The bill of materials in a zip.
BILL = "bom.cdx.json"


class BadPackage(RelayError):
    """The extension is not whole; the text says what is missing."""

    code = "bad-package"


@dataclass(frozen=True, slots=True)
class Package:
    """One written file."""

    path: Path
    size: int
    sha256: str


def package(folder: Path) -> list[Package]:
    """Writes the zips of both stores, and beside them the bill of materials. BadPackage when the
    extension is not whole."""
    folder.mkdir(parents=True, exist_ok=True)
    stores: tuple[Store, ...] = ("chrome", "firefox")
    made = [_write(folder, f"{store}-{__version__}.zip", content(store)) for store in stores]
    named = {one.path.name: one.sha256 for one in made}
    return [*made, _write(folder, f"{__version__}.cdx.json", bill.document(named))]


def manifest_for(store: Store, manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest as one store wants it."""
    made: dict[str, Any] = json.loads(json.dumps(manifest))
    for path in _WITHOUT[store]:
        inside = made
        for key in path[:-1]:
            inside = inside.get(key, {})
        inside.pop(path[-1], None)
    for name in ("permissions", "optional_permissions"):
        if name in made:
            made[name] = [one for one in made[name] if one not in _FOREIGN[store]]
    return made


def content(store: Store) -> bytes:
    """The zip of one store."""
    files = _files(store)
    files[BILL] = bill.document({name: _digest(body) for name, body in files.items()})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, body in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # Unix, wherever it is made.
            entry.external_attr = _MODE << 16
            archive.writestr(entry, body)
    return out.getvalue()


def _files(store: Store) -> dict[str, bytes]:
    """What the extension is for a store, by the names in its folder."""
    source = places.shipped("extension")
    manifest = json.loads((source / "manifest.json").read_text(encoding="utf-8"))
    made = manifest_for(store, manifest)
    _check(source, made)
    paths = {path.relative_to(source).as_posix(): path for path in unpacked.files(source)}
    found = {name: path.read_bytes() for name, path in paths.items()}
    text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    return found | {"manifest.json": text.encode()}


def named_files(value: object) -> Iterator[str]:
    """Every file that a manifest names, wherever in it."""
    if isinstance(value, dict):
        for one in value.values():
            yield from named_files(one)
    elif isinstance(value, list):
        for one in value:
            yield from named_files(one)
    elif isinstance(value, str) and re.fullmatch(r"[\w./-]+\.(js|html|css|png|json|svg)", value):
        yield value


def _check(source: Path, manifest: dict[str, Any]) -> None:
    missing = [name for name in named_files(manifest) if not (source / name).is_file()]
    if missing:
        raise BadPackage(f"the manifest names files that are not there: {', '.join(missing)}")
    if manifest["version"] != __version__:
        raise BadPackage(f"the extension is {manifest['version']}, this package {__version__}")


def _write(folder: Path, name: str, body: bytes) -> Package:
    path = folder / f"metascalp-relay-{name}"
    path.write_bytes(body)
    return Package(path, len(body), _digest(body))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
