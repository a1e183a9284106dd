"""Ticker lists, searched for names as their exchanges spell them (captured 2026-05)."""

from __future__ import annotations

import pytest

from relay.tickers import Listed, TickerList, index

MEXC = index([
    Listed("BTC_USDT", "BTC", "USDT"),
    Listed("BTC_USDC", "BTC", "USDC"),
    Listed("TON_USDT", "TONCOIN", "USDT"),
    Listed("GOLD(XAUT)_USDT", "XAUT", "USDT"),
    Listed("HK50_USDT", "HK50", "USDT"),
    Listed("龙虾_USDT", "龙虾", "USDT"),
])  # fmt: skip
BINANCE = index([
    Listed("BTCUSDT", "BTC", "USDT"),
    Listed("BTCUSDT_260626", "BTC", "USDT"),
    Listed("BTCUSDT_260925", "BTC", "USDT"),
    Listed("1000PEPEUSDT", "1000PEPE", "USDT"),
])  # fmt: skip
TWINS = index([Listed("A-B", "A", "B"), Listed("A_B", "A", "B")])


def names(found: list[Listed]) -> list[str]:
    return [one.name for one in found]


@pytest.mark.parametrize(
    ("listed", "symbol", "found"),
    [
        (MEXC, "BTC_USDT", ["BTC_USDT"]),
        (MEXC, "BTCUSDT", ["BTC_USDT"]),
        (MEXC, "btc-usdt", ["BTC_USDT"]),
        (MEXC, "TONUSDT", ["TON_USDT"]),
        (MEXC, "GOLD(XAUT)USDT", ["GOLD(XAUT)_USDT"]),
        (MEXC, "HK50USDT", ["HK50_USDT"]),
        (MEXC, "龙虾USDT", ["龙虾_USDT"]),
        (MEXC, "BTC-USDT-SWAP", ["BTC_USDT"]),
        (BINANCE, "BTCUSDT_260626", ["BTCUSDT_260626"]),
        (BINANCE, "BTC-USDT-260626", ["BTCUSDT_260626"]),
        (BINANCE, "PEPEUSDT", []),
        (BINANCE, "", []),
        (TWINS, "A-B", ["A-B"]),
        (TWINS, "AB", ["A-B", "A_B"]),
    ],
)
def test_a_spelling_finds_the_exact_name_first_then_the_same_without_separators(
    listed: TickerList, symbol: str, found: list[str]
) -> None:
    assert names(listed.spelled(symbol)) == found


@pytest.mark.parametrize(
    ("listed", "base", "quote", "found"),
    [
        (MEXC, "TONCOIN", "USDT", ["TON_USDT"]),
        (MEXC, "XAUT", "USDT", ["GOLD(XAUT)_USDT"]),
        (BINANCE, "BTC", "USDT", ["BTCUSDT"]),
        (BINANCE, "BTC", "EUR", []),
        (TWINS, "A", "B", ["A-B", "A_B"]),
    ],
)
def test_a_pair_finds_what_has_no_date(
    listed: TickerList, base: str, quote: str, found: list[str]
) -> None:
    assert names(listed.paired(base, quote)) == found


def test_a_date_finds_what_expires_then() -> None:
    assert names(BINANCE.dated("BTC", "USDT", "260925")) == ["BTCUSDT_260925"]
    assert BINANCE.dated("BTC", "USDT", "270101") == []
    assert BINANCE.dated("ETH", "USDT", "260925") == []


def test_a_list_without_anything_finds_nothing() -> None:
    empty = index([])

    assert empty.spelled("BTCUSDT") == empty.paired("BTC", "USDT") == []
