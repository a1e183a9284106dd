from __future__ import annotations

import json
from pathlib import Path

import pytest

from relay.edges import install as installer
from relay.edges.install import CannotInstall, install, uninstall


class FakeRegistry:
    def __init__(self) -> None:
        self.keys = {r"Software\Google\Chrome\NativeMessagingHosts\other": "theirs"}

    def write(self, key: str, value: str) -> None:
        self.keys[key] = value

    def remove(self, key: str) -> None:
        self.keys.pop(key, None)


@pytest.fixture
def host(tmp_path: Path) -> Path:
    path = tmp_path / "scripts" / "metascalp-relay-host"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    return path


@pytest.fixture
def user(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user of Linux; `home` keeps what we record apart from the machine's own."""
    monkeypatch.setattr(installer.sys, "platform", "linux")
    return tmp_path / "user"


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_only_browsers_that_are_there_get_a_manifest(user, host):
    for sign in (".config/google-chrome", ".config/BraveSoftware/Brave-Browser", ".mozilla"):
        (user / sign).mkdir(parents=True)

    assert install(user, None, host) == ["Chrome", "Brave", "Firefox"]
    assert tree(user) == {
        ".config/google-chrome/NativeMessagingHosts/metascalp_relay.json",
        ".config/BraveSoftware/Brave-Browser/NativeMessagingHosts/metascalp_relay.json",
        ".mozilla/native-messaging-hosts/metascalp_relay.json",
    }


@pytest.mark.parametrize("place", installer.LINUX, ids=lambda place: place.browser)
def test_each_manifest_names_the_host_and_only_its_own_kind_of_caller(user, host, place):
    """Firefox refuses a manifest with Chromium's key in it (measured, 2026-11)."""
    (user / place.sign).mkdir(parents=True)
    install(user, None, host)

    manifest = json.loads((user / place.folder / "metascalp_relay.json").read_text())
    callers = {"chromium": "allowed_origins", "firefox": "allowed_extensions"}
    assert manifest["path"] == str(host)
    assert set(callers.values()) & manifest.keys() == {callers[place.kind]}


def test_installing_twice_is_installing_once(user, host):
    (user / ".mozilla").mkdir(parents=True)
    install(user, None, host)
    before = tree(user)
    install(user, None, host)

    assert tree(user) == before
    assert len(uninstall(None)) == 1


def test_uninstall_removes_exactly_what_was_written(user, host):
    other = user / ".mozilla/native-messaging-hosts/other.json"
    other.parent.mkdir(parents=True)
    other.write_text("theirs")
    install(user, None, host)

    uninstall(None)

    assert tree(user) == {".mozilla/native-messaging-hosts/other.json"}
    assert uninstall(None) == []


def test_on_windows_the_registry_names_the_manifests(home, host):
    registry = FakeRegistry()
    before = dict(registry.keys)

    install(home, registry, host)

    key = r"Software\Mozilla\NativeMessagingHosts\metascalp_relay"
    manifest = json.loads(Path(registry.keys[key]).read_text())
    assert manifest["allowed_extensions"] == ["metascalp-relay@extension"]
    assert len(registry.keys) == len(before) + len(installer.WINDOWS)
    uninstall(registry)
    assert registry.keys == before


def test_without_any_browser_nothing_is_written(user, host):
    user.mkdir()

    with pytest.raises(CannotInstall, match="no browser"):
        install(user, None, host)
    assert tree(user) == set()


def test_without_the_host_nothing_is_written(user, tmp_path):
    (user / ".mozilla").mkdir(parents=True)

    with pytest.raises(CannotInstall, match="missing"):
        install(user, None, tmp_path / "nowhere")
    assert tree(user) == set()


def test_store_python_is_refused_with_the_way_out(user, tmp_path):
    """Its files are private copies that a browser cannot see (CPython GH-95029)."""
    host = tmp_path / "WindowsApps" / "metascalp-relay-host.exe"
    host.parent.mkdir()
    host.write_text("")

    with pytest.raises(CannotInstall, match=r"python\.org"):
        install(user, FakeRegistry(), host)


def test_the_host_program_is_the_one_pip_has_installed():
    assert installer.host_program().is_file()
