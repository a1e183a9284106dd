"""This file knows the little we do with the registry of Windows; a test has one of its own.

Keys are written in full, `HKCU\\Software\\…`; "" is the name of a key's default value.
"""

from __future__ import annotations

import sys
from typing import Protocol


class Registry(Protocol):
    """What we do with it."""

    def read(self, key: str) -> dict[str, str] | None:
        """The values of a key by their names; None where there is no such key."""

    def write(self, key: str, value: str) -> None:
        """Makes the key, and those above it, and sets its default value."""

    def remove(self, key: str) -> None:
        """Removes a key that has no keys below it; one that is not there is removed already."""

    def is_bare(self, key: str) -> bool:
        """Whether a key is there and holds neither values nor keys."""


def above(key: str) -> list[str]:
    """The keys over a key, the nearest first, without what every Windows has."""
    parts = key.split("\\")
    return ["\\".join(parts[:count]) for count in range(len(parts) - 1, 2, -1)]


def of_this_user() -> Registry | None:
    """The registry of this machine; None where there is none."""
    if sys.platform == "win32":
        return _WindowsRegistry()
    return None


if sys.platform == "win32":
    import winreg

    class _WindowsRegistry:
        def read(self, key: str) -> dict[str, str] | None:
            found = None
            for view in (winreg.KEY_WOW64_32KEY, winreg.KEY_WOW64_64KEY):
                values = self._read(key, view)
                found = values if found is None else {**(values or {}), **found}
            return found

        def _read(self, key: str, view: int) -> dict[str, str] | None:
            hive, path = _parts(key)
            try:
                with winreg.OpenKey(hive, path, 0, winreg.KEY_READ | view) as opened:
                    count = winreg.QueryInfoKey(opened)[1]
                    values = [winreg.EnumValue(opened, number) for number in range(count)]
            except OSError:
                return None
            return {name: str(value) for name, value, _ in values}

        def write(self, key: str, value: str) -> None:
            hive, path = _parts(key)
            with winreg.CreateKey(hive, path) as opened:
                winreg.SetValueEx(opened, "", 0, winreg.REG_SZ, value)

        def remove(self, key: str) -> None:
            hive, path = _parts(key)
            try:
                winreg.DeleteKey(hive, path)
            except FileNotFoundError:
                return

        def is_bare(self, key: str) -> bool:
            hive, path = _parts(key)
            try:
                with winreg.OpenKey(hive, path) as opened:
                    below, values, _ = winreg.QueryInfoKey(opened)
            except OSError:
                return False
            return not below and not values

    def _parts(key: str) -> tuple[int, str]:
        hive, _, path = key.partition("\\")
        return {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}[hive], path
