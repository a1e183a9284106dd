from __future__ import annotations

import os

import pytest

from edges.doctor.sandbox import MAIN, Sandbox
from relay import __version__
from relay.edges.doctor import starting
from relay.edges.doctor.manifests import Named


@pytest.fixture
def box(tmp_path, home):
    return Sandbox(tmp_path / "box")


def named(box, browser="Chromium"):
    return Named(browser, box.browser(browser).family, box.manifest(browser), box.host)


def test_a_sound_host_answers_with_its_version(box):
    started = starting.start(named(box), {})

    assert (started.fault, started.version) == (None, __version__)
    assert started.ms < 5000


def test_each_family_of_browsers_has_its_arguments(box):
    """As Chromium 156 and Firefox 153 give them (2026-11)."""
    chromium, firefox = (
        starting.arguments(named(box, one), windows=False) for one in ("Chromium", "Firefox")
    )
    on_windows = [
        starting.arguments(named(box, one), windows=True) for one in ("Chromium", "Firefox")
    ]

    assert chromium == [str(box.host), "chrome-extension://egcejpaeokcmogjmokfehabjofphekff/"]
    assert on_windows == [[*chromium, "--parent-window=0"], firefox]
    assert firefox == [str(box.host), str(box.manifest("Firefox")), "metascalp-relay@extension"]


def test_the_program_gets_next_to_nothing_of_the_environment(box):
    said = box.folder / "said"
    box.program(
        f"import json, os, sys; json.dump([dict(os.environ), os.getcwd(), sys.argv[1:]],"
        f" open({str(said)!r}, 'w'))\n{MAIN}"
    )
    starting.start(named(box), {"HOME": "/h", "SECRET": "s", "PATH": "/mine", "PYTHONPATH": "/p"})
    environment, folder, arguments = eval(said.read_text())

    assert {"SECRET", "PYTHONPATH"} & environment.keys() == set()
    assert (environment["HOME"], environment["PATH"]) == ("/h", "/usr/bin:/bin")
    assert folder == str(box.manifest().parent)
    assert arguments == ["chrome-extension://egcejpaeokcmogjmokfehabjofphekff/"]


@pytest.mark.parametrize(
    ("code", "fault", "words"),
    [
        ("raise SystemExit(3)", "host-exits", "exit code 3"),
        ("import sys; sys.stdout.close(); import time; time.sleep(60)", "host-silent", ""),
        ("import sys; sys.stdout.buffer.write(b'\\x02\\x00\\x00\\x00[]')", "host-garbles", "list"),
        ("import sys; sys.stdout.buffer.write(b'\\x02\\x00\\x00\\x00{]')", "host-garbles", ""),
        ("import sys; sys.stdout.buffer.write(b'\\x02\\x00')", "host-garbles", "ends"),
        ("import sys; sys.stdout.buffer.write(b'\\x16\\x00\\x00\\x00{\"result\": {\"app\": 1}}')",
         "host-garbles", "app"),
        ("import sys; print('no such module', file=sys.stderr)", "host-exits", "no such module"),
        ("import os; os.kill(os.getpid(), 9)", "host-exits", "-9"),
    ],
)  # fmt: skip
def test_each_way_to_fail_has_its_name_and_the_programs_own_words(
    box, monkeypatch, code, fault, words
):
    monkeypatch.setattr(starting, "HELLO_S", 1.0)
    box.program(code)
    started = starting.start(named(box), {})

    assert started.fault == fault
    assert words in started.detail


def test_a_shell_script_whose_python_is_gone_is_told_as_that(box):
    """A long path makes pip write such a script."""
    box.program("exec /of/an/old/venv/bin/python", first="#!/bin/sh")

    assert starting.start(named(box), {}).fault == "host-no-interpreter"


def test_a_host_that_ends_after_hello_is_not_sound(box):
    box.program(
        "import struct, sys, json\n"
        "hello = {'app': 'metascalp-relay', 'protocol': 1}\n"
        "body = json.dumps({'id': 1, 'result': hello}).encode()\n"
        "sys.stdout.buffer.write(struct.pack('=I', len(body)) + body)"
    )

    assert starting.start(named(box), {}).fault == "host-exits"


HELLO = """import struct, sys, json, time
from relay import __version__, PROTOCOL
hello = {"app": "metascalp-relay", "protocol": PROTOCOL, "version": __version__}
body = json.dumps({"id": 1, "result": hello}).encode()
sys.stdout.buffer.write(struct.pack("=I", len(body)) + body)
sys.stdout.buffer.flush()
"""


@pytest.mark.parametrize(
    ("then", "fault"), [("time.sleep(60)", "host-silent"), ("print('a word')", "host-garbles")]
)
def test_a_host_is_not_sound_by_its_hello_alone(box, monkeypatch, then, fault):
    monkeypatch.setattr(starting, "LOADED_S", 1.0)
    box.program(HELLO + then)
    started = starting.start(named(box), {})

    assert started.fault == fault
    assert "after" in started.detail


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        (r"C:\Program Files\relay\h.exe", ""),
        (r"C:\Users\Иван\h-1_2.exe", ""),
        (r"C:\100%\h.exe", "%"),
        (r"C:\Program Files (x86)\h.exe", "( )"),
        (r"C:\Tom (old)\h.exe", "( )"),
        (r"C:\Tom(old)\h.exe", ""),
        (r"C:\Tom & Co\h.exe", "&"),
        (r"C:\Tom&Co\h.exe", "&"),
        (r"C:\a b\me@place^\h.exe", "@ ^"),
        (r"C:\a,b\h.exe", ","),
        (r"C:\a, b\h.exe", ""),
    ],
)
def test_what_the_shell_of_windows_takes_for_its_own_is_known(path, taken):
    assert starting.taken_by_the_shell(path) == taken


def test_no_host_is_left_running(box):
    pid = box.folder / "pid"
    box.program(f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    starting.start(named(box), {})

    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
