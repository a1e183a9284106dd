from __future__ import annotations

import json

import pytest

from relay.core import places
from relay.edges import words
from relay.edges.doctor.finding import FAULTS, Report


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_fault_has_a_text_and_one_action_of_its_own(language):
    said = words.of(language)
    texts = [said.fault(code) for code in FAULTS]

    assert len(set(texts)) == len(texts) >= 20
    for code in FAULTS:
        assert 10 < len(said.fix(code)) < 200, code
        if language == "ru":
            assert set("аеиност") & set(said.fault(code)), code


def test_no_text_is_left_over_from_a_fault_that_is_gone():
    """Two are about versions, and told by the extension alone."""
    messages = json.loads(
        (places.shipped("extension") / "_locales/en/messages.json").read_text("utf-8")
    )
    codes = {key[6:].replace("_", "-") for key in messages if key.startswith("fault_")}

    assert codes - set(FAULTS) == {"relay-too-old", "extension-too-old"}
    assert {key[4:].replace("_", "-") for key in messages if key.startswith("fix_")} == codes


def test_the_same_fault_at_the_same_place_is_one_of_several_browsers():
    report = Report()
    for browser in ("Chrome", "Brave", "Chrome"):
        report.found("host-exits", "/the/host", "exit code 1", browser)
    report.found("host-exits", "/another/host", "", "Firefox")

    assert [one.browsers for one in report.findings] == [("Chrome", "Brave"), ("Firefox",)]


def test_only_what_stops_a_click_makes_a_report_unhealthy():
    report = Report()
    report.found("port-foreign")
    report.found("terminal-two")
    assert report.healthy

    report.found("terminal-absent")
    assert not report.healthy
