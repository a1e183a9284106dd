"""This file knows stdin and stdout as a browser uses them: a thread reads frames, another writes.

Threads, because a pipe cannot be given to Windows' event loop. Only the standard library: the host
speaks before anything else is loaded. The end of input is the only signal that always comes
(measured with Chromium 156 and Firefox 153, 2026-11), so it ends the process whatever else happens.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable

from relay.edges.rpc import Message
from relay.errors import BadFrame, RelayError
from relay.frames import FrameDecoder, decode, encode

#: After the end of input: a little time to end well, then the process ends anyway.
GRACE_S = 0.35
#: Frames that wait for the browser to read them. Events conflate before they get here.
WAITING_FRAMES = 256

_CHUNK = 65536


class Input:
    """Reads frames in a thread. `deliver` is called from there with each message, then with None,
    and after that `at_end`.

    A message that cannot be read is delivered as the RelayError that says why.
    """

    def __init__(self, descriptor: int, at_end: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._at_end = at_end
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
        self._at_end()

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
        self.on_room: Callable[[], None] | None = None
        self._room_wanted = False
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
        """Sends a frame if there is room now; if not, `on_room` is called when there is."""
        try:
            self._frames.put_nowait(frame)
        except queue.Full:
            self._room_wanted = True
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
            if self._room_wanted and self.on_room is not None:
                self._room_wanted = False
                self.on_room()
            try:
                view = memoryview(frame)
                while view:
                    view = view[os.write(self._descriptor, view) :]
            except OSError:
                return  # Nobody reads any more; the end of input ends the process.


def end_process() -> None:
    """Ends this process a little later, whatever it is busy with."""
    threading.Event().wait(GRACE_S)
    os._exit(0)


def private_stdout() -> int:
    """The real stdout for us alone; every print and every library writes to stderr instead."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(0, os.O_BINARY)
        msvcrt.setmode(1, os.O_BINARY)
    _have_stderr()
    private = os.dup(1)
    os.dup2(2, 1)
    return private


def _have_stderr() -> None:
    """A browser may start us without one; then the next thing opened would take its place."""
    try:
        os.fstat(2)
    except OSError:
        nowhere = os.open(os.devnull, os.O_RDWR)
        if nowhere != 2:
            os.dup2(nowhere, 2)
            os.close(nowhere)
