"""This file knows what the doctor may mend by itself: what we have written, and no more.

Most of it is `install` once more. A file of the system, a policy, a browser, a terminal are left to
the person.
"""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path

from relay.edges import install, unpacked
from relay.edges.doctor.finding import FAULTS, Finding, Report
from relay.edges.hosts import program
from relay.edges.hosts.machine import Machine
from relay.edges.hosts.record import BadRecord, Ledger
from relay.edges.hosts.salvage import salvage
from relay.errors import RelayError


def mend(machine: Machine, report: Report) -> list[Finding]:
    """Mends what it may; gives what it has tried, of which a second look tells the success."""
    tried = [one for one in report.findings if FAULTS[one.fault].mends]
    for one in tried:
        with contextlib.suppress(OSError, RelayError):  # The second look says that it is still so.
            _mend_one(machine, one)
    if tried:
        with contextlib.suppress(OSError, RelayError):
            install.install(machine)
    return tried


def _mend_one(machine: Machine, one: Finding) -> None:
    place = Path(one.where)
    if one.fault == "record-damaged":
        Ledger(machine.state, machine.registry, salvage(machine))
    elif one.fault == "host-not-executable" and place == program.installed():
        place.chmod(stat.S_IMODE(place.stat().st_mode) | 0o111)
    elif one.fault == "manifest-unreadable" and place.is_relative_to(machine.home):
        place.rmdir() if place.is_dir() else place.unlink()
    elif one.fault == "manifest-shadowed":
        _uncover(machine, one)
    elif one.fault in ("extension-folder-gone", "extension-older") and _is_written_by_us(
        machine, place
    ):
        unpacked.unpack(machine, place)


def _uncover(machine: Machine, one: Finding) -> None:
    """Removes a file, or a key, of this user alone that hides a better one."""
    if machine.registry is not None and one.where.startswith("HKCU\\"):
        machine.registry.remove(one.where)
    elif Path(one.where).is_relative_to(machine.home):
        Path(one.where).unlink()


def _is_written_by_us(machine: Machine, folder: Path) -> bool:
    try:
        return str(folder) in Ledger(machine.state, machine.registry).record.unpacked
    except BadRecord:
        return False
