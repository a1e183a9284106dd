"""This file knows what a fresh terminal has: active tickers, money, orders and positions."""

from dataclasses import dataclass
from decimal import Decimal

from .catalog import ROUBLES, on_board
from .enums import OrderType, Side

Buy, Sell = Side.Buy, Side.Sell
Limit, Stop, StopLoss, TakeProfit, Market = (
    OrderType.Limit, OrderType.Stop, OrderType.StopLoss, OrderType.TakeProfit, OrderType.Market,
)  # fmt: skip

ACTIVE = {
    1: "BTCUSDT", 2: "ETHUSDT", 3: "BTCUSDT", 4: "BTC_USDT", 5: "BTCUSDT", 6: "ETHUSDT",
    7: "BTC/USDT", 8: "BTC_USDT", 9: "BTCUSDT", 10: "SBER", 11: "BTC-USDT",
}  # fmt: skip

MOSCOW = 10
SPOT_MONEY = {"USDT": "10000.00000000", "BTC": "0.50000000", "ETH": "4.00000000"}
MONEY: dict[int, dict[str, str]] = {
    1: {"USDT": "10000.00000000", "USDC": "2500.00000000"},
    2: {"USDT": "8000.00000000"},
    3: SPOT_MONEY | {"SOL": "20.00000000"},
    4: {"USDT": "5000.00000000"},
    5: {"USDT": "10000.00000000"},
    6: {"USDT": "12000.00000000"},
    7: {"USDT": "10000.00000000"},
    8: SPOT_MONEY,
    9: SPOT_MONEY,
    10: {"RUB": "1000000.00000000", "SBER": "100.00000000"},
    11: SPOT_MONEY,
}


@dataclass(frozen=True, slots=True)
class Deal:
    """One order placed before the terminal is looked at.

    size: about so many US dollars. away: its price lies so many per cent from the market, far
    enough that the walk does not reach it within hours.
    """

    connection: int
    ticker: str
    side: Side
    type: OrderType
    size: int
    away: str = "0"


DEALS = (
    Deal(1, "BTCUSDT", Buy, Market, 3250),
    Deal(1, "ETHUSDT", Sell, Market, 1600),
    Deal(1, "BTCUSDT", Buy, Limit, 1300, "-4"),
    Deal(1, "BTCUSDT", Sell, TakeProfit, 3250, "6"),
    Deal(1, "BTCUSDT", Sell, StopLoss, 3250, "-6"),
    Deal(1, "SOLUSDT", Sell, Limit, 900, "5"),
    Deal(2, "SOLUSDT", Buy, Market, 1500),
    Deal(2, "ETHUSDT", Buy, Limit, 640, "-5"),
    Deal(2, "ETHUSDT", Buy, Stop, 640, "5"),
    Deal(3, "BTCUSDT", Buy, Limit, 1300, "-3.5"),
    Deal(3, "ETHUSDT", Sell, Limit, 3200, "4"),
    Deal(4, "BTC_USDT", Sell, Market, 1300),
    Deal(4, "龙虾_USDT", Buy, Market, 400),
    Deal(4, "GOLD(XAUT)_USDT", Buy, Limit, 660, "-4"),
    Deal(4, "BTC_USDT", Sell, Limit, 650, "4"),
    Deal(8, "BTC_USDT", Buy, Limit, 650, "-4"),
    Deal(8, "ETH_USDT", Sell, Limit, 960, "5"),
)


def active(boards: bool) -> dict[int, str]:
    """The active tickers. boards: Moscow's have their board's name."""
    return {number: on_board(name) if boards and number == MOSCOW else name
            for number, name in ACTIVE.items()}  # fmt: skip


def money(connection: int, boards: bool = False) -> dict[str, Decimal]:
    """The balances an account starts with, by coin."""
    return {
        ROUBLES if boards and coin == "RUB" else coin: Decimal(total)
        for coin, total in MONEY[connection].items()
    }
