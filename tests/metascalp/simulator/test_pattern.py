"""The worked examples of the document (MetaScalp API, edition 3, 2026-08) as tables."""

from dataclasses import replace

import pytest

from relay.metascalp.simulator.catalog import Connection, connections
from relay.metascalp.simulator.pattern import Wish, choose, parse, resolve, spellings
from relay.metascalp.simulator.profile import PROFILES

PROFILE = PROFILES["v1.0.2860"]
FIXTURE = [row for number, row in connections().items() if number in (1, 3, 4, 6, 9)]


@pytest.mark.parametrize(
    ("text", "exchange", "symbol", "market"),
    [
        ("BINANCE:BTCUSDT.p", {2}, "BTCUSDT", 1),
        ("BYBIT:ETHUSDT", {4, 6}, "ETHUSDT", 0),
        ("OKX:BTC-USDT.m", {10}, "BTC-USDT", 7),
        ("BINANCE:BTCUSDT.o", {2}, "BTCUSDT", 8),
        ("HYPERLIQUID:BTCUSDT.p", {15}, "BTCUSDT", 1),
        ("HYPERLIQUID:cash:HOODUSDT0.p", {15}, "cash:HOODUSDT0", 1),
        ("BTCUSDT.p", None, "BTCUSDT", 1),
        ("BTCUSDT", None, "BTCUSDT", 0),
        ("GATE.IO:X_USDT.p", {3}, "X_USDT", 1),
        ("gate:X/USDT.p", {3}, "X/USDT", 1),
        ("BINANCE:BTCUSDT.P", {2}, "BTCUSDT", 1),
        ("BINANCE:币安人生USDT.p", {2}, "币安人生USDT", 1),
        ("BINANCE:$X.p", {2}, "$X", 1),
    ],
)
def test_patterns(text, exchange, symbol, market):
    wish = parse(text)

    assert wish is not None
    assert (wish.exchange, wish.symbol, wish.market) == (exchange, symbol, market)


@pytest.mark.parametrize(
    "text",
    [
        "cash:HOODUSDT0.p", "BINANCE:", ":BTCUSDT", "BINANCE:BTCUSDT.PERP", "BINANCE:BTC.USDT.p",
        "BINANCE:BTCUSDT.x", "MEXC:GOLD(XAUT)_USDT.p", "BINANCE:BTC USDT", "", ".p", "BINANCE:.p",
        "BTC USDT", "BINANCE:BTCUSDT.", "BINANCE:BTC\x00",
    ],
)  # fmt: skip
def test_what_is_no_pattern(text):
    assert parse(text) is None


@pytest.mark.parametrize(
    ("request_", "number", "symbol"),
    [
        ("BINANCE:BTCUSDT.p", 1, "BTCUSDT"),
        ("binance:btc-usdt.p", 1, "BTCUSDT"),
        ("BINANCE:BTCUSDT", 9, "BTCUSDT"),
        ("BINANCE:BTCUSDT.m", 1, "BTCUSDT"),
        ("BINANCE:BTCUSDT_260925.p", 1, "BTCUSDT_260925"),
        ("BYBIT:ETHUSDT", 3, "ETHUSDT"),
        ("BYBIT:ETHUSDT.p", None, None),
        ("MEXC:BTC_USDT.p", 4, "BTC_USDT"),
        ("MEXC:BTCUSDT.p", 4, "BTC_USDT"),
        ("MEXC:BTC_USDT", None, None),
        ("OKX:BTC-USDT.m", None, None),
        ("BTCUSDT.p", 1, "BTCUSDT"),
        ((2, 3, "BTCUSDT"), 1, "BTCUSDT"),
        ((2, 0, "BTCUSDT"), 9, "BTCUSDT"),
        ((8, 1, "GOLD(XAUT)_USDT"), 4, "GOLD(XAUT)_USDT"),
        ((8, 1, "HK50_"), 4, "HK50_"),
    ],
)
def test_worked_examples(request_, number, symbol):
    found = choose(wish(request_), FIXTURE, 1, PROFILE)

    assert (found.id if found else None) == number
    if found is not None:
        assert resolve(wish(request_).symbol, found.tickers(), normalised=True) == symbol


def test_a_connection_for_looking_only_is_never_chosen():
    only = [row for row in FIXTURE if row.id == 6]

    assert choose(wish("BINANCE:BTCUSDT.p"), only, 6, PROFILE) is None


def test_a_connection_that_is_not_connected_is_never_chosen():
    kucoin = connections()[11]

    assert choose(wish("KUCOIN:BTC-USDT"), [kucoin], 1, PROFILE) is None


def test_without_exchange_the_active_connection_wins_then_the_first_that_has_the_symbol():
    assert chosen("BTCUSDT.p", active=4).id == 4
    assert chosen("BTCUSDT.p", active=9).id == 1
    assert chosen("HK50_.p", active=9).id == 4


def test_stock_is_reached_by_the_fallback():
    moex = connections()[10]

    assert choose(wish("MOEX:SBER.p"), [moex], 1, PROFILE) is moex
    assert choose(wish("MOEX:SBER"), [moex], 1, PROFILE) is None
    assert choose(wish((18, 9, "SBER")), [moex], 1, PROFILE) is moex


@pytest.mark.parametrize(
    ("symbol", "found"),
    [
        ("cash:HOODUSDT0", "cash:HOODUSDT0"),
        ("btcusdt", "BTCUSDT"),
        ("ETH/USDT", "ETHUSDT"),
        ("SOL_USDT", "SOLUSDT"),
        ("eth/usdt", "ETHUSDT"),
        ("BTCUSDTSWAP", "BTCUSDT"),
        ("BTC-USDT-SWAP", "BTCUSDT"),
        ("cash:hoodUSDT0", "cash:HOODUSDT0"),
        ("NOPE", None),
        ("Gate:MAXUSDT.p", None),
    ],
)
def test_the_six_steps_change_the_request_only(symbol, found):
    names = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "cash:HOODUSDT0"]

    assert resolve(symbol, names, normalised=False) == found


def test_separators_in_the_listed_names_are_ignored_by_switch_only():
    assert resolve("BTCUSDT", ["BTC_USDT"], normalised=True) == "BTC_USDT"
    assert resolve("BTCUSDT", ["BTC_USDT"], normalised=False) is None
    strict = replace(PROFILE, normalised_names=False)
    assert choose(wish("BTCUSDT.p"), FIXTURE[2:3], 1, strict).id == 4


def test_the_exact_spelling_comes_first():
    assert spellings("HK50_")[0] == "HK50_"
    assert resolve("HK50_", ["HK50", "HK50_"], normalised=True) == "HK50_"


def wish(request: object) -> Wish:
    if isinstance(request, str):
        found = parse(request)
        assert found is not None
        return found
    exchange, market, symbol = request
    return Wish(frozenset({exchange}), str(exchange), market, False, symbol)


def chosen(text: str, active: int) -> Connection:
    found = choose(wish(text), FIXTURE, active, PROFILE)
    assert found is not None
    return found
