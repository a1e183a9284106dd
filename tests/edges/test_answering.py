"""An answer is passed on as it comes: in parts, in chunks, to its end; once asked is once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from server import Server, free_port, hang, json_answer, serving
from until import until

from relay.edges import answering
from relay.edges.answering import response_head
from relay.edges.web import Rules
from relay.metascalp.pipe import Pipe, Pipes
from relay.metascalp.simulator import Simulator

from .doors import answer, ask, commands, line, opened, request

PING, NONE = json_answer('{"app":"MetaScalp"}'), json_answer('{"connections":[]}')
ORDERS = "/api/connections/1/orders"
ORDER = b'{"ticker":"BTCUSDT","side":1,"price":60000,"size":0.01}'
Talk = Callable[[asyncio.StreamWriter], Awaitable[None]]


def stand_in(servers: list[Server], answer: bytes | Talk) -> Talk:
    """A terminal that answers everything else with this."""

    async def talk(writer: asyncio.StreamWriter) -> None:
        last = servers[0].requests[-1]
        if b" /ping " in last or b" /api/connections " in last:
            writer.write(PING if b" /ping " in last else NONE)
        elif callable(answer):
            await answer(writer)
        else:
            writer.write(answer)

    return talk


def closing_once(servers: list[Server]) -> Talk:
    """A terminal that closes the connection instead of answering the second request."""
    closing = [False, True, False]

    async def send(writer: asyncio.StreamWriter) -> None:
        if closing.pop(0):
            writer.close()
        else:
            writer.write(json_answer("{}"))

    return stand_in(servers, send)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ANSWERS = {
    "length": (HEAD + b"Content-Length: 9\r\n\r\n" + b'{"a":1.0}', b'{"a":1.0}'),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n5\r\n:1.0}\r\n0\r\n\r\n",
               b'{"a":1.0}'),
    "no length": (HEAD + b"Connection: close\r\n\r\n" + b'{"a":1.0}', b'{"a":1.0}'),
    "empty": (HEAD + b"Content-Length: 0\r\n\r\n", b""),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "continue first": (b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD
                       + b"Content-Length: 2\r\n\r\n{}", b"{}"),
    "cross-origin": (HEAD + b"Access-Control-Allow-Origin: *\r\nSet-Cookie: a=b\r\nServer: x\r\n"
                     b"Content-Length: 2\r\n\r\n{}", b"{}"),
}  # fmt: skip


@pytest.mark.parametrize("keys", ["asis", "camel"])
@pytest.mark.parametrize("name", ANSWERS)
async def test_whatever_form_an_answer_has_it_arrives(home: Path, name: str, keys: str):
    said, body = ANSWERS[name]
    servers: list[Server] = []

    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        if name == "no length":
            await writer.drain()
            writer.close()

    async with serving(stand_in(servers, send)) as server:
        servers.append(server)
        async with opened(server.port, Rules("local", keys)) as url, line(url) as (reader, writer):
            for _ in range(2):
                writer.write(request(url, "/api/thing"))
                async with asyncio.timeout(5):
                    status, headers, got = await answer(reader)
                assert (status, got) == (204 if name == "no content" else 200, body)
                assert not {one for one in headers if one.startswith("access-control")}
                assert not {"server", "set-cookie"} & set(headers)


@pytest.mark.parametrize(("keys", "status"), [("asis", 200), ("camel", 504)])
async def test_an_answer_that_is_cut_off_never_looks_whole(home: Path, keys: str, status: int):
    servers: list[Server] = []

    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b'Content-Length: 99\r\n\r\n{"a":1')
        await writer.drain()
        writer.close()

    async with serving(stand_in(servers, send)) as server:
        servers.append(server)
        async with opened(server.port, Rules("local", keys)) as url, line(url) as (reader, writer):
            writer.write(request(url, "/api/thing"))
            head = await reader.readuntil(b"\r\n\r\n")
            rest = await reader.read() if status == 200 else b""

    assert head.split()[1] == str(status).encode()
    assert (b"Content-Length: 99" in head and len(rest) < 99) == (status == 200)


@pytest.mark.parametrize("keys", ["asis", "camel"])
async def test_an_answer_that_still_comes_is_not_given_up(home: Path, keys: str):
    """Longer in all than the terminal may be silent."""
    body = b'{"a":"' + b"x" * 300 + b'"}'
    servers: list[Server] = []

    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(body))
        for at in range(0, len(body), 10):
            writer.write(body[at : at + 10])
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(stand_in(servers, send)) as server:
        servers.append(server)
        rules = Rules("local", keys, pass_s=0.6)
        async with opened(server.port, rules) as url, line(url) as (reader, writer):
            writer.write(request(url, "/api/thing"))
            async with asyncio.timeout(10):
                status, _, got = await answer(reader)

    assert (status, got) == (200, body)


@pytest.mark.parametrize(("keys", "status"), [("asis", 200), ("camel", 504)])
async def test_an_answer_that_stops_coming_is_given_up(home: Path, keys: str, status: int):
    servers: list[Server] = []

    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b'Content-Length: 99\r\n\r\n{"a":1')
        await hang(writer)

    async with serving(stand_in(servers, send)) as server:
        servers.append(server)
        rules = Rules("local", keys, pass_s=0.2)
        async with opened(server.port, rules) as url, line(url) as (reader, writer):
            writer.write(request(url, "/api/thing"))
            async with asyncio.timeout(5):
                head = await reader.readuntil(b"\r\n\r\n")
                rest = await reader.read() if status == 200 else b""

    assert head.split()[1] == str(status).encode()
    assert len(rest) < 99


async def test_a_get_on_a_connection_that_was_closed_meanwhile_is_asked_once_more(home: Path):
    servers: list[Server] = []
    async with serving(closing_once(servers)) as server:
        servers.append(server)
        async with opened(server.port) as url, line(url) as (reader, writer):
            for _ in range(2):
                writer.write(request(url, "/api/thing"))
                assert (await answer(reader))[0] == 200

    assert sum(b" /api/thing " in one for one in server.requests) == 3


@pytest.mark.parametrize("whose", ["127.0.0.1:{beta}", "localhost:{ours}"])
async def test_a_terminal_that_is_named_is_asked_on_a_connection_that_was_kept(
    home: Path, whose: str, monkeypatch: pytest.MonkeyPatch
):
    """Found 2026-12: each request opened one of its own, and 64 of them stayed."""
    opens: list[int] = []
    opened_one = Pipes.open

    async def opens_one(self: Pipes) -> Pipe:
        opens.append(self.port)
        return await opened_one(self)

    monkeypatch.setattr(Pipes, "open", opens_one)
    async with (
        Simulator(rate=0.0) as ours,
        Simulator(rate=0.0) as beta,
        opened(ours.port) as url,
        line(url) as (reader, writer),
    ):
        named = f"X-Relay-Terminal: {whose.format(ours=ours.port, beta=beta.port)}"
        port = beta.port if "beta" in whose else ours.port
        assert (await ask(url, "GET", "/ping")).status == 200  # Ours is known from here on.
        for _ in range(4):
            writer.write(request(url, "/ping", named))
            status, headers, _ = await answer(reader)
            assert (status, headers["x-relay-terminal"]) == (200, f"127.0.0.1:{port}")

    assert opens == list(dict.fromkeys([ours.port, port]))


async def test_a_named_terminals_connection_that_was_closed_meanwhile_is_no_failure(home: Path):
    servers: list[Server] = []
    async with Simulator(rate=0.0) as ours, serving(closing_once(servers)) as server:
        servers.append(server)
        async with opened(ours.port) as url, line(url) as (reader, writer):
            named = f"X-Relay-Terminal: 127.0.0.1:{server.port}"
            for _ in range(2):
                writer.write(request(url, "/api/thing", named))
                assert (await answer(reader))[0] == 200

    assert sum(b" /api/thing " in one for one in server.requests) == 3


async def test_an_order_on_a_connection_that_was_closed_meanwhile_is_not(home: Path):
    servers: list[Server] = []
    async with serving(closing_once(servers)) as server:
        servers.append(server)
        async with opened(server.port) as url, line(url) as (reader, writer):
            for status in (200, 504):
                writer.write(request(url, ORDERS, method="POST", body=ORDER))
                assert (await answer(reader))[0] == status

    assert sum(one.startswith(b"POST") for one in server.requests) == 2


async def test_a_client_that_reads_nothing_holds_its_terminal_back_and_nobody_else(home: Path):
    servers: list[Server] = []
    sent = 0

    async def send(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(HEAD + b"Content-Length: 60000000\r\n\r\n")
        for _ in range(600):
            writer.write(b"x" * 100_000)
            await writer.drain()
            sent += 100_000

    async with serving(stand_in(servers, send)) as server:
        servers.append(server)
        async with opened(server.port) as url, line(url) as (reader, writer):
            reader._transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(request(url, "/api/flood"))
            before = -1
            while sent != before:
                before = sent
                await asyncio.sleep(0.3)
            assert sent < 40_000_000
            assert (await ask(url, "GET", "/ping")).status == 200

            reader._transport.resume_reading()  # type: ignore[attr-defined]
            async with asyncio.timeout(20):
                status, _, body = await answer(reader)
            assert (status, len(body)) == (200, 60_000_000)


async def test_a_client_that_goes_away_takes_its_connection_to_the_terminal_with_it(home: Path):
    servers: list[Server] = []
    gone = asyncio.Event()

    async def send(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await writer.wait_closed()
        gone.set()

    asked = asyncio.Event()
    async with serving(stand_in(servers, send)) as server:
        servers.append(server)
        async with opened(server.port) as url:
            async with line(url) as (_, writer):
                writer.write(request(url, "/api/slow"))
                await asked.wait()
            await until(lambda: servers[0].writers[-1].transport.is_closing() or gone.is_set())


async def test_a_terminal_that_restarts_is_found_again_by_the_next_request(home: Path):
    port = free_port()
    async with opened(port) as url, line(url) as (reader, writer):
        for _ in range(3):
            async with Simulator(port=port, rate=0.0) as sim:
                writer.write(request(url, ORDERS, method="POST", body=ORDER))
                status, headers, _ = await answer(reader)
                assert (status, headers["x-relay-terminal"]) == (200, f"127.0.0.1:{port}")
                assert sum(row["method"] == "POST" for row in sim.record.rows()) == 1  # type: ignore[call-overload, index, misc]
            writer.write(request(url, ORDERS, method="POST", body=ORDER))
            assert (await answer(reader))[0] in (503, 504)


async def test_json_that_is_nested_too_deep_is_refused_like_what_is_none(home: Path):
    """Found 2026-12: it could be read and not be written, and there was no answer at all."""
    body = b'{"settings":' + b"[" * 450 + b"]" * 450 + b"}"
    async with (
        Simulator(rate=0.0) as sim,
        opened(sim.port) as url,
        line(url) as (reader, writer),
        asyncio.timeout(5),
    ):
        writer.write(request(url, "/api/screener/templates/5", method="PUT", body=body))
        status, _, told = await answer(reader)

        assert (status, b'"code":"bad-params"' in told) == (400, True)
        assert not commands(sim)


async def test_a_fault_of_ours_before_anything_is_sent_is_said_and_the_connection_stays(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    def fails(*_: object) -> None:
        raise RuntimeError("a fault")

    async with (
        Simulator(rate=0.0) as sim,
        opened(sim.port) as url,
        line(url) as (reader, writer),
        asyncio.timeout(5),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(answering, "prepared", fails)
            writer.write(request(url, ORDERS, method="POST", body=ORDER))
            status, _, told = await answer(reader)
        writer.write(request(url))

        assert (status, b"nothing was sent" in told) == (500, True)
        assert (await answer(reader))[0] == 200
        assert not commands(sim)


def test_a_status_nobody_knows_has_no_words():
    assert response_head(299, {}, "0").startswith(b"HTTP/1.1 299 \r\n")
    assert response_head(200, {"A": "\u9f99"}, None) == b"HTTP/1.1 200 OK\r\nA: ?\r\n\r\n"
