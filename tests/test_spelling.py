"""Keys change, values do not: for every example of the document, and for any JSON at all."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay import spelling
from relay.errors import TooLarge
from relay.spelling import KEYS, AsIs, camel, dump, pascal, spell

TABLE = Path(__file__).parent / "data" / "metascalp-examples.tsv"
EXAMPLES = [
    line.partition("\t")[2]
    for line in TABLE.read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
NAMES = st.text(st.characters(codec="utf-8"), max_size=8)
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


def read(text: str | bytes) -> Any:
    return json.loads(text, parse_float=lambda digits: ("float", digits))


def renamed(value: Any, *spellings: Any) -> Any:
    """The slow and plain way to say the same."""
    if isinstance(value, list):
        return [renamed(item, *spellings) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        spelled(key): renamed(item, *spellings)
        for spelled in spellings
        for key, item in value.items()
    }


def told(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def test_there_are_the_examples_of_the_whole_document():
    assert len(EXAMPLES) > 100


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_in_every_spelling_is_the_same_but_for_its_keys(example: str):
    body, value = example.encode(), read(example)

    assert spell(body, "asis") is body
    assert read(spell(body, "camel")) == renamed(value, camel)
    assert read(spell(body, "pascal")) == renamed(value, pascal)
    assert read(spell(body, "both")) == renamed(value, camel, pascal)


@pytest.mark.parametrize("example", EXAMPLES)
def test_from_every_spelling_the_way_leads_to_every_other(example: str):
    forms = {keys: read(spell(example.encode(), keys)) for keys in KEYS[1:]}

    for start in KEYS[1:]:
        there = spell(example.encode(), start)
        assert {keys: read(spell(there, keys)) for keys in KEYS[1:]} == forms


def test_what_is_spelled_both_ways_already_does_not_grow():
    once = spell(b'{"connections":[{"Id":1}]}', "both")

    assert spell(once, "both") == once


@pytest.mark.parametrize(
    ("text", "keys", "spelled"),
    [
        ('{"Id":1,"Price":65000.00}', "camel", '{"id":1,"price":65000.00}'),
        ('{"id":12345678901234567890}', "pascal", '{"Id":12345678901234567890}'),
        ('{"Id":0.000000000001}', "both", '{"Id":0.000000000001,"id":0.000000000001}'),
        ('{"Name":"币安人生_USDT"}', "camel", '{"name":"币安人生_USDT"}'),
        ('[{"A":[]},{"A":{}}]', "camel", '[{"a":[]},{"a":{}}]'),
        ('{"Note":"\\"Name\\": {x}"}', "camel", '{"note":"\\"Name\\": {x}"}'),
        ('{"{0}":1,"A{":2}', "camel", '{"{0}":1,"a{":2}'),
        ('{"001":1,"":2}', "both", '{"001":1,"":2}'),
        ('{"Id":1,"id":2}', "camel", '{"id":2}'),
        ('{"Id":"\\ud800"}', "camel", '{"id":"\\ud800"}'),
        ('"Buy"', "both", '"Buy"'),
        (" [ true , null ] ", "pascal", "[true,null]"),
    ],
)
def test_values_keep_their_text(text: str, keys: str, spelled: str):
    assert spell(text.encode(), keys) == spelled.encode()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"NaN", b'{"a":Infinity}', b"\xff", b"[" * 100_000, b"[" * 600 + b"]" * 600],
)
def test_what_is_not_json_is_a_value_error(body: bytes):
    with pytest.raises(ValueError, match=r".+"):
        spell(body, "camel")


@pytest.mark.parametrize("keys", KEYS)
def test_a_value_of_ours_is_spelled_like_its_text(keys: str):
    value = {"Id": [1.5, None, True, {"a b": "\u9f99\ud800"}], "id": 2, "rows": ({}, []), "é{}": {}}
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    assert dump(value, keys) == spell(text.encode("utf-8", "backslashreplace"), keys)


@pytest.mark.parametrize(("keys", "name"), [("camel", "rows"), ("pascal", "Rows")])
def test_names_that_are_data_stay_with_all_that_is_inside(keys: str, name: str):
    inside = AsIs({"Bot": {"Id": 1}, "bot": {"id": 2}})

    assert json.loads(dump({"rows": [inside]}, keys)) == {name: [inside]}


def test_a_value_that_would_grow_beyond_measure_is_too_large():
    value: Any = 1
    for _ in range(40):
        value = {"a": value}
    with pytest.raises(TooLarge):
        dump(value, "both")


def test_what_would_grow_beyond_measure_is_too_large():
    body = b'{"a":' * 40 + b"1" + b"}" * 40

    assert len(spell(body, "camel")) == len(body)
    with pytest.raises(TooLarge, match=str(spelling.MAX_CHARS)):
        spell(body, "both")


@given(ANY)
def test_any_json_comes_out_with_its_values(value: Any):
    body = told(value)

    for keys, spellings in (("camel", [camel]), ("pascal", [pascal])):
        assert read(spell(body, keys)) == renamed(read(body), *spellings)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_every_digit(number: Decimal):
    digits = f"{number:f}"

    assert spell(b'{"Id":%s}' % digits.encode(), "camel") == b'{"id":%s}' % digits.encode()
