"""This file knows the rows of the table that are about beginning: host, command line, discovery."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from relay.core.places import HOME_VARIABLE
from relay.edges.benching import contenders, machine
from relay.edges.benching.reading import Wrong
from relay.edges.benching.rounds import Figure, Round, Shown, Workload, most, ratio
from relay.frames import encode
from relay.metascalp import discovery

HOST = [sys.executable, "-c", "from relay.edges.native import main; main()"]
BARE = [sys.executable, "-c", "pass"]
HELLO = encode({"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {}})
TICKER = "BINANCE:BTCUSDT.p"


def workloads(folder: Path, simulator: str, rounds: int) -> list[Workload]:
    """simulator: "HOST:PORT" of a terminal that can be told to open a ticker."""
    env = {HOME_VARIABLE: str(folder)}
    opening = [sys.executable, "-m", "relay", "open", TICKER, "--terminal", simulator]
    return [
        Workload(
            "native host, spawn to first answer", "ms", "ms",
            {"bare interpreter": lambda: _run(BARE, env), "host": lambda: _hello(env)},
            [Figure("÷ bare interpreter", ratio("ms", "host", "bare interpreter"), most(2)),
             Figure("ms", lambda one: one["host"]["ms"], most(60))],
            again=rounds,
        ),
        Workload("native host, round trip", "µs", "p50",
                 {"host": lambda: _round_trips(env)}, [], again=5),
        Workload(
            "metascalp-relay open", "ms", "ms",
            {"bare interpreter": lambda: _run(BARE, env), "open": lambda: _run(opening, env)},
            [Figure("ms more than a bare interpreter",
                    lambda one: one["open"]["ms"] - one["bare interpreter"]["ms"], most(150)),
             Figure("the same in cpu time, ms", _more_work)],
            again=rounds,
        ),
    ]  # fmt: skip


def _more_work(one: Round) -> float:
    return one["open"]["cpu ms"] - one["bare interpreter"]["cpu ms"]


def _run(command: list[str], env: dict[str, str]) -> Shown:
    began, worked = time.perf_counter(), machine.children_s()
    done = subprocess.run(command, env=_with(env), capture_output=True, check=False)
    took, worked = time.perf_counter() - began, machine.children_s() - worked
    if done.returncode:
        raise Wrong(f"{command[-3:]}: {done.stderr.decode()[-200:]}")
    return {"ms": took * 1000, "cpu ms": worked * 1000}


def _hello(env: dict[str, str]) -> Shown:
    began = time.perf_counter()
    with _host(env) as (ask, _):
        ask()
        return {"ms": (time.perf_counter() - began) * 1000}


def _round_trips(env: dict[str, str], count: int = 300) -> Shown:
    """`hello` again and again, of a host that has loaded everything."""
    times = []
    with _host(env) as (ask, running):
        ask()
        time.sleep(1.0)
        for _ in range(count):
            began = time.perf_counter_ns()
            ask()
            times.append(time.perf_counter_ns() - began)
        if running.poll() is not None:
            raise Wrong("the host has ended")
    times.sort()
    return {"p50": times[count // 2] / 1000, "p99": times[int(count * 0.99)] / 1000}


@contextmanager
def _host(
    env: dict[str, str],
) -> Iterator[tuple[Callable[[], bytes], subprocess.Popen[bytes]]]:
    """A host as a browser starts it; ask: says hello and gives the answer."""
    running = subprocess.Popen(
        HOST, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=_with(env),
    )  # fmt: skip
    given, told = running.stdin, running.stdout
    assert given is not None, "a pipe was asked for"
    assert told is not None, "a pipe was asked for"

    def ask() -> bytes:
        given.write(HELLO)
        given.flush()
        while True:
            answer = told.read(int.from_bytes(told.read(4), sys.byteorder))
            if b'"id":1' in answer.replace(b" ", b""):
                return answer
            if not answer:
                raise Wrong("the host has ended")

    try:
        yield ask, running
    finally:
        given.close()
        told.close()
        running.wait(10)


def _with(env: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **env}


def discovering(up: int) -> Workload:
    """Who finds a terminal among eleven ports, and when."""
    measures: dict[str, Callable[[], Shown]] = {
        "one ping": lambda: asyncio.run(_ping(up)),
        "nothing there": lambda: asyncio.run(_nothing()),
        "the last port": lambda: asyncio.run(_last(up, 0)),
        "the last port, ten that never answer": lambda: asyncio.run(_last(up, 10)),
        "the port it had before, ten that never answer": lambda: asyncio.run(
            _last(up, 10, knows=True)
        ),
    }
    silent = "the last port, ten that never answer"
    return Workload(
        "discovery among 11 ports", "ms", "ms", measures,
        [Figure("last port, ten that never answer ÷ one ping", ratio("ms", silent, "one ping"),
                most(10)),
         Figure("the port it had before ÷ one ping", ratio(
             "ms", "the port it had before, ten that never answer", "one ping"))],
        again=15,
    )  # fmt: skip


async def _ping(up: int) -> Shown:
    await discovery.ask(up)  # What is imported at the first time is not measured.
    began = time.perf_counter()
    if await discovery.ask(up) is None:
        raise Wrong("no terminal")
    return {"ms": (time.perf_counter() - began) * 1000}


async def _nothing() -> Shown:
    ports = [contenders.free_port() for _ in range(11)]
    began = time.perf_counter()
    if await discovery.find(None, ports) is not None:
        raise Wrong("found what is not there")
    return {"ms": (time.perf_counter() - began) * 1000}


async def _last(up: int, silent: int, *, knows: bool = False) -> Shown:
    """silent: as many of the other ports take connections and never say a word."""
    with ExitStack() as stack:
        ports = [contenders.free_port() for _ in range(10 - silent)]
        for _ in range(silent):
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            ports.append(server.getsockname()[1])
        began = time.perf_counter()
        found = await discovery.find(up if knows else None, [*ports, up])
        took = (time.perf_counter() - began) * 1000
    if found is None or found.port != up:
        raise Wrong(f"found {found}")
    return {"ms": took}
