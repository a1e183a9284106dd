"""This file knows where in the terminal an instrument is, and says no rather than guess.

A Find is held against the connections and their ticker lists. What is found exactly where the page
said is a candidate; what exists elsewhere is only ever offered, with the reason beside it.
Which connection the terminal then takes: MetaScalp API, edition 3, "Choosing the connection",
2026-08; view-mode connections are not eligible (seen live, 2026-05).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from relay.connection import Connection
from relay.find import Find, pattern_of
from relay.outcome import Candidate, Why
from relay.tickers import Listed, TickerList

#: Which markets may be meant, by what the page says. Shares have no suffix in a ticker pattern,
#: so a page that says "spot" on a share exchange means the stock connection.
_MEANT = {"spot": ("spot", "stock", "bond", "currency"), None: ("futures", "spot", "stock")}
_QUOTES = ("USDT", "USDC", "USD", "RUB")
MAX_OFFERED = 6
#: Behind every place.
_LAST = (1 << 30,)


@dataclass(frozen=True, slots=True)
class Preferences:
    """The user's order of exchanges and of markets, for finds that leave them open."""

    exchanges: tuple[str, ...] = ("BINANCE", "BYBIT", "OKX")
    markets: tuple[str, ...] = ("futures", "spot")


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where to go: `best`, or None with the reason in `code`; `others` is what else exists."""

    best: Candidate | None
    code: str
    others: tuple[Candidate, ...] = ()


def wanted(find: Find, connections: Iterable[Connection]) -> list[Connection]:
    """The connections a find means, live or not, in the order of their ids."""
    found = [one for one in connections if find.exchange in (None, one.exchange)]
    return sorted((one for one in found if _is_meant(find, one)), key=lambda one: one.id)


def resolve(
    find: Find,
    connections: Sequence[Connection],
    lists: Mapping[int, TickerList],
    preferences: Preferences,
) -> Resolution:
    """The best place for a find. `lists` holds the ticker lists known, by connection id; a live
    place that is meant and has none could not be read, and nothing that comes after it is taken."""
    meant = wanted(find, connections)
    live = [one for one in meant if one.live and one.id in lists]
    found = [one for place in live for one in _in_list(find, place, lists[place.id])]
    taken = {one.connection.id for one in found}
    others = _elsewhere(find, connections, lists, taken, preferences)
    unread = [_order(find, one, preferences) for one in meant if one.live and one.id not in lists]
    if not found and unread:
        return Resolution(None, "unread", others)
    if not found:
        others = (*_in_other_amounts(find, live, lists), *others)[:MAX_OFFERED]
        return Resolution(None, _why_not(find, meant, connections), others)
    ranked = sorted(found, key=lambda one: _rank(find, one, lists, preferences))
    if min(unread, default=_LAST) < _order(find, ranked[0].connection, preferences):
        return Resolution(None, "unread", (*ranked, *others)[:MAX_OFFERED])
    twins = [one for one in ranked[1:] if one.connection is ranked[0].connection]
    if twins:
        return Resolution(None, "ambiguous", tuple(ranked[:MAX_OFFERED]))
    return Resolution(ranked[0], "found", (*ranked[1:MAX_OFFERED], *others)[:MAX_OFFERED])


def place_in(name: str, order: Sequence[str]) -> int:
    """Where a name stands in an order of preference; behind all when it does not."""
    return order.index(name) if name in order else len(order)


def _is_meant(find: Find, place: Connection) -> bool:
    if find.market is None and find.exchange is not None:
        return True
    return place.kind in _MEANT.get(find.market, (find.market,))


def _in_list(find: Find, place: Connection, listed: TickerList) -> list[Candidate]:
    for found in _readings(find, listed):
        if found:
            open_now = [one for one in found if one.tradable] or found
            return [_candidate(place, one) for one in open_now]
    return []


def _readings(find: Find, listed: TickerList) -> Iterable[list[Listed]]:
    """The ways to read a find, the surest first; each gives the tickers it may mean."""
    for spelling in find.spellings:
        yield listed.spelled(spelling)
    if find.base and find.quote and find.expiry:
        yield listed.dated(find.base, find.quote, find.expiry)
    elif find.base and find.quote:
        yield listed.paired(find.base, find.quote)
    elif find.base and find.spellings and not find.expiry:
        yield [one for quote in _QUOTES for one in listed.paired(find.base, quote)]
    elif find.base:
        for quote in _QUOTES:
            yield listed.paired(find.base, quote)
    if find.base and find.exchange == "HYPERLIQUID":
        yield listed.of_a_dex(find.base)


def _candidate(place: Connection, one: Listed) -> Candidate:
    return Candidate(place, one.name, pattern_of(place.exchange, place.kind, one.name))


def _elsewhere(
    find: Find,
    connections: Sequence[Connection],
    lists: Mapping[int, TickerList],
    taken: set[int],
    preferences: Preferences,
) -> tuple[Candidate, ...]:
    offered = []
    for place in connections:
        if place.id in taken or place.id not in lists:
            continue
        for one in _in_list(find, place, lists[place.id])[:1]:
            offered.append(replace(one, why=_against(find, place)))
    nearest = sorted(offered, key=lambda one: _distance(find, one, preferences))
    return tuple(nearest[:MAX_OFFERED])


def _in_other_amounts(
    find: Find, live: Sequence[Connection], lists: Mapping[int, TickerList]
) -> list[Candidate]:
    """The same coin by the thousand, or by one: what else a size means there must be seen first."""
    names = [name for name in (find.base, find.native) if name]
    if find.expiry or not find.base:
        return []
    return [
        replace(_candidate(place, one), why="other-multiplier")
        for place in live
        for one in lists[place.id].multiplied(names, find.quote)
    ]


def _against(find: Find, place: Connection) -> Why | None:
    if place.state != "connected":
        return "not-connected"
    if place.view_mode:
        return "view-mode"
    if find.exchange not in (None, place.exchange):
        return "other-exchange"
    return None if _is_meant(find, place) else "other-market"


def _distance(find: Find, one: Candidate, preferences: Preferences) -> tuple[int, ...]:
    place = one.connection
    return (
        not place.live,
        find.exchange not in (None, place.exchange),
        not _is_meant(find, place),
        place.demo_mode,
        place_in(place.exchange, preferences.exchanges),
        place.id,
    )


def _why_not(find: Find, meant: Sequence[Connection], all_of_them: Sequence[Connection]) -> str:
    if not meant:
        return "no-connection" if find.exchange or all_of_them else "need-exchange"
    if any(one.live for one in meant):
        return "no-ticker"
    return "view-mode" if any(one.state == "connected" for one in meant) else "not-connected"


def _rank(
    find: Find, one: Candidate, lists: Mapping[int, TickerList], preferences: Preferences
) -> tuple[int, ...]:
    """A coin alone means it against dollars as they are, before its inverse contract."""
    listed = lists[one.connection.id].names.get(one.symbol)
    quote = listed.quote.upper() if listed and find.quote is None else _QUOTES[0]
    return (
        *_order(find, one.connection, preferences),
        place_in(quote, _QUOTES),
        one.connection.id,
    )


def _order(find: Find, place: Connection, preferences: Preferences) -> tuple[int, ...]:
    """What the user's order says of a place, before its id does."""
    return (
        place_in(place.exchange, preferences.exchanges) if find.exchange is None else 0,
        place_in(place.kind, preferences.markets) if find.market is None else 0,
        place.demo_mode,
    )
