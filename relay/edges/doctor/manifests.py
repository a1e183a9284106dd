"""This file knows how to judge what a browser finds when it looks for our host.

As Chromium 156 and Firefox 153 judge it (measured and read in their source, 2026-11): Chromium
takes the first file it finds, good or not. Firefox passes over one that it cannot use, except on
Windows, where both pass over a key without a default value and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from relay.edges.doctor.finding import Report
from relay.edges.doctor.policies import Rule
from relay.edges.hosts import manifest as manifests
from relay.edges.hosts.machine import Machine
from relay.edges.hosts.registry import Registry
from relay.edges.hosts.table import CHROMIUM, FIREFOX, NAME, Browser, Family

_ORIGIN = re.compile(r"chrome-extension://[a-p]{32}/")
#: What Firefox reads in a manifest; with one key more it takes none of it (its schema, 153).
_FIREFOX_KEYS = {"name", "description", "path", "type", "allowed_extensions"}


@dataclass(frozen=True, slots=True)
class Named:
    """A program that a browser would start. manifest: the file that names it."""

    browser: str
    family: Family
    manifest: Path
    host: Path


@dataclass(frozen=True, slots=True)
class _Hit:
    """What lies at one place. place: how a person finds it. shared: it is the system's.

    passed_over: the browser looks on when this one is of no use.
    """

    place: str
    path: Path
    fault: str | None
    detail: str = ""
    host: Path | None = None
    shared: bool = False
    passed_over: bool = False


def examine(
    machine: Machine,
    browsers: list[Browser],
    report: Report,
    extensions: Sequence[str] = (),
    managed: Mapping[str, Rule] = MappingProxyType({}),
) -> list[Named]:
    """Judges what each browser finds; gives the programs that are worth a start.

    Every place that `install` writes is judged by itself: which of them a browser reads, sources
    disagree about. extensions: ids that the user has let in. managed: what policies do to whom.
    """
    named: dict[Named, None] = {}
    for browser in browsers:
        wanted = [*manifests.own_callers(browser.family), *_callers(extensions, browser.family)]
        lookups = list(_lookups(machine, browser, wanted))
        if (rule := managed.get(browser.name)) is not None:
            good = _of_everyone(lookups) if rule.fault == "policy-user-hosts" else None
            named |= dict.fromkeys(_named(browser, good))
            if good is None:
                report.found(rule.fault, rule.where, "", browser.name)
        elif not any(hits for _, hits in lookups):
            report.found("not-installed", "", "", browser.name)
        else:
            for place, hits in lookups:
                named |= dict.fromkeys(_named(browser, _judged(browser, place, hits, report)))
    return list(named)


def _callers(extensions: Sequence[str], family: Family) -> Iterator[str]:
    for one in extensions:
        with contextlib.suppress(manifests.BadId):  # Nobody's id: written by hand into the record.
            if manifests.family_of(one) == family:
                yield manifests.caller(one)


def _named(browser: Browser, hit: _Hit | None) -> Iterator[Named]:
    if hit is not None and hit.host is not None:
        yield Named(browser.name, browser.family, hit.path, hit.host)


def _judged(browser: Browser, place: str, hits: list[_Hit], report: Report) -> _Hit | None:
    """The hit that counts, when it is good; else says what is wrong at this place."""
    if not hits:
        report.found("not-installed", place, "", browser.name)
        return None
    counts = _that_counts(hits)
    if counts.fault is None:
        return counts
    hides = any(hit.fault is None for hit in hits) and counts.fault != "registry-no-file"
    fault = "manifest-shadowed" if hides else counts.fault
    report.found(fault, counts.place, counts.detail, browser.name)
    return None


def _that_counts(hits: list[_Hit]) -> _Hit:
    """The first one that the browser does not pass over."""
    return next((hit for hit in hits if hit.fault is None or not hit.passed_over), hits[0])


def _of_everyone(lookups: list[tuple[str, list[_Hit]]]) -> _Hit | None:
    """A good one of the system, for a browser that may read no other."""
    found = (hit for _, hits in lookups for hit in hits if hit.shared and hit.fault is None)
    return next(found, None)


def _lookups(
    machine: Machine, browser: Browser, wanted: list[str]
) -> Iterator[tuple[str, list[_Hit]]]:
    """Each place where the browser may look, with what it meets there: the user's own, then the
    system's."""
    if machine.registry is not None:
        for pair in zip(browser.user, browser.everyone, strict=True):
            keys = [rf"{key}\{NAME}" for key in pair]
            yield keys[0], list(_in_registry(machine.registry, keys, browser.family, wanted))
        return
    shared = [path for place in browser.everyone for path in machine.paths(place)]
    for folder in dict.fromkeys(machine.own_folders(browser)):
        files = [one / f"{NAME}.json" for one in (folder, *shared)]
        yield str(files[0]), list(_in_folders(files, browser.family, wanted))


