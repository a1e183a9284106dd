from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from registry import FakeRegistry, tree, user_of

from relay.edges.hosts.machine import Machine
from relay.edges.hosts.manifest import BadId
from relay.edges.hosts.table import TABLE, Browser
from relay.edges.install import CannotInstall, Uninstalled, install, uninstall

DATA = Path(__file__).parents[1] / "data" / "install"
SYSTEMS = ("linux", "macos", "windows")
STORE_ID = "abcdefghijklmnopabcdefghijklmnop"


@pytest.fixture
def host(tmp_path: Path) -> Path:
    path = tmp_path / "scripts" / "metascalp-relay-host"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    return path


@pytest.fixture
def user(tmp_path: Path) -> Machine:
    return user_of("linux", tmp_path)


def start(machine: Machine, *names: str) -> None:
    """Browsers that have been started once have a folder."""
    for browser in machine.browsers():
        if browser.name in names:
            machine.paths(browser.signs[0])[0].mkdir(parents=True)


def everything_of(machine: Machine) -> tuple[Any, str]:
    registry = machine.registry
    return tree(machine.home), registry.dump() if isinstance(registry, FakeRegistry) else ""


def drawn(machine: Machine, host: Path) -> str:
    """What is written, one line each, without what is of this test run alone."""
    files = [f"~/{name}" for name, text in tree(machine.home).items() if text is not None]
    keys = (
        machine.registry.dump().splitlines() if isinstance(machine.registry, FakeRegistry) else []
    )
    ours = [line for line in keys if "metascalp" in line]
    text = "\n".join([*files, *ours]) + "\n"
    return text.replace(str(machine.home), "~").replace(str(host), "HOST")


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_user_of_every_browser_has_exactly_this_tree(tmp_path, host, system):
    machine = user_of(system, tmp_path, everything=True)

    install(machine, host)

    assert drawn(machine, host) == (DATA / f"{system}.txt").read_text("utf-8")


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_second_install_changes_no_byte_and_no_time(tmp_path, host, system):
    machine = user_of(system, tmp_path, everything=True)
    assert install(machine, host).changed
    before = everything_of(machine)
    times = {path: path.stat().st_mtime_ns for path in machine.home.rglob("*")}

    again = install(machine, host)

    assert not again.changed
    assert everything_of(machine) == before
    assert {path: path.stat().st_mtime_ns for path in machine.home.rglob("*")} == times


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("system", SYSTEMS)
def test_install_and_uninstall_leave_nothing_of_ours(tmp_path, host, system, everything):
    machine = user_of(system, tmp_path, everything=everything)
    start(machine, "Opera") if not everything else None
    before = everything_of(machine)

    install(machine, host)
    assert everything_of(machine) != before
    uninstall(machine)

    assert everything_of(machine) == before
    assert uninstall(machine) == Uninstalled([], [])


ALL = [(system, browser) for system in SYSTEMS for browser in TABLE[system]]


@pytest.mark.parametrize(("system", "browser"), ALL, ids=[f"{s}-{b.name}" for s, b in ALL])
def test_each_browser_finds_a_manifest_of_its_own_family(
    tmp_path: Path, host: Path, system: Any, browser: Browser
) -> None:
    machine = user_of(system, tmp_path)
    start(machine, browser.name)
    result = install(machine, host)

    assert browser.name in result.browsers
    for place in browser.user:
        if machine.registry is None:
            manifest = json.loads((machine.paths(place)[0] / "metascalp_relay.json").read_text())
        else:
            values = machine.registry.read(rf"{place}\metascalp_relay")
            assert values is not None
            manifest = json.loads(Path(values[""]).read_text())
        callers = {"chromium": "allowed_origins", "firefox": "allowed_extensions"}
        assert manifest["path"] == str(host)
        assert set(callers.values()) & manifest.keys() == {callers[browser.family]}


def test_only_browsers_that_are_there_get_a_manifest(user, host):
    start(user, "Chrome", "Brave", "Firefox")

    assert install(user, host).browsers == ["Chrome", "Brave", "Firefox"]
    assert not (user.home / ".config/chromium").exists()


def test_a_browser_that_was_never_started_counts_by_its_program(tmp_path, host):
    program = tmp_path / "bin" / "vivaldi"
    program.parent.mkdir()
    program.touch(0o755)
    machine = user_of("linux", tmp_path, {"PATH": str(program.parent)})

    assert install(machine, host).browsers == ["Vivaldi"]


