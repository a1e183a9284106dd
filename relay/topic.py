"""This file knows the parts of the hub: a stream of the terminal, a socket to it, a reader, and
what is to be done: values, performed by one loop that has sockets."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from relay.book import Book
from relay.envelope import Spelling, message
from relay.subscriptions import BOOK, Family, Slot, Wish

#: What says nothing for so long is asked for again: it may have ended unnoticed. Twice as long each
#: time that a book was the same after it, up to the second.
QUIET_MS = 10_000
MOST_QUIET_MS = 60_000
#: How often that is asked for which belongs to no connection, until it is there again: no look at
#: the connections says when.
AGAIN_MS = 3_000

#: Whoever performs the effects knows what a reader and a lane are; here they are only names.
Reader: TypeAlias = Any
LaneName: TypeAlias = Hashable


@dataclass(eq=False, slots=True)
class Client:
    """A reader. may_say_all: also what no document has. topics: what it reads, a slot each. asking:
    messages about a slot that is being asked for, the first of them under way. lagging: it cannot
    keep up, and what it is owed waits: kept in order, last of each kind, and how much of each topic
    was dropped.
    """

    reader: Reader
    spelling: Spelling
    may_say_all: bool = True
    status: bool = False
    topics: dict[Slot, Topic] = field(default_factory=dict)
    asking: dict[Slot, deque[Wish]] = field(default_factory=dict)
    lane: Lane | None = None
    lagging: bool = False
    kept: list[bytes] = field(default_factory=list)
    kept_bytes: int = 0
    last: dict[tuple[Topic, str], bytes] = field(default_factory=dict)
    dropped: dict[Topic, int] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Lane:
    """One socket to the terminal. client: whose it is alone. routes: the start of a message -> its
    topic. asked: what was asked and not yet answered, in order. held: what waits until it is open.
    unanswered: messages of its reader that were not answered with an error, nor as the end of
    something: what they began is lost with the socket. own: what the terminal has acknowledged to
    its reader here. over: of that, what the reader now shares: it ends here, and is told no more.
    """

    name: LaneName
    client: Client | None = None
    up: bool = False
    slots: dict[Slot, Topic] = field(default_factory=dict)
    routes: dict[bytes, Topic] = field(default_factory=dict)
    asked: list[Topic] = field(default_factory=list)
    held: list[bytes] = field(default_factory=list)
    unanswered: int = 0
    own: set[Slot] = field(default_factory=set)
    over: set[Slot] = field(default_factory=set)


@dataclass(eq=False, slots=True)
class Topic:
    """One stream of the terminal, on one lane, for all who asked for the same.

    live: acknowledged on the socket that is open now. sure: nothing hints that it has ended since.
    readers: who has been acknowledged; of those, audience is written to as messages come, by
    spelling, behind gets a summary later, thirsty waits for a snapshot. waiting: who is not
    acknowledged yet. due: the snapshot that follows is for everybody; doubted: unless it says what
    is known. ours: nobody's wish, but a doubt, is what the terminal was asked last and has not
    answered. heard: it has said something since the last look, which was no answer to a doubt;
    quiet_ms: when it last had, or was asked again; pause_ms: how long after that it is doubted.
    lost_ms: since when nothing was heard; None when nothing was missed. given_up: its
    readers were told that it cannot be had.
    """

    slot: Slot
    family: Family
    params: tuple[tuple[str, str], ...]
    sent: str
    lane: Lane
    live: bool = False
    sure: bool = False
    due: bool = False
    doubted: bool = False
    ours: bool = False
    heard: bool = False
    quiet_ms: int = 0
    pause_ms: int = QUIET_MS
    lost_ms: int | None = None
    given_up: bool = False
    ack: bytes = b""
    book: Book | None = None
    readers: dict[Client, None] = field(default_factory=dict)
    waiting: dict[Client, None] = field(default_factory=dict)
    thirsty: dict[Client, None] = field(default_factory=dict)
    behind: dict[Client, None] = field(default_factory=dict)
    audience: dict[Spelling, list[Reader]] = field(default_factory=dict)

    @property
    def connection(self) -> int | None:
        return self.slot.number if "connectionid" in self.family.names else None

    @property
    def fetches(self) -> bool:
        """False for a book whose readers asked for no snapshot of its own."""
        return ("fetchsnapshot", "false") not in self.params

    def is_doubtful(self, now_ms: int) -> bool:
        """Whether it has said nothing for so long that it is to be asked for again. A clock that
        was set back is no reason to wait."""
        if self.heard or not self.sure:
            self.pause_ms = QUIET_MS
        if self.heard:
            self.heard, self.quiet_ms = False, now_ms
        return not 0 <= now_ms - self.quiet_ms < self.pause_ms

    def is_wanting(self, now_ms: int) -> bool:
        """Whether it belongs to no connection, was not had again, and is to be asked for now."""
        if self.connection is not None or self.sure or not self.readers:
            return False
        return not 0 <= now_ms - self.quiet_ms < AGAIN_MS

    def trust_longer(self) -> None:
        """It was doubted in vain."""
        self.pause_ms = min(2 * self.pause_ms, MOST_QUIET_MS)

    def about(self) -> dict[str, Any]:
        """How our own messages name it: as one subscribes to it."""
        about: dict[str, Any] = {"type": self.family.type("subscribe")}
        if self.connection is not None:
            about["connectionId"] = self.slot.number
        if self.slot.ticker:
            about["ticker"] = self.slot.ticker
        if self.family.name == "screener":
            about["templateId"] = self.slot.number
        return about

    def feed(self, client: Client) -> None:
        """From now on this reader is written to as messages come."""
        self.starve(client)
        self.audience.setdefault(client.spelling, []).append(client.reader)

    def starve(self, client: Client) -> None:
        """This reader is not written to until it is fed again."""
        readers = self.audience.get(client.spelling, [])
        if client.reader in readers:
            readers.remove(client.reader)
            if not readers:
                del self.audience[client.spelling]
        self.behind.pop(client, None)
        self.thirsty.pop(client, None)


@dataclass(frozen=True, slots=True)
class Tell:
    """A message for one reader, in the terminal's spelling."""

    reader: Reader
    raw: bytes


