"""This file knows orders and positions: what they are, how a trade nets, how they are shown.

MetaScalp API, edition 3, 2026-08, for the shapes; the netting is that of a futures exchange in
one-way mode: one position per ticker, a trade beyond its size turns it round.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from uuid import UUID

from .enums import OrderStatus, OrderType, Side
from .wire import Json

ZERO = Decimal(0)
CONDITIONAL = frozenset({OrderType.Stop, OrderType.StopLoss, OrderType.TakeProfit})
CLOSING = frozenset({OrderType.StopLoss, OrderType.TakeProfit})

REFUSALS = {
    2: {"money": "Account has insufficient balance for requested action.",
        "margin": "Margin is insufficient.", "reduce": "ReduceOnly Order is rejected.",
        "trigger": "Order would immediately trigger.", "order": "Unknown order sent."},
    6: {"money": "Insufficient balance.", "margin": "ab not enough for new order",
        "reduce": "current position is zero, cannot fix reduce-only order qty",
        "order": "order not exists or too late to cancel"},
    8: {"money": "Insufficient position", "margin": "Balance insufficient",
        "order": "Order does not exist"},
    10: {"margin": "Order failed. Insufficient USDT margin in account",
         "order": "Order cancellation failed as the order does not exist."},
    3: {"margin": "INSUFFICIENT_AVAILABLE", "order": "ORDER_NOT_FOUND",
        "reduce": "REDUCE_EXCEEDED"},
}  # fmt: skip
"""Exchange number to its words for a refusal; what is missing is said in PLAIN words."""
PLAIN = {
    "money": "Insufficient balance",
    "margin": "Insufficient margin",
    "reduce": "Reduce-only order would not reduce a position",
    "trigger": "Trigger price has been reached already",
    "order": "Order not found",
    "type": "Order type is not supported",
    "price": "Price does not match the price increment",
    "size": "Size does not match the size increment or the limits",
    "closed": "Trading is not allowed for this ticker",
    "empty": "No liquidity for a market order",
    "many": "Too many open orders",
}

TEXT_IDS = frozenset({4, 6})
"""Exchanges whose own order ids are texts: Bybit's are UUIDs (its API, v5, 2026-05)."""

ENRICHED = {
    "order_update": ("filledPrice", "fee", "feeCurrency", "time"),
    "position_update": ("avgPriceFix", "avgPriceDyn"),
}
"""Fields that updates have had since 2026-03-24."""


