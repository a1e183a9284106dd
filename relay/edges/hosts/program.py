"""This file knows which program the browser is to start, and where none can be started from.

It must be named by a path that is still right after an upgrade: the command that pip, pipx and uv
have put into the environment of the package keeps its place through all of theirs.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from importlib import metadata
from itertools import pairwise
from pathlib import Path, PurePath

from relay import __version__
from relay.edges.hosts.machine import Machine
from relay.edges.hosts.record import Ledger

#: The console script of pyproject.toml.
SCRIPT = "metascalp-relay-host"

#: Folders of package runners that are emptied now and then (uvx: uv 0.9; pipx run: pipx 1.8).
#: On Windows uv's are one folder further down, in `uv\cache`.
_CACHES = (
    ("uv", "archive-v"), ("uv", "environments-v"), ("cache", "archive-v"),
    ("cache", "environments-v"), ("pipx", ".cache"), (".cache", "pipx"),
)  # fmt: skip


def installed() -> Path:
    """The host's command as it was installed with this package, whether it is there or not."""
    suffix = ".exe" if sys.platform == "win32" else ""
    name = SCRIPT + suffix
    try:
        files = metadata.files("metascalp-relay") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == name:
            return Path(os.path.normpath(str(file.locate())))
    return Path(sysconfig.get_path("scripts")) / name


def is_executable_file() -> bool:
    """Whether this is the one-file program for people without Python."""
    return bool(getattr(sys, "frozen", False))


def settle(machine: Machine, ledger: Ledger) -> Path:
    """The program for the manifests. A one-file program is copied to where it can stay.

    Each version has a folder of its own: one that runs cannot be replaced on Windows.
    """
    if not is_executable_file():
        return installed()
    suffix = ".exe" if machine.system == "windows" else ""
    path = machine.state / "program" / __version__ / f"{SCRIPT}{suffix}"
    ledger.write(path, Path(sys.executable).read_bytes(), mode=0o755)
    _drop_older(path, ledger)
    return path


def fault(host: Path, machine: Machine) -> str | None:
    """Why a browser could not start this program, or not for long; None when it could."""
    # In a virtual environment only the base's folder is the Store's.
    ours = (sys.prefix, sys.base_prefix) if machine.system == "windows" else ()
    if any(map(_of_the_store, (host, *map(Path, ours)))):
        return "store-python"
    if machine.env.get("SUDO_USER") and machine.env.get("SUDO_UID") and _is_root():
        return "as-administrator"
    if is_passing(host):
        return "host-temporary"
    return None if host.is_file() else "host-file-missing"


def is_passing(host: PurePath) -> bool:
    """Whether it lies in a package runner's cache."""
    parts = host.parts
    return any(
        one == before and then.startswith(after)
        for one, then in pairwise(parts)
        for before, after in _CACHES
    )


def _of_the_store(path: Path) -> bool:
    text = str(path)
    return "WindowsApps" in text or "PythonSoftwareFoundation.Python." in text


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _drop_older(path: Path, ledger: Ledger) -> None:
    programs = path.parent.parent
    for other in sorted(programs.glob(f"*/{path.name}")):
        if other != path:
            try:
                ledger.drop(other)
            except OSError:
                continue  # It is running; the next install removes it.