def _in_registry(
    registry: Registry, keys: list[str], family: Family, wanted: list[str]
) -> Iterator[_Hit]:
    for key in keys:
        values = registry.read(key)
        if values is not None:
            hit = _behind_key(key, values, family, wanted)
            yield replace(hit, shared=key != keys[0], passed_over="" not in values)


def _in_folders(files: list[Path], family: Family, wanted: list[str]) -> Iterator[_Hit]:
    for path in files:
        if path.exists() or path.is_symlink():
            hit = _judge(str(path), path, family, wanted, windows=False)
            yield replace(hit, shared=path != files[0], passed_over=family == FIREFOX)


def _behind_key(key: str, values: dict[str, str], family: Family, wanted: list[str]) -> _Hit:
    if "" not in values:
        said = ", ".join(f"{name}={value}" for name, value in values.items()) or "no value"
        return _Hit(key, Path(), "registry-named-value", said)
    path = Path(values[""])
    if not path.is_file():
        return _Hit(key, path, "registry-no-file", values[""])
    return _judge(str(path), path, family, wanted, windows=True)


def _judge(place: str, path: Path, family: Family, wanted: list[str], *, windows: bool) -> _Hit:
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
    if said := _wrong(found, family, wanted):
        return _Hit(place, path, *said)
    return _program(place, path, str(found.get("path", "")), windows=windows)


def _wrong(found: dict[str, Any], family: Family, wanted: list[str]) -> tuple[str, str] | None:
    """What is wrong with the words of a manifest, the path aside."""
    if found.get("name") != NAME:
        return "manifest-wrong-name", repr(found.get("name"))
    if found.get("type") != "stdio":
        return "manifest-wrong-type", repr(found.get("type"))
    others = set(manifests.CALLERS.values()) - {manifests.CALLERS[family]}
    if manifests.CALLERS[family] not in found or (family == FIREFOX and others & found.keys()):
        return "manifest-wrong-family", ", ".join(found)
    if family == FIREFOX and (unknown := sorted(found.keys() - _FIREFOX_KEYS)):
        return "manifest-unknown-key", ", ".join(unknown)
    description = found.get("description")
    if not isinstance(description, str) or (family == CHROMIUM and not description):
        return "manifest-no-description", repr(description)
    return _wrong_callers(found[manifests.CALLERS[family]], family, wanted)


def _wrong_callers(callers: Any, family: Family, wanted: list[str]) -> tuple[str, str] | None:
    """What is wrong with the list of who is let in; one misspelled entry spoils it all."""
    if not isinstance(callers, list):
        return "manifest-bad-origin", repr(callers)
    spelled = _ORIGIN if family == CHROMIUM else manifests.FIREFOX_ID
    for one in callers:
        if not isinstance(one, str) or not spelled.fullmatch(one):
            return "manifest-bad-origin", repr(one)
    missing = [one for one in wanted if one not in callers]
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
