"""HTTP to a terminal, against a server that answers whatever bytes it is told."""

from __future__ import annotations

import asyncio
import gc

import pytest
from server import OK, free_port, hang, serving
from until import until

from relay.errors import TerminalGone, TerminalSilent
from relay.metascalp import http
from relay.metascalp.http import Http, Reply
from relay.metascalp.simulator import Simulator

LIMIT_S = 5.0
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n3\r\n!!!\r\n0\r\n\r\n"
NO_LENGTH = b"HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nok"


async def ask(port: int, method: str = "GET", body: bytes | None = None) -> Reply:
    async with Http("127.0.0.1", port) as client:
        return await client.request(method, "/ping", body, timeout_s=LIMIT_S)


async def close_after(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()
    writer.close()


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (OK, 200, b"ok"),
        (CHUNKED, 200, b"ok!!!"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"ok"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
        (OK + b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno", 200, b"ok"),
        (OK + b"garbage", 200, b"ok"),
    ],
)
async def test_a_whole_answer_is_read(raw: bytes, status: int, body: bytes) -> None:
    async with serving(raw) as server:
        reply = await ask(server.port)

    assert (reply.status, reply.body) == (status, body)


async def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    async with serving(lambda writer: close_after(writer, NO_LENGTH)) as server:
        reply = await ask(server.port)

    assert (reply.status, reply.body, reply.headers) == (200, b"ok", {"x-a": "1"})


async def test_an_answer_in_many_pieces_is_put_together() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        for byte in CHUNKED:
            writer.write(bytes([byte]))
            await writer.drain()

    async with serving(drip) as server:
        reply = await ask(server.port)

    assert reply.body == b"ok!!!"


async def test_connections_are_kept_and_used_again() -> None:
    async with serving(OK) as server, Http("127.0.0.1", server.port) as client:
        for _ in range(5):
            await client.request("GET", "/ping", timeout_s=LIMIT_S)

        assert (server.connections, len(server.requests)) == (1, 5)


async def test_requests_at_once_have_connections_of_their_own_and_only_some_are_kept() -> None:
    async with serving(OK) as server, Http("127.0.0.1", server.port) as client:
        async with asyncio.TaskGroup() as group:
            for _ in range(20):
                group.create_task(client.request("GET", "/ping", timeout_s=LIMIT_S))

        assert server.connections == 20
        assert len(client._kept) == http.KEPT


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        OK + b"more than was asked for",
    ],
)
async def test_a_connection_that_is_not_to_be_trusted_is_not_kept(raw: bytes) -> None:
    async with serving(raw) as server, Http("127.0.0.1", server.port) as client:
        for _ in range(2):
            await client.request("GET", "/ping", timeout_s=LIMIT_S)

        assert server.connections == 2


async def test_a_get_on_a_kept_connection_that_was_closed_is_sent_once_more() -> None:
    async with serving(OK, None, OK) as server, Http("127.0.0.1", server.port) as client:
        await client.request("GET", "/ping", timeout_s=LIMIT_S)
        reply = await client.request("GET", "/ping", timeout_s=LIMIT_S)

        assert reply.status == 200
        assert (server.connections, len(server.requests)) == (2, 3)


async def test_a_get_is_not_sent_a_third_time() -> None:
    async with serving(OK, None) as server, Http("127.0.0.1", server.port) as client:
        await client.request("GET", "/ping", timeout_s=LIMIT_S)
        with pytest.raises(TerminalSilent):
            await client.request("GET", "/ping", timeout_s=LIMIT_S)

        assert len(server.requests) == 3


async def test_a_post_is_never_sent_twice() -> None:
    """What changes the terminal may have been carried out before the connection broke."""
    async with serving(OK, None, OK) as server, Http("127.0.0.1", server.port) as client:
        await client.request("GET", "/ping", timeout_s=LIMIT_S)
        with pytest.raises(TerminalSilent, match="broke"):
            await client.request("POST", "/api/combo", b"{}", timeout_s=LIMIT_S)

        assert [request[:4] for request in server.requests] == [b"GET ", b"POST"]


async def test_a_connection_the_terminal_has_closed_is_not_used() -> None:
    async with serving(OK) as server, Http("127.0.0.1", server.port) as client:
        await client.request("POST", "/", b"{}", timeout_s=LIMIT_S)
        server.hang_up()
        await until(lambda: not client._kept)
        reply = await client.request("POST", "/", b"{}", timeout_s=LIMIT_S)

        assert (reply.status, server.connections) == (200, 2)


