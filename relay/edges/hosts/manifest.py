"""This file knows a host manifest: what each family of browsers wants to read in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from relay.core import places
from relay.edges.hosts.table import CHROMIUM, FIREFOX, Family
from relay.errors import RelayError

#: Where the callers stand; Firefox refuses a manifest with the other one in it (2026-11).
CALLERS: dict[Family, str] = {CHROMIUM: "allowed_origins", FIREFOX: "allowed_extensions"}

_CHROMIUM_ID = re.compile(r"[a-p]{32}")
FIREFOX_ID = re.compile(r"\{[0-9a-f-]{36}\}|[\w.-]*@[\w.-]+", re.IGNORECASE | re.ASCII)


class BadId(RelayError):
    """Text that is no extension's id."""

    code, status = "bad-params", 400


def text(family: Family, host: Path, extensions: Iterable[str] = ()) -> str:
    """A manifest that names this program; extensions: ids let in besides our own."""
    template = json.loads(_template(family))
    more = [caller(one) for one in extensions if family_of(one) == family]
    named = template[CALLERS[family]]
    callers = [*named, *(one for one in more if one not in named)]
    filled = {**template, "path": str(host), CALLERS[family]: callers}
    return json.dumps(filled, indent=2, ensure_ascii=False) + "\n"


def own_callers(family: Family) -> list[str]:
    """What our own extension is called in a manifest."""
    callers: list[str] = json.loads(_template(family))[CALLERS[family]]
    return callers


def family_of(extension: str) -> Family:
    """Whose id it is; BadId when it is nobody's."""
    if _CHROMIUM_ID.fullmatch(extension):
        return CHROMIUM
    if FIREFOX_ID.fullmatch(extension):
        return FIREFOX
    raise BadId(
        f"not an extension's id: {extension!r}; Chromium's are 32 letters from a to p, "
        "Firefox's look like name@place",
        field="extension",
    )


def caller(extension: str) -> str:
    """An id as a manifest writes it."""
    origin = f"chrome-extension://{extension}/"
    return origin if family_of(extension) == CHROMIUM else extension


def write(path: Path, family: Family, host: Path) -> None:
    """Writes one for a throw-away browser, with nothing recorded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(family, host), encoding="utf-8")


def _template(family: Family) -> str:
    return (places.shipped("manifest") / f"{family}.json").read_text(encoding="utf-8")
