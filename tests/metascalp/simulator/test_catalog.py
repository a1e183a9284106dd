from decimal import Decimal

import pytest

from relay.metascalp.simulator.catalog import connections

SIZES = {1: 747, 2: 606, 3: 860, 4: 883, 5: 126, 6: 747, 7: 316, 8: 617, 9: 717, 10: 274, 11: 663}


def test_the_connections_are_fixed():
    rows = [
        (c.id, c.name, c.row()["Exchange"], c.exchange, c.market) for c in connections().values()
    ]

    assert rows == [
        (1, "Binance Futures", "Binance", 2, 2),
        (2, "Bybit Perp", "Bybit", 6, 5),
        (3, "Bybit Spot", "Bybit", 6, 0),
        (4, "MEXC Futures", "MEXC", 8, 1),
        (5, "OKX Swap", "OKX", 10, 5),
        (6, "Binance View", "Binance", 2, 2),
        (7, "Gate Futures", "Gate", 3, 2),
        (8, "MEXC Spot Demo", "MEXC", 8, 0),
        (9, "Binance Spot", "Binance", 2, 0),
        (10, "MOEX", "MOEX", 18, 9),
        (11, "KuCoin Spot", "KuCoin", 5, 0),
    ]


def test_one_is_only_for_looking_one_is_a_demo_one_is_not_connected():
    rows = connections()

    assert [n for n, row in rows.items() if row.view_mode] == [6]
    assert [n for n, row in rows.items() if row.demo_mode] == [8]
    assert [n for n, row in rows.items() if row.state != 2] == [11]


@pytest.mark.parametrize(("number", "size"), SIZES.items())
def test_every_connection_lists_its_tickers(number, size):
    assert len(connections()[number].tickers()) == size


@pytest.mark.parametrize(
    ("number", "name", "base"),
    [
        (1, "BTCUSDT_260925", "BTC"),
        (4, "GOLD(XAUT)_USDT", "XAUT"),
        (4, "HK50_", "HK50"),
        (4, "龙虾_USDT", "LONGXIA"),
        (4, "TON_USDT", "TONCOIN"),
        (5, "BTCUSDT", "BTC"),
        (7, "BTC/USDT", "BTC"),
        (8, "BTC_USDT", "BTC"),
        (10, "SBER", "SBER"),
        (11, "BTC-USDT", "BTC"),
    ],
)
def test_names_are_those_of_the_exchange(number, name, base):
    assert connections()[number].tickers()[name].base == base


def test_116_binance_tickers_are_not_traded():
    tickers = connections()[1].tickers().values()

    assert sum(not ticker.trading for ticker in tickers) == 116


def test_well_known_prices_are_believable_and_fit_their_increments():
    tickers = connections()[1].tickers()

    assert tickers["BTCUSDT"].price == 65000
    assert tickers["BTCUSDT"].price_increment == Decimal("0.10")
    for row in connections().values():
        for ticker in row.tickers().values():
            assert ticker.price % ticker.price_increment == 0
            assert ticker.price / ticker.price_increment >= 1000, ticker


def test_kucoin_has_no_largest_size():
    assert connections()[11].tickers()["BTC-USDT"].max_size is None


@pytest.mark.parametrize("size", [6556, 6557, 12_000])
def test_a_larger_market_has_invented_tickers_besides(size):
    rows = connections(size)
    extra = [len(row.tickers()) - SIZES[number] for number, row in rows.items()]

    assert sum(len(row.tickers()) for row in rows.values()) == size
    assert max(extra) - min(extra) <= 1


def test_invented_tickers_are_spelled_as_their_exchange_does():
    rows = connections(7000)
    names = {number: list(row.tickers())[-1] for number, row in rows.items()}

    assert {n: names[n] for n in (1, 4, 7, 10, 11)} == {
        1: "SIM0039USDT", 4: "SIM0039_USDT", 7: "SIM0039/USDT", 10: "SIM0040", 11: "SIM0040-USDT",
    }  # fmt: skip
    ticker = rows[4].tickers()["SIM0039_USDT"]
    assert (ticker.base, ticker.quote, ticker.trading) == ("SIM0039", "USDT", True)


def test_a_ticker_is_made_once_and_only_when_it_is_asked_for():
    tickers = connections(9000)[1].tickers()

    assert "BTCUSDT" in tickers
    assert tickers["BTCUSDT"] is tickers["BTCUSDT"]
    assert tickers.get("NOPE") is None
    assert len(tickers._made) <= 1
