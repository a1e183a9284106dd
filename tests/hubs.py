"""A hub with a terminal and readers, all in one thread and without a socket: for tests of rules.

The terminal is the simulator's own world and stream; what a reader sees is merged by a client of
the plainest kind, which knows nothing of ours.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from relay import envelope
from relay.hub import Hub
from relay.metascalp.simulator.book import View
from relay.metascalp.simulator.feed import Feed
from relay.metascalp.simulator.profile import PROFILES, switched
from relay.metascalp.simulator.stream import Hub as Terminal
from relay.metascalp.simulator.stream import Socket
from relay.metascalp.simulator.wire import encode
from relay.metascalp.simulator.world import World
from relay.subscriptions import head_of
from relay.topic import CloseLane, Effect, End, Fan, OpenLane, Say, Tell, Topic, Wake

BOOK = "orderbook_subscribe"


class Reader:
    """What one reader was told. books: merged as any client would."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.frames: list[bytes] = []
        self.ended: tuple[int, str] | None = None
        self.books: dict[tuple[int, str], dict[str, dict[Decimal, Decimal]]] = {}

    def __repr__(self) -> str:
        return self.name

    def take(self, raw: bytes) -> None:
        self.frames.append(raw)
        message = lowered(load(raw))
        data = message["data"]
        if message["type"] == "orderbook_snapshot":
            self.books[data["connectionid"], data["ticker"]] = {
                side: {row["price"]: row["size"] for row in data[side]} for side in ("asks", "bids")
            }
        elif message["type"] == "orderbook_update":
            book = self.books.get((data["connectionid"], data["ticker"]))
            for row in data["updates"] if book is not None else ():
                if row["type"] in ("Ask", "Bid"):
                    assert book is not None
                    merge(book[row["type"].lower() + "s"], row["price"], row["size"])

    def kinds(self) -> list[str]:
        return [load(raw).get("Type") or load(raw).get("type") for raw in self.frames]

    def drain(self) -> list[Any]:
        frames, self.frames = self.frames, []
        return [load(raw) for raw in frames]


