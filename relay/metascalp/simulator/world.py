"""This file knows the whole simulated terminal behind its API: connections, markets, accounts.

step() moves every living ticker on. A ticker somebody has subscribed to takes every step, one with
open orders one step in four, one that is only on the screen or held as a position one in twenty.
The rest is made when first asked for, from seed, connection and name: the same on every run.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Protocol

from . import start
from .account import Account
from .broker import Broker
from .casing import camel
from .catalog import Connection, connections
from .desk import Desk
from .enums import OrderType
from .intake import Ask
from .market import Market, Print
from .notices import fired, traded
from .orders import TEXT_IDS, ZERO, earlier, iso, kept_back, text_id
from .profile import PROFILES, Profile
from .screen import Screen
from .wire import Json

Key = tuple[int, str]
"""Connection id and ticker name."""

BALANCE_DEBOUNCE_S = 0.5
MAX_MARKETS = 400
"""More open markets are kept only while somebody needs them; another is opened anew later."""
ORDERED, SHOWN = 4, 20
"""A ticker with orders, or only shown or held, takes one step in so many."""


class Listener(Protocol):
    """Who is told what happens in the world."""

    def tell(self, connection: int, kind: str, data: dict[str, Json]) -> None:
        """An account message for everybody who subscribed to the connection."""

    def publish(self, topic: str, kind: str, data: dict[str, Json]) -> None:
        """A message for everybody who subscribed to a topic of the whole terminal."""

    def has_book(self, key: Key) -> bool:
        """True when somebody has subscribed to a ticker's order book."""

    def moved(
        self, key: Key, market: Market, changed: list[tuple[str, int]], prints: list[Print]
    ) -> None:
        """Levels and trades of one ticker."""

    def followed(self) -> set[Key]:
        """The tickers somebody has subscribed to."""


