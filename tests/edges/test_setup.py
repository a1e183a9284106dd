"""The commands as a person runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from registry import tree


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A home with a Chromium and a Firefox in it."""
    folder = tmp_path / "user"
    (folder / ".config/chromium").mkdir(parents=True)
    (folder / ".mozilla").mkdir()
    return folder


def run(box: Path, *arguments: str, language: str = "en_US.UTF-8") -> tuple[int, str, str]:
    env = {"HOME": str(box), "LANG": language, "PATH": ""}
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
