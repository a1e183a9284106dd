"""This file knows the rows of the screener: what each coin did, on which exchanges it is listed.

The values move with the market's steps and are the same for the same seed. The names and types of
a column's fields are not documented; these are ours (MetaScalp API, edition 3, 2026-08).
"""

from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from .enums import CASH_MARKETS, display_exchange
from .wire import Json

if TYPE_CHECKING:
    from .world import World

ROWS = 40
PLACES = (1, 9, 2, 3, 4, 8, 7, 5)
"""Connections whose exchanges the rows speak of; the first one gives the coins."""
COLUMNS = (
    ("Volume", "M5", 0, "Sum", 2_000_000.0),
    ("Volume", "H1", 0, "Sum", 30_000_000.0),
    ("PriceChange", "M5", 0, "Percent", 1.5),
    ("FundingRate", "None", 0, "Value", 0.01),
)
"""type, timeFrame, time, metric and the usual size of a value."""


def rows(world: "World") -> list[Json]:
    """One complete set of rows; empty when its connections are gone or its source is silent."""
    first = world.connections.get(PLACES[0])
    if first is None or "no-backend" in world.troubles:
        return []
    names = [name for name in first.tickers() if name.isascii()][:ROWS]
    return [_row(world, name) for name in names]


def place_key(exchange: int, market: int) -> str:
    """binance_s is Binance's spot market, bybit_f Bybit's futures."""
    return f"{display_exchange(exchange).lower()}_{'s' if market in CASH_MARKETS else 'f'}"


def _row(world: "World", name: str) -> dict[str, Json]:
    random = Random(f"{world.seed}:screener:{name}:{world.steps // 20}")
    first = world.connections[PLACES[0]]
    listed = [
        place_key(one.exchange, one.market)
        for number in PLACES[1:]
        if (one := world.connections.get(number)) is not None and name in one.tickers()
    ]
    columns: list[Json] = [
        {"type": kind, "timeFrame": frame, "time": time, "metric": metric,
         "value": Decimal(f"{random.gauss(usual, usual / 4):.4f}")}
        for kind, frame, time, metric, usual in COLUMNS
    ]  # fmt: skip
    if world.profile.numeric_columns:
        numbers = {"type": 2, "timeFrame": 3, "metric": 1}
        columns = [column | numbers for column in columns]
    return {
        "ticker": name,
        "wireTicker": name,
        "isNewCoin": False,
        "exchange": place_key(first.exchange, first.market),
        "listedExchanges": listed,
        "columns": columns,
    }
