"""The folder of the user's own sites, as it is now."""

from __future__ import annotations

import os
from pathlib import Path

from relay.core.sites import Sites
from relay.exchanges import Exchanges

GOOD = '{"id": "mine", "hosts": ["charts.example.com"], "paths": [{"path": "/{base}"}]}'


def test_without_a_folder_there_are_none(tmp_path: Path, exchanges: Exchanges) -> None:
    assert Sites(tmp_path / "sites", exchanges).now() == {"sites": [], "problems": []}


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


def test_a_file_that_has_not_changed_is_not_read_again(
    tmp_path: Path, exchanges: Exchanges
) -> None:
    file = tmp_path / "mine.json"
    file.write_text(GOOD)
    sites = Sites(tmp_path, exchanges)
    first = sites.now()["sites"][0]
    os.utime(tmp_path)

    assert sites.now()["sites"][0] is first
