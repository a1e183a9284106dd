"""What leaves has the documented names and nothing else; what cannot be meant never leaves."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.bodies import INERT, NOT_JSON, SYNONYMS, Body, Field, rebuild
from relay.errors import BadParams
from relay.metascalp import routes

SIDES = {"buy": 1, "sell": 2}
ORDER = Body(
    (
        Field("ticker"),
        Field("side", "word", SIDES),
        Field("size", "number"),
        Field("price", "number"),
        Field("orderId", "int"),
        Field("reduceOnly", "bool"),
        Field("binding", "binding"),
        Field("tickers", "texts"),
        Field("exchange", "word"),
        Field("settings", "any"),
    ),
    required=("ticker",),
)
NAMES = [field.name.lower() for field in ORDER.fields]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
#: What an order may hold: whatever the case of its names, whatever form its numbers have.
CASED = st.sampled_from([str.lower, str.upper, str.capitalize, lambda name: name])
DIGITS = st.decimals(0, 10**9, allow_nan=False, places=4).map(lambda one: f"{one:f}")


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        ('{"TICKER":"BTCUSDT","Side":"buy"}', '{"ticker":"BTCUSDT","side":1}'),
        ('{"side":"SELL"}', '{"side":2}'),
        ('{"side":2}', '{"side":2}'),
        ('{"side":"2"}', '{"side":2}'),
        ('{"size":"0.0100","price":65000.00}', '{"size":0.0100,"price":65000.00}'),
        ('{"size":"+.5","price":"5."}', '{"size":0.5,"price":5}'),
        ('{"size":"007","price":" 1e-3 "}', '{"size":7,"price":1e-3}'),
        ('{"size":"0","price":"-0.0"}', '{"size":0,"price":-0.0}'),
        ('{"orderId":"12345678901234567890"}', '{"orderId":12345678901234567890}'),
        ('{"orderId":98765.0}', '{"orderId":98765}'),
        ('{"reduceOnly":"True"}', '{"reduceOnly":true}'),
        ('{"reduceOnly":"0"}', '{"reduceOnly":false}'),
        ('{"binding":7}', '{"binding":"007"}'),
        ('{"binding":"001"}', '{"binding":"001"}'),
        ('{"tickers":["a","龙"]}', '{"tickers":["a","龙"]}'),
        ('{"exchange":"Gate"}', '{"exchange":"Gate"}'),
        ('{"exchange":"3"}', '{"exchange":3}'),
        ('{"settings":{"A":[1.0,{"b":null}],"aA":true}}',) * 2,
        ('{"settings":{"a":{"b":1,"B":1},"A":{"b":1,"B":1}}}', '{"settings":{"a":{"b":1}}}'),
        ('{"price":null}', '{"price":null}'),
        ('{"ticker":"a","Ticker":"a"}', '{"ticker":"a"}'),
        ('{"ticker":"\\ud800"}', '{"ticker":"\\ud800"}'),
        ("{}", "{}"),
        ("  ", ""),
        ("null", "null"),
    ],
)
def test_names_become_the_documented_ones_and_numbers_numbers(sent: str, left: str):
    assert rebuild(sent.encode(), ORDER).body == left.encode()


@pytest.mark.parametrize(
    "sent",
    [
        '{"StopLossPrice":1}', '{"":1}', '{"ticker ":"x"}', '{"side":"hold"}', '{"size":"1,5"}',
        '{"size":true}', '{"size":"NaN"}', '{"size":"1_000"}', '{"size":"٣"}', '{"size":"."}',
        '{"size":"e05"}', '{"size":".e0"}',
        '{"size":"1e9999"}', '{"size":{}}', '{"size":[1]}', '{"orderId":1.5}', '{"orderId":"x"}',
        '{"orderId":"1e3"}', '{"ticker":1}', '{"ticker":{}}', '{"reduceOnly":"yes"}',
        '{"reduceOnly":[]}', '{"tickers":"a"}', '{"tickers":[1]}', '{"tickers":{}}',
        '{"binding":1.5}', '{"exchange":[]}', '{"size":1,"SIZE":2}', '{"size":1,"size":"2"}', "[]",
        '[{"ticker":"a"}]', '"text"', "1", "not json", '{"size":NaN}', '{"size":1', "\x00",
        '{"settings":{"numberOfRows":50,"NumberOfRows":10}}', '{"settings":[{"a":1,"a":2}]}',
        "[" * 100_000, '{"settings":' + "[" * 450 + "]" * 450 + "}",
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(sent: str):
    with pytest.raises(BadParams):
        rebuild(sent.encode(), ORDER)


def test_bytes_that_are_no_text_are_not_json_in_the_terminals_words():
    with pytest.raises(BadParams) as caught:
        rebuild(b'{"ticker":"\xff"}', ORDER)

    assert caught.value.text == NOT_JSON


def test_a_refusal_names_the_field_the_allowed_and_the_nearest():
    with pytest.raises(BadParams) as caught:
        rebuild(b'{"Tikcer":"BTCUSDT"}', ORDER)

    assert caught.value.params["field"] == "Tikcer"
    assert caught.value.params["nearest"] == "ticker"
    assert "reduceOnly, settings, side, size, ticker" in str(caught.value.params["allowed"])
    assert "Did you mean 'ticker'?" in caught.value.text


def test_what_other_apis_call_a_thing_finds_its_name():
    for foreign, ours in SYNONYMS.items():
        with pytest.raises(BadParams) as caught:
            rebuild(json.dumps({foreign: 1}).encode(), Body((Field(ours),), inert=frozenset()))
        assert caught.value.params["nearest"] == ours


@pytest.mark.parametrize(
    ("foreign", "said"),
    [
        ("order_type", "Did you mean 'type'?"),
        ("Limit-Price", "Did you mean 'price'?"),
        ("stopLossPrice", "an order of its own, with 'type' 2 or 3"),
        ("take_profit", "an order of its own, with 'type' 2 or 3"),
    ],
)
def test_a_refusal_says_what_to_do_instead(foreign: str, said: str):
    shape = Body(tuple(Field(name) for name in ("ticker", "side", "price", "type")))
    with pytest.raises(BadParams) as caught:
        rebuild(json.dumps({foreign: 1}).encode(), shape)

    assert said in caught.value.text


def test_inert_fields_are_dropped_and_named_as_they_were_spelled():
    left = rebuild(b'{"clientId":"x","ticker":"a","COMMENT":[{}],"clientId":1}', ORDER)

    assert left.body == b'{"ticker":"a"}'
    assert left.dropped == ("clientId", "COMMENT")


def test_a_field_that_a_route_documents_is_not_inert_there():
    assert rebuild(b'{"Reason":"x"}', Body((Field("reason"),))).body == b'{"reason":"x"}'


def test_where_a_field_may_be_meant_to_do_less_nothing_is_left_out():
    """Dropped, "all orders of this client" would cancel those of everybody."""
    cancel_all = routes.find("POST", "/api/connections/1/orders/cancel-all")
    level = routes.find("POST", "/api/connections/1/signal-levels")
    assert cancel_all is not None
    assert level is not None
    for body, field in ((cancel_all.body, "clientId"), (level.body, "comment")):
        with pytest.raises(BadParams) as refused:
            rebuild(json.dumps({"ticker": "BTCUSDT", field: "grid-1"}).encode(), body)
        assert refused.value.params["field"] == field
    assert refused.value.params["nearest"] == "note"


def test_a_list_of_objects_is_rebuilt_object_by_object():
    shape = Body((Field("y", "number"),), many=True)

    assert rebuild(b'[{"Y":"1.0"},{"y":2}]', shape).body == b'[{"y":1.0},{"y":2}]'
    assert rebuild(b"null", shape).body == b"null"
    for wrong in (b'{"y":1}', b"[1]", b'[{"z":1}]'):
        with pytest.raises(BadParams):
            rebuild(wrong, shape)


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=9), JSON, max_size=5))
def test_whatever_comes_what_leaves_is_documented(sent: dict[str, Any]):
    try:
        left = rebuild(json.dumps(sent).encode(), ORDER)
    except BadParams:
        return
    value = json.loads(left.body)

    assert set(value) <= {field.name for field in ORDER.fields}
    assert len(value) + len({name for name in sent if name.lower() not in NAMES}) <= len(sent)
    assert all(name.lower() in INERT for name in left.dropped)
    assert rebuild(left.body, ORDER).body == left.body


@given(st.binary(max_size=40))
def test_whatever_bytes_come_it_is_an_answer_or_a_refusal(sent: bytes):
    refused = False
    try:
        left = rebuild(sent, ORDER).body
    except BadParams:
        refused = True

    assert refused or not left or left == b"null" or isinstance(json.loads(left), dict)


@given(CASED, st.sampled_from(["buy", "Sell", 1, "2"]), DIGITS, st.booleans())
def test_letter_case_and_form_change_nothing(case: Any, side: Any, size: str, as_text: bool):
    plain = f'{{"side":{SIDES.get(str(side).lower(), side)},"size":{size}}}'
    told = json.dumps({case("side"): side})[:-1]
    told += f',"{case("size")}":"{size}"}}' if as_text else f',"{case("size")}":{size}}}'

    assert rebuild(told.encode(), ORDER).body == plain.encode()


@given(st.text(max_size=9))
def test_a_name_that_is_not_documented_never_leaves(name: str):
    body = json.dumps({"ticker": "a", name: "x"}).encode()
    if name.lower() in NAMES:
        return
    if name.lower() in INERT:
        assert rebuild(body, ORDER).body == b'{"ticker":"a"}'
        return
    with pytest.raises(BadParams):
        rebuild(body, ORDER)
