"""This file knows what is sent at a pace of its own: prices, MetaBroker feeds, screener frames.

due() is asked at every tick of the clock and gives what has become due, for whom. MetaScalp API,
edition 3, 2026-08; the paces are the documents', those of prices ours.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from .book import ASK, BID
from .broker import Liquidation, Trade, Wall
from .enums import ANY_FUTURES
from .filters import Density, Large, Liquidated
from .market import Market
from .orders import iso
from .topics import Message, Topics, metadata, screener_frame
from .wire import Json
from .world import Key, World

PACE_S = {
    "mark_price": 1.0, "index_price": 1.0, "funding": 3.0, "density_map": 1.0, "large_trades": 0.1,
    "liquidations": 0.25, "metadata": 0.5, "screener": 1.0,
}  # fmt: skip
FUNDING_S = 8 * 3600

Due = Iterator[tuple[Topics, Message]]


@dataclass(slots=True)
class Pulse:
    """What waits for its moment. last: value of a price when it was last sent or first looked at.
    next: when a pace is over."""

    world: World
    last: dict[tuple[str, Key], Json] = field(default_factory=dict)
    next: dict[str, float] = field(default_factory=dict)
    walls: list[Wall] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    rows: list[Liquidation] = field(default_factory=list)

    def due(self, readers: Iterable[Topics]) -> Due:
        """Who is to be sent what now."""
        now = self.world.now()
        awake = [one for one in readers if one.prices or one.feeds or one.screens]
        if not awake:
            self.last.clear()
            return
        yield from self._prices(awake, now)
        yield from self._feeds([one for one in awake if one.feeds], now)
        if self._over("screener", now):
            for reader in awake:
                for template in sorted(reader.screens):
                    yield reader, screener_frame(self.world, template)

    def _prices(self, readers: list[Topics], now: float) -> Due:
        wanted = {topic for one in readers for topic in one.prices}
        self.last = {topic: value for topic, value in self.last.items() if topic in wanted}
        fresh: dict[tuple[str, Key], dict[str, Json]] = {}
        over = {name: self._over(name, now) for name in ("mark_price", "index_price", "funding")}
        for topic in wanted:
            known = topic in self.last
            if known and not over[topic[0]]:
                continue
            value = self._value(*topic, now)
            if known and value is not None and value != self.last[topic]:
                fresh[topic] = value
            self.last[topic] = value
        for reader in readers:
            for topic in sorted(reader.prices & fresh.keys()):
                name, key = topic
                head = {"connectionId": key[0], "ticker": key[1]}
                yield reader, (f"{name}_update", {**head, **fresh[topic]})

    def _value(self, name: str, key: Key, now: float) -> dict[str, Json] | None:
        """What is sent besides connection and ticker; None where the venue has no such stream."""
        market, row = self.world.market(key), self.world.active(key[0])
        if market is None or row is None or row.market not in ANY_FUTURES:
            return None
        mark = _middle(market)
        if name == "mark_price":
            return {"markPrice": mark}
        if name == "index_price":
            step = market.ticker.price_increment
            return {"indexPrice": (mark * Decimal("0.99996")).quantize(step)}
        if market.ticker.name[-6:].isdigit():
            return None
        home = market.ticker.price
        rate = Decimal("0.0001") + (mark / home - 1) / 100
        at = (int(now) // FUNDING_S + 1) * FUNDING_S
        return {"fundingRate": rate.quantize(Decimal("0.00000001")), "fundingTime": iso(at)}

    def _feeds(self, readers: list[Topics], now: float) -> Due:
        if not readers or "no-backend" in self.world.troubles:
            return
        walls, trades, rows = self.world.broker.tick(now)
        self.walls, self.trades = self.walls + walls, self.trades + trades
        self.rows += rows
        if self._over("density_map", now):
            yield from self._walls(readers, now)
        if self._over("large_trades", now):
            yield from self._large(readers, now)
        if self._over("liquidations", now):
            yield from self._liquidations(readers)
        if self._over("metadata", now):
            for reader in readers:
                one = reader.feeds.get("liquidations")
                if isinstance(one, Liquidated):
                    yield reader, ("liquidations_metadata", metadata(self.world, one))

    def _walls(self, readers: list[Topics], now: float) -> Due:
        walls, self.walls = self.walls, []
        for reader in readers:
            one = reader.feeds.get("density_map")
            if isinstance(one, Density):
                new = [wall for wall in walls if wall.at > reader.begun["density_map"]]
                found = [wall.row() for wall in new if one.passes(wall, now)]
                if found:
                    yield reader, ("density_map_update", {"notifications": found})

    def _large(self, readers: list[Topics], now: float) -> Due:
        trades, self.trades = self.trades, []
        for reader in readers:
            one = reader.feeds.get("large_trades")
            if isinstance(one, Large):
                begun = reader.begun["large_trades"]
                found = one.take([trade for trade in trades if trade.at > begun], now)
                if found:
                    yield reader, ("large_trades_update", {"trades": found})

    def _liquidations(self, readers: list[Topics]) -> Due:
        rows, self.rows = self.rows, []
        for reader in readers:
            one = reader.feeds.get("liquidations")
            if isinstance(one, Liquidated):
                new = [row for row in reversed(rows) if row.at > reader.begun["liquidations"]]
                found = [row.row() for row in new if one.passes(row)]
                if found:
                    yield reader, ("liquidations_update", {"liquidations": found})

    def _over(self, name: str, now: float) -> bool:
        """True when a pace is over; the next one then begins."""
        if now < self.next.setdefault(name, now + PACE_S[name]):
            return False
        self.next[name] = now + PACE_S[name]
        return True


def _middle(market: Market) -> Decimal:
    best = [market.book.best(side) or market.home for side in (ASK, BID)]
    step = market.ticker.price_increment
    return (sum(best) * step / 2).quantize(step / 10)
