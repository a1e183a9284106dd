"""This file knows how messages reach many readers at the cost of few: runs, chunks, one write.

A run is a row of updates of one topic from one socket. It is put together once, as a chunk that
every reader of the topic has in its batch, so a reader costs something for each run and each turn
of the event loop, and next to nothing for each message.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Protocol

from relay import envelope
from relay.book import Book
from relay.envelope import Spelling
from relay.topic import Topic

#: So many bytes are read from the terminal before everybody is written to.
TURN_BYTES = 64 * 1024
#: Updates that wait to be merged into a book: merged from here on when there is time for it; in a
#: flood the book is forgotten from there on, and asked for anew when somebody needs it.
MERGE_BYTES, FLOOD_BYTES = 16 * 1024, 4 * 1024 * 1024
#: How soon it is looked whether there is time, and how many are merged then: about a millisecond's
#: work, so that nobody waits for it long.
MERGE_S, AT_ONCE = 0.004, 256
#: There is no time when more than this comes in a second, some 40,000 updates.
CALM_RATE = 10 * 1024 * 1024


class Chunk:
    """Frames that several readers get, joined once."""

    __slots__ = ("_joined", "parts")

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._joined: bytes | None = None

    def joined(self) -> bytes:
        if self._joined is None:
            self._joined = b"".join(self.parts)
        return self._joined


Batch = list[bytes | Chunk]


class Outlet(Protocol):
    """A reader's end. batch: what is to be written in this turn, put there by us."""

    batch: Batch

    def flush(self) -> None:
        """Writes the batch and empties it."""

    def end(self, code: int, reason: str) -> None:
        """Closes, after what was written."""


class Run:
    """Updates alike, so far. head: how all of them begin, up to the end of the ticker."""

    __slots__ = ("_others", "_parts", "head", "topic")

    def __init__(self, head: bytes, topic: Topic) -> None:
        self.head = head + b'"'
        self.topic = topic
        self._parts: list[bytes] = []
        self._others: list[tuple[Spelling, list[bytes]]] = []

    def chunk_for(self, how: Spelling, raw: bytes) -> Chunk:
        """Where readers of this spelling find what is added. Whether a message is already spelled
        so can be seen by its head, so it is the same for all of a run."""
        chunk = Chunk()
        if envelope.spelled(raw, how) is raw:
            chunk.parts = self._parts
        else:
            self._others.append((how, chunk.parts))
        return chunk

    def add(self, raw: bytes, size: int) -> None:
        self._parts += (_header(size), raw)
        if self._others:
            for how, parts in self._others:
                parts.append(envelope.frame(envelope.spelled(raw, how)))

    def updates(self) -> list[bytes]:
        return self._parts[1::2]


@lru_cache(4096)
def _header(size: int) -> bytes:
    return envelope.frame(b"\0" * size)[:-size]


class Fanout:
    """Everybody's batches, and the turns in which they are written. missed: is told of updates that
    those of a topic who lag behind do not get. passed: messages of all runs so far."""

    def __init__(self, missed: Callable[[Topic, list[bytes]], None]) -> None:
        self.run: Run | None = None
        self.passed = 0
        self._missed = missed
        self._full: list[Outlet] = []
        self._heavy: dict[Book, None] = {}
        self._merging: asyncio.TimerHandle | None = None
        self._looked = time.monotonic()
        self._read = 0
        self._flushing = False

    def put(self, outlet: Outlet, frame: bytes) -> None:
        """A frame for one reader, in turn with everything else."""
        self._batch((outlet,), frame)
        self._flush_soon()

    def fan(self, topic: Topic, raw: bytes) -> None:
        """One update for everybody in a topic's audience."""
        topic.heard = True
        self._read += len(raw)
        if topic.book is not None:
            self._merge_later(topic.book, topic.book.add([raw], len(raw)))
        for how, readers in topic.audience.items():
            self._batch(readers, envelope.frame(envelope.spelled(raw, how)))
        if topic.behind:
            self._missed(topic, [raw])
        self._flush_soon()

    def begin(self, head: bytes, topic: Topic, raw: bytes) -> Run:
        """A run of updates that begin as this one does."""
        self.end_run()
        topic.heard = True
        run = self.run = Run(head, topic)
        for how, readers in topic.audience.items():
            self._batch(readers, run.chunk_for(how, raw))
        self._flush_soon()
        return run

    def end_run(self) -> None:
        """Whatever comes now comes after the run: to be called before anything else is done."""
        run, self.run = self.run, None
        if run is None:
            return
        updates = run.updates()
        size = sum(map(len, updates))
        self.passed += len(updates)
        self._read += size
        if (book := run.topic.book) is not None:
            self._merge_later(book, book.add(updates, size))
        if run.topic.behind:
            self._missed(run.topic, updates)

    def _batch(self, outlets: Iterable[Outlet], part: bytes | Chunk) -> None:
        for outlet in outlets:
            if not outlet.batch:
                self._full.append(outlet)
            outlet.batch.append(part)

    def _flush_soon(self) -> None:
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self.flush)

    def hold(self) -> None:
        """What comes now is one turn: it waits for a `flush` that has to follow."""
        self._flushing = True

    def flush(self) -> None:
        """Ends a turn: everybody is written to once."""
        self.end_run()
        self._flushing = False
        full, self._full = self._full, []
        for outlet in full:
            outlet.flush()
        if self._heavy:
            self._tend()

    def _merge_later(self, book: Book, waiting: int) -> None:
        if waiting > MERGE_BYTES:
            self._heavy[book] = None

    def _tend(self) -> None:
        """What waits to be merged stays bounded at once; merging itself costs more than passing on,
        and waits for a moment in which there is little."""
        for book in self._heavy:
            if book.waiting > FLOOD_BYTES:
                book.forget()
        if self._merging is None:
            self._merging = asyncio.get_running_loop().call_later(MERGE_S, self._merge)

    def _merge(self) -> None:
        now = time.monotonic()
        calm = self._read < CALM_RATE * (now - self._looked)
        self._looked, self._read, self._merging = now, 0, None
        left = AT_ONCE if calm else 0
        for book in list(self._heavy):
            if left > 0:
                left -= book.merge(left)
            if book.waiting <= MERGE_BYTES:
                del self._heavy[book]
        if self._heavy:
            self._tend()


def joined(batch: Batch) -> bytes:
    """What is written for a batch."""
    if len(batch) == 1:
        (only,) = batch
        return only if isinstance(only, bytes) else only.joined()
    return b"".join([part if isinstance(part, bytes) else part.joined() for part in batch])
