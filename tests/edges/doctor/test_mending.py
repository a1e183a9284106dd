"""`--fix` ends every fault that it says it can end, and touches nothing that is not ours."""

from __future__ import annotations

import pytest

from edges.doctor.faults import ON_LINUX, ON_WINDOWS
from edges.doctor.test_checkup import around, box, terminal, windows
from relay.edges import unpacked
from relay.edges.doctor.finding import FAULTS
from relay.edges.doctor.mending import mend
from relay.edges.hosts import program
from relay.edges.hosts.record import Ledger
from relay.edges.install import install, uninstall
from relay.edges.unpacked import unpack

__all__ = ["around", "box", "terminal", "windows"]

#: What `install` ends here, where the package itself is sound. The extension's own are below.
MENDED = [
    code for code, fault in FAULTS.items() if fault.mends and not code.startswith("extension-")
]


@pytest.mark.parametrize("fault", [code for code in MENDED if code in ON_LINUX])
def test_a_fault_that_can_be_mended_is(box, around, fault):
    ON_LINUX[fault](box, around)

    tried = mend(box.machine, box.examine())

    assert {one.fault for one in tried} == {fault}
    assert box.faults() == []


@pytest.mark.parametrize("fault", [code for code in MENDED if code in ON_WINDOWS])
def test_a_fault_on_windows_that_can_be_mended_is(windows, around, fault):
    ON_WINDOWS[fault](windows, around)

    mend(windows.machine, windows.examine())

    assert windows.faults() == []


def test_everything_that_can_be_mended_was_put_in():
    assert set(MENDED) <= {*ON_LINUX, *ON_WINDOWS}


@pytest.mark.parametrize("fault", [code for code in ON_LINUX if not FAULTS[code].mends])
def test_what_is_not_ours_is_left_alone(box, around, fault):
    ON_LINUX[fault](box, around)
    before = {path: path.read_bytes() for path in box.folder.rglob("*") if path.is_file()}

    assert mend(box.machine, box.examine()) == []
    assert {path: path.read_bytes() for path in box.folder.rglob("*") if path.is_file()} == before


def test_our_own_program_is_made_executable_again(box, around, tmp_path):
    around.setattr(program, "installed", lambda: box.host)
    box.host.chmod(0o644)

    mend(box.machine, box.examine())

    assert box.faults() == []


def test_a_record_that_was_damaged_is_found_again(box, around):
    around.setattr(program, "installed", lambda: box.host)
    install(box.machine, box.host, ["a" * 32], [box.folder / "portable"])
    record = Ledger(box.machine.state, None).record
    path = box.machine.state / "installed.json"
    path.write_text(path.read_text("utf-8").rstrip("}\n"))

    mend(box.machine, box.examine())

    again = Ledger(box.machine.state, None).record
    assert set(again.files) == set(record.files)
    assert "a" * 32 in again.extensions
    assert again.data_folders == record.data_folders
    uninstall(box.machine)
    assert not [one for one in box.folder.rglob("*") if "metascalp_relay" in one.name]
    assert not box.machine.state.exists()


@pytest.mark.parametrize("fault", ["extension-folder-gone", "extension-older"])
def test_a_folder_that_we_have_written_is_written_again(box, fault):
    folder = box.folder / "mine"
    unpack(box.machine, folder)
    box.extension(folder=folder)
    manifest = folder / "manifest.json"
    if fault == "extension-older":
        manifest.write_text(manifest.read_text("utf-8").replace('"0.1.0"', '"0.0.1"'))
    else:
        folder.rename(box.folder / "moved")
    assert box.faults() == [fault]

    mend(box.machine, box.examine())

    assert box.faults() == []
    assert unpacked.files(folder)


def test_a_folder_that_somebody_else_has_made_is_not_written(box):
    folder = box.copy_of_extension("0.0.9")
    box.extension(folder=folder)

    mend(box.machine, box.examine())

    assert box.faults() == ["extension-older"]
    assert [path.name for path in folder.iterdir()] == ["manifest.json"]


def test_a_sound_home_is_not_touched(box):
    before = {path: path.stat().st_mtime_ns for path in box.folder.rglob("*")}

    assert mend(box.machine, box.examine()) == []
    assert {path: path.stat().st_mtime_ns for path in box.folder.rglob("*")} == before
