"""What readers and the terminal say: the whole table, read from the messages of the documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from relay import subscriptions
from relay.errors import BadFrame
from relay.metascalp.simulator import messages
from relay.spelling import pascal
from relay.subscriptions import FAMILIES, Slot, Wish, head_of, hear, is_head, read

TABLE = Path(__file__).parent / "data" / "metascalp-examples.tsv"
SAID = [
    line.partition("\t")[2]
    for line in TABLE.read_text("utf-8").splitlines()
    if line.startswith("W")
]
PLACE = '"connectionId":1,"ticker":"BTCUSDT"'


def test_every_message_of_the_terminal_is_known() -> None:
    """The simulator's table was written from the documents without ours."""
    ours = {family.name: family for family in FAMILIES}

    assert set(ours) == {family.name for family in messages.FAMILIES}
    for theirs in messages.FAMILIES:
        mine = ours[theirs.name]
        wanted = [name.rstrip("!").lower() for name in theirs.data.split() if name.endswith("!")]
        assert list(mine.names) == (wanted if not mine.varies or mine.names else [])
        assert {*mine.updates, mine.first} - {""} == set(theirs.then.split())


def renamed(value: Any, name: Any) -> Any:
    if isinstance(value, list):
        return [renamed(one, name) for one in value]
    if isinstance(value, dict):
        return {name(key): renamed(one, name) for key, one in value.items()}
    return value


@pytest.mark.parametrize("envelope", [("Type", "Data"), ("type", "data"), ("TYPE", "DATA")])
@pytest.mark.parametrize("name", [str, str.lower, str.upper, pascal], ids=lambda one: one.__name__)
def test_every_message_of_the_documents_means_the_same_in_any_letter_case(
    name: Any, envelope: tuple[str, str]
) -> None:
    assert len(SAID) == 30
    for text in SAID:
        message = json.loads(text)
        kind, data = envelope
        odd = json.dumps({kind: message["Type"], data: renamed(message["Data"], name)})
        wish, same = read(text), read(odd)

        assert wish.verb == message["Type"].rpartition("_")[2]
        assert (same.verb, same.slot, same.family) == (wish.verb, wish.slot, wish.family)
        assert [(one, value.lower()) for one, value in same.params] == [
            (one, value.lower()) for one, value in wish.params
        ]
        assert same.upper is (kind == "Type")


@pytest.mark.parametrize(
    ("text", "slot", "params"),
    [
        ('{"Type":"subscribe","Data":{"connectionId":4}}', Slot("", 4), ()),
        ('{"type":"subscribe","data":{"ConnectionID":4}}', Slot("", 4), ()),
        ('{"type":"subscribe","data":{"connectionId":"4"}}', Slot("", 4), ()),
        (f'{{"Type":"trade_subscribe","Data":{{{PLACE}}}}}', Slot("trade", 1, "BTCUSDT"), ()),
        (
            f'{{"Type":"trade_subscribe","Data":{{{PLACE},"ZoomIndex":3}}}}',
            Slot("trade", 1, "BTCUSDT"),
            (("zoomindex", "3"),),
        ),
        (
            f'{{"Type":"orderbook_subscribe","Data":{{{PLACE},"zoomIndex":0,"depthLevels":null,'
            '"depthPercent":0.50,"fetchSnapshot":false}}',
            Slot("orderbook", 1, "BTCUSDT"),
            (("depthpercent", "0.50"), ("fetchsnapshot", "false")),
        ),
        (
            f'{{"Type":"funding_subscribe","Data":{{{PLACE},"zoomIndex":7}}}}',
            Slot("funding", 1, "BTCUSDT"),
            (),
        ),
        ('{"Type":"ui_subscribe","Data":{}}', Slot("ui"), ()),
        ('{"Type":"screener_subscribe","Data":{"templateId":-1}}', Slot("screener", -1), ()),
    ],
)
def test_a_subscription_is_understood(text: str, slot: Slot, params: Any) -> None:
    wish = read(text)

    assert (wish.verb, wish.slot, wish.params) == ("subscribe", slot, params)
    assert wish.upper is text.startswith('{"Type"')


def test_the_order_of_fields_makes_no_other_stream() -> None:
    wishes = [
        read('{"Type":"large_trades_subscribe","Data":{"a":{"x":1,"y":[2.50]},"b":2}}'),
        read('{"Type":"large_trades_subscribe","Data":{"b":2,"a":{"y":[2.50],"x":1}}}'),
    ]

    assert wishes[0].params == wishes[1].params


def test_numbers_are_passed_on_as_they_were_written() -> None:
    data = '{"connectionId":1,"ticker":"A\\"б","depthPercent":0.50}'
    wish = read(f'{{"Type":"orderbook_subscribe","Data":{data}}}')

    assert wish.data == '{"connectionId":1,"ticker":"A\\"\\u0431","depthPercent":0.50}'


