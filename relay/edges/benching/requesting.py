"""This file knows the clients of requests: one that waits for each answer, and many at once."""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from relay.edges.benching.reading import Wrong

_LENGTH = re.compile(rb"content-length: *(\d+)", re.I)
_CHUNKED = re.compile(rb"transfer-encoding: *chunked", re.I)


#: Whether a body is the right one.
Check = Callable[[bytes], bool]


@dataclass(slots=True)
class Load:
    """Times of the counted requests in nanoseconds, sent in so many seconds. asked: all of them,
    those before counting began too."""

    times: list[int]
    seconds: float
    asked: int

    def at_us(self, share: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1000

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds


class Asking:
    """One kept connection, one request again and again; every answer is checked."""

    def __init__(self, port: int, request: bytes, check: Check) -> None:
        self.plug = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = request
        self._data = b""
        self._began = 0
        self._check = check
        self.asked = 0

    def ask(self) -> None:
        self.asked += 1
        self._began = time.perf_counter_ns()
        self.plug.sendall(self._request)

    def hear(self) -> int:
        """Takes what has come; the time the answer took once it is whole, else 0."""
        data = self.plug.recv(1 << 20)
        if not data:
            raise Wrong("the connection was closed")
        self._data = data = self._data + data if self._data else data
        end = data.find(b"\r\n\r\n") + 4
        if end < 4 or not (body := _whole(data, end)):
            return 0
        took = time.perf_counter_ns() - self._began
        self._data = b""
        if not data.startswith(b"HTTP/1.1 200 ") or not self._check(body):
            raise Wrong(f"not the answer: {data[:300]!r}")
        return took

    def close(self) -> None:
        self.plug.close()


def _whole(data: bytes, end: int) -> bytes | None:
    """The body, once all of it is there."""
    length = _LENGTH.search(data, 0, end)
    if length is not None:
        size = int(length[1])
        return data[end : end + size] if len(data) >= end + size else None
    if _CHUNKED.search(data, 0, end) is None:
        raise Wrong(f"an answer without a length: {data[:end]!r}")
    if not data.endswith(b"0\r\n\r\n"):
        return None
    parts, at = [], end
    while size := int(data[at : (line := data.find(b"\r\n", at))], 16):
        parts.append(data[line + 2 : line + 2 + size])
        at = line + 2 + size + 2
    return b"".join(parts)


def serial(port: int, request: bytes, check: Check, count: int) -> Load:
    """One after the other on one connection; the first few are not counted."""
    asking = Asking(port, request, check)
    times = []
    try:
        for number in range(-max(3, count // 10), count):
            if number == 0:
                began = time.perf_counter()
            asking.ask()
            while not (took := asking.hear()):
                pass
            if number >= 0:
                times.append(took)
    finally:
        asking.close()
    return Load(times, time.perf_counter() - began, asking.asked)


def crowd(port: int, request: bytes, check: Check, clients: int, seconds: float) -> Load:
    """So many connections, each with a request under way all the time."""
    selector = selectors.DefaultSelector()
    askings = [Asking(port, request, check) for _ in range(clients)]
    times: list[int] = []
    try:
        for one in askings:
            selector.register(one.plug, selectors.EVENT_READ, one)
            one.ask()
        warm = time.perf_counter() + seconds / 5
        began, until = 0.0, warm + seconds
        while (now := time.perf_counter()) < until:
            if not began and now >= warm:
                began = now
                times.clear()
            for key, _ in selector.select(30):
                asking: Asking = key.data
                if took := asking.hear():
                    times.append(took)
                    asking.ask()
        return Load(times, now - began, sum(one.asked for one in askings))
    finally:
        selector.close()
        for one in askings:
            one.close()
