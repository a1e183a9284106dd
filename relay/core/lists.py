"""This file knows the ticker lists read so far, and when to read one again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from relay.connection import Connection
from relay.errors import RelayError
from relay.metascalp.client import Client
from relay.redact import loggable
from relay.tickers import TickerList, index

#: A missing name makes a list be read again, but not more often than this.
REREAD_S = 60.0
#: Exchanges list and delist; a list older than this is read again behind the click that needs it.
OLD_S = 600.0
#: The click that needs a list is over by then, whatever becomes of it.
BEHIND_S = 1.5

#: What a list belongs to: a terminal may give a connection's id to another exchange's.
Place = tuple[int, int, int]
Behind = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Read:
    listed: TickerList
    at: float


class Lists:
    """Ticker lists by connection, of one terminal at a time.

    behind: runs what nobody waits for; without it old lists stay until they are missed.
    """

    def __init__(self) -> None:
        self.behind: Behind | None = None
        self._read: dict[Place, _Read] = {}
        self._places: dict[int, Place] = {}
        self._refreshing: set[Place] = set()
        self._of = ""

    @property
    def known(self) -> dict[int, TickerList]:
        """The lists by connection id, of the connections as they were last told."""
        places = self._places.items()
        return {number: self._read[place].listed for number, place in places if place in self._read}

    def keep(self, places: Iterable[Connection]) -> None:
        """Drops the lists of connections that are not among these; without any, all is void."""
        self._places = {place.id: _place(place) for place in places}
        if not self._places:
            self._read = {}  # A new one: what is being read for the old one comes to nothing.
        for gone in self._read.keys() - self._places.values():
            del self._read[gone]

    async def load(
        self, client: Client, places: Iterable[Connection], *, older_s: float | None = None
    ) -> bool:
        """Reads the lists not read yet, and with `older_s` those older; True when any was read."""
        if client.url != self._of:
            self.keep(())
            self._of = client.url
        wanted = list(places)
        self._places |= {place.id: _place(place) for place in wanted}
        due = [place for place in wanted if self._is_due(place, older_s)]
        if due:
            async with asyncio.TaskGroup() as group:
                for place in due:
                    group.create_task(_load_one(client, place, self._read))
        for place in wanted:
            if self.behind is not None and self._is_old(place):
                self._refreshing.add(_place(place))
                self.behind(partial(self._refresh, client, place, self._read))
        return bool(due)

    def load_behind(self, client: Client, place: Connection) -> None:
        """Reads a list that nobody waits for, once."""
        if client.url != self._of:
            self.keep(())
            self._of = client.url
        if self.behind is not None and _place(place) not in self._refreshing:
            self._refreshing.add(_place(place))
            self._places[place.id] = _place(place)
            self.behind(partial(self._refresh, client, place, self._read))

    async def _refresh(self, client: Client, place: Connection, into: dict[Place, _Read]) -> None:
        try:
            await asyncio.sleep(BEHIND_S)
            await _load_one(client, place, into)
        finally:
            self._refreshing.discard(_place(place))

    def _is_due(self, place: Connection, older_s: float | None) -> bool:
        read = self._read.get(_place(place))
        if read is None:
            return True
        return older_s is not None and time.monotonic() - read.at > older_s

    def _is_old(self, place: Connection) -> bool:
        read = self._read.get(_place(place))
        if read is None or _place(place) in self._refreshing:
            return False
        return time.monotonic() - read.at > OLD_S


async def _load_one(client: Client, place: Connection, into: dict[Place, _Read]) -> None:
    """Reads a list into what was there when it was asked for: what is void by then stays void."""
    try:
        rows = await client.tickers(place.id)
    except RelayError as error:
        log.warning("no ticker list of connection %d: %s", place.id, loggable(error))
        return
    into[_place(place)] = _Read(index(rows), time.monotonic())


def _place(place: Connection) -> Place:
    return place.id, place.exchange_id, place.market_type
