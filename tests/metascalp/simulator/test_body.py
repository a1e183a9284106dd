import contextlib
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.metascalp.simulator.body import ApiError, Fields, path_id, read_body
from relay.metascalp.simulator.enums import OrderType
from relay.metascalp.simulator.profile import PROFILES

PROFILE = PROFILES["v1.0.2860"]
NAMES = frozenset({"ticker", "size"})


def test_names_match_in_any_letter_case():
    fields = read_body(b'{"Ticker":"X","SIZE":1}', NAMES, PROFILE)

    assert (fields.text("ticker"), fields.decimal("size")) == ("X", 1)


@pytest.mark.parametrize("raw", [b"", b" \n", b"null", b"{}", b'{"ticker":null}'])
def test_nothing_sent_is_nothing(raw):
    assert read_body(raw, NAMES, PROFILE).text("ticker") is None


@pytest.mark.parametrize("raw", [b"{", b"[]", b"5", b'"x"', b"\xff\xfe", b"{'a':1}", b"NaN"])
def test_what_is_no_json_object_is_malformed(raw):
    with pytest.raises(ApiError) as error:
        read_body(raw, NAMES, PROFILE)

    assert error.value.text == "Malformed request body: not valid JSON."


def test_an_unknown_field_is_named_as_sent():
    with pytest.raises(ApiError) as error:
        read_body(b'{"ticker":"X","clientID":1}', NAMES, PROFILE)

    assert error.value.text == "Unknown field 'clientID' in request body."


def test_an_older_build_drops_unknown_fields():
    assert read_body(b'{"x":1}', NAMES, PROFILES["v1.0.671"]).text("ticker") is None


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1), ("1.50", Decimal("1.50")), (Decimal("0.1"), Decimal("0.1")), (" 7 ", 7), (None, None)],
)
def test_numbers_may_be_text(value, number):
    assert Fields({"size": value}).decimal("size") == number


@pytest.mark.parametrize("value", ["x", "", "1e999", "Infinity", True, [], {}, "0x1", "9" * 60])
def test_what_is_no_number(value):
    with pytest.raises(ApiError):
        Fields({"size": value}).decimal("size")


@pytest.mark.parametrize("value", [Decimal("1.5"), 2**63, -(2**63) - 1, "1.5"])
def test_what_is_no_whole_number(value):
    with pytest.raises(ApiError):
        Fields({"id": value}).integer("id")


def test_strict_numbers_are_a_switch():
    strict = replace(PROFILE, lenient_numbers=False)
    fields = read_body(b'{"size":"1"}', NAMES, strict)

    with pytest.raises(ApiError):
        fields.decimal("size")


def test_names_of_an_enumeration_stand_for_their_numbers():
    assert Fields({"type": "stoploss"}).choice("type", OrderType) == 2
    assert Fields({"type": "3"}).choice("type", OrderType) == 3
    assert Fields({}).choice("type", OrderType) is None
    with pytest.raises(ApiError):
        Fields({"type": "nothing"}).choice("type", OrderType)


def test_flags():
    assert Fields({"on": "True"}).flag("on", default=False)
    assert not Fields({"on": False}).flag("on", default=True)
    assert Fields({}).flag("on", default=True)
    with pytest.raises(ApiError):
        Fields({"on": 1}).flag("on", default=True)


def test_text_is_text():
    with pytest.raises(ApiError):
        Fields({"ticker": 5}).text("ticker")


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("-4", -4), ("007", 7), ("", None), ("x", None), ("1.5", None), ("١", None),
     ("9" * 30, None)],
)  # fmt: skip
def test_ids_in_a_path(text, number):
    assert path_id(text) == number


@given(st.binary())
def test_any_bytes_are_read_or_refused(raw):
    with contextlib.suppress(ApiError):
        read_body(raw, NAMES, PROFILE)
