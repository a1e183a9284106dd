"""This file knows the whole examination: in which order things are looked at, and what follows.

All sides are looked at at once, so that it takes as long as the slowest one: three seconds at most,
save for a program that is slow to start, for which it waits as long as the extension does.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from relay.edges.doctor import manifests, own, policies, processes, profiles, starting, terminal
from relay.edges.doctor.finding import Report
from relay.edges.hosts import program
from relay.edges.hosts.machine import Machine
from relay.edges.hosts.record import Record
from relay.edges.hosts.table import told_of


async def examine(machine: Machine, settings: Path) -> Report:
    """Everything, for one user; changes nothing."""
    began = time.monotonic()
    report, far, mine = Report(), Report(), Report()
    record, port = own.examine(machine, settings, report)
    async with asyncio.TaskGroup() as all_of_it:
        all_of_it.create_task(asyncio.to_thread(_near, machine, record, report))
        all_of_it.create_task(terminal.examine(port, far))
        all_of_it.create_task(asyncio.to_thread(own.packages, mine))
    report.findings += mine.findings + far.findings
    report.works += far.works
    report.took_ms = round((time.monotonic() - began) * 1000)
    return report


def _near(machine: Machine, record: Record, report: Report) -> None:
    """This side of the wire: browsers, manifests, programs."""
    if fault := _of_the_system(machine):
        report.found(fault)
        return
    ours = frozenset(record.folders)
    present = [one for one in machine.browsers() if machine.uses(one, ours)]
    for browser in machine.browsers():
        if (folder := machine.sandboxed(browser)) is not None:
            report.found("browser-sandboxed", folder, "", browser.name)
    for folder in processes.elsewhere(machine, record.data_folders):
        report.found("profile-elsewhere", folder)
    present += map(told_of, record.data_folders) if machine.registry is None else ()
    if not present:
        report.found("inside-wsl" if machine.in_wsl() else "no-browser")
        return
    managed = policies.examine(machine, present)
    named = manifests.examine(machine, present, report, record.extensions, managed)
    starting.examine(machine, named, report)
    profiles.examine(machine, present, record.extensions, report)


def _of_the_system(machine: Machine) -> str | None:
    """What stands against every browser of this machine at once."""
    if machine.system == "windows":
        shell = machine.env.get("COMSPEC", "")
        if not shell.lower().endswith("cmd.exe"):
            return "comspec-missing"
    fault = program.fault(program.installed(), machine)
    return fault if fault in ("store-python", "as-administrator") else None
