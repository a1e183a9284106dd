from __future__ import annotations

import pytest

from relay.edges import words


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "ru_UA.UTF-8"}, "ru"),
    ],
)
def test_the_language_is_the_systems(monkeypatch, variables, language):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert words.language() == language


def test_a_sentence_takes_its_values_in_their_order():
    assert words.of("en").say("outcome_switched", "SOLUSDT", "Bybit Perp") == "SOLUSDT → Bybit Perp"


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_fault_has_a_text_and_an_action(language):
    said = words.of(language)

    assert said.fault("host-file-missing") != said.fix("host-file-missing")
    with pytest.raises(KeyError):
        said.fault("of-tomorrow")