class Refused(Exception):
    """The exchange says no. reason: a key of PLAIN."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def text(self, exchange: int) -> str:
        return REFUSALS.get(exchange, {}).get(self.reason, PLAIN[self.reason])


@dataclass(slots=True)
class Order:
    """One order. trigger None: not conditional. armed: waits for its trigger."""

    id: int
    client_id: str
    ticker: str
    side: Side
    type: OrderType
    price: Decimal
    size: Decimal
    created: float
    reduce_only: bool
    fee_currency: str
    trigger: Decimal | None = None
    armed: bool = False
    status: OrderStatus = OrderStatus.New
    filled: Decimal = ZERO
    value: Decimal = ZERO
    fee: Decimal = ZERO

    @property
    def remaining(self) -> Decimal:
        return self.size - self.filled

    @property
    def average(self) -> Decimal:
        """The average price of what was filled, 0.0 while nothing was."""
        return ratio(self.value, self.filled, self.price) if self.filled else Decimal("0.0")

    def row(self) -> dict[str, Json]:
        """The order as REST shows it."""
        return {
            "Id": self.id,
            "Ticker": self.ticker,
            "ClientId": self.client_id,
            "Side": int(self.side),
            "Price": self.price,
            "Size": self.size,
            "FilledSize": self.filled,
            "FilledPrice": self.average,
            "RemainingSize": self.remaining,
            "Status": int(self.status),
            "Type": int(self.type),
            "TriggerPrice": self.trigger,
            "CreateDate": iso(self.created),
        }

    def update(self, connection: int) -> dict[str, Json]:
        """The Data of order_update."""
        return {
            "connectionId": connection,
            "orderId": self.id,
            "ticker": self.ticker,
            "side": self.side.name,
            "type": self.type.name,
            "price": self.price,
            "filledPrice": self.average,
            "size": self.size,
            "filledSize": self.filled,
            "fee": self.fee,
            "feeCurrency": self.fee_currency,
            "status": self.status.name,
            "time": iso(self.created),
        }


@dataclass(slots=True)
class Position:
    """One open position. units is its size with a sign: below zero is short.

    fixed: average price of the entries. realised: profit of the exits so far.
    """

    id: int
    ticker: str
    signed: Decimal
    fixed: Decimal
    realised: Decimal = ZERO
    status: OrderStatus = OrderStatus.New

    @property
    def side(self) -> Side:
        return Side.Buy if self.signed >= 0 else Side.Sell

    @property
    def dynamic(self) -> Decimal:
        """The entry price after the realised exits: where closing the rest gives zero in all."""
        if not self.signed:
            return self.fixed
        return self.fixed - ratio(self.realised, self.signed, self.fixed)

    def row(self) -> dict[str, Json]:
        """The position as REST shows it."""
        return {
            "Id": self.id,
            "Ticker": self.ticker,
            "Side": int(self.side),
            "Size": abs(self.signed),
            "AvgPrice": self.fixed,
            "MarginMode": 0,
        }

    def update(self, connection: int, side: Side) -> dict[str, Json]:
        """The Data of position_update; the side is given because a closed one has none."""
        return {
            "connectionId": connection,
            "positionId": self.id,
            "ticker": self.ticker,
            "side": side.name,
            "size": abs(self.signed),
            "avgPrice": self.fixed,
            "avgPriceFix": self.fixed,
            "avgPriceDyn": self.dynamic,
            "status": self.status.name,
        }


def net(position: Position, signed: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
    """Trades into a position: the profit realised, and what is left over to turn it round with."""
    held = position.signed
    if held * signed >= 0:
        value = abs(held) * position.fixed + abs(signed) * price
        position.fixed = ratio(value, abs(held + signed), price)
        position.signed += signed
        return ZERO, ZERO
    closing = min(abs(held), abs(signed)).copy_sign(signed)
    profit = (position.fixed - price) * closing
    position.signed += closing
    position.realised += profit
    return profit, signed - closing


def earlier(kind: str, data: dict[str, Json]) -> dict[str, Json]:
    """The Data of an update before 2026-03-24, when edition 1 got the rest of its fields."""
    return {name: item for name, item in data.items() if name not in ENRICHED[kind]}


def kept_back(kind: str, data: dict[str, Json]) -> bool:
    """True for what the exchange is not told while a stop waits in the terminal."""
    waits = kind == "order_update" and data["status"] != OrderStatus.Closed.name
    return waits and data["type"] in {one.name for one in CLOSING}


def text_id(number: int) -> str:
    """The id of an order where the exchange has texts."""
    return str(UUID(int=Random(f"order:{number}").getrandbits(128), version=4))


def ratio(value: Decimal, parts: Decimal, like: Decimal) -> Decimal:
    """A quotient with two places more than the price it resembles."""
    exponent = like.as_tuple().exponent
    assert isinstance(exponent, int), "prices are finite"
    return (value / parts).quantize(Decimal(1).scaleb(min(exponent, 0) - 2))


def iso(epoch: float) -> str:
    """2026-03-13T10:30:00.25+00:00: fraction only when there is one."""
    moment = datetime.fromtimestamp(round(epoch, 3), UTC)
    text = moment.isoformat(timespec="milliseconds")
    head, _, rest = text.partition(".")
    fraction = rest[:3].rstrip("0")
    return f"{head}{'.' + fraction if fraction else ''}+00:00"
