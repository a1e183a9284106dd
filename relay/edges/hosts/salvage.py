"""This file knows how to find again what was installed, when the record of it is damaged.

First what its text still says, then what lies where `install` writes. A folder counts as made by us
when it holds nothing but ours, except one in which a browser keeps its data.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from relay.edges.hosts.machine import Machine
from relay.edges.hosts.manifest import CALLERS, BadId, family_of
from relay.edges.hosts.record import FILE, Record
from relay.edges.hosts.registry import above
from relay.edges.hosts.table import NAME, told_of

_TEXT = r'"(?:[^"\\]|\\.)*"'


def salvage(machine: Machine) -> Record:
    """As much of the record as can be known."""
    record = _said(machine.state / FILE)
    _own_folder(machine, record)
    _keys(machine, record)
    for path in _manifests(machine, record):
        record.files.append(str(path))
        record.folders += map(str, _made_for(machine, path))
        record.extensions += _let_in(path)
    for one in fields(Record):
        setattr(record, one.name, list(dict.fromkeys(getattr(record, one.name))))
    return record


def _said(path: Path) -> Record:
    """The entries that are still whole in a damaged text."""
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return Record()
    record = Record()
    for one in fields(Record):
        for found in re.findall(rf'"{one.name}"\s*:\s*\[((?:\s*{_TEXT}\s*,?)*)', text):
            for word in re.findall(_TEXT, found):
                with contextlib.suppress(ValueError):  # An escape that is none.
                    getattr(record, one.name).append(json.loads(word))
    return record


def _own_folder(machine: Machine, record: Record) -> None:
    """What lies with us: the manifests of Windows, and one-file programs."""
    names = (f"{family}.json" for family in CALLERS)
    record.files += [str(path) for name in names if (path := machine.state / name).is_file()]
    for path in (machine.state / "program").rglob("*"):
        (record.folders if path.is_dir() else record.files).append(str(path))
    record.folders += map(str, (machine.state / "program", machine.state))
    record.folders += map(str, _nothing_else(machine, machine.state.parent))


def _keys(machine: Machine, record: Record) -> None:
    if machine.registry is None:
        return
    for browser in machine.browsers():
        ours = {"": str(machine.state / f"{browser.family}.json")}
        for key in (rf"{place}\{NAME}" for place in browser.user):
            if machine.registry.read(key) == ours:
                record.keys.append(key)
                record.bare_keys += above(key)


def _manifests(machine: Machine, record: Record) -> Iterator[Path]:
    browsers = [*machine.browsers(), *map(told_of, record.data_folders)]
    if machine.registry is None:
        for folder in (one for browser in browsers for one in machine.own_folders(browser)):
            if (path := folder / f"{NAME}.json").is_file():
                yield path


def _made_for(machine: Machine, path: Path) -> Iterator[Path]:
    """The folders that `install` may have made for a manifest."""
    if _holds_one(path.parent):
        yield path.parent
        if _leant_on(machine, path.parent):
            yield from _nothing_else(machine, path.parent.parent)


def _leant_on(machine: Machine, hosts: Path) -> bool:
    """Whether a browser looks here that is seen to be used by another folder than this one."""
    for browser in machine.browsers():
        signs = {path for one in browser.signs for path in machine.paths(one)} - {hosts.parent}
        if hosts in machine.own_folders(browser) and any(path.is_dir() for path in signs):
            return True
    return False


def _nothing_else(machine: Machine, folder: Path) -> Iterator[Path]:
    """A folder, and those above it, as long as they are the way to one thing alone."""
    ends = {machine.home, *machine.paths("{config}/")}
    while folder not in ends and machine.home in folder.parents and _holds_one(folder):
        yield folder
        folder = folder.parent


def _holds_one(folder: Path) -> bool:
    return folder.is_dir() and len(list(folder.iterdir())) == 1


def _let_in(path: Path) -> Iterator[str]:
    """The ids of stores that a manifest lets in."""
    try:
        said = json.loads(path.read_text("utf-8"))
        callers = [one for name in CALLERS.values() for one in said.get(name, [])]
    except (OSError, ValueError, TypeError, AttributeError):
        return
    for one in callers:
        with contextlib.suppress(BadId, AttributeError):  # No text, or nobody's id.
            identity = one.removeprefix("chrome-extension://").rstrip("/")
            family_of(identity)
            yield identity
