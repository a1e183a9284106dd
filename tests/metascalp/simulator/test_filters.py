from dataclasses import replace
from decimal import Decimal

import pytest

from relay.metascalp.simulator.body import ApiError, Fields
from relay.metascalp.simulator.broker import Liquidation, Trade, Wall
from relay.metascalp.simulator.filters import Density, Large, Liquidated

MARKETS = [{"exchange": "binance", "market": "futures"}]
PLACE = ("binance", "futures")
WALL = Wall("id", PLACE, "BTC", "USDT", "bid", Decimal(1), Decimal(-1), Decimal(1_500_000), 0.0)


def trade(at, price, usd, side="buy"):
    return Trade(f"{at}", PLACE, "BTC", "USDT", side, Decimal(price), Decimal(usd), at)


TRADES = [trade(1.0, 10, 150_000), trade(1.25, 12, 100_000)]
ONE = Liquidation(
    0.0, "bybit", "BTC", "long", "crypto", Decimal(1), Decimal(1), Decimal(1000), Decimal("0.1")
)


def fields(**values):
    return Fields({name.lower(): value for name, value in values.items()})


@pytest.mark.parametrize(
    ("data", "passes"),
    [
        ({}, True),
        ({"smallCoefficient": 2}, False),
        ({"includedQuoteAssets": ["usdc"]}, False),
        ({"exchangeMarkets": [MARKETS[0] | {"bdsValue": 2_000_000}]}, False),
        ({"exchangeMarkets": [MARKETS[0] | {"bdsMode": "auto", "bdsValue": 9e9}]}, True),
        ({"exchangeMarkets": [{"exchange": "okx", "market": "spot"}]}, False),
    ],
)
def test_walls(data, passes):
    data = {
        "exchangeMarkets": [
            {k.lower(): Decimal(v) if isinstance(v, float) else v for k, v in row.items()}
            for row in data.pop("exchangeMarkets", MARKETS)
        ],
        **data,
    }

    assert Density.read(fields(**data)).passes(WALL, 1.0) is passes


@pytest.mark.parametrize(
    ("usd", "until_s"),
    [(999_999, None), (1_000_000, 60), (1_999_999, 60), (2_000_000, 120), (3_000_000, 240)],
)
def test_a_wall_is_shown_for_as_long_as_its_size_says(usd, until_s):
    asked = {"smallLifetimeMinutes": 1, "mediumLifetimeMinutes": 2, "largeLifetimeMinutes": 4}
    density = Density.read(fields(exchangeMarkets=MARKETS, **asked))
    wall = replace(WALL, usd=Decimal(usd))

    assert density.passes(wall, 0.0) is (until_s is not None)
    if until_s is not None:
        assert density.passes(wall, until_s - 0.1)
        assert not density.passes(wall, until_s)


def test_medium_and_large_begin_where_their_coefficients_say():
    asked = {"mediumCoefficient": 5, "largeCoefficient": 9, "mediumLifetimeMinutes": 0}
    density = Density.read(fields(exchangeMarkets=MARKETS, **asked))

    shown = [density.passes(replace(WALL, usd=Decimal(n * 10**6)), 0.0) for n in (4, 5, 8, 9)]
    assert shown == [True, False, False, True]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ({}, [(2, "medium", 250_000)]),
        ({"aggregationMs": 0}, [(1, "small", 150_000), (1, "small", 100_000)]),
        ({"aggregationMs": 250}, [(1, "small", 150_000), (1, "small", 100_000)]),
        ({"aggregationMs": 251}, [(2, "medium", 250_000)]),
        ({"smallCoefficient": 2, "aggregationMs": 1}, []),
        ({"smallCoefficient": 2.5}, [(2, "medium", 250_000)]),
        ({"mediumCoefficient": 2.6}, [(2, "small", 250_000)]),
        ({"largeCoefficient": 2.5}, [(2, "large", 250_000)]),
        ({"aggregationMs": 0, "minAmountUsd": 120_000}, [(1, "small", 150_000)]),
        ({"minAmountUsd": 50_000}, [(2, "large", 250_000)]),
        ({"includedQuoteAssets": ["OTHER"]}, []),
    ],
)
def test_large_trades(data, rows):
    data = {name: Decimal(n) if isinstance(n, float) else n for name, n in data.items()}
    found = Large.read(fields(exchangeMarkets=MARKETS, **data)).take(TRADES, 99.0)

    assert [(one["tradeCount"], one["category"], one["sizeUsd"]) for one in found] == rows
    assert len({one["id"] for one in found}) == len(found)


def test_a_row_is_shown_when_its_time_is_over_with_all_trades_of_its_side():
    large = Large.read(fields(exchangeMarkets=MARKETS, aggregationMs=60_000))
    assert large.take(TRADES, 60.9) == []
    assert large.take([trade(2.0, 9, 80_000, "sell"), trade(30.0, 8, 70_000)], 60.9) == []
    [row] = large.take([], 61.0)

    assert (row["side"], row["tradeCount"], row["sizeUsd"]) == ("buy", 3, 320_000)
    assert (row["minPrice"], row["maxPrice"]) == (8, 12)
    assert row["time"] == "1970-01-01T00:00:30+00:00"
    assert large.take([trade(61.5, 8, 500_000)], 61.6) == []
    assert large.take([], 62.0) == [], "80,000 sold is less than is asked for by default"


@pytest.mark.parametrize(
    ("data", "passes"),
    [
        ({}, True), ({"side": "short"}, False), ({"side": "LONG"}, True), ({"coin": "bt"}, True),
        ({"coin": "BTCUSDT"}, False), ({"minNotionalUsd": 1001}, False),
        ({"minImpactBps": 1}, False), ({"assetClass": "tradfi"}, False),
        ({"exchanges": ["okx"]}, False),
    ],
)  # fmt: skip
def test_liquidations(data, passes):
    found = Liquidated.read(fields(**{"exchanges": ["bybit", "aster"], **data}))

    assert found.passes(ONE) is passes


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        (Density, {}, "exchangeMarkets"), (Large, {"exchangeMarkets": []}, "exchangeMarkets"),
        (Density, {"exchangeMarkets": [5]}, "exchangeMarkets"),
        (Density, {"exchangeMarkets": [{"exchange": "x", "market": "spot"}]}, "exchange"),
        (Density, {"exchangeMarkets": [{"exchange": "okx"}]}, "market"),
        (Large, {"exchangeMarkets": MARKETS, "aggregationMs": 60001}, "aggregationMs"),
        (Large, {"exchangeMarkets": MARKETS, "includedQuoteAssets": []}, "includedQuoteAssets"),
        (Liquidated, {"exchanges": ["asterdex"]}, "exchanges"), (Liquidated, {}, "exchanges"),
        (Liquidated, {"exchanges": ["okx"], "backfill": 501}, "backfill"),
        (Liquidated, {"exchanges": ["okx"], "window": "m1"}, "window"),
    ],
)  # fmt: skip
def test_what_is_out_of_range_names_its_field(kind, data, field):
    with pytest.raises(ApiError) as refused:
        kind.read(fields(**data))
    assert f"'{field}'" in refused.value.text
