"""This file knows one connection's ticker list and finds a symbol in it, however it is spelled.

Names are the exchange's own: `BTCUSDT`, `BTC_USDT`, `GOLD(XAUT)_USDT`, `HK50_`. Several may share
base and quote (`BTCUSDT`, `BTCUSDT_260626`), and the base may differ from the name (`TON_USDT` has
base TONCOIN): captured from MetaScalp with MEXC and Binance futures, 2026-05.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from relay.ticker import fold

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
#: Futures traders' letters for the months, as in BTCUSDZ26 (Bybit's inverse contracts).
_LETTERS = "FGHJKMNQUVXZ"
_DIGITS = re.compile(r"(?:20)?(\d{6})$")
_WORDED = re.compile(rf"(\d{{1,2}})({'|'.join(_MONTHS)})(\d\d)$")
_LETTERED = re.compile(rf"^([{_LETTERS}])(\d\d)$")
#: How venues write that one contract is many coins: 1000PEPE, 1MBABYDOGE, kPEPE (Hyperliquid), and
#: SHIB1000 (Bybit).
_MULTIPLIED = re.compile(r"(?:10{3,}|1M|k)([A-Z][A-Z0-9]+)|([A-Z][A-Z0-9]*?[A-Z])10{3,}")


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
    glued: dict[str, list[Listed]] = field(default_factory=dict)

    def spelled(self, symbol: str) -> list[Listed]:
        """The tickers a spelling may mean: exact, the same without separators, base and quote."""
        if symbol in self.names:
            return [self.names[symbol]]
        plain = fold(symbol)
        if found := self.folded.get(plain):
            return found
        plain = plain.removesuffix("SWAP")
        return self.folded.get(plain) or self.glued.get(plain, [])

    def paired(self, base: str, quote: str) -> list[Listed]:
        """The undated tickers of a base and a quote; several where the venue has several."""
        found = self.pairs.get((base, quote), [])
        plain = [one for one in found if fold(one.name) == base + quote]
        return plain or [one for one in found if not expiry_of(one)]

    def of_a_dex(self, base: str) -> list[Listed]:
        """The tickers of a base that stands in a dex of its own: `xyz:XYZ100/USDC` for XYZ100.

        TradingView leaves the dex out (HYPERLIQUID:XYZ100USDC.P, seen 2026-08).
        """
        tail = f":{base}"
        return [
            one
            for one in self.names.values()
            if one.base.upper().endswith(tail) or (":" in one.name and one.base.upper() == base)
        ]

    def dated(self, base: str, quote: str, expiry: str) -> list[Listed]:
        """The tickers of a pair that expire on a day given as YYMMDD."""
        found = self.pairs.get((base, quote), [])
        return [one for one in found if (when := expiry_of(one)) and expiry.startswith(when)]

    def multiplied(self, names: Iterable[str], quote: str | None) -> list[Listed]:
        """The undated tickers of the same coin in other amounts: PEPE for 1000PEPE, and back."""
        roots = {root_of(name) for name in names}
        return [
            one
            for one in self.names.values()
            if root_of(one.base) in roots
            and quote in (None, one.quote.upper())
            and not expiry_of(one)
        ]


def assets_of(lists: Iterable[TickerList]) -> list[str]:
    """The coins that lists have, by every name people know them under.

    A base may differ from what is in the ticker's name (TON_USDT has base TONCOIN), and a contract
    of a thousand is written about as the coin itself.
    """
    found = {
        name
        for listed in lists
        for one in listed.names.values()
        for name in (one.base.upper(), root_of(one.base), fold(one.name).removesuffix(one.quote))
        if name.isalnum() and not expiry_of(one)
    }
    return sorted(found)


def expiry_of(one: Listed) -> str | None:
    """The day in a ticker's name, YYMMDD; YYMM where it only says the month; None without one."""
    name, pair, base = fold(one.name), fold(one.base + one.quote), fold(one.base)
    rest = name.removeprefix(pair if name.startswith(pair) else base)
    if found := _WORDED.search(rest):
        day, month, year = found.groups()
        return f"{year}{_MONTHS.index(month) + 1:02}{int(day):02}"
    if found := _DIGITS.search(rest):
        return found[1]
    if (found := _LETTERED.match(rest)) and rest != name:
        return f"{found[2]}{_LETTERS.index(found[1]) + 1:02}"
    return None


def root_of(base: str) -> str:
    """A coin without the multiplier in its name."""
    found = _MULTIPLIED.fullmatch(base)
    return found[1] or found[2] if found else base.upper()


def index(listed: Iterable[Listed]) -> TickerList:
    """The list, ready to be searched."""
    found = TickerList()
    for one in listed:
        found.names[one.name] = one
        found.folded.setdefault(fold(one.name), []).append(one)
        found.pairs.setdefault((one.base.upper(), one.quote.upper()), []).append(one)
        if not expiry_of(one):
            found.glued.setdefault(fold(one.base + one.quote), []).append(one)
    return found
