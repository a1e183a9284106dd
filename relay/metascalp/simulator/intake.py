"""This file knows what an exchange looks at before it takes an order, and what it makes of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .book import ASK, BID
from .catalog import Ticker
from .enums import OrderType, Side
from .market import Market
from .orders import CLOSING, CONDITIONAL, ZERO, Order, Refused

LARGEST = Decimal(10**12)
"""No price and no size is larger; beyond it decimals of 28 digits would be rounded."""
FAR = 10**40
"""No price has so many increments."""
OFFSET = Decimal("0.001")
"""A stop's limit price lies so far behind its trigger, as a share of it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a caller wants placed. price: of a conditional order its trigger. own_price: a stop
    rests at its price, not behind it."""

    side: Side
    type: OrderType
    size: Decimal
    price: Decimal = ZERO
    reduce_only: bool = False
    own_price: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """The best prices at which orders of a ticker begin to do something, in price increments.

    low: a side's best price there or below it; high: there or above it. By side of the book.
    """

    low: dict[str, int]
    high: dict[str, int]

    def spares(self, market: Market) -> bool:
        """True when no order is touched at the market's prices."""
        tops = market.book.tops.items()
        return all(
            best is None or self.low.get(side, -1) < best < self.high.get(side, FAR)
            for side, best in tops
        )


def check(market: Market, ask: Ask) -> None:
    """Raises Refused when the exchange would not take the order, whoever sends it."""
    ticker = market.ticker
    if not ticker.trading:
        raise Refused("closed")
    most = LARGEST if ticker.max_size is None else ticker.max_size
    if not ticker.min_size <= ask.size <= most or ask.size % ticker.size_increment:
        raise Refused("size")
    if not 0 <= ask.price <= LARGEST or ask.price % ticker.price_increment:
        raise Refused("price")
    if ask.type in CONDITIONAL and past(market, ask.side, ask.type, ask.price):
        raise Refused("trigger")
    if ask.type is OrderType.Market and market.book.best(counter(ask.side)) is None:
        raise Refused("empty")


def past(market: Market, side: Side, kind: OrderType, trigger: Decimal) -> bool:
    """True when the market is at or beyond a trigger."""
    rising = (side is Side.Buy) != (kind is OrderType.TakeProfit)
    best = market.book.best(counter(side))
    if best is None:
        return False
    price = best * market.ticker.price_increment
    return price >= trigger if rising else price <= trigger


def reach_of(ticker: Ticker, orders: Iterable[Order]) -> Reach:
    """Where the nearest of a ticker's orders are."""
    low: dict[str, int] = {}
    high: dict[str, int] = {}
    for order in orders:
        side, price = counter(order.side), order.trigger if order.armed else order.price
        tick = tick_of(ticker, price or ZERO)
        rising = order.side is Side.Sell
        if order.armed:
            rising = (order.side is Side.Buy) != (order.type is OrderType.TakeProfit)
        if rising:
            high[side] = min(high.get(side, FAR), tick)
        else:
            low[side] = max(low.get(side, -1), tick)
    return Reach(low, high)


def make(market: Market, ask: Ask, number: int, client_id: str, now: float, *, cash: bool) -> Order:
    """The order as the exchange keeps it. cash: there are no positions it could reduce."""
    ticker = market.ticker
    price = _price(market, ask)
    trigger = ask.price if ask.type in CONDITIONAL else None
    return Order(
        id=number,
        client_id=client_id,
        ticker=ticker.name,
        side=ask.side,
        type=ask.type,
        price=price,
        size=int(ask.size / ticker.size_increment) * ticker.size_increment,
        created=now,
        reduce_only=(ask.reduce_only or ask.type in CLOSING) and not cash,
        fee_currency=ticker.quote,
        trigger=None if trigger is None else tick_of(ticker, trigger) * ticker.price_increment,
        armed=trigger is not None,
    )


def counter(side: Side) -> str:
    """The side of the book an order trades against."""
    return ASK if side is Side.Buy else BID


def tick_of(ticker: Ticker, price: Decimal) -> int:
    return int(price / ticker.price_increment)


def _price(market: Market, ask: Ask) -> Decimal:
    """Where an order rests: a stop behind its trigger, a market order at the best price."""
    step = market.ticker.price_increment
    tick = tick_of(market.ticker, ask.price)
    if ask.type is OrderType.Market:
        return (market.book.best(counter(ask.side)) or 0) * step
    if ask.type is OrderType.Stop and not ask.own_price:
        behind = max(1, int(tick * OFFSET))
        tick += behind if ask.side is Side.Buy else -behind
    return max(1, tick) * step
