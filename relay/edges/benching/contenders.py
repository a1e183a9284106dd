"""This file knows who is measured: each contender with a terminal of its own, started and ended."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from relay.core.places import HOME_VARIABLE
from relay.edges.benching import machine, peers
from relay.edges.benching.reading import Control

START_S = 20.0
#: Where `npm install http-proxy ws` was run.
NPM_VARIABLE = "METASCALP_RELAY_BENCH_NPM"

DIRECT, RELAY, FAST, NGINX = "direct", "relay", "relay+uvloop", "nginx"
BROADCAST, HTTPX, SOCKETIFY = "websockets", "uvicorn+httpx", "socketify"
HTTP_PROXY, WS, FAN_C, PIPE = "http-proxy", "ws", "C fan-out", "bytes in asyncio"


@dataclass(slots=True)
class Contender:
    """One way through. port: where clients go. processes: what is measured; none for `direct`."""

    name: str
    port: int
    control: Control
    processes: list[int]
    load: list[int]

    @property
    def main(self) -> int:
        return self.processes[0]

    def pin(self, relay: frozenset[int], load: frozenset[int]) -> None:
        machine.pin(self.processes, relay)
        machine.pin(self.load, load)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a contender is had. missing: why it cannot be, None when it can. does: "rest" (requests),
    "way" (a socket of the terminal for each client), "fan" (one socket for many)."""

    name: str
    does: frozenset[str]
    missing: Callable[[], str | None]
    command: Callable[[Path, int, int], list[str]]


def _python(*modules: str) -> Callable[[], str | None]:
    def missing() -> str | None:
        without = [one for one in modules if importlib.util.find_spec(one) is None]
        return f'not installed: pip install ".[bench]" ({", ".join(without)})' if without else None

    return missing


def _nginx_missing() -> str | None:
    return None if _nginx() else "not installed: apt-get install nginx-light"


