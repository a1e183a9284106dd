"""Our programs as processes to be killed and frozen, and the few bytes it takes to use them."""

from __future__ import annotations

import http.client
import json
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

LIMIT_S = 10.0

Got = TypeVar("Got")


@dataclass
class Program:
    """One of our commands. port: where it listens, the same after every start. log: its stderr.
    code: what Python runs instead of the package."""

    arguments: tuple[str, ...]
    port: int
    log: Path | None = None
    code: str | None = None
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it, and waits until it says that it is ready."""
        begin = ["-c", self.code] if self.code else ["-m", "relay"]
        command = [sys.executable, *begin, *self.arguments, "--port", str(self.port)]
        with suppress(AttributeError):  # It has not run before.
            self.end()
        said = self.log.open("ab") if self.log else subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said)
        if not isinstance(said, int):
            said.close()
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert json.loads(line)["url"] == self.url, line

    def kill(self) -> None:
        self.process.kill()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def steady_port() -> int:
    """A port that is free, and stays so: outside of those that a system gives out by itself."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def program(
    *arguments: str, port: int | None = None, log: Path | None = None, start: str | None = None
) -> Iterator[Program]:
    """A running command, ended with the block whatever became of it."""
    made = Program(arguments, port or steady_port(), log, start)
    made.start()
    try:
        yield made
    finally:
        made.end()


def request(port: int, method: str, path: str, body: object = None, way: str = "plain") -> bytes:
    """The bytes of a request. way: "chunked" is a body without a length."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
    if content:
        lines.append("Content-Type: application/json")
    if content and way == "chunked":
        lines.append("Transfer-Encoding: chunked")
        content = b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)
    elif content:
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([*lines, "", ""]).encode() + content


def said(port: int, data: bytes) -> socket.socket:
    """A connection that has sent these bytes; `with` closes it."""
    one = socket.create_connection(("127.0.0.1", port), LIMIT_S)
    one.sendall(data)
    return one


def heard(one: socket.socket) -> tuple[int, dict[str, Any]] | None:
    """The whole answer, None when the connection ended before there was one."""
    answer = http.client.HTTPResponse(one)
    try:
        answer.begin()
        return answer.status, json.loads(answer.read() or b"{}")
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        answer.close()


def ask(
    port: int, method: str, path: str, body: object = None
) -> tuple[int, dict[str, Any]] | None:
    """One request and its answer; None when nobody is there."""
    with suppress(OSError), said(port, request(port, method, path, body)) as one:
        return heard(one)
    return None


def wait_until(condition: Callable[[], Got], limit_s: float = LIMIT_S) -> Got:
    """The first true value of a condition."""
    ends = time.monotonic() + limit_s
    while not (got := condition()):
        assert time.monotonic() < ends, f"not within {limit_s} s"
        time.sleep(0.005)
    return got
