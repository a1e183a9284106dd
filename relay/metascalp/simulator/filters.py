"""This file knows what a subscription to one of the MetaBroker feeds lets through.

MetaScalp API, edition 3, 2026-08, "MetaBroker feeds". The texts name the field, as documented;
their words are ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from .body import Fields, Ours
from .broker import Liquidation, Place, Trade, Wall, merged
from .wire import Json

EXCHANGES = (
    "binance", "gate", "bybit", "kucoin", "bitget", "mexc", "okx", "bingx", "htx", "bitmart",
    "lbank", "hyperliquid", "upbit", "asterdex", "lighter", "xt", "edgex", "bitunix", "ourbit",
    "whitebit", "blofin", "weex", "polymarket",
)  # fmt: skip
LIQUIDATING = ("binance", "bybit", "okx", "bitget", "gate", "htx", "aster", "lighter")
QUOTES = ("USDT", "USDC", "OTHER")
MODES, MARKETS = ("manual", "auto"), ("spot", "futures")
ASSETS, SIDES = ("all", "crypto", "tradfi"), ("all", "long", "short")
WINDOWS = {"m5": 300, "m15": 900, "h1": 3600, "h4": 14400, "h24": 86400}
NUMBERED = {
    "exchange": EXCHANGES, "market": MARKETS, "bdsmode": MODES, "exchanges": LIQUIDATING,
    "includedquoteassets": QUOTES, "assetclass": ASSETS, "side": SIDES, "window": tuple(WINDOWS),
}  # fmt: skip
"""The lists as the document has them, by the field that takes one of their names."""
AUTO_USD = Decimal(500_000)
"""From what size on a wall counts where the terminal is to find that out itself."""
USUAL_USD = Decimal(100_000)
"""What the size of a large trade is compared with when no least amount is asked for."""
SIZES = ("large", "medium", "small")
Steps = tuple[Decimal, Decimal, Decimal]
"""A number for each of the sizes."""


@dataclass(frozen=True, slots=True)
class Density:
    """Walls of order books. least: USD by (exchange, market). lives_s: for how long a wall of each
    size is shown; the documents name the field and do not say what it counts.
    """

    least: dict[Place, Decimal]
    steps: Steps
    lives_s: Steps
    quotes: frozenset[str]

    @classmethod
    def read(cls, data: Fields) -> "Density":
        least = {}
        for exchange, market, row in _markets(data):
            mode = _one_of(row, "bdsMode", MODES, "manual")
            usd = row.decimal("bdsvalue")
            value = Decimal(1_000_000) if usd is None else usd
            least[exchange, market] = AUTO_USD if mode == "auto" else value
        large, medium, small = _by_size(data, "lifetimeminutes", (5, 5, 5))
        lives_s = (large * 60, medium * 60, small * 60)
        steps = _by_size(data, "coefficient", (3, 2, 1))
        return cls(least, steps, lives_s, _quotes(data, ("USDT",)))

    def passes(self, wall: Wall, now: float) -> bool:
        """True while a wall is shown."""
        least = self.least.get(wall.place)
        if least is None or wall.quote not in self.quotes:
            return False
        size = _size(wall.usd, least, self.steps)
        return size is not None and now - wall.at < self.lives_s[SIZES.index(size)]


@dataclass(slots=True)
class Large:
    """Large trades. window_s: for how long trades of one side of a market are gathered into one; 0:
    every trade is by itself. open: those that are being gathered.
    """

    places: frozenset[Place]
    window_s: float
    least: Decimal
    steps: Steps
    quotes: frozenset[str]
    open: dict[tuple[Place, str, str, str], list[Trade]] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Fields) -> "Large":
        places = frozenset((exchange, market) for exchange, market, _ in _markets(data))
        window_s = _ranged(data, "aggregationMs", 0, 60000, 500) / 1000
        least = data.decimal("minamountusd") or Decimal(0)
        steps = _by_size(data, "coefficient", (3, 2, 1))
        return cls(places, window_s, least, steps, _quotes(data, QUOTES))

    def take(self, trades: Iterable[Trade], now: float) -> list[Json]:
        """Takes trades in, oldest first; gives the rows whose time is over by now."""
        done: list[list[Trade]] = []
        for one in trades:
            if one.place not in self.places or one.quote not in self.quotes:
                continue
            key = (one.place, one.coin, one.quote, one.side)
            held = self.open.get(key)
            if held is not None and one.at - held[0].at < self.window_s:
                held.append(one)
                continue
            done += [] if held is None else [held]
            self.open[key] = [one]
        for key in [key for key, held in self.open.items() if now - held[0].at >= self.window_s]:
            done.append(self.open.pop(key))
        return [row for group in done for row in self._row(group)]

    def _row(self, trades: list[Trade]) -> list[Json]:
        usd = sum((one.usd for one in trades), Decimal(0))
        size = _size(usd, self.least or USUAL_USD, self.steps)
        return [] if size is None or usd < self.least else [merged(trades, size)]


@dataclass(frozen=True, slots=True)
class Liquidated:
    """Liquidations. window_s: of totals and top tokens, not of the rows."""

    exchanges: frozenset[str]
    least: Decimal
    impact: Decimal | None
    asset: str
    side: str
    coin: str
    window_s: int
    backfill: int

    @classmethod
    def read(cls, data: Fields) -> "Liquidated":
        return cls(
            frozenset(_listed(data, "exchanges", LIQUIDATING)),
            data.decimal("minnotionalusd") or Decimal(0),
            data.decimal("minimpactbps"),
            _one_of(data, "assetClass", ASSETS, "all"),
            _one_of(data, "side", SIDES, "all"),
            (data.text("coin") or "").upper(),
            WINDOWS[_one_of(data, "window", tuple(WINDOWS), "h1")],
            _ranged(data, "backfill", 0, 500, 200),
        )

    def passes(self, one: Liquidation) -> bool:
        return (
            one.exchange in self.exchanges
            and one.usd >= self.least
            and (self.impact is None or (one.impact is not None and one.impact >= self.impact))
            and self.asset in ("all", one.asset)
            and self.side in ("all", one.side)
            and one.coin.startswith(self.coin)
        )


def named(value: Json, field: str = "") -> Json:
    """A subscription with names for numbers: their places in the lists, which is a guess."""
    if isinstance(value, dict):
        return {name: named(item, name.lower()) for name, item in value.items()}
    if isinstance(value, list):
        return [named(item, field) for item in value]
    names = NUMBERED.get(field, ())
    number = isinstance(value, int) and not isinstance(value, bool)
    return names[value] if number and 0 <= value < len(names) else value


def _markets(data: Fields) -> list[tuple[str, str, Fields]]:
    rows = data.values.get("exchangemarkets")
    if not isinstance(rows, list) or not rows:
        raise Ours("'exchangeMarkets' is required and must not be empty.")
    found = []
    for row in rows:
        if not isinstance(row, dict):
            raise Ours("Invalid 'exchangeMarkets'.")
        fields = Fields({name.lower(): item for name, item in row.items()}, data.lenient)
        exchange = (fields.text("exchange") or "").lower()
        if exchange not in EXCHANGES:
            raise Ours(f"Invalid 'exchange' '{exchange}'.")
        market = _one_of(fields, "market", MARKETS, "")
        found.append((exchange, market, fields))
    return found


def _listed(data: Fields, name: str, allowed: tuple[str, ...]) -> list[str]:
    value = data.values.get(name.lower())
    if not isinstance(value, list) or not value:
        raise Ours(f"'{name}' is required and must not be empty.")
    names = [one.lower() if isinstance(one, str) else "" for one in value]
    if not set(names) <= set(allowed):
        raise Ours(f"Invalid '{name}'.")
    return names


def _by_size(data: Fields, what: str, usual: tuple[int, int, int]) -> Steps:
    sent = [data.decimal(f"{name}{what}") for name in SIZES]
    large, medium, small = (
        Decimal(number) if value is None else value
        for value, number in zip(sent, usual, strict=True)
    )
    return large, medium, small


def _size(usd: Decimal, least: Decimal, steps: Steps) -> str | None:
    """The first of the sizes that a sum is as many times the least as; None when it is none."""
    named = zip(SIZES, steps, strict=True)
    return next((size for size, times in named if usd >= least * times), None)


def _quotes(data: Fields, usual: tuple[str, ...]) -> frozenset[str]:
    if data.values.get("includedquoteassets") is None:
        return frozenset(usual)
    lower = tuple(name.lower() for name in QUOTES)
    return frozenset(name.upper() for name in _listed(data, "includedQuoteAssets", lower))


def _one_of(data: Fields, name: str, allowed: tuple[str, ...], usual: str) -> str:
    value = (data.text(name.lower()) or usual).lower()
    if value not in allowed:
        raise Ours(f"Invalid '{name}'. Allowed values: {', '.join(allowed)}.")
    return value


def _ranged(data: Fields, name: str, low: int, high: int, usual: int) -> int:
    value = data.integer(name.lower())
    if value is None:
        return usual
    if not low <= value <= high:
        raise Ours(f"'{name}' must be between {low} and {high}.")
    return value
