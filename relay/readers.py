"""This file knows how a reader comes to read a topic, what it is told first, and how it leaves."""

from __future__ import annotations

import re
from collections import deque

from relay import lagging
from relay.envelope import MAX_PASSED, message
from relay.lanes import Lanes
from relay.subscriptions import NOTHING, Slot, Wish, hear
from relay.topic import QUIET_MS, Client, Effect, Lane, Tell, Topic, Wake, leaving

#: Topics of one reader. The largest screeners follow every ticker of a venue (883 captured).
MAX_TOPICS = 4096
#: What may wait for the answer about one slot.
MAX_WAITING = 64
_BEGUN = re.compile(rb'\{"[Tt]ype":"(?:[a-z_]+_)?subscribed"')
_ENDED = re.compile(rb'\{"[Tt]ype":"(?:error|(?:[a-z_]+_)?unsubscribed)"')
TOO_MUCH = "The terminal does not answer, and too much waits for it"
TOO_LARGE = f"A message of the terminal over {MAX_PASSED} bytes is not passed on"
TOO_MANY = f"More than {MAX_TOPICS} subscriptions on one socket"


class Readers:
    """What readers want of topics. Effects are put into `out`."""

    def __init__(self, lanes: Lanes, out: list[Effect]) -> None:
        self._lanes = lanes
        self._out = out
        self._large_acks: dict[str, bool] = {}

    def wish(self, client: Client, wish: Wish) -> None:
        """A subscription or its end. What concerns a slot that is being asked for waits for the
        answer, so that answers come in the order of the questions."""
        if (waiting := client.asking.get(wish.slot)) is not None:
            if len(waiting) < MAX_WAITING:
                waiting.append(wish)
            else:
                self._tell(client, error(TOO_MUCH))
        elif wish.verb == "unsubscribe":
            topic = client.topics.get(wish.slot)
            if topic is not None:
                self.leave(client, topic)
            known = wish.family.name in self._large_acks and client.lane is None
            if topic is not None or known:
                self._tell(client, self._unsubscribed(wish))
            else:  # It may be read on a lane of the reader's own; or this build does not know it.
                kind = wish.family.type("unsubscribe")
                self.pass_on(client, f'{{"Type":"{kind}","Data":{wish.data}}}'.encode())
        elif len(client.topics) + len(client.asking) >= MAX_TOPICS:
            self._tell(client, error(TOO_MANY))
        else:
            self._subscribe(client, self._lanes.place(wish))

    def settle(self, client: Client, topic: Topic) -> None:
        """The topic is acknowledged: what the reader read in its place before is left."""
        topic.waiting.pop(client, None)
        self._tell(client, topic.ack)
        old = client.topics.get(topic.slot)
        if old is not None and old is not topic:
            self.leave(client, old)
        self._end_own(client, topic)
        client.topics[topic.slot] = topic
        topic.readers[client] = None
        if topic.book is not None:
            self.show(client, topic)
        else:
            self.feed(client, topic)
            if topic.family.first and not topic.due:
                topic.thirsty[client] = None
        self._go_on(client, topic)

    def show(self, client: Client, topic: Topic, *, anyway: bool = False) -> int:
        """Brings a reader into a book, with a snapshot where one is known; gives how many bytes
        that took. anyway: also with one that may lack far levels."""
        book = topic.book
        assert book is not None, "only books are shown"
        topic.starve(client)
        if client.lagging:
            topic.behind[client] = None
            return 0
        if book.known and (anyway or book.exact()):
            parts = book.parts(MAX_PASSED)
            self._out += [Tell(client.reader, raw) for raw in parts]
            topic.feed(client)
            return sum(map(len, parts))
        if topic.due or not topic.live or not topic.fetches:
            topic.feed(client)  # Whoever asks first is told all there is; so are these.
            return 0
        topic.thirsty[client] = None
        self._out.append(Wake())
        return 0

    def feed(self, client: Client, topic: Topic) -> None:
        """As messages come, or as a summary when the reader is back."""
        if client.lagging:
            topic.starve(client)
            topic.behind[client] = None
        else:
            topic.feed(client)

    def repay(self, client: Client, topic: Topic) -> int:
        """What a reader that lagged is owed of a topic; gives how many bytes that is."""
        client.lagging = False  # For this topic.
        try:
            if topic.book is None:
                topic.feed(client)
                return lagging.repay_last(client, topic, self._out)
            before = client.dropped.pop(topic, 0)
            size = self.show(client, topic)
            if client in topic.thirsty:
                self._lanes.ask(topic)
            if client.status and before:
                comes = size > 0 or client in topic.thirsty
                told = lagging.status("slow", topic, missed=before, snapshot=comes)
                self._out.append(Tell(client.reader, told))
            return size
        finally:
            client.lagging = True

    def leave(self, client: Client, topic: Topic) -> None:
        """The reader does not want this topic any more."""
        topic.starve(client)
        topic.readers.pop(client, None)
        topic.waiting.pop(client, None)
        lagging.forget(client, topic)
        if client.topics.get(topic.slot) is topic:
            del client.topics[topic.slot]
        self._drop_unread(topic)

    def turn_away(self, topic: Topic, raw: bytes) -> None:
        """Whoever waits for this topic gets this answer instead."""
        for client in list(topic.waiting):
            del topic.waiting[client]
            self._tell(client, raw)
            self._go_on(client, topic)
        self._drop_unread(topic)

    def answer_in(self, client: Client, *, upper: bool) -> None:
        """The reader is answered in the envelope it spoke last."""
        old = client.spelling
        if old.upper == upper:
            return
        client.spelling = old._replace(upper=upper)
        for topic in client.topics.values():
            readers = topic.audience.get(old, [])
            if client.reader in readers:
                readers.remove(client.reader)
                if not readers:
                    del topic.audience[old]
                topic.audience.setdefault(client.spelling, []).append(client.reader)

    def learn(self, topic: Topic, ack: bytes) -> None:
        """How this terminal acknowledges a family: its keys begin large, but in edition 1
        (2026-03); an acknowledgement without keys says nothing about others."""
        small = b'"connectionId"' in ack or b'"templateId"' in ack
        self._large_acks[topic.family.name] = not small

    def pass_on(self, client: Client, raw: bytes) -> None:
        """Untouched, on a lane of the reader's own."""
        if client.lane is None:
            client.lane = self._lanes.add(client)
        if self._lanes.say(client.lane, raw):
            client.lane.unanswered += 1
        else:
            self._tell(client, error(TOO_MUCH))

    def hear_own(self, client: Client, lane: Lane, raw: bytes) -> None:
        """What the terminal says on a reader's own lane. What was asked there in an unusual way is
        known by its acknowledgement, and takes the place of what the reader had shared."""
        begun, ended = _BEGUN.match(raw), _ENDED.match(raw)
        said = hear(raw) if begun or ended or lane.over else None
        slot = NOTHING if said is None else said.slot
        over = slot in lane.over
        if begun:
            self._begin_own(client, lane, slot)
        elif ended:
            lane.unanswered -= 1 + (slot in lane.own)
            lane.own.discard(slot)
            lane.over.discard(slot)
        if not over:
            self._tell(client, passed(raw))

    def _begin_own(self, client: Client, lane: Lane, slot: Slot) -> None:
        lane.unanswered -= slot in lane.own  # It was asked for anew: one of both counts.
        if slot != NOTHING and len(lane.own) < MAX_TOPICS:
            lane.own.add(slot)
        topic = client.topics.get(slot)
        if topic is not None and slot not in lane.over:
            self.leave(client, topic)

    def _end_own(self, client: Client, topic: Topic) -> None:
        """The reader shares from now on what it had on its own lane."""
        lane = client.lane
        if lane is not None and topic.slot in lane.own and topic.slot not in lane.over:
            lane.over.add(topic.slot)
            self.pass_on(client, leaving(topic))

    def _subscribe(self, client: Client, topic: Topic) -> None:
        if topic.live and topic.sure and not self._must_ask(topic):
            topic.pause_ms = QUIET_MS  # What a newcomer is told from memory is doubted soon.
            self.settle(client, topic)
            return
        topic.waiting[client] = None
        client.asking[topic.slot] = deque()
        self._lanes.ask(topic)

    def _must_ask(self, topic: Topic) -> bool:
        """True when what follows the acknowledgement has to come from the terminal itself."""
        if topic.book is None:
            return bool(topic.family.first)
        return topic.fetches and not topic.due and not topic.book.exact()

    def _go_on(self, client: Client, topic: Topic) -> None:
        """What the reader has said about a slot while it was being asked for."""
        for wish in client.asking.pop(topic.slot, ()):
            self.wish(client, wish)

    def _drop_unread(self, topic: Topic) -> None:
        if not topic.readers and not topic.waiting:
            self._lanes.drop(topic)

    def _unsubscribed(self, wish: Wish) -> bytes:
        """What the terminal answers, also where nothing was subscribed."""
        data: dict[str, int | str] = {}
        for name in wish.family.names:
            word = {"connectionid": "ConnectionId", "templateid": "TemplateId"}.get(name, "Ticker")
            if not self._large_acks.get(wish.family.name, True):
                word = word[:1].lower() + word[1:]
            data[word] = wish.slot.ticker if name == "ticker" else wish.slot.number
        return message(wish.family.type("unsubscribed"), data)

    def _tell(self, client: Client, raw: bytes) -> None:
        lagging.tell(client, raw, self._out)


def error(text: str) -> bytes:
    """An error as the terminal spells it."""
    return message("error", {"error": text})


def passed(raw: bytes) -> bytes:
    """A message of the terminal that nobody has looked into, or what is said instead of one that
    the official client's socket would close on."""
    return raw if len(raw) <= MAX_PASSED else error(f"{TOO_LARGE}: {len(raw)} bytes")
