"""Any bytes on any route and any socket: a documented answer or a clean close, nothing on the
console, and the next client is served. FUZZ_EXAMPLES in the environment makes it longer."""

import json
import os
import re
import socket
import subprocess
import sys
from contextlib import closing, suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from relay.metascalp.simulator.control import HANDLERS
from relay.metascalp.simulator.messages import CLIENT
from relay.metascalp.simulator.rest import ROUTES

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
PATIENCE_S = 10
STATUSES = {200, 400, 404, 409, 501}
"""All that the documents know; OPTIONS has 204 besides."""

fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=timedelta(seconds=PATIENCE_S),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """The port of a simulator of its own, whose console must stay empty until the end."""
    console = tmp_path_factory.mktemp("console") / "stderr"
    with console.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "relay", "simulate", "--port", "0", "--quiet"],
            stdout=subprocess.PIPE, stderr=errors,
        )  # fmt: skip
        try:
            yield int(json.loads(process.stdout.readline())["url"].rpartition(":")[2])
            assert process.poll() is None, "it has ended"
        finally:
            process.terminate()
            out, _ = process.communicate()
    assert (out, console.read_bytes()) == (b"", b"")


@pytest.fixture(autouse=True)
def _the_next_client_is_served(port):
    yield
    status, body = answers(say(port, request("GET", "/ping")))[0]
    assert (status, body["app"]) == (200, "MetaScalp")


def say(port, data, last=True):
    """Everything that is said to some bytes, until the other side closes. last: it will by itself;
    otherwise it is told after a moment that no more bytes will come."""
    with closing(socket.create_connection(("127.0.0.1", port), PATIENCE_S)) as one:
        said = []
        try:
            one.sendall(data)
            if not last:
                one.settimeout(0.03)
                with suppress(TimeoutError):
                    said.extend(iter(lambda: one.recv(1 << 16), b""))
                one.settimeout(PATIENCE_S)
                with suppress(OSError):  # It may have closed already.
                    one.shutdown(socket.SHUT_WR)
            said.extend(iter(lambda: one.recv(1 << 16), b""))
        except (ConnectionResetError, BrokenPipeError):
            pass  # It closed before it had read all: a clean close too.
        return b"".join(said)


def request(method, path, body=b"", *headers):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    headers = headers or ("Connection: close",)
    return "\r\n".join([*lines, *headers, "", ""]).encode("utf-8", "surrogateescape") + body


def answers(data):
    """Status and JSON of every answer; each must be whole."""
    found = []
    while data:
        head, blank, data = data.partition(b"\r\n\r\n")
        assert blank, head
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
        size = int(headers.get("content-length", 0))
        assert len(data) >= size
        if size:
            assert headers["content-type"].startswith("application/json")
        body, data = data[:size], data[size:]
        found.append((int(first.split()[1]), json.loads(body, parse_float=Decimal) if body else {}))
    return found


def check(status, body, method="GET"):
    if method == "HEAD":
        return
    assert status in STATUSES | ({204} if method == "OPTIONS" else set())
    if status >= 400:
        assert isinstance(body["error"], str)
        assert set(body) <= {"error", "executionTimeMs"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["BTCUSDT", "1", "lines", "-1", "workspace", "1e99", "2026-04-13T10:00:00"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
HOLE = re.compile(r"\{\w+\}")
PATHS = sorted({one.path for one in ROUTES} | (set(HANDLERS) - {"/sim/fault"}))
FIELDS = sorted(
    {name for one in ROUTES for name in one.body.split()} | {"x1", "x2", "y", "y1", "y2"}
)
HOLES = ["1", "2", "4", "9", "11", "99", "-1", "0", "x", "lines", "%00", "../..", "9" * 30, ""]
BODIES = (
    st.binary(max_size=200)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6)
    .map(lambda body: json.dumps(body).encode())
)  # fmt: skip
PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)


@st.composite
def calls(draw):
    """A request to a route, its holes, query and body as they come."""
    path = draw(st.sampled_from(PATHS))
    holes = draw(st.lists(st.sampled_from(HOLES) | PLAIN, min_size=3, max_size=3))
    for hole in HOLE.findall(path):
        path = path.replace(hole, holes.pop().replace("?", "").replace("{", ""), 1)
    query = draw(
        st.sampled_from(["", "?", "?Ticker=BTCUSDT", "?Ticker=BTCUSDT&TimeFrame=M1"]) | PLAIN
    )
    extra = draw(
        st.sampled_from(
            [
                "",
                "&ZoomIndex=-9",
                "&DepthLevels=1e9",
                "&Columns=" + "9" * 40,
                "&DepthPercent=NaN",
                "&Leverage=0x1",
                "&windowType=chart",
            ]
        )
    )
    method = draw(
        st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "X"])
    )
    return method, path + query + extra, draw(BODIES)  # fmt: skip


