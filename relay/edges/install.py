"""This file knows `install` and `uninstall`: our host named wherever a browser of this user looks.

Only for the user, never with an administrator's rights. On Linux and macOS a browser counts as
present when its folder or its program is there; on Windows an entry costs nothing, so all are
written. What was written is recorded, and exactly that is removed again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from relay.edges import words
from relay.edges.doctor import processes
from relay.edges.hosts import manifest, program
from relay.edges.hosts.machine import Machine
from relay.edges.hosts.record import Ledger
from relay.edges.hosts.table import CHROMIUM, FIREFOX, NAME, Browser, Family, told_of
from relay.errors import RelayError


class CannotInstall(RelayError):
    """Nothing was changed; `params["fault"]` is the doctor's code, the text says what to do."""

    code, status = "cannot-install", 500


@dataclass(slots=True)
class Installed:
    """What came of it. sandboxed: browsers that cannot; refused: places, and what the system said.

    elsewhere: folders in which a running browser keeps its data, and where nothing was written.
    changed: whether a byte is other than before.
    """

    host: Path
    browsers: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    sandboxed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    changed: bool = False


def install(
    machine: Machine,
    host: Path | None = None,
    extensions: Iterable[str] = (),
    data_folders: Iterable[Path] = (),
) -> Installed:
    """Writes the manifests; safe to repeat. CannotInstall when it could not work.

    host: the program to name, else the installed one. extensions: ids let in besides ours, of
    stores. data_folders: Chromiums that keep their data elsewhere (--user-data-dir). Both are
    remembered.
    """
    given = [one for one in extensions if manifest.family_of(one)]
    ledger = Ledger(machine.state, machine.registry)
    _refuse(host or program.installed(), machine, frozen=host is None)
    ours = frozenset(ledger.record.folders)
    present = [one for one in machine.browsers() if machine.uses(one, ours)]
    sandboxed = [one.name for one in machine.browsers() if machine.sandboxed(one)]
    folders = [str(one) for one in data_folders]
    told = [*ledger.record.data_folders, *folders]
    elsewhere = list(map(str, processes.elsewhere(machine, told)))
    if not present and not told and not machine.registry:
        raise _nothing_to_do(machine, sandboxed, elsewhere)
    ledger.remember(extensions=given, data_folders=folders)
    result = Installed(host or program.settle(machine, ledger), sandboxed=sandboxed)
    result.elsewhere = elsewhere
    _write(machine, ledger, present, result)
    result.changed = ledger.changed
    if not result.places:
        raise CannotInstall(f"nothing could be written: {'; '.join(result.refused)}")
    return result


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """What came of it. left: places that the system did not let go, and what it said."""

    places: list[str]
    left: list[str]


def uninstall(machine: Machine) -> Uninstalled:
    """Removes what `install` wrote."""
    ledger = Ledger(machine.state, machine.registry)
    return Uninstalled(ledger.take_away(), ledger.left)


def _refuse(host: Path, machine: Machine, *, frozen: bool) -> None:
    if frozen and program.is_executable_file():
        return
    if code := program.fault(host, machine):
        raise _cannot(code, str(host))


def _nothing_to_do(machine: Machine, sandboxed: list[str], elsewhere: list[str]) -> CannotInstall:
    if machine.in_wsl():
        return _cannot("inside-wsl")
    if elsewhere:
        return _cannot("profile-elsewhere", ", ".join(elsewhere))
    if sandboxed:
        return _cannot("browser-sandboxed", ", ".join(sandboxed))
    return _cannot("no-browser")


def _cannot(code: str, detail: str = "") -> CannotInstall:
    said = words.here()
    about = f" ({detail})" if detail else ""
    return CannotInstall(f"{said.fault(code)}{about} {said.fix(code)}", fault=code)


def _write(machine: Machine, ledger: Ledger, present: list[Browser], result: Installed) -> None:
    if machine.registry is not None:
        _write_keys(machine, ledger, result)
        result.browsers = [one.name for one in present]
        return
    for browser in [*present, *map(told_of, ledger.record.data_folders)]:
        if _write_manifests(ledger, browser, machine.own_folders(browser), result):
            result.browsers.append(browser.name)


def _write_manifests(
    ledger: Ledger, browser: Browser, folders: list[Path], result: Installed
) -> int:
    """How many were written."""
    content = manifest.text(browser.family, result.host, ledger.record.extensions).encode()
    written = 0
    for folder in folders:
        path = folder / f"{NAME}.json"
        with _told(path, result):
            ledger.write(path, content)
            written += 1
            result.places += [str(path)] if str(path) not in result.places else []
    return written


def _write_keys(machine: Machine, ledger: Ledger, result: Installed) -> None:
    """Windows: the manifests lie with us, and the registry names them."""
    manifests: dict[Family, str] = {}
    for family in (CHROMIUM, FIREFOX):
        path = machine.state / f"{family}.json"
        content = manifest.text(family, result.host, ledger.record.extensions)
        with _told(path, result):
            ledger.write(path, content.encode())
            manifests[family] = str(path)
    for browser in machine.browsers():
        for place in browser.user if browser.family in manifests else ():
            key = rf"{place}\{NAME}"
            with _told(key, result):
                ledger.key(key, manifests[browser.family])
                result.places += [key] if key not in result.places else []


@contextlib.contextmanager
def _told(place: object, result: Installed) -> Iterator[None]:
    """What the system refuses is told, the others go on."""
    try:
        yield
    except OSError as error:
        said = f"{place}: {error.strerror or error}"
        result.refused += [said] if said not in result.refused else []