def _nginx() -> str | None:
    return shutil.which("nginx", path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin")


def npm_folder() -> Path:
    """Where packages of Node are looked for."""
    return Path(os.environ.get(NPM_VARIABLE, "."), "node_modules").resolve()


def _node(module: str) -> Callable[[], str | None]:
    def missing() -> str | None:
        if shutil.which("node") is None:
            return "Node is not installed"
        if (npm_folder() / module).is_dir():
            return None
        return f"not found: npm install {module}, and name the folder in {NPM_VARIABLE}"

    return missing


def _script(template: str, name: str, program: str) -> Callable[[Path, int, int], list[str]]:
    def command(folder: Path, up: int, port: int) -> list[str]:
        return [program, str(peers.written(template, folder, name, up, port))]

    return command


def _relay(*options: str) -> Callable[[Path, int, int], list[str]]:
    def command(folder: Path, up: int, port: int) -> list[str]:
        rules = ("--auth", "local", "--limit", "0", "--order-limit", "0", *options)
        where = ("--port", str(port), "--terminal", f"127.0.0.1:{up}")
        return [sys.executable, "-m", "relay", "serve", *where, *rules]

    return command


def _nginx_command(folder: Path, up: int, port: int) -> list[str]:
    path = peers.written(peers.NGINX, folder, "nginx.conf", up, port)
    return [
        _nginx() or "nginx",
        "-p",
        str(folder),
        "-e",
        str(folder / "error.log"),
        "-c",
        str(path),
    ]


def _compiler_missing() -> str | None:
    return None if shutil.which("cc") else "no C compiler (cc)"


def _compiled(folder: Path, up: int, port: int) -> list[str]:
    source = peers.written(peers.FAN_C, folder, "fan.c", up, port)
    program = source.with_suffix("")
    subprocess.run(["cc", "-O2", "-o", str(program), str(source)], check=True)
    return [str(program)]


def _never() -> None:
    return None


KINDS = (
    Kind(DIRECT, frozenset(("rest", "way")), _never, lambda folder, up, port: []),
    Kind(RELAY, frozenset(("rest", "fan")), _never,
         _relay("--loop", "asyncio")),
    Kind(FAST, frozenset(("rest", "fan")), _python("uvloop"), _relay("--loop", "fast")),
    Kind(NGINX, frozenset(("rest", "way")), _nginx_missing, _nginx_command),
    Kind(PIPE, frozenset(("rest", "way")), _never, _script(peers.PIPE, "pipe.py", sys.executable)),
    Kind(HTTP_PROXY, frozenset(("rest", "way")), _node("http-proxy"),
         _script(peers.HTTP_PROXY, "proxy.js", "node")),
    Kind(HTTPX, frozenset(("rest",)), _python("uvicorn", "httpx"),
         _script(peers.HTTPX, "passing.py", sys.executable)),
    Kind(BROADCAST, frozenset(("fan",)), _python("websockets"),
         _script(peers.BROADCAST, "broadcast.py", sys.executable)),
    Kind(SOCKETIFY, frozenset(("fan",)), _python("socketify", "websockets"),
         _script(peers.SOCKETIFY, "publish.py", sys.executable)),
    Kind(WS, frozenset(("fan",)), _node("ws"), _script(peers.WS, "fan.js", "node")),
    Kind(FAN_C, frozenset(("fan",)), _compiler_missing, _compiled),
)  # fmt: skip


class Field:
    """All contenders that there are. `with` ends what it started."""

    def __init__(self, folder: Path, names: tuple[str, ...] | None = None) -> None:
        self.folder = folder
        self.skipped: dict[str, str] = {}
        self.all: dict[str, Contender] = {}
        self._names = names
        self._stack = ExitStack()

    def __enter__(self) -> Field:
        with self._stack:
            for kind in KINDS:
                if self._names is not None and kind.name not in self._names:
                    continue
                if why := kind.missing():
                    self.skipped[kind.name] = why
                else:
                    self.all[kind.name] = self._stack.enter_context(started(kind, self.folder))
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def who(self, does: str) -> list[Contender]:
        """Those who can do something."""
        able = {kind.name for kind in KINDS if does in kind.does}
        return [one for name, one in self.all.items() if name in able]


@contextmanager
def started(kind: Kind, folder: Path) -> Iterator[Contender]:
    """A contender and its terminal, until the block is left."""
    own = folder / kind.name
    own.mkdir()
    with terminal() as (load, up, control):
        port = free_port()
        command = kind.command(own, up, port)
        if not command:
            yield Contender(kind.name, up, control, [], [load])
            return
        with process(command, own) as running:
            _wait(running, port, own)
            processes = [running.pid, *machine.tree(running.pid)[1:]]
            yield Contender(kind.name, port, control, processes, [load])


@contextmanager
def terminal() -> Iterator[tuple[int, int, Control]]:
    """A terminal that measures: its process, its port, and how to give it orders."""
    command = [sys.executable, "-m", "relay.edges.benching.upstream"]
    with process(command, None, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None, "a pipe was asked for"
        ports = json.loads(running.stdout.readline())
        control = Control(ports["control"])
        try:
            yield running.pid, ports["port"], control
        finally:
            control.close()


@contextmanager
def process(
    command: list[str], folder: Path | None, stdout: int | IO[bytes] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended with the block; what it says goes into its folder."""
    home = {HOME_VARIABLE: str(folder)} if folder else {}
    node = {"NODE_PATH": str(npm_folder())}
    with ExitStack() as stack:
        log = stack.enter_context((folder / "log").open("wb")) if folder else subprocess.DEVNULL
        running = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stdout or log, stderr=log,
            env={**os.environ, **home, **node},
        )  # fmt: skip
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(5)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
            if running.stdout is not None:
                running.stdout.close()


def _wait(running: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    """Until somebody listens on a port."""
    until = time.monotonic() + START_S
    while time.monotonic() < until and running.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    said = (folder / "log").read_text("utf-8", "replace")[-400:]
    raise OSError(f"{folder.name} did not start: {said}")


def free_port() -> int:
    """A port on which nobody listens, most likely for a while."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
