"""This file knows what other programs run: which browser keeps its data elsewhere, whose a port is.

Each system is asked in its own way, and only for what is needed; what it does not tell is unknown,
never guessed. Windows and macOS: written from the documents of netstat, tasklist, lsof and ps.
"""

from __future__ import annotations

import contextlib
import csv
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from relay.edges.hosts.machine import Machine
from relay.edges.hosts.table import NAME

#: A question to the system takes no longer than this; at most two are asked.
ASK_S = 1.2
#: Programs of the Chromium family, as their processes are called on Linux and macOS.
_BROWSERS = re.compile(
    r"chrom(e|ium)|brave|msedge|microsoft.edge|vivaldi|opera|yandex|comet|/arc$", re.IGNORECASE
)
_LISTENING = "0A"
#: The process of Windows itself. It listens, on every address, for whoever serves through http.sys,
#: as .NET's HttpListener does, and does not tell for whom (dotnet/corefx, issue 428).
_SYSTEM = 4


@dataclass(frozen=True, slots=True)
class Owner:
    """The program that listens on a port. address: on which address of this machine."""

    pid: int
    name: str
    command: str = ""
    address: str = "127.0.0.1"


def elsewhere(machine: Machine, told: Iterable[str]) -> list[Path]:
    """Where running browsers of this user look for us and find nothing, since nobody has told us of
    that folder."""
    if machine.registry is not None:
        return []
    known = {
        folder.parent for browser in machine.browsers() for folder in machine.own_folders(browser)
    }
    return [
        folder
        for folder in sorted(data_folders(machine) - known - set(map(Path, told)))
        if not (folder / "NativeMessagingHosts" / f"{NAME}.json").is_file()
    ]


def data_folders(machine: Machine) -> set[Path]:
    """The folders of running browsers that were told to keep their data elsewhere.

    One below the folder for temporary files is somebody's test, and left out. On Windows the
    registry is asked whatever the folder is.
    """
    folders = set()
    for _, command in _commands(machine):
        folder = data_folder(command)
        if folder is not None and not folder.is_relative_to(tempfile.gettempdir()):
            folders.add(folder)
    return folders


def data_folder(command: list[str]) -> Path | None:
    """Where the browser of a command line keeps its data, if it was told."""
    if not command or not _BROWSERS.search(Path(command[0]).name):
        return None
    if any(one.startswith("--type=") for one in command):
        return None
    for number, one in enumerate(command):
        name, _, value = one.partition("=")
        if name == "--user-data-dir":
            value = value or next(iter(command[number + 1 :]), "")
            return Path(value) if value.startswith("/") else None
    return None


def owners(ports: Iterable[int]) -> dict[int, Owner]:
    """Who listens on these ports, as far as the system tells."""
    wanted = set(ports)
    if not wanted:
        return {}
    try:
        if sys.platform == "win32":
            return _on_windows(wanted)
        if sys.platform == "darwin":
            return _on_mac(wanted)
        return _on_linux(wanted)
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}


def _commands(machine: Machine) -> Iterator[tuple[int, list[str]]]:
    """The command lines of this user's processes."""
    if machine.system == "linux":
        for folder in (machine.root / "proc").glob("[0-9]*"):
            try:
                text = (folder / "cmdline").read_text("utf-8", "replace")
                if folder.stat().st_uid == os.getuid():
                    yield int(folder.name), _words(text)
            except OSError:
                continue  # It has ended, or is somebody else's.
    elif machine.system == "macos" and machine.root == Path("/"):
        for line in _ask("ps", "-xo", "pid=,command=").splitlines():
            pid, _, command = line.strip().partition(" ")
            yield int(pid), re.split(r" (?=--)", command)


def _words(text: str) -> list[str]:
    """A Chromium writes its own command line anew, with spaces instead of zeros."""
    parts = text.rstrip("\0").split("\0")
    return re.split(r" (?=--)", parts[0]) if len(parts) == 1 else parts


