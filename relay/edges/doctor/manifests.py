"""This file knows how to judge what a browser finds when it looks for our host.

As Chromium 156 and Firefox 153 judge it (measured and read in their source, 2026-11): Chromium
takes the first file it finds, good or not; Firefox passes over one that it cannot use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relay.edges.doctor.finding import Report
from relay.edges.hosts import manifest as manifests
from relay.edges.hosts.machine import Machine
from relay.edges.hosts.table import CHROMIUM, NAME, Browser, Family

_ORIGIN = re.compile(r"chrome-extension://[a-p]{32}/")


@dataclass(frozen=True, slots=True)
class Named:
    """A program that a browser would start. manifest: the file that names it."""

    browser: str
    family: Family
    manifest: Path
    host: Path


@dataclass(frozen=True, slots=True)
class _Hit:
    """What lies at one place. place: how a person finds it."""

    place: str
    path: Path
    fault: str | None
    detail: str = ""
    host: Path | None = None


def examine(machine: Machine, browsers: list[Browser], report: Report) -> list[Named]:
    """Judges what each browser finds; gives the programs that are worth a start."""
    named = []
    for browser in browsers:
        hits = list(_hits(machine, browser))
        if not hits:
            report.found("not-installed", "", "", browser.name)
            continue
        first = hits[0]
        if first.fault is None and first.host is not None:
            named.append(Named(browser.name, browser.family, first.path, first.host))
            continue
        good = next((hit for hit in hits[1:] if hit.fault is None), None)
        fault = "manifest-shadowed" if good and first.fault != "registry-no-file" else first.fault
        assert fault is not None, "checked above"
        report.found(fault, first.place, first.detail, browser.name)
    return named


def _hits(machine: Machine, browser: Browser) -> Iterator[_Hit]:
    """What the browser meets, in the order in which it looks."""
    if machine.registry is not None:
        for key in (*browser.user, *browser.everyone):
            values = machine.registry.read(rf"{key}\{NAME}")
            if values is not None:
                yield _behind_key(rf"{key}\{NAME}", values, browser.family)
        return
    shared = [path for place in browser.everyone for path in machine.paths(place)]
    for folder in dict.fromkeys([*machine.own_folders(browser), *shared]):
        path = folder / f"{NAME}.json"
        if path.exists() or path.is_symlink():
            yield _judge(str(path), path, browser.family, windows=False)


def _behind_key(key: str, values: dict[str, str], family: Family) -> _Hit:
    if "" not in values:
        said = ", ".join(f"{name}={value}" for name, value in values.items()) or "no value"
        return _Hit(key, Path(), "registry-named-value", said)
    path = Path(values[""])
    if not path.is_file():
        return _Hit(key, path, "registry-no-file", values[""])
    return _judge(str(path), path, family, windows=True)


def _judge(place: str, path: Path, family: Family, *, windows: bool) -> _Hit:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        wrong = "manifest-not-json" if isinstance(error, ValueError) else "manifest-unreadable"
        return _Hit(place, path, wrong, str(error))
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        return _Hit(place, path, "manifest-not-json", str(error))
    if not isinstance(found, dict):
        return _Hit(place, path, "manifest-not-json", f"{type(found).__name__} at the top")
    if said := _wrong(found, family):
        return _Hit(place, path, *said)
    return _program(place, path, str(found.get("path", "")), windows=windows)


def _wrong(found: dict[str, Any], family: Family) -> tuple[str, str] | None:
    """What is wrong with the words of a manifest, the path aside."""
    if found.get("name") != NAME:
        return "manifest-wrong-name", repr(found.get("name"))
    if found.get("type") != "stdio":
        return "manifest-wrong-type", repr(found.get("type"))
    callers = found.get(manifests.CALLERS[family])
    others = set(manifests.CALLERS.values()) - {manifests.CALLERS[family]}
    if callers is None or (family != CHROMIUM and others & found.keys()):
        return "manifest-wrong-family", ", ".join(found)
    if not isinstance(callers, list):
        return "manifest-bad-origin", repr(callers)
    if family == CHROMIUM:
        for one in callers:
            if not isinstance(one, str) or not _ORIGIN.fullmatch(one):
                return "manifest-bad-origin", repr(one)
    missing = [one for one in manifests.own_callers(family) if one not in callers]
    return ("manifest-wrong-extension", ", ".join(missing)) if missing else None


def _program(place: str, path: Path, program: str, *, windows: bool) -> _Hit:
    if not program or "{" in program:
        return _Hit(place, path, "manifest-unfilled", program)
    host = Path(program)
    if not host.is_absolute():
        if not windows:
            return _Hit(place, path, "manifest-relative-path", program)
        host = path.parent / host
    return _Hit(place, path, None, "", host)
