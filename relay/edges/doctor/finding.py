"""This file knows every fault that the doctor names, how bad it is, and who can mend it.

Their words stand in extension/_locales: `fault_<code>` is what is wrong, `fix_<code>` the one thing
to do. A code is protocol: never reused, never renamed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

#: "broken": a click does not arrive. "warning": it does, and something is not right. "note": good
#: to know.
Level = Literal["broken", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Fault:
    """mends: what `--fix` does about it: "install" writes everything anew, "other" is its own way,
    None leaves it to the person."""

    level: Level
    mends: Literal["install", "other"] | None = None


_BROKEN = Fault("broken")
_INSTALL = Fault("broken", "install")

FAULTS: dict[str, Fault] = {
    "not-installed": _INSTALL,
    "manifest-unreadable": Fault("broken", "other"),
    "manifest-not-json": _INSTALL,
    "manifest-wrong-name": _INSTALL,
    "manifest-wrong-type": _INSTALL,
    "manifest-unfilled": _INSTALL,
    "manifest-relative-path": _INSTALL,
    "manifest-bad-origin": _INSTALL,
    "manifest-wrong-extension": _INSTALL,
    "manifest-wrong-family": _INSTALL,
    "manifest-no-description": _INSTALL,
    "manifest-unknown-key": _INSTALL,
    "manifest-shadowed": Fault("broken", "other"),
    "registry-no-file": _INSTALL,
    "registry-named-value": _INSTALL,
    "host-file-missing": _INSTALL,
    "host-temporary": _INSTALL,
    "host-not-executable": Fault("broken", "other"),
    "host-no-interpreter": _INSTALL,
    "host-not-a-program": _INSTALL,
    "host-exits": _INSTALL,
    "host-silent": _INSTALL,
    "host-garbles": _INSTALL,
    "host-imports": _INSTALL,
    "host-slow": Fault("warning"),
    "host-version": Fault("warning", "install"),
    "host-protocol-differs": _INSTALL,
    "host-path-special": Fault("warning"),
    "comspec-missing": _BROKEN,
    "policy-user-hosts": _BROKEN,
    "policy-blocks": _BROKEN,
    "browser-sandboxed": Fault("warning"),
    "profile-elsewhere": _BROKEN,
    "store-python": _BROKEN,
    "as-administrator": _BROKEN,
    "no-browser": _BROKEN,
    "inside-wsl": _BROKEN,
    "extension-missing": _BROKEN,
    "extension-unseen": Fault("note"),
    "extension-disabled": _BROKEN,
    "extension-other-id": _BROKEN,
    "extension-folder-gone": Fault("broken", "other"),
    "extension-older": Fault("warning", "other"),
    "relay-older": Fault("warning"),
    "record-damaged": Fault("warning", "other"),
    "folder-unwritable": _BROKEN,
    "config-bad": Fault("warning"),
    "variable-bad": _BROKEN,
    "site-bad": Fault("warning"),
    "terminal-absent": _BROKEN,
    "terminal-silent": _BROKEN,
    "terminal-two": Fault("warning"),
    "terminal-elsewhere": _BROKEN,
    "terminal-owner": Fault("warning"),
    "terminal-strange": _BROKEN,
    "terminal-no-connections": _BROKEN,
    "terminal-on-network": Fault("warning"),
    "terminal-open-to-pages": Fault("note"),
    "port-foreign": Fault("note"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault that was found. where: a file, a registry key, an address. detail: the words of
    the system or of the program about it."""

    fault: str
    browsers: tuple[str, ...] = ()
    where: str = ""
    detail: str = ""

    @property
    def level(self) -> Level:
        return FAULTS[self.fault].level


@dataclass(frozen=True, slots=True)
class Works:
    """Something that was tried and is as it should be. how: `works_<how>` in _locales, told with
    these values."""

    what: str
    how: str
    values: tuple[str, ...]


@dataclass(slots=True)
class Report:
    """What came of it all."""

    findings: list[Finding] = field(default_factory=list)
    works: list[Works] = field(default_factory=list)
    mended: list[Finding] = field(default_factory=list)
    took_ms: int = 0

    @property
    def healthy(self) -> bool:
        return not any(one.level == "broken" for one in self.findings)

    def found(self, fault: str, where: object = "", detail: object = "", *browsers: str) -> None:
        """Adds a fault; the same one at the same place is one fault of several browsers."""
        for number, one in enumerate(self.findings):
            if (one.fault, one.where) == (fault, str(where)):
                names = tuple(dict.fromkeys([*one.browsers, *browsers]))
                self.findings[number] = Finding(fault, names, one.where, one.detail)
                return
        self.findings.append(Finding(fault, tuple(browsers), str(where), str(detail)))
