"""A registry that is not one, and users of systems that this machine is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from relay.edges.hosts.machine import Machine
from relay.edges.hosts.table import System


class FakeRegistry:
    """Keys and their values, as Windows keeps them: a key has all keys above it."""

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, str]] = {}
        for hive in ("HKCU", "HKLM"):
            self.put(rf"{hive}\Software\Microsoft\Windows", "theirs")
        self.put(r"HKCU\Software\Google\Chrome\NativeMessagingHosts\other", "theirs")

    def put(self, key: str, value: str, name: str = "") -> None:
        parts = key.split("\\")
        for count in range(1, len(parts) + 1):
            self.keys.setdefault("\\".join(parts[:count]), {})
        self.keys[key][name] = value

    def read(self, key: str) -> dict[str, str] | None:
        values = self.keys.get(key)
        return None if values is None else dict(values)

    def write(self, key: str, value: str) -> None:
        self.put(key, value)

    def remove(self, key: str) -> None:
        if self._below(key):
            raise PermissionError(key)
        self.keys.pop(key, None)

    def is_bare(self, key: str) -> bool:
        return key in self.keys and not self.keys[key] and not self._below(key)

    def dump(self) -> str:
        lines = (f"{key} {name or '(Default)'} = {value}" for key, values in self.keys.items()
                 for name, value in (values or {"": "-"}).items())  # fmt: skip
        return "\n".join(sorted(lines))

    def _below(self, key: str) -> list[str]:
        return [one for one in self.keys if one.startswith(f"{key}\\")]


def user_of(
    system: System, folder: Path, env: Mapping[str, str] | None = None, *, everything: bool = False
) -> Machine:
    """A user with a home in this folder. everything: has started every browser there is."""
    home = folder / "user"
    home.mkdir(parents=True, exist_ok=True)
    states = {"windows": "AppData/Local", "macos": "Library/Application Support"}
    state = home / states.get(system, ".local/state") / "metascalp-relay"
    registry = FakeRegistry() if system == "windows" else None
    machine = Machine(system, home, state, registry, dict(env or {}), folder / "root")
    if everything:
        for browser in machine.browsers():
            for sign in browser.signs:
                machine.paths(sign)[0].mkdir(parents=True, exist_ok=True)
    return machine


def tree(folder: Path) -> dict[str, str | None]:
    """Everything in a folder: the text of files, None for folders."""
    found = sorted(folder.rglob("*"))
    return {
        path.relative_to(folder).as_posix(): None if path.is_dir() else path.read_text("utf-8")
        for path in found
    }
