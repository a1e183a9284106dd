"""This file knows how positions get their prices: the exchange's mark price, else the book.

A subscription to mark prices is acknowledged even where there are none, and then nothing ever comes
(MetaScalp API, edition 3, 2026-08). So a ticker that stays silent is asked for its best bid and ask
beside it. Prices are only followed for tickers with a position.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from relay import marks
from relay.marks import Mark
from relay.metascalp import prices
from relay.metascalp.socket import Stream
from relay.orders import Mirror
from relay.rows import Change

#: How long a ticker may say nothing until its book is asked.
SILENT_S = 2.0
#: How long a ticker that had a price may say nothing until all is asked for again: a subscription
#: ends without a word when its connection leaves the terminal for a moment.
QUIET_S = 20.0
#: Every price makes us look again; more often than this would be for nothing.
PAUSE_S = 0.1
#: Positions that are priced at most; each is a stream of its own at the terminal.
MAX_FOLLOWED = 200

Key = tuple[int, str]
#: The coin that a result on a ticker is in; None where none can be said.
QuoteOf = Callable[[int, str], str | None]


@dataclass(slots=True)
class _Followed:
    """since: when it was asked for. heard: when it was, or said something, last."""

    since: float
    heard: float
    told: bool = False
    book: bool = False
    best: dict[str, str] = field(default_factory=dict)


class Marks:
    """The prices of one socket. changed: gets every Change of a position by its price."""

    def __init__(
        self, stream: Stream, mirror: Mirror, changed: Callable[[Change], None], quote_of: QuoteOf
    ) -> None:
        self._stream = stream
        self._mirror = mirror
        self._changed = changed
        self._quote_of = quote_of
        self._followed: dict[Key, _Followed] = {}
        self._due = asyncio.Event()

    def heed_positions(self) -> None:
        """Says that there may be other positions than before."""
        self._due.set()

    def doubt(self, connections: set[int]) -> None:
        """Says that these were away: what was asked for there is asked for again."""
        for key, one in self._followed.items():
            if key[0] in connections:
                one.heard = -QUIET_S
        self._due.set()

    async def run(self) -> None:
        """Follows what has a position, until cancelled; a socket that is gone ends it."""
        try:
            while True:
                self._due.clear()
                await self._follow()
                await self._ask_again()
                await self._ask_books()
                await asyncio.sleep(PAUSE_S)
                with suppress(TimeoutError):
                    async with asyncio.timeout(SILENT_S):
                        await self._due.wait()
        except ConnectionError:
            return  # The session ends with its socket and says so.

    def take(self, kind: str, data: Mapping[str, Any]) -> None:
        """A message of the stream; those of other kinds or tickers say nothing here."""
        ticker = data.get("ticker")
        if not isinstance(ticker, str) or (data.get("connectionid"), ticker) not in self._followed:
            return
        key = (data["connectionid"], ticker)
        self._followed[key].heard = time.monotonic()
        if kind == "mark_price_update" and prices.is_price(data.get("markprice")):
            self._followed[key].told = True
            self._set(key, format(data["markprice"], "f"), "mark")
        elif kind in ("orderbook_snapshot", "orderbook_update"):
            self._take_book(key, data)

    def _take_book(self, key: Key, data: Mapping[str, Any]) -> None:
        one = self._followed[key]
        if not one.book or one.told:
            return
        before = dict(one.best)
        one.best.update(prices.best_prices_in(data))
        if len(one.best) == 2 and one.best != before:
            self._set(key, marks.middle(one.best["bid"], one.best["ask"]), "book")

    def _set(self, key: Key, price: str, source: str) -> None:
        mark = Mark(price, source, int(time.time() * 1000), self._quote_of(*key))
        if change := self._mirror.update_mark(*key, mark):
            self._changed(change)

    async def _follow(self) -> None:
        held = {(one.connection, one.ticker) for one in self._mirror.positions()}
        for key in self._followed.keys() - held:
            one = self._followed.pop(key)
            await self._stream.send(prices.mark_price(*key, on=False))
            if one.book:
                await self._stream.send(prices.best_prices(*key, on=False))
        room = MAX_FOLLOWED - len(self._followed)
        for key in sorted(held - self._followed.keys())[:room]:
            now = time.monotonic()
            self._followed[key] = _Followed(now, now)
            await self._stream.send(prices.mark_price(*key, on=True))

    async def _ask_again(self) -> None:
        """What is quiet starts anew; asking twice for what has not ended changes nothing."""
        now = time.monotonic()
        for key, one in list(self._followed.items()):
            if now - one.heard >= QUIET_S:
                one.since = one.heard = now
                one.told = False
                await self._stream.send(prices.mark_price(*key, on=True))
                if one.book:
                    await self._stream.send(prices.best_prices(*key, on=True))

    async def _ask_books(self) -> None:
        """Asks for the book of what is silent, and for no more of it once the mark price came."""
        now = time.monotonic()
        for key, one in list(self._followed.items()):
            silent = not one.told and now - one.since >= SILENT_S
            if silent and not one.book:
                one.book = True
                await self._stream.send(prices.best_prices(*key, on=True))
            elif one.told and one.book:
                one.book = False
                await self._stream.send(prices.best_prices(*key, on=False))
