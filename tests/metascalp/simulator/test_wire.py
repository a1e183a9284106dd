from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.metascalp.simulator.wire import Malformed, decode, encode


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1, "b": [True, False, None]}, '{"a":1,"b":[true,false,null]}'),
        (Decimal("1"), "1.0"),
        (Decimal("250.0000"), "250.0000"),
        (Decimal("0.10"), "0.10"),
        (Decimal("1E-12"), "0.000000000001"),
        (Decimal("25E6"), "25000000.0"),
        (739113577038255616, "739113577038255616"),
        ("币安人生_USDT", '"币安人生_USDT"'),
        ('a"\n\\', '"a\\"\\n\\\\"'),
        ({}, "{}"),
        ([], "[]"),
        ("\ud800", '"\ufffd"'),
    ],
)
def test_json_is_written_as_the_terminal_writes_it(value, text):
    assert encode(value) == text


def test_numbers_with_a_point_are_read_without_loss():
    assert decode("[0.10,5]") == [Decimal("0.10"), 5]
    assert str(decode("0.10")) == "0.10"


@pytest.mark.parametrize("text", ["", "{", "[1,]", "NaN", "Infinity", "1e400", b"\xff", "9" * 40])
def test_what_the_terminal_cannot_read_is_malformed(text):
    with pytest.raises(Malformed):
        decode(text)


def test_a_tiny_number_is_rounded_like_a_decimal_of_28_places():
    assert decode("1e-4000") == 0
    assert encode(decode("1e2")) == "100.0"


@pytest.mark.timeout(20)
@given(st.text())
def test_any_text_is_read_or_malformed(text):
    try:
        value = decode(text)
    except Malformed:
        return
    assert isinstance(encode(value), str)


def test_deep_nesting_is_malformed_not_a_crash():
    with pytest.raises(Malformed):
        decode("[" * 100_000)


@pytest.mark.parametrize("deep", [1, 63, 64])
def test_what_is_nested_64_times_is_read(deep):
    assert encode(decode("[" * deep + "]" * deep)) == "[" * deep + "]" * deep
    assert decode('{"a":' * deep + "5" + "}" * deep)


@pytest.mark.parametrize("deep", [65, 600, 100_000])
def test_what_is_nested_deeper_is_malformed(deep):
    """Between what the parser can read and what can be written there was a gap."""
    for text in ("[" * deep + "]" * deep, '{"a":' * deep + "5" + "}" * deep):
        with pytest.raises(Malformed):
            decode(text)
