"""This file knows how a recording is played back: replies as they were, frames in their own time.

A recording is what `metascalp-relay record` writes, a JSON object a line. A reply is the last one
recorded for its path up to now, else the first one; what was not recorded is answered "Not found".
A frame goes to every socket that has subscribed to its kind.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

from .body import ApiError
from .call import Reply
from .casing import pascal
from .messages import CLIENT, FAMILIES
from .wire import Json, Malformed, decode, encode

HEADS = ("connectionid", "ticker")
KINDS = {kind: family.name for family in FAMILIES for kind in family.then.split()}
FIRST = ("_snapshot", "_metadata", "_frame")
"""Endings of the messages that somebody who comes later still needs: the last one is sent again."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One recorded frame. topic: family, and connection and ticker where it has them."""

    at: float
    text: str
    kind: str
    topic: tuple[str, Json, Json]


@dataclass(slots=True)
class Replay:
    """A recording on its way. sent: how many frames have been."""

    replies: dict[str, list[tuple[float, Reply]]]
    frames: list[Frame]
    started: float = field(default_factory=time.monotonic)
    sent: int = 0

    def answer(self, method: str, path: str) -> Reply:
        """The reply to a request."""
        found = self.replies.get(unquote(path)) if method == "GET" else None
        if not found:
            return Reply({"error": "Not found"}, 400)
        now = time.monotonic() - self.started
        return [reply for at, reply in found if at <= now or reply is found[0][1]][-1]

    def receive(self, topics: set[tuple[str, Json, Json]], text: str | bytes) -> list[str]:
        """What is answered to a client's frame; topics are those of its socket."""
        try:
            kind, data = _message(decode(text))
        except Malformed:
            return [_frame("error", {"error": "Invalid message format"})]
        if kind not in CLIENT:
            return [_frame("error", {"error": f"Unknown message type: {kind}"})]
        family, verb = CLIENT[kind]
        topic = _topic(family.name, data)
        (topics.add if verb == "subscribe" else topics.discard)(topic)
        ack = pascal({name: item for name, item in data.items() if name.lower() in HEADS})
        return [_frame(family.type(f"{verb}d"), ack), *self._begin(topic, verb)]

    def due(self) -> list[Frame]:
        """The frames whose time has come."""
        now = time.monotonic() - self.started
        first = self.sent
        while self.sent < len(self.frames) and self.frames[self.sent].at <= now:
            self.sent += 1
        return self.frames[first : self.sent]

    def _begin(self, topic: tuple[str, Json, Json], verb: str) -> list[str]:
        """The last snapshot that has been sent already, for one who comes later."""
        if verb != "subscribe":
            return []
        past = [one for one in self.frames[: self.sent] if one.topic == topic]
        return [one.text for one in past if one.kind.endswith(FIRST)][-1:]


def load(path: Path) -> Replay:
    """The recording in a file. Raises ValueError when it is none."""
    return read(path.read_text("utf-8").splitlines())


def read(lines: Iterable[str]) -> Replay:
    replies: dict[str, list[tuple[float, Reply]]] = {}
    frames: list[Frame] = []
    for n, line in enumerate(lines, start=1):
        try:
            row = decode(line)
            at = float(row["at"])
            if "path" in row:
                reply = Reply(decode(row["body"]), int(row["status"]))
                replies.setdefault(unquote(row["path"]), []).append((at, reply))
                continue
            kind, data = _message(decode(row["frame"]))
        except (Malformed, ApiError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"line {n} is not of a recording: {error}") from error
        if kind in KINDS:
            frames.append(Frame(at, row["frame"], kind, _topic(KINDS[kind], data)))
    return Replay(replies, sorted(frames, key=lambda one: one.at))


def _message(value: Json) -> tuple[str, dict[str, Json]]:
    if not isinstance(value, dict):
        raise Malformed("not an object")
    message = {name.lower(): item for name, item in value.items()}
    kind, data = message.get("type"), message.get("data")
    if not isinstance(kind, str) or not isinstance(data, dict):
        raise Malformed("no type or no data")
    return kind, data


def _topic(family: str, data: dict[str, Json]) -> tuple[str, Json, Json]:
    """A family and, as far as it is told apart by them, connection and ticker."""
    sent = {name.lower(): item for name, item in data.items()}
    needs = next(one.data.lower() for one in FAMILIES if one.name == family)
    number, ticker = (
        sent.get(name) if name in needs and isinstance(sent.get(name), int | str) else None
        for name in HEADS
    )
    return family, int(number) if isinstance(number, int | Decimal) else number, ticker


def _frame(kind: str, data: dict[str, Json]) -> str:
    return encode({"Type": kind, "Data": data})
