"""The threads that read and write frames; whole processes are in test_native."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from host import frame

from relay.edges.stdio import WAITING_FRAMES, Input, Output
from relay.errors import BadFrame, TooLarge
from relay.frames import encode


@pytest.fixture
def pipe():
    """Both ends as files, which may be closed twice."""
    source, sink = (
        os.fdopen(end, mode, 0) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True)
    )
    with source, sink:
        yield source, sink


def test_messages_that_came_early_are_delivered_first_and_in_order(pipe):
    source, sink = pipe
    ended = threading.Event()
    reader = Input(source.fileno(), ended.set)
    reader.start()
    sink.write(frame({"n": 1}) + frame({"n": 2}))
    assert reader.next() == {"n": 1}
    heard: list[object] = []
    more = threading.Event()

    def deliver(message: object) -> None:
        heard.append(message)
        if len(heard) == 3:
            more.set()

    reader.deliver_to(deliver)
    sink.write(frame({"n": 3}) + frame([]))

    assert more.wait(5)
    assert heard[:2] == [{"n": 2}, {"n": 3}]
    assert isinstance(heard[2], BadFrame)
    sink.close()
    assert ended.wait(5)
    assert heard[-1] is None


def test_a_full_queue_takes_no_more_and_says_when_there_is_room(pipe):
    source, sink = pipe
    out, room = Output(sink.fileno()), threading.Event()
    out.on_room = room.set
    piece = encode({"x": "y" * 60})
    while out.offer(piece):
        pass
    assert not room.is_set()

    out.start()

    assert room.wait(5)
    assert source.read(len(piece)) == piece


def test_what_no_browser_takes_is_not_sent(pipe):
    out = Output(pipe[1].fileno())

    with pytest.raises(TooLarge):
        out.send({"x": "y" * 2_000_000})


def test_a_reader_that_is_gone_ends_the_writing_quietly(pipe):
    source, sink = pipe
    out = Output(sink.fileno())
    out.start()
    source.close()
    for _ in range(WAITING_FRAMES):
        out.offer(encode({}))

    out.finish()


def test_without_a_stderr_nothing_else_gets_into_the_frames() -> None:
    """A browser with no console may start us without one; its number must not become stdout's."""
    code = (
        "import os, sys; os.close(2); from relay.edges import stdio; "
        "private = stdio.private_stdout(); os.write(1, b'stray'); os.write(2, b'stray'); "
        "os.write(private, b'frame')"
    )

    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, timeout=20)

    assert done.stdout == b"frame"
