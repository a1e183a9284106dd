"""A stream of prepared messages through a relay to readers that count: each part a process.

`upstream` is a terminal that says the same update again and again, as fast as it is told to;
`relay` is ours, or the loop one would write first (`naive`), or the broadcast of the websockets
library, for the same messages. `python tests/fanout.py compare` prints a table of the three.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import selectors
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
KEY = b"sec-websocket-key"
BLOCK = 230
HEAD = '"Data":{"connectionId":1,"ticker":"BTCUSDT"'
SUBSCRIBE = b'{"Type":"orderbook_subscribe","Data":{"connectionId":1,"ticker":"BTCUSDT"}}'
ACK = b'{"Type":"orderbook_subscribed","Data":{"ConnectionId":1,"Ticker":"BTCUSDT","ZoomIndex":0}}'
LEVELS = ",".join(
    f'{{"price":{65000 + n}.00,"size":0.{n}25,"type":"{kind}"}}'
    for n, kind in enumerate(("Ask", "Ask", "Bid", "BestAsk"))
)
UPDATE = f'{{"Type":"orderbook_update",{HEAD},"updates":[{LEVELS}]}}}}'.encode()
SNAPSHOT = (
    f'{{"Type":"orderbook_snapshot",{HEAD},"asks":[],"bids":[],"bestAsk":null,"bestBid":null}}}}'
).encode()
CONNECTION = {
    "Id": 1, "Name": "B", "Exchange": "Binance", "ExchangeId": 2, "Market": "USDT Futures",
    "MarketType": 2, "State": 2, "ViewMode": False, "DemoMode": False,
}  # fmt: skip


def framed(payload: bytes) -> bytes:
    if len(payload) < 126:
        return bytes((0x81, len(payload))) + payload
    return bytes((0x81, 126)) + len(payload).to_bytes(2, "big") + payload


BEFORE = len(framed(ACK)) + len(framed(SNAPSHOT))
EACH = len(framed(UPDATE))


def upstream(messages: int, rate: float) -> None:
    """Says so many updates, so many a second (0: as fast as they are taken), when SIGNAL comes on
    stdin. One connection at a time may be subscribed."""
    server = socket.create_server(("127.0.0.1", 0))
    go = threading.Event()
    print(server.getsockname()[1], flush=True)

    def serve(peer: socket.socket) -> None:
        data = b""
        while True:
            while b"\r\n\r\n" not in data:
                if not (more := peer.recv(65536)):
                    return
                data += more
            head, _, data = data.partition(b"\r\n\r\n")
            if b"pgrade: websocket" in head:
                break
            body = b'{"app":"MetaScalp","version":"1.0.2860"}'
            if b"/api/connections" in head:
                body = json.dumps({"connections": [CONNECTION]}).encode()
            kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            peer.sendall(b"HTTP/1.1 200 OK\r\n" + kind + body)
        key = next(
            line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")
        )
        accept = base64.b64encode(hashlib.sha1(key.split(b": ")[1] + GUID).digest())
        peer.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        peer.recv(65536)
        peer.sendall(framed(ACK) + framed(SNAPSHOT))
        go.wait()
        pour(peer, messages, rate)
        with suppress(ConnectionError):
            while peer.recv(65536):
                pass

    threading.Thread(target=lambda: (sys.stdin.readline(), go.set()), daemon=True).start()
    while True:
        peer, _ = server.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(peer,), daemon=True).start()


def pour(peer: socket.socket, messages: int, rate: float) -> None:
    frame, began, sent = framed(UPDATE), time.perf_counter(), 0
    while sent < messages:
        if rate:
            due = int((time.perf_counter() - began) * rate) - sent
            if due < 1:
                time.sleep(0.0005)
                continue
            count = min(due, messages - sent)
        else:
            count = min(BLOCK, messages - sent)
        peer.sendall(frame * count)
        sent += count


async def relay_patient(port: int) -> None:
    """Ours, but nobody ever lags: for how fast it is when the readers are the slow ones."""
    from relay.edges import stream

    stream.LAG_BYTES = 1 << 40
    await relay_ours(port)


async def relay_ours(port: int) -> None:
    from aiohttp import web

    from relay.core.link import Link
    from relay.core.places import load_exchanges
    from relay.core.streams import Streams
    from relay.edges import stream

    link = Link(load_exchanges(), lambda: None, (port,))
    async with Streams(link) as streams:
        app = web.Application()
        app.router.add_get("/", lambda request: stream.serve(request, streams))
        await _listen(app)


async def relay_naive(port: int) -> None:
    """Each message to each reader in turn, as one would write it first."""
    import aiohttp
    from aiohttp import web

    readers: list[web.WebSocketResponse] = []

    async def serve(request: web.Request) -> web.WebSocketResponse:
        here = web.WebSocketResponse(compress=False)
        await here.prepare(request)
        await here.receive()
        await here.send_str(ACK.decode())
        await here.send_str(SNAPSHOT.decode())
        readers.append(here)
        async for _ in here:
            pass
        return here

    async def follow() -> None:
        async with aiohttp.ClientSession() as session:
            there = await session.ws_connect(f"http://127.0.0.1:{port}/")
            await there.send_str(SUBSCRIBE.decode())
            await there.receive()
            await there.receive()
            async for message in there:
                for reader in readers:
                    await reader.send_str(message.data)

    app = web.Application()
    app.router.add_get("/", serve)
    async with asyncio.TaskGroup() as group:
        group.create_task(follow())
        await _listen(app)


async def relay_websockets(port: int) -> None:
    """The broadcast of the websockets library, which is the best that others do in pure Python."""
    from websockets.asyncio.client import connect
    from websockets.asyncio.server import broadcast, serve

    readers = set()

    async def handle(reader) -> None:  # type: ignore[no-untyped-def]
        await reader.recv()
        await reader.send(ACK.decode())
        await reader.send(SNAPSHOT.decode())
        readers.add(reader)
        await reader.wait_closed()
        readers.discard(reader)

    async with (
        serve(handle, "127.0.0.1", 0, compression=None) as server,
        connect(f"ws://127.0.0.1:{port}/", compression=None) as there,
    ):
        print(server.sockets[0].getsockname()[1], flush=True)
        await there.send(SUBSCRIBE.decode())
        await there.recv()
        await there.recv()
        async for message in there:
            broadcast(readers, message)
            await asyncio.sleep(0)


async def _listen(app) -> None:  # type: ignore[no-untyped-def]
    from aiohttp import web

    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


@dataclass
class Figures:
    """bytes: what each reader that reads got. grown: kB of memory by which the relay has grown.
    cpu_s: of the relay."""

    seconds: float
    bytes: list[int]
    wanted: int
    grown_kb: int
    cpu_s: float

    @property
    def delivered(self) -> float:
        return min(self.bytes) / self.wanted

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return sum(self.bytes) / EACH / self.seconds


def run(kind: str, messages: int, readers: int, rate: float = 0, stalled: int = 0,
        limit_s: float = 30.0) -> Figures:  # fmt: skip
    """So many updates through a relay to so many readers, and to some that never read."""
    with (
        _process("upstream", str(messages), str(rate)) as (terminal, port),
        _process("relay", kind, str(port)) as (relay, door),
    ):
        peers = [_reader(door) for _ in range(readers)]
        _deaf = [_reader(door, deaf=True) for _ in range(stalled)]
        wanted = BEFORE + messages * EACH
        counts = [_first(peer) for peer in peers]
        before, cpu = _memory_kb(relay.pid), _cpu_s(relay.pid)
        began = time.perf_counter()
        assert terminal.stdin is not None
        terminal.stdin.write(b"go\n")
        terminal.stdin.flush()
        counts, last = _count(peers, counts, wanted, began + limit_s)
        figures = Figures(
            last - began, counts, wanted, _memory_kb(relay.pid) - before, _cpu_s(relay.pid) - cpu
        )
        for peer in (*peers, *_deaf):
            peer.close()
    return figures


@contextmanager
def _process(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    command = [sys.executable, str(HERE / "fanout.py"), *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HERE)
    assert process.stdout is not None
    try:
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def _reader(port: int, *, deaf: bool = False) -> socket.socket:
    peer = socket.socket()
    if deaf:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect(("127.0.0.1", port))
    peer.settimeout(10)
    peer.sendall(
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" % port
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += peer.recv(1)
    assert head.startswith(b"HTTP/1.1 101"), head
    mask = b"\0\0\0\0"
    peer.sendall(bytes((0x81, 0x80 | len(SUBSCRIBE))) + mask + SUBSCRIBE)
    return peer


def _first(peer: socket.socket) -> int:
    """Reads the acknowledgement and the snapshot."""
    count = 0
    while count < BEFORE:
        count += len(peer.recv(65536))
    return count


def _count(
    peers: list[socket.socket], counts: list[int], wanted: int, until: float
) -> tuple[list[int], float]:
    """Counts what comes until all have all of it, or the time is over; gives when the last came."""
    selector = selectors.DefaultSelector()
    for index, peer in enumerate(peers):
        peer.setblocking(False)
        selector.register(peer, selectors.EVENT_READ, index)
    buffer, last = bytearray(1 << 20), time.perf_counter()
    while min(counts) < wanted and time.perf_counter() < until:
        for key, _ in selector.select(0.1):
            got = key.fileobj.recv_into(buffer)  # type: ignore[union-attr]
            counts[key.data] += got
            last = time.perf_counter()
            if not got:
                selector.unregister(key.fileobj)
    return counts, last


def _memory_kb(process: int) -> int:
    """The most it has had in memory."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    raise AssertionError("no such line")


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def compare() -> None:
    """Backlog, three rounds in turn, ratios within a round: the machine may be busy."""
    print("readers  relay        deliveries/s  of websockets' (median)  us of processor for each")
    for readers, counts in ((1, (200_000, 20_000)), (8, (200_000, 10_000)), (64, (40_000, 2_000))):
        rounds = [
            {kind: run(kind, counts[kind != "patient"], readers)
             for kind in ("patient", "naive", "websockets")} for _ in range(3)
        ]  # fmt: skip
        for kind in rounds[0]:
            ratio = statistics.median(one[kind].rate / one["websockets"].rate for one in rounds)
            rate = statistics.median(one[kind].rate for one in rounds)
            cost = statistics.median(one[kind].cpu_s * 1e6 * EACH / sum(one[kind].bytes)
                                     for one in rounds)  # fmt: skip
            name = "ours" if kind == "patient" else kind
            print(f"{readers:>7}  {name:<11}  {rate:>12,.0f}  {ratio:>23.1f}  {cost:>24.2f}")


if __name__ == "__main__":
    if sys.argv[1] == "compare":
        compare()
    elif sys.argv[1] == "upstream":
        upstream(int(sys.argv[2]), float(sys.argv[3]))
    else:
        asyncio.run(globals()[f"relay_{sys.argv[2]}"](int(sys.argv[3])))
