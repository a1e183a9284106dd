from __future__ import annotations

import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest
from registry import tree, user_of

from relay.edges.hosts import program
from relay.edges.hosts.record import Ledger


def test_the_program_is_the_one_pip_has_installed():
    host = program.installed()

    assert host.is_file()
    assert host.is_absolute()
    assert host.stem == "metascalp-relay-host"


def test_an_installed_package_needs_no_copy(tmp_path):
    machine = user_of("linux", tmp_path)

    assert program.settle(machine, Ledger(machine.state, None)) == program.installed()
    assert not machine.state.exists()


@pytest.fixture
def one_file(tmp_path, monkeypatch) -> Path:
    """We are the program for people without Python, in the folder of downloads."""
    path = tmp_path / "Downloads/metascalp-relay"
    path.parent.mkdir()
    path.write_bytes(b"\x7fELF of 0.1")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(path))
    return path


def test_a_one_file_program_is_copied_to_where_it_can_stay(tmp_path, one_file):
    machine = user_of("linux", tmp_path)
    ledger = Ledger(machine.state, None)

    host = program.settle(machine, ledger)
    one_file.unlink()

    assert host.read_bytes() == b"\x7fELF of 0.1"
    assert host.stat().st_mode & 0o111
    assert host.is_relative_to(machine.state)
    ledger.take_away()
    assert tree(machine.home) == {}


def test_a_one_file_program_is_made_executable_again_by_install(tmp_path, one_file):
    machine = user_of("linux", tmp_path)
    host = program.settle(machine, Ledger(machine.state, None))
    host.chmod(0o644)

    program.settle(machine, Ledger(machine.state, None))

    assert host.stat().st_mode & 0o111


def test_a_newer_one_file_program_takes_the_place_of_the_older(tmp_path, one_file, monkeypatch):
    machine = user_of("windows", tmp_path)
    older = program.settle(machine, Ledger(machine.state, machine.registry))
    monkeypatch.setattr(program, "__version__", "9.9.9")
    one_file.write_bytes(b"MZ of 9.9.9")

    newer = program.settle(machine, Ledger(machine.state, machine.registry))

    assert newer != older
    assert newer.suffix == ".exe"
    assert not older.exists()
    assert str(older) not in Ledger(machine.state, machine.registry).record.files


def test_a_package_runner_is_told_apart_from_an_installer():
    home = Path("/of/a/user")

    assert program.is_passing(home / ".cache/uv/archive-v0/x/bin/h")
    assert not program.is_passing(home / ".local/share/uv/tools/metascalp-relay/bin/h")
    assert not program.is_passing(home / ".local/share/pipx/venvs/metascalp-relay/bin/h")


@pytest.mark.parametrize(
    ("path", "passing"),
    [
        (r"C:\Users\a\AppData\Local\uv\cache\archive-v0\x\Scripts\h.exe", True),
        (r"C:\Users\a\AppData\Local\uv\cache\environments-v2\x\Scripts\h.exe", True),
        (r"C:\Users\a\AppData\Roaming\uv\tools\metascalp-relay\Scripts\h.exe", False),
        (r"C:\Users\a\pipx\venvs\metascalp-relay\Scripts\h.exe", False),
    ],
)
def test_so_it_is_on_windows(path, passing):
    """Where uv keeps its cache in a folder of that name (uv 0.9)."""
    assert program.is_passing(PureWindowsPath(path)) == passing


@pytest.mark.parametrize("name", ["prefix", "base_prefix"])
def test_a_python_of_the_store_is_known_inside_an_environment_too(tmp_path, monkeypatch, name):
    """There its folder is only the base's."""
    machine, host = user_of("windows", tmp_path), program.installed()
    before = program.fault(host, machine)
    monkeypatch.setattr(
        sys, name, r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.13_x64__q"
    )

    assert (before, program.fault(host, machine)) == (None, "store-python")


def test_the_host_answers_from_anywhere_without_an_environment(tmp_path):
    """What a manifest names must start where nothing of ours is set."""
    done = subprocess.run(
        [program.installed()], input=b"", capture_output=True, cwd=tmp_path, env={}, timeout=20
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
