"""The terminal that measures: it answers, pours what it is told, and no further than it may."""

from __future__ import annotations

import json
import socket

import pytest

from relay.edges.benching import contenders, payloads, reading, requesting
from relay.edges.benching.reading import Readers


@pytest.fixture(scope="module")
def terminal():
    with contenders.terminal() as (_, port, control):
        yield port, control


def asked(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plug:
        plug.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0 or requesting._whole(data, end + 4) is None:
            data += plug.recv(65536)
    return data


@pytest.mark.parametrize(
    ("method", "target", "has"),
    [
        ("GET", "/ping", b'"App":"MetaScalp"'),
        ("GET", "/api/connections", b'"State": 2'),
        ("POST", "/api/change-ticker", b"true"),
        ("GET", "/api/connections/1/tickers?count=3", b"T000002USDT"),
    ],
)
def test_what_a_relay_asks_is_answered(terminal, method, target, has):
    answer = asked(terminal[0], payloads.request(terminal[0], method, target))

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert has in answer


def test_what_is_not_known_is_not_found(terminal):
    answer = asked(terminal[0], payloads.request(terminal[0], "GET", "/api/ui/state"))

    assert answer.startswith(b"HTTP/1.1 404 ")


def test_a_body_in_pieces_is_one_request(terminal):
    request = payloads.request(terminal[0], "POST", "/api/change-ticker", payloads.CHANGE)
    with socket.create_connection(("127.0.0.1", terminal[0]), timeout=5) as plug:
        for at in range(0, len(request), 40):
            plug.sendall(request[at : at + 40])
        plug.sendall(request)
        data = b""
        while data.count(payloads.CHANGED) < 2:
            data += plug.recv(65536)

    assert data == payloads.answer(payloads.CHANGED) * 2


def test_a_fresh_list_is_another_each_time_and_of_one_length(terminal):
    request = payloads.request(terminal[0], "GET", "/api/connections/1/tickers?fresh=1")
    first, second = (asked(terminal[0], request) for _ in range(2))

    assert first != second
    assert len(first) == len(second)


def test_pings_are_answered(terminal):
    plug = reading.opened(terminal[0], ["BTCUSDT"])
    reading.greeted(plug, 1)
    plug.sendall(payloads.masked(b"there?", opcode=9))

    assert reading.taken(plug, 8) == b"\x8a\x06there?"
    plug.close()


@pytest.mark.parametrize(("rate", "window"), [(0.0, 0), (0.0, 100), (20_000.0, 0)])
def test_each_reader_gets_exactly_what_is_poured(terminal, rate, window):
    port, control = terminal
    readers = Readers(port, 2)
    streams = [readers.read(control, 1000, rate, window) for _ in range(2)]
    readers.close()

    assert [one.counts for one in streams] == [[1000, 1000]] * 2


def test_all_topics_of_a_reader_take_turns(terminal):
    port, control = terminal
    names = [payloads.ticker(number) for number in range(3)]
    plug = reading.opened(port, names)
    reading.greeted(plug, 3)
    control.pour(6, 0.0, 0)
    told = [json.loads(reading.frame(plug))["Data"]["ticker"] for _ in range(6)]
    plug.close()

    assert told == names * 2


def test_nothing_is_poured_beyond_the_window(terminal):
    port, control = terminal
    plug = reading.opened(port, ["BTCUSDT"])
    reading.greeted(plug, 1)
    control.pour(1000, 0.0, 10)
    reading.taken(plug, 10 * payloads.FRAME_BYTES)
    plug.settimeout(0.2)
    with pytest.raises(TimeoutError):
        plug.recv(1)
    control.read(10)
    reading.taken(plug, 10 * payloads.FRAME_BYTES)
    plug.close()
