"""This file knows ticker patterns and which connection and which symbol a request means.

    pattern = [ exchange ":" ] symbol [ "." suffix ]        suffix: p, m, o

Everything before the first colon is the exchange. MetaScalp API, edition 3, 2026-08, "Ticker
pattern format"; unchanged since 2026-03.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from .catalog import Connection
from .enums import ANY_FUTURES, FUTURES, MARGIN, OPTIONS, SPOT, exchange_numbers
from .profile import PROFILES, Profile

SUFFIXES = {"p": FUTURES, "m": MARGIN, "o": OPTIONS}
SEPARATORS = str.maketrans("", "", "-_/")
SIGNS = frozenset("_/-$:")
NEWEST = PROFILES["v1.0.2860"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks for. exchange None: any; exchange_name: as the error text names it."""

    exchange: frozenset[int] | None
    exchange_name: str
    market: int
    any_futures: bool
    symbol: str


def parse(text: str, profile: Profile = NEWEST) -> Wish | None:
    """The wish of a pattern; None when it is not a pattern."""
    exchange, colon, rest = text.partition(":")
    if not colon:
        if profile.exchange_needed:
            return None
        exchange, rest = "", text
    elif not exchange:
        return None
    symbol, dot, suffix = rest.rpartition(".")
    if not dot:
        symbol, suffix = rest, ""
    letter = suffix.lower() if profile.upper_suffix else suffix
    market = SUFFIXES.get(letter) if dot else SPOT
    if market is None or not symbol or not all(c.isalnum() or c in SIGNS for c in symbol):
        return None
    numbers = None
    if colon:
        numbers = exchange_numbers(exchange, profile.edition, aliases=profile.aliases)
    if numbers is not None and not numbers:
        return None
    return Wish(numbers, exchange, market, market == FUTURES, symbol)


def choose(
    wish: Wish, known: Iterable[Connection], active_id: int, profile: Profile
) -> Connection | None:
    """The connection a wish lands on: the market asked for, else any that is not spot."""
    able = [
        connection
        for connection in known
        if connection.state in profile.active_states
        and not connection.view_mode
        and (wish.exchange is None or connection.exchange in wish.exchange)
    ]
    fitting = [c for c in able if fits(wish, c.market)]
    if not fitting and wish.market != SPOT:
        fitting = [c for c in able if c.market != SPOT]
    if wish.exchange is None:
        fitting.sort(key=lambda c: (c.id != active_id, not has(wish.symbol, c, profile)))
        if fitting and fitting[0].id != active_id:
            fitting.sort(key=lambda c: not has(wish.symbol, c, profile))
    return fitting[0] if fitting else None


def fits(wish: Wish, market: int) -> bool:
    """True when a connection's market is the one asked for; .p takes every kind of futures."""
    return market == wish.market or (wish.any_futures and market in ANY_FUTURES)


def has(symbol: str, connection: Connection, profile: Profile) -> bool:
    return resolve(symbol, connection.tickers(), profile.normalised_names) is not None


def resolve(symbol: str, names: Collection[str], normalised: bool) -> str | None:
    """The terminal's own name of a symbol; None when no spelling of it is listed.

    normalised: at last, separators are ignored in the listed names too, so that BTCUSDT finds
    BTC_USDT. The documents do not say whether the terminal does this.
    """
    for spelling in spellings(symbol):
        if spelling in names:
            return spelling
    if normalised:
        wanted = plain(symbol)
        for name in names:
            if plain(name) == wanted:
                return name
    return None


def spellings(symbol: str) -> list[str]:
    """The spellings of a request that are tried, in order."""
    bare = symbol.translate(SEPARATORS)
    prefix, colon, rest = symbol.partition(":")
    return [
        symbol,
        symbol.upper(),
        bare,
        bare.upper(),
        bare.upper().removesuffix("SWAP"),
        prefix + colon + rest.upper(),
    ]


def plain(name: str) -> str:
    """A name without separators and the SWAP suffix, in upper case."""
    return name.translate(SEPARATORS).upper().removesuffix("SWAP")
