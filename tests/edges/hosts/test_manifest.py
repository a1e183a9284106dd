from __future__ import annotations

import json
from pathlib import Path

import pytest

from relay.edges.hosts import manifest

STORE = "a" * 32


@pytest.mark.parametrize("family", ["chromium", "firefox"])
def test_a_manifest_names_the_program_and_lets_in_our_extension(family):
    made = json.loads(manifest.text(family, Path("/opt/Иван/metascalp-relay-host")))

    assert made["path"] == "/opt/Иван/metascalp-relay-host"
    assert (made["name"], made["type"]) == ("metascalp_relay", "stdio")
    assert made[manifest.CALLERS[family]] == manifest.own_callers(family)


def test_ids_of_stores_go_to_their_own_family_once():
    ids = [STORE, STORE, "other@place", manifest.own_callers("firefox")[0]]
    chromium, firefox = (
        json.loads(manifest.text(family, Path("/h"), ids)) for family in ("chromium", "firefox")
    )

    assert len(set(chromium["allowed_origins"])) == 2
    assert chromium["allowed_origins"][1] == f"chrome-extension://{STORE}/"
    assert firefox["allowed_extensions"][1:] == ["other@place"]


def test_a_throw_away_browser_gets_one_without_a_record(tmp_path):
    manifest.write(tmp_path / "deep/down.json", "firefox", Path("/h"))

    assert json.loads((tmp_path / "deep/down.json").read_text())["path"] == "/h"
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]


@pytest.mark.parametrize("wrong", ["", "*", "A" * 32, "q" * 32, "a" * 31, "{123}", "a b@c"])
def test_what_is_no_id_is_said(wrong):
    with pytest.raises(manifest.BadId, match="not an extension's id"):
        manifest.family_of(wrong)
