"""This file knows the bill of materials of a release, as CycloneDX 1.6 writes one (ECMA-424).

What is shipped and what it stands on: files by their digests, libraries by the ranges of
versions that we take. No time and no versions of this machine are in it: whoever makes it from the
same files gets the same bytes.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from relay import __version__
from relay.errors import RelayError

NAME = "metascalp-relay"

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*([^;\s]*)\s*(;.*)?")


class NoMetadata(RelayError):
    """What we stand on is not known here."""

    code = "no-metadata"


def document(files: Mapping[str, str]) -> bytes:
    """The bill. files: names of what is shipped, with their SHA-256."""
    parts = [_file(name, digest) for name, digest in sorted(files.items())]
    parts += [_library(name, range_) for name, range_ in sorted(requirements().items())]
    told = json.dumps(parts, sort_keys=True)
    bill: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'{__version__} {told}')}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": NAME,
                "name": NAME,
                "version": __version__,
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": parts,
        "dependencies": [{"ref": NAME, "dependsOn": [one["bom-ref"] for one in parts]}],
    }
    return (json.dumps(bill, indent=1) + "\n").encode()


def requirements() -> dict[str, str]:
    """The libraries of the relay itself, with their ranges; without those of tests and demo."""
    try:
        lines = metadata.requires(NAME) or []
    except metadata.PackageNotFoundError as error:
        raise NoMetadata(f"{NAME} is not installed as a package: {error}") from error
    found = {}
    for line in lines:
        match = _REQUIREMENT.fullmatch(line.strip())
        if match is not None and "extra" not in (match[3] or ""):
            found[match[1].lower()] = ",".join(sorted(match[2].split(","), reverse=True))
    return found


def _file(name: str, digest: str) -> dict[str, Any]:
    hashes = [{"alg": "SHA-256", "content": digest}]
    return {"type": "file", "bom-ref": name, "name": name, "hashes": hashes}


def _library(name: str, range_: str) -> dict[str, Any]:
    reference = f"pkg:pypi/{name}"
    taken = [{"name": f"{NAME}:range", "value": range_}]
    return {
        "type": "library",
        "bom-ref": reference,
        "name": name,
        "purl": reference,
        "scope": "required",
        "properties": taken,
    }
