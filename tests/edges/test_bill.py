"""The bill of materials of a release."""

from __future__ import annotations

import json
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from relay.edges import bill

ROOT = Path(__file__).parent.parent.parent
FILES = {"b.zip": "b" * 64, "a.zip": "a" * 64}


def declared() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return list(project["dependencies"])


def test_the_same_release_makes_the_same_bytes() -> None:
    again = dict(reversed(FILES.items()))

    assert bill.document(FILES) == bill.document(again)
    assert bill.document(FILES) != bill.document({**FILES, "a.zip": "c" * 64})


def test_it_names_what_is_shipped_and_what_that_stands_on() -> None:
    made = json.loads(bill.document(FILES))
    libraries = {one["name"] for one in made["components"] if one["type"] == "library"}
    shipped = {
        one["name"]: one["hashes"][0]["content"]
        for one in made["components"]
        if one["type"] == "file"
    }

    assert shipped == FILES
    assert libraries == {re.split(r"[<>=!~]", one)[0].lower() for one in declared()}
    assert made["dependencies"][0]["dependsOn"] == [one["bom-ref"] for one in made["components"]]


def test_it_has_the_fields_that_its_format_wants() -> None:
    """CycloneDX 1.6: required on the bill and on a component; references are unique."""
    made = json.loads(bill.document(FILES))
    references = [one["bom-ref"] for one in made["components"]]

    assert (made["bomFormat"], made["specVersion"], made["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", made["serialNumber"])
    assert all(one["type"] and one["name"] for one in made["components"])
    assert len(references) == len(set(references))
    assert {"timestamp", "tools"} & made["metadata"].keys() == set()


@pytest.mark.parametrize("dependency", declared())
def test_every_library_is_taken_from_a_version_on_and_up_to_the_next_that_may_break_us(
    dependency: str,
) -> None:
    assert re.fullmatch(r"[a-z]+>=[\d.]+,<\d+", dependency)


def test_there_are_few() -> None:
    assert len(declared()) <= 6


def test_what_is_no_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", missing)

    with pytest.raises(bill.NoMetadata, match="not installed"):
        bill.document(FILES)


def test_tests_and_demo_are_not_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["aiohttp<4,>=3.14", "pytest>=8; extra == 'test'", 'trustme>=1.2 ; extra == "demo"']
    monkeypatch.setattr(metadata, "requires", lambda name: lines)

    assert bill.requirements() == {"aiohttp": ">=3.14,<4"}
