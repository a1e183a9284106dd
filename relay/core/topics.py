"""This file knows who watches what, and tells them: at once, then at most twenty times a second.

Each reader has one task. While it sends, changes gather in one Change, so a slow reader skips
states and never misses the last; nothing grows but the set of rows that differ.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from relay.rows import KINDS, Change

#: Told as one whole state each time it changes; only the account is told as changes.
WHOLE = ("status", "sites", "scan", "activity")
TOPICS = (*WHOLE, "account")
PAUSE_S = 0.05
#: Rows and keys in one event: a browser takes at most 1 MiB, and disconnects beyond it.
MAX_BYTES = 256 * 1024

log = logging.getLogger(__name__)

Send = Callable[[str, dict[str, Any]], Awaitable[None]]


class Reader:
    """One door's subscriptions. `send` may wait: that is the back-pressure.

    left: is called after the reader has left topics.
    """

    def __init__(
        self, send: Send, sources: Sources, left: Callable[[], None] = lambda: None
    ) -> None:
        self.topics: set[str] = set()
        self._left = left
        self._send = send
        self._sources = sources
        self._change = Change()
        self._whole_due: set[str] = set()
        self._due = asyncio.Event()

    def subscribe(self, topics: set[str]) -> None:
        """Adds topics and sends all there is of each, also of one that was watched before.

        A door with several watchers behind it asks again for each that joins.
        """
        self.topics |= topics
        for topic in WHOLE:
            if topic in topics:
                self.changed(topic)
        if "account" in topics:
            self.account_changed(Change(reset=True))

    def unsubscribe(self, topics: set[str]) -> None:
        self.topics -= topics
        if "account" in topics:
            self._change = Change()
        self._whole_due -= topics
        self._left()

    def start_anew(self) -> None:
        """Tells everything again: something went wrong on the way."""
        self.subscribe(set(self.topics))

    def changed(self, topic: str) -> None:
        """Says that a topic that is told whole has another state now."""
        if topic in self.topics:
            self._whole_due.add(topic)
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
            for topic in WHOLE:
                if topic in self._whole_due:
                    self._whole_due.discard(topic)
                    await self._send(topic, self._sources.whole[topic]())
            if self._change:
                change, self._change = self._change, Change()
                for event in self._sources.account(change):
                    await self._send("account", event)
            await asyncio.sleep(PAUSE_S)


class Sources:
    """What events are made of, asked for at the moment of sending.

    whole: the state of each topic of WHOLE.
    """

    def __init__(
        self,
        whole: Mapping[str, Callable[[], dict[str, Any]]],
        rows: Callable[[str], dict[str, Any]],
        trust: Callable[[], dict[str, Any]],
    ) -> None:
        self.whole = whole
        self._rows = rows
        self._trust = trust

    def account(self, change: Change) -> Iterator[dict[str, Any]]:
        """The events that bring a reader up to date; the last has `more` false."""
        reset, room = change.reset, MAX_BYTES
        put: dict[str, list[Any]] = {kind: [] for kind in KINDS}
        drop: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for kind, key, row in self._parts(change):
            size = _size(key if row is None else row)
            if size > room:
                yield {"reset": reset, "more": True, "put": put, "drop": drop, **self._trust()}
                reset, room = False, MAX_BYTES
                put = {kind: [] for kind in KINDS}
                drop = {kind: [] for kind in KINDS}
            room -= size
            if row is None:
                drop[kind].append(key)
            else:
                put[kind].append(row)
        yield {"reset": reset, "more": False, "put": put, "drop": drop, **self._trust()}

    def _parts(self, change: Change) -> Iterator[tuple[str, str, dict[str, Any] | None]]:
        """Kind, key and row of what is put; without a row, of what is dropped.

        A row that no event can hold is left out, also where it was told before it grew.
        """
        for kind in KINDS:
            held, gone = self._rows(kind), set(change.drop.get(kind, ()))
            for key in list(held) if change.reset else change.put.get(kind, ()):
                row = held[key].as_json() if key in held else None
                if row is not None and _size(row) <= MAX_BYTES:
                    yield kind, key, row
                elif row is not None:
                    log.warning("a row of %s of %d bytes is left out", kind, _size(row))
                    gone.add(key)
            for key in () if change.reset else sorted(gone):
                if _size(key) <= MAX_BYTES:  # Longer, it was never told.
                    yield kind, key, None


def _size(part: Any) -> int:
    """Bytes of a row or key in an event, with its comma."""
    text = json.dumps(part, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "replace")) + 1
