"""This file knows how to put our native host in place for one throw-away browser.

Where a browser looks (measured with Chromium 156 and Firefox 153 on Linux, 2026-11): Chromium in
`NativeMessagingHosts` of its user-data folder, Firefox in `.mozilla` of HOME. Windows has no such
folder: the registry of the user names the manifest, so there the entry is written, and put back.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from relay.edges.hosts import manifest as manifests
from relay.edges.hosts.table import CHROMIUM, FIREFOX, NAME

_REGISTRY = {
    "Chromium": r"Software\Chromium\NativeMessagingHosts",
    "Chrome": r"Software\Google\Chrome\NativeMessagingHosts",
    "Brave": r"Software\Google\Chrome\NativeMessagingHosts",
    "Edge": r"Software\Microsoft\Edge\NativeMessagingHosts",
    "Firefox": r"Software\Mozilla\NativeMessagingHosts",
}


@contextmanager
def host(browser: str, home: Path, profile: Path, env: Mapping[str, str]) -> Iterator[None]:
    """The native host in place for a browser with this HOME and profile folder.

    env: what the host is to have in its environment besides the browser's.
    """
    launcher = _launcher(home, env)
    manifest = _folder(browser, home, profile) / f"{NAME}.json"
    manifests.write(manifest, FIREFOX if browser == "Firefox" else CHROMIUM, launcher)
    if sys.platform == "win32":
        with _registered(_REGISTRY[browser], manifest):
            yield
    else:
        yield


def _folder(browser: str, home: Path, profile: Path) -> Path:
    if browser != "Firefox":
        return profile / "NativeMessagingHosts"
    if sys.platform == "darwin":
        return home / "Library/Application Support/Mozilla/NativeMessagingHosts"
    return home / ".mozilla/native-messaging-hosts"


def _launcher(home: Path, env: Mapping[str, str]) -> Path:
    """A file the browser can start: it sets the environment and becomes this very Python."""
    code = "from relay.edges.native import main; main()"
    home.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        path = home / "host.bat"
        path.write_text(_batch(sys.executable, code, env), encoding="utf-8", newline="")
        return path
    path = home / "host.sh"
    lines = [f"export {name}={shlex.quote(value)}" for name, value in env.items()]
    lines.append(f'exec {shlex.quote(sys.executable)} -c {shlex.quote(code)} "$@"')
    path.write_text("#!/bin/sh\n" + "\n".join(lines) + "\n", encoding="utf-8")
    os.chmod(path, 0o700)
    return path


def _batch(python: str, code: str, env: Mapping[str, str]) -> str:
    """A batch file: told that it is UTF-8, for names of users, and with its one wild sign doubled.

    Written from cmd's documentation; not tried on a Windows machine.
    """
    lines = ["@echo off", "chcp 65001 >nul"]
    lines += [f'set "{name}={value}"'.replace("%", "%%") for name, value in env.items()]
    lines.append(f'"{python}"'.replace("%", "%%") + f' -c "{code}" %*')
    return "".join(f"{line}\r\n" for line in lines)


if sys.platform == "win32":
    import winreg

    @contextmanager
    def _registered(root: str, manifest: Path) -> Iterator[None]:
        """The user's registry names our manifest; afterwards it says again what it said before."""
        key = rf"{root}\{NAME}"
        try:
            before = winreg.QueryValue(winreg.HKEY_CURRENT_USER, key)
        except OSError:
            before = None
        winreg.SetValue(winreg.HKEY_CURRENT_USER, key, winreg.REG_SZ, str(manifest))
        try:
            yield
        finally:
            if before is None:
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)
            else:
                winreg.SetValue(winreg.HKEY_CURRENT_USER, key, winreg.REG_SZ, before)
