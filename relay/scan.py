"""This file knows in which order to look for orders that nobody has told of.

The terminal lists the orders of one ticker at a time (MetaScalp API, edition 3, 2026-08), and an
exchange lists hundreds. Where a coin is locked there is an order; where one is held there may be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from relay.rows import Balance
from relay.tickers import Listed, TickerList

#: Far more than any exchange lists; a scan ends even where a terminal lists without end.
MAX_TICKERS = 20_000

#: Connection and ticker.
Place = tuple[int, str]


def plan(
    lists: Mapping[int, TickerList], known: Collection[Place], balances: Iterable[Balance]
) -> list[Place]:
    """Every listed ticker that is not known, the likeliest first, the connections in turns."""
    held = {(row.connection, row.coin.upper()): row for row in balances}
    ranked = {
        connection: sorted(
            (
                (_rank(one, connection, held), one.name)
                for one in listed.names.values()
                if (connection, one.name) not in known
            ),
            key=lambda pair: pair[0],
        )
        for connection, listed in lists.items()
    }
    turns = [
        (rank, turn, connection, name)
        for connection, names in ranked.items()
        for turn, (rank, name) in enumerate(names)
    ]
    turns.sort(key=lambda one: one[:3])
    return [(connection, name) for _, _, connection, name in turns[:MAX_TICKERS]]


def _rank(one: Listed, connection: int, held: Mapping[tuple[int, str], Balance]) -> int:
    base, quote = (held.get((connection, coin.upper())) for coin in (one.base, one.quote))
    if not one.tradable:
        return 4
    if base is not None and Decimal(base.locked):
        return 0
    if base is not None and Decimal(base.total):
        return 1
    return 2 if quote is not None and Decimal(quote.total) else 3
