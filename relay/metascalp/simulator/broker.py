"""This file knows the market as MetaBroker sees it: walls, large trades, liquidations everywhere.

All of it is invented from a seed; tick() moves it on. MetaScalp API, edition 3, 2026-08,
"MetaBroker feeds", for the rows.
"""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from uuid import UUID

from .catalog import PRICES
from .orders import iso
from .wire import Json

COINS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "SUI", "LINK", "AVAX", "TON")
EXCHANGES = ("binance", "bybit", "okx", "gate", "bitget", "mexc", "kucoin", "htx")
LIQUIDATING = ("binance", "bybit", "okx", "bitget", "gate", "htx", "aster", "lighter")
QUOTES = ("USDT", "USDT", "USDT", "USDT", "USDC", "BTC")
TRADFI = ("XAU", "TSLA")
STEP_S = 0.1
HISTORY = 500
WALL_LIFE_S = 3600
"""A wall is known for so long; for how long it is shown is a subscription's own choice."""

Place = tuple[str, str]
"""Exchange in lower case, and spot or futures."""


@dataclass(frozen=True, slots=True)
class Wall:
    """One large level of an order book."""

    id: str
    place: Place
    coin: str
    quote: str
    side: str
    price: Decimal
    distance: Decimal
    usd: Decimal
    at: float

    def row(self) -> dict[str, Json]:
        return {
            "id": self.id,
            **_place_cells(self.place, self.coin + self.quote),
            "side": self.side,
            "price": self.price,
            "distancePercent": self.distance,
            "sizeUsd": self.usd,
            "time": iso(self.at),
        }


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade somewhere."""

    id: str
    place: Place
    coin: str
    quote: str
    side: str
    price: Decimal
    usd: Decimal
    at: float


@dataclass(frozen=True, slots=True)
class Liquidation:
    """One liquidated position."""

    at: float
    exchange: str
    coin: str
    side: str
    asset: str
    price: Decimal
    size: Decimal
    usd: Decimal
    impact: Decimal | None

    def row(self) -> dict[str, Json]:
        return {
            "time": iso(self.at),
            "exchange": self.exchange,
            "symbol": f"{self.coin}USDT",
            "coin": self.coin,
            "side": self.side,
            "assetClass": self.asset,
            "price": self.price,
            "size": self.size,
            "notionalUsd": self.usd,
            "impactBps": self.impact,
        }


@dataclass(slots=True)
class Broker:
    """What happens on all exchanges. past: liquidations, newest last."""

    random: Random
    walls: deque[Wall] = field(default_factory=deque)
    past: deque[Liquidation] = field(default_factory=lambda: deque(maxlen=HISTORY))
    until: float | None = None

    def begin(self, now: float) -> float:
        """Fills the past when nobody has looked yet; gives until when everything is known."""
        if self.until is None:
            self.until = now
            for age in range(HISTORY, 0, -1):
                self.past.append(self._liquidation(now - age * 7))
            self.walls.extend(self._wall(now - age) for age in range(WALL_LIFE_S - 20, 0, -20))
        return self.until

    def tick(self, now: float) -> tuple[list[Wall], list[Trade], list[Liquidation]]:
        """What is new since the last call."""
        until = max(self.begin(now), now - 100 * STEP_S)
        walls: list[Wall] = []
        trades: list[Trade] = []
        fresh: list[Liquidation] = []
        while until + STEP_S <= now:
            until += STEP_S
            if self.random.random() < 0.1:
                walls.append(self._wall(until))
            for _ in range(self.random.randint(0, 2)):
                trades += self._burst(until)
            if self.random.random() < 0.5:
                fresh.append(self._liquidation(until))
        self.until = until
        self.walls.extend(walls)
        while now - self.walls[0].at >= WALL_LIFE_S:
            self.walls.popleft()
        self.past.extend(fresh)
        return walls, sorted(trades, key=lambda one: one.at), fresh

    def _wall(self, at: float) -> Wall:
        coin, side = self.random.choice(COINS), self.random.choice(("ask", "bid"))
        distance = self._number(self.random.uniform(0.05, 9.9), 2)
        away = distance if side == "ask" else -distance
        price = Decimal(PRICES[coin]) * (1 + away / 100)
        usd = self._number(300_000 + self.random.expovariate(1 / 1_500_000), 1)
        return Wall(
            self._id(), self._place(), coin, self._quote(), side, price, away, usd, at
        )  # fmt: skip

    def _burst(self, at: float) -> list[Trade]:
        """Trades of one side, spread over the step that ends then."""
        coin = self.random.choice(COINS)
        price = Decimal(PRICES[coin])
        step = price.scaleb(-5)
        side, place = self.random.choice(("buy", "sell")), self._place()
        quote, many = self._quote(), self.random.randint(1, 12)
        return [
            Trade(
                self._id(), place, coin, quote, side,
                price + self.random.randint(-30, 30) * step,
                self._number(5_000 + self.random.expovariate(1 / 40_000), 1),
                at - STEP_S * (many - 1 - n) / many,
            )
            for n in range(many)
        ]  # fmt: skip

    def _liquidation(self, at: float) -> Liquidation:
        tradfi = self.random.random() < 0.05
        coin = self.random.choice(TRADFI if tradfi else COINS)
        price = Decimal(PRICES.get(coin, "250"))
        price += self.random.randint(-90, 90) * price.scaleb(-5)
        size = self._number((10 + self.random.expovariate(1 / 8_000)) / float(price), 4)
        size = max(size, Decimal("0.0001"))
        impact = self._number(self.random.expovariate(20), 2)
        return Liquidation(
            at,
            self.random.choice(LIQUIDATING),
            coin,
            self.random.choice(("long", "short")),
            "tradfi" if tradfi else "crypto",
            price,
            size,
            (price * size).quantize(Decimal("0.01")),
            None if self.random.random() < 0.05 else impact,
        )

    def _place(self) -> Place:
        return self.random.choice(EXCHANGES), self.random.choice(("futures", "futures", "spot"))

    def _quote(self) -> str:
        quote = self.random.choice(QUOTES)
        return quote if quote in ("USDT", "USDC") else "OTHER"

    def _id(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def _number(self, value: float, places: int) -> Decimal:
        return Decimal(f"{value:.{places}f}")


def merged(trades: list[Trade], category: str) -> dict[str, Json]:
    """Trades of one side of one market as the row they are shown as."""
    first, prices = trades[0], [one.price for one in trades]
    return {
        "id": first.id,
        **_place_cells(first.place, first.coin + first.quote),
        "side": first.side,
        "minPrice": min(prices),
        "maxPrice": max(prices),
        "sizeUsd": sum((one.usd for one in trades), Decimal(0)),
        "tradeCount": len(trades),
        "category": category,
        "time": iso(trades[-1].at),
    }


def totals(rows: list[Liquidation]) -> dict[str, Json]:
    """longUsd, shortUsd, longCount and shortCount of liquidations."""
    sides = {side: [one.usd for one in rows if one.side == side] for side in ("long", "short")}
    return {
        **{f"{side}Usd": sum(usd, Decimal("0.0")) for side, usd in sides.items()},
        **{f"{side}Count": len(usd) for side, usd in sides.items()},
    }


def top_tokens(rows: list[Liquidation]) -> list[Json]:
    """The ten coins with the largest sums."""
    coins: dict[str, list[Liquidation]] = {}
    for one in rows:
        coins.setdefault(one.coin, []).append(one)
    sums = sorted(coins.items(), key=lambda item: -sum(one.usd for one in item[1]))
    return [{"token": coin, **totals(found)} for coin, found in sums[:10]]


def _place_cells(place: Place, ticker: str) -> dict[str, Json]:
    exchange, market = place
    name = exchange.capitalize()
    return {"exchange": name, "exchangeLogo": f"{name}.png", "market": market,
            "ticker": ticker.replace("OTHER", "BTC")}  # fmt: skip
