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
WALL_LIFE_S = 300

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
class Burst:
    """Trades of one side close together: (price, USD) of each."""

    id: str
    place: Place
    coin: str
    quote: str
    side: str
    prints: tuple[tuple[Decimal, Decimal], ...]
    at: float

    def row(self, prints: list[tuple[Decimal, Decimal]], n: int, category: str) -> dict[str, Json]:
        """Some of the trades as one row. n: which of the burst's rows it is."""
        prices = [price for price, _ in prints]
        return {
            "id": self.id[:-2] + f"{n:02x}" if n else self.id,
            **_place_cells(self.place, self.coin + self.quote),
            "side": self.side,
            "minPrice": min(prices),
            "maxPrice": max(prices),
            "sizeUsd": sum((usd for _, usd in prints), Decimal(0)),
            "tradeCount": len(prints),
            "category": category,
            "time": iso(self.at),
        }


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
    walls: list[Wall] = field(default_factory=list)
    past: deque[Liquidation] = field(default_factory=lambda: deque(maxlen=HISTORY))
    until: float | None = None

    def tick(self, now: float) -> tuple[list[Wall], list[Burst], list[Liquidation]]:
        """What is new since the last call; the first one fills the past."""
        if self.until is None:
            self.until = now
            for age in range(HISTORY, 0, -1):
                self.past.append(self._liquidation(now - age * 7))
            self.walls = [self._wall(now - age) for age in range(60, 0, -2)]
        walls: list[Wall] = []
        bursts: list[Burst] = []
        fresh: list[Liquidation] = []
        self.until = max(self.until, now - 100 * STEP_S)
        while self.until + STEP_S <= now:
            self.until += STEP_S
            if self.random.random() < 0.1:
                walls.append(self._wall(self.until))
            bursts += [self._burst(self.until) for _ in range(self.random.randint(0, 2))]
            if self.random.random() < 0.5:
                fresh.append(self._liquidation(self.until))
        self.walls = [one for one in self.walls if now - one.at < WALL_LIFE_S] + walls
        self.past.extend(fresh)
        return walls, bursts, fresh

    def _wall(self, at: float) -> Wall:
        coin, side = self.random.choice(COINS), self.random.choice(("ask", "bid"))
        distance = self._number(self.random.uniform(0.05, 9.9), 2)
        away = distance if side == "ask" else -distance
        price = Decimal(PRICES[coin]) * (1 + away / 100)
        usd = self._number(300_000 + self.random.expovariate(1 / 1_500_000), 1)
        return Wall(
            self._id(), self._place(), coin, self._quote(), side, price, away, usd, at
        )  # fmt: skip

    def _burst(self, at: float) -> Burst:
        coin = self.random.choice(COINS)
        price = Decimal(PRICES[coin])
        step = price.scaleb(-5)
        prints = tuple(
            (price + self.random.randint(-30, 30) * step,
             self._number(5_000 + self.random.expovariate(1 / 40_000), 1))
            for _ in range(self.random.randint(1, 12))
        )  # fmt: skip
        side = self.random.choice(("buy", "sell"))
        return Burst(self._id(), self._place(), coin, self._quote(), side, prints, at)

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
