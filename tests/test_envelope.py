"""Spelling and framing of what readers are sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from relay import spelling
from relay.envelope import CLOSE, PONG, Spelling, close_frame, frame, message, spelled
from relay.spelling import KEYS, camel, pascal
from relay.subscriptions import hear

TABLE = Path(__file__).parent / "data" / "metascalp-examples.tsv"
TOLD = [
    line.partition("\t")[2].encode()
    for line in TABLE.read_text("utf-8").splitlines()
    if line.startswith("V") and '"Data"' in line  # One shows the inside alone.
]
UPDATE = b'{"Type":"trade_update","Data":{"connectionId":1,"ticker":"A","trades":[{"price":1.10}]}}'
ERROR = b'{"Type":"error","Data":{"error":"no"}}'


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65535, b"\x81\x7e\xff\xff"),
        (65536, b"\x81\x7f" + (65536).to_bytes(8, "big")),
    ],
)
def test_a_frame_says_its_length_in_as_few_bytes_as_it_may(size: int, head: bytes) -> None:
    assert frame(b"x" * size) == head + b"x" * size


def test_a_pong_is_a_control_frame() -> None:
    assert frame(b"hi", PONG) == b"\x8a\x02hi"


def test_a_close_frame_says_why_in_what_fits() -> None:
    whole = close_frame(1013, "slow")
    cut = close_frame(1013, "é" * 100)

    assert whole == bytes((0x80 | CLOSE, 6)) + (1013).to_bytes(2, "big") + b"slow"
    assert len(cut) <= 127
    assert cut[4:].decode() == "é" * 61


def test_in_its_own_spelling_a_message_is_not_touched() -> None:
    assert spelled(UPDATE, Spelling()) is UPDATE


@pytest.mark.parametrize("raw", [UPDATE, ERROR])
def test_the_envelope_alone_is_exchanged_and_back(raw: bytes) -> None:
    small = spelled(raw, Spelling(upper=False))

    assert small == raw.replace(b"Type", b"type").replace(b"Data", b"data")
    assert spelled(small, Spelling()) == raw


def renamed(value: Any, name: Any) -> Any:
    if isinstance(value, list):
        return [renamed(one, name) for one in value]
    if isinstance(value, dict):
        return {name(key): renamed(one, name) for key, one in value.items()}
    return value


@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize("keys", KEYS)
def test_every_example_of_the_stream_says_the_same_in_every_spelling(
    keys: str, upper: bool
) -> None:
    names = {"camel": camel, "pascal": pascal}
    assert len(TOLD) == 65
    for raw in TOLD:
        said = spelled(raw, Spelling(keys, upper=upper))
        envelope, original = json.loads(said, parse_float=str), json.loads(raw, parse_float=str)
        expected = renamed(original["Data"], names.get(keys, str))
        if keys == "both" and original["Type"] == "error":
            expected |= {"Error": expected["error"]}

        assert list(envelope) == (["Type", "Data"] if upper else ["type", "data"])
        assert list(envelope.values()) == [original["Type"], expected]
        assert hear(said) == hear(raw) is not None
        for again in (True, False):
            assert spelled(said, Spelling(upper=again)).lower() == said.lower()


def test_the_envelopes_of_a_message_inside_are_left() -> None:
    raw = b'{"Type":"notification_update","Data":{"notifications":[{"Type":"Trade","Data":1}]}}'

    small = spelled(raw, Spelling(upper=False))

    assert (
        small
        == b'{"type":"notification_update","data":{"notifications":[{"Type":"Trade","Data":1}]}}'
    )


@pytest.mark.parametrize("raw", [b'{"Data":{},"Type":"x"}', b"not json", b"[]", b""])
def test_what_is_in_no_known_form_is_left(raw: bytes) -> None:
    assert spelled(raw, Spelling(upper=False)) == raw


@pytest.mark.parametrize("keys", ["camel", "both"])
def test_keys_inside_are_spelled_as_the_door_was_told(keys: str) -> None:
    small = spelled(UPDATE, Spelling("pascal", upper=False))

    assert small.startswith(b'{"type":"trade_update","data":{"ConnectionId":1,"Ticker":"A",')
    assert b'"Trades":[{"Price":1.10}]' in small
    assert spelled(UPDATE, Spelling(keys, upper=True)) == (
        UPDATE if keys == "both" else UPDATE.replace(b"Type", b"type").replace(b"Data", b"data")
    ).replace(b'{"type":"trade', b'{"Type":"trade').replace(b'"data":{"c', b'"Data":{"c')


def test_both_doubles_what_one_client_reads_to_the_letter() -> None:
    assert json.loads(spelled(ERROR, Spelling("both"))) == {
        "Type": "error", "Data": {"error": "no", "Error": "no"},
    }  # fmt: skip


def test_a_message_of_ours_looks_like_the_terminals() -> None:
    assert (
        message("error", {"error": "ключ"}) == '{"Type":"error","Data":{"error":"ключ"}}'.encode()
    )


@pytest.mark.parametrize("keys", ["camel", "pascal", "both"])
@pytest.mark.parametrize(
    "raw", [b"", b"x", b'{"Type":"error","Data":{', b'{"Type":"error","Data":5}']
)
def test_what_cannot_be_respelled_is_left(raw: bytes, keys: str) -> None:
    assert spelled(raw, Spelling(keys)).lower() == raw.lower()


def test_what_would_grow_beyond_measure_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spelling, "MAX_CHARS", 20)
    raw = b'{"Type":"screener_update","Data":{"Rows":[1,2,3]}}'

    assert spelled(raw, Spelling("pascal")) is raw
