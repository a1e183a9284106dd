"""Connections as they come: slow, half open, too large, many, one request behind another."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest
from until import until

from relay.connection import Connection
from relay.edges import front, web_pass
from relay.edges.gate import MAX_BODY
from relay.edges.web import Rules, allow_many_connections
from relay.head import MAX_HEAD
from relay.metascalp.client import Client
from relay.metascalp.simulator import Simulator

from .doors import answer, ask, asked, commands, line, opened, port_of, read, request, talk

ORDERS = "/api/connections/1/orders"
ORDER = b'{"ticker":"BTCUSDT","side":1,"price":60000,"size":0.01}'


@pytest.fixture
async def door(sim: Simulator, home: Path) -> AsyncIterator[str]:
    async with opened(sim.port) as url:
        yield url


async def test_one_connection_serves_request_after_request(sim: Simulator, door: str):
    async with line(door) as (reader, writer):
        for target in ("/ping", "/api/connections", "/nowhere-else"):
            writer.write(request(door, f"/api{target}" if "else" in target else target))
            status, headers, body = await answer(reader)
            direct = await ask(sim.url, "GET", f"/api{target}" if "else" in target else target)
            assert (status, body) == (direct.status, direct.body)
            assert "connection" not in headers


async def test_requests_sent_at_once_are_answered_in_their_order(sim: Simulator, door: str):
    targets = ["/ping", "/api/connections/1", "/api/connections/2", "/ping"] * 10
    async with line(door) as (reader, writer):
        writer.write(b"".join(request(door, target) for target in targets))
        bodies = [(await answer(reader))[2] for _ in targets]

    expected = {one: (await ask(sim.url, "GET", one)).body for one in set(targets)}
    assert bodies == [expected[target] for target in targets]


async def test_a_request_may_come_in_any_pieces(sim: Simulator, door: str):
    data = request(door, ORDERS, method="POST", body=ORDER)
    async with line(door) as (reader, writer):
        for at in range(0, len(data), 7):
            writer.write(data[at : at + 7])
            await asyncio.sleep(0)
            await writer.drain()
        status, _, _ = await answer(reader)

    assert status == 200
    assert len(commands(sim)) == 1


async def test_a_socket_a_chunked_body_and_our_own_pages_are_handed_on(sim: Simulator, door: str):
    chunked = request(door, ORDERS, "Content-Type: application/json", "Transfer-Encoding: chunked",
                      method="POST") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(ORDER), ORDER)  # fmt: skip
    for data, status in (
        (chunked, b"200"),
        (request(door, "/relay/status"), b"200"),
        (request(door, "/ping", method="HEAD"), b"400"),  # The terminal has none.
        (request(door).replace(b"HTTP/1.1", b"HTTP/1.0"), b"200"),
        (request(door, ORDERS, "Expect: 100-continue", method="POST", body=ORDER), b"100"),
    ):
        assert (await talk(door, data)).split()[1] == status
    assert len(commands(sim)) == 2


async def test_behind_what_was_handed_on_nothing_is_served(sim: Simulator, door: str):
    """The next head is for the front: it is the one that reads in one form only."""
    said = await talk(door, request(door, "/relay/metrics") + request(door, "/ping"))

    assert said.count(b"HTTP/1.1 ") == 1
    assert b"onnection: close" in said


CHUNKED = ("Content-Type: application/json", "Transfer-Encoding: chunked")


async def slow_start(self: Client) -> list[Connection]:
    """Its ports answer, its connections do not yet."""
    await asyncio.sleep(0.6)
    return await CONNECTIONS(self)


CONNECTIONS = Client.connections


@pytest.mark.parametrize("how", ["plain", "chunked", "chunked, gone", "plain, gone"])
async def test_an_order_that_waited_for_the_terminal_to_start_is_not_sent(
    sim: Simulator, home: Path, monkeypatch: pytest.MonkeyPatch, how: str
):
    monkeypatch.setattr(Client, "connections", slow_start)
    monkeypatch.setattr(web_pass, "LATE_S", 0.2 if "gone" not in how else 30.0)
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(ORDER), ORDER)
    async with opened(sim.port) as url, line(url) as (reader, writer):
        if "chunked" in how:
            writer.write(request(url, ORDERS, *CHUNKED, method="POST") + body)
        else:
            writer.write(request(url, ORDERS, method="POST", body=ORDER))
        if "gone" in how:
            await asyncio.sleep(0.2)
            writer.close()
        else:
            status, _, told = await answer(reader)
            assert (status, json.loads(told)["code"]) == (503, "stale")
        assert (await ask(url, "GET", "/api/connections/1")).status == 200
        await asyncio.sleep(0.1)

    assert not commands(sim)


async def test_what_follows_a_chunked_request_cannot_undo_it(sim: Simulator, door: str):
    """Garbage in one piece with it: the request was whole, so it is answered as it is."""
    chunked = request(door, ORDERS, "Content-Type: application/json", "Transfer-Encoding: chunked",
                      method="POST") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(ORDER), ORDER)  # fmt: skip

    said = await talk(door, chunked + b"\x00garbage\r\n\r\n")

    assert said.startswith(b"HTTP/1.1 200")
    assert said.count(b"HTTP/1.") == 1
    assert len(commands(sim)) == 1


async def test_a_chunked_sender_who_goes_away_is_no_failure_of_ours(
    sim: Simulator, door: str, caplog: pytest.LogCaptureFixture
):
    chunked = request(door, ORDERS, "Content-Type: application/json", "Transfer-Encoding: chunked",
                      method="POST")  # fmt: skip
    async with line(door) as (_, writer):
        writer.write(chunked + b"37\r\n" + ORDER[:20])
        await writer.drain()
    await read(door, "/ping")
    await read(door, "/relay/status")

    assert not commands(sim)
    assert caplog.text == ""


async def test_a_client_that_wants_to_close_is_closed(sim: Simulator, door: str):
    said = await talk(door, request(door, "/ping", "Connection: close") + request(door, "/ping"))

    assert said.count(b"HTTP/1.1 200") == 1
    assert b"Connection: close" in said


REFUSED = {
    "no request": (b"hello\r\n\r\n", b"400"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
    "bare line ends": (b"GET /ping HTTP/1.1\nHost: 127.0.0.1:PORT\n\n\r\n\r\n", b"400"),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"400"),
    "large head": (b"GET /ping HTTP/1.1\r\nA: " + b"a" * MAX_HEAD, b"431"),
    "many fields": (b"GET /ping HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", b"400"),
    "folded": (b"GET /ping HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n x\r\n\r\n", b"400"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_no_request_is_told_so_and_closed(sim: Simulator, door: str, name: str):
    data, status = REFUSED[name]

    said = await talk(door, data.replace(b"PORT", str(port_of(door)).encode()))

    assert said.split()[1] == status
    assert json.loads(said.partition(b"\r\n\r\n")[2])["error"]
    assert not asked(sim, "GET", "/x")


async def test_a_body_that_is_too_large_is_refused_though_it_is_still_being_sent(
    sim: Simulator, door: str
):
    head = request(door, ORDERS, "Content-Type: application/json",
                   f"Content-Length: {MAX_BODY + 1}", method="POST")  # fmt: skip

    said = await talk(door, head + b"x" * (MAX_BODY + 1))

    assert said.split()[1] == b"413"
    assert not commands(sim)


async def test_a_chunked_body_without_an_end_is_refused_at_the_limit(sim: Simulator, door: str):
    head = request(door, ORDERS, "Content-Type: application/json", "Transfer-Encoding: chunked",
                   method="POST")  # fmt: skip

    said = await talk(door, head + b"10000\r\n" + (b"x" * 65536 + b"\r\n10000\r\n") * 17)

    assert said.split()[1] in (b"413", b"400")
    assert not commands(sim)


@pytest.mark.parametrize("target", ["/ping", "/relay/status", "/?relay_keys=pascal"])
async def test_a_refusal_has_the_spelling_of_the_door_or_the_one_that_is_wished(
    sim: Simulator, home: Path, target: str
):
    """Found 2026-12: a client that reads `Error` alone was told nothing by a 401."""
    chunked = ("Transfer-Encoding: chunked", "Content-Type: application/json")
    async with opened(sim.port, Rules(keys="both")) as url:
        told = [
            (await talk(url, request(url, target, *more)), wished)
            for more, wished in (
                ((), None),
                (chunked, None),
                (("X-Relay-Keys: Pascal", "Origin: null"), ["Error", "Code"]),
                (("X-Relay-Keys: nothing", "Upgrade: websocket"), None),
            )
        ]
        no_head = await talk(url, b"hello\r\n\r\n")
    both = ["error", "Error", "code", "Code"]
    for answered, wished in told:
        default = ["Error", "Code"] if "pascal" in target else both
        assert answered[9:12] in (b"401", b"403")
        assert list(json.loads(answered.partition(b"\r\n\r\n")[2])) == (wished or default)
    assert list(json.loads(no_head.partition(b"\r\n\r\n")[2])) == both


@pytest.mark.parametrize(
    "part", [b"", b"G", b"GET /ping HTTP/1.1\r\n", b"GET /ping HTTP/1.1\r\nHost: a\r\n"]
)
async def test_a_head_that_does_not_come_is_not_waited_for(
    sim: Simulator, home: Path, monkeypatch: pytest.MonkeyPatch, part: bytes
):
    monkeypatch.setattr(front, "HEAD_S", 0.2)
    monkeypatch.setattr(front, "IDLE_S", 0.2)
    async with opened(sim.port) as url:
        said = await talk(url, part)

    assert said.split()[1:2] == ([b"408"] if part else [])


async def test_a_head_that_comes_byte_by_byte_has_no_more_time(
    sim: Simulator, home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(front, "HEAD_S", 0.3)
    async with opened(sim.port) as url, line(url) as (reader, writer):
        async with asyncio.timeout(5):
            while not reader.at_eof():
                writer.write(b"G")
                await asyncio.sleep(0.05)
                if reader._buffer:  # type: ignore[attr-defined]
                    break

        assert (await answer(reader))[0] == 408


async def test_a_body_that_does_not_come_is_not_waited_for_and_not_sent(
    sim: Simulator, home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(front, "BODY_S", 0.2)
    async with opened(sim.port) as url:
        said = await talk(url, request(url, ORDERS, method="POST", body=ORDER)[:-1])

        assert said.split()[1] == b"408"
        assert not commands(sim)


async def test_an_order_whose_sender_went_away_before_its_end_is_not_sent(
    sim: Simulator, door: str
):
    async with line(door) as (_, writer):
        writer.write(request(door, ORDERS, method="POST", body=ORDER)[:-1])
        await writer.drain()
    await read(door, "/ping")

    assert not commands(sim)


async def test_a_thousand_idle_connections_are_in_nobodys_way(sim: Simulator, door: str):
    allow_many_connections()
    lines = [await asyncio.open_connection("127.0.0.1", port_of(door)) for _ in range(1000)]
    held = [await asyncio.open_connection("127.0.0.1", port_of(door)) for _ in range(20)]
    for _, writer in held:
        writer.write(b"POST /api/combo HTTP/1.1\r\nHost:")
    try:
        status = await read(door, "/relay/status")
        reader, writer = lines[-1]
        writer.write(request(door))
        assert (await answer(reader))[0] == 200
        assert status["terminal"]["state"] == "connected"
    finally:
        for _, writer in lines + held:
            writer.close()


async def test_beyond_the_last_place_a_connection_is_told_so(
    sim: Simulator, home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(front, "MAX_GUESTS", 2)
    async with opened(sim.port) as url, line(url), line(url):
        assert (await talk(url, b"")).split()[1] == b"503"


async def test_sockets_take_places_too(sim: Simulator, home: Path, monkeypatch: pytest.MonkeyPatch):
    """Shared, spliced, or still a plain connection: there are so many in all."""
    monkeypatch.setattr(front, "MAX_GUESTS", 3)
    async with opened(sim.port) as url, aiohttp.ClientSession() as session, line(url):
        async with session.ws_connect(url + "/"):
            own = {"X-Relay-Lane": "own"}
            async with session.ws_connect(url + "/", headers=own):
                assert (await talk(url, request(url))).split()[1] == b"503"
        async with line(url) as (reader, writer):
            await until(lambda: len(sim.hub.sockets) == 0)
            writer.write(request(url))

            assert (await answer(reader))[0] == 200


async def test_a_flood_behind_a_request_is_held_back(sim: Simulator, door: str):
    """What follows is read only as far as it may lie there."""
    many = 4000
    async with line(door) as (reader, writer):
        data = request(door, "/ping", "X-Filling: " + "x" * 400)
        async with asyncio.TaskGroup() as group:
            group.create_task(_pour(writer, data * many))
            for _ in range(many):
                assert (await answer(reader))[0] == 200


async def _pour(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


def changed_by_a_byte(data: bytes, many: int, seed: int) -> list[bytes]:
    """The request with a byte changed, left out, doubled or cut off behind, many times."""
    dice = random.Random(seed)
    made = []
    for _ in range(many):
        at, how = dice.randrange(len(data)), dice.randrange(4)
        byte = bytes([dice.choice((0, 9, 10, 11, 13, 32, 45, 46, 47, 58, 92, 127, 255))])
        middle = (byte, b"", data[at : at + 1] * 2, byte + data[at : at + 1])[how]
        made.append(data[:at] + middle + data[at + 1 :])
    return made


@pytest.mark.parametrize("seed", range(3))
async def test_a_request_with_any_byte_changed_is_answered_or_refused_and_means_no_other(
    sim: Simulator, home: Path, monkeypatch: pytest.MonkeyPatch, seed: int
):
    """Never a failure of ours, never a hang; what the terminal gets is an order as documented."""
    for name in ("HEAD_S", "BODY_S", "IDLE_S"):
        monkeypatch.setattr(front, name, 0.5)
    monkeypatch.setattr(web_pass, "LATE_S", 60.0)  # All at once, on a machine that may be busy.
    async with opened(sim.port) as url:
        data = request(url, ORDERS, "Connection: close", method="POST", body=ORDER)
        said = await asyncio.gather(*(talk(url, one) for one in changed_by_a_byte(data, 150, seed)))

    statuses = {int(one.split()[1]) for one in said if one}
    assert statuses <= {200, 400, 403, 404, 405, 408, 413, 414, 415, 431}
    assert {200, 400} <= statuses
    for one in commands(sim):
        assert set(one["body"] or {}) <= {"ticker", "side", "price", "size", "type", "reduceOnly"}
        assert one["path"].startswith("/api/")


def test_what_is_said_again_is_read_once_and_what_never_is_is_not_kept():
    """Each upgrade has a key of its own: kept, they would only push out what is asked again."""
    gate = SimpleNamespace(check=lambda head, port: "claim")
    fronts = front.Fronts(SimpleNamespace(gate=gate), None, None)  # type: ignore[arg-type]
    plain = b"GET /ping HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n"
    upgrade = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\nUpgrade: websocket\r\n\r\n"

    assert fronts.read(plain) is fronts.read(plain)
    assert fronts.read(upgrade) is not fronts.read(upgrade)
