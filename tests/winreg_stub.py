"""What stands for the module `winreg` off Windows: its functions, errors and two views of HKLM.

As the documents of Python 3.11 and of RegDeleteKey have it: names of keys in any case, a key with
keys below it is not deleted, and one that is not there is FileNotFoundError.
"""

from __future__ import annotations

from dataclasses import dataclass, field

HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE = "HKCU", "HKLM"
KEY_READ, KEY_WOW64_64KEY, KEY_WOW64_32KEY, REG_SZ = 0x20019, 0x100, 0x200, 1


@dataclass
class Key:
    """One key; a handle of it is itself."""

    values: dict[str, tuple[str, int]] = field(default_factory=dict)
    below: dict[str, Key] = field(default_factory=dict)
    denied: bool = False

    def __enter__(self) -> Key:
        return self

    def __exit__(self, *_: object) -> None:
        """A handle has nothing to free here."""


class Winreg:
    """The module. The user's hive has one view, the machine's has two."""

    HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE = HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE
    KEY_READ, KEY_WOW64_64KEY, KEY_WOW64_32KEY = KEY_READ, KEY_WOW64_64KEY, KEY_WOW64_32KEY
    REG_SZ = REG_SZ

    def __init__(self) -> None:
        self.hives = {"HKCU": Key(), "HKLM": Key(), "HKLM32": Key()}
        for name in self.hives:
            self.CreateKey(name, r"Software\Microsoft\Windows")

    def OpenKey(self, hive: str, path: str, reserved: int = 0, access: int = KEY_READ) -> Key:
        if hive == HKEY_LOCAL_MACHINE and access & KEY_WOW64_32KEY:
            hive = "HKLM32"
        key = self.hives[hive]
        for name in path.split("\\"):
            if name.lower() not in key.below:
                raise FileNotFoundError(2, "The system cannot find the file specified", path)
            key = key.below[name.lower()]
        return key

    def CreateKey(self, hive: str, path: str) -> Key:
        key = self.hives[hive]
        for name in path.split("\\"):
            if key.denied:
                raise PermissionError(5, "Access is denied")
            key = key.below.setdefault(name.lower(), Key())
        return key

    def SetValueEx(self, key: Key, name: str, reserved: int, kind: int, value: str) -> None:
        assert kind == REG_SZ
        key.values[name] = (value, kind)

    def DeleteKey(self, hive: str, path: str) -> None:
        above, _, name = path.rpartition("\\")
        if self.OpenKey(hive, path).below:
            raise PermissionError(5, "Access is denied")
        del self.OpenKey(hive, above).below[name.lower()]

    def QueryInfoKey(self, key: Key) -> tuple[int, int, int]:
        return len(key.below), len(key.values), 0

    def EnumValue(self, key: Key, number: int) -> tuple[str, str, int]:
        name, (value, kind) = list(key.values.items())[number]
        return name, value, kind