@fuzzed
@given(calls())
@example(("POST", "/api/connections/1/orders", b'{"ticker":"BTCUSDT","side":1,"size":NaN}'))
@example(("GET", "/api/connections/1/cluster-snapshot?Ticker=BTCUSDT&TimeFrame=\xff", b""))
@example(("POST", "/api/combo", b"[" * 100_000))
@example(
    (
        "POST",
        "/api/screener/templates",
        b'{"name":"x","settings":%s}' % (b'{"a":' * 600 + b"5" + b"}" * 600),
    )
)
def test_any_request_to_any_route(port, call):
    method, path, body = call
    said = answers(say(port, request(method, path, body))) if method != "HEAD" else []

    assert len(said) == 1 or method in ("HEAD", "X")
    for status, reply in said:
        if path.startswith("/sim/"):
            assert status in STATUSES
        else:
            check(status, reply, method)


def lines(texts):
    return "\r\n".join(texts).encode()


@fuzzed
@given(st.binary(max_size=300) | st.lists(PLAIN, max_size=6).map(lines))
@example(b"GET / HTTP/9.9\r\n\r\n")
@example(b"GET /ping HTTP/1.1\r\nContent-Length: -1\r\n\r\n")
@example(b"GET /ping HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
@example(b"POST /api/combo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
@example(b"GET /ping HTTP/1.1\r\n" + b"X: y\r\n" * 40_000 + b"\r\n")
@example(b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n")
def test_any_bytes_instead_of_a_request(port, data):
    for status, reply in answers(say(port, data, last=False)):
        check(status, reply)


SHAKE = request(
    "GET", "/", b"", "Upgrade: websocket", "Connection: Upgrade",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13",
).replace(b"Content-Length: 0\r\n", b"")  # fmt: skip


def frame(payload, head=0x81):
    """A client's frame, masked with zeros."""
    size = len(payload)
    if size < 126:
        return bytes([head, 0x80 | size]) + bytes(4) + payload
    return bytes([head, 0xFE]) + size.to_bytes(2) + bytes(4) + payload


BYE = frame(b"", 0x88)
MESSAGES = st.builds(
    lambda kind, data: json.dumps({"Type": kind, "Data": data}).encode(),
    st.sampled_from(sorted(CLIENT)) | st.text(max_size=9),
    JSON
    | st.dictionaries(
        st.sampled_from(sorted({name.strip("!") for family, _ in CLIENT.values()
                                for name in family.data.split()})), JSON, max_size=6,
    ),
)  # fmt: skip


def spoken(port, data):
    """The texts of the frames that answer, and whether the other side closed as it should."""
    said = say(port, SHAKE + data + BYE, last=False)
    head, _, rest = said.partition(b"\r\n\r\n")
    if said:
        assert head.startswith(b"HTTP/1.1 101 ")
    texts = []
    while rest:
        kind, size = rest[0], rest[1]
        start = {126: 4, 127: 10}.get(size, 2)
        size = int.from_bytes(rest[2:start]) if size > 125 else size
        if len(rest) < start + size:
            break
        if kind == 0x81:
            texts.append(json.loads(rest[start : start + size], parse_float=Decimal))
        rest = rest[start + size :]
    return texts


@fuzzed
@given(st.lists(MESSAGES | BODIES, max_size=5))
@example([b'{"Type":"subscribe","Data":{"connectionId":1e400}}'])
@example(
    [b'{"Type":"trade_subscribe","Data":{"connectionId":1,"ticker":"BTCUSDT","zoomIndex":1e30}}']
)
def test_any_message_on_a_socket(port, messages):
    texts = spoken(port, b"".join(map(frame, messages)))

    for text in texts:
        assert set(text) == {"Type", "Data"}
        if text["Type"] == "error":
            assert set(text["Data"]) == {"error"}


@fuzzed
@given(st.binary(max_size=200))
@example(frame(b"x", 0x01) + frame(b"\xff", 0x80))
@example(frame(b"", 0x88) + frame(b"{"))
@example(bytes([0x81, 0xFF]) + (2**63 - 1).to_bytes(8) + bytes(4))
@example(frame(b"\xff\xfe"))
@example(frame(b"{" * 125, 0x89))
def test_any_bytes_on_a_socket(port, data):
    for text in spoken(port, data):
        assert set(text) == {"Type", "Data"}
