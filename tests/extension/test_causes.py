"""What a browser says when the relay cannot be reached, told as the doctor's causes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.extension.node import in_node

ROOT = Path(__file__).parents[2]

NOT_FOUND = "Specified native messaging host not found."
FORBIDDEN = "Access to the specified native messaging host is forbidden."
EXITED = "Native host has exited."
NO_SUCH = "No such native application metascalp_relay"
UNEXPECTED = "An unexpected error occurred"


def asked(*downs: dict[str, Any]) -> Any:
    return in_node(Path(__file__).with_name("causes_run.mjs"), downs)


def causes(code: str | None, text: str = "", family: str = "chromium", os: str = "linux"):
    down = {"code": code, "text": text, "family": family, "os": os}
    return [one["cause"] for one in asked(down)["answers"][0]]


@pytest.mark.parametrize(
    ("family", "code", "text", "likeliest", "also"),
    [
        ("chromium", "host-missing", NOT_FOUND, "not-installed", "manifest-not-json"),
        ("chromium", "host-missing", NOT_FOUND, "not-installed", "host-file-missing"),
        ("chromium", "host-missing", NOT_FOUND, "not-installed", "profile-elsewhere"),
        ("chromium", "host-forbidden", FORBIDDEN, "manifest-wrong-extension", "manifest-shadowed"),
        ("chromium", "host-exited", EXITED, "host-exits", "host-no-interpreter"),
        ("chromium", "host-exited", EXITED, "host-exits", "host-not-executable"),
        ("chromium", "host-broken", "Error when communicating with the native messaging host.",
         "host-exits", "host-garbles"),
        ("chromium", "host-broken", "Error when communicating with the native messaging host.",
         "host-exits", "host-not-executable"),
        ("firefox", "host-missing", NO_SUCH, "not-installed", "manifest-wrong-extension"),
        ("firefox", "host-missing", NO_SUCH, "not-installed", "manifest-relative-path"),
        ("firefox", "host-broken", UNEXPECTED, "host-file-missing", "host-garbles"),
        ("firefox", "host-exited", "", "host-exits", "host-no-interpreter"),
    ],
)  # fmt: skip
def test_what_a_browser_says_leads_to_its_causes(family, code, text, likeliest, also):
    found = causes(code, text, family)

    assert found[0] == likeliest
    assert also in found


@pytest.mark.parametrize("family", ["chromium", "firefox"])
def test_a_relay_that_does_not_answer_hello_is_silent_first(family):
    assert causes("host-broken", "", family)[0] == "host-silent"


def test_a_policy_that_forbids_everything_has_words_of_its_own():
    text = "Access to the native messaging host was disabled by the system administrator."

    assert causes("host-exited", text) == ["policy-blocks"]


def test_only_causes_of_this_system_are_told():
    windows, linux = (causes("host-missing", NOT_FOUND, os=os) for os in ("win", "linux"))

    assert "registry-no-file" in windows
    assert "browser-sandboxed" not in windows
    assert "registry-no-file" not in linux
    assert "browser-sandboxed" in linux


def test_words_of_a_browser_of_tomorrow_still_lead_somewhere():
    assert causes("host-exited", "Host died of a cold.")[0] == "host-exits"
    assert causes("host-missing", "?")[0] == "not-installed"


def test_a_link_that_works_has_no_causes():
    assert causes(None) == []


def test_what_only_the_doctor_can_show_is_asked_of_it():
    """On a page nothing stands above the advice, as in the doctor's own words."""
    down = {"code": "host-exited", "text": EXITED, "family": "chromium", "os": "linux"}

    assert asked(down)["answers"][0][0]["action"] == "doctor_host_exits"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_cause_is_told_with_what_to_do(language):
    path = ROOT / "extension" / "_locales" / language / "messages.json"
    messages = json.loads(path.read_text("utf-8"))

    every = asked()["all"]

    assert len(every) > 20
    for cause in every:
        for key in (cause["text"], cause["action"]):
            assert messages[key]["message"], key
    assert {one["command"] for one in every} == {
        "metascalp-relay install", "metascalp-relay doctor --fix", None,
    }  # fmt: skip
