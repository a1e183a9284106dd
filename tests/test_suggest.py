"""What a few typed letters may mean, out of lists as long as the exchanges make them."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from relay.connection import Connection
from relay.exchanges import Exchanges
from relay.resolve import Preferences
from relay.suggest import Wish, suggest, wish_of
from relay.tickers import Listed, TickerList, index


def place(number: int, exchange: str, kind: str = "futures", **more: bool) -> Connection:
    return Connection(
        number, f"{exchange} {kind}", exchange, exchange, number, kind, 2, kind, "connected", **more
    )


BINANCE, BYBIT, SPOT = (
    place(1, "BINANCE"),
    place(2, "BYBIT"),
    place(9, "BINANCE", "spot"),
)
MOEX, DEMO, VIEW = (
    place(10, "MOEX", "stock"),
    place(8, "MEXC", "spot", demo_mode=True),
    place(6, "BINANCE", view_mode=True),
)
PLACES = [VIEW, DEMO, SPOT, BYBIT, BINANCE, MOEX]


def listed(*names: str, quote: str = "USDT") -> TickerList:
    return index(
        Listed(name, name.removesuffix(quote).rstrip("_/-"), quote, tradable=True) for name in names
    )


COINS = ("BTCUSDT", "BTCDOMUSDT", "ETHUSDT", "WBTCUSDT", "BTCUSDT_260925", "1000PEPEUSDT", "TUSDT")
LISTS = {
    1: listed(*COINS),
    2: listed("BTCUSDT", "SOLUSDT"),
    9: index([*listed("BTCUSDT").names.values(), Listed("BTCUSDC", "BTC", "USDC")]),
    8: index([Listed("BTC_USDT", "BTC", "USDT"), Listed("TON_USDT", "TONCOIN", "USDT")]),
    6: listed("BTCUSDT", "ONLYVIEWUSDT"),
    10: index([Listed("SBER", "SBER", "RUB"), Listed("SBERP", "SBERP", "RUB")]),
}


def told(text: str, exchanges: Exchanges, limit: int = 20) -> list[str]:
    rows = suggest(wish_of(text, exchanges), PLACES, LISTS, Preferences(), limit)
    return [one.pattern for one in rows]


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("btc", Wish("BTC")),
        ("BTC/USDT", Wish("BTCUSDT")),
        ("btc usdt", Wish("BTCUSDT")),
        ("bybit btc", Wish("BTC", frozenset({"BYBIT"}))),
        ("BINANCE:BTCUSDT.p", Wish("BTCUSDT", frozenset({"BINANCE"}), frozenset({"futures"}))),
        ("btc spot", Wish("BTC", frozenset(), frozenset({"spot"}))),
        ("btc фьюч", Wish("BTC", frozenset(), frozenset({"futures"}))),
        ("gate", Wish("GATE")),
        ("perp", Wish("PERP")),
        ("spot binance", Wish("BINANCE", frozenset(), frozenset({"spot"}))),
        ("", Wish()),
        ("  :. ", Wish()),
    ],
)
def test_a_word_beside_another_may_name_an_exchange_or_a_market(
    text: str, wish: Wish, exchanges: Exchanges
) -> None:
    assert wish_of(text, exchanges) == wish


def test_the_coin_itself_comes_before_what_begins_with_it_and_what_holds_it(
    exchanges: Exchanges,
) -> None:
    found = told("btc", exchanges)

    assert found[:3] == ["BINANCE:BTCUSDT.p", "BINANCE:BTCUSDT", "BYBIT:BTCUSDT.p"]
    assert found.index("BINANCE:BTCDOMUSDT.p") < found.index("BINANCE:WBTCUSDT.p")
    assert found.index("BINANCE:BTCUSDC") < found.index("BINANCE:BTCUSDT_260925.p")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("btcusdt", "BINANCE:BTCUSDT.p"),
        ("bybit btc", "BYBIT:BTCUSDT.p"),
        ("mexc btc", "MEXC:BTC_USDT"),
        ("btc spot", "BINANCE:BTCUSDT"),
        ("pepe", "BINANCE:1000PEPEUSDT.p"),
        ("toncoin", "MEXC:TON_USDT"),
        ("sber", "MOEX:SBER"),
        ("иесгыве", "BINANCE:BTCUSDT.p"),
        ("t", "BINANCE:TUSDT.p"),
    ],
)
def test_the_likeliest_is_first(text: str, first: str, exchanges: Exchanges) -> None:
    assert told(text, exchanges)[0] == first


@pytest.mark.parametrize("text", ["", "ONLYVIEW", "nosuchcoin", "<b>", "\u202e", "龙", "." * 4000])
def test_what_cannot_be_opened_or_is_nothing_is_not_suggested(
    text: str, exchanges: Exchanges
) -> None:
    assert told(text, exchanges) == []


def test_no_more_than_asked_for_and_none_that_is_halted(exchanges: Exchanges) -> None:
    halted = {1: index(replace(one, tradable=False) for one in LISTS[1].names.values())}

    assert len(told("usdt", exchanges, 5)) == 5
    assert suggest(Wish("BTC"), PLACES, halted, Preferences()) == []


@pytest.mark.parametrize("text", ["u", "usdt", "btc", "coin77", "zzz"])
def test_twelve_thousand_tickers_are_searched_in_fifty_milliseconds(
    text: str, exchanges: Exchanges
) -> None:
    lists = {one.id: listed(*(f"COIN{number}USDT" for number in range(2000))) for one in PLACES}
    took = []
    for _ in range(5):
        started = time.perf_counter()
        suggest(wish_of(text, exchanges), PLACES, lists, Preferences())
        took.append(time.perf_counter() - started)

    assert min(took) < 0.05
