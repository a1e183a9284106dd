"""Readers count, know how old a message is, and do not take anything for a message."""

from __future__ import annotations

import socket
import time

import pytest

from relay.edges.benching import payloads, reading
from relay.edges.benching.reading import Stream, Wrong


def sent(ago_ns: int) -> bytes:
    frame = bytearray(payloads.framed(payloads.update()))
    payloads.stamped(frame, time.perf_counter_ns() - ago_ns)
    return bytes(frame)


def test_all_that_comes_at_once_is_as_old_as_its_oldest():
    ages = []
    rest = reading._look(sent(9_000_000) + sent(1_000) + sent(0)[:100], ages)

    ((age, count),) = ages
    assert len(rest) == 100
    assert count == 2
    assert 9_000_000 <= age < 2_000_000_000


@pytest.mark.parametrize("data", [b"x" * payloads.FRAME_BYTES, sent(0)[1:] + b"x"])
def test_what_is_no_message_is_wrong(data):
    with pytest.raises(Wrong, match="not an update"):
        reading._look(data, [])


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 10), (0.9, 10), (0.95, 30), (0.99, 30), (1.0, 30)]
)
def test_a_percentile_is_of_messages_not_of_reads(share, expected):
    assert reading.percentile([(30, 10), (10, 90)], share) == expected


def test_the_slowest_reader_says_what_was_delivered():
    stream = Stream(2.0, [100, 50], 100)

    assert stream.delivered == 0.5
    assert stream.rate == 75.0


@pytest.mark.parametrize(
    "told",
    [
        b"HTTP/1.1 403 Forbidden\r\n\r\n",
        b"",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + payloads.framed(b"{}") * 2,
    ],
)
def test_who_is_not_greeted_is_no_reader(told):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        import threading

        def serve() -> None:
            peer, _ = server.accept()
            peer.recv(65536)
            peer.sendall(told)
            peer.shutdown(socket.SHUT_WR)
            peer.recv(65536)
            peer.close()

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises((Wrong, OSError)):
            reading.Readers(port, 1)
        thread.join()