@pytest.mark.parametrize(
    "data",
    ["{}", '{"ticker":"A"}', '{"connectionId":1}', '{"connectionId":1,"ticker":""}',
     '{"connectionId":1.0,"ticker":"A"}', '{"connectionId":true,"ticker":"A"}',
     '{"connectionId":1,"ticker":"A","depthLevels":0}',
     '{"connectionId":1,"ticker":"A","zoomIndex":"5"}',
     '{"connectionId":1,"ticker":"A","fetchSnapshot":0}',
     '{"connectionId":1,"ticker":"A","depthPercent":true}', "[]", "null", "5"],
)  # fmt: skip
def test_what_the_terminal_may_understand_otherwise_is_left_to_it(data: str) -> None:
    assert read(f'{{"Type":"orderbook_subscribe","Data":{data}}}') == Wish("other", True)


def test_types_are_matched_to_the_letter() -> None:
    assert read('{"Type":"Subscribe","Data":{"connectionId":1}}').verb == "other"


def test_a_very_long_message_is_not_kept() -> None:
    pad = "x" * subscriptions.MAX_SHARED

    assert read(f'{{"Type":"large_trades_subscribe","Data":{{"a":"{pad}"}}}}').verb == "other"


@pytest.mark.parametrize("verb", ["subscribe", "unsubscribe"])
def test_our_own_message_needs_no_data(verb: str) -> None:
    assert read(f'{{"type":"relay_status_{verb}"}}') == Wish(f"status {verb}", False)


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"Type":1}', b"\xff\xfe", "[" * 100000])
def test_what_is_no_message_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadFrame, match="Invalid message format"):
        read(text)


@pytest.mark.parametrize(
    ("raw", "verb", "slot"),
    [
        (b'{"Type":"subscribed","Data":{"ConnectionId":4}}', "subscribed", Slot("", 4)),
        (b'{"type":"subscribed","data":{"connectionId":4}}', "subscribed", Slot("", 4)),
        (b'{"Type":"order_update","Data":{"connectionId":1,"orderId":9}}', "told", Slot("", 1)),
        (
            b'{"Type":"orderbook_subscribed","Data":{"ConnectionId":1,"Ticker":"A","ZoomIndex":0}}',
            "subscribed",
            Slot("orderbook", 1, "A"),
        ),
        (
            b'{"Type":"trade_unsubscribed","Data":{"ConnectionId":1,"Ticker":"A"}}',
            "unsubscribed",
            Slot("trade", 1, "A"),
        ),
        (
            b'{"Type":"trade_update","Data":{"connectionId":1,"ticker":"A\\"B","trades":[]}}',
            "told",
            Slot("trade", 1, 'A"B'),
        ),
        (b'{ "Data" : {"Ticker":"A","ConnectionId":1}, "Type" : "funding_update" }', "told",
         Slot("funding", 1, "A")),
        (b'{"Type":"ui_update","Data":{"kind":"tabAdded"}}', "told", Slot("ui")),
        (b'{"Type":"screener_frame","Data":{"rows":[],"templateId":5}}', "told",
         Slot("screener", 5)),
        (b'{"Type":"error","Data":{"error":"no"}}', "error", Slot("")),
    ],
)  # fmt: skip
def test_the_terminal_is_understood(raw: bytes, verb: str, slot: Slot) -> None:
    said = hear(raw)

    assert said is not None
    assert (said.verb, said.slot) == (verb, slot)


@pytest.mark.parametrize(
    "raw",
    [b"", b"x", b"[]", b"{}", b'{"Type":"trade_update","Data":[]}', b'{"Type":"new","Data":{}}',
     b'{"Type":"trade_update","Data":{"connectionId":1}}', b'{"Type":"trade_update","Data":{'],
)  # fmt: skip
def test_what_is_for_nobody_is_nothing(raw: bytes) -> None:
    assert hear(raw) is None


@pytest.mark.parametrize(
    ("raw", "head", "certain"),
    [
        (
            b'{"Type":"trade_update","Data":{"connectionId":1,"ticker":"A","trades":[]}}',
            b'{"Type":"trade_update","Data":{"connectionId":1,"ticker":"A',
            True,
        ),
        (
            b'{"Type":"trade_update","Data":{"connectionId":1,"ticker":"A\\"B","trades":[]}}',
            b'{"Type":"trade_update","Data":{"connectionId":1,"ticker":"A\\',
            False,
        ),
        (
            b'{"Type":"order_update","Data":{"connectionId":1,"orderId":7,"ticker":"A"}}',
            b'{"Type":"order_update","Data":{"connectionId":1,"orderId":7,"ticker":"A',
            False,
        ),
        (
            b'{"Type":"orderbook_snapshot","Data":{"connectionId":1,"ticker":"A","asks":[]}}',
            b'{"Type":"orderbook_snapshot","Data":{"connectionId":1,"ticker":"A',
            False,
        ),
        (b"{}", b"{", False),
    ],
)
def test_a_head_is_a_key_only_where_it_says_everything(
    raw: bytes, head: bytes, certain: bool
) -> None:
    assert head_of(raw) == head
    assert is_head(head) is certain
