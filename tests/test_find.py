"""What a page may say of an instrument: checked field by field before anybody uses it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.core.places import load_exchanges
from relay.errors import BadParams, BadTicker
from relay.exchanges import Exchanges
from relay.find import MAX_CHARS, Find, from_json, from_pattern, pattern_of

FULL = {
    "exchange": "gate",
    "market": "futures",
    "base": "btc",
    "quote": "usdt",
    "native": "BTC_USDT",
    "expiry": None,
    "bare": "BTCUSDT",
    "pattern": "GATEIO:BTCUSDT.p",
    "rule": "gate",
    "via": "url",
}


def test_a_find_is_read_with_its_exchange_and_assets_in_our_spelling(exchanges: Exchanges) -> None:
    find = from_json(FULL, exchanges)

    assert (find.exchange, find.base, find.quote) == ("GATEIO", "BTC", "USDT")
    assert find.spellings == ["BTC_USDT", "BTCUSDT"]
    assert find.shown == "GATEIO:BTCUSDT.p"


def test_a_pattern_alone_is_completed(exchanges: Exchanges) -> None:
    find = from_json({"pattern": "gate:BTC_USDT.p"}, exchanges)

    assert find == Find("GATEIO", "futures", bare="BTC_USDT", pattern="GATEIO:BTC_USDT.p")


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"base": "btc"}, "BTC"),
        ({"native": "BTC_USDT"}, "BTC_USDT"),
        ({"bare": "BTCUSDT", "native": "BTC_USDT"}, "BTCUSDT"),
        ({"base": " ton ", "exchange": "  "}, "TON"),
    ],
)
def test_a_find_names_itself_with_the_best_it_has(
    exchanges: Exchanges, data: dict[str, str], shown: str
) -> None:
    assert from_json(data, exchanges).shown == shown


def test_what_is_empty_or_blank_is_not_said(exchanges: Exchanges) -> None:
    find = from_json({"base": "BTC", "exchange": " ", "market": "", "quote": None}, exchanges)

    assert find == Find(base="BTC")
    assert Find().shown == "?"


def test_an_exchange_that_nobody_knows_keeps_its_name(exchanges: Exchanges) -> None:
    assert from_json({"exchange": "nyse", "bare": "A"}, exchanges).exchange == "NYSE"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (None, "find"), ("BTCUSDT", "find"), ([], "find"), ({}, "find"), (7, "find"),
        ({"exchange": "BINANCE"}, "find"), ({"bare": "  "}, "find"),
        ({"bare": "A", "market": "swap"}, "find.market"), ({"bare": 7}, "find.bare"),
        ({"bare": ["A"]}, "find.bare"), ({"bare": {"a": 1}}, "find.bare"),
        ({"bare": True}, "find.bare"), ({"bare": "A\n"}, "find.bare"),
        ({"base": "\u202eABC"}, "find.base"), ({"quote": "\x00"}, "find.quote"),
        ({"native": "A" * (MAX_CHARS + 1)}, "find.native"), ({"bare": "A" * 10_000}, "find.bare"),
        ({"pattern": "BINANCE:"}, "find.pattern"), ({"expiry": 260925, "bare": "A"}, "find.expiry"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_and_named(
    exchanges: Exchanges, data: Any, field: str
) -> None:
    with pytest.raises(BadParams) as caught:
        from_json(data, exchanges)

    assert caught.value.params["field"] == field


@pytest.mark.parametrize(
    ("text", "find"),
    [
        ("gate:BTC_USDT.p",
         Find("GATEIO", "futures", bare="BTC_USDT", pattern="GATEIO:BTC_USDT.p")),
        ("BYBIT:ETHUSDT", Find("BYBIT", "spot", bare="ETHUSDT", pattern="BYBIT:ETHUSDT")),
        ("BTCUSDT.p", Find(None, "futures", bare="BTCUSDT", pattern="BTCUSDT.p")),
        ("BTCUSDT", Find(None, None, bare="BTCUSDT", pattern="BTCUSDT")),
        ("NEW:A.o", Find("NEW", "options", bare="A", pattern="NEW:A.o")),
    ],
)  # fmt: skip
def test_a_pattern_makes_a_find(exchanges: Exchanges, text: str, find: Find) -> None:
    assert from_pattern(text, exchanges) == find


def test_text_that_is_no_pattern_makes_none(exchanges: Exchanges) -> None:
    with pytest.raises(BadTicker):
        from_pattern("not a ticker", exchanges)


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("futures", "X:S.p"), ("margin", "X:S.m"), ("options", "X:S.o"), ("spot", "X:S"),
        ("stock", "X:S"), ("other", "X:S"),
    ],
)  # fmt: skip
def test_only_futures_margin_and_options_have_a_suffix(kind: str, pattern: str) -> None:
    assert pattern_of("X", kind, "S") == pattern


@given(
    st.dictionaries(
        st.sampled_from([*FULL, "other"]),
        st.none() | st.text(max_size=80) | st.integers() | st.lists(st.text(), max_size=2),
    )
)
def test_any_object_is_a_find_or_bad_params(data: dict[str, Any]) -> None:
    try:
        find = from_json(data, load_exchanges())
    except BadParams:
        return

    assert find.spellings or find.base
