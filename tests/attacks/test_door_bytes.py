"""Any bytes, cut anywhere, into `serve`: what reaches the terminal was whole and allowed, once.

A second reader of HTTP stands here, written from RFC 9112 and sharing nothing with the door: what
it does not read as a request the terminal must never see. Each request carries a number of its own,
those that are hidden in another one as well. FUZZ_EXAMPLES in the environment makes it longer.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from relay.config import Config
from relay.core.known import Known
from relay.core.places import HOME_VARIABLE, TERMINAL_VARIABLE, load_exchanges
from relay.core.relay import Relay
from relay.edges import front, serving, web
from relay.edges.web import Rules
from relay.metascalp.simulator import Simulator

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
#: Nothing the door does by itself takes longer, but for a head or a body that does not come.
LIMIT_S = 5.0
#: How long nothing has to come until a client takes it that nothing will.
QUIET_S = 0.06
PASS_S = 2.0

fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=timedelta(seconds=30),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
pytestmark = pytest.mark.timeout(60 + EXAMPLES)

NUMBER = re.compile(rb"7\d{8}")
numbers = itertools.count(700_000_001)


@dataclass
class Doors:
    """Two doors to one terminal; at the second every request is served by aiohttp."""

    simulator: Simulator
    ports: tuple[int, int] = (0, 0)
    permitted: set[bytes] = field(default_factory=set)

    def reached(self) -> list[bytes]:
        """The numbers of all requests the terminal remembers."""
        rows = list(self.simulator.record.requests)
        return [one for row in rows for one in set(NUMBER.findall(row.query.encode() + row.body))]


class Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.getMessage()} {record.exc_info}")


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """Both doors, beside the test; nothing unforeseen may have happened in them by the end."""
    ready, stop, made, complaints = threading.Event(), threading.Event(), [], Complaints()
    read = front.Fronts.read

    def second_hands(self: front.Fronts, data: bytes) -> front.Known:
        known = read(self, data)
        return replace(known, is_plain=False) if self.port == made[0].ports[1] else known

    async def run() -> None:
        rules = Rules(auth="local", pass_s=PASS_S)
        async with Simulator(port=0, rate=0.0) as simulator:
            config = Config(terminal=f"127.0.0.1:{simulator.port}")
            async with (
                Relay(config, load_exchanges(), Known(None)) as relay,
                web.door(relay, 0, rules) as one,
                web.door(relay, 0, rules) as other,
            ):
                ports = tuple(int(url.rpartition(":")[2]) for url in (one, other))
                made.append(Doors(simulator, ports))  # type: ignore[arg-type]
                ready.set()
                await asyncio.to_thread(stop.wait)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("home")))
        patch.delenv(TERMINAL_VARIABLE, raising=False)
        patch.setattr(front, "HEAD_S", 0.5)
        patch.setattr(front, "BODY_S", 0.5)
        patch.setattr(serving, "BODY_S", 0.5)
        patch.setattr(front.Fronts, "read", second_hands)
        logging.getLogger().addHandler(complaints)
        thread = threading.Thread(target=lambda: asyncio.run(run()))
        thread.start()
        assert ready.wait(20)
        try:
            yield made[0]
        finally:
            stop.set()
            thread.join(20)
            logging.getLogger().removeHandler(complaints)
    assert complaints.said == []


# What the bytes are made of. "PORT" stands for the door's own, "N" for a number of its own.

JSON = b"Content-Type: application/json"
HOSTS = st.sampled_from([b"Host: 127.0.0.1:PORT"] * 12 + [
    b"Host: localhost:PORT", b"host:127.0.0.1:PORT", b"Host: evil.example:PORT", b"Host: 127.0.0.1",
    b"Host:", b"X: y", b"Host: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT", b"Host : 127.0.0.1:PORT",
    b"Host: 127.0.0.1:PORT, evil.example", b"Host: 127.0.0.1:PORT@evil.example",
])  # fmt: skip
TARGETS = st.sampled_from([b"/api/connections/1/orders?n=N"] * 8 + [
    b"/api/connections/1/orders/cancel?n=N", b"/api/change-ticker?n=N", b"/api/nowhere?n=N",
    b"/ping?n=N", b"/relay/open?n=N", b"/relay/status?n=N", b"/?n=N", b"//api/x?n=N",
    b"/api/../ping?n=N", b"/api/%2e%2e/ping?n=N", b"/api/a%2fb?n=N", b"http://127.0.0.1/ping?n=N",
    b"*", b"/api/x#N", b"/api/x?n=N relay", b"/api/x?n=N\x7f", b"/api/\xd1\x8f?n=N", b"api?n=N",
    b"/API/Connections?n=N", b"/api/connections/1/orders?n=N&relay_keys=both",
    b"/api/connections/1/orders?n=N&relay_keys=%00",
])  # fmt: skip
METHODS = st.sampled_from([b"POST"] * 9 + [
    b"GET", b"GET", b"GET", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"PATCH", b"TRACE", b"post",
    b"PO ST", b"", b"GETPOSTGETPOSTGETPOST",
])  # fmt: skip
VERSIONS = st.sampled_from([b" HTTP/1.1"] * 14 + [
    b" HTTP/1.0", b" HTTP/2.0", b" HTTP/1.2", b"", b" http/1.1", b"  HTTP/1.1", b" HTTP/1.1 ",
])  # fmt: skip
ODD_FIELDS = st.lists(st.sampled_from([
    b"Connection: close", b"Connection: keep-alive", b"Connection: Transfer-Encoding",
    b"Expect: 100-continue", b"Upgrade: websocket\r\nConnection: Upgrade", b"Upgrade: h2c",
    b"Origin: null", b"Origin:", b"Sec-Fetch-Site: same-origin", b"Sec-Fetch-Mode: cors",
    b"X-Relay-Keys: both", b"X-Relay-Keys: none", b"X-Relay-Terminal: 127.0.0.1:PORT",
    b"X-Relay-Terminal: \xff", b"X-Relay-Token: x", b"Authorization: Bearer x",
    b" folded: line", b"\tfolded", b"no colon", b": no name", b"X: \x00", b"X: \x0b", b"X: a\rb",
    b"X: a\nContent-Length: 0", b"Content_Length: 0", b"X:" + b" " * 300, b"A: " + b"b" * 3000,
    b"Cookie: a=b", b"Content-Encoding: gzip", b"X-HTTP-Method-Override: DELETE", b"Trailer: X",
    b"Content-Type: text/plain", b"Te: trailers", b"X: \xff\xfe",
]), max_size=2)  # fmt: skip
TYPES = st.sampled_from([JSON] * 12 + [
    b"Content-Type: application/json; charset=utf-8", b"content-type:application/json",
    b"Content-Type: text/plain", b"Content-Type: application/x-www-form-urlencoded", b"X: z",
])  # fmt: skip
LENGTHS = st.sampled_from(["{0}"] * 12 + [
    "{1}", "{2}", "+{0}", "0{0}", "0x{3:x}", "-1", "", "{0}, {0}", "{0}\r\nContent-Length: {0}",
    "{0}\r\nContent-Length: 0", "1e2", " {0} ", "99999999999999999999", "1048577", "{0};", "٣",
])  # fmt: skip
CODINGS = st.sampled_from([b"chunked"] * 8 + [
    b"Chunked", b"identity", b"gzip, chunked", b"chunked, chunked", b"xchunked", b"\x0bchunked",
    b"chunked\r\nContent-Length: 5", b"chunked\r\nTransfer-Encoding: identity", b" chunked ", b"",
    b"chunked;q=1", b'"chunked"',
])  # fmt: skip
BODIES = st.sampled_from([
    b'{"ticker":"BTCUSDT","side":1,"type":0,"price":N,"size":0.01}',
    b'{"Ticker":"BTCUSDT","Side":"buy","Price":"N","Size":"0.01"}',
    b'{"ticker":"BTCUSDT","orderId":N,"type":0}', b'{"exchange":2,"market":2,"ticker":"N"}',
    b'{"ticker":"BTCUSDT","side":1,"price":N,"size":1,"sise":2}', b'{"price":N', b"N", b"[N]", b"",
    b'\xef\xbb\xbf{"price":N}', b'{"ticker":"BTCUSDT","price":N,"price":1}', b'{"price":"\xff N"}',
])  # fmt: skip
SIZES = st.sampled_from(["{0:x}"] * 12 + [
    "{0:X}", "000{0:x}", "{0:x};a=b", "{0:x} ", "0x{0:x}", "+{0:x}", "-{0:x}", "{1:x}", "{2:x}",
    "", "ffffffffffffffff", "{0:x}\n", "g", "{0:x};a=\"\r\n\"", " {0:x}",
])  # fmt: skip
ENDS = st.sampled_from([b"0\r\n\r\n"] * 8 + [
    b"0\r\nX: y\r\n\r\n", b"0\r\nContent-Length: 9\r\n\r\n", b"0\r\n", b"00\r\n\r\n", b"0\n\n", b"",
    b"0;x\r\n\r\n", b"0\r\n\r\n\r\n",
])  # fmt: skip


@st.composite
def requests(draw: Callable[..., Any], inner: bool = True) -> bytes:
    """One request, in order or not; in its body now and then another one."""
    body = draw(BODIES)
    if inner and draw(st.integers(0, 4)) == 0:
        body = draw(st.sampled_from([b"", b"0\r\n\r\n", b"{}"])) + draw(requests(False)) + body
    fields = [draw(HOSTS), draw(TYPES), *draw(ODD_FIELDS)]
    size = len(number(body))
    framing = draw(st.sampled_from(["length"] * 3 + ["chunks"] * 2 + ["none", "both"]))
    if framing in ("length", "both"):
        length = draw(LENGTHS).format(size, size + 1, max(size - 1, 0), size)
        fields.append(b"Content-Length: " + length.encode())
    if framing in ("chunks", "both"):
        fields.append(b"Transfer-Encoding: " + draw(CODINGS))
        cut = draw(st.integers(0, len(body)))
        parts = [part for part in (body[:cut], body[cut:]) if part]
        body = b"".join(chunk(draw, part) for part in parts) + draw(ENDS)
    order = draw(st.permutations(fields))
    end = draw(st.sampled_from([b"\r\n"] * 15 + [b"\n"]))
    first = draw(METHODS) + b" " + draw(TARGETS) + draw(VERSIONS)
    lines = [draw(st.sampled_from([b""] * 15 + [b"\r\n", b"\n"])) + first, *order]
    return end.join([*lines, b"", b""]) + body


def chunk(draw: Callable[..., Any], part: bytes) -> bytes:
    size = len(number(part))
    head = draw(SIZES).format(size, size + 1, max(size - 1, 0))
    return head.encode() + b"\r\n" + part + draw(st.sampled_from([b"\r\n"] * 12 + [b"", b"\n"]))


def number(text: bytes) -> bytes:
    """As long as it will be: each N is nine digits."""
    return text.replace(b"N", b"700000000")


@st.composite
def streams(draw: Callable[..., Any]) -> bytes:
    """What a client sends on one connection: requests behind one another, then perhaps damaged."""
    data = b"".join(draw(st.lists(requests(), min_size=1, max_size=3)))
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 1, 2]))):
        at = draw(st.integers(0, len(data)))
        new = draw(
            st.sampled_from([b"", b"\r", b"\n", b"\r\n", b"\x00", b" ", b":", b"\xff", b"0"])
        )
        data = data[:at] + new + data[at + draw(st.integers(0, 2)) :]
    return data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 9)) == 0 else data


CUTS = st.lists(st.floats(0, 1), max_size=6)


def prepared(data: bytes, port: int) -> bytes:
    """The bytes for one door, with numbers that no other request has ever had."""
    data = data.replace(b"PORT", b"%5d" % port)
    return re.sub(rb"N", lambda _: b"%d" % next(numbers), data)


# The second reader.

LINE = re.compile(rb"([A-Z]+) (/[!-\[\]-~]*) HTTP/1\.([01])")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\x00-\x08\x0b-\x1f\x7f]*?)[ \t]*")


def readable(data: bytes, port: int) -> Iterator[bytes]:
    """Every request in the bytes that is whole and may come in, as target and body in one; up to
    the first that is not, and not beyond one that ends its connection."""
    while data:
        while data.startswith(b"\r\n"):
            data = data[2:]
        head, blank, rest = data.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        line = LINE.fullmatch(lines[0])
        fields = [FIELD.fullmatch(one) for one in lines[1:]]
        if not blank or line is None or not all(fields):
            return
        named: dict[bytes, list[bytes]] = {}
        for match in fields:
            assert match
            named.setdefault(match[1].lower(), []).append(match[2])
        body = body_in(named, rest)
        if body is None or not may_enter(line[2], named, port, has_body=bool(body[0])):
            return
        yield line[2] + b" " + body[0]
        closes = any(value.lower() == b"close" for value in named.get(b"connection", ()))
        second_hand = {b"transfer-encoding", b"expect", b"upgrade"} & named.keys()
        if closes or second_hand or line[3] == b"0" or line[2].startswith((b"/relay/", b"/?")):
            return
        data = rest[body[1] :]


def body_in(named: dict[bytes, list[bytes]], rest: bytes) -> tuple[bytes, int] | None:
    """The body and how many bytes it takes; None when it is not whole or has no single length."""
    lengths, codings = named.get(b"content-length", []), named.get(b"transfer-encoding", [])
    if len(lengths) + len(codings) > 1:
        return None
    if codings:
        return chunks_in(rest) if codings[0].lower() == b"chunked" else None
    text = lengths[0] if lengths else b"0"
    if not re.fullmatch(rb"[0-9]+", text) or len(rest) < int(text):
        return None
    return rest[: int(text)], int(text)


def chunks_in(rest: bytes) -> tuple[bytes, int] | None:
    body, at = b"", 0
    while match := re.compile(rb"([0-9A-Fa-f]{1,8})([ \t]*;[^\r\n]*|[ \t]*)\r\n").match(rest, at):
        size, at = int(match[1], 16), match.end()
        if size == 0:
            trailers = re.compile(rb"([^\r\n]+\r\n)*\r\n").match(rest, at)
            return (body, trailers.end()) if trailers else None
        if rest[at + size : at + size + 2] != b"\r\n":
            return None
        body, at = body + rest[at : at + size], at + size + 2
    return None


def may_enter(target: bytes, named: dict[bytes, list[bytes]], port: int, *, has_body: bool) -> bool:
    hosts = [b"127.0.0.1:%d" % port, b"localhost:%d" % port]
    page = [name for name in named if name == b"origin" or name.startswith(b"sec-fetch-")]
    types = [value.partition(b";")[0].strip().lower() for value in named.get(b"content-type", [])]
    path = target.partition(b"?")[0].lower()
    bad = b"//" in path or b".." in path or b"%2" in path or b"%5c" in path or b"#" in target
    right = len(named.get(b"host", [])) == 1 and named[b"host"][0] in hosts
    packed = named.get(b"content-encoding", []) and has_body
    typed = types == [b"application/json"] and not packed
    single = len(types) < 2 and len(named.get(b"content-encoding", [])) < 2
    return right and not page and not bad and single and (not has_body or typed)


# A client.


def exchange(port: int, data: bytes, cuts: list[float], patience_s: float = QUIET_S * 3) -> bytes:
    """All that is answered to the bytes, sent in pieces, until it is quiet so long, or closed."""
    ends, edges = time.monotonic() + LIMIT_S, sorted(int(cut * len(data)) for cut in cuts)
    said = b""
    with socket.create_connection(("127.0.0.1", port), LIMIT_S) as one:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(ConnectionError):
            for start, end in itertools.pairwise([0, *edges, len(data)]):
                one.sendall(data[start:end])
                time.sleep(0.0005)
            quiet_since = time.monotonic()
            one.settimeout(QUIET_S)
            while time.monotonic() - quiet_since < patience_s:
                with suppress(TimeoutError):
                    part = one.recv(1 << 16)
                    if not part:
                        return said
                    said, quiet_since = said + part, time.monotonic()
                    continue
                if said and complete(said):
                    break
            one.shutdown(socket.SHUT_WR)
            one.settimeout(max(0.01, ends - time.monotonic()))
            while part := one.recv(1 << 16):
                said += part
    return said


def complete(said: bytes) -> bool:
    return said.startswith(b"HTTP/1.1 ") and b"\r\n\r\n" in said


def statuses(said: bytes) -> list[int]:
    """The status of each answer. Each must be whole, but for one that its client has cut short."""
    found = []
    while said:
        head, blank, said = said.partition(b"\r\n\r\n")
        assert blank, head
        lines = head.split(b"\r\n")
        version, status, *_ = lines[0].split(b" ")
        assert version in (b"HTTP/1.1", b"HTTP/1.0"), "as the client has asked"
        found.append(int(status))
        named = {name.lower(): value for name, _, value in (one.partition(b": ") for one in lines)}
        assert not any(name.startswith(b"access-control") for name in named)
        if named.get(b"transfer-encoding") == b"chunked":
            whole = chunks_in(said)
            assert whole is not None, said
            said = said[whole[1] :]
        elif int(status) >= 200:
            length = int(named.get(b"content-length", b"0"))
            said = said[length:] if len(said) >= length or b"close" not in head else b""
    return found


def check_reached(doors: Doors) -> None:
    reached = doors.reached()

    assert set(reached) - doors.permitted == set()
    assert len(reached) == len(set(reached)), "nothing twice"


def check_next_client(doors: Doors) -> None:
    for port in doors.ports:
        hello = b"GET /ping HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n" % port
        started = time.monotonic()
        assert exchange(port, hello, [], LIMIT_S).startswith(b"HTTP/1.1 200")
        assert time.monotonic() - started < LIMIT_S


@given(data=streams(), cuts=CUTS, second=st.booleans())
@fuzzed
def test_what_reaches_the_terminal_was_whole_and_allowed(
    doors: Doors, data: bytes, cuts: list[float], second: bool
) -> None:
    port = doors.ports[second]
    sent = prepared(data, port)
    for one in readable(sent, port):
        doors.permitted |= set(NUMBER.findall(one))
    started = time.monotonic()

    statuses(exchange(port, sent, cuts))

    assert time.monotonic() - started < LIMIT_S
    check_next_client(doors)
    check_reached(doors)


@given(data=st.binary(max_size=400), cuts=CUTS)
@fuzzed
def test_bytes_that_are_nothing_reach_nobody(doors: Doors, data: bytes, cuts: list[float]) -> None:
    data = re.sub(rb"7\d{8}", b"7", data)

    said = exchange(doors.ports[0], data, cuts)

    assert all(400 <= status < 500 for status in statuses(said))
    check_reached(doors)


@given(data=requests(), cuts=CUTS)
@fuzzed
def test_both_hands_say_the_same_to_the_same_bytes(
    doors: Doors, data: bytes, cuts: list[float]
) -> None:
    """The front serves what is plain by itself, aiohttp the rest: by rights nobody could tell."""
    verdicts, arrived = [], []
    for port in doors.ports:
        sent = prepared(data, port)
        parts = list(readable(sent, port))
        doors.permitted |= set(NUMBER.findall(b"".join(parts)))
        mine = set(NUMBER.findall(b"".join(parts[:1])))
        verdicts.append(statuses(exchange(port, sent, cuts, LIMIT_S))[:1])
        check_next_client(doors)
        arrived.append(len(set(doors.reached()) & mine))

    assert verdicts[0] == verdicts[1]
    assert arrived[0] == arrived[1]


def test_what_is_in_order_arrives(doors: Doors) -> None:
    """Else the rest would prove nothing: plain, in chunks, several at once, cut at every byte."""
    body = b'{"ticker":"BTCUSDT","side":1,"type":0,"price":N,"size":0.01}'
    head = b"POST /api/connections/1/orders HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n" + JSON
    size = len(number(body))
    plain = head + b"\r\nContent-Length: %d\r\n\r\n" % size + body
    chunked = head + b"\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (size, body)
    slowly = [n / 200 for n in range(200)]
    for port, served in zip(doors.ports, (2, 1), strict=True):  # aiohttp serves one and closes.
        for data, cuts, most in ((plain + plain, [], served), (chunked, slowly, 1)):
            sent = prepared(data, port)
            wanted = NUMBER.findall(b"".join(readable(sent, port)))
            doors.permitted |= set(wanted)
            exchange(port, sent, cuts, LIMIT_S)

            assert set(wanted[:most]) <= set(doors.reached())
            assert len(wanted) >= most
    check_reached(doors)


@pytest.mark.parametrize("second", [False, True], ids=["the front", "aiohttp"])
@pytest.mark.parametrize("part", ["head", "body"])
def test_who_sends_a_byte_now_and_then_has_no_more_time_and_is_in_nobodys_way(
    doors: Doors, second: bool, part: str
) -> None:
    port = doors.ports[second]
    body = json.dumps({"ticker": "BTCUSDT", "side": 1, "price": 1, "size": 1}).encode()
    head = prepared(
        b"POST /api/connections/1/orders?n=N HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n" + JSON
        + b"\r\nContent-Length: %d\r\n\r\n" % len(body), port,
    )  # fmt: skip
    begun = head[:40] if part == "head" else head + body[:5]
    slow = [socket.create_connection(("127.0.0.1", port), LIMIT_S) for _ in range(40)]
    try:
        for one in slow:
            one.sendall(begun)
        started = time.monotonic()
        open_ = set(slow)
        while open_ and time.monotonic() < started + LIMIT_S:
            for one in list(open_):
                one.settimeout(0.001)
                try:
                    one.sendall(b"X")
                    said = one.recv(4096)
                except TimeoutError:
                    continue
                except ConnectionError:
                    said = b""
                assert said == b"" or said.startswith(b"HTTP/1.1 408")
                open_.discard(one)
            check_next_client(doors)

        assert not open_, "all were told that it took too long"
    finally:
        for one in slow:
            one.close()
    check_reached(doors)
