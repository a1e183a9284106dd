from __future__ import annotations

import json

import pytest

from relay.edges import words
from relay.edges.doctor import telling
from relay.edges.doctor.finding import FAULTS, Report, Works


@pytest.fixture
def report():
    made = Report(took_ms=321)
    made.found("port-foreign", "127.0.0.1:17845", "node, 7")
    made.found("host-exits", "/the/host", "exit code 1: ImportError", "Chrome", "Brave")
    made.works.append(Works("Firefox", "host", ("0.1.0", "87", "/the/host")))
    return made


def test_the_worst_comes_first_and_each_fault_has_one_action(report):
    text = telling.text(report, words.of("en"))

    assert text.index("ok  Firefox: relay 0.1.0 answered in 87 ms") == 0
    assert text.index("[host-exits]") < text.index("[port-foreign]")
    assert "Chrome, Brave: " in text
    assert "exit code 1: ImportError" in text
    assert text.count("    -> ") == 2
    assert text.endswith("A click would not arrive yet. (321 ms)")


def test_a_russian_reads_russian(report):
    text = telling.text(report, words.of("ru"))

    assert "Relay запускается и сразу завершается" in text
    assert "relay 0.1.0 ответил за 87 мс" in text
    assert text.endswith("Клик пока не дойдёт. (321 ms)")


def test_a_machine_reads_codes(report):
    told = json.loads(json.dumps(telling.as_json(report, words.of("ru"))))

    assert told["healthy"] is False
    assert [one["fault"] for one in told["findings"]] == ["host-exits", "port-foreign"]
    first = told["findings"][0]
    assert (first["level"], first["browsers"], first["fixable"]) == (
        "broken", ["Chrome", "Brave"], FAULTS["host-exits"].mends is not None
    )  # fmt: skip


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_what_pages_can_do_is_told_in_words(language):
    report = Report()
    report.found("terminal-open-to-pages", "127.0.0.1:17845", "reads forms socket host")

    text = telling.text(report, words.of(language))

    assert "reads forms" not in text
    assert text.count(";") >= 3
    assert words.of(language).say("doctor_healthy") in text


@pytest.mark.parametrize(("language", "what"), [("en", "restart"), ("ru", "перезапустите браузер")])
@pytest.mark.parametrize("fault", ["variable-bad", "terminal-two", "terminal-elsewhere"])
def test_what_only_a_new_relay_takes_over_is_cured_by_a_restart(language, what, fault):
    """A running one keeps its terminal, whatever is written meanwhile."""
    assert what in words.of(language).fix(fault)


def test_what_was_mended_is_told(report):
    report.mended = [report.findings.pop()]

    assert "Mended." in telling.text(report, words.of("en"))