def test_a_folder_that_we_made_is_no_sign_of_a_browser(user, host):
    """Opera may read Chrome's folder, so there is one afterwards, and still no Chrome."""
    start(user, "Opera")
    install(user, host)

    assert install(user, host).browsers == ["Opera"]


def test_what_lies_beside_ours_stays(user, host):
    start(user, "Firefox")
    other = user.home / ".mozilla/native-messaging-hosts/other.json"
    other.parent.mkdir()
    other.write_text("theirs")
    install(user, host)

    uninstall(user)

    assert tree(user.home / ".mozilla") == {
        "native-messaging-hosts": None, "native-messaging-hosts/other.json": "theirs"
    }  # fmt: skip


def test_another_host_is_named_in_place_of_the_old_one(user, host, tmp_path):
    start(user, "Chrome", "Firefox")
    install(user, host)
    newer = tmp_path / "newer-host"
    newer.touch()

    assert install(user, newer).changed
    for text in filter(None, tree(user.home).values()):
        assert str(host) not in text


def test_an_id_of_a_store_is_let_in_and_stays_so(user, host):
    start(user, "Chrome", "Firefox")
    install(user, host, [STORE_ID, "{01234567-89ab-cdef-0123-456789abcdef}"])
    install(user, host)

    chrome = json.loads(
        (user.home / ".config/google-chrome/NativeMessagingHosts/metascalp_relay.json").read_text()
    )
    firefox = json.loads(
        (user.home / ".mozilla/native-messaging-hosts/metascalp_relay.json").read_text()
    )
    assert f"chrome-extension://{STORE_ID}/" in chrome["allowed_origins"]
    assert len(chrome["allowed_origins"]) == len(firefox["allowed_extensions"]) == 2


@pytest.mark.parametrize("wrong", ["", "*", "abc", "chrome-extension://abc/", STORE_ID + "q"])
def test_what_is_no_id_is_refused_before_anything_is_written(user, host, wrong):
    start(user, "Chrome")
    before = tree(user.home)

    with pytest.raises(BadId):
        install(user, host, [wrong])
    assert tree(user.home) == before


def test_a_browser_with_its_data_elsewhere_is_told_there_and_again(user, host, tmp_path):
    elsewhere = tmp_path / "portable"
    elsewhere.mkdir()
    manifest = elsewhere / "NativeMessagingHosts/metascalp_relay.json"
    install(user, host, data_folders=[elsewhere])
    manifest.unlink()

    install(user, host)

    assert json.loads(manifest.read_text())["path"] == str(host)
    uninstall(user)
    assert tree(elsewhere) == {}


def running(machine: Machine, folder: Path) -> None:
    """A browser that was told to keep its data there."""
    process = machine.root / "proc" / "4711"
    process.mkdir(parents=True)
    (process / "cmdline").write_text(f"/usr/bin/chromium\0--user-data-dir={folder}\0")


def test_a_browser_that_keeps_its_data_elsewhere_is_told_of(user, host):
    start(user, "Firefox")
    running(user, Path("/srv/portable"))

    assert install(user, host).elsewhere == ["/srv/portable"]


def test_one_that_the_user_has_told_of_is_no_news(user, host, tmp_path, monkeypatch):
    portable = tmp_path / "portable"
    portable.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "another"))
    running(user, portable)

    assert install(user, host, data_folders=[portable]).elsewhere == []
    assert install(user, host).elsewhere == []


def test_where_no_other_browser_is_it_is_refused(user, host):
    running(user, Path("/srv/portable"))

    assert refusal(user, host) == "profile-elsewhere"


def test_a_folder_that_is_not_ours_to_write_does_not_stop_the_others(user, host):
    start(user, "Chrome", "Firefox")
    blocked = user.home / ".config/google-chrome/NativeMessagingHosts"
    blocked.write_text("a file where a folder should be")

    result = install(user, host)

    assert result.browsers == ["Firefox"]
    assert [str(blocked) in one for one in result.refused] == [True]
    uninstall(user)
    assert tree(user.home) == {
        ".config": None, ".config/google-chrome": None, ".mozilla": None,
        ".config/google-chrome/NativeMessagingHosts": "a file where a folder should be",
    }  # fmt: skip


def test_a_file_that_cannot_be_removed_does_not_keep_the_others(user, host):
    """On Windows that is a program that runs."""
    start(user, "Chrome", "Firefox")
    before = tree(user.home)
    install(user, host)
    stuck = user.home / ".config/google-chrome/NativeMessagingHosts/metascalp_relay.json"
    stuck.unlink()
    stuck.mkdir()

    done = uninstall(user)

    assert [str(stuck) in one for one in done.left] == [True]
    assert str(stuck) not in done.places
    assert {name for name in tree(user.home) if name.endswith(".json")} == {
        str(stuck.relative_to(user.home)), ".local/state/metascalp-relay/installed.json"
    }  # fmt: skip
    stuck.rmdir()
    assert uninstall(user).left == []
    assert tree(user.home) == before


