"""This file knows the sockets to one terminal: which topic is on which, what is asked on them.

Subscribing again on one socket replaces zoom and depth, so topics that differ in them are on
different lanes (MetaScalp API, edition 3, 2026-08, "WebSocket").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

from relay.subscriptions import Said, Slot, Wish
from relay.topic import (
    Client,
    CloseLane,
    Effect,
    Lane,
    LaneName,
    OpenLane,
    Say,
    Topic,
    asking,
    leaving,
    made,
)

#: Bytes that may wait for a lane to open.
MAX_HELD = 256 * 1024

#: In so many calls all are asked again that are doubted: in ten seconds, as the calls come.
DOUBT_PARTS = 20

_CONNECTION = re.compile(r"onnection (\d{1,18})\b")
_TICKER = re.compile(r"^Ticker '(.*)' not found")


class Lanes:
    """All lanes. Effects are put into `out`."""

    def __init__(self, out: list[Effect]) -> None:
        self.open: dict[LaneName, Lane] = {}
        self._names = count()
        self._out = out

    def topics(self) -> list[Topic]:
        return [topic for lane in self.open.values() for topic in lane.slots.values()]

    def place(self, wish: Wish) -> Topic:
        """The topic for a wish: the one there is, else a new one on the first lane that is free."""
        for lane in self._shared():
            topic = lane.slots.get(wish.slot)
            if topic is not None and topic.params == wish.params:
                return topic
        free = [lane for lane in self._shared() if wish.slot not in lane.slots]
        return made(wish, free[0] if free else self.add())

    def add(self, client: Client | None = None) -> Lane:
        """A new lane, for everybody or for one."""
        name = next(self._names)
        lane = self.open[name] = Lane(name, client)
        self._out.append(OpenLane(name))
        return lane

    def close(self, lane: Lane) -> None:
        if self.open.pop(lane.name, None) is not None:
            if lane.client is not None:
                lane.client.lane = None
            self._out.append(CloseLane(lane.name))

    def say(self, lane: Lane, raw: bytes) -> bool:
        """To the terminal, as soon as the lane is open; False when too much waits for that."""
        if lane.up:
            self._out.append(Say(lane.name, raw))
        elif sum(map(len, lane.held)) + len(raw) <= MAX_HELD:
            lane.held.append(raw)
        else:
            return False
        return True

    def ask(self, topic: Topic, *, ours: bool = False) -> None:
        """Asks for a topic, or for its snapshot once more. On a lane that is not open yet this
        happens when it opens; an answer under way is this one's too. ours: because of a doubt."""
        if topic.lane.up and topic not in topic.lane.asked:
            topic.ours = ours
            topic.lane.asked.append(topic)
            self._out.append(Say(topic.lane.name, asking(topic)))

    def doubt_the_quiet(self, now_ms: int) -> None:
        """Asks again for what has said nothing for long: it may have ended unnoticed. Where it has
        not, asking again changes nothing; a book is sent anew, and told to its readers unless it is
        the one they have. A part at each call, because every snapshot may cost a request. And asks
        again for what could not be had again and has no connection that could come back."""
        topics = self.topics()
        for topic in topics:
            if topic.is_wanting(now_ms):
                topic.quiet_ms = now_ms
                self.ask(topic)
        doubtful = [
            topic
            for topic in topics
            if topic.connection is not None and topic.family.updates and topic.is_doubtful(now_ms)
        ]
        for topic in doubtful[: len(topics) // DOUBT_PARTS + 1]:
            topic.quiet_ms = now_ms
            topic.doubted = topic.book is not None
            self.ask(topic, ours=True)

    def answered(self, lane: Lane, slot: Slot) -> Topic | None:
        """The topic that an acknowledgement is for; None when nobody wants it any more."""
        topic = next((one for one in lane.asked if one.slot == slot), None)
        if topic is not None:
            lane.asked.remove(topic)
            topic.ours = False
        return topic if topic is lane.slots.get(slot) else None

    def refused(self, lane: Lane, said: Said) -> Topic | None:
        """The topic that an error is about. Errors name no subscription: it is found by what the
        text names, else the oldest that is not answered is meant."""
        found = next(self._named(lane, said.text), lane.asked[0] if lane.asked else None)
        if found in lane.asked:
            lane.asked.remove(found)
        return found

    def drop(self, topic: Topic) -> None:
        """Nobody reads this any more."""
        lane = topic.lane
        if lane.slots.get(topic.slot) is not topic:
            return
        del lane.slots[topic.slot]
        for head in [head for head, one in lane.routes.items() if one is topic]:
            del lane.routes[head]
        if lane.up and (topic.live or topic in lane.asked):
            self._out.append(Say(lane.name, leaving(topic)))
        # One empty lane is kept: a reader that changes its zoom to and fro opens no new socket.
        empty = [one for one in self._shared() if not one.slots]
        for lane in empty[1:]:
            self.close(lane)

    def _shared(self) -> list[Lane]:
        return [lane for lane in self.open.values() if lane.client is None]

    def _named(self, lane: Lane, text: str) -> Iterator[Topic]:
        number, ticker = _CONNECTION.search(text), _TICKER.match(text)
        for topic in lane.asked:
            same = number is not None and topic.slot.number == int(number[1])
            if same and (ticker is None or topic.slot.ticker == ticker[1]):
                yield topic
        if number is not None and ticker is not None:  # Told after the acknowledgement.
            drawn = lane.slots.get(Slot("annotation", int(number[1]), ticker[1]))
            if drawn is not None:
                yield drawn
        for topic in (*lane.asked, *lane.slots.values()):
            if topic.family.name and topic.family.type("subscribe") in text:
                yield topic
