"""One form of a head is taken, and nothing that two readers could read in two ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.head import END, MAX_FIELDS, BadHead, Head, parse

GOOD = b"GET /ping?a=%20 HTTP/1.1\r\nHost: 127.0.0.1:17860\r\nX-Relay-Keys:\t both \r\nA:\r\n\r\n"


def test_a_head_is_its_method_target_and_fields_in_order():
    assert parse(GOOD) == Head(
        "GET",
        "/ping?a=%20",
        (("host", "127.0.0.1:17860"), ("x-relay-keys", "both"), ("a", "")),
    )
    assert parse(b"POST / HTTP/1.0\r\n\r\n") == Head("POST", "/", (), 0)
    assert parse(b"GET / HTTP/1.1\r\nA: 1\r\nA: 2\r\n\r\n").count("a") == 2
    assert parse("GET / HTTP/1.1\r\nA: \xe9\r\n\r\n".encode("latin-1")).get("a") == "\xe9"


NO_FORM = [
    b"",
    b"\r\n\r\n",
    b"GET /ping\r\n\r\n",
    b"GET /ping HTTP/2.0\r\n\r\n",
    b"GET /ping HTTP/1.2\r\n\r\n",
    b"GET /ping HTTP/0.9\r\n\r\n",
    b"GET  /ping HTTP/1.1\r\n\r\n",
    b"GET /a b HTTP/1.1\r\n\r\n",
    b" GET /ping HTTP/1.1\r\n\r\n",
    b"GET /ping HTTP/1.1 \r\n\r\n",
    b"G\xc3\x8bT / HTTP/1.1\r\n\r\n",
    b"GET /\xe9 HTTP/1.1\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\n\r\n",
    b"\r\nGET / HTTP/1.1\r\n\r\n",
    b"GET / http/1.1\r\n\r\n",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n\tfolded\r\n\r\n",
    b"GET / HTTP/1.1\r\n Host: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHo st: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost\r\n\r\n",
    b"GET / HTTP/1.1\r\n: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\x00\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\x0b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\x7f\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost\x00: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nTransfer-Encoding\x0b: chunked\r\n\r\n",
    b"GET / HTTP/1.1\r\nTransfer\xc3\xa9: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nA: b\r\n\r\nmore\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * (MAX_FIELDS + 1) + b"\r\n",
]


@pytest.mark.parametrize("data", NO_FORM)
def test_what_is_in_no_form_or_another_is_refused(data: bytes):
    with pytest.raises(BadHead):
        parse(data)


def test_a_target_with_letters_that_are_not_escaped_is_told_what_to_do():
    target = "/api/connections/1/orders?Ticker=龙虾_USDT"
    with pytest.raises(BadHead, match="percent-encode the target"):
        parse(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    with pytest.raises(BadHead, match="not a request"):
        parse("G\u00cbT / HTTP/1.1\r\nHost: a\r\n\r\n".encode())


def test_a_socket_is_asked_for_where_there_is_one():
    upgrade = (("upgrade", "WebSocket"),)

    assert Head("GET", "/?relay_keys=camel", upgrade).is_upgrade
    assert not Head("POST", "/", upgrade).is_upgrade
    assert not Head("GET", "/api/connections", upgrade).is_upgrade
    assert not Head("GET", "/", (("upgrade", "h2c"),)).is_upgrade


def test_a_connection_stays_unless_it_is_said_otherwise():
    assert Head("GET", "/", ()).keeps_alive
    assert not Head("GET", "/", (("connection", "Close"),)).keeps_alive
    assert not Head("GET", "/", (("connection", "keep-alive,\tclose"),)).keeps_alive
    assert not Head("GET", "/", (("connection", "a"), ("connection", "CLOSE , b"))).keeps_alive
    assert Head("GET", "/", (("connection", "keep-alive, closed"),)).keeps_alive
    assert not Head("GET", "/", (), minor=0).keeps_alive


@given(st.binary(max_size=60))
def test_any_bytes_are_a_head_or_refused(data: bytes):
    try:
        head = parse(data + END)
    except BadHead:
        return
    assert data.startswith(head.method.encode() + b" " + head.target.encode())
