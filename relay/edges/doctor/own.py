"""This file knows how to look at our own files: the record, the settings, the user's sites."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from pathlib import Path

from relay.config import Config, address
from relay.core import places, start
from relay.core.sites import Sites
from relay.edges.doctor.finding import Report
from relay.edges.hosts.machine import Machine
from relay.edges.hosts.record import BadRecord, Ledger, Record
from relay.errors import BadConfig

#: What the relay stands on, as it is imported; the names in pyproject.toml.
PACKAGES = ("aiohttp", "httptools", "platformdirs", "pydantic", "tomlkit", "watchfiles")


def examine(machine: Machine, settings: Path, report: Report) -> tuple[Record, int | None]:
    """The record, and the terminal's port as it is set, as far as they can be read."""
    return _record(machine, report), _terminal(_settings(settings, report), report)


def packages(report: Report) -> None:
    """Whether everything that we stand on can be loaded: a host starts without some of it."""
    for name in PACKAGES:
        try:
            importlib.import_module(name)
        except Exception as error:
            report.found("host-imports", sys.executable, f"{name}: {error}")


def _terminal(config: Config, report: Report) -> int | None:
    """The variable wins over the file, whose terminal has been looked at already."""
    said = os.environ.get(places.TERMINAL_VARIABLE)
    try:
        return address(said or config.terminal or "")[1] if said or config.terminal else None
    except BadConfig as error:
        report.found("variable-bad", places.TERMINAL_VARIABLE, error.text)
        return None


def _record(machine: Machine, report: Report) -> Record:
    unwritable = blocked(machine.state)
    if unwritable is not None:
        report.found("folder-unwritable", unwritable)
    try:
        return Ledger(machine.state, machine.registry).record
    except BadRecord as error:
        report.found("record-damaged", machine.state / "installed.json", error.text)
        return Record()


def blocked(folder: Path) -> Path | None:
    """The folder that keeps us from writing here; None when we may."""
    while not folder.exists():
        folder = folder.parent
    return None if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK) else folder


def _settings(path: Path, report: Report) -> Config:
    exchanges = places.load_exchanges()
    logging.disable(logging.WARNING)  # What they warn of is said by us, once.
    try:
        config, problem = start.read(path, Config(), exchanges)
        sites = Sites(path.parent / "sites", exchanges).now()
    finally:
        logging.disable(logging.NOTSET)
    if problem is not None:
        report.found("config-bad", path, problem.text)
    for one in sites["problems"]:
        where = path.parent / "sites" / one["file"]
        report.found("site-bad", where, one["reason"])
    return config
