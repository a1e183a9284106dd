"""This file knows how a browser talks to us: frames on stdin and stdout, one process per profile.

Only the standard library is imported here, and `hello` is answered before anything else is: a host
that cannot load a package still speaks, and says which. Reading and writing are threads, because a
pipe cannot be given to Windows' event loop. The end of input is the only signal that always comes
(measured with Chromium 156 and Firefox 153, 2026-11), so it ends the process whatever else happens.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeGuard

from relay import __version__
from relay.errors import BadFrame, BadRequest, RelayBroken, RelayError
from relay.frames import FrameDecoder, decode, encode

PROTOCOL = 1
#: After the end of input: a little time to end well, then the process ends anyway.
GRACE_S = 0.35
#: Frames that wait for the browser to read them. Events conflate before they get here.
WAITING_FRAMES = 256

_CHUNK = 65536

Message = dict[str, Any]


class Input:
    """Reads frames in a thread. `deliver` is called from there with each message, then with None.

    A message that cannot be read is delivered as the RelayError that says why.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._decoder = FrameDecoder()
        self._early: queue.SimpleQueue[Message | RelayError | None] = queue.SimpleQueue()
        self._deliver: Callable[[Message | RelayError | None], None] = self._early.put
        self._handover = threading.Lock()

    def start(self) -> None:
        threading.Thread(target=self._run, name="native-input", daemon=True).start()

    def next(self) -> Message | RelayError | None:
        """The next message, waited for; None at the end of input."""
        return self._early.get()

    def deliver_to(self, deliver: Callable[[Message | RelayError | None], None]) -> None:
        """From now on calls `deliver`, beginning with what has already come."""
        with self._handover:
            while not self._early.empty():
                deliver(self._early.get())
            self._deliver = deliver

    def keep(self) -> None:
        """From now on keeps messages for `next` again."""
        with self._handover:
            self._deliver = self._early.put

    def _run(self) -> None:
        try:
            while data := os.read(self._descriptor, _CHUNK):
                for body in self._decoder.feed(data):
                    self._put(body)
            self._decoder.end()
        except OSError:
            pass  # The browser is gone; that is the end of input too.
        except BadFrame as error:
            self._hand(error)
        self._hand(None)
        threading.Event().wait(GRACE_S)
        os._exit(0)

    def _put(self, body: bytes) -> None:
        try:
            self._hand(decode(body))
        except BadFrame as error:
            self._hand(error)

    def _hand(self, message: Message | RelayError | None) -> None:
        with self._handover:
            self._deliver(message)


class Output:
    """Writes frames in a thread, in the order they were sent."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._frames: queue.Queue[bytes | None] = queue.Queue(WAITING_FRAMES)
        self._thread = threading.Thread(target=self._run, name="native-output", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def send(self, message: Message) -> None:
        """Sends one message, waiting for room; TooLarge for one that no browser takes."""
        self.put(encode(message))

    def put(self, frame: bytes) -> None:
        """Sends a frame, waiting for room."""
        self._frames.put(frame)

    def offer(self, frame: bytes) -> bool:
        """Sends a frame if there is room now."""
        try:
            self._frames.put_nowait(frame)
        except queue.Full:
            return False
        return True

    def finish(self) -> None:
        """Waits a little until everything sent is written."""
        try:
            self._frames.put(None, timeout=GRACE_S)
        except queue.Full:
            return
        self._thread.join(GRACE_S)

    def _run(self) -> None:
        while (frame := self._frames.get()) is not None:
            try:
                view = memoryview(frame)
                while view:
                    view = view[os.write(self._descriptor, view) :]
            except OSError:
                return  # Nobody reads any more; the end of input ends the process.


def main() -> None:
    """Speaks to the browser until it closes our input. Exit code 0, or 2 at a terminal."""
    if sys.stdin is not None and sys.stdin.isatty():
        print(
            "metascalp-relay-host is started by the browser; people use metascalp-relay.",
            file=sys.stderr,
        )
        sys.exit(2)
    source, out = Input(0), Output(_private_stdout())
    source.start()
    out.start()
    waiting = _greet(source, out)
    try:
        if waiting != [None]:
            from relay.edges import native_loop

            native_loop.serve(waiting, source, out)
    except Exception as error:
        _say_broken(error, waiting, source, out)
    out.finish()


def _greet(source: Input, out: Output) -> list[Message | RelayError | None]:
    """Answers what needs nothing loaded; gives the first message that does, or None at the end."""
    while True:
        message = source.next()
        if is_hello(message):
            out.send(answer_hello(message))
            return []
        if not isinstance(message, RelayError):
            return [message]
        out.send(failure(None, message))


def is_hello(message: Message | RelayError | None) -> TypeGuard[Message]:
    return isinstance(message, dict) and message.get("method") == "hello"


def answer_hello(message: Message) -> Message:
    """Who we are. Any version of the extension gets this answer and decides what to do with it."""
    try:
        identity = request_id(message)
    except BadRequest as error:
        return failure(None, error)
    result = {
        "app": "metascalp-relay",
        "version": __version__,
        "protocol": PROTOCOL,
        "pid": os.getpid(),
    }
    return {"jsonrpc": "2.0", "id": identity, "result": result}


def request_id(message: Message) -> str | int:
    """The id of a request; BadRequest when it is no request that can be answered."""
    identity = message.get("id")
    fits = isinstance(identity, str | int) and not isinstance(identity, bool)
    if not fits or len(str(identity)) > 64 or not isinstance(message.get("method"), str):
        raise BadRequest("a request has a method and an id, a number or a short string")
    assert isinstance(identity, str | int), "checked above"
    return identity


def failure(identity: str | int | None, error: RelayError) -> Message:
    """An error as JSON-RPC writes it; `data.code` is ours and never renamed."""
    data = {"code": error.code, **error.params}
    body = {"code": _RPC_CODES.get(error.code, -32000), "message": error.text, "data": data}
    return {"jsonrpc": "2.0", "id": identity, "error": body}


_RPC_CODES = {
    "bad-frame": -32700,
    "bad-request": -32600,
    "unknown-method": -32601,
    "bad-params": -32602,
}


def _private_stdout() -> int:
    """The real stdout for us alone; every print and every library writes to stderr instead."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(0, os.O_BINARY)
        msvcrt.setmode(1, os.O_BINARY)
    private = os.dup(1)
    os.dup2(2, 1)
    return private


def _say_broken(
    error: Exception, waiting: list[Message | RelayError | None], source: Input, out: Output
) -> None:
    """Answers every request with what is wrong, until the end of input."""
    broken = RelayBroken(f"the relay cannot be loaded: {error}", detail=repr(error))
    message = waiting[0] if waiting else source.next()
    while message is not None:
        out.send(answer_hello(message) if is_hello(message) else _refusal(message, broken))
        message = source.next()


def _refusal(message: Message | RelayError, broken: RelayBroken) -> Message:
    if isinstance(message, RelayError):
        return failure(None, message)
    try:
        return failure(request_id(message), broken)
    except BadRequest as error:
        return failure(None, error)
