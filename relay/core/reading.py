"""This file knows how to read a connection's account by REST into the mirror."""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from relay.core.jobs import side_by_side
from relay.core.known import Known
from relay.errors import RelayBroken, TerminalRefused
from relay.metascalp.client import Client
from relay.orders import Mirror, Scope
from relay.redact import loggable
from relay.rows import Change

#: How many reads may be under way at one terminal.
READS = 4
#: How many known tickers without anything open one refreshment reads; the next reads the next.
SLICE = 25

_ACCOUNT = "relay.metascalp.account"
#: How long a list of tickers tells which of those refused do not exist.
LISTED_S = 5.0

log = logging.getLogger(__name__)


class Reading:
    """Reads from one terminal. Every method raises like the client.

    changed: gets every Change. taught: gets every ticker that the terminal's windows have taught.
    has_positions: whether a connection is one of those that surely have a list of them.
    """

    def __init__(
        self, client: Client, mirror: Mirror, known: Known, changed: Callable[[Change], None]
    ) -> None:
        self.mirror = mirror
        self.changed = changed
        self.taught: Callable[[int, str], None] = lambda connection, ticker: None
        self.has_positions: Callable[[int], bool] = lambda connection: True
        self._client = client
        self._known = known
        self._room = asyncio.Semaphore(READS)
        self._one_at_a_time = asyncio.Lock()
        self._screen_read = False
        self._screen_refused = False
        self._next: dict[int, list[str]] = {}
        self._listing = asyncio.Lock()
        self._listed: dict[int, tuple[float, frozenset[str]]] = {}

    async def all(self, connection: int) -> None:
        """Reads everything of a connection; it is trusted when all of it came, and nothing has
        made it stale since this began."""
        doubts = self.mirror.doubts(connection)
        await self._screen()
        await self._read_with(connection, lambda: self._known.of(connection))
        self.changed(self.mirror.trust(connection, doubts))

    async def refresh(self, connection: int) -> None:
        """Reads again what matters most, and some of the rest; says nothing of trust."""
        await self._screen()

        def some() -> list[str]:
            left = self._next.get(connection) or self._known.of(connection)
            self._next[connection] = left[:-SLICE]
            return left[-SLICE:]

        await self._read_with(connection, some)

    async def orders(self, connection: int, ticker: str) -> None:
        """Reads the orders of a ticker; one that is refused and that the terminal does not list has
        none. The words of a refusal are no proof: the reference does not give them.

        Any other refusal says nothing of the orders, so what is held of them stays.
        """
        account = await import_account()
        unknown: list[str] = []

        async def ask() -> Any:
            try:
                return await self._client.orders(connection, ticker)
            except TerminalRefused as error:
                if is_inactive(error) or await self._may_be_listed(connection, ticker):
                    raise
                unknown.append(error.text)
                return {"orders": []}

        await self._read(("orders", connection, ticker), ask, account.orders_in)
        if unknown and ticker not in self.mirror.tickers(connection):
            log.warning("connection %d does not list %s: %s", connection, ticker, unknown[0])
            self._known.forget(connection, ticker)
            self.changed(Change(stale=True))

    async def positions(self, connection: int) -> list[str]:
        """Reads the positions; gives the tickers among them that nobody knew. Only of futures and
        margin the documents say that there is such a list, so elsewhere a refusal is none."""
        account = await import_account()

        async def ask() -> Any:
            try:
                return await self._client.positions(connection)
            except TerminalRefused as error:
                if is_inactive(error) or self.has_positions(connection):
                    raise
                return {"positions": []}

        rows = await self._read(("positions", connection, ""), ask, account.positions_in)
        return [row.ticker for row in rows if self.learn(connection, row.ticker)]

    async def balances(self, connection: int) -> None:
        account = await import_account()
        scope = ("balances", connection, "")
        await self._read(scope, lambda: self._client.balance(connection), account.balances_in)

    def learn(self, connection: int, ticker: str) -> bool:
        """Takes note of a ticker; True when it was not known, so its orders were never read."""
        new = bool(ticker) and self._known.add(connection, ticker)
        if new:
            self.changed(Change(stale=True))
        return new

    async def _screen(self) -> None:
        """Learns what the terminal's windows show: one reading for all connections, which all wait
        for. A refusal keeps nobody from reading the rest; the next who reads tries again."""
        async with self._one_at_a_time:
            if self._screen_read:
                return
            try:
                found = await self._client.screen_tickers()
            except TerminalRefused as error:
                if not self._screen_refused:
                    log.warning("what the windows show is not known: %s", loggable(error))
                self._screen_refused = True
                return
            self._screen_read = True
            for number, ticker in sorted(found):
                if self.learn(number, ticker):
                    self.taught(number, ticker)

    async def _read_with(self, connection: int, tickers: Callable[[], Iterable[str]]) -> None:
        """Reads positions and balances, then the orders of these tickers, and of all where
        something is open. What is refused does not keep the rest from being read."""
        refused: list[TerminalRefused] = []

        async def read(one: Callable[[], Awaitable[Any]]) -> None:
            try:
                await one()
            except TerminalRefused as error:
                if is_inactive(error):
                    raise
                refused.append(error)

        await read(partial(self.positions, connection))
        await read(partial(self.balances, connection))
        names = dict.fromkeys([*tickers(), *self.mirror.tickers(connection)])
        reads = (partial(self.orders, connection, ticker) for ticker in names)
        await side_by_side(partial(read, one) for one in reads)
        if refused:
            raise refused[0]

    async def _may_be_listed(self, connection: int, ticker: str) -> bool:
        """Whether the terminal lists a ticker, or does not tell: an empty list says nothing."""
        async with self._listing:
            at, names = self._listed.get(connection, (float("-inf"), frozenset()))
            if time.monotonic() - at >= LISTED_S:
                try:
                    listed = await self._client.tickers(connection)
                except TerminalRefused:
                    listed = []
                names = frozenset(one.name for one in listed)
                self._listed[connection] = time.monotonic(), names
        return not names or ticker in names

    async def _read(
        self, scope: Scope, ask: Callable[[], Awaitable[Any]], parse: Callable[..., Any]
    ) -> Any:
        snapshot = self.mirror.begin(scope)
        try:
            async with self._room:
                rows = parse(await ask(), scope[1])
        except BaseException:
            self.mirror.abandon(snapshot)
            raise
        self.changed(self.mirror.finish(snapshot, rows, whole=not rows.odd))
        if rows.odd:  # What is there and cannot be read is not nothing: all of it stays stale.
            raise TerminalRefused(f"{rows.odd} of the {scope[0]} cannot be read", 200)
        return rows


def is_inactive(error: Exception) -> bool:
    """Whether the terminal says that a connection is away, and its subscriptions with it."""
    return isinstance(error, TerminalRefused) and "not active" in error.text


async def import_account() -> Any:
    """The module that reads the terminal's account data; pydantic comes with it, so in a thread."""
    if (loaded := sys.modules.get(_ACCOUNT)) is not None and hasattr(loaded, "position_in"):
        return loaded
    try:
        return await asyncio.to_thread(importlib.import_module, _ACCOUNT)
    except Exception as error:  # A damaged package may raise anything at all.
        raise RelayBroken(f"pydantic cannot be imported: {error}", detail=str(error)) from error
