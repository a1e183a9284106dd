"""Clients of requests: whole answers only, and the right ones."""

from __future__ import annotations

import pytest

from relay.edges.benching import contenders, payloads, requesting
from relay.edges.benching.reading import Wrong

HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(scope="module")
def port():
    with contenders.terminal() as (_, port, _):
        yield port


@pytest.mark.parametrize(
    ("head", "rest", "body"),
    [
        (b"Content-Length: 3\r\n\r\n", b"ab", None),
        (b"content-length:3\r\n\r\n", b"abc", b"abc"),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"2\r\nab\r\n", None),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"2\r\nab\r\nA\r\n0123456789\r\n0\r\n\r\n",
         b"ab0123456789"),
    ],
)  # fmt: skip
def test_an_answer_is_whole_when_all_of_it_is_there(head, rest, body):
    data = HEAD + head + rest

    assert requesting._whole(data, len(HEAD + head)) == body


def test_an_answer_without_a_length_is_wrong():
    with pytest.raises(Wrong, match="without a length"):
        requesting._whole(HEAD + b"\r\n", len(HEAD) + 2)


def test_one_after_the_other(port):
    request = payloads.request(port, "POST", "/api/change-ticker", payloads.CHANGE)
    load = requesting.serial(port, request, payloads.CHANGED.__eq__, 30)

    assert len(load.times) == 30
    assert load.asked == 33
    assert 0 < load.at_us(0.5) <= load.at_us(0.99)


def test_many_at_once(port):
    request = payloads.request(port, "POST", "/api/change-ticker", payloads.CHANGE)
    load = requesting.crowd(port, request, payloads.CHANGED.__eq__, 8, 0.1)

    assert load.asked >= len(load.times) > 8
    assert load.rate > 0


@pytest.mark.parametrize(("target", "body"), [("/ping", b"{}"), ("/nothing", payloads.PING)])
def test_a_wrong_answer_is_no_time(port, target, body):
    with pytest.raises(Wrong, match="not the answer"):
        requesting.serial(port, payloads.request(port, "GET", target), body.__eq__, 3)
