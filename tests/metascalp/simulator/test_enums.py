from relay.metascalp.simulator.enums import (
    EXCHANGES,
    MARKETS,
    display_exchange,
    display_market,
    exchange_numbers,
    market_number,
)


def test_numbers_are_those_of_the_document():
    assert len(EXCHANGES) == 42
    assert [EXCHANGES[n] for n in (2, 3, 6, 8, 10, 18, 20, 27, 28, 35, 36, 42)] == [
        "Binance", "GateIo", "BybitUta", "Mexc", "Okx", "Moex", "XT", "TBank", "Phemex",
        "OrangeX", "Bitmex", "Polymarket",
    ]  # fmt: skip
    assert list(MARKETS) == list(range(14))
    assert MARKETS[13] == "Prediction"


def test_families_answer_to_every_name():
    assert exchange_numbers("bybit") == {4, 6}
    assert exchange_numbers("BYBITUTA") == {6}
    assert exchange_numbers("Gate.io") == exchange_numbers("GATE") == {3}
    assert exchange_numbers("htx") == {12}
    assert exchange_numbers("nothing") == frozenset()


def test_names_on_the_screen_differ_from_the_numbers_names():
    assert [display_exchange(n) for n in (2, 3, 6, 8)] == ["Binance", "Gate", "Bybit", "MEXC"]
    assert [display_market(n) for n in (0, 1, 2)] == ["Spot", "Futures", "USDT Futures"]


def test_a_market_has_a_name_and_a_display_name():
    assert market_number("usdtfutures") == market_number("USDT Futures") == 2
    assert market_number("nothing") is None
