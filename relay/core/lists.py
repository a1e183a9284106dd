"""This file knows the ticker lists read so far, and when to read one again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass

from relay.connection import Connection
from relay.errors import RelayError
from relay.metascalp.client import Client
from relay.tickers import TickerList, index

#: A missing name makes a list be read again, but not more often than this.
REREAD_S = 60.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Read:
    listed: TickerList
    at: float


class Lists:
    """Ticker lists by connection id, of one terminal at a time."""

    def __init__(self) -> None:
        self._read: dict[int, _Read] = {}
        self._of = ""

    @property
    def known(self) -> dict[int, TickerList]:
        return {number: read.listed for number, read in self._read.items()}

    async def load(
        self, client: Client, places: Iterable[Connection], *, older_s: float | None = None
    ) -> bool:
        """Reads the lists not read yet, and with `older_s` those older; True when any was read."""
        if client.url != self._of:
            self._read.clear()
            self._of = client.url
        due = [place for place in places if self._is_due(place.id, older_s)]
        if due:
            async with asyncio.TaskGroup() as group:
                for place in due:
                    group.create_task(self._load_one(client, place))
        return bool(due)

    async def _load_one(self, client: Client, place: Connection) -> None:
        try:
            rows = await client.tickers(place.id)
        except RelayError as error:
            log.warning("no ticker list of %s: %s", place.name, error.text)
            return
        self._read[place.id] = _Read(index(rows), time.monotonic())

    def _is_due(self, connection: int, older_s: float | None) -> bool:
        read = self._read.get(connection)
        if read is None:
            return True
        return older_s is not None and time.monotonic() - read.at > older_s
