"""This file knows how to read a connection's account by REST into the mirror."""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from relay.core.known import Known
from relay.errors import RelayBroken, TerminalRefused
from relay.metascalp.client import Client
from relay.orders import Mirror, Scope
from relay.rows import Change

#: How many reads may be under way at one terminal.
READS = 4

_ACCOUNT = "relay.metascalp.account"

log = logging.getLogger(__name__)


class Reading:
    """Reads from one terminal. `changed` gets every Change; every method raises like the client."""

    def __init__(
        self, client: Client, mirror: Mirror, known: Known, changed: Callable[[Change], None]
    ) -> None:
        self._client = client
        self._mirror = mirror
        self._known = known
        self._changed = changed
        self._room = asyncio.Semaphore(READS)
        self._screen_read = False
        self._screen_room = asyncio.Lock()

    async def all(self, connection: int) -> None:
        """Reads everything of a connection; only when all of it came is it trusted."""
        self._changed(self._mirror.mark_stale([connection]))
        await self.positions(connection)
        await self.balances(connection)
        await self._screen()
        async with asyncio.TaskGroup() as group:
            for ticker in self._known.of(connection):
                group.create_task(self.orders(connection, ticker))
        self._changed(self._mirror.trust(connection))

    async def orders(self, connection: int, ticker: str) -> None:
        """Reads the orders of a ticker; one that the terminal does not know has none."""
        account = await import_account()
        scope = ("orders", connection, ticker)
        try:
            await self._read(
                scope, lambda: self._client.orders(connection, ticker), account.orders_in
            )
        except TerminalRefused as error:
            log.warning("no orders of %s on connection %d: %s", ticker, connection, error.text)
            self._changed(self._mirror.finish(self._mirror.begin(scope), ()))

    async def positions(self, connection: int) -> list[str]:
        """Reads the positions; gives the tickers among them that nobody knew."""
        account = await import_account()
        scope = ("positions", connection, "")
        rows = await self._read(
            scope, lambda: self._client.positions(connection), account.positions_in
        )
        return [row.ticker for row in rows if self.learn(connection, row.ticker)]

    async def balances(self, connection: int) -> None:
        account = await import_account()
        scope = ("balances", connection, "")
        await self._read(scope, lambda: self._client.balance(connection), account.balances_in)

    async def _screen(self) -> None:
        """Learns what the terminal's windows show; one reading tells it for every connection, and
        the others wait for it: what they read next is the orders of those tickers."""
        async with self._screen_room:
            if self._screen_read:
                return
            for number, ticker in await self._client.screen_tickers():
                self.learn(number, ticker)
            self._screen_read = True

    async def _read(
        self, scope: Scope, ask: Callable[[], Awaitable[Any]], parse: Callable[..., Any]
    ) -> Any:
        snapshot = self._mirror.begin(scope)
        try:
            async with self._room:
                rows = parse(await ask(), scope[1])
        except BaseException:
            self._mirror.abandon(snapshot)
            raise
        self._changed(self._mirror.finish(snapshot, rows))
        return rows

    def learn(self, connection: int, ticker: str) -> bool:
        """Takes note of a ticker; True when it was not known, so its orders were never read."""
        new = self._known.add(connection, ticker)
        if new:
            self._changed(Change(stale=True))
        return new


async def import_account() -> Any:
    """The module that reads the terminal's account data; pydantic comes with it, so in a thread."""
    if (loaded := sys.modules.get(_ACCOUNT)) is not None and hasattr(loaded, "position_in"):
        return loaded
    try:
        return await asyncio.to_thread(importlib.import_module, _ACCOUNT)
    except Exception as error:  # A damaged package may raise anything at all.
        raise RelayBroken(f"pydantic cannot be imported: {error}", detail=str(error)) from error
