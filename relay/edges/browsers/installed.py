"""This file knows which browsers are on this machine and which family each belongs to."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: Names on PATH (Linux), in the order of how likely each takes an unpacked extension.
_COMMANDS = (
    ("chromium", "Chromium"),
    ("chromium-browser", "Chromium"),
    ("microsoft-edge", "Edge"),
    ("brave-browser", "Brave"),
    ("google-chrome", "Chrome"),
    ("google-chrome-stable", "Chrome"),
    ("firefox", "Firefox"),
    ("firefox-esr", "Firefox"),
)
_WINDOWS = (
    (r"Chromium\Application\chrome.exe", "Chromium"),
    (r"Microsoft\Edge\Application\msedge.exe", "Edge"),
    (r"BraveSoftware\Brave-Browser\Application\brave.exe", "Brave"),
    (r"Google\Chrome\Application\chrome.exe", "Chrome"),
    (r"Mozilla Firefox\firefox.exe", "Firefox"),
)
_MAC = (
    ("Chromium", "Chromium"),
    ("Microsoft Edge", "Edge"),
    ("Brave Browser", "Brave"),
    ("Google Chrome", "Chrome"),
    ("Firefox", "Firefox"),
)


@dataclass(frozen=True, slots=True)
class Browser:
    """One installed browser. name: "Chromium", "Chrome", "Edge", "Brave" or "Firefox"."""

    name: str
    path: str

    @property
    def is_firefox(self) -> bool:
        return self.name == "Firefox"


def browsers() -> list[Browser]:
    """Everything found, the best for a demo first."""
    if sys.platform == "win32":
        found = _on_windows()
    elif sys.platform == "darwin":
        found = _on_mac()
    else:
        found = _on_path()
    return list(dict.fromkeys(found))


def choose(path: str | None) -> Browser | None:
    """The browser at a path or of a name on PATH; without one, the best there is."""
    if path is None:
        return next(iter(browsers()), None)
    real = shutil.which(path)
    if real is None:
        return None
    name = Path(real).name.lower()
    known = (("firefox", "Firefox"), ("msedge", "Edge"), ("edge", "Edge"), ("brave", "Brave"))
    for part, family in known:
        if part in name:
            return Browser(family, real)
    return Browser("Chrome" if "google" in name else "Chromium", real)


def _on_path() -> Iterator[Browser]:
    for command, name in _COMMANDS:
        if path := shutil.which(command):
            yield Browser(name, path)


def _on_windows() -> Iterator[Browser]:
    roots = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
    for tail, name in _WINDOWS:
        for root in roots:
            if root and (path := Path(root) / tail).is_file():
                yield Browser(name, str(path))


def _on_mac() -> Iterator[Browser]:
    for app, name in _MAC:
        path = Path(f"/Applications/{app}.app/Contents/MacOS") / app.lower()
        for spelled in (path, path.with_name(app)):
            if spelled.is_file():
                yield Browser(name, str(spelled))
                break