class Bench:
    """Performs a hub's effects at once. now_ms: the time, moved by the test."""

    def __init__(self, profile: str = "v1.0.2860", *switches: str, up: bool = True) -> None:
        self.world = World(1, lambda: 1000.0, switched(PROFILES[profile], switches))
        self.terminal = Terminal(self.world)
        self.world.listener = self.terminal
        self.hub = Hub()
        self.up = up
        self.now_ms = 1_000_000
        self.sockets: dict[object, Socket] = {}
        self.wanted: list[object] = []
        self.said: list[str] = []
        self.wakes = 0

    def reader(self, name: str = "reader", keys: str = "asis") -> Reader:
        reader = Reader(name)
        self.hub.join(reader, keys)
        return reader

    def leave(self, reader: Reader) -> None:
        self.perform(self.hub.leave(reader))
        self.settle()

    def say(self, reader: Reader, message: dict[str, Any] | str | bytes) -> None:
        """A reader says this; the terminal answers when `settle` is called."""
        text = json.dumps(message, default=float) if isinstance(message, dict) else message
        self.perform(self.hub.receive(reader, text))

    def ask(self, reader: Reader, kind: str, connection: int = 1, ticker: str = "BTCUSDT",
            **more: Any) -> None:  # fmt: skip
        """A reader says this, and everything that follows from it happens."""
        data = {"connectionId": connection, **more}
        if kind not in ("subscribe", "unsubscribe"):
            data["ticker"] = ticker
        self.say(reader, {"Type": kind, "Data": data})
        self.settle()

    def settle(self) -> None:
        """Hands over what the terminal has said, until nobody says anything any more."""
        busy = True
        while busy:
            busy = False
            for name, socket in list(self.sockets.items()):
                frames, socket.frames, socket.waiting = socket.frames, [], 0
                for frame in frames:
                    busy = True
                    self.hear(name, unframed(frame))

    def hear(self, name: object, raw: bytes) -> None:
        lane = self.hub.lanes.open.get(name)
        topic = None if lane is None else lane.routes.get(head_of(raw))
        if topic is not None:
            self.fan(topic, raw)
        else:
            self.perform(self.hub.heard(name, raw, self.now_ms))

    def drop(self, *, again: bool = True) -> None:
        """The terminal's sockets are cut off; again: and opened anew at once."""
        lost = list(self.sockets)
        for name in lost:
            self.terminal.leave(self.sockets.pop(name))
            self.perform(self.hub.closed(name, self.now_ms))
        self.up = again
        if again:
            self.open_wanted()

    def open_wanted(self) -> None:
        self.up = True
        for name in list(self.wanted):
            if name not in self.sockets:
                self.open(name)
        self.settle()

    def open(self, name: object) -> None:
        socket = Socket(Feed(self.world), lambda: None)
        self.terminal.sockets.add(socket)
        self.sockets[name] = socket
        self.perform(self.hub.opened(name))

    def step(self, times: int = 1) -> None:
        """The market moves."""
        for _ in range(times):
            self.world.step()
        self.terminal.flush()
        self.settle()

    def lag(self, reader: Reader) -> None:
        self.hub.lag(reader)

    def resume(self, reader: Reader, room: int = 10**9) -> None:
        self.perform(self.hub.resume(reader, room))
        self.settle()

    def connect(self, number: int, state: int) -> None:
        """A connection changes its state in the terminal, and somebody notices."""
        self.world.connections[number].state = state  # type: ignore[assignment]
        if state != 2:
            self.terminal.silence(number)
        self.notice()

    def notice(self) -> None:
        live = {row.id for row in self.world.connections.values() if row.state == 2}
        self.perform(self.hub.connections(live, self.now_ms))
        self.settle()

    def perform(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Tell(reader, raw):
                    client = self.hub.clients.get(reader)
                    if client is not None:
                        reader.take(envelope.spelled(raw, client.spelling))
                case Fan(topic, raw):
                    self.fan(topic, raw)
                case Say(name, raw):
                    self.said.append(raw.decode())
                    self.terminal.receive(self.sockets[name], raw)
                case OpenLane(name):
                    self.wanted.append(name)
                    if self.up:
                        self.open(name)
                case CloseLane(name):
                    self.wanted.remove(name)
                    if name in self.sockets:
                        self.terminal.leave(self.sockets.pop(name))
                case End(reader, code, reason):
                    reader.ended = code, reason
                case Wake():
                    self.wakes += 1

    def fan(self, topic: Topic, raw: bytes) -> None:
        topic.heard = True
        if topic.book is not None:
            topic.book.add([raw], len(raw))
        for how, readers in topic.audience.items():
            for reader in readers:
                reader.take(envelope.spelled(raw, how))
        self.perform(self.hub.missed(topic, [raw]))

    def count(self, kind: str) -> int:
        """How often the terminal was told this."""
        return sum(f'"{kind}"' in said for said in self.said)


def direct(profile: str, *messages: dict[str, Any]) -> list[bytes]:
    """What a terminal says to these messages when nobody stands between."""
    bench = Bench(profile)
    socket = Socket(Feed(bench.world), lambda: None)
    for message in messages:
        bench.terminal.receive(socket, json.dumps(message))
    return [unframed(frame) for frame in socket.frames]


def lowered(value: Any) -> Any:
    """Every key in lower case."""
    if isinstance(value, dict):
        return {name.lower(): lowered(one) for name, one in value.items()}
    return [lowered(one) for one in value] if isinstance(value, list) else value


def unframed(frame: bytes) -> bytes:
    """What is in a server's frame (RFC 6455, section 5.2)."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]


def load(raw: bytes | str) -> Any:
    return json.loads(raw, parse_float=Decimal)


def merge(levels: dict[Decimal, Decimal], price: Decimal, size: Decimal) -> None:
    if size:
        levels[price] = size
    else:
        levels.pop(price, None)


def told(reader: Reader, kind: str) -> list[Any]:
    """What a reader was told of one kind, with a large envelope."""
    return [message for message in map(load, reader.frames) if message.get("Type") == kind]


def snapshot_of(bench: Bench, ticker: str = "BTCUSDT", view: View | None = None) -> Any:
    """The terminal's own book, now."""
    market = bench.world.market((1, ticker))
    assert market is not None
    return load(encode(market.book.snapshot(view or View())))
