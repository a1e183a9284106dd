from decimal import Decimal

import pytest

from relay.metascalp.simulator.body import ApiError, Fields
from relay.metascalp.simulator.broker import Burst, Liquidation, Wall
from relay.metascalp.simulator.filters import Density, Large, Liquidated

MARKETS = [{"exchange": "binance", "market": "futures"}]
PLACE = ("binance", "futures")
WALL = Wall("id", PLACE, "BTC", "USDT", "bid", Decimal(1), Decimal(-1), Decimal(1_500_000), 0.0)
BURST = Burst("0" * 36, PLACE, "BTC", "USDT", "buy", (
    (Decimal(10), Decimal(150_000)), (Decimal(12), Decimal(100_000)),
), 0.0)  # fmt: skip
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

    assert Density.read(fields(**data)).passes(WALL) is passes


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ({}, [(2, "medium", 250_000)]),
        ({"aggregationMs": 0}, [(1, "small", 150_000), (1, "small", 100_000)]),
        ({"aggregationMs": 0, "minAmountUsd": 120_000}, [(1, "small", 150_000)]),
        ({"minAmountUsd": 50_000}, [(2, "large", 250_000)]),
        ({"includedQuoteAssets": ["OTHER"]}, []),
    ],
)
def test_large_trades(data, rows):
    found = Large.read(fields(exchangeMarkets=MARKETS, **data)).rows(BURST)

    assert [(one["tradeCount"], one["category"], one["sizeUsd"]) for one in found] == rows
    assert len({one["id"] for one in found}) == len(found)


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