@dataclass
class World:
    """The terminal. now: epoch seconds, asked for whenever something happens. tickers: so many are
    listed in all, at least. every: one step in so many is a whole one, the others only flicker.
    troubles: the faults that are on."""

    seed: int
    now: Callable[[], float]
    profile: Profile = field(default_factory=lambda: PROFILES["v1.0.2860"])
    listener: Listener | None = None
    tickers: int = 0
    every: int = 1
    steps: int = 0
    paused: bool = False
    troubles: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Everything as it was at the start."""
        self.steps = 0
        self.paused = False
        self.random = Random(f"{self.seed}:world")
        boards = self.profile.moscow_boards
        self.connections: dict[int, Connection] = connections(self.tickers, boards=boards)
        self.screen = Screen(start.active(boards))
        self.desk = Desk()
        self.broker = Broker(Random(f"{self.seed}:broker"))
        self.markets: dict[Key, Market] = {}
        self.due: dict[int, float] = {}
        self.told: dict[int, list[Json]] = {}
        self.accounts = {
            number: Account(row, Random(f"{self.seed}:{number}"), start.money(number, boards))
            for number, row in self.connections.items()
        }
        for deal in start.DEALS:
            self._deal(deal)
        for account in self.accounts.values():
            account.drain()
            account.fees.clear()
            account.changed = False

    def market(self, key: Key) -> Market | None:
        """The market of a ticker, opened when first asked for; None when it is not listed."""
        market = self.markets.get(key)
        if market is None and key[0] in self.connections:
            ticker = self.connections[key[0]].tickers().get(key[1])
            if ticker is not None:
                self._forget()
                market = Market.open(ticker, f"{self.seed}:{key[0]}:{key[1]}")
                self.markets[key] = market
        return market

    def active(self, connection: int) -> Connection | None:
        """The connection when it is there and connected."""
        row = self.connections.get(connection)
        return row if row is not None and row.state in self.profile.active_states else None

    def step(self) -> None:
        """One step of every ticker that lives."""
        self.steps += 1
        if self.steps % self.every:
            self._flicker()
            return
        for key in sorted(self.living(self.steps // self.every)):
            market = self.market(key)
            if market is not None and self.active(key[0]) is not None:
                market.step()
                self.settle(key)

    def _flicker(self) -> None:
        """Sizes change in the books somebody reads: no price moves, so nothing can be matched."""
        for key in sorted(self.listener.followed()) if self.listener is not None else ():
            market = self.market(key)
            if market is not None and self.active(key[0]) is not None:
                market.flicker()
                self.tell_market(key)

    def living(self, step: int) -> set[Key]:
        """The tickers that take the step of this number."""
        keys = set(self.listener.followed()) if self.listener is not None else set()
        if step % ORDERED == 0:
            keys |= self.desk.armed()
            for number, account in self.accounts.items():
                keys |= {(number, ticker) for ticker in account.by_ticker}
        if step % SHOWN == 0:
            keys |= self.screen.shows()
            for number, account in self.accounts.items():
                keys |= {(number, ticker) for ticker in account.positions}
        return keys

    def settle(self, key: Key) -> None:
        """Matches what the market of a ticker has reached, and tells everybody what happened.

        Nothing happens when the connection was removed meanwhile.
        """
        market, account = self.market(key), self.accounts.get(key[0])
        if market is None or account is None:
            return
        account.match(market)
        self.tell_market(key)
        self.tell_account(key[0])

    def tell_market(self, key: Key) -> None:
        market = self.markets[key]
        changed, prints = market.book.drain(), market.drain()
        if prints and self.desk.signals:
            self._fire(key, market, prints)
        if self.listener is not None and (changed or prints):
            self.listener.moved(key, market, changed, prints)

    def publish(self, topic: str, kind: str, data: dict[str, Json]) -> None:
        """Tells whoever has subscribed to a topic of the whole terminal."""
        if self.listener is not None:
            self.listener.publish(topic, kind, data)

    def sees_book(self, key: Key) -> bool:
        """True when a ticker's order book is on the screen or somebody has subscribed to it."""
        subscribed = self.listener is not None and self.listener.has_book(key)
        return self.active(key[0]) is not None and (subscribed or key in self.screen.shows())

    def tell_notices(self) -> None:
        """Sends the notifications whose second is over."""
        rows = self.desk.notices.due(self.now())
        if rows:
            self.publish("notification", "notification_update", {"notifications": rows})

    def _fire(self, key: Key, market: Market, prints: list[Print]) -> None:
        """Marks the signal levels that the trades have reached."""
        step, now = market.ticker.price_increment, self.now()
        ticks = [item.tick for item in prints]
        for level in self.desk.signals.values():
            mine = (level.connection, level.ticker) == key and level.fired is None
            if mine and level.reached(min(ticks) * step, max(ticks) * step):
                level.fired = now
                data: dict[str, Json] = {"id": level.id, "triggerTime": iso(now)}
                if self.profile.casing == "pascal":
                    data = camel(level.row(self.profile.edition))
                self.publish("signal_level", "signal_level_triggered", data)
                row = fired(self.connections[key[0]], level.ticker, level.price, now)
                self.desk.notices.add(row, now)

    def tell_account(self, connection: int) -> None:
        """Sends an account's events; its balances follow half a second later."""
        account = self.accounts[connection]
        for kind, data in account.drain():
            sent = data if self.profile.has("1E") else earlier(kind, data)
            texts = (
                self.profile.text_order_ids and self.connections[connection].exchange in TEXT_IDS
            )
            if texts and kind == "order_update":
                sent = {**sent, "orderId": text_id(data["orderId"])}
            kept = self.profile.application_stops and kept_back(kind, data)
            if self.listener is not None and not kept:
                self.listener.tell(connection, kind, sent)
            if kind == "order_update" and data["status"] == "Closed" and data["filledSize"]:
                row, now = self.connections[connection], self.now()
                tab = self.screen.layout.tab_of(connection, data["ticker"])
                self.desk.notices.add(traded(row, data, now, tab), now)
        if account.changed:
            account.changed = False
            self.due.setdefault(connection, self.now() + BALANCE_DEBOUNCE_S)

    def tell_balances(self) -> None:
        """Sends the balances and results whose half second is over."""
        now = self.now()
        for connection in [number for number, when in self.due.items() if when <= now]:
            del self.due[connection]
            if self.listener is not None and connection in self.connections:
                self.listener.tell(connection, "balance_update", self._balances(connection))
                self.listener.tell(connection, "finres_update", self.results(connection))

    def _balances(self, connection: int) -> dict[str, Json]:
        """The same; of a build that sends no others, the coins that changed."""
        data = self.balances(connection)
        before, rows = self.told.get(connection, []), data["balances"]
        self.told[connection] = rows
        if self.profile.changed_balances:
            data["balances"] = [row for row in rows if row not in before]
        return data

    def balances(self, connection: int) -> dict[str, Json]:
        """The Data of balance_update: all coins."""
        rows = [
            {"coin": coin, "total": total, "free": free, "locked": locked}
            for coin, total, free, locked in self.accounts[connection].balances()
        ]
        return {"connectionId": connection, "balances": rows}

    def results(self, connection: int) -> dict[str, Json]:
        """The Data of finres_update: a row per currency with results since the start."""
        account = self.accounts[connection]
        rows = [
            {
                "currency": coin,
                "result": account.results.get(coin, ZERO),
                "fee": account.fees.get(coin, ZERO),
                "funds": total,
                "available": free,
                "blocked": locked,
            }
            for coin, total, free, locked in account.balances()
        ]
        return {"connectionId": connection, "finreses": rows}

    def remove(self, connection: int) -> None:
        """Takes a connection away, with everything on it."""
        self.connections.pop(connection, None)
        self.accounts.pop(connection, None)
        self.screen.active.pop(connection, None)
        self.due.pop(connection, None)
        self.markets = {key: market for key, market in self.markets.items() if key[0] != connection}

    def _forget(self) -> None:
        """Makes room for another market when there are too many."""
        if len(self.markets) >= MAX_MARKETS:
            needed = self.living(0)
            self.markets = {key: self.markets[key] for key in self.markets if key in needed}

    def _deal(self, deal: start.Deal) -> None:
        market = self.market((deal.connection, deal.ticker))
        assert market is not None, f"not listed: {deal}"
        ticker = market.ticker
        ticks = int(ticker.price * (1 + Decimal(deal.away) / 100) / ticker.price_increment)
        units = max(1, int(deal.size / (ticker.price * ticker.size_increment)))
        ask = Ask(
            deal.side, deal.type, units * ticker.size_increment, ticks * ticker.price_increment
        )
        when = self.now() - 3600 if deal.type is OrderType.Market else self.now() - 600
        self.accounts[deal.connection].place(market, ask, when)
        market.book.drain()
        market.drain()
