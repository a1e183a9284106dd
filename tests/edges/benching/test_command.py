"""`bench` from end to end, on small numbers: a table, a file for machines, a picture."""

from __future__ import annotations

import json
import os

import pytest

from edges.benching.conftest import TINY_REST, TINY_SOCKETS, once
from relay.edges.benching import command
from relay.edges.benching.contenders import DIRECT, RELAY
from relay.errors import RelayError

TINY = command.Size(1, 1, 0.2, TINY_REST, TINY_SOCKETS)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Ours, nothing between, no browser, and each way once."""

    async def rows(quick, browser):
        raise RelayError("no Chromium-family browser")

    monkeypatch.setattr(command, "FEW", (DIRECT, RELAY))
    monkeypatch.setattr(command.clicks, "rows", rows)
    monkeypatch.setattr(command.rounds, "run", once)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")


def test_one_command_makes_table_file_and_picture(tmp_path, capsys):
    wish = command.Wish(
        quick=True, as_json=str(tmp_path / "all.json"), svg=str(tmp_path / "all.svg")
    )
    code = command.bench(wish, TINY)

    said = capsys.readouterr().out
    data = json.loads((tmp_path / "all.json").read_text())
    names = [row["name"] for row in data["rows"]]
    assert code == 0
    assert [row["failed"] for row in data["rows"]] == [{}] * len(names)
    assert len(names) == 17
    assert all(name in said for name in names)
    assert data["command"] == "metascalp-relay bench --quick"
    assert "Chromium-family" in data["skipped"]["clicks in Chromium"]
    assert "skipped: clicks in Chromium" in said
    assert (tmp_path / "all.svg").read_text().count("<rect") > 3


def test_only_what_is_wanted_is_measured(capsys):
    command.bench(command.Wish(quick=True, only="fan-out 64"), TINY)

    said = capsys.readouterr().out
    assert "fan-out 64, backlog" in said
    assert "POST" not in said


def test_what_is_started_finds_itself_compiled_as_it_is_for_users():
    command.bench(command.Wish(quick=True, only="nothing is called so"), TINY)

    assert "PYTHONDONTWRITEBYTECODE" not in os.environ
