from __future__ import annotations

import json

import pytest
from registry import FakeRegistry, tree, user_of

from relay.edges.hosts.record import Ledger
from relay.edges.hosts.salvage import salvage
from relay.edges.install import install, uninstall

STORE = "a" * 32


@pytest.fixture
def host(tmp_path):
    path = tmp_path / "host"
    path.write_text("#!/bin/sh\n")
    return path


def used(machine, *names):
    """Browsers that have been started: their folders are not empty."""
    for browser in machine.browsers():
        if browser.name in names:
            folder = machine.paths(browser.signs[0])[0]
            folder.mkdir(parents=True)
            (folder / "Local State").write_text("{}")


def everything(machine):
    registry = machine.registry
    return tree(machine.home), registry.dump() if isinstance(registry, FakeRegistry) else ""


@pytest.mark.parametrize("system", ["linux", "macos", "windows"])
@pytest.mark.parametrize("keep", [0, 1, 200, -1])
def test_uninstall_leaves_nothing_though_the_record_was_damaged(tmp_path, host, system, keep):
    """Opera may read Chrome's folder, so one was made for it."""
    machine = user_of(system, tmp_path)
    used(machine, "Opera", "Firefox")
    before = everything(machine)
    install(machine, host)
    path = machine.state / "installed.json"
    path.write_bytes(path.read_bytes()[:keep])

    Ledger(machine.state, machine.registry, salvage(machine))

    assert install(machine, host).browsers == ["Opera", "Firefox"], "no browser is made up"
    assert uninstall(machine).left == []
    assert everything(machine) == before


def test_a_browser_that_has_an_empty_folder_stays_one(tmp_path, host):
    machine = user_of("linux", tmp_path)
    (machine.home / ".config/opera").mkdir(parents=True)
    install(machine, host)
    (machine.state / "installed.json").write_text("{")

    Ledger(machine.state, None, salvage(machine))

    assert install(machine, host).browsers == ["Opera"]
    uninstall(machine)
    assert set(tree(machine.home)) == {".config", ".config/opera"}


def test_what_others_have_put_beside_stays(tmp_path, host):
    machine = user_of("linux", tmp_path)
    used(machine, "Chromium")
    other = machine.home / ".config/chromium/NativeMessagingHosts/other.json"
    other.parent.mkdir()
    other.write_text("theirs")
    before = tree(machine.home)
    install(machine, host)
    (machine.state / "installed.json").write_text("")

    Ledger(machine.state, None, salvage(machine))
    uninstall(machine)

    assert tree(machine.home) == before


def test_ids_are_found_in_the_manifests(tmp_path, host):
    machine = user_of("linux", tmp_path)
    used(machine, "Chromium", "Firefox")
    install(machine, host, [STORE, "other@place"])
    (machine.state / "installed.json").write_text("")
    found = salvage(machine)

    assert {STORE, "other@place"} <= set(found.extensions)


def test_what_is_still_whole_in_the_text_is_kept(tmp_path):
    machine = user_of("linux", tmp_path)
    machine.state.mkdir(parents=True)
    record = {"files": ["/a ]/\u0442.json"], "data_folders": ["/srv/mine"], "unpacked": ["/x"]}
    text = json.dumps(record, indent=2)
    (machine.state / "installed.json").write_text(text[: text.index('"/x"') + 2])
    found = salvage(machine)

    assert (found.files, found.data_folders, found.unpacked) == (
        ["/a ]/\u0442.json"], ["/srv/mine"], []
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["\0", "[]", '{"files": {"a": 1}}', '{"files": ["\\x"]}', "[" * 9999]
)
def test_any_damage_is_survived(tmp_path, text):
    machine = user_of("linux", tmp_path)
    machine.state.mkdir(parents=True)
    (machine.state / "installed.json").write_text(text)

    assert salvage(machine).files == []


def test_a_manifest_that_is_damaged_too_lets_nobody_in(tmp_path, host):
    machine = user_of("linux", tmp_path)
    used(machine, "Chromium")
    install(machine, host)
    (machine.state / "installed.json").write_text("")
    path = machine.home / ".config/chromium/NativeMessagingHosts/metascalp_relay.json"
    for text in ("", "[]", '{"allowed_origins": [7, "chrome-extension://x/"]}', '{"a": 1}'):
        path.write_text(text)
        found = salvage(machine)

        assert (found.files, found.extensions) == ([str(path)], [])


def test_a_one_file_program_is_found_again(tmp_path):
    machine = user_of("windows", tmp_path)
    program = machine.state / "program/0.1.0/metascalp-relay-host.exe"
    program.parent.mkdir(parents=True)
    program.write_bytes(b"MZ")
    before = tree(machine.home.parent / "nothing")

    Ledger(machine.state, machine.registry, salvage(machine)).take_away()

    assert tree(machine.home) == before
