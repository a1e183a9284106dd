"""This file knows a terminal that only measures: prepared answers and prepared frames, one process.

It has no task, no queue and no JSON on its way, so that it is faster than whatever is measured
through it (`direct` in the table shows by how much). A second port takes orders: how much to pour,
how fast, and how far the readers have come, because what lies between must stay bounded.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import selectors
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import cycle
from urllib.parse import parse_qs

from relay.edges.benching import payloads

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY = re.compile(rb"sec-websocket-key: *([^\r]+)", re.I)
_LENGTH = re.compile(rb"content-length: *(\d+)", re.I)
#: As many frames go out in one piece.
BLOCK = 230
#: Between two looks at the clock while pouring at a rate.
NAP_S = 0.0002


#: Whoever subscribes gets nothing of what was poured before.
_NOT_YET = 1 << 62


@dataclass(slots=True, eq=False)
class Peer:
    """One connection. block: its frames, again and again, once it has subscribed."""

    plug: socket.socket
    data: bytes = b""
    is_socket: bool = False
    tickers: list[str] = field(default_factory=list)
    block: bytes = b""
    sent: int = 0


@dataclass(slots=True)
class Pouring:
    """What is being poured. window: messages that may be under way; 0: any. read: by all."""

    count: int = 0
    rate: float = 0.0
    window: int = 0
    read: int = 0
    began: int = 0
    sent: int = 0

    @property
    def most(self) -> int:
        return min(self.count, self.read + self.window) if self.window else self.count


class Upstream:
    """Everything in one loop."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._peers: dict[int, Peer] = {}
        self._pouring = Pouring()
        self._answers = _answers()
        self._control: socket.socket | None = None
        self._told = b""

    def run(self) -> None:
        """Serves until stdin's owner ends this process."""
        ports = []
        for accept in (self._accept, self._accept_control):
            server = socket.create_server(("127.0.0.1", 0), backlog=1024)
            server.setblocking(False)
            self._selector.register(server, selectors.EVENT_READ, accept)
            ports.append(server.getsockname()[1])
        print(json.dumps({"port": ports[0], "control": ports[1]}), flush=True)
        while True:
            for key, _ in self._selector.select(self._pour()):
                hear: Callable[[socket.socket], None] = key.data
                hear(key.fileobj)  # type: ignore[arg-type]

    def _accept(self, server: socket.socket) -> None:
        plug, _ = server.accept()
        plug.setblocking(False)
        plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._peers[plug.fileno()] = Peer(plug)
        self._selector.register(plug, selectors.EVENT_READ, self._hear)

    def _accept_control(self, server: socket.socket) -> None:
        self._control, _ = server.accept()
        self._selector.register(self._control, selectors.EVENT_READ, self._order)

    def _order(self, control: socket.socket) -> None:
        """`pour COUNT RATE WINDOW`, or `read N`."""
        self._told += control.recv(65536)
        *lines, self._told = self._told.split(b"\n")
        for line in lines:
            words = line.split()
            if words[0] == b"read":
                self._pouring.read = int(words[1])
                continue
            for peer in self._peers.values():
                peer.sent = 0
            now = time.perf_counter_ns()
            self._pouring = Pouring(int(words[1]), float(words[2]), int(words[3]), 0, now)

    def _hear(self, plug: socket.socket) -> None:
        peer = self._peers[plug.fileno()]
        try:
            data = plug.recv(262144)
        except OSError:
            data = b""
        if not data:
            del self._peers[plug.fileno()]
            self._selector.unregister(plug)
            plug.close()
            return
        peer.data = peer.data + data if peer.data else data
        while peer.data and (self._frame(peer) if peer.is_socket else self._request(peer)):
            pass

    def _request(self, peer: Peer) -> bool:
        """Answers a request that has come whole."""
        data = peer.data
        end = data.find(b"\r\n\r\n") + 4
        if end < 4:
            return False
        length = _LENGTH.search(data, 0, end)
        whole = end + (int(length[1]) if length else 0)
        if len(data) < whole:
            return False
        peer.data = data[whole:]
        key = _KEY.search(data, 0, end)
        if key is not None:
            self._upgrade(peer, key[1])
            return True
        what = data[: data.find(b" HTTP/")]
        answer = self._answers.get(what) or _large(what)
        _send(peer.plug, answer)
        return True

    def _upgrade(self, peer: Peer, key: bytes) -> None:
        accept = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        _send(peer.plug, head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        peer.is_socket = True

    def _frame(self, peer: Peer) -> bool:
        """Takes one masked frame: a subscription is answered, a ping too."""
        data = peer.data
        if len(data) < 6:
            return False
        size, at = data[1] & 0x7F, 2
        if size == 126:
            size, at = int.from_bytes(data[2:4], "big"), 4
        end = at + 4 + size
        if len(data) < end:
            return False
        mask, payload = data[at : at + 4], data[at + 4 : end]
        peer.data = data[end:]
        if data[0] & 0x0F == 9:
            _send(peer.plug, bytes((0x8A, size)) + _unmasked(payload, mask))
        elif data[0] & 0x0F == 1:
            self._say(peer, _unmasked(payload, mask))
        return True

    def _say(self, peer: Peer, text: bytes) -> None:
        message = json.loads(text)
        if message.get("Type") != "orderbook_subscribe":
            return
        name = message["Data"].get("ticker") or message["Data"].get("Ticker")
        _send(peer.plug, payloads.framed(payloads.ack(name)) + payloads.framed(
            payloads.snapshot(name)))  # fmt: skip
        if not peer.tickers:
            peer.sent = _NOT_YET
        peer.tickers.append(name)
        peer.block = b""

    def _pour(self) -> float | None:
        """Sends what is due; gives how long there is nothing more to do."""
        pouring = self._pouring
        readers = [peer for peer in self._peers.values() if peer.tickers]
        if pouring.rate:
            return _at_rate(pouring, readers)
        most = pouring.most
        busy = [peer for peer in readers if peer.sent < most * payloads.FRAME_BYTES]
        stuck = [_flood(peer, most * payloads.FRAME_BYTES) for peer in busy]
        return None if not busy else 0.0005 if all(stuck) else 0.0


def _flood(peer: Peer, until: int) -> bool:
    """Sends up to a block; True when nothing was taken."""
    if not peer.block:
        names = peer.tickers * (BLOCK // len(peer.tickers) or 1)
        peer.block = b"".join(payloads.framed(payloads.update(name)) for name in names)
    at = peer.sent % len(peer.block)
    piece = memoryview(peer.block)[at : at + until - peer.sent]
    try:
        peer.sent += peer.plug.send(piece)
    except BlockingIOError:
        return True
    return False


def _at_rate(pouring: Pouring, readers: list[Peer]) -> float | None:
    """One send for each message, each with its own moment."""
    if pouring.sent >= pouring.count:
        pouring.rate = 0.0
        for peer in readers:
            peer.sent = pouring.count * payloads.FRAME_BYTES
        return None
    frame = bytearray(payloads.framed(payloads.update()))
    elapsed = (time.perf_counter_ns() - pouring.began) / 1e9
    due = min(int(elapsed * pouring.rate), pouring.count)
    while pouring.sent < due:
        payloads.stamped(frame, time.perf_counter_ns())
        for peer in readers:
            _send(peer.plug, frame)
        pouring.sent += 1
    time.sleep(NAP_S)
    return 0.0


def _send(plug: socket.socket, data: bytes | bytearray) -> None:
    """All of it; waits where the other side takes no more."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[plug.send(rest) :]
        except BlockingIOError:
            time.sleep(NAP_S)
        except OSError:
            return


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    if mask == b"\0\0\0\0":
        return payload
    return bytes(one ^ mask[at % 4] for at, one in enumerate(payload))


def _answers() -> dict[bytes, bytes]:
    """What is asked again and again, prepared."""
    answer = payloads.answer
    connections = json.dumps({"Connections": [payloads.CONNECTION]}).encode()
    return {
        b"GET /ping": answer(payloads.PING),
        b"GET /api/connections": answer(connections),
        b"POST /api/change-ticker": answer(payloads.CHANGED),
        b"GET /api/connections/1/tickers": answer(payloads.tickers()),
    }


_LIST = payloads.tickers()
#: The same digits never come again before everybody has forgotten them.
_SCALES = cycle(range(10))


@lru_cache(8)
def _list_of(count: int) -> bytes:
    return payloads.answer(payloads.tickers(count))


def _large(what: bytes) -> bytes:
    """A list of another size, or that there is no such thing."""
    path, _, query = what.decode().partition("?")
    wishes = parse_qs(query)
    if path.endswith("/tickers") and "fresh" in wishes:
        changed = b'"Scale":%d' % next(_SCALES)
        return payloads.answer(_LIST.replace(b'"Scale":5', changed, 1))
    if path.endswith("/tickers") and "count" in wishes:
        return _list_of(int(wishes["count"][0]))
    return payloads.answer(b'{"Error":"Not found"}', "404 Not Found")


if __name__ == "__main__":
    sys.setswitchinterval(1.0)
    Upstream().run()
