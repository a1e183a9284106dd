"""This file knows the machine that is installed on: whose, which system, which browsers are there.

Everything comes in as values, so that a test can be any user of any system.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from relay.core import places
from relay.edges.hosts import registry
from relay.edges.hosts.registry import Registry
from relay.edges.hosts.table import TABLE, Browser, System


@dataclass(frozen=True, slots=True)
class Machine:
    """One user's machine. root: what "/" is. state: where we keep what we remember."""

    system: System
    home: Path
    state: Path
    registry: Registry | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    root: Path = Path("/")

    def browsers(self) -> tuple[Browser, ...]:
        return TABLE[self.system]

    def paths(self, place: str) -> list[Path]:
        """The folders that a place of the table means here, the likeliest first.

        "=" before it: a folder that the user has named, as it is.
        """
        if place.startswith("="):
            return [Path(place[1:])]
        if place.startswith("/"):
            return [self.root / place[1:]]
        head, _, tail = place.replace("\\", "/").partition("/")
        return [base / tail for base in self._bases(head)]

    def own_folders(self, browser: Browser) -> list[Path]:
        """Where this browser of this user looks, its other channels only where they are used."""
        channels = [path for one in browser.channels for path in self.paths(one) if path.is_dir()]
        always = [path for place in browser.user for path in self.paths(place)]
        return [*always, *(path / "NativeMessagingHosts" for path in channels)]

    def uses(self, browser: Browser, ours: frozenset[str] = frozenset()) -> bool:
        """Whether a browser is there, outside a sandbox. ours: folders made by us say nothing."""
        signs = [path for sign in browser.signs for path in self.paths(sign)]
        if any(path.is_dir() and str(path) not in ours for path in signs):
            return True
        return not self.sandboxed(browser) and any(self._has(name) for name in browser.programs)

    def sandboxed(self, browser: Browser) -> Path | None:
        """The folder of its snap or Flatpak package, if it is used."""
        found = (path for one in browser.sandboxes for path in self.paths(one) if path.is_dir())
        return next(found, None)

    def in_wsl(self) -> bool:
        """Whether this Linux is a guest of Windows, where the browser is not."""
        return self.system == "linux" and "WSL_DISTRO_NAME" in self.env

    def _bases(self, name: str) -> Iterator[Path]:
        if name == "{home}":
            yield self.home
        elif name == "{support}":
            yield self.home / "Library/Application Support"
        elif name == "{config}":
            own = self.env.get("XDG_CONFIG_HOME") or self.env.get("CHROME_CONFIG_HOME")
            yield from dict.fromkeys([self.home / ".config", *([Path(own)] if own else [])])
        else:
            variable, usual = _WINDOWS_FOLDERS[name]
            yield Path(self.env.get(variable) or self.home / usual)

    def _has(self, program: str) -> bool:
        if self.system == "macos":
            applications = (self.root / "Applications", self.home / "Applications")
            return any((folder / f"{program}.app").is_dir() for folder in applications)
        found = shutil.which(program, path=self.env.get("PATH", ""))
        return found is not None and not found.startswith("/snap/") and "flatpak" not in found


_WINDOWS_FOLDERS = {
    "{local}": ("LOCALAPPDATA", "AppData/Local"),
    "{roaming}": ("APPDATA", "AppData/Roaming"),
}
_SYSTEMS: dict[str, System] = {"win32": "windows", "darwin": "macos"}


def here() -> Machine:
    """The machine this runs on, for the user who runs it."""
    system = _SYSTEMS.get(sys.platform, "linux")
    return Machine(
        system, Path.home(), places.state_folder(), registry.of_this_user(), dict(os.environ)
    )
