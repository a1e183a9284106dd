"""The commands as a person runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from registry import tree

from relay.edges.doctor.finding import FAULTS


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A home with a Chromium and a Firefox in it."""
    folder = tmp_path / "user"
    (folder / ".config/chromium").mkdir(parents=True)
    (folder / ".mozilla").mkdir()
    return folder


def run(
    box: Path, *arguments: str, language: str = "en_US.UTF-8", **more: str
) -> tuple[int, str, str]:
    env = {"HOME": str(box), "LANG": language, "PATH": "", **more}
    command = [sys.executable, "-m", "relay", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=30)
    return done.returncode, done.stdout, done.stderr


def test_install_says_what_it_wrote_and_uninstall_what_it_took_away(box):
    before = tree(box)

    code, told, _ = run(box, "install")
    assert code == 0
    assert told.startswith("Chromium, Firefox: the host is ")
    assert run(box, "install")[1].endswith("Nothing had to be changed.\n")
    code, removed, _ = run(box, "uninstall")

    assert code == 0
    assert all(str(box) in line for line in removed.splitlines())
    assert tree(box) == before
    assert run(box, "uninstall")[1] == "Nothing was installed.\n"


def test_uninstall_says_what_it_could_not_take_away(box):
    run(box, "install")
    stuck = box / ".config/chromium/NativeMessagingHosts/metascalp_relay.json"
    stuck.unlink()
    stuck.mkdir()
    code, told, error = run(box, "uninstall")

    assert code == 1
    assert str(box / ".mozilla") in told
    assert error.startswith(f"still there, uninstall tries it again: {stuck}")


@pytest.mark.parametrize(
    ("language", "says"), [("en_US.UTF-8", "No browser"), ("ru_RU.UTF-8", "браузера")]
)
def test_a_refusal_is_one_sentence_with_the_way_out(tmp_path, language, says):
    code, told, error = run(tmp_path, "install", language=language)

    assert (code, told) == (1, "")
    assert says in error
    assert "metascalp-relay install" in error


def test_a_wrong_id_is_refused(box):
    code, _, error = run(box, "install", "--extension", "nobody")

    assert code == 1
    assert "not an extension's id" in error


def test_doctor_names_what_is_wrong_and_mends_it(box):
    code, told, _ = run(box, "doctor", "--json")
    faults = [one["fault"] for one in json.loads(told)["findings"]]
    assert code == 1
    assert "not-installed" in faults

    code, told, _ = run(box, "doctor", "--fix")

    assert "[not-installed]" in told
    assert "Mended." in told
    assert "ok  Chromium: relay " in told
    assert "not-installed" not in run(box, "doctor", "--json")[1]


def test_doctor_speaks_the_language_that_is_asked_for(box):
    assert "Этому браузеру не сказано" in run(box, "doctor", "--language", "ru")[1]
    assert "Этому браузеру не сказано" in run(box, "doctor", language="ru_RU.UTF-8")[1]
    assert "This browser has not been told" in run(box, "doctor")[1]


def test_doctor_says_so_when_it_cannot_be_loaded_itself(box, tmp_path):
    package = tmp_path / "poison" / "httptools"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('httptools is damaged')")

    code, told, error = run(box, "doctor", PYTHONPATH=str(package.parent))

    assert (code, told) == (1, "")
    assert "httptools is damaged" in error
    assert "pipx reinstall" in error


def test_extension_and_package_write_what_they_say(box, tmp_path):
    code, told, _ = run(box, "extension", str(tmp_path / "unpacked"))
    assert code == 0
    assert "chrome://extensions" in told
    assert (tmp_path / "unpacked/manifest.json").is_file()

    code, told, _ = run(box, "package", str(tmp_path / "zips"))
    assert code == 0
    assert len(told.splitlines()) == len(list((tmp_path / "zips").iterdir())) == 3


def test_doctor_lists_every_fault_it_knows(box):
    code, told, _ = run(box, "doctor", "--list", "--language", "ru")

    assert code == 0
    assert told.count("    -> ") == len(FAULTS)
    assert "terminal-absent (broken)" in told
