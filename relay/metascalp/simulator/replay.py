"""This file knows how a recording is played back: replies as they were, frames in their own time.

A recording is what `metascalp-relay record` writes, a JSON object a line. A reply is the last one
recorded for its path up to now, else the first one; what was not recorded is answered "Not found".
A frame goes to every socket that has subscribed to its kind. A subscription gets the recorded
acknowledgement, or what the terminal would say to one that was not made then.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

from .body import ApiError
from .call import Reply
from .casing import recase
from .framing import text_of
from .messages import CLIENT, FAMILIES, Family
from .wire import Json, Malformed, decode

HEADS = ("connectionid", "ticker")
ACKS = {family.type("subscribed"): family.name for family in FAMILIES}
KINDS = {kind: family.name for family in FAMILIES for kind in family.then.split()}
FIRST = ("_snapshot", "_metadata", "_frame")
"""Endings of the messages that somebody who comes later still needs: the last one is sent again."""


View = tuple[str, ...]
Topic = tuple[str, Json, Json]
"""Family, and connection and ticker where it has them."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One recorded frame."""

    at: float
    text: str
    kind: str
    topic: Topic


@dataclass(slots=True)
class Replay:
    """A recording on its way. sent: how many frames have been. acks: acknowledgements of
    subscriptions. connections: those that are active in it. casing: how it spells keys."""

    replies: dict[str, list[tuple[float, Reply]]]
    frames: list[Frame]
    acks: dict[tuple[str, Json, Json, View], str] = field(default_factory=dict)
    connections: set[Json] = field(default_factory=set)
    casing: str = "mixed"
    started: float = field(default_factory=time.monotonic)
    sent: int = 0

    def answer(self, method: str, path: str) -> Reply:
        """The reply to a request."""
        found = self.replies.get(unquote(path)) if method == "GET" else None
        if not found:
            return Reply(recase({"error": "Not found"}, self.casing), 400)
        now = time.monotonic() - self.started
        return [reply for at, reply in found if at <= now or reply is found[0][1]][-1]

    def receive(self, topics: set[Topic], text: str | bytes) -> list[str]:
        """What is answered to a client's frame; topics are those of its socket."""
        try:
            kind, data = _message(decode(text))
        except Malformed:
            return [self._error("Invalid message format")]
        if kind not in CLIENT or (self.casing == "camel" and CLIENT[kind][0].since[0] != "1"):
            return [self._error(f"Unknown message type: {kind}")]
        family, verb = CLIENT[kind]
        topic, join = _topic(family.name, data), verb == "subscribe"
        wrong = self._wrong(family, topic) if join else ""
        if wrong:
            return [self._error(wrong)]
        (topics.add if join else topics.discard)(topic)
        known = self.acks.get((*topic, _view(data))) if join else None
        whole = join and self.casing != "camel"
        ack = text_of(family.type(f"{verb}d"), _acked(family, topic, data, whole), self.casing)
        return [known or ack, *self._begin(topic, verb)]

    def _error(self, text: str) -> str:
        return text_of("error", {"error": text}, self.casing)

    def _wrong(self, family: Family, topic: Topic) -> str:
        """Why the terminal would not take a subscription; empty when it would."""
        _, number, ticker = topic
        if "connectionId" in family.data and number not in self.connections:
            return f"Connection {number or 0} not found or not active"
        if "ticker" in family.data and not ticker:
            return f"Ticker is required for {family.subject} subscription"
        return ""

    def due(self) -> list[Frame]:
        """The frames whose time has come."""
        now = time.monotonic() - self.started
        first = self.sent
        while self.sent < len(self.frames) and self.frames[self.sent].at <= now:
            self.sent += 1
        return self.frames[first : self.sent]

    def _begin(self, topic: Topic, verb: str) -> list[str]:
        """The last snapshot that has been sent already, for one who comes later."""
        if verb != "subscribe":
            return []
        past = [one for one in self.frames[: self.sent] if one.topic == topic]
        return [one.text for one in past if one.kind.endswith(FIRST)][-1:]


def load(path: Path) -> Replay:
    """The recording in a file. Raises ValueError when it is none."""
    return read(path.read_text("utf-8").splitlines())


def read(lines: Iterable[str]) -> Replay:
    """The recording of these lines. Raises ValueError for what is no line of one."""
    replay = Replay({}, [])
    for n, line in enumerate(lines, start=1):
        try:
            row = decode(line)
            at = float(row["at"])
            if "path" in row:
                _take_reply(replay, at, row)
            else:
                _take_frame(replay, at, row["frame"])
        except (Malformed, ApiError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"line {n} is not of a recording: {error}") from error
    replay.frames.sort(key=lambda one: one.at)
    return replay


def _take_reply(replay: Replay, at: float, row: dict[str, Json]) -> None:
    path, reply = unquote(row["path"]), Reply(decode(row["body"]), int(row["status"]))
    replay.replies.setdefault(path, []).append((at, reply))
    found = re.match(r"/api/connections/(\d+)/", path)
    if found and reply.status == 200:
        replay.connections.add(int(found[1]))


def _take_frame(replay: Replay, at: float, text: str) -> None:
    value = decode(text)
    kind, data = _message(value)
    if kind in ACKS:
        topic = _topic(ACKS[kind], data)
        replay.acks.setdefault((*topic, _view(data)), text)
    elif kind in KINDS:
        topic = _topic(KINDS[kind], data)
        replay.frames.append(Frame(at, text, kind, topic))
        if data and "Type" in value and next(iter(data))[:1].isupper():
            replay.casing = "pascal"
    else:
        return
    if "type" in value:
        replay.casing = "camel"
    if topic[1] is not None:
        replay.connections.add(topic[1])


def _message(value: Json) -> tuple[str, dict[str, Json]]:
    if not isinstance(value, dict):
        raise Malformed("not an object")
    message = {name.lower(): item for name, item in value.items()}
    kind, data = message.get("type"), message.get("data")
    if not isinstance(kind, str) or not isinstance(data, dict):
        raise Malformed("no type or no data")
    return kind, data


def _topic(family: str, data: dict[str, Json]) -> Topic:
    """A family and, as far as it is told apart by them, connection and ticker."""
    sent = {name.lower(): item for name, item in data.items()}
    needs = next(one.data.lower() for one in FAMILIES if one.name == family)
    number, ticker = (
        sent.get(name) if name in needs and isinstance(sent.get(name), int | str) else None
        for name in HEADS
    )
    return family, int(number) if isinstance(number, int | Decimal) else number, ticker


def _view(data: dict[str, Json]) -> View:
    """What a subscription asks for besides, in a request or in its acknowledgement."""
    sent = {name.lower(): item for name, item in data.items()}
    usual = {"zoomindex": 0, "depthlevels": None, "depthpercent": None, "fetchsnapshot": True}
    return tuple(str(sent.get(name, other)) for name, other in usual.items())


def _acked(family: Family, topic: Topic, data: dict[str, Json], whole: bool) -> dict[str, Json]:
    """The Data of an acknowledgement that was not recorded. whole: with zoom and depth, which that
    of a subscription has since edition 2."""
    sent = {name.lower(): item for name, item in data.items()}
    _, number, ticker = topic
    known: dict[str, Json] = {"ConnectionId": number or 0, "Ticker": ticker or ""}
    usual: dict[str, Json] = {"ZoomIndex": 0, "TemplateId": 0}
    ack: dict[str, Json] = {}
    for name in family.ack.split():
        value = known.get(name, sent.get(name.lower(), usual.get(name)))
        if name in known or name == "TemplateId" or (whole and value not in (None, True)):
            ack[name] = value
    return ack
