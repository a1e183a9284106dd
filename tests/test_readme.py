"""What README tells people to type is typed here."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from edges.doctor.sandbox import stub

from relay.core.places import HOME_VARIABLE, TERMINAL_VARIABLE
from relay.edges import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")

#: Lines that install something from a package index or take minutes, and where they are run.
ELSEWHERE = {
    'python -m pip install -e ".[demo]" && python -m relay demo --offline': "tests/edges/test_demo",
    'python -m pip install -e ".[test]" && python -m pytest': ".ci/run",
    "py -m pip install .": ".ci/installers.py, with venv",
    "pipx install .": ".ci/installers.py",
    "uv tool install .": ".ci/installers.py",
    "python -m pip wheel --no-deps --wheel-dir dist .": ".ci/installers.py",
    "python -m pip install . pyinstaller": ".ci/run",
    "python -m PyInstaller .ci/metascalp-relay.spec": ".ci/run",
}
#: What runs until it is stopped, and says in one line that it is ready.
LASTING = ("metascalp-relay serve", "metascalp-relay simulate")
#: What stands for something of the reader's own.
PLACES = {
    "PATH": "unpacked", "DIR": "zips", "FOLDER": "data", "ID": "a" * 32, "NNN": "001",
    "FILE": "recording.jsonl", "PORT": "17845", "NAME": "bot", "TICKER": "BTCUSDT",
}  # fmt: skip


def lines() -> list[str]:
    """Every line of every block for a shell, once."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", README, re.DOTALL | re.MULTILINE)
    found = [line.strip() for block in blocks for line in block.splitlines()]
    return list(dict.fromkeys(line for line in found if line and not line.startswith("#")))


def inline() -> list[str]:
    """Every whole command that stands in a sentence."""
    found = re.findall(r"`(metascalp-relay [^`]+)`", README)
    return sorted({re.sub(r"\s+", " ", one) for one in found})


OURS = [line for line in lines() if line.startswith("metascalp-relay")]
SHORT = [line for line in OURS if not line.startswith(LASTING)]


@pytest.mark.parametrize("line", [line for line in lines() if line not in OURS])
def test_a_line_that_is_not_ours_is_run_elsewhere(line):
    known = line in ELSEWHERE or line.startswith(("curl ", "python bot", "pip install metascalp"))

    assert known, "a new line wants a place where it is run"


@pytest.mark.parametrize("line", SHORT)
def test_a_command_of_a_block_does_what_it_is_for(line, tmp_path):
    """As somebody with two browsers and a terminal types it; doctor then sees no extension, which
    Firefox may have all the same."""
    home = tmp_path / "user"
    (home / ".config/chromium").mkdir(parents=True)
    (home / ".mozilla").mkdir()
    words = [sys.executable, "-m", "relay", *shlex.split(line)[1:]]
    with stub() as port:
        env = {**os.environ, "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT),
               TERMINAL_VARIABLE: f"127.0.0.1:{port}"}  # fmt: skip
        env.pop(HOME_VARIABLE, None)
        done = subprocess.run(
            words, capture_output=True, text=True, cwd=tmp_path, env=env, timeout=50
        )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [*OURS, *inline()])
def test_every_command_is_one_that_the_program_knows(command):
    words = [PLACES.get(word, word) for word in shlex.split(command)[1:]]
    (known,) = [one.choices for one in cli.parser()._actions if isinstance(one.choices, dict)]

    assert words[0] in known
    if len(words) > 1:
        assert cli.parser().parse_args(words).handler


@pytest.mark.parametrize("system", ["Windows", "macOS", "Linux", "Установка на Windows"])
def test_from_nothing_to_the_first_click_are_three_commands(system):
    after = README.partition(f"**{system}**")[2]
    block = re.search(r"```sh\n(.*?)```", after, re.DOTALL)
    assert block is not None

    commands = [line.strip() for line in block[1].splitlines() if line.strip()]
    assert len(commands) <= 3
    assert commands[1:] == [
        "metascalp-relay install", "metascalp-relay extension metascalp-extension"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("begins", "ends"),
    [("\n## Not tried on Windows", "\n## "), ("**Что на настоящей Windows", "\n\n")],
)
def test_what_was_not_tried_on_windows_is_told_in_both_languages(begins, ends):
    told = README.partition(begins)[2].partition(ends)[0]

    for what in ("`.exe`", "Defender", "`cmd /d /c`", "`% & ( ) @ ^`", "Waterfox", "SmartScreen",
                 "Microsoft Store", "`uninstall`"):  # fmt: skip
        assert what in told, what


def test_when_the_terminal_of_the_settings_counts_is_told_wherever_it_is_named():
    """A running relay keeps its own: who only writes another one waits in vain."""
    settings = README.partition("\n## Settings")[2].partition("\n## ")[0]
    rows = [line for line in README.splitlines() if line.startswith("|") and "`terminal`" in line]

    assert "next start of the browser" in settings
    assert len(rows) == 5
    for row in rows[:4]:
        assert "restart the browser" in row or "перезапустите браузер" in row


def test_every_permission_is_explained():
    manifest = json.loads((ROOT / "extension/manifest.json").read_text("utf-8"))
    table = README.partition("## Permissions")[2].partition("\n## ")[0]

    for name in [*manifest["permissions"], *manifest.get("optional_permissions", [])]:
        assert f"`{name}`" in table, name
    for kind in manifest["browser_specific_settings"]["gecko"]["data_collection_permissions"][
        "required"
    ]:
        assert f"`{kind}`" in table, kind


def test_every_file_and_heading_that_is_linked_is_there():
    headings = {
        re.sub(r"[^\w\- ]", "", line[3:].strip()).lower().replace(" ", "-")
        for line in README.splitlines()
        if line.startswith("## ")
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", README):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif not target.startswith("http"):
            assert (ROOT / target).is_file(), target


def tried() -> list[tuple[str, str, str]]:
    """Every cell of the table of flows: the browser, the file, the test."""
    rows = re.findall(r"^\| [^|`]+ \| (`\w+: \w+`) \| (`\w+: \w+`|not tried) \|$", README, re.M)
    cells = [cell for row in rows for cell in zip(("chromium", "firefox"), row, strict=True)]
    named = [(browser, cell.strip("`").split(": ")) for browser, cell in cells if "`" in cell]
    return [(browser, file, test) for browser, (file, test) in named]


def test_the_table_of_what_is_tried_is_found() -> None:
    """Else the next test would hold nothing."""
    browsers = [browser for browser, _, _ in tried()]

    assert browsers.count("chromium") > 30
    assert browsers.count("firefox") > 30


@pytest.mark.parametrize(("browser", "file", "test"), tried())
def test_what_is_said_to_be_tried_is_tried_in_that_browser(browser, file, test):
    """By its marks, its fixtures, or the mark of its whole file; BROWSERS are both."""
    source = (ROOT / f"tests/extension/test_{file}.py").read_text("utf-8")
    tree = ast.parse(source).body
    marks = [ast.unparse(one) for one in tree if isinstance(one, ast.Assign)]
    (found,) = [one for one in tree if getattr(one, "name", "") == f"test_{test}"]
    assert isinstance(found, ast.AsyncFunctionDef)
    own = [ast.unparse(one) for one in [*found.decorator_list, found.args]]
    whole = [one for one in marks if one.startswith("pytestmark")]

    assert any(browser in one or "BROWSERS" in one for one in [*own, *whole])
