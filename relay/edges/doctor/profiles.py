"""This file knows how to see in a browser's own files whether our extension is in it.

Read is only what is said about our extension: its folder, whether it is switched on. Chromium 156
keeps that in `Preferences` or `Secure Preferences` of each profile, Firefox 153 in
`extensions.json`; one that Firefox has loaded for a while stands nowhere (measured 2026-11).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relay import __version__
from relay.edges import unpacked
from relay.edges.doctor.finding import Report, Works
from relay.edges.hosts import manifest as manifests
from relay.edges.hosts.machine import Machine
from relay.edges.hosts.table import CHROMIUM, FIREFOX, Browser

MAX_BYTES = 64 * 1024 * 1024
#: A Firefox keeps its profiles beside its settings, or right in them.
_GECKO_PROFILES = ("*", "firefox/*", "Profiles/*", "firefox/Profiles/*")


@dataclass(frozen=True, slots=True)
class Seen:
    """Our extension in one profile. folder: where an unpacked one was loaded from."""

    browser: str
    identity: str
    on: bool
    folder: Path | None
    version: str | None


def examine(
    machine: Machine, browsers: list[Browser], known: list[str], report: Report
) -> list[Seen]:
    """Says how our extension fares in each browser. known: ids that were added by the user."""
    seen = [one for browser in browsers for one in _in(machine, browser)]
    ours = {CHROMIUM: _identity(), FIREFOX: manifests.own_callers(FIREFOX)[0]}
    for one in seen:
        _judge(one, {*ours.values(), *known}, report)
    if browsers and not seen:
        may_be_there = any(one.family == FIREFOX for one in browsers)
        report.found("extension-unseen" if may_be_there else "extension-missing")
    return seen


def _judge(one: Seen, known: set[str], report: Report) -> None:
    where = str(one.folder or one.identity)
    if one.folder is not None and not one.folder.is_dir():
        report.found("extension-folder-gone", where, "", one.browser)
    elif one.identity not in known:
        report.found("extension-other-id", where, one.identity, one.browser)
    elif not one.on:
        report.found("extension-disabled", where, "", one.browser)
    else:
        report.works.append(Works(one.browser, "extension", (one.version or "", where)))
        if one.version and order(one.version) != order(__version__):
            older = order(one.version) < order(__version__)
            fault = "extension-older" if older else "relay-older"
            report.found(fault, where, f"{one.version}; relay {__version__}", one.browser)


def order(version: str) -> tuple[int, ...]:
    """What versions are compared by: "0.10.0" comes after "0.9.1"."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.split(".")[:3])


def _identity() -> str:
    return manifests.own_callers(CHROMIUM)[0].split("/")[2]


def _in(machine: Machine, browser: Browser) -> Iterator[Seen]:
    for folder in [path for sign in browser.signs for path in machine.paths(sign)]:
        if browser.family == CHROMIUM:
            # Opera of old has its only profile right in the folder.
            for profile in sorted([*folder.glob("Preferences"), *folder.glob("*/Preferences")]):
                yield from _in_chromium(browser.name, profile.parent)
        else:
            for pattern in _GECKO_PROFILES:
                for file in sorted(folder.glob(f"{pattern}/extensions.json")):
                    yield from _in_firefox(browser.name, file)


def _in_chromium(browser: str, profile: Path) -> Iterator[Seen]:
    settings: dict[str, Any] = {}
    for name in ("Preferences", "Secure Preferences"):
        read = _read(profile / name).get("extensions", {})
        settings |= read.get("settings", {}) if isinstance(read, dict) else {}
    for identity, said in settings.items():
        if not isinstance(said, dict):
            continue
        folder = _folder(profile, str(said.get("path", "")))
        mine = identity == _identity()
        if not mine and (folder is None or not unpacked.is_some_build(folder)):
            continue
        off = bool(said.get("disable_reasons")) or said.get("state", 1) == 0
        registered = said.get("service_worker_registration_info")
        version = unpacked.version(folder) if folder else None
        if version is None and isinstance(registered, dict):
            version = registered.get("version")
        yield Seen(browser, identity, not off, folder, version)


def _folder(profile: Path, path: str) -> Path | None:
    """Where an extension lies: anywhere, or, when it came from a store, in the profile."""
    if Path(path).is_absolute():
        return Path(path)
    stored = profile / "Extensions" / path
    return stored if path and stored.is_dir() else None


def _in_firefox(browser: str, file: Path) -> Iterator[Seen]:
    addons = _read(file).get("addons", [])
    for said in addons if isinstance(addons, list) else []:
        if isinstance(said, dict) and said.get("id") == _gecko():
            version = said.get("version")
            yield Seen(browser, _gecko(), said.get("active") is True, None, str(version))


def _gecko() -> str:
    return manifests.own_callers(FIREFOX)[0]


def _read(path: Path) -> dict[str, Any]:
    """A file of the browser; one that is not there or is being written says nothing."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
