"""Every way to bring about a fault, for real, in a sound home: what `doctor --list` may say, each
with what produces it.

A fault without a way, or a way without its test, fails `test_checkup.py`. The whole table, fault,
text, action and test: python -m pytest -s tests/edges/doctor/test_checkup.py -k table
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from edges.doctor.sandbox import MAIN, STUB, Sandbox, ports, stub
from relay.core.places import TERMINAL_VARIABLE
from relay.edges.doctor import starting
from relay.edges.hosts import program

Inject = Callable[[Sandbox, pytest.MonkeyPatch], Any]
OURS = "import relay; relay"
MOZILLA_KEY = r"HKCU\Software\Mozilla\NativeMessagingHosts\metascalp_relay"


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def shadow(box: Sandbox) -> None:
    """An old file of the user's, before a good one of the system's."""
    good = box.machine.root / "etc/chromium/native-messaging-hosts/metascalp_relay.json"
    good.parent.mkdir(parents=True)
    good.write_bytes(box.manifest().read_bytes())
    box.edit(allowed_origins=[f"chrome-extension://{'a' * 32}/"])


def poison(box: Sandbox) -> None:
    """A package that the relay stands on cannot be loaded any more."""
    package = box.folder / "poison" / "httptools"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('httptools is damaged')")
    box.program(f"import sys; sys.path.insert(0, {str(package.parent)!r}); {MAIN}")


def slow(box: Sandbox, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(starting, "SLOW_S", 0.4)
    box.program(f"import time; time.sleep(0.5); {MAIN}")


def process(box: Sandbox) -> None:
    folder = box.machine.root / "proc" / "4711"
    folder.mkdir(parents=True)
    (folder / "cmdline").write_text("/usr/bin/chromium\0--user-data-dir=/srv/portable\0")


def other_folder(box: Sandbox) -> None:
    box.extension("a" * 32, box.copy_of_extension("0.1.0"))


def unwritable(box: Sandbox, patch: pytest.MonkeyPatch) -> None:
    """Who may do everything, as tests sometimes may, is stopped by a file in the way."""
    shutil.rmtree(box.machine.state.parent)
    box.machine.state.parent.write_text("")


def written(box: Sandbox, name: str, text: str) -> None:
    path = box.settings.parent / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


ON_LINUX: dict[str, Inject] = {
    "not-installed": lambda box, _: box.manifest("Firefox").unlink(),
    "manifest-unreadable": lambda box, _: directory(box.manifest()),
    "manifest-not-json": lambda box, _: box.manifest().write_text('{"name": "metascalp_rel'),
    "manifest-wrong-name": lambda box, _: box.edit("Firefox", name="metascalp-relay"),
    "manifest-wrong-type": lambda box, _: box.edit(type="pkcs11"),
    "manifest-unfilled": lambda box, _: box.edit("Firefox", path="{host}"),
    "manifest-relative-path": lambda box, _: box.edit(path="bin/metascalp-relay-host"),
    "manifest-bad-origin": lambda box, _: box.edit(
        allowed_origins=["chrome-extension://egcejpaeokcmogjmokfehabjofphekff"]
    ),
    "manifest-wrong-extension": lambda box, _: box.edit("Firefox", allowed_extensions=["a@b"]),
    "manifest-wrong-family": lambda box, _: shutil.copy(box.manifest(), box.manifest("Firefox")),
    "manifest-no-description": lambda box, _: box.edit(description=""),
    "manifest-unknown-key": lambda box, _: box.edit("Firefox", moon=1),
    "manifest-shadowed": lambda box, _: shadow(box),
    "host-file-missing": lambda box, _: box.host.unlink(),
    "host-temporary": lambda box, _: box.move_host(".cache", "uv", "archive-v0", "x", "bin"),
    "host-not-executable": lambda box, _: box.host.chmod(0o644),
    "host-no-interpreter": lambda box, _: box.program(MAIN, "#!/of/an/old/venv/bin/python"),
    "host-not-a-program": lambda box, _: box.program(MAIN, first=""),
    "host-exits": lambda box, _: box.program("import relay_that_is_gone"),
    "host-silent": lambda box, patch: (
        patch.setattr(starting, "HELLO_S", 1.0),
        box.program("import time; time.sleep(60)"),
    ),
    "host-garbles": lambda box, _: box.program("print('Hello, this is another program!')"),
    "host-imports": lambda box, _: poison(box),
    "host-slow": slow,
    "host-version": lambda box, _: box.program(f"{OURS}.__version__ = '0.0.9'; {MAIN}"),
    "host-protocol-differs": lambda box, _: box.program(f"{OURS}.PROTOCOL = 7; {MAIN}"),
    "policy-user-hosts": lambda box, _: box.policy(NativeMessagingUserLevelHosts=False),
    "policy-blocks": lambda box, _: box.policy(NativeMessagingBlocklist=["*"]),
    "browser-sandboxed": lambda box, _: (box.machine.home / "snap/firefox").mkdir(parents=True),
    "profile-elsewhere": lambda box, _: process(box),
    "as-administrator": lambda box, patch: (
        box.env(SUDO_USER="trader", SUDO_UID="1000"),
        patch.setattr("os.geteuid", lambda: 0),
    ),
    "no-browser": lambda box, _: (
        shutil.rmtree(box.machine.home / ".config"),
        shutil.rmtree(box.machine.home / ".mozilla"),
    ),
    "inside-wsl": lambda box, patch: (
        ON_LINUX["no-browser"](box, patch),
        box.env(WSL_DISTRO_NAME="Ubuntu"),
    ),
    "extension-missing": lambda box, _: (
        shutil.rmtree(box.machine.home / ".mozilla"),
        box.extension("b" * 32, box.folder),
    ),
    "extension-unseen": lambda box, _: box.extension("b" * 32, box.folder),
    "extension-disabled": lambda box, _: box.extension(disable_reasons=[1]),
    "extension-other-id": lambda box, _: other_folder(box),
    "extension-folder-gone": lambda box, _: box.extension(folder=box.folder / "gone"),
    "extension-older": lambda box, _: box.extension(folder=box.copy_of_extension("0.0.9")),
    "relay-older": lambda box, _: box.extension(folder=box.copy_of_extension("0.10.0")),
    "record-damaged": lambda box, _: (box.machine.state / "installed.json").write_text("{"),
    "folder-unwritable": unwritable,
    "config-bad": lambda box, _: written(box, "config.toml", "orders = 'everything'"),
    "variable-bad": lambda box, patch: patch.setenv(TERMINAL_VARIABLE, "garbage"),
    "site-bad": lambda box, _: written(box, "sites/mine.json", "{"),
}  # fmt: skip

ON_WINDOWS: dict[str, Inject] = {
    "not-installed": lambda box, _: box.registry.remove(MOZILLA_KEY),
    "registry-no-file": lambda box, _: box.registry.write(MOZILLA_KEY, r"C:\gone\firefox.json"),
    "registry-named-value": lambda box, _: (
        box.registry.remove(MOZILLA_KEY),
        box.registry.put(MOZILLA_KEY, str(box.manifest("Firefox")), name="Path"),
    ),
    "manifest-not-json": lambda box, _: box.manifest("Firefox").write_text("not JSON"),
    "host-file-missing": lambda box, _: box.host.unlink(),
    "host-path-special": lambda box, _: box.move_host("100%", "bin"),
    "comspec-missing": lambda box, _: box.env(COMSPEC=""),
    "policy-user-hosts": lambda box, _: box.registry.put(
        r"HKLM\Software\Policies\Chromium", "0", name="NativeMessagingUserLevelHosts"
    ),
    "policy-blocks": lambda box, _: box.registry.put(
        r"HKCU\Software\Policies\Chromium\NativeMessagingBlocklist", "metascalp_relay", name="1"
    ),
    "store-python": lambda box, patch: patch.setattr(
        program, "installed", lambda: Path(r"C:\Users\a\AppData\Local\Microsoft\WindowsApps\h.exe")
    ),
}  # fmt: skip


class Ports:
    """The ports that are looked at: a sound terminal on the one, and what a fault puts beside."""

    def __init__(self, box: Sandbox, patch: pytest.MonkeyPatch, sound: int) -> None:
        self.box, self.patch, self.sound = box, patch, sound
        self.stack = ExitStack()

    def are(self, *numbers: int) -> None:
        ports(self.patch, *numbers)

    def stub(self, **says: Any) -> int:
        return self.stack.enter_context(stub(**says))


def elsewhere(ports: Ports) -> None:
    written(ports.box, "config.toml", f"terminal = '127.0.0.1:{closed_port()}'")


def of_another_name(ports: Ports) -> None:
    script = ports.box.folder / "other.py"
    shutil.copy(STUB, script)
    ports.are(ports.stub(script=script))


ON_PORTS: dict[str, Callable[[Ports], None]] = {
    "terminal-absent": lambda ports: ports.are(closed_port()),
    "terminal-silent": lambda ports: ports.are(ports.stub(silent=True)),
    "terminal-two": lambda ports: ports.are(ports.sound, ports.stub()),
    "terminal-elsewhere": elsewhere,
    "terminal-owner": of_another_name,
    "terminal-strange": lambda ports: ports.are(ports.stub(status=500)),
    "terminal-no-connections": lambda ports: ports.are(ports.stub(connections=[0, 0])),
    "terminal-on-network": lambda ports: ports.are(ports.stub(bind="0.0.0.0")),
    "terminal-open-to-pages": lambda ports: ports.are(ports.stub(pages=True)),
    "port-foreign": lambda ports: ports.are(ports.stub(foreign=True), ports.sound),
}

#: Every fault that a test produces, with where: the rows of the tests, and nothing beside them.
WAYS = [
    *((fault, "linux") for fault in ON_LINUX),
    *((fault, "windows") for fault in ON_WINDOWS),
    *((fault, "ports") for fault in ON_PORTS),
]
