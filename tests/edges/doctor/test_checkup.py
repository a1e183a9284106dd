"""Every fault of `doctor --list` brought about for real, and exactly that fault named."""

from __future__ import annotations

import plistlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edges.doctor.faults import ON_LINUX, ON_PORTS, ON_WINDOWS, WAYS, Ports
from edges.doctor.sandbox import MAIN, Sandbox, ports, stub
from relay.core import places
from relay.core.places import TERMINAL_VARIABLE
from relay.edges import words
from relay.edges.doctor import starting
from relay.edges.doctor.finding import FAULTS


@pytest.fixture(scope="module")
def terminal() -> Iterator[int]:
    with stub() as port:
        yield port


@pytest.fixture
def around(terminal: int, home: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """One sound terminal on the one port that is looked at; a busy machine has its time."""
    monkeypatch.delenv(TERMINAL_VARIABLE, raising=False)
    for limit in ("SLOW_S", "HELLO_S", "LOADED_S"):
        monkeypatch.setattr(starting, limit, 20.0)
    ports(monkeypatch, terminal)
    return monkeypatch


@pytest.fixture
def box(tmp_path: Path, around: pytest.MonkeyPatch) -> Sandbox:
    return Sandbox(tmp_path / "box")


@pytest.fixture
def windows(tmp_path: Path, around: pytest.MonkeyPatch) -> Sandbox:
    return Sandbox(tmp_path / "box", "windows")


def test_a_sound_home_has_no_fault(box):
    report = box.examine()

    assert report.findings == []
    assert report.healthy
    assert [one.what for one in report.works] == [
        "Chromium", "Firefox", "Chromium", "MetaScalp"
    ]  # fmt: skip


def test_a_sound_home_on_windows_has_no_fault(windows):
    assert windows.faults() == []


@pytest.mark.parametrize(("fault", "where"), WAYS)
def test_a_fault_is_named_and_nothing_else(tmp_path, around, terminal, fault, where):
    box = Sandbox(tmp_path / "box", "windows" if where == "windows" else "linux")
    if where == "ports":
        beside = Ports(box, around, terminal)
        with beside.stack:
            ON_PORTS[fault](beside)
            report = box.examine()
    else:
        {"linux": ON_LINUX, "windows": ON_WINDOWS}[where][fault](box, around)
        report = box.examine()

    assert {one.fault for one in report.findings} == {fault}
    assert report.healthy == (FAULTS[fault].level != "broken")


def test_every_fault_of_the_list_is_brought_about_above():
    assert {fault for fault, _ in WAYS} == set(FAULTS)
    assert len(FAULTS) >= 20


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_table_of_faults_can_be_printed_whole(language):
    said = words.of(language)
    rows = [
        (fault, FAULTS[fault].level, said.fault(fault), said.fix(fault),
         f"test_checkup.py::{test_a_fault_is_named_and_nothing_else.__name__}[{fault}-{where}]")
        for fault in FAULTS for one, where in WAYS if one == fault
    ]  # fmt: skip
    print("", *(" | ".join(row) for row in rows), sep="\n")

    assert {row[0] for row in rows} == set(FAULTS)
    assert all(all(row) for row in rows)


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


@pytest.mark.parametrize(
    ("code", "at_most_ms", "faults"),
    [
        (MAIN, 3000, {"terminal-two", "terminal-strange"}),
        (
            "import time; time.sleep(60)",
            5500,
            {"host-silent", "terminal-two", "terminal-strange"},
        ),
    ],
)
def test_everything_at_its_slowest_takes_three_seconds_and_as_long_as_hosts_are_waited_for(
    box, around, code, at_most_ms, faults
):
    """Hosts that never answer, a port that never answers, and two terminals that say who they are
    and nothing more are waited for at the same time."""
    around.undo()
    around.delenv(TERMINAL_VARIABLE, raising=False)
    around.setattr(starting, "SLOW_S", 20.0)
    box.program(code)
    with stub(silent=True) as silent, stub(hangs=True) as one, stub(hangs=True) as two:
        ports(around, silent, one, two)
        report = box.examine()

    assert report.took_ms < at_most_ms
    assert {one.fault for one in report.findings} == faults


def test_a_host_that_the_extension_still_waits_for_is_slow_and_works(box, around):
    """A first start under the eyes of an antivirus: of pip's command, or of the one file."""
    around.undo()
    around.delenv(TERMINAL_VARIABLE, raising=False)
    ports(around)
    box.program(f"import time; time.sleep(2.8); {MAIN}")

    assert box.faults() == ["host-slow", "terminal-absent"]


def test_a_host_is_waited_for_as_long_as_the_extension_does():
    text = (places.shipped("extension") / "relay.js").read_text("utf-8")
    (waits_ms,) = re.findall(r"WAIT_MS = \{ hello: (\d+)", text)

    assert 0.9 * int(waits_ms) < 1000 * starting.HELLO_S < int(waits_ms)


@pytest.mark.parametrize("said", ["garbage", "10.0.0.5:17845", "127.0.0.1:x"])
def test_a_variable_that_names_no_terminal_leaves_the_rest_to_be_examined(box, around, said):
    around.setenv(TERMINAL_VARIABLE, said)
    report = box.examine()

    assert [one.fault for one in report.findings] == ["variable-bad"]
    assert said in report.findings[0].detail
    assert "MetaScalp" in [one.what for one in report.works]


def test_examining_changes_nothing(box):
    before = {path: path.read_bytes() for path in box.folder.rglob("*") if path.is_file()}

    box.examine()

    assert {path: path.read_bytes() for path in box.folder.rglob("*") if path.is_file()} == before
