"""This file knows how the simulator can misbehave, a fault a row, and which ones are on.

A fault is asked for by name, with a number where the row says what it means. Those that happen to
the whole program, not to a reply or a frame, are carried out in mishaps.py.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite, nan

from .wire import encode


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave. number: what its value means and is when none is given. lasts: it goes
    on until switched off; the rest happens once."""

    name: str
    does: str
    number: float = 1.0
    lasts: bool = True


TABLE = (
    Fault("drop-sockets", "every WebSocket is cut off", lasts=False),
    Fault("freeze", "requests and frames are taken and never answered"),
    Fault("slow", "every answer waits so many milliseconds", 800.0),
    Fault("errors", "every request is answered 500"),
    Fault("half-body", "an answer ends in the middle of its body"),
    Fault("wrong-type", "answers say that they are text/html"),
    Fault("not-json", "so many frames that are not JSON are sent to every socket", lasts=False),
    Fault("not-utf8", "so many text frames that are not UTF-8 are sent to every socket",
          lasts=False),
    Fault("huge-frame", "a frame of so many megabytes is sent to every socket", 5.0, lasts=False),
    Fault("duplicates", "every update is sent twice"),
    Fault("reordered", "updates come in pairs whose order is turned round"),
    Fault("lost-order", "an order is placed and the request never answered"),
    Fault("no-snapshot", "exchanges give no order book; link groups say why: 1 none, 2 an error, "
          "3 no market service, 4 a panel that is not in the layout"),
    Fault("no-backend", "MetaBroker is silent: screeners are empty, its feeds quiet"),
    Fault("reconnect", "a connection goes Disconnected, Reconnecting, Connected; its id",
          lasts=False),
    Fault("restart", "the program quits and comes back after so many seconds: another port, "
          "version, connection ids", 0.5, lasts=False),
    Fault("twin", "a second terminal runs on another port", lasts=False),
    Fault("foreign", "a foreign program on another port answers /ping with something else",
          lasts=False),
    Fault("foreign-silent", "a foreign program on another port never answers", lasts=False),
)  # fmt: skip
NAMED = {fault.name: fault for fault in TABLE}


@dataclass(slots=True)
class Faults:
    """Those that are on, with their numbers. held: the update that waits to be sent second, by
    whom it is for. thawed: set unless frozen."""

    on: dict[str, float] = field(default_factory=dict)
    held: dict[int, bytes] = field(default_factory=dict)
    thawed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.thawed.set()

    def begin(self, name: str, number: float) -> None:
        self.on[name] = number
        if name == "freeze":
            self.thawed.clear()

    def end(self, name: str) -> None:
        self.on.pop(name, None)
        if name == "freeze":
            self.thawed.set()

    def frames(self, reader: int, frame: bytes) -> Iterator[bytes]:
        """What is sent instead of a frame."""
        update = b'_update"' in frame[:58]
        if "reordered" in self.on and update:
            before = self.held.pop(reader, None)
            if before is None:
                self.held[reader] = frame
                return
            yield frame
            frame = before
        yield frame
        if "duplicates" in self.on and update:
            yield frame


def parse(text: str) -> tuple[Fault, float]:
    """The fault and the number of NAME or NAME=NUMBER. Raises ValueError when there is none."""
    name, sign, number = text.partition("=")
    fault = NAMED.get(name)
    if fault is None:
        raise ValueError(f"no such fault: {name!r}; there are {', '.join(NAMED)}")
    try:
        value = float(number) if sign else fault.number
    except ValueError:
        value = nan
    if not isfinite(value):
        raise ValueError(f"not a number: {text!r}")
    return fault, value


def bad_frames(name: str, number: float) -> list[str | bytes]:
    """The frames of a fault that sends some."""
    if name == "not-json":
        texts = ('{"Type":"order_update","Data":', "MetaScalp", "", "[]", '"x"', "null")
        return [texts[n % len(texts)] for n in range(min(int(number), 1000))]
    if name == "not-utf8":
        bad = b'{"Type":"order_update","Data":{"ticker":"\xff\xfe\xc3"}}'
        return [bad] * min(int(number), 1000)
    pad = "x" * int(min(number, 256) * 1024 * 1024)
    row = {"type": "huge", "tabName": pad}
    return [encode({"Type": "notification_update", "Data": {"notifications": [row]}})]
