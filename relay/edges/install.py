"""This file knows `install` and `uninstall`: the host manifest where each browser looks for it.

Only for the user, never with an administrator's rights. On Linux and macOS a browser counts as
present when its settings folder is there; on Windows an entry costs nothing, so all are written.
What was written is recorded, and exactly that is removed again. Places: measured with Chromium 156
and Firefox 153, others as public installers agree on them, 2026-11.
"""

from __future__ import annotations

import json
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from relay.core import places
from relay.errors import RelayError

NAME = "metascalp_relay"
RECORD = "installed.json"

_CHROMIUM, _FIREFOX = "chromium", "firefox"


class CannotInstall(RelayError):
    """Nothing was changed; the text says why and what to do."""

    code, status = "cannot-install", 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where one browser looks. sign: the folder that says it is there; both under the home."""

    browser: str
    kind: str
    sign: str
    folder: str


def _linux(browser: str, config: str) -> Place:
    return Place(browser, _CHROMIUM, f".config/{config}", f".config/{config}/NativeMessagingHosts")


def _mac(browser: str, support: str, kind: str = _CHROMIUM) -> Place:
    root = f"Library/Application Support/{support}"
    return Place(browser, kind, root, f"{root}/NativeMessagingHosts")


LINUX = (
    _linux("Chrome", "google-chrome"),
    _linux("Chromium", "chromium"),
    _linux("Edge", "microsoft-edge"),
    _linux("Brave", "BraveSoftware/Brave-Browser"),
    _linux("Vivaldi", "vivaldi"),
    _linux("Opera", "opera"),
    _linux("Yandex", "yandex-browser"),
    Place("Firefox", _FIREFOX, ".mozilla", ".mozilla/native-messaging-hosts"),
    Place("LibreWolf", _FIREFOX, ".librewolf", ".librewolf/native-messaging-hosts"),
)
MAC = (
    _mac("Chrome", "Google/Chrome"),
    _mac("Chromium", "Chromium"),
    _mac("Edge", "Microsoft Edge"),
    _mac("Brave", "BraveSoftware/Brave-Browser"),
    _mac("Vivaldi", "Vivaldi"),
    _mac("Opera", "com.operasoftware.Opera"),
    _mac("Yandex", "Yandex/YandexBrowser"),
    _mac("Arc", "Arc/User Data"),
    _mac("Firefox", "Mozilla", _FIREFOX),
)
#: Keys under HKEY_CURRENT_USER. Brave, Vivaldi and Opera read Chrome's.
WINDOWS = (
    ("Chrome, Brave, Vivaldi, Opera", _CHROMIUM, r"Software\Google\Chrome\NativeMessagingHosts"),
    ("Chromium", _CHROMIUM, r"Software\Chromium\NativeMessagingHosts"),
    ("Edge", _CHROMIUM, r"Software\Microsoft\Edge\NativeMessagingHosts"),
    ("Brave", _CHROMIUM, r"Software\BraveSoftware\Brave-Browser\NativeMessagingHosts"),
    ("Yandex", _CHROMIUM, r"Software\Yandex\YandexBrowser\NativeMessagingHosts"),
    ("Firefox", _FIREFOX, r"Software\Mozilla\NativeMessagingHosts"),
)


class Registry(Protocol):
    """The two things we do with the user's registry; a test has its own."""

    def write(self, key: str, value: str) -> None: ...
    def remove(self, key: str) -> None: ...


def install(home: Path, registry: Registry | None, host: Path) -> list[str]:
    """Writes the manifests; gives the names of the browsers. Safe to repeat."""
    if not host.is_file():
        raise CannotInstall(f"{host} is missing; install the package with pip first")
    if "WindowsApps" in host.parts:
        raise CannotInstall(
            "this Python is from the Microsoft Store, whose files a browser cannot see; "
            "install Python from python.org and run this again"
        )
    written = _on_windows(registry, host) if registry else _in_folders(home, host)
    if not written:
        raise CannotInstall("no browser's settings were found; start a browser once, then again")
    _record([where for _, where in written])
    return [browser for browser, _ in written]


def uninstall(registry: Registry | None) -> list[str]:
    """Removes what `install` wrote; gives the places."""
    record = places.state_folder() / RECORD
    try:
        written = json.loads(record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    for where in written:
        if registry and where.startswith("Software\\"):
            registry.remove(where)
        else:
            Path(where).unlink(missing_ok=True)
    record.unlink()
    return [str(where) for where in written]


def host_program() -> Path:
    """The host as pip has put it beside this Python."""
    suffix = ".exe" if sys.platform == "win32" else ""
    return Path(sysconfig.get_path("scripts")) / f"metascalp-relay-host{suffix}"


def _in_folders(home: Path, host: Path) -> list[tuple[str, str]]:
    written = []
    for place in MAC if sys.platform == "darwin" else LINUX:
        if (home / place.sign).is_dir():
            path = home / place.folder / f"{NAME}.json"
            write_manifest(path, place.kind, host)
            written.append((place.browser, str(path)))
    return written


def _on_windows(registry: Registry, host: Path) -> list[tuple[str, str]]:
    folder = places.state_folder()
    for kind in (_CHROMIUM, _FIREFOX):
        write_manifest(folder / f"{kind}.json", kind, host)
    written = []
    for browser, kind, root in WINDOWS:
        key = rf"{root}\{NAME}"
        registry.write(key, str(folder / f"{kind}.json"))
        written.append((browser, key))
    return written


def write_manifest(path: Path, kind: str, host: Path) -> None:
    """Writes a host manifest of a kind ("chromium" or "firefox") that names this program.

    Writes beside and moves over: a browser that looks now sees the old one or the new one.
    """
    template = (places.shipped("manifest") / f"{kind}.json").read_text(encoding="utf-8")
    text = json.dumps({**json.loads(template), "path": str(host)}, indent=2)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".tmp")
    beside.write_text(text + "\n", encoding="utf-8")
    beside.replace(path)


def _record(written: Iterable[str]) -> None:
    record = places.state_folder() / RECORD
    try:
        before = json.loads(record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        before = []
    record.parent.mkdir(parents=True, exist_ok=True)
    kept = sorted({*before, *written})
    record.write_text(json.dumps(kept, indent=2, ensure_ascii=False), encoding="utf-8")


def user_registry() -> Registry | None:
    """The registry of this user; None where there is none."""
    if sys.platform == "win32":
        return _WindowsRegistry()
    return None


if sys.platform == "win32":
    import winreg

    class _WindowsRegistry:
        def write(self, key: str, value: str) -> None:
            winreg.SetValue(winreg.HKEY_CURRENT_USER, key, winreg.REG_SZ, value)

        def remove(self, key: str) -> None:
            try:
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)
            except FileNotFoundError:
                return