def test_a_key_that_is_refused_does_not_keep_the_others(tmp_path, host, monkeypatch):
    machine = user_of("windows", tmp_path)
    registry = machine.registry
    assert isinstance(registry, FakeRegistry)
    before = registry.dump()
    write = registry.write

    def guarded(key: str, value: str) -> None:
        if "Edge" in key:
            raise PermissionError(13, "Access is denied")
        write(key, value)

    monkeypatch.setattr(registry, "write", guarded)
    result = install(machine, host)

    assert [one.endswith("Access is denied") for one in result.refused] == [True]
    assert "Edge" in result.refused[0]
    assert len(result.places) == 14
    assert uninstall(machine).left == []
    assert registry.dump() == before


def test_a_registry_key_with_a_named_value_is_made_right(tmp_path, host):
    """Browsers read the default value only (seen in the wild, 2026)."""
    machine = user_of("windows", tmp_path)
    key = r"HKCU\Software\Mozilla\NativeMessagingHosts\metascalp_relay"
    assert isinstance(machine.registry, FakeRegistry)
    machine.registry.put(key, "elsewhere.json", name="Path")

    install(machine, host)

    assert machine.registry.read(key) == {"": str(machine.state / "firefox.json")}


def refusal(machine: Machine, host: Path) -> str:
    before = everything_of(machine)
    with pytest.raises(CannotInstall) as caught:
        install(machine, host)
    assert everything_of(machine) == before, "something was written"
    assert len(caught.value.text) > 60, "no explanation"
    return str(caught.value.params["fault"])


def test_without_any_browser_nothing_is_written(user, host):
    assert refusal(user, host) == "no-browser"


def test_without_the_host_nothing_is_written(user, tmp_path):
    start(user, "Firefox")

    assert refusal(user, tmp_path / "nowhere") == "host-file-missing"


@pytest.mark.parametrize("place", ["snap/chromium", "snap/firefox", ".var/app/com.brave.Browser"])
def test_only_a_sandboxed_browser_is_refused(user, host, place):
    (user.home / place).mkdir(parents=True)

    assert refusal(user, host) == "browser-sandboxed"


def test_a_sandboxed_browser_beside_another_is_told(user, host):
    (user.home / "snap/firefox").mkdir(parents=True)
    start(user, "Chromium")

    result = install(user, host)

    assert (result.browsers, result.sandboxed) == (["Chromium"], ["Firefox"])


@pytest.mark.parametrize(
    "place",
    [
        "AppData/Local/Microsoft/WindowsApps/metascalp-relay-host.exe",
        "AppData/Local/Packages/PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0/LocalCache/"
        "local-packages/Python312/Scripts/metascalp-relay-host.exe",
    ],
)
def test_store_python_is_refused(tmp_path, place):
    """Its files are private copies that a browser cannot see (CPython GH-95029)."""
    machine = user_of("windows", tmp_path)
    host = machine.home / place
    host.parent.mkdir(parents=True)
    host.write_text("")

    assert refusal(machine, host) == "store-python"


@pytest.mark.parametrize(
    "place",
    [
        ".cache/uv/archive-v0/kZx3/bin/metascalp-relay-host",
        ".cache/uv/environments-v2/1f2e/bin/metascalp-relay-host",
        ".local/share/pipx/.cache/9c2b/bin/metascalp-relay-host",
        ".cache/pipx/9c2b/bin/metascalp-relay-host",
    ],
)
def test_a_program_in_a_cache_that_is_emptied_is_refused(user, place):
    start(user, "Chrome")
    host = user.home / place
    host.parent.mkdir(parents=True)
    host.write_text("")

    assert refusal(user, host) == "host-temporary"


def test_with_sudo_it_is_refused(tmp_path, host, monkeypatch):
    machine = user_of("linux", tmp_path, {"SUDO_USER": "trader", "SUDO_UID": "1000"})
    monkeypatch.setattr("os.geteuid", lambda: 0)

    assert refusal(machine, host) == "as-administrator"


def test_inside_windows_linux_it_is_refused(tmp_path, host):
    machine = user_of("linux", tmp_path, {"WSL_DISTRO_NAME": "Ubuntu"})

    assert refusal(machine, host) == "inside-wsl"
