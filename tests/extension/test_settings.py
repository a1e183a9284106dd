"""Settings of the browser: what is wrong is not stored, and counts as not stored where it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.extension.node import in_node

ROOT = Path(__file__).parents[2]
SCRIPT = """
const stored = JSON.parse(process.argv[1]);
globalThis.chrome = {storage: {local: {
  get: async (names) => Object.fromEntries(names.filter((n) => n in stored)
    .map((n) => [n, stored[n]])),
  set: async (change) => Object.assign(stored, change)}}};
const settings = await import("%s/extension/settings.js");
const wrong = await settings.writeSettings(JSON.parse(process.argv[2])).then(() => null, String);
process.stdout.write(JSON.stringify({read: await settings.readSettings(), stored, wrong,
  table: settings.TABLE, frozen: [settings.TABLE, ...Object.values(settings.TABLE)]
    .every(Object.isFrozen)}));
"""


def run(stored: dict[str, Any], change: dict[str, Any] | None = None) -> dict[str, Any]:
    return in_node(SCRIPT % ROOT.as_uri(), stored, change or {})


def test_nothing_stored_gives_the_defaults_and_each_default_is_allowed() -> None:
    ran = run({})
    kept = run({}, ran["read"])

    assert ran["read"] == {name: rule["standard"] for name, rule in ran["table"].items()}
    assert kept["wrong"] is None
    assert ran["frozen"]


WRONG = [
    ("modifier", "hyper"),
    ("modifier", None),
    ("modifier", ["alt"]),
    ("marks", True),
    ("target", "1"),
    ("target", "501"),
    ("target", "000"),
    ("target", "٠٠١"),
    ("followDelayMs", 99),
    ("followDelayMs", 5001),
    ("followDelayMs", "400"),
    ("followDelayMs", 400.5),
    ("toastSeconds", 0),
    ("theme", "__proto__"),
    ("hideZero", "yes"),
    ("folded", ["x" * 41]),
    ("folded", "orders"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_what_a_setting_cannot_be_is_neither_read_nor_stored(name: str, value: Any) -> None:
    ran = run({name: value})
    refused = run({}, {"hideZero": False, name: value} if name != "hideZero" else {name: value})

    assert ran["read"][name] == ran["table"][name]["standard"]
    assert refused["wrong"].startswith(f"RangeError: {name} cannot be")
    assert refused["stored"] == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [("modifier", "ctrl+alt"), ("target", "003"), ("target", ""), ("followDelayMs", 5000)],
)
def test_what_is_stored_is_read(name: str, value: Any) -> None:
    assert run({}, {name: value})["read"][name] == value


def test_a_setting_that_does_not_exist_is_not_stored() -> None:
    ran = run({}, {"constructor": "x"})

    assert ran["wrong"].startswith("RangeError")
    assert ran["stored"] == {}


@pytest.mark.parametrize("name", sorted(run({})["table"]))
def test_every_setting_of_the_browser_is_in_the_readme(name: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    assert re.search(rf"^\| (`\w+`, )?`{name}`(, `\w+`)? \|", readme, re.MULTILINE)
