"""This file knows one account on one exchange: its orders, positions, balances and results.

The account is told what to place and what the market did; it answers with events, in the order
the terminal would send them. It has no clock: the time comes with every call.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from uuid import UUID

from .book import beyond
from .catalog import Connection, Ticker
from .enums import OrderStatus, OrderType, Side
from .intake import Ask, Reach, check, counter, make, past, reach_of, tick_of
from .market import Market
from .orders import CLOSING, ZERO, Order, Position, Refused, net
from .wire import Json

LEVERAGE = 10
MAX_ORDERS = 500
MAX_IN_ALL = 10_000
"""Open orders of one ticker and of one account; one more is refused as an exchange would."""
TAKER = {True: Decimal("0.001"), False: Decimal("0.0005")}
COVER = Decimal("1.01")
"""A market order needs so much more than at the best price: it goes deeper, and there are fees."""
MAKER = {True: Decimal("0.001"), False: Decimal("0.0002")}

Event = tuple[str, dict[str, Json]]


@dataclass(slots=True)
class Account:
    """One account. changed: balances moved since the world last asked. by_ticker: the open orders
    again. holds: what the orders of a ticker hold, by coin, as far as it is known. reaches: between
    which prices no order of a ticker does anything."""

    connection: Connection
    random: Random
    totals: dict[str, Decimal]
    orders: dict[int, Order] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    results: dict[str, Decimal] = field(default_factory=dict)
    fees: dict[str, Decimal] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    by_ticker: dict[str, dict[int, Order]] = field(default_factory=dict)
    holds: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    reaches: dict[str, Reach] = field(default_factory=dict)
    changed: bool = False
    placed: int = 0
    opened: int = 0

    def place(self, market: Market, ask: Ask, now: float) -> Order:
        """Sends an order to the exchange; what can be matched is matched at once.

        Raises Refused, and then nothing has changed.
        """
        check(market, ask)
        here = len(self.by_ticker.get(market.ticker.name, ()))
        if here >= MAX_ORDERS or len(self.orders) >= MAX_IN_ALL:
            raise Refused("many")
        number = self.connection.first_order + self.placed
        client_id = str(UUID(int=self.random.getrandbits(128), version=4))[:32]
        order = make(market, ask, number, client_id, now, cash=self.connection.cash)
        self._check_money(market, order)
        self.placed += self.random.randint(1, 9)
        self.orders[order.id] = order
        self.by_ticker.setdefault(order.ticker, {})[order.id] = order
        self._tell(order)
        if order.type is OrderType.Market:
            self._take(market, order, None)
            self._close(order)
            return order
        if not order.armed:
            self._take(market, order, tick_of(market.ticker, order.price))
        if order.status is OrderStatus.New:
            order.status = OrderStatus.Open
            self._tell(order)
        return order

    def cancel(self, order: Order) -> None:
        self._close(order)

    def fill(self, market: Market, order: Order, size: Decimal) -> None:
        """Fills an order at its own price, whatever the market says."""
        size = min(size, order.remaining)
        self._trade(market.ticker, order, order.price, size, maker=True)
        self._settle(order)

    def match(self, market: Market) -> None:
        """Triggers and fills what the market has reached; called after the market moved."""
        name = market.ticker.name
        if name not in self.by_ticker or self._reach(market).spares(market):
            return
        for order in self.open_orders(market.ticker.name):
            if order.armed and past(market, order.side, order.type, order.trigger or ZERO):
                order.armed = False
                if order.type in CLOSING:
                    self._fire(market, order)
                    continue
                self._tell(order)
            if not order.armed:
                self._rest(market, order)

    def _reach(self, market: Market) -> Reach:
        name = market.ticker.name
        if name not in self.reaches:
            self.reaches[name] = reach_of(market.ticker, self.open_orders(name))
        return self.reaches[name]

    def drain(self) -> list[Event]:
        """The events since the last call."""
        events, self.events = self.events, []
        return events

    def open_orders(self, ticker: str) -> list[Order]:
        return list(self.by_ticker.get(ticker, {}).values())

    def balances(self) -> Iterator[tuple[str, Decimal, Decimal, Decimal]]:
        """coin, total, free, locked of every coin."""
        for coin, total in self.totals.items():
            locked = self.locked(coin)
            yield coin, total, total - locked, locked

    def locked(self, coin: str) -> Decimal:
        """What open orders and positions hold of a coin."""
        tickers = self.connection.tickers()
        held = sum((self._held(ticker, coin) for ticker in self.by_ticker), ZERO)
        if not self.connection.cash:
            for position in self.positions.values():
                if tickers[position.ticker].quote == coin:
                    held += abs(position.signed) * position.fixed / LEVERAGE
        return held.quantize(Decimal("0.00000000"))

    def _held(self, ticker: str, coin: str) -> Decimal:
        """What the open orders of a ticker hold of a coin."""
        known = self.holds.setdefault(ticker, {})
        if coin not in known:
            known[coin] = sum((self._hold(one, coin) for one in self.open_orders(ticker)), ZERO)
        return known[coin]

    def _hold(self, order: Order, coin: str) -> Decimal:
        ticker = self.connection.tickers()[order.ticker]
        if self.connection.cash:
            if order.side is Side.Buy:
                return order.price * order.remaining if ticker.quote == coin else ZERO
            return order.remaining if ticker.base == coin else ZERO
        if ticker.quote != coin or order.reduce_only:
            return ZERO
        opening = order.remaining - self._closable(order.ticker, order.side)
        return max(ZERO, opening) * order.price / LEVERAGE

    def _closable(self, ticker: str, side: Side) -> Decimal:
        """How much of a position an order of this side would close."""
        position = self.positions.get(ticker)
        if position is None or position.side is side:
            return ZERO
        return abs(position.signed)

    def _check_money(self, market: Market, order: Order) -> None:
        if order.reduce_only and not self.connection.cash:
            order.size = self._reducible(order)
            return
        sells = self.connection.cash and order.side is Side.Sell
        coin = market.ticker.base if sells else market.ticker.quote
        cover = COVER if order.type is OrderType.Market else 1 + TAKER[self.connection.cash]
        if self._hold(order, coin) * (1 if sells else cover) > self.totals.get(
            coin, ZERO
        ) - self.locked(coin):
            raise Refused("money" if self.connection.cash else "margin")

    def _reducible(self, order: Order) -> Decimal:
        """What of a reduce-only order's size may go; stops that wait hold theirs."""
        free = self._closable(order.ticker, order.side)
        if order.type not in CLOSING:
            held = (o for o in self.open_orders(order.ticker) if o.side is order.side)
            free -= sum((o.remaining for o in held if o.reduce_only), ZERO)
        if free <= 0:
            raise Refused("reduce")
        return min(order.size, free)

    def _fire(self, market: Market, order: Order) -> None:
        """A stop loss or take profit goes to the market, at most for what there is to close."""
        if not self.connection.cash:
            order.size = min(order.size, self._closable(order.ticker, order.side) + order.filled)
        self._take(market, order, None)
        self._close(order)

    def _take(self, market: Market, order: Order, limit: int | None) -> None:
        """Fills the marketable part of an order against the book."""
        units = int(order.remaining / market.ticker.size_increment)
        bites = market.take(counter(order.side), units, limit)
        for tick, bite in bites:
            size = bite * market.ticker.size_increment
            price = tick * market.ticker.price_increment
            self._trade(market.ticker, order, price, size, maker=False)
        if bites:
            self._settle(order)

    def _rest(self, market: Market, order: Order) -> None:
        """A resting order fills wholly when the price went through it, partly when it touched."""
        side, tick = counter(order.side), tick_of(market.ticker, order.price)
        best = market.book.best(side)
        if best is None or beyond(side, best, tick):
            return
        size = order.remaining
        if best == tick:
            bites = market.take(side, int(size / market.ticker.size_increment), tick)
            size = sum((bite for _, bite in bites), 0) * market.ticker.size_increment
        self._trade(market.ticker, order, order.price, size, maker=True)
        self._settle(order)

    def _settle(self, order: Order) -> None:
        if order.remaining <= 0:
            self._close(order)
        else:
            order.status = OrderStatus.Open
            self._tell(order)

    def _close(self, order: Order) -> None:
        if self.orders.pop(order.id, None) is not None:
            rest = self.by_ticker[order.ticker]
            del rest[order.id]
            if not rest:
                del self.by_ticker[order.ticker]
            order.status = OrderStatus.Closed
            order.armed = False
            self._tell(order)

    def _trade(
        self, ticker: Ticker, order: Order, price: Decimal, size: Decimal, *, maker: bool
    ) -> None:
        cash = self.connection.cash
        fee = price * size * (MAKER if maker else TAKER)[cash]
        fee = fee.quantize(Decimal("0.00000001"))
        order.filled += size
        order.value += price * size
        order.fee += fee
        self.fees[ticker.quote] = self.fees.get(ticker.quote, ZERO) + fee
        self._move(ticker.quote, -fee)
        signed = size if order.side is Side.Buy else -size
        if cash:
            self._move(ticker.quote, -price * signed)
            self._move(ticker.base, signed)
        else:
            self._net(ticker, signed, price)

    def _net(self, ticker: Ticker, signed: Decimal, price: Decimal) -> None:
        self.holds.pop(ticker.name, None)
        while signed:
            position = self.positions.get(ticker.name)
            if position is None:
                self.opened += 1
                position = Position(
                    self.connection.id * 1000 + self.opened, ticker.name, ZERO, price
                )
                self.positions[ticker.name] = position
            side = position.side if position.signed else (Side.Buy if signed > 0 else Side.Sell)
            profit, signed = net(position, signed, price)
            if profit:
                self.results[ticker.quote] = self.results.get(ticker.quote, ZERO) + profit
                self._move(ticker.quote, profit)
            if not position.signed:
                position.status = OrderStatus.Closed
                del self.positions[ticker.name]
            row = position.update(self.connection.id, side)
            self.events.append(("position_update", row))
            position.status = OrderStatus.Open

    def _move(self, coin: str, amount: Decimal) -> None:
        total = self.totals.get(coin, ZERO) + amount
        self.totals[coin] = total.quantize(Decimal("0.00000000"))

    def _tell(self, order: Order) -> None:
        self.changed = True
        self.holds.pop(order.ticker, None)
        self.reaches.pop(order.ticker, None)
        self.events.append(("order_update", order.update(self.connection.id)))