async def test_it_is_told_when_the_terminal_closes_what_is_kept_and_not_when_we_do() -> None:
    told: list[str] = []
    async with serving(OK) as server, Http("127.0.0.1", server.port) as client:
        client.ended = lambda: told.append("ended")
        await client.request("GET", "/", timeout_s=1)
        assert client._kept
        server.hang_up()
        await until(lambda: told)
        assert not client._kept
        await client.request("GET", "/", timeout_s=1)
        client.close()
        await client.request("GET", "/", timeout_s=1)

    assert told == ["ended"]


async def test_a_post_does_not_trust_an_old_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FRESH_S", -1.0)
    async with serving(OK) as server, Http("127.0.0.1", server.port) as client:
        await client.request("GET", "/ping", timeout_s=LIMIT_S)
        await client.request("POST", "/", b"{}", timeout_s=LIMIT_S)

        assert server.connections == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"\x00" * 100,
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
)  # fmt: skip
async def test_an_answer_that_is_cut_off_or_no_http_is_silence(raw: bytes) -> None:
    """It was sent, so it may have been carried out: never "failed"."""
    async with serving(lambda writer: close_after(writer, raw)) as server:
        with pytest.raises(TerminalSilent):
            await ask(server.port, "POST", b"{}")


async def test_a_body_beyond_the_limit_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BODY", 1)
    async with serving(OK) as server:
        with pytest.raises(TerminalSilent):
            await ask(server.port)


async def test_no_answer_in_time_is_silence_and_the_connection_is_dropped() -> None:
    async with serving(hang) as server, Http("127.0.0.1", server.port) as client:
        with pytest.raises(TerminalSilent, match="no answer in"):
            await client.request("GET", "/ping", timeout_s=0.05)

        assert client._kept == []


async def test_a_refused_connection_is_gone_and_nothing_was_sent() -> None:
    with pytest.raises(TerminalGone, match="nothing listens"):
        await ask(free_port())


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_terminal_that_went_away_is_gone(method: str) -> None:
    async with serving(OK) as server:
        client = Http("127.0.0.1", server.port)
        await client.request("GET", "/ping", timeout_s=LIMIT_S)
        server.hang_up()
        await until(lambda: not client._kept)
    with pytest.raises(TerminalGone):
        await client.request(method, "/ping", timeout_s=LIMIT_S)


async def test_an_answer_to_head_has_no_body_whatever_it_says() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"
    async with serving(raw) as server:
        reply = await ask(server.port, "HEAD")

    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers == {"content-length": "20"}


@pytest.mark.parametrize(
    ("method", "body", "has", "has_not"),
    [
        ("GET", None, b"GET /ping HTTP/1.1\r\nHost: 127.0.0.1:", b"Content-"),
        ("POST", b"{}", b"Content-Type: application/json\r\nContent-Length: 2\r\n", b"Origin"),
        ("POST", None, b"Content-Length: 0\r\n", b"Content-Type"),
        ("DELETE", None, b"Content-Length: 0\r\n", b"Content-Type"),
    ],
)
async def test_a_request_is_written_as_the_terminal_reads_it(
    method: str, body: bytes | None, has: bytes, has_not: bytes
) -> None:
    async with serving(OK) as server:
        await ask(server.port, method, body)

        assert has in server.requests[0]
        assert has_not not in server.requests[0]


async def test_a_header_of_the_caller_replaces_ours() -> None:
    async with serving(OK) as server, Http("127.0.0.1", server.port) as client:
        await client.request(
            "POST", "/", b"x", timeout_s=LIMIT_S, headers={"Content-Type": "text/plain"}
        )

        assert server.requests[0].lower().count(b"content-type") == 1
        assert b"text/plain" in server.requests[0]


async def test_a_connect_that_takes_too_long_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows needs two seconds to report a refused connect; nobody is there all the same."""

    async def slow(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio, "open_connection", slow)
    async with Http("127.0.0.1", 1) as http:
        with pytest.raises(TerminalGone):
            await http.request("POST", "/api/change-ticker", b"{}", timeout_s=5)


async def test_an_answer_that_nobody_holds_any_more_is_gone_without_a_collection(
    sim: Simulator,
) -> None:
    """The terminal is asked something every second, all day: a circle for each question would keep
    thousands of answers until a collection is due."""
    questions = 20
    async with Http("127.0.0.1", sim.port) as client:
        await client.request("GET", "/api/connections", timeout_s=LIMIT_S)
        gc.collect()
        gc.disable()
        try:
            for _ in range(questions):
                await client.request("GET", "/api/connections", timeout_s=LIMIT_S)
            found = gc.collect()
        finally:
            gc.enable()

    assert found < questions
