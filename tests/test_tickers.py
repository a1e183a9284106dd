"""Ticker lists, searched for names as their exchanges spell them (captured 2026-05)."""

from __future__ import annotations

import pytest

from relay.tickers import Listed, TickerList, assets_of, expiry_of, index, root_of

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


@pytest.mark.parametrize(
    ("name", "base", "quote", "when"),
    [
        ("BTCUSDT_260626", "BTC", "USDT", "260626"),
        ("BTC-USD-260925", "BTC", "USD", "260925"),
        ("SOL_USDT_20260710", "SOL", "USDT", "260710"),
        ("BTC-26JUN26", "BTC", "USDC", "260626"),
        ("BTCUSDT-4DEC26", "BTC", "USDT", "261204"),
        ("BTCUSDZ26", "BTC", "USD", "2612"),
        ("BTCUSDT", "BTC", "USDT", None),
        ("HK50_USDT", "HK50", "USDT", None),
        ("1000000BOBUSDT", "1000000BOB", "USDT", None),
        ("GOLD(XAUT)_USDT", "XAUT", "USDT", None),
        ("SiZ6", "SiZ6", "RUB", None),
        ("Z26", "Z26", "USDT", None),
    ],
)
def test_a_name_says_when_it_expires(name: str, base: str, quote: str, when: str | None) -> None:
    assert expiry_of(Listed(name, base, quote)) == when


def test_a_month_is_enough_where_the_name_says_no_more() -> None:
    """Bybit's inverse quarterlies: the letter of the month and the year."""
    bybit = index([Listed("BTCUSD", "BTC", "USD"), Listed("BTCUSDH25", "BTC", "USD")])

    assert names(bybit.dated("BTC", "USD", "250328")) == ["BTCUSDH25"]
    assert bybit.dated("BTC", "USD", "250627") == []
    assert names(bybit.paired("BTC", "USD")) == ["BTCUSD"]


@pytest.mark.parametrize(
    ("base", "root"),
    [
        ("1000PEPE", "PEPE"), ("1000000BOB", "BOB"), ("1MBABYDOGE", "BABYDOGE"), ("kPEPE", "PEPE"),
        ("PEPE", "PEPE"), ("KPEPE", "KPEPE"), ("1INCH", "1INCH"), ("10SET", "10SET"),
        ("1000", "1000"), ("K", "K"),
    ],
)  # fmt: skip
def test_a_coin_has_one_root_however_many_a_contract_holds(base: str, root: str) -> None:
    assert root_of(base) == root


def test_base_and_quote_find_what_is_named_otherwise() -> None:
    upbit = index([Listed("KRW-BTC", "BTC", "KRW"), Listed("BTC-ETH", "ETH", "BTC")])

    assert names(upbit.spelled("BTCKRW")) == ["KRW-BTC"]
    assert names(upbit.spelled("ETHBTC")) == ["BTC-ETH"]
    assert names(MEXC.spelled("XAUTUSDT")) == ["GOLD(XAUT)_USDT"]


def test_coins_are_known_by_their_base_their_name_and_one_of_a_thousand() -> None:
    assert assets_of([MEXC, BINANCE]) == [
        "1000PEPE", "BTC", "HK50", "PEPE", "TON", "TONCOIN", "XAUT", "龙虾",
    ]  # fmt: skip


def test_a_list_without_anything_finds_nothing() -> None:
    empty = index([])

    assert empty.spelled("BTCUSDT") == empty.paired("BTC", "USDT") == []
