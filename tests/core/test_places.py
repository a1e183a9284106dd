"""Where things lie."""

from __future__ import annotations

from pathlib import Path

import pytest

import relay
from relay.core import places


def test_one_variable_moves_settings_and_state(home: Path) -> None:
    assert places.config_file() == home / "config.toml"
    assert places.state_folder() == home


def test_without_it_they_are_where_the_platform_keeps_such_things(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(places.HOME_VARIABLE, raising=False)

    assert places.config_file().name == "config.toml"
    assert "metascalp-relay" in str(places.config_file().parent)
    assert "metascalp-relay" in str(places.state_folder())


@pytest.mark.parametrize("name", ["extension", "manifest"])
def test_what_ships_is_found_from_a_checkout(name: str) -> None:
    assert any(places.shipped(name).iterdir())


def test_what_ships_is_found_inside_an_installed_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "relay" / "shipped" / "extension"
    inside.mkdir(parents=True)
    monkeypatch.setattr(relay, "__file__", str(tmp_path / "relay" / "__init__.py"))

    assert places.shipped("extension") == inside
    assert places.shipped("manifest") == tmp_path / "manifest"


def test_the_exchange_table_is_the_one_both_languages_read() -> None:
    assert places.load_exchanges().canonical("Gate") == "GATEIO"
