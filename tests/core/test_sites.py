"""The folder of the user's own sites, as it is now."""

from __future__ import annotations

import json
import os
from pathlib import Path

from relay.core.sites import MAX_FILES, Sites
from relay.exchanges import Exchanges
from relay.frames import MAX_BYTES, encode

GOOD = '{"id": "mine", "hosts": ["charts.example.com"], "paths": [{"path": "/{base}"}]}'


def test_without_a_folder_there_are_none(tmp_path: Path, exchanges: Exchanges) -> None:
    folder = tmp_path / "sites"

    assert Sites(folder, exchanges).now() == {
        "sites": [], "files": [], "problems": [], "folder": str(folder)
    }  # fmt: skip


def test_a_file_is_there_when_it_is_dropped_in_and_gone_when_it_is_not(
    tmp_path: Path, exchanges: Exchanges
) -> None:
    sites = Sites(tmp_path, exchanges)
    file = tmp_path / "mine.json"

    file.write_text(GOOD)
    assert [one["id"] for one in sites.now()["sites"]] == ["mine"]

    file.write_text(GOOD.replace("mine", "other"))
    assert [one["id"] for one in sites.now()["sites"]] == ["other"]

    file.unlink()
    assert sites.now()["sites"] == []


def test_a_wrong_file_is_told_and_hides_no_other(tmp_path: Path, exchanges: Exchanges) -> None:
    (tmp_path / "a.json").write_text("{\n}}")
    (tmp_path / "b.json").write_bytes(b"\xff")
    (tmp_path / "c.json").write_text(GOOD)
    (tmp_path / "d.txt").write_text("not mine")

    told = Sites(tmp_path, exchanges).now()

    assert [one["id"] for one in told["sites"]] == ["mine"]
    assert [one["file"] for one in told["problems"]] == ["a.json", "b.json"]
    assert told["problems"][0]["reason"].startswith("line 2: not JSON")
    assert told["files"] == ["c.json"]
    assert [(one["line"], one["why"]) for one in told["problems"]] == [
        (2, "not-json"), (None, "unreadable")
    ]  # fmt: skip


def test_two_files_with_one_id_are_one_site_and_a_problem(
    tmp_path: Path, exchanges: Exchanges
) -> None:
    (tmp_path / "a.json").write_text(GOOD)
    (tmp_path / "b.json").write_text(GOOD.replace("charts", "other"))

    told = Sites(tmp_path, exchanges).now()

    assert told["files"] == ["a.json"]
    assert [(one["file"], one["why"], one["value"]) for one in told["problems"]] == [
        ("b.json", "same-id", "a.json")
    ]


def test_what_does_not_fit_into_a_message_is_said(tmp_path: Path, exchanges: Exchanges) -> None:
    big = json.loads(GOOD)
    for name in "abcde":
        site = {**big, "id": name, "source": "щ" * 90_000}
        (tmp_path / f"{name}.json").write_text(json.dumps(site, ensure_ascii=False), "utf-8")

    told = Sites(tmp_path, exchanges).now()

    assert told["files"] == ["a.json", "b.json", "c.json"]
    assert [one["why"] for one in told["problems"]] == ["no-room", "no-room"]
    assert len(encode({"params": told})) < MAX_BYTES


def test_files_beyond_the_most_that_are_read_are_said(tmp_path: Path, exchanges: Exchanges) -> None:
    for number in range(MAX_FILES + 3):
        text = GOOD.replace('"mine"', f'"m{number:02}"')
        (tmp_path / f"{number:02}.json").write_text(text)

    told = Sites(tmp_path, exchanges).now()

    assert len(told["files"]) == MAX_FILES
    assert [(one["file"], one["why"]) for one in told["problems"]] == [("50.json", "too-many")]


def test_a_change_is_noticed_once(tmp_path: Path, exchanges: Exchanges) -> None:
    sites = Sites(tmp_path, exchanges)
    assert sites.have_changed()
    assert not sites.have_changed()

    (tmp_path / "a.json").write_text(GOOD)
    assert sites.have_changed()
    assert not sites.have_changed()


def test_a_file_that_has_not_changed_is_not_read_again(
    tmp_path: Path, exchanges: Exchanges
) -> None:
    file = tmp_path / "mine.json"
    file.write_text(GOOD)
    sites = Sites(tmp_path, exchanges)
    first = sites.now()["sites"][0]
    os.utime(tmp_path)

    assert sites.now()["sites"][0] is first
