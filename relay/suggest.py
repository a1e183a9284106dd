"""This file knows which tickers a few typed letters may mean, the likeliest first.

Typed is what hands type: any case, separators or none, the exchange or the market beside it, and
Latin letters on a keyboard that was left in Russian.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import islice

from relay.connection import Connection
from relay.exchanges import Exchanges
from relay.find import pattern_of
from relay.outcome import Candidate
from relay.resolve import Preferences, place_in
from relay.ticker import fold
from relay.tickers import Listed, TickerList, expiry_of

MAX_TEXT = 40
MAX_ROWS = 20
#: Of more hits than this only the shortest names are ranked.
MANY = 400
_QUOTES = ("USDT", "USDC", "USD", "RUB", "BTC", "ETH")
_MARKETS = {
    "P": "futures", "PERP": "futures", "FUTURES": "futures", "SWAP": "futures", "SPOT": "spot",
    "STOCK": "stock", "MARGIN": "margin",
    "ФЬЮЧ": "futures", "ФЬЮЧЕРС": "futures", "ПЕРП": "futures", "СПОТ": "spot", "АКЦИЯ": "stock",
}  # fmt: skip
#: The same keys on a Russian keyboard.
_KEYS = str.maketrans(
    "ЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬ",
    "QWERTYUIOPASDFGHJKLZXCVBNM",
)
_SPLIT = str.maketrans(":.,", "   ")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed. name: letters to look for, folded; others: "everything" when empty."""

    name: str = ""
    exchanges: frozenset[str] = field(default_factory=frozenset)
    markets: frozenset[str] = field(default_factory=frozenset)


def wish_of(text: str, exchanges: Exchanges) -> Wish:
    """What a text asks for; a word counts as an exchange or a market only beside another word."""
    words = text[:MAX_TEXT].upper().translate(_SPLIT).split()
    named = {word: name for word in words if (name := exchanges.canonical(word))}
    kinds = {word: _MARKETS[word] for word in words if word in _MARKETS}
    left = [word for word in words if word not in named and word not in kinds]
    if words and not left:
        left, named = words[-1:], {word: named[word] for word in words[:-1] if word in named}
        kinds = {word: kinds[word] for word in words[:-1] if word in kinds}
    name = fold("".join(left))
    return Wish(name, frozenset(named.values()), frozenset(kinds.values()))


def suggest(
    wish: Wish,
    places: Sequence[Connection],
    lists: Mapping[int, TickerList],
    preferences: Preferences,
    limit: int = MAX_ROWS,
) -> list[Candidate]:
    """The tickers that can be opened now and fit, at most `limit`."""
    rows = _ranked(wish, places, lists, preferences, limit)
    if not rows and (other := wish.name.translate(_KEYS)) != wish.name:
        rows = _ranked(Wish(other, wish.exchanges, wish.markets), places, lists, preferences, limit)
    return rows


Rank = tuple[int | str, ...]
Hit = tuple[Listed, Connection]


def _ranked(
    wish: Wish,
    places: Sequence[Connection],
    lists: Mapping[int, TickerList],
    preferences: Preferences,
    limit: int,
) -> list[Candidate]:
    """Looks first for what begins so: letters in the middle of a name are asked for seldom."""
    if not wish.name:
        return []
    meant = [one for one in places if one.live and one.id in lists and _is_wanted(wish, one)]
    begins = [(one, place) for place in meant for one in _beginning(wish.name, lists[place.id])]
    rows = _best(wish.name, begins, preferences, limit)
    if len(rows) == limit:
        return rows
    share = MANY // max(len(meant), 1)
    inside = [
        (one, place)
        for place in meant
        for one in islice(_inside(wish.name, lists[place.id]), share)
    ]
    return rows + _best(wish.name, inside, preferences, limit - len(rows))


def _best(name: str, hits: list[Hit], preferences: Preferences, limit: int) -> list[Candidate]:
    """The first of the hits; a letter or two hits thousands, of which the short names count."""
    if len(hits) > MANY:
        hits = sorted(hits, key=lambda hit: len(hit[0].name))[:MANY]
    best = nsmallest(limit, hits, key=lambda hit: _rank(name, hit[0], hit[1], preferences))
    return [
        Candidate(place, one.name, pattern_of(place.exchange, place.kind, one.name))
        for one, place in best
    ]


def _is_wanted(wish: Wish, place: Connection) -> bool:
    by_exchange = not wish.exchanges or place.exchange in wish.exchanges
    return by_exchange and (not wish.markets or place.kind in wish.markets)


def _beginning(name: str, listed: TickerList) -> list[Listed]:
    """What can be traded and begins with the letters, by its own name or by its coin's."""
    by_name = [one for spelled, rows in listed.folded.items() if spelled.startswith(name)
               for one in rows if one.tradable]  # fmt: skip
    by_coin = [one for (base, _), rows in listed.pairs.items() if base.startswith(name)
               for one in rows if one.tradable]  # fmt: skip
    return list({one.name: one for one in (*by_name, *by_coin)}.values())


def _inside(name: str, listed: TickerList) -> Iterable[Listed]:
    """What can be traded and has the letters further on in its name."""
    return (
        one
        for spelled, rows in listed.folded.items()
        if spelled.find(name) > 0
        for one in rows
        if one.tradable
    )


def _rank(name: str, one: Listed, place: Connection, preferences: Preferences) -> Rank:
    """Exactly this, this coin, begins so; then how usual it is."""
    spelled, base = fold(one.name), fold(one.base)
    fit = 0 if spelled == name else 1 if base == name else 2
    return (
        fit,
        bool(expiry_of(one)),
        place_in(one.quote.upper(), _QUOTES),
        len(base),
        base,
        place_in(place.exchange, preferences.exchanges),
        place_in(place.kind, preferences.markets),
        place.demo_mode,
        place.id,
        spelled,
    )
