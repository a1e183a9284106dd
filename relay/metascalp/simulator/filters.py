"""This file knows what a subscription to one of the MetaBroker feeds lets through.

MetaScalp API, edition 3, 2026-08, "MetaBroker feeds". The texts name the field, as documented;
their words are ours.
"""

from dataclasses import dataclass
from decimal import Decimal

from .body import Fields, Ours
from .broker import Burst, Liquidation, Wall
from .wire import Json

EXCHANGES = frozenset({
    "binance", "gate", "bybit", "kucoin", "bitget", "mexc", "okx", "bingx", "htx", "bitmart",
    "lbank", "hyperliquid", "upbit", "asterdex", "lighter", "xt", "edgex", "bitunix", "ourbit",
    "whitebit", "blofin", "weex", "polymarket",
})  # fmt: skip
LIQUIDATING = frozenset({"binance", "bybit", "okx", "bitget", "gate", "htx", "aster", "lighter"})
QUOTES = ("USDT", "USDC", "OTHER")
WINDOWS = {"m5": 300, "m15": 900, "h1": 3600, "h4": 14400, "h24": 86400}
AUTO_USD = Decimal(500_000)
"""From what size on a wall counts where the terminal is to find that out itself."""
USUAL_USD = Decimal(100_000)
"""What the size of a large trade is compared with when no least amount is asked for."""


@dataclass(frozen=True, slots=True)
class Density:
    """Walls of order books. least: USD by (exchange, market)."""

    least: dict[tuple[str, str], Decimal]
    small: Decimal
    quotes: frozenset[str]

    @classmethod
    def read(cls, data: Fields) -> "Density":
        least = {}
        for exchange, market, row in _markets(data):
            mode = _one_of(row, "bdsMode", ("manual", "auto"), "manual")
            usd = row.decimal("bdsvalue")
            value = Decimal(1_000_000) if usd is None else usd
            least[exchange, market] = AUTO_USD if mode == "auto" else value
        _, _, small = _coefficients(data)
        for name in ("large", "medium", "small"):
            data.decimal(f"{name}lifetimeminutes")
        return cls(least, small, _quotes(data, ("USDT",)))

    def passes(self, wall: Wall) -> bool:
        least = self.least.get((wall.place[0], wall.place[1]))
        return least is not None and wall.usd >= least * self.small and wall.quote in self.quotes


@dataclass(frozen=True, slots=True)
class Large:
    """Large trades. raw: every print by itself."""

    places: frozenset[tuple[str, str]]
    raw: bool
    least: Decimal
    steps: tuple[Decimal, Decimal, Decimal]
    quotes: frozenset[str]

    @classmethod
    def read(cls, data: Fields) -> "Large":
        places = frozenset((exchange, market) for exchange, market, _ in _markets(data))
        window = _ranged(data, "aggregationMs", 0, 60000, 500)
        least = data.decimal("minamountusd") or Decimal(0)
        return cls(places, window == 0, least, _coefficients(data), _quotes(data, QUOTES))

    def rows(self, burst: Burst) -> list[Json]:
        if burst.place not in self.places or burst.quote not in self.quotes:
            return []
        groups = [[one] for one in burst.prints] if self.raw else [list(burst.prints)]
        rows = [burst.row(group, n, self._category(group)) for n, group in enumerate(groups)]
        return [row for row in rows if row["sizeUsd"] >= self.least]

    def _category(self, prints: list[tuple[Decimal, Decimal]]) -> str:
        share = sum(usd for _, usd in prints) / (self.least or USUAL_USD)
        large, medium, _ = self.steps
        return "large" if share >= large else "medium" if share >= medium else "small"


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
            _one_of(data, "assetClass", ("all", "crypto", "tradfi"), "all"),
            _one_of(data, "side", ("all", "long", "short"), "all"),
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
        market = _one_of(fields, "market", ("spot", "futures"), "")
        found.append((exchange, market, fields))
    return found


def _listed(data: Fields, name: str, allowed: frozenset[str]) -> list[str]:
    value = data.values.get(name.lower())
    if not isinstance(value, list) or not value:
        raise Ours(f"'{name}' is required and must not be empty.")
    names = [one.lower() if isinstance(one, str) else "" for one in value]
    if not set(names) <= allowed:
        raise Ours(f"Invalid '{name}'.")
    return names


def _coefficients(data: Fields) -> tuple[Decimal, Decimal, Decimal]:
    sent = [data.decimal(f"{name}coefficient") for name in ("large", "medium", "small")]
    large, medium, small = (
        Decimal(usual) if value is None else value
        for value, usual in zip(sent, (3, 2, 1), strict=True)
    )
    return large, medium, small


def _quotes(data: Fields, usual: tuple[str, ...]) -> frozenset[str]:
    if data.values.get("includedquoteassets") is None:
        return frozenset(usual)
    lower = frozenset(name.lower() for name in QUOTES)
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
