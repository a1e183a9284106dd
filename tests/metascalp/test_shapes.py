from decimal import Decimal

import pytest

from relay.metascalp.shapes import differences, kind, large, parse, small, spelled


@pytest.mark.parametrize(
    ("known", "found", "wrong"),
    [
        ('{"a":1}', '{"a":2}', []),
        ('{"a":1}', '{"a":2.0}', [".a: decimal instead of integer"]),
        ('{"a":1}', '{"A":1}', [".a: missing", ".A: not in the document"]),
        ('{"a":1,"b":2}', '{"b":1,"a":2}', [".: keys in another order: b, a"]),
        ('{"note":"x"}', '{"note":null}', []),
        ('{"Note":null}', '{"Note":"x"}', []),
        ('{"a":"x"}', '{"a":null}', [".a: null instead of string"]),
        ('{"a":[{"b":1},{"c":1}]}', '{"a":[{"c":5},{"b":5},{"c":5}]}', []),
        ('{"a":[{"b":1}]}', '{"a":[{"b":1},{"b":"x"},{"b":"y"}]}',
         [".a[].b: string instead of integer"]),
        ('{"a":[]}', '{"a":[1,2]}', []),
        ('{"a":true}', '{"a":1}', [".a: integer instead of true or false"]),
    ],
)  # fmt: skip
def test_differences(known, found, wrong):
    assert differences(parse(known), parse(found)) == wrong


def test_spelling():
    row = {"OrderId": [{"Side": 1}]}

    assert spelled(row, small) == {"orderId": [{"side": 1}]}
    assert spelled(spelled(row, small), large) == row
    assert kind(Decimal(1)) == "decimal"


@pytest.mark.parametrize("text", ["{", "[" * 100000])
def test_what_is_no_json(text):
    with pytest.raises(ValueError):  # noqa: PT011
        parse(text)
