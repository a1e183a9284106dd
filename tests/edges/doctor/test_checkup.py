"""Every fault put into a sound home for real, and exactly that fault named; nothing else.

The table below is the list of what can go wrong. A fault without a row fails the last test.
"""

from __future__ import annotations

import plistlib
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edges.doctor.sandbox import MAIN, Sandbox, ports, stub
from relay.core.places import TERMINAL_VARIABLE
from relay.edges.doctor import starting
from relay.edges.doctor.finding import FAULTS
from relay.edges.hosts import program

Inject = Callable[[Sandbox, pytest.MonkeyPatch], Any]
OURS = "import relay; relay"
MOZILLA_KEY = r"HKCU\Software\Mozilla\NativeMessagingHosts\metascalp_relay"


@pytest.fixture(scope="module")
def terminal() -> Iterator[int]:
    with stub() as port:
        yield port


@pytest.fixture
def around(terminal: int, home: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """One sound terminal on the one port that is looked at."""
    monkeypatch.delenv(TERMINAL_VARIABLE, raising=False)
    ports(monkeypatch, terminal)
    return monkeypatch


@pytest.fixture
def box(tmp_path: Path, around: pytest.MonkeyPatch) -> Sandbox:
    return Sandbox(tmp_path / "box")


@pytest.fixture
def windows(tmp_path: Path, around: pytest.MonkeyPatch) -> Sandbox:
    return Sandbox(tmp_path / "box", "windows")


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
    patch.setattr(starting, "HELLO_S", 20.0)
    patch.setattr(starting, "LOADED_S", 30.0)
    box.program(f"import time; time.sleep({starting.SLOW_S}); {MAIN}")


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
    "manifest-shadowed": lambda box, _: shadow(box),
    "host-file-missing": lambda box, _: box.host.unlink(),
    "host-temporary": lambda box, _: box.move_host(".cache", "uv", "archive-v0", "x", "bin"),
    "host-not-executable": lambda box, _: box.host.chmod(0o644),
    "host-no-interpreter": lambda box, _: box.program(MAIN, "#!/of/an/old/venv/bin/python"),
    "host-not-a-program": lambda box, _: box.program(MAIN, first=""),
    "host-exits": lambda box, _: box.program("import relay_that_is_gone"),
    "host-silent": lambda box, _: box.program("import time; time.sleep(60)"),
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
    "extension-missing": lambda box, _: box.extension("b" * 32, box.folder),
    "extension-disabled": lambda box, _: box.extension(disable_reasons=[1]),
    "extension-other-id": lambda box, _: other_folder(box),
    "extension-folder-gone": lambda box, _: box.extension(folder=box.folder / "gone"),
    "extension-older": lambda box, _: box.extension(folder=box.copy_of_extension("0.0.9")),
    "relay-older": lambda box, _: box.extension(folder=box.copy_of_extension("0.10.0")),
    "record-damaged": lambda box, _: (box.machine.state / "installed.json").write_text("{"),
    "folder-unwritable": unwritable,
    "config-bad": lambda box, _: written(box, "config.toml", "orders = 'everything'"),
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

#: fault -> what the program on the port is like.
STUBS: dict[str, dict[str, Any]] = {
    "terminal-silent": {"silent": True},
    "terminal-strange": {"status": 500},
    "terminal-no-connections": {"connections": [0, 0]},
    "terminal-on-network": {"bind": "0.0.0.0"},
}


def test_a_sound_home_has_no_fault(box):
    report = box.examine()

    assert report.findings == []
    assert report.healthy
    assert [one.what for one in report.works] == [
        "Chromium", "Firefox", "Chromium", "MetaScalp"
    ]  # fmt: skip


def test_a_sound_home_on_windows_has_no_fault(windows):
    assert windows.faults() == []


@pytest.mark.parametrize("fault", ON_LINUX)
def test_a_fault_is_named_and_nothing_else(box, around, fault):
    ON_LINUX[fault](box, around)

    assert set(box.faults()) == {fault}


@pytest.mark.parametrize("fault", ON_WINDOWS)
def test_a_fault_on_windows_is_named_and_nothing_else(windows, around, fault):
    ON_WINDOWS[fault](windows, around)

    assert set(windows.faults()) == {fault}


@pytest.mark.parametrize("fault", STUBS)
def test_a_fault_of_the_terminal_is_named_and_nothing_else(box, around, fault):
    with stub(**STUBS[fault]) as port:
        ports(around, port)

        assert box.faults() == [fault]


def test_no_terminal_is_named(box, around):
    ports(around, closed_port())

    assert box.faults() == ["terminal-absent"]


def test_two_terminals_are_named(box, around, terminal):
    with stub() as second:
        ports(around, terminal, second)

        assert box.faults() == ["terminal-two"]


def test_a_terminal_elsewhere_than_the_settings_say_is_named(box):
    written(box, "config.toml", f"terminal = '127.0.0.1:{closed_port()}'")

    assert box.faults() == ["terminal-elsewhere"]


def test_another_program_on_a_port_is_named_and_does_no_harm(box, around, terminal):
    with stub(foreign=True) as other:
        ports(around, other, terminal)
        report = box.examine()

    assert [one.fault for one in report.findings] == ["port-foreign"]
    assert report.healthy


def test_a_terminal_that_lets_pages_in_is_named_with_what_they_can_do(box, around, outside):
    """The simulator does as MetaScalp does; here it is also no program of that name."""
    ports(around, outside.port)
    around.delenv(TERMINAL_VARIABLE)
    found = {one.fault: one.detail for one in box.examine().findings}

    assert set(found) == {"terminal-open-to-pages", "terminal-owner"}
    assert "reads" in found["terminal-open-to-pages"]


@pytest.mark.parametrize("forbidden", [0, False])
def test_a_managed_mac_is_read_too(tmp_path, around, forbidden):
    box = Sandbox(tmp_path / "box", "macos")
    path = box.machine.root / "Library/Managed Preferences/org.chromium.Chromium.plist"
    path.parent.mkdir(parents=True)
    path.write_bytes(plistlib.dumps({"NativeMessagingUserLevelHosts": forbidden}))

    assert box.faults() == ["policy-user-hosts"]


def test_a_package_that_only_the_panel_needs_is_looked_for_too(box, around):
    """A click works without it, so the host itself does not say it at once."""
    around.setitem(sys.modules, "pydantic", None)

    (found,) = box.examine().findings
    assert found.fault == "host-imports"
    assert "pydantic" in found.detail


def test_several_faults_are_all_named(box):
    box.manifest("Firefox").unlink()
    box.edit(type="pkcs11")
    box.extension(disable_reasons=[1])

    assert set(box.faults()) == {"not-installed", "manifest-wrong-type", "extension-disabled"}


def test_one_fault_of_several_browsers_is_told_once(box):
    box.host.unlink()

    (found,) = box.examine().findings
    assert found.browsers == ("Chromium", "Firefox")


def test_a_browser_told_of_by_the_user_is_looked_at_like_the_others(box):
    from relay.edges.install import install

    portable = box.folder / "portable"
    portable.mkdir()
    install(box.machine, box.host, data_folders=[portable])
    assert box.faults() == []

    (portable / "NativeMessagingHosts/metascalp_relay.json").write_text("{")

    assert box.faults() == ["manifest-not-json"]


def test_everything_at_its_slowest_takes_three_seconds_at_most(box, around):
    """A host and a terminal that do not answer are waited for at the same time."""
    box.program("import time; time.sleep(60)")
    with stub(silent=True) as port:
        ports(around, port)
        report = box.examine()

    assert report.took_ms < 3000
    assert {one.fault for one in report.findings} == {"host-silent", "terminal-silent"}


def test_examining_changes_nothing(box):
    before = {path: path.read_bytes() for path in box.folder.rglob("*") if path.is_file()}

    box.examine()

    assert {path: path.read_bytes() for path in box.folder.rglob("*") if path.is_file()} == before


def test_every_fault_is_put_in_somewhere_above():
    here = {
        *ON_LINUX, *ON_WINDOWS, *STUBS, "terminal-absent", "terminal-two", "terminal-elsewhere",
        "port-foreign", "terminal-open-to-pages", "terminal-owner",
    }  # fmt: skip

    assert here == set(FAULTS)
    assert len(FAULTS) >= 20
