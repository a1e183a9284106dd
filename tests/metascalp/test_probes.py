import json

import pytest

from relay.metascalp.probes import FRAMES, NOTHING, PROBES
from relay.metascalp.questions import QUESTIONS

#: Without side effects whatever the build: they only begin to read, and end with their socket.
HARMLESS = {
    "trade_subscribe", "orderbook_subscribe", "liquidations_subscribe", "screener_unsubscribe",
    "ui_unsubscribe",
}  # fmt: skip


def test_nothing_is_deleted_and_nothing_can_be_carried_out():
    assert {probe.method for probe in PROBES} <= {"GET", "POST", "PUT", "PATCH", "OPTIONS"}
    assert all(probe.status >= 400 for probe in PROBES if probe.method in ("POST", "PUT"))


def test_no_order_could_be_placed_by_any_build():
    """Each lacks its size or has none, and is for a ticker that no exchange has."""
    bodies = [one.body for one in PROBES if one.path.endswith("/orders") and one.method == "POST"]
    read = [json.loads(body) for body in bodies if body not in (None, "{")]

    assert len(read) > 3
    for body in read:
        assert body.get("ticker", NOTHING) == NOTHING
        assert not float(body.get("size", 0))


def test_no_panel_could_be_switched_or_opened_by_any_build():
    paths = ("/api/change-ticker", "/api/combo")
    for probe in PROBES:
        if probe.path in paths and probe.body not in ("{", None):
            body = json.loads(probe.body)
            nowhere = [body.get("tickerPattern", NOTHING), body.get("ticker", NOTHING)]
            assert all(NOTHING in text or text in ("::", "X") for text in nowhere)
            assert body.get("exchange", 1) == 1, "an exchange that closed in 2022"
            assert set(body.get("tickers", [])) <= {NOTHING}


@pytest.mark.parametrize("probe", PROBES, ids=lambda one: f"{one.method} {one.path}")
def test_a_probe_expects_a_text_or_a_shape(probe):
    assert (probe.error is None) != (probe.like is None) or probe.method == "OPTIONS"
    assert probe.like is None or json.loads(probe.like)
    assert probe.since in ("1", "2", "3")


def test_frames_change_nothing():
    said = [text for one in FRAMES for text in one.say if text != "{"]
    kinds = {
        json.loads(text.replace("{id}", "1").replace("{quoted}", '"X"')).get("Type")
        for text in said
    }
    wrong = {
        kind
        for kind in kinds - HARMLESS
        for one in FRAMES
        if f'"{kind}"' in one.say[0] and one.answer.split()[0] not in ERRORS
    }

    assert wrong == set()


ERRORS = ("Invalid", "Unknown", "Connection", "Ticker", "DepthLevels")


def test_every_open_question_is_settled_by_a_probe_or_says_why_not():
    asked = {one.settles for one in (*PROBES, *FRAMES)} - {None}
    seen = {2, 13, 19, 20, 22, 23, 40, 45}

    assert list(QUESTIONS) == list(range(1, 46))
    assert {number for number, (_, why) in QUESTIONS.items() if not why} == asked | seen
    assert all(question for question, _ in QUESTIONS.values())
