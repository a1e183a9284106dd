"""Ticker patterns: the shared table, what is odd, what is hostile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import BadTicker
from relay.ticker import MAX_CHARS, SUFFIXES, Ticker, fold, parse

ROWS = json.loads((Path(__file__).parent / "data" / "patterns.json").read_text("utf-8"))["rows"]
SYMBOLS = st.text(st.sampled_from("ABCxyz0189_/-$龙"), min_size=1, max_size=30)


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"] or "empty") for row in ROWS])
def test_both_languages_read_the_shared_table_alike(row: dict[str, Any]) -> None:
    want = row["want"]
    if want is None:
        with pytest.raises(BadTicker):
            parse(row["pattern"])
        return
    ticker = parse(row["pattern"])

    assert (ticker.exchange, ticker.symbol) == (want["exchange"], want["symbol"])
    assert ticker.market == (want["market"] or "spot")
    assert str(ticker) == want["again"]


@pytest.mark.parametrize(
    ("text", "ticker"),
    [
        ("BINANCE:BTCUSDT.p", Ticker("BINANCE", "BTCUSDT", "p")),
        ("binance:BTCUSDT", Ticker("BINANCE", "BTCUSDT")),
        ("BINANCE:BTCUSDT.P", Ticker("BINANCE", "BTCUSDT", "p")),
        ("  OKX:BTC-USDT.m ", Ticker("OKX", "BTC-USDT", "m")),
        ("GATE:BTC/USDT.p", Ticker("GATE", "BTC/USDT", "p")),
        ("MEXC:HK50_USDT.p", Ticker("MEXC", "HK50_USDT", "p")),
        ("HYPERLIQUID:cash:HOODUSDT0.p", Ticker("HYPERLIQUID", "cash:HOODUSDT0", "p")),
        ("$BTC", Ticker(None, "$BTC")),
    ],
)
def test_a_pattern_is_taken_apart(text: str, ticker: Ticker) -> None:
    assert parse(text) == ticker


@pytest.mark.parametrize(
    "text",
    [
        "BINANCE:BTCUSDT.x", "BINANCE:BTCUSDT.", "BINANCE:BTCUSDT.p.p", "BINANCE:.p", ".p", ":",
        "BINANCE:BTC USDT", "BINANCE :BTCUSDT", "BINANCE:<b>", "BINANCE:BTC\nUSDT", "A" * 81,
        "X" * 21 + ":BTCUSDT", "BINANCE:BTC\x00", "BINANCE:\u202eBTC", "BINANCE:BTCUSDT.perp",
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused_with_the_text_in_the_sentence(text: str) -> None:
    with pytest.raises(BadTicker) as caught:
        parse(text)

    assert caught.value.params["ticker"] == text.strip()[:MAX_CHARS]
    assert "EXCHANGE:SYMBOL.p" in caught.value.text


@given(
    exchange=st.none() | st.sampled_from(["BINANCE", "GATE.IO", "A_B"]),
    symbol=SYMBOLS,
    suffix=st.sampled_from(sorted(SUFFIXES)),
)
def test_a_written_ticker_reads_as_itself(exchange: str | None, symbol: str, suffix: str) -> None:
    ticker = Ticker(exchange, symbol, suffix)

    assert parse(str(ticker)) == ticker


@given(st.text(max_size=200))
def test_any_text_is_a_ticker_or_a_bad_one(text: str) -> None:
    try:
        ticker = parse(text)
    except BadTicker:
        return

    assert ticker.symbol
    assert parse(str(ticker)) == ticker


@pytest.mark.parametrize(
    ("symbol", "folded"),
    [("btc_usdt", "BTCUSDT"), ("BTC-USDT-SWAP", "BTCUSDTSWAP"), ("BTC/USDT", "BTCUSDT"), ("", "")],
)
def test_folding_leaves_no_separator_and_no_lower_case(symbol: str, folded: str) -> None:
    assert fold(symbol) == folded
