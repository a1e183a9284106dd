"""This file knows `bench --door`: what `serve` adds to a request, beside what nginx adds.

Ratios alone mean something: each is taken inside one round, and the median of the rounds is told.
For serial requests everything shares one processor, where no wake-up of another hides a difference;
for many connections the client and the terminal have the other one. MetaScalp's largest reply and
its smallest command are the payloads.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from relay.edges import benchpeers

BODY = b'{"tickerPattern":"BINANCE:BTCUSDT.p","binding":"001"}'
LIST = "/api/connections/1/tickers"
CONNECTIONS = 64
FULL = {"rounds": 7, "posts": 2000, "lists": 600, "seconds": 1.5}
QUICK = {"rounds": 3, "posts": 400, "lists": 100, "seconds": 0.3}

_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Ratio:
    """One row. value: the median of the rounds; low, high: the extremes among them."""

    name: str
    value: float
    low: float
    high: float
    goal: str
    reached: bool


@dataclass(slots=True)
class _Round:
    """What one round measured: microseconds of a request, requests a second, times at 64."""

    post: dict[str, float]
    lists: dict[str, float]
    rate: dict[str, float]
    spread: float


def bench(quick: bool, as_json: bool) -> int:
    """Measures and prints the table; 0 when it could be measured, whatever the figures."""
    counts = QUICK if quick else FULL
    with (
        _one_processor(),
        tempfile.TemporaryDirectory() as folder,
        benchpeers.terminal() as (process, terminal),
        benchpeers.nginx(Path(folder), terminal) as nginx,
        benchpeers.door(terminal) as door,
    ):
        ports = {"direct": terminal, "relay": door} | ({"nginx": nginx} if nginx else {})
        rounds = [_round(ports, counts, process.pid) for _ in range(int(counts["rounds"]))]
    table = _table(rounds, has_nginx=nginx is not None)
    if as_json:
        print(json.dumps([asdict(row) for row in table]))
        return 0
    for row in table:
        figure = f"{row.value:7.2f}  ({row.low:.2f} to {row.high:.2f})"
        mark = "reached" if row.reached else "MISSED"
        print(f"{row.name:<58} {figure:<26} {row.goal:<8} {mark}")
    if nginx is None:
        print("nginx is not installed: what it adds could not be compared")
    return 0


def _round(ports: dict[str, int], counts: dict[str, float], terminal: int) -> _Round:
    _share_processors(terminal, apart=False)
    post = {name: _serial(port, _post(port), counts["posts"]) for name, port in ports.items()}
    lists = {name: _serial(port, _get(port), counts["lists"]) for name, port in ports.items()}
    for keys in ("camel", "both"):
        port = ports["relay"]
        lists[keys] = _serial(port, _get(port, f"?relay_keys={keys}"), counts["lists"] / 2)
    _share_processors(terminal, apart=True)
    many = {name: _many(port, counts["seconds"]) for name, port in ports.items()}
    return _Round(
        post,
        lists,
        {name: rate for name, (rate, _) in many.items()},
        many["relay"][1],
    )


def _table(rounds: list[_Round], *, has_nginx: bool) -> list[Ratio]:
    def row(name: str, values: list[float], goal: float, *, at_least: bool = False) -> Ratio:
        value = statistics.median(values)
        reached = value >= goal if at_least else value <= goal
        told = f"{'>=' if at_least else '<='} {goal:g}"
        return Ratio(name, value, min(values), max(values), told, reached)

    table = [
        row("p99 / p50 at 64 connections", [one.spread for one in rounds], 1.5),
        row("92 kB as camel / as it is", [_over(one, "camel") for one in rounds], 8.0),
        row("92 kB in both spellings / as it is", [_over(one, "both") for one in rounds], 8.0),
    ]
    if not has_nginx:
        return table
    small = [_added(one.post) for one in rounds]
    large = [_added(one.lists) for one in rounds]
    rates = [one.rate["relay"] / one.rate["nginx"] for one in rounds]
    return [
        row("small POST: what we add / what nginx adds", small, 3.2),
        row("92 kB GET: what we add / what nginx adds (large buffers)", large, 2.5),
        row("64 connections: requests a second / nginx", rates, 0.3, at_least=True),
        *table,
    ]


def _over(one: _Round, keys: str) -> float:
    return one.lists[keys] / one.lists["relay"]


def _added(times: dict[str, float]) -> float:
    ours = times["relay"] - times["direct"]
    return ours / max(times["nginx"] - times["direct"], 0.1)


def _serial(port: int, request: bytes, count: float) -> float:
    """Microseconds of one request behind another, the median."""
    times = []
    buffer = bytearray(_MEGABYTE)
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(int(count)):
            started = time.perf_counter()
            _exchange(line, request, buffer)
            times.append(time.perf_counter() - started)
    return statistics.median(times[len(times) // 10 :]) * 1e6


def _exchange(line: socket.socket, request: bytes, buffer: bytearray) -> None:
    line.sendall(request)
    got = line.recv_into(buffer)
    head = bytes(buffer[: min(got, 1024)])
    assert head.startswith(b"HTTP/1.1 200"), head[:200]
    end = head.find(b"\r\n\r\n") + 4
    at = head.lower().find(b"content-length:") + 15
    left = int(head[at : head.find(b"\r", at)]) + end - got
    while left > 0:
        left -= line.recv_into(buffer)


def _many(port: int, seconds: float) -> tuple[float, float]:
    """Requests a second over many connections, and the ratio of their p99 to their median."""
    request, buffer, times = _post(port), bytearray(_MEGABYTE), []
    with selectors.DefaultSelector() as selector:
        sent = {}
        for _ in range(CONNECTIONS):
            line = socket.create_connection(("127.0.0.1", port))
            selector.register(line, selectors.EVENT_READ)
            sent[line] = time.perf_counter()
            line.sendall(request)
        ends = time.perf_counter() + seconds
        while time.perf_counter() < ends:
            for key, _ in selector.select(1.0):
                line = key.fileobj  # type: ignore[assignment]
                line.recv_into(buffer)
                now = time.perf_counter()
                times.append(now - sent[line])
                sent[line] = now
                line.sendall(request)
        for line in sent:
            line.close()
    times.sort()
    return len(times) / seconds, times[int(len(times) * 0.99)] / times[len(times) // 2]


def _post(port: int) -> bytes:
    head = (
        f"POST /api/change-ticker HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    return head.encode() + BODY


def _get(port: int, query: str = "") -> bytes:
    # The stand-in looks at the end of the path: a query is taken out by the relay alone.
    return f"GET {LIST}{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n\r\n".encode()


@contextmanager
def _one_processor() -> Iterator[None]:
    """What is started stays on the first processor, where that can be said."""
    if not _can_choose():
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {0})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _can_choose() -> bool:
    return hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1


def _share_processors(terminal: int, *, apart: bool) -> None:
    """Everything on one processor, or us and the terminal on another, where that can be said."""
    if not _can_choose():
        return
    for process in (0, terminal):
        os.sched_setaffinity(process, {1} if apart else {0})
