"""This file knows who watches what, and tells them: at once, then at most twenty times a second.

Each reader has one task. While it sends, changes gather in one Change, so a slow reader skips
states and never misses the last; nothing grows but the set of rows that differ.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from relay.rows import KINDS, Change

TOPICS = ("status", "account")
PAUSE_S = 0.05
#: Rows in one event: a browser takes at most 1 MiB, a row is about 300 bytes.
ROWS = 1000

Send = Callable[[str, dict[str, Any]], Awaitable[None]]


class Reader:
    """One door's subscriptions. `send` may wait: that is the back-pressure."""

    def __init__(self, send: Send, sources: Sources) -> None:
        self.topics: set[str] = set()
        self._send = send
        self._sources = sources
        self._change = Change()
        self._status_due = False
        self._due = asyncio.Event()

    def subscribe(self, topics: set[str]) -> None:
        """Adds topics and sends all there is of each, also of one that was watched before.

        A door with several watchers behind it asks again for each that joins.
        """
        self.topics |= topics
        if "status" in topics:
            self.status_changed()
        if "account" in topics:
            self.account_changed(Change(reset=True))

    def unsubscribe(self, topics: set[str]) -> None:
        self.topics -= topics
        if "account" in topics:
            self._change = Change()
        if "status" in topics:
            self._status_due = False

    def status_changed(self) -> None:
        if "status" in self.topics:
            self._status_due = True
            self._due.set()

    def account_changed(self, change: Change) -> None:
        if "account" in self.topics:
            self._change.add(change)
            self._due.set()

    async def run(self) -> None:
        """Sends what is due until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            if self._status_due:
                self._status_due = False
                await self._send("status", self._sources.status())
            if self._change:
                change, self._change = self._change, Change()
                for event in self._sources.account(change):
                    await self._send("account", event)
            await asyncio.sleep(PAUSE_S)


class Sources:
    """What events are made of, asked for at the moment of sending."""

    def __init__(
        self,
        status: Callable[[], dict[str, Any]],
        rows: Callable[[str], dict[str, Any]],
        trust: Callable[[], dict[str, Any]],
    ) -> None:
        self.status = status
        self._rows = rows
        self._trust = trust

    def account(self, change: Change) -> Iterator[dict[str, Any]]:
        """The events that bring a reader up to date; the last has `more` false."""
        put: list[tuple[str, Any]] = []
        drop: dict[str, list[str]] = {}
        for kind in KINDS:
            held = self._rows(kind)
            keys = held if change.reset else change.put.get(kind, ())
            put += [(kind, held[key]) for key in keys if key in held]
            drop[kind] = [] if change.reset else sorted(change.drop.get(kind, ()))
        reset = change.reset
        while len(put) > ROWS:
            yield _event(put[:ROWS], {}, reset, True, self._trust())
            put, reset = put[ROWS:], False
        yield _event(put, drop, reset, False, self._trust())


def _event(
    put: list[tuple[str, Any]],
    drop: dict[str, list[str]],
    reset: bool,
    more: bool,
    trust: dict[str, Any],
) -> dict[str, Any]:
    rows: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for kind, row in put:
        rows[kind].append(row.as_json())
    drops = {kind: drop.get(kind, []) for kind in KINDS}
    return {"reset": reset, "more": more, "put": rows, "drop": drops, **trust}
