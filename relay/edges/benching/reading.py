"""This file knows the readers of a stream: sockets that count, and tell how old a message was.

A reader does not parse. All updates are of one size, so bytes say how many came; the last of them
is looked at whole, and a stream that ages has its moments read at their fixed place.
"""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass, field

from relay.edges.benching import payloads

BUFFER = 1 << 20
_EACH = payloads.FRAME_BYTES


class Wrong(Exception):
    """What came is not what was sent."""


@dataclass(slots=True)
class Stream:
    """What readers got. ages: (nanoseconds, messages); counts: updates of each reader."""

    seconds: float
    counts: list[int]
    wanted: int
    ages: list[tuple[int, int]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return sum(self.counts) / self.seconds

    @property
    def delivered(self) -> float:
        return min(self.counts) / self.wanted

    def age_us(self, share: float) -> float:
        """The age below which so many of the messages were."""
        return percentile(self.ages, share) / 1000


def percentile(weighted: list[tuple[int, int]], share: float) -> float:
    """Of values that each stand for so many."""
    ordered = sorted(weighted)
    rest = share * sum(weight for _, weight in ordered)
    for value, weight in ordered:
        rest -= weight
        if rest <= 0:
            return value
    return float("nan")


class Readers:
    """Several sockets through one contender; they have subscribed, and been greeted."""

    def __init__(
        self, port: int, count: int, names: list[str] | None = None, more: str = "",
        is_deaf: bool = False,
    ) -> None:  # fmt: skip
        names = names or ["BTCUSDT"]
        self._selector = selectors.DefaultSelector()
        self.plugs: list[socket.socket] = []
        try:
            for _ in range(count):
                self.plugs.append(opened(port, names, more, is_deaf=is_deaf))
            for plug in self.plugs:
                greeted(plug, len(names))
        except BaseException:
            self.close()
            raise
        for at, plug in enumerate(self.plugs):
            plug.setblocking(False)
            self._selector.register(plug, selectors.EVENT_READ, at)

    def close(self) -> None:
        self._selector.close()
        for plug in self.plugs:
            plug.close()

    def read(
        self, control: Control, count: int, rate: float = 0.0, window: int = 0, limit_s: float = 20
    ) -> Stream:
        """Has so many updates poured, and reads until all have all of them or time is over."""
        wanted, got = count * _EACH, [0] * len(self.plugs)
        buffer, rests = bytearray(BUFFER), [b""] * len(self.plugs)
        tails = [b""] * len(self.plugs)
        ages: list[tuple[int, int]] = []
        told = 0
        began = last = time.perf_counter()
        control.pour(count, rate, window)
        while min(got) < wanted and last - began < limit_s:
            for key, _ in self._selector.select(limit_s):
                at: int = key.data
                size = key.fileobj.recv_into(buffer)  # type: ignore[union-attr]
                if not size:
                    raise Wrong("a reader was closed")
                got[at] += size
                if rate:
                    rests[at] = _look(rests[at] + bytes(buffer[:size]), ages)
                else:
                    tails[at] = (tails[at] + bytes(buffer[max(0, size - _EACH) : size]))[-_EACH:]
            last = time.perf_counter()
            if window and (low := min(got) // _EACH) - told >= window // 4:
                told = low
                control.read(low)
        if max(got) > wanted or any(size % _EACH for size in got):
            raise Wrong(f"{[size / _EACH for size in got][:8]} updates instead of {count}")
        if not rate and min(got) == wanted and any(tail != tails[0] for tail in tails):
            raise Wrong("readers got different bytes")
        counts = [size // _EACH for size in got]
        return Stream(last - began, counts, count, ages)


def _look(data: bytes, ages: list[tuple[int, int]]) -> bytes:
    """Notes how old what came was: all of it as old as its first, which is the oldest."""
    count = len(data) // _EACH
    if count:
        if not data.startswith(_HEAD) or data[_EACH - 1 : _EACH] != b"}":
            raise Wrong(f"not an update: {data[:80]!r}")
        ages.append((time.perf_counter_ns() - payloads.stamp_of(data[:_EACH]), count))
    return data[count * _EACH :]


_HEAD = payloads.framed(payloads.update())[:60]


class Control:
    """Orders to the terminal that measures."""

    def __init__(self, port: int) -> None:
        self._plug = socket.create_connection(("127.0.0.1", port))
        self._plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def pour(self, count: int, rate: float, window: int) -> None:
        self._plug.sendall(b"pour %d %f %d\n" % (count, rate, window))

    def read(self, count: int) -> None:
        self._plug.sendall(b"read %d\n" % count)

    def close(self) -> None:
        self._plug.close()


def opened(port: int, names: list[str], more: str = "", *, is_deaf: bool = False) -> socket.socket:
    """A socket that has subscribed. is_deaf: its end takes as little as can be."""
    plug = socket.socket()
    if is_deaf:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plug.settimeout(10)
    try:
        plug.connect(("127.0.0.1", port))
        plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plug.sendall(payloads.upgrade(port, more))
        _open(plug)
        for name in names:
            plug.sendall(payloads.masked(payloads.subscribe(name)))
    except BaseException:
        plug.close()
        raise
    return plug


def _open(plug: socket.socket) -> None:
    """Takes the answer to the upgrade, and not a byte more."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = plug.recv(1)
        if not byte:
            raise Wrong(f"no WebSocket: {head[:200]!r}")
        head += byte
    if b" 101 " not in head:
        raise Wrong(f"no WebSocket: {head[:200]!r}")


def greeted(plug: socket.socket, topics: int) -> None:
    """Takes the acknowledgement and the snapshot of each topic, in whatever order they come."""
    seen = {b"orderbook_subscribed": 0, b"orderbook_snapshot": 0}
    for _ in range(2 * topics):
        text = frame(plug)
        for kind in seen:
            seen[kind] += kind in text[:60]
    if set(seen.values()) != {topics}:
        raise Wrong(f"not a greeting: {seen}")


def frame(plug: socket.socket) -> bytes:
    """The payload of one frame of a server."""
    size = taken(plug, 2)[1]
    if size > 125:
        size = int.from_bytes(taken(plug, 2 if size == 126 else 8), "big")
    return taken(plug, size)


def taken(plug: socket.socket, count: int) -> bytes:
    """So many bytes."""
    data = bytearray()
    while len(data) < count:
        piece = plug.recv(count - len(data))
        if not piece:
            raise Wrong(f"closed after {len(data)} of {count} bytes")
        data += piece
    return bytes(data)
