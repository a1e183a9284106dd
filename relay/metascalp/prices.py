"""This file knows the terminal's words about prices: mark prices and the best of an order book.

Source: MetaScalp API, edition 3, 2026-08, "WebSocket". Keys arrive folded (see `wire.decode`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from relay.metascalp.wire import rows_in

#: No price is longer than this before or after its point.
MAX_POWER = 40


def mark_price(connection: int, ticker: str, *, on: bool) -> dict[str, Any]:
    """Asks for the exchange's mark price of a ticker, since edition 2; or for no more of it."""
    kind = "mark_price_subscribe" if on else "mark_price_unsubscribe"
    return {"Type": kind, "Data": {"ConnectionId": connection, "Ticker": ticker}}


def best_prices(connection: int, ticker: str, *, on: bool) -> dict[str, Any]:
    """Asks for the best bid and ask alone: they are never filtered, all the rest nearly is."""
    place = {"ConnectionId": connection, "Ticker": ticker}
    if not on:
        return {"Type": "orderbook_unsubscribe", "Data": place}
    return {
        "Type": "orderbook_subscribe",
        "Data": {**place, "DepthLevels": 1, "DepthPercent": 0.0001},
    }


def best_prices_in(data: Mapping[str, Any]) -> dict[str, str]:
    """The best bid and ask that a book message names, as {"bid": …, "ask": …}; either may miss."""
    rows = [*rows_in(data.get("updates")), data.get("bestask"), data.get("bestbid")]
    sides = {"BestBid": "bid", "BestAsk": "ask"}
    return {
        sides[row["type"]]: format(Decimal(row["price"]), "f")
        for row in rows
        if isinstance(row, dict) and row.get("type") in sides and is_price(row.get("price"))
    }


def is_price(value: Any) -> bool:
    """Whether a value is a number that a price can be."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return Decimal(value).is_finite() and value > 0 and abs(Decimal(value).adjusted()) <= MAX_POWER