@dataclass(frozen=True, slots=True)
class Fan:
    """An update of a topic, for its book, its audience and those who lag behind."""

    topic: Topic
    raw: bytes


@dataclass(frozen=True, slots=True)
class Say:
    """A message for the terminal."""

    lane: LaneName
    raw: bytes


@dataclass(frozen=True, slots=True)
class OpenLane:
    """A socket to the terminal is wanted, now and after every loss, until CloseLane."""

    lane: LaneName


@dataclass(frozen=True, slots=True)
class CloseLane:
    """A socket to the terminal is not wanted any more."""

    lane: LaneName


@dataclass(frozen=True, slots=True)
class End:
    """A reader is to be closed, with a code of the WebSocket registry."""

    reader: Reader
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Wake:
    """`Hub.wake` is to be called in a moment: a snapshot was asked for that may never come."""


Effect: TypeAlias = Tell | Fan | Say | OpenLane | CloseLane | End | Wake


def made(wish: Wish, lane: Lane) -> Topic:
    """The topic a wish is for, put on a lane."""
    topic = Topic(wish.slot, wish.family, wish.params, wish.data, lane)
    if wish.family is BOOK:
        fields = dict(wish.params)
        depth, percent = fields.get("depthlevels"), fields.get("depthpercent")
        topic.book = Book(
            int(fields.get("zoomindex", 0)),
            None if depth is None else int(depth),
            None if percent is None else Decimal(percent),
        )
    lane.slots[wish.slot] = topic
    return topic


def asking(topic: Topic) -> bytes:
    """How the terminal is asked: as the first reader did."""
    kind = topic.family.type("subscribe")
    return f'{{"Type":"{kind}","Data":{topic.sent}}}'.encode()


def leaving(topic: Topic) -> bytes:
    about = {name: value for name, value in topic.about().items() if name != "type"}
    return message(topic.family.type("unsubscribe"), about)
