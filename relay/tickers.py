"""This file knows one connection's ticker list and finds a symbol in it, however it is spelled.

Names are the exchange's own: `BTCUSDT`, `BTC_USDT`, `GOLD(XAUT)_USDT`, `HK50_`. Several may share
base and quote (`BTCUSDT`, `BTCUSDT_260626`), and the base may differ from the name (`TON_USDT` has
base TONCOIN): captured from MetaScalp with MEXC and Binance futures, 2026-05.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from relay.ticker import fold


@dataclass(frozen=True, slots=True)
class Listed:
    """One ticker of a connection. name: the string every other route wants."""

    name: str
    base: str
    quote: str
    tradable: bool = True


@dataclass(frozen=True, slots=True)
class TickerList:
    """Everything one connection lists, found by name, by spelling and by pair."""

    names: dict[str, Listed] = field(default_factory=dict)
    folded: dict[str, list[Listed]] = field(default_factory=dict)
    pairs: dict[tuple[str, str], list[Listed]] = field(default_factory=dict)

    def spelled(self, symbol: str) -> list[Listed]:
        """The tickers a spelling may mean: exact first, else the same without separators."""
        if symbol in self.names:
            return [self.names[symbol]]
        plain = fold(symbol)
        if found := self.folded.get(plain):
            return found
        return self.folded.get(plain.removesuffix("SWAP"), [])

    def paired(self, base: str, quote: str) -> list[Listed]:
        """The undated tickers of a base and a quote; several where the venue has several."""
        found = self.pairs.get((base, quote), [])
        plain = [one for one in found if fold(one.name) == base + quote]
        return plain or [one for one in found if not one.name[-6:].isdigit()]

    def dated(self, base: str, quote: str, expiry: str) -> list[Listed]:
        """The tickers of a pair that expire on a day given as YYMMDD."""
        found = self.pairs.get((base, quote), [])
        return [one for one in found if one.name.endswith(expiry)]


def index(listed: Iterable[Listed]) -> TickerList:
    """The list, ready to be searched."""
    found = TickerList()
    for one in listed:
        found.names[one.name] = one
        found.folded.setdefault(fold(one.name), []).append(one)
        found.pairs.setdefault((one.base.upper(), one.quote.upper()), []).append(one)
    return found
