"""The native host as a browser has it: a process, frames in, frames out."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

LIMIT_S = 15.0
START = "from relay.edges.native import main; main()"

Message = dict[str, Any]


def frame(message: object) -> bytes:
    body = json.dumps(message).encode()
    return struct.pack("=I", len(body)) + body


class Host:
    """A running host. messages: all it has said; a thread reads, so that it never has to wait."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.messages: list[Message] = []
        self.rest = b""
        self.said = threading.Condition()
        self._number = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, method: str, **params: Any) -> int:
        self._number += 1
        request = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        self.write(frame(request))
        return self._number

    def ask(self, method: str, **params: Any) -> Message:
        """The answer to one request, result or error."""
        number = self.send(method, **params)
        return self.wait(lambda message: message.get("id") == number)

    def wait(self, fits: Callable[[Message], bool], limit_s: float = LIMIT_S) -> Message:
        """The first message that fits; AssertionError when none comes."""
        with self.said:
            self.said.wait_for(lambda: any(map(fits, self.messages)), limit_s)
            found = next(filter(fits, self.messages), None)
        assert found is not None, f"only {self.messages[-5:]}; {self.rest!r}"
        return found

    def wait_event(self, topic: str, fits: Callable[[Message], bool]) -> Message:
        """The data of the first event of a topic that fits."""

        def is_it(message: Message) -> bool:
            params = message.get("params", {})
            return params.get("topic") == topic and fits(params["data"])

        data: Message = self.wait(is_it)["params"]["data"]
        return data

    def answers(self) -> list[Message]:
        return [message for message in self.messages if "method" not in message]

    def close(self, limit_s: float = LIMIT_S) -> float:
        """Ends its input; gives how many seconds it took to go, after all it said was read."""
        assert self.process.stdin is not None
        started = time.monotonic()
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(limit_s)
        took = time.monotonic() - started
        self._reader.join(limit_s)
        return took

    def is_gone(self, limit_s: float) -> bool:
        """Whether it ends in so long with its input open: then nobody writes to its output."""
        self._reader.join(limit_s)
        return not self._reader.is_alive()

    def errors(self) -> str:
        """All it wrote to stderr, after its end."""
        self.close()
        assert self.process.stderr is not None
        return self.process.stderr.read().decode("utf-8", "replace")

    def _read(self) -> None:
        assert self.process.stdout is not None
        pipe = self.process.stdout
        while len(head := pipe.read(4)) == 4:
            (length,) = struct.unpack("=I", head)
            body = pipe.read(length)
            with self.said:
                try:
                    self.messages.append(json.loads(body))
                except ValueError:
                    self.rest += head + body
                    break
                self.said.notify_all()
        with self.said:
            self.rest += head if len(head) < 4 else b""
            self.said.notify_all()


@contextmanager
def running(
    *, poisoned: tuple[str, ...] = (), folder: Path | None = None, start: str = START, **env: str
) -> Iterator[Host]:
    """A host as the browser starts it. poisoned: packages that raise when they are imported."""
    environment = os.environ | env
    if poisoned:
        assert folder is not None, "poison needs a place"
        for name in poisoned:
            (folder / name).mkdir(exist_ok=True)
            (folder / name / "__init__.py").write_text(f"raise RuntimeError('{name} is damaged')")
        environment["PYTHONPATH"] = str(folder)
    process = subprocess.Popen(
        [sys.executable, "-c", start, "chrome-extension://egcejpaeokcmogjmokfehabjofphekff/"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    host = Host(process)
    try:
        yield host
    finally:
        process.kill()
        host.close()
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()