def _on_linux(wanted: set[int]) -> dict[int, Owner]:
    sockets: dict[str, tuple[int, str]] = {}
    for name in ("tcp", "tcp6"):
        path = Path("/proc/net") / name
        text = path.read_text("ascii") if path.exists() else ""
        sockets |= listening(text, wanted)
    found: dict[int, Owner] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            links = set(_links(folder / "fd"))
            mine = [node for node in sockets if f"socket:[{node}]" in links]
            if not mine:
                continue
            command = (folder / "cmdline").read_text("utf-8", "replace")
            name = (folder / "comm").read_text("utf-8", "replace").strip()
        except OSError:
            continue  # It has ended, or is somebody else's.
        for node in mine:
            port, address = sockets[node]
            said = command.replace("\0", " ").strip()
            found[port] = Owner(int(folder.name), name, said, address)
    return found


def _links(folder: Path) -> Iterator[str]:
    for one in folder.iterdir():
        with contextlib.suppress(OSError):  # Closed meanwhile, as the one of this very listing.
            yield os.readlink(one)


def listening(text: str, wanted: set[int]) -> dict[str, tuple[int, str]]:
    """Node -> port and address of the listening sockets in a table of /proc/net."""
    found = {}
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 9 and fields[3] == _LISTENING:
            address, _, port = fields[1].partition(":")
            if int(port, 16) in wanted:
                found[fields[9]] = (int(port, 16), _dotted(address))
    return found


def _dotted(address: str) -> str:
    if len(address) == 8:
        return ".".join(str(int(address[at : at + 2], 16)) for at in (6, 4, 2, 0))
    if set(address) == {"0"}:
        return "::"
    return "::1" if address.endswith("01000000") and set(address[:24]) == {"0"} else address


def _on_windows(wanted: set[int]) -> dict[int, Owner]:
    listening = netstat(_ask("netstat", "-ano", "-p", "TCP"), wanted)
    if not listening:
        return {}
    names = tasklist(_ask("tasklist", "/FO", "CSV", "/NH"))
    return {
        port: Owner(pid, names.get(pid, ""), "", address)
        for port, (pid, address) in listening.items()
    }


def tasklist(text: str) -> dict[int, str]:
    """Process -> name of its program."""
    rows = (row for row in csv.reader(text.splitlines()) if len(row) > 1 and row[1].isdecimal())
    return {int(row[1]): row[0] for row in rows}


def netstat(text: str, wanted: set[int]) -> dict[int, tuple[int, str]]:
    """Port -> process and address of what listens, in any language of Windows; without what the
    system listens on for somebody."""
    found = {}
    for line in text.splitlines():
        match = re.fullmatch(r"\s*TCP\s+(\S+):(\d+)\s+\S+:0\s+\S+\s+(\d+)\s*", line)
        if match and int(match[2]) in wanted and int(match[3]) != _SYSTEM:
            found[int(match[2])] = (int(match[3]), match[1].strip("[]"))
    return found


def _on_mac(wanted: set[int]) -> dict[int, Owner]:
    ports = ",".join(map(str, sorted(wanted)))
    return lsof(_ask("lsof", "-nP", f"-iTCP:{ports}", "-sTCP:LISTEN", "-Fpcn"))


def lsof(text: str) -> dict[int, Owner]:
    """What `lsof -Fpcn` says of listening ports."""
    found, pid, name = {}, 0, ""
    for line in text.splitlines():
        kind, value = line[:1], line[1:]
        if kind == "p":
            pid = int(value)
        elif kind == "c":
            name = value
        elif kind == "n" and (match := re.fullmatch(r"(.*):(\d+)", value)):
            address = {"*": "0.0.0.0"}.get(match[1], match[1].strip("[]"))
            found[int(match[2])] = Owner(pid, name, "", address)
    return found


def _ask(*command: str) -> str:
    flags = 0x08000000 if sys.platform == "win32" else 0  # No console window.
    run = subprocess.run(
        command, capture_output=True, timeout=ASK_S, check=False, creationflags=flags
    )
    return run.stdout.decode("utf-8", "replace")
