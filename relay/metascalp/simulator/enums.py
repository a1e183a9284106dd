"""This file knows the terminal's numbers and names: sides, orders, exchanges, markets.

MetaScalp API, edition 3, 2026-08; display names as seen on live connections in 2026-05.
"""

from enum import IntEnum


class Side(IntEnum):
    Buy = 1
    Sell = 2


class OrderType(IntEnum):
    Limit = 0
    Stop = 1
    StopLoss = 2
    TakeProfit = 3
    Market = 4


class OrderStatus(IntEnum):
    New = 0
    Open = 1
    Closed = 2


class State(IntEnum):
    """Where a connection is on its way to the exchange."""

    Disconnected = 0
    Connecting = 1
    Connected = 2
    Reconnecting = 3
    Resetting = 4


EXCHANGES = dict(enumerate((
    "Ftx", "Binance", "GateIo", "Bybit", "KuCoin", "BybitUta", "Bitget", "Mexc", "CommEx", "Okx",
    "BingX", "HTX", "BitMart", "LBank", "HyperLiquid", "UpBit", "AsterDex", "Moex", "Lighter", "XT",
    "EdgeX", "Bitunix", "Ourbit", "Whitebit", "Blofin", "Weex", "TBank", "Phemex", "Dydx",
    "Bitfinex", "Coinbase", "Kraken", "ApexOmni", "Toobit", "OrangeX", "Bitmex", "Bitrue",
    "Bithumb", "CoinW", "Gemini", "Grvt", "Polymarket",
), start=1))  # fmt: skip
"""Number to name, in the order the document assigns them: 1 is Ftx, 42 is Polymarket."""

MARKETS = dict(enumerate((
    "Spot", "Futures", "UsdtFutures", "CoinFutures", "InverseFutures", "UsdtPerpetual",
    "UsdcPerpetual", "Margin", "Options", "Stock", "Alpha", "Bond", "Currency", "Prediction",
)))  # fmt: skip

LAST_EXCHANGE = {1: 19, 2: 27, 3: 42}
LAST_MARKET = {1: 9, 2: 9, 3: 13}
"""How far the lists of each edition go."""
FIRST_NAMES = {3: "Gate", 6: "Bybit"}
RESERVED = frozenset({1, 4, 9})
"""What edition 1 calls otherwise, and which numbers it does not have (2026-03-19)."""

DISPLAY_EXCHANGES = {3: "Gate", 6: "Bybit", 8: "MEXC", 10: "OKX", 18: "MOEX"}
"""Where the name on the screen is not the name of the number."""

DISPLAY_MARKETS = {2: "USDT Futures", 5: "USDT Perpetual"}

FAMILIES = {
    "BYBIT": {4, 6},
    "BYBITUTA": {6},
    "GATE": {3},
    "GATEIO": {3},
    "GATE.IO": {3},
}
"""Names that mean another number, or several; the rest are the names above."""

SPOT, FUTURES, MARGIN, OPTIONS, STOCK = 0, 1, 7, 8, 9
ANY_FUTURES = frozenset(range(1, 7))
CASH_MARKETS = frozenset({SPOT, STOCK, 10, 11, 12})
"""Markets where a trade moves balances and leaves no position."""


def exchange_names(edition: int = 3) -> dict[int, str]:
    """Number to name as an edition lists them."""
    known = {n: name for n, name in EXCHANGES.items() if n <= LAST_EXCHANGE[edition]}
    if edition > 1:
        return known
    return {n: FIRST_NAMES.get(n, name) for n, name in known.items() if n not in RESERVED}


def market_names(edition: int = 3) -> dict[int, str]:
    return {n: name for n, name in MARKETS.items() if n <= LAST_MARKET[edition]}


def exchange_numbers(name: str, edition: int = 3, *, aliases: bool = True) -> frozenset[int]:
    """Every number an exchange name may mean, in any letter case; empty when unknown."""
    wanted = name.upper()
    if aliases and wanted in FAMILIES:
        return frozenset(FAMILIES[wanted])
    known = exchange_names(edition).items()
    return frozenset(number for number, one in known if one.upper() == wanted)


def market_number(name: str, edition: int = 3) -> int | None:
    """The number of a market's name or display name, in any letter case."""
    wanted = name.upper()
    for number, known in market_names(edition).items():
        if wanted in (known.upper(), DISPLAY_MARKETS.get(number, known).upper()):
            return number
    return None


def display_exchange(number: int) -> str:
    return DISPLAY_EXCHANGES.get(number, EXCHANGES[number])


def display_market(number: int) -> str:
    return DISPLAY_MARKETS.get(number, MARKETS[number])
