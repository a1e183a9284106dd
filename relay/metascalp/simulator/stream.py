"""This file knows the WebSocket side: the open sockets, and what each of them is sent.

Each socket has a queue of frames with a bound. A reader too slow for it is cut off, so that it
never holds up the terminal or anybody else.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from .book import ASK, BID, Level, View
from .casing import zulu
from .faults import Faults
from .feed import Feed
from .framing import BookWriter, framed, text_of
from .market import Market, Print
from .pulse import Pulse
from .replay import Replay
from .tape import Entry, Tape, regroup
from .topics import Message
from .wire import Json
from .world import Key, World

POLICY = 1008
"""The close code for what a policy forbids (RFC 6455, 7.4.1)."""
MAX_FRAMES = 65536
MAX_WAITING = 32 * 1024 * 1024
"""Frames, and bytes in them, that wait for one socket; over it the socket is cut off."""

Tops = tuple[int | None, int | None]


@dataclass(eq=False, slots=True)
class Socket:
    """One client. cut: ends the connection at once. topics: what it reads of a recording. over:
    the code to close it with, once all is written."""

    feed: Feed
    cut: Callable[[], None]
    topics: set[tuple[str, Json, Json]] = field(default_factory=set)
    frames: list[bytes] = field(default_factory=list)
    waiting: int = 0
    awake: asyncio.Event = field(default_factory=asyncio.Event)
    over: int | None = None

    def end(self, code: int) -> None:
        self.over = code
        self.awake.set()

    def send(self, frame: bytes) -> None:
        if len(self.frames) >= MAX_FRAMES or self.waiting + len(frame) > MAX_WAITING:
            self.cut()
            return
        self.waiting += len(frame)
        self.frames.append(frame)
        self.awake.set()

    async def take(self) -> bytes:
        """Everything that waits to be written, in one piece; waits for something."""
        await self.awake.wait()
        self.awake.clear()
        frames, self.frames, self.waiting = self.frames, [], 0
        return b"".join(frames)


@dataclass(eq=False, slots=True)
class Hub:
    """All open sockets; the world's listener.

    fetched: tickers whose snapshot the exchange has sent. tops: best prices last sent. known: what
    followed() gave, until a subscription changes.
    """

    world: World
    sockets: set[Socket] = field(default_factory=set)
    fetched: set[Key] = field(default_factory=set)
    tops: dict[Key, Tops] = field(default_factory=dict)
    tapes: dict[Key, Tape] = field(default_factory=dict)
    writers: dict[Key, BookWriter] = field(default_factory=dict)
    known: set[Key] | None = None
    frames: int = 0
    faults: Faults = field(default_factory=Faults)
    replay: Replay | None = None
    pulse: Pulse = field(init=False)

    def __post_init__(self) -> None:
        self.pulse = Pulse(self.world)
        self.world.troubles = self.faults.on

    def receive(self, socket: Socket, text: str | bytes) -> None:
        """Answers one frame of a client; none once it is to be closed."""
        if socket.over is not None:
            return
        if self.replay is not None:
            for frame in self.replay.receive(socket.topics, text):
                self._put(socket, framed(frame))
            return
        answers = socket.feed.receive(text)
        self._send(socket, *answers)
        if self.world.profile.close_on_error and answers[0][0] == "error":
            socket.end(POLICY)
        wanted, socket.feed.wanted = socket.feed.wanted, None
        if wanted is not None:
            self._snapshot(socket, *wanted)
        self._forget()

    def tell(self, connection: int, kind: str, data: dict[str, Json]) -> None:
        frame = self._frame((kind, data))
        for socket in list(self.sockets):
            if connection in socket.feed.accounts:
                self._put(socket, frame)

    def publish(self, topic: str, kind: str, data: dict[str, Json]) -> None:
        frame = b""
        for socket in list(self.sockets):
            if topic in socket.feed.topics.on:
                frame = frame or self._frame((kind, data))
                self._put(socket, frame)

    def has_book(self, key: Key) -> bool:
        return any(key in socket.feed.books for socket in self.sockets)

    def moved(
        self, key: Key, market: Market, changed: list[tuple[str, int]], prints: list[Print]
    ) -> None:
        if any(key in socket.feed.books for socket in self.sockets):
            self._tell_book(key, market, changed)
        if prints and any(key in socket.feed.trades for socket in self.sockets):
            tape = self.tapes.setdefault(key, Tape())
            tape.window_s = self.world.desk.window_s(key)
            self._tell_trades(key, market, tape.add(prints, self.world.now()))

    def followed(self) -> set[Key]:
        if self.known is None:
            self.known = {key for socket in self.sockets for key in socket.feed.followed()}
        return self.known

    def flush(self) -> None:
        """Sends what has waited for its time: merged trades, prices, a recording's frames."""
        now = self.world.now()
        for frame in self.replay.due() if self.replay is not None else ():
            for socket in list(self.sockets):
                if frame.topic in socket.topics:
                    self._put(socket, framed(frame.text))
        for key, tape in list(self.tapes.items()):
            market = self.world.market(key)
            if market is not None and (entries := tape.flush(now)):
                self._tell_trades(key, market, entries)
        self._fetch_shown()
        owners = {id(socket.feed.topics): socket for socket in self.sockets}
        topics = [socket.feed.topics for socket in self.sockets]
        for reader, message in self.pulse.due(topics):
            self._send(owners[id(reader)], message)

    def leave(self, socket: Socket) -> None:
        """Drops everything of a socket that is gone."""
        self.sockets.discard(socket)
        self._forget()

    def silence(self, connection: int) -> None:
        """Ends every subscription of a connection, without a word: what the documents leave open,
        taken as the harder case. Whoever wants it back subscribes again."""
        for socket in self.sockets:
            socket.feed.silence(connection)
        self._forget()

    def drop(self) -> int:
        """Cuts every socket off; gives how many there were."""
        gone = list(self.sockets)
        for socket in gone:
            socket.cut()
        return len(gone)

    def refresh(self) -> None:
        """New snapshots for everybody, after the world was made anew."""
        self.tapes.clear()
        self.tops.clear()
        self.writers.clear()
        for socket in list(self.sockets):
            for key in socket.feed.books:
                self._send_book(socket, key)

    def _tell_book(self, key: Key, market: Market, changed: list[tuple[str, int]]) -> None:
        markers = self._markers(key, market, changed)
        frames: dict[View, bytes] = {}
        for socket in list(self.sockets):
            view = socket.feed.books.get(key)
            if view is None:
                continue
            if view not in frames:
                levels = market.book.updates(changed, view) + markers
                frames[view] = self._writer(key, market).frame(levels) if levels else b""
            if frames[view]:
                self._put(socket, frames[view])

    def _writer(self, key: Key, market: Market) -> BookWriter:
        writer = self.writers.get(key)
        if writer is None:
            writer = BookWriter.make(key[0], market.ticker, self.world.profile.casing)
            self.writers[key] = writer
        return writer

    def _markers(self, key: Key, market: Market, changed: list[tuple[str, int]]) -> list[Level]:
        """The best levels whose price or size is not what was last sent."""
        book = market.book
        now = (book.tops[ASK], book.tops[BID])
        before = self.tops.get(key, (None, None))
        self.tops[key] = now
        levels = [
            book.top(side)
            for side, then, tick in zip((ASK, BID), before, now, strict=True)
            if then != tick or (side, tick) in changed
        ]
        return [level for level in levels if level is not None]

    def _tell_trades(self, key: Key, market: Market, entries: list[Entry]) -> None:
        frames: dict[int, bytes] = {}
        for socket in list(self.sockets):
            zoom = socket.feed.trades.get(key)
            if zoom is None or not entries:
                continue
            if zoom not in frames:
                edition = self.world.profile.edition
                rows = [entry.row(market.ticker, edition) for entry in regroup(entries, zoom)]
                frames[zoom] = self._frame(("trade_update", {**_head(key), "trades": rows}))
            self._put(socket, frames[zoom])

    def _snapshot(self, socket: Socket, key: Key, fetch: bool) -> None:
        """Sends the book to the one who asked, or to all when the exchange had to be asked."""
        known = key in self.fetched or key in self.world.screen.shows()
        if known:
            self.fetched.add(key)
            self._send_book(socket, key)
        elif fetch:
            self._fetch(key)

    def _fetch(self, key: Key) -> None:
        """Asks the exchange, and sends everybody what it gives."""
        if "no-snapshot" in self.world.troubles:
            return
        self.fetched.add(key)
        for socket in [one for one in self.sockets if key in one.feed.books]:
            self._send_book(socket, key)

    def _fetch_shown(self) -> None:
        """The screen asks too: for a ticker whose subscribers wanted no snapshot."""
        bare = {key for socket in self.sockets for key in socket.feed.books} - self.fetched
        for key in sorted(bare & self.world.screen.shows()) if bare else ():
            self._fetch(key)

    def _send_book(self, socket: Socket, key: Key) -> None:
        market, view = self.world.market(key), socket.feed.books.get(key)
        if market is not None and view is not None:
            self.tops.setdefault(key, (market.book.best(ASK), market.book.best(BID)))
            data = {**_head(key), **market.book.snapshot(view)}
            self._send(socket, ("orderbook_snapshot", data))

    def _forget(self) -> None:
        """Gives back the exchange's streams that nobody needs any more."""
        books = {key for socket in self.sockets for key in socket.feed.books}
        trades = {key for socket in self.sockets for key in socket.feed.trades}
        self.fetched &= books
        for key in [key for key in self.tapes if key not in trades]:
            del self.tapes[key]
        for held in (self.tops, self.writers):
            for key in [key for key in held if key not in books]:
                del held[key]
        self.known = None

    def _send(self, socket: Socket, *messages: Message) -> None:
        for message in messages:
            self._put(socket, self._frame(message))

    def _frame(self, message: Message) -> bytes:
        kind, data = message
        profile = self.world.profile
        return framed(text_of(kind, zulu(data) if profile.zulu_times else data, profile.casing))

    def _put(self, socket: Socket, frame: bytes) -> None:
        if not self.faults.on:
            self.frames += 1
            socket.send(frame)
            return
        for one in self.faults.frames(id(socket), frame):
            self.frames += 1
            socket.send(one)

    def send_all(self, texts: list[str | bytes]) -> None:
        """Sends every socket the same frames, whatever is in them."""
        for socket in list(self.sockets):
            for text in texts:
                socket.send(framed(text))


def _head(key: Key) -> dict[str, Json]:
    return {"connectionId": key[0], "ticker": key[1]}
