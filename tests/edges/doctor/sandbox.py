"""A user with two browsers, the extension in one of them, and a terminal: nothing is wrong yet."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from registry import FakeRegistry, user_of

from relay.core import places
from relay.edges.doctor import checkup, terminal
from relay.edges.doctor.finding import Report
from relay.edges.hosts.machine import Machine
from relay.edges.hosts.table import System
from relay.edges.install import install

ID = "egcejpaeokcmogjmokfehabjofphekff"
MAIN = "from relay.edges.native import main; main()"
STUB = Path(__file__).with_name("metascalp_stub.py")
SHELL = {"COMSPEC": r"C:\Windows\System32\cmd.exe"}


class Sandbox:
    """The user. host: the program that the manifests name; a Python file with our relay in it."""

    def __init__(self, folder: Path, system: System = "linux") -> None:
        self.folder = folder
        self.machine: Machine = user_of(system, folder, SHELL if system == "windows" else {})
        self.settings = folder / "settings" / "config.toml"
        self.settings.parent.mkdir()
        self.host = self.program(MAIN)
        for name in ("Chromium", "Firefox"):
            self.machine.paths(self.browser(name).signs[0])[0].mkdir(parents=True)
        self.install()
        self.extension()

    def browser(self, name: str) -> Any:
        return next(one for one in self.machine.browsers() if one.name == name)

    def install(self) -> None:
        install(self.machine, self.host)

    def program(self, code: str, first: str = f"#!{sys.executable}") -> Path:
        """The host, saying something else."""
        path = self.folder / "bin" / "metascalp-relay-host"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{first}\n{code}\n")
        path.chmod(0o755)
        return path

    def manifest(self, name: str = "Chromium") -> Path:
        if self.machine.registry is not None:
            return self.machine.state / f"{self.browser(name).family}.json"
        return self.machine.own_folders(self.browser(name))[0] / "metascalp_relay.json"

    def edit(self, browser: str = "Chromium", /, **changes: Any) -> None:
        path = self.manifest(browser)
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}))

    def move_host(self, *parts: str) -> None:
        """The host, with everything that names it, somewhere below the home."""
        path = self.machine.home.joinpath(*parts, self.host.name)
        path.parent.mkdir(parents=True)
        path.write_bytes(self.host.read_bytes())
        path.chmod(0o755)
        for name in ("Chromium", "Firefox"):
            self.edit(name, path=str(path))

    def extension(self, identity: str = ID, folder: Path | None = None, **more: Any) -> None:
        """What Chromium notes about an unpacked extension; named anew each time."""
        profile = self.machine.paths(self.browser("Chromium").signs[0])[0] / "Default"
        profile.mkdir(parents=True, exist_ok=True)
        noted = {"path": str(folder or places.shipped("extension")), "disable_reasons": [], **more}
        preferences = {"extensions": {"settings": {identity: noted}}}
        (profile / "Preferences").write_text(json.dumps(preferences))

    def copy_of_extension(self, version: str) -> Path:
        folder = self.folder / f"extension-{version}"
        folder.mkdir()
        manifest = json.loads((places.shipped("extension") / "manifest.json").read_text("utf-8"))
        (folder / "manifest.json").write_text(json.dumps({**manifest, "version": version}))
        return folder

    def policy(self, **policies: Any) -> None:
        path = self.machine.root / "etc/chromium/policies/managed/all.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(policies))

    def env(self, **more: str) -> None:
        self.machine = replace(self.machine, env={**self.machine.env, **more})

    @property
    def registry(self) -> FakeRegistry:
        assert isinstance(self.machine.registry, FakeRegistry)
        return self.machine.registry

    def examine(self) -> Report:
        return asyncio.run(checkup.examine(self.machine, self.settings))

    def faults(self) -> list[str]:
        return sorted(one.fault for one in self.examine().findings)


@contextmanager
def stub(script: Path = STUB, **says: Any) -> Iterator[int]:
    """A program of MetaScalp's name; gives its port."""
    command = [sys.executable, str(script), json.dumps(says)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def ports(monkeypatch: Any, *numbers: int) -> None:
    """The ports on which a terminal is looked for."""
    monkeypatch.setattr(terminal, "PORTS", numbers)
