"""This file knows the little we do with the registry of Windows; a test has one of its own.

Keys are written in full, `HKCU\\Software\\…`; "" is the name of a key's default value.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import Any, Protocol


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
    if sys.platform != "win32":
        return None
    return WindowsRegistry(importlib.import_module("winreg"))


class WindowsRegistry:
    """The one of Windows. winreg: the module of the standard library, or what stands for it.

    HKLM has two views, and browsers read the one for 32 bits first; the user's own has one.
    """

    def __init__(self, winreg: Any) -> None:
        self._winreg = winreg

    def read(self, key: str) -> dict[str, str] | None:
        found = None
        for view in (self._winreg.KEY_WOW64_32KEY, self._winreg.KEY_WOW64_64KEY):
            values = self._read(key, view)
            if values is not None:
                found = {**values, **(found or {})}
        return found

    def _read(self, key: str, view: int) -> dict[str, str] | None:
        hive, path = self._parts(key)
        try:
            with self._winreg.OpenKey(hive, path, 0, self._winreg.KEY_READ | view) as opened:
                count = self._winreg.QueryInfoKey(opened)[1]
                values = [self._winreg.EnumValue(opened, number) for number in range(count)]
        except OSError:
            return None
        return {name: str(value) for name, value, _ in values}

    def write(self, key: str, value: str) -> None:
        hive, path = self._parts(key)
        with self._winreg.CreateKey(hive, path) as opened:
            self._winreg.SetValueEx(opened, "", 0, self._winreg.REG_SZ, value)

    def remove(self, key: str) -> None:
        hive, path = self._parts(key)
        with contextlib.suppress(FileNotFoundError):
            self._winreg.DeleteKey(hive, path)

    def is_bare(self, key: str) -> bool:
        hive, path = self._parts(key)
        try:
            with self._winreg.OpenKey(hive, path) as opened:
                below, values, _ = self._winreg.QueryInfoKey(opened)
        except OSError:
            return False
        return not below and not values

    def _parts(self, key: str) -> tuple[Any, str]:
        hive, _, path = key.partition("\\")
        names = {"HKCU": "HKEY_CURRENT_USER", "HKLM": "HKEY_LOCAL_MACHINE"}
        return getattr(self._winreg, names[hive]), path
