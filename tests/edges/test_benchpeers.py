"""What the door is measured against answers at once, and says when it is not there."""

import socket
import sys

import pytest

from relay.edges import benchpeers


def test_the_list_is_as_large_as_the_one_that_was_captured():
    assert 90_000 < len(benchpeers.tickers()) < 95_000


def test_the_stand_in_answers_request_after_request_however_they_are_cut():
    body = b'{"a":1}'
    post = b"POST /api/change-ticker HTTP/1.1\r\nContent-Length: 7\r\n\r\n" + body
    with (
        benchpeers.terminal() as (_, port),
        socket.create_connection(("127.0.0.1", port), 5) as line,
    ):
        for part in ((post * 3)[:50], (post * 3)[50:]):
            line.sendall(part)
        said = b""
        while said.count(b'{"status":"ok"}') < 3:
            said += line.recv(4096)

    assert said.count(b"200 OK") == 3


def test_what_does_not_start_is_an_error():
    with (
        pytest.raises(OSError, match="did not start"),
        benchpeers.running([sys.executable, "-c", ""], benchpeers.free_port()),
    ):
        pass
