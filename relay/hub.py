"""This file knows who reads which topic on which lane; every method returns a list of effects.

Equal subscriptions share one topic. Messages that we do not know go to a lane of their reader's
own and pass untouched. Nothing here opens, waits or tells the time.
"""

from __future__ import annotations

from relay import lagging, subscriptions
from relay.envelope import MAX_PASSED, Spelling, message
from relay.errors import BadFrame
from relay.lanes import Lanes
from relay.readers import Readers, error
from relay.subscriptions import Said, Slot
from relay.topic import Client, Effect, End, Fan, Lane, LaneName, Reader, Topic, leaving

#: Starts of messages remembered on one lane.
MAX_ROUTES = 16384
#: How long the terminal may refuse to restore something before its readers are told; when it is
#: asked next, which is within ten seconds.
PATIENCE_MS = 20_000
RESTARTED = 1012
"""Close code: the service restarted (WebSocket close code registry)."""
LOST = "the terminal closed its socket: subscribe again"


class Hub:
    """All readers of one terminal."""

    def __init__(self) -> None:
        self.clients: dict[Reader, Client] = {}
        self.ignored = 0
        self._out: list[Effect] = []
        self.lanes = Lanes(self._out)
        self._readers = Readers(self.lanes, self._out)
        self._live: set[int] = set()

    def join(self, reader: Reader, keys: str = "asis", may_say_all: bool = True) -> None:
        """A reader is there; it reads nothing yet. keys: see `relay.spelling`. may_say_all: also
        what we do not know, which may do anything."""
        self.clients[reader] = Client(reader, Spelling(keys), may_say_all=may_say_all)

    def leave(self, reader: Reader) -> list[Effect]:
        """A reader is gone, and with it whatever it alone had wanted."""
        client = self.clients.pop(reader, None)
        if client is None:
            return []
        waited = [topic for topic in self.lanes.topics() if client in topic.waiting]
        for topic in (*client.topics.values(), *waited):
            self._readers.leave(client, topic)
        if client.lane is not None:
            self.lanes.close(client.lane)
        if not self.clients:
            for lane in list(self.lanes.open.values()):
                self.lanes.close(lane)
        return self._taken()

    def receive(self, reader: Reader, text: str | bytes) -> list[Effect]:
        """A message of a reader."""
        client = self.clients[reader]
        try:
            wish = subscriptions.read(text)
        except BadFrame as bad:
            self._tell(client, error(bad.text))
            return self._taken()
        self._readers.answer_in(client, upper=wish.upper)
        if wish.verb == "other" and not (wish.reads or client.may_say_all):
            self._tell(client, error(subscriptions.NEEDS_TRADE))
        elif wish.verb == "other":
            self._readers.pass_on(client, text.encode() if isinstance(text, str) else text)
        elif wish.verb.startswith("status "):
            verb = wish.verb.removeprefix("status ")
            client.status = verb == "subscribe"
            self._tell(client, message(f"relay_status_{verb}d", {}))
        else:
            self._readers.wish(client, wish)
        return self._taken()

    def heard(self, name: LaneName, raw: bytes, now_ms: int) -> list[Effect]:
        """A message of the terminal on a lane, unless `Lane.routes` says at once whose it is."""
        lane = self.lanes.open.get(name)
        if lane is None:
            return []
        if lane.client is not None:
            self._readers.hear_own(lane.client, lane, raw)
        elif (said := subscriptions.hear(raw)) is None:
            self.ignored += 1
        elif said.verb == "error":
            self._refused(lane, said, raw, now_ms)
        elif said.verb == "subscribed":
            self._acknowledged(lane, said.slot, raw, now_ms)
        elif said.verb == "told" and (topic := lane.slots.get(said.slot)) is not None:
            self._told(topic, said, raw)
        return self._taken()

    def opened(self, name: LaneName) -> list[Effect]:
        """A lane's socket is open: everything on it is asked for, again or for the first time."""
        lane = self.lanes.open[name]
        lane.up = True
        held, lane.held = lane.held, []
        for raw in held:
            self.lanes.say(lane, raw)
        for topic in lane.slots.values():
            self.lanes.ask(topic)
        return self._taken()

    def closed(self, name: LaneName, now_ms: int) -> list[Effect]:
        """A lane's socket is gone; as long as the lane is there it is to be opened again."""
        lane = self.lanes.open.get(name)
        if lane is None:
            return []
        lane.up = False
        lane.routes.clear()
        lane.asked.clear()
        for topic in lane.slots.values():
            lagging.lose(topic, now_ms, "terminal", self._out)
            topic.live = topic.sure = False
            if topic.book is not None:
                topic.book.forget()
                for client in list(topic.thirsty):
                    topic.feed(client)
        if lane.client is not None and not lane.held:
            self.lanes.close(lane)
            if lane.unanswered > 0:
                self._out.append(End(lane.client.reader, RESTARTED, LOST))
        return self._taken()

    def absent(self, name: LaneName, text: str) -> list[Effect]:
        """The terminal cannot be found: whoever waits for an answer gets this one. What is already
        being read stays, and is asked for when the terminal is back."""
        lane = self.lanes.open.get(name)
        if lane is None:
            return []
        for topic in list(lane.slots.values()):
            self._readers.turn_away(topic, error(text))
        if lane.client is not None:
            self._tell(lane.client, error(text))
            self.lanes.close(lane)
        return self._taken()

    def connections(self, live: set[int], now_ms: int) -> list[Effect]:
        """These connections are connected: to be said again and again. Subscriptions end without a
        word when theirs is not, so what comes back, or was refused before, is asked for again."""
        gone, came, self._live = self._live - live, live - self._live, live
        for topic in self.lanes.topics():
            if topic.connection in gone:
                topic.sure = False
                lagging.lose(topic, now_ms, "connection", self._out)
            elif topic.connection in (came if topic.given_up else live) and not topic.sure:
                self.lanes.ask(topic)
        return self._taken()

    def doubt_the_quiet(self, now_ms: int) -> list[Effect]:
        """Asks again for some of what has said nothing for long, and for what was refused and has
        no connection; to be said twice a second."""
        self.lanes.doubt_the_quiet(now_ms)
        return self._taken()

    def wake(self) -> list[Effect]:
        """Gives up waiting for snapshots that were asked for again: what is known must do. Where
        nothing is known the topic is left, and asked for as if for the first time."""
        for topic in self.lanes.topics():
            if topic.book is None or not topic.thirsty or not topic.live:
                continue
            if topic.book.known:
                for client in list(topic.thirsty):
                    self._readers.show(client, topic, anyway=True)
            elif topic not in topic.lane.asked:
                self.lanes.say(topic.lane, leaving(topic))
                topic.sure = False
                self.lanes.ask(topic)
        return self._taken()

    def lag(self, reader: Reader) -> None:
        """A reader cannot keep up, or not again: from now on it is owed what it does not get."""
        client = self.clients.get(reader)
        if client is not None:
            lagging.begin(client)

    def missed(self, topic: Topic, updates: list[bytes]) -> list[Effect]:
        """Updates, all of one kind, that those of a topic who are behind do not get now."""
        lagging.miss(topic, updates, self._out)
        return self._taken()

    def resume(self, reader: Reader, room: int) -> list[Effect]:
        """A reader that lagged can take so many bytes; it lags until nothing is owed any more."""
        client = self.clients.get(reader)
        if client is None or not client.lagging:
            return []
        room -= lagging.repay_kept(client, self._out)
        for topic in [one for one in client.topics.values() if client in one.behind]:
            if room <= 0:
                return self._taken()
            room -= self._readers.repay(client, topic)
        client.lagging = False
        return self._taken()

    def _taken(self) -> list[Effect]:
        out = self._out.copy()
        self._out.clear()
        return out

    def _tell(self, client: Client, raw: bytes) -> None:
        lagging.tell(client, raw, self._out)

    def _acknowledged(self, lane: Lane, slot: Slot, raw: bytes, now_ms: int) -> None:
        topic = self.lanes.answered(lane, slot)
        if topic is None:
            return
        if not topic.live or not topic.sure:
            topic.due = topic.fetches and bool(topic.family.first)
            topic.heard = True
        topic.live = topic.sure = True
        topic.given_up = False
        topic.ack = raw
        self._readers.learn(topic, raw)
        lagging.restore(topic, now_ms, self._out)
        for client in list(topic.waiting):
            self._readers.settle(client, topic)

    def _refused(self, lane: Lane, said: Said, raw: bytes, now_ms: int) -> None:
        """The terminal says no. To what is being restored it may say yes later: its connections
        are not up as soon as it is itself. But nobody is left for long to trust in silence."""
        topic = self.lanes.refused(lane, said)
        if topic is None:
            readers = {one: None for topic in lane.slots.values() for one in topic.readers}
            for client in readers:
                self._tell(client, raw)
            return
        if topic.ours:  # What it was is over, unseen until now.
            topic.ours = topic.sure = False
            lagging.lose(topic, now_ms, "connection", self._out)
        if topic.waiting:
            self._readers.turn_away(topic, raw)
        elif topic.live and topic.sure:  # About what comes after the acknowledgement.
            for client in list(topic.thirsty or topic.readers):
                topic.thirsty.pop(client, None)
                self._tell(client, raw)
        elif topic.lost_ms is not None and now_ms - topic.lost_ms > PATIENCE_MS:
            if not topic.given_up:
                for client in topic.readers:
                    self._tell(client, raw)
            topic.given_up = True

    def _told(self, topic: Topic, said: Said, raw: bytes) -> None:
        if not topic.live:
            return  # It belongs to what was subscribed here before.
        first = said.kind == topic.family.first
        if first and (topic.due or topic.thirsty or said.kind not in topic.family.updates):
            self._first(topic, raw)
            return
        topic.heard = True
        head = subscriptions.head_of(raw)
        if subscriptions.is_head(head) and len(topic.lane.routes) < MAX_ROUTES:
            topic.lane.routes[head] = topic
        self._out.append(Fan(topic, raw))

    def _first(self, topic: Topic, raw: bytes) -> None:
        """A snapshot: for everybody, unless it was asked for by some who came later, or only
        because the book was quiet."""
        doubted, topic.doubted = topic.doubted, False
        calm = doubted and not topic.due and topic.book is not None and topic.book.agrees(raw)
        if calm:
            topic.trust_longer()
        topic.heard = topic.heard or not calm
        book = topic.book
        if calm and book is not None and book.whole:
            readers = topic.thirsty
        elif topic.due or doubted or not topic.thirsty or (book and not book.agrees(raw)):
            readers = topic.readers  # Its subscription may have ended, and nobody have seen it.
        else:
            readers = topic.thirsty
        topic.due = False
        if topic.book is not None and not topic.book.begin(raw):
            self.ignored += 1
        parts = [raw]
        if len(raw) > MAX_PASSED:
            parts = topic.book.parts(MAX_PASSED) if topic.book is not None else []
            self.ignored += not parts
        for client in list(readers):
            topic.thirsty.pop(client, None)
            if topic.book is None or not client.lagging:
                for part in parts:
                    self._tell(client, part)
            if topic.book is not None:
                self._readers.feed(client, topic)
