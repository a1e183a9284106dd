"""This file knows where an administrator may forbid native hosts, and whether that was done.

Chromium's policies NativeMessagingUserLevelHosts, NativeMessagingBlocklist and -Allowlist
(policy list of Chromium 156, 2026-11). Firefox has none about hosts.
"""

from __future__ import annotations

import json
import plistlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relay.edges.hosts.machine import Machine
from relay.edges.hosts.table import NAME, Browser

#: Linux folders, Windows keys and macOS domains by the name of the browser.
_LINUX = {
    "Chrome": "/etc/opt/chrome/policies/managed",
    "Chromium": "/etc/chromium/policies/managed",
    "Edge": "/etc/opt/edge/policies/managed",
    "Brave": "/etc/brave/policies/managed",
    "Vivaldi": "/etc/opt/vivaldi/policies/managed",
    "Yandex": "/etc/opt/yandex/policies/managed",
}
_WINDOWS = {
    "Chrome": r"Google\Chrome",
    "Chromium": "Chromium",
    "Edge": r"Microsoft\Edge",
    "Brave": r"BraveSoftware\Brave",
    "Vivaldi": "Vivaldi",
    "Yandex": r"YandexBrowser",
}
_MACOS = {
    "Chrome": "com.google.Chrome",
    "Chromium": "org.chromium.Chromium",
    "Edge": "com.microsoft.Edge",
    "Brave": "com.brave.Browser",
    "Vivaldi": "com.vivaldi.Vivaldi",
    "Yandex": "ru.yandex.desktop.yandex-browser",
}

Policies = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """What somebody has decided about a browser. where: in which file or key."""

    fault: str
    where: str


def examine(machine: Machine, browsers: list[Browser]) -> dict[str, Rule]:
    """Which of these browsers are managed so that it concerns us."""
    found: dict[str, Rule] = {}
    for browser in browsers:
        for where, policies in _of(machine, browser.name):
            fault = judge(policies)
            if fault == "policy-blocks" or (fault and browser.name not in found):
                found[browser.name] = Rule(fault, where)
    return found


def judge(policies: Policies) -> str | None:
    """What a set of policies does to our host; what cannot be helped comes first."""
    blocked = policies.get("NativeMessagingBlocklist") or []
    allowed = policies.get("NativeMessagingAllowlist") or []
    if NAME not in allowed and (NAME in blocked or "*" in blocked):
        return "policy-blocks"
    if policies.get("NativeMessagingUserLevelHosts") in (False, 0, "0"):
        return "policy-user-hosts"
    return None


def _of(machine: Machine, browser: str) -> Iterator[tuple[str, Policies]]:
    if machine.registry is not None and browser in _WINDOWS:
        yield from _in_registry(machine, _WINDOWS[browser])
    elif machine.system == "linux" and browser in _LINUX:
        merged: Policies = {}
        folder = machine.paths(_LINUX[browser])[0]
        for path in sorted(folder.glob("*.json")):
            merged |= _read(path)
        yield str(folder), merged
    elif machine.system == "macos" and browser in _MACOS:
        path = machine.root / "Library/Managed Preferences" / f"{_MACOS[browser]}.plist"
        yield str(path), _read(path)


def _in_registry(machine: Machine, name: str) -> Iterator[tuple[str, Policies]]:
    assert machine.registry is not None, "checked by who asks"
    for hive in ("HKCU", "HKLM"):
        key = rf"{hive}\Software\Policies\{name}"
        policies: Policies = dict(machine.registry.read(key) or {})
        for one in ("NativeMessagingBlocklist", "NativeMessagingAllowlist"):
            policies[one] = list((machine.registry.read(rf"{key}\{one}") or {}).values())
        yield key, policies


def _read(path: Path) -> Policies:
    """A file of policies; one that cannot be read forbids nothing."""
    try:
        data = path.read_bytes()
        found = plistlib.loads(data) if path.suffix == ".plist" else json.loads(data)
    except (OSError, ValueError, plistlib.InvalidFileException):
        return {}
    return found if isinstance(found, dict) else {}
