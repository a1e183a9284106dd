from __future__ import annotations

import pytest

from relay.edges.browsers import installed


@pytest.fixture
def program(tmp_path):
    def make(name: str) -> str:
        path = tmp_path / name
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return str(path)

    return make


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("chromium", "Chromium"),
        ("google-chrome-stable", "Chrome"),
        ("msedge", "Edge"),
        ("microsoft-edge", "Edge"),
        ("brave-browser", "Brave"),
        ("firefox-esr", "Firefox"),
        ("my-own-build", "Chromium"),
    ],
)
def test_a_named_browser_is_of_the_family_its_name_says(program, name, family):
    chosen = installed.choose(program(name))

    assert chosen is not None
    assert chosen.name == family
    assert chosen.is_firefox == (family == "Firefox")


def test_a_path_to_nothing_is_no_browser(tmp_path):
    assert installed.choose(str(tmp_path / "nothing")) is None


def test_chromium_comes_before_branded_ones_and_firefox_last(program, tmp_path, monkeypatch):
    for name in ("firefox", "google-chrome", "chromium"):
        program(name)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert [one.name for one in installed.browsers()] == ["Chromium", "Chrome", "Firefox"]


def test_a_machine_without_a_browser_has_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert installed.choose(None) is None


def test_windows_browsers_are_looked_for_where_they_are_installed(tmp_path, monkeypatch):
    edge = tmp_path / r"Microsoft\Edge\Application\msedge.exe"
    edge.write_text("")
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))

    assert [one.name for one in installed._on_windows()] == ["Edge"]
