from __future__ import annotations

import json
import sys

import pytest
from registry import FakeRegistry, tree

from relay.edges.hosts.record import BadRecord, Ledger

KEY = r"HKCU\Software\Comet\NativeMessagingHosts\metascalp_relay"


@pytest.fixture
def state(tmp_path):
    return tmp_path / "local" / "state"


def test_a_file_is_known_before_it_is_written(state, tmp_path, monkeypatch):
    """What is cut short can still be taken away."""
    ledger = Ledger(state, None)
    monkeypatch.setattr("pathlib.Path.replace", _only_the_record)
    with pytest.raises(OSError, match="cut short"):
        ledger.write(tmp_path / "browser/hosts/one.json", b"{}")

    known = Ledger(state, None).record

    assert known.files == [str(tmp_path / "browser/hosts/one.json")]
    assert str(tmp_path / "browser") in known.folders


def _only_the_record(self, target):
    import os

    if "installed" not in str(target):
        raise OSError("cut short")
    os.replace(self, target)


def test_what_was_written_is_taken_away_with_the_folders_made_for_it(state, tmp_path):
    before = tree(tmp_path)
    ledger = Ledger(state, None)
    ledger.write(tmp_path / "browser/hosts/one.json", b"{}")

    assert Ledger(state, None).take_away() == [str(tmp_path / "browser/hosts/one.json")]
    assert tree(tmp_path) == before


def test_what_a_crash_has_left_of_a_write_goes_too(state, tmp_path, monkeypatch):
    before = tree(tmp_path)
    monkeypatch.setattr("pathlib.Path.replace", _only_the_record)
    with pytest.raises(OSError, match="cut short"):
        Ledger(state, None).write(tmp_path / "browser/one.json", b"{}")
    assert "browser/one.json.new" in tree(tmp_path)

    Ledger(state, None).take_away()

    assert tree(tmp_path) == before


@pytest.mark.skipif(sys.platform == "win32", reason="modes say nothing there")
def test_a_program_that_cannot_be_started_any_more_is_written_again(state, tmp_path):
    program = tmp_path / "program"
    Ledger(state, None).write(program, b"#!/bin/sh", mode=0o755)
    program.chmod(0o644)
    ledger = Ledger(state, None)

    ledger.write(program, b"#!/bin/sh", mode=0o755)

    assert ledger.changed
    assert program.stat().st_mode & 0o777 == 0o755


def test_keys_and_manifests_go_before_a_program_that_may_be_running(state, tmp_path):
    registry = FakeRegistry()
    ledger = Ledger(state, registry)
    (tmp_path / "host.exe").mkdir()  # Cannot be removed, as a program that runs.
    ledger.remember(files=[str(tmp_path / "host.exe")])
    ledger.write(tmp_path / "one.json", b"{}")
    ledger.key(KEY, "path")

    assert ledger.take_away() == [str(tmp_path / "one.json"), KEY]
    assert [one.startswith(str(tmp_path / "host.exe")) for one in ledger.left] == [True]
    again = Ledger(state, registry)
    assert (again.record.files, again.record.keys) == ([str(tmp_path / "host.exe")], [])


def test_a_folder_in_which_somebody_has_put_something_stays(state, tmp_path):
    Ledger(state, None).write(tmp_path / "browser/hosts/one.json", b"{}")
    (tmp_path / "browser/theirs").write_text("")

    Ledger(state, None).take_away()

    assert set(tree(tmp_path)) == {"browser", "browser/theirs"}


def test_keys_made_on_the_way_go_with_the_key(state):
    registry = FakeRegistry()
    before = registry.dump()
    Ledger(state, registry).key(KEY, "path")
    assert registry.read(KEY) == {"": "path"}

    Ledger(state, registry).take_away()

    assert registry.dump() == before


def test_a_key_that_somebody_uses_too_stays(state):
    registry = FakeRegistry()
    Ledger(state, registry).key(KEY, "path")
    registry.put(r"HKCU\Software\Comet\NativeMessagingHosts\other", "theirs")

    Ledger(state, registry).take_away()

    assert registry.read(KEY) is None
    assert registry.read(r"HKCU\Software\Comet\NativeMessagingHosts\other") == {"": "theirs"}


def test_the_record_of_the_first_release_is_understood(state, tmp_path):
    file = tmp_path / "one.json"
    file.write_text("{}")
    registry = FakeRegistry()
    registry.put(KEY, "path")
    state.mkdir(parents=True)
    (state / "installed.json").write_text(json.dumps([str(file), KEY.removeprefix("HKCU\\")]))

    Ledger(state, registry).take_away()

    assert not file.exists()
    assert registry.read(KEY) is None


@pytest.mark.parametrize("text", ["", "{", "3", '{"files": "no list"}', '{"files": [1]}', "\0"])
def test_a_damaged_record_is_said_and_left_as_it_is(state, text):
    state.mkdir(parents=True)
    (state / "installed.json").write_text(text)

    with pytest.raises(BadRecord, match=r"installed\.json"):
        Ledger(state, None)
    assert (state / "installed.json").read_text() == text


def test_a_record_of_tomorrow_is_read_as_far_as_it_is_known(state):
    state.mkdir(parents=True)
    (state / "installed.json").write_text('{"files": ["/a"], "moons": [1]}')

    assert Ledger(state, None).record.files == ["/a"]
