"""The shared streams as readers see them: through the door of `serve`, over real sockets."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import fanout
import pytest
from hubs import BOOK, load
from hubs import Reader as Merged
from server import free_port
from until import until

from relay import lagging
from relay.config import Config
from relay.core import streams
from relay.core.known import Known
from relay.core.places import load_exchanges
from relay.core.relay import Relay
from relay.edges import stream, web
from relay.edges.stream import LAG_BYTES
from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.book import View
from relay.metascalp.simulator.wire import encode

from .doors import LOCAL, opened, port_of, read


@pytest.fixture
async def door(home: Path, sim: Simulator) -> AsyncIterator[str]:
    async with opened(sim.port) as url:
        yield url


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def place(connection: int = 1, ticker: str = "BTCUSDT", **more: Any) -> dict[str, Any]:
    return {"connectionId": connection, "ticker": ticker, **more}


async def say(socket: Any, kind: str, data: dict[str, Any] | None = None) -> None:
    await socket.send_json({"Type": kind, "Data": data or {}})


async def hear(socket: Any) -> Any:
    return load(await socket.receive_str(timeout=10))


async def test_a_second_reader_is_told_the_same_from_what_is_kept(
    sim: Simulator, door: str, session: aiohttp.ClientSession
) -> None:
    async with (
        session.ws_connect(door + "/") as first,
        session.ws_connect(door + "/") as second,
        session.ws_connect(sim.url + "/") as direct,
    ):
        await say(first, BOOK, place())
        told = [await hear(first) for _ in range(2)]
        for _ in range(25):
            sim.world.step()
        for _ in range(25):
            await hear(first)
        for socket in (second, direct):
            await say(socket, BOOK, place())

        assert [await second.receive_str(timeout=5) for _ in range(2)] == [
            await direct.receive_str(timeout=5) for _ in range(2)
        ]
        assert [one["Type"] for one in told] == ["orderbook_subscribed", "orderbook_snapshot"]
        assert len(sim.hub.sockets) == 2
        status = await read(door, "/relay/status")
        assert status["door"]["streams"]["subscriptions"] == 2


@pytest.mark.parametrize("keys", ["asis", "camel", "pascal", "both"])
async def test_a_reader_may_choose_its_spelling(
    door: str, session: aiohttp.ClientSession, keys: str
) -> None:
    async with session.ws_connect(f"{door}/?relay_keys={keys}") as socket:
        await socket.send_str('{"type":"subscribe","data":{"connectionId":1}}')
        ack = await hear(socket)
        await socket.send_str('{"type":"subscribe","data":{"connectionId":99}}')
        error = await hear(socket)

    small = {"asis": ("type", "data"), "camel": ("type", "data"), "pascal": ("type", "data"),
             "both": ("type", "data")}[keys]  # fmt: skip
    assert tuple(ack) == small
    assert list(ack["data"]) == ["connectionId" if keys == "camel" else "ConnectionId"]
    assert set(error["data"]) == {
        "asis": {"error"}, "camel": {"error"}, "pascal": {"Error"}, "both": {"error", "Error"},
    }[keys]  # fmt: skip


TICKERS = [
    (1, "BTCUSDT"), (1, "ETHUSDT"), (1, "SOLUSDT"), (1, "XRPUSDT"), (1, "DOGEUSDT"),
    (2, "BTCUSDT"), (2, "ETHUSDT"), (3, "BTCUSDT"), (9, "BTCUSDT"), (9, "ETHUSDT"),
]  # fmt: skip


@asynccontextmanager
async def found(*ports: int) -> AsyncIterator[str]:
    """A door that looks for its terminal on these ports."""
    relay = Relay(Config(), load_exchanges(), Known(None))
    relay.link._ports = ports
    async with relay, web.door(relay, 0, LOCAL) as url:
        yield url


async def follow(socket: aiohttp.ClientWebSocketResponse, merged: Merged) -> None:
    async for message in socket:
        merged.take(message.data.encode())


def books_equal(sim: Simulator, readers: dict[Merged, tuple[int, str]]) -> bool:
    for merged, key in readers.items():
        market, book = sim.world.market(key), merged.books.get(key)
        if market is None or book is None:
            return False
        own = load(encode(market.book.snapshot(View())))
        for side in ("asks", "bids"):
            if book[side] != {row["price"]: row["size"] for row in own[side]}:
                return False
    return True


def place_orders(sim: Simulator, number: int) -> None:
    """An order update for whoever follows the account of connection 1; far from the market."""
    account, market = sim.world.accounts[1], sim.world.market((1, "BTCUSDT"))
    assert market is not None
    from relay.metascalp.simulator.enums import OrderType, Side
    from relay.metascalp.simulator.intake import Ask

    price = Decimal(30000 + number)
    account.place(market, Ask(Side.Buy, OrderType.Limit, Decimal("0.01"), price, False), 1000.0)
    sim.world.settle((1, "BTCUSDT"))


def orders_of(merged: Merged) -> Counter[str]:
    """Each order is told of twice: when it is new, and when the exchange has it."""
    updates = [one["Data"] for one in map(load, merged.frames) if one["Type"] == "order_update"]
    return Counter(f"{one['price']} {one['status']}" for one in updates)


@asynccontextmanager
async def beside(
    session: aiohttp.ClientSession, sim: Simulator, tasks: asyncio.TaskGroup
) -> AsyncIterator[tuple[Merged, Callable[[], Awaitable[None]]]]:
    """Who reads all the trades at the terminal itself, and a way to wait for those of now."""
    direct = Merged("direct")
    async with session.ws_connect(sim.url + "/") as socket:
        tasks.create_task(follow(socket, direct))
        for key in TICKERS:
            await say(socket, "trade_subscribe", place(*key))
        await until(lambda: len(direct.frames) == len(TICKERS))

        async def wait_told() -> None:
            await say(socket, "ui_subscribe")  # What is answered to it comes after all of that.
            await until(lambda: any(b'"ui_subscribed"' in raw for raw in direct.frames))

        yield direct, wait_told


def trades_of(merged: Merged, key: tuple[int, str]) -> list[bytes]:
    """What was said of the trades of one ticker, to the byte."""
    begins = '{{"Type":"trade_update","Data":{{"connectionId":{},"ticker":"{}",'.format(*key)
    return [raw for raw in merged.frames if raw.startswith(begins.encode())]


def trades_equal(
    direct: Merged,
    readers: dict[Merged, tuple[int, str]],
    before: dict[tuple[int, str], list[bytes]] | None = None,
) -> bool:
    """Whether every reader was told all the trades that the terminal told of, once, in order."""
    told = {key: (before or {}).get(key, []) + trades_of(direct, key) for key in TICKERS}
    return all(trades_of(merged, key) == told[key] for merged, key in readers.items())


async def test_a_restart_with_fifty_readers_on_twenty_topics(
    home: Path, session: aiohttp.ClientSession
) -> None:
    """Ten books and ten streams of trades, every reader with the account beside: nothing lost,
    nothing doubled while the terminal is there, and every book the terminal's, which comes back on
    another port with another market."""
    first, second = free_port(), free_port()
    async with found(first, second) as url, AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        readers: dict[Merged, tuple[int, str]] = {}
        async with Simulator(port=first, rate=0.0) as sim:
            for number in range(50):
                key, merged = TICKERS[number % 10], Merged(str(number))
                socket = await stack.enter_async_context(session.ws_connect(url + "/"))
                await say(socket, BOOK, place(*key))
                await say(socket, "trade_subscribe", place(*key))
                await say(socket, "subscribe", {"connectionId": 1})
                tasks.create_task(follow(socket, merged))
                readers[merged] = key
            await until(lambda: all(len(one.frames) >= 4 for one in readers))
            assert len(sim.hub.sockets) == 1
            async with beside(session, sim, tasks) as (direct, wait_told):
                for number in range(30):
                    sim.world.step()
                    place_orders(sim, number)
                sim.hub.flush()
                await until(lambda: books_equal(sim, readers))
                await until(lambda: all(len(orders_of(one)) == 60 for one in readers))
                await wait_told()
                await until(lambda: trades_equal(direct, readers))
                before = {key: trades_of(direct, key) for key in TICKERS}
            assert all(set(orders_of(one).values()) == {1} for one in readers)

        async with Simulator(port=second, rate=0.0, seed=99) as again:
            await until(lambda: books_equal(again, readers))
            assert len(again.hub.sockets) == 1
            async with beside(session, again, tasks) as (direct, wait_told):
                for number in range(30, 60):
                    again.world.step()
                    place_orders(again, number)
                again.hub.flush()
                await until(lambda: books_equal(again, readers))
                await until(lambda: all(len(orders_of(one)) == 120 for one in readers))
                await wait_told()
                await until(lambda: trades_equal(direct, readers, before))

            assert all(before.values())
            assert all(trades_of(direct, key) for key in TICKERS)
            for merged, key in readers.items():
                assert set(orders_of(merged).values()) == {1}
                kinds = Counter(merged.kinds())
                assert kinds["orderbook_snapshot"] == 2
                alike = next(one for one, its in readers.items() if its == key)
                assert merged.frames[4:] == alike.frames[4:]
        for task in list(tasks._tasks):
            task.cancel()


async def test_whoever_asks_is_told_what_the_restart_cost(
    sim: Simulator, door: str, session: aiohttp.ClientSession
) -> None:
    async with session.ws_connect(door + "/") as socket:
        await socket.send_str('{"type":"relay_status_subscribe"}')
        await socket.send_str('{"type":"trade_subscribe","data":{"connectionId":1,"ticker":"A"}}')
        for _ in range(2):
            await hear(socket)
        sim.hub.drop()
        lost, restored = [(await hear(socket))["data"] for _ in range(2)]

    assert lost == {
        "state": "lost", "type": "trade_subscribe", "connectionId": 1, "ticker": "A",
        "why": "terminal",
    }  # fmt: skip
    assert restored["state"] == "restored"
    assert 0 <= restored["ms"] < 5000


async def test_a_connection_that_is_away_for_a_moment_is_seen_to_be(
    sim: Simulator, door: str, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Disconnected, reconnecting, back after 0.6 s, and none of its subscriptions is left."""
    monkeypatch.setattr(streams, "LOOK_S", 0.1)  # Half a second is enough where nobody else works.
    async with session.ws_connect(door + "/") as socket:
        await say(socket, "relay_status_subscribe")
        await say(socket, BOOK, place())
        await say(socket, "trade_subscribe", place())
        for _ in range(4):
            await hear(socket)
        fault = {"name": "reconnect", "value": 1}
        async with session.post(sim.url + "/sim/fault", json=fault) as reply:
            assert reply.status == 200
        told = [await hear(socket) for _ in range(5)]
        (theirs,) = sim.hub.sockets

        assert [one["Type"] for one in told].count("relay_status") == 4
        assert [one["Type"] for one in told].count("orderbook_snapshot") == 1
        assert set(theirs.feed.books) == set(theirs.feed.trades) == {(1, "BTCUSDT")}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"\x81\x82\0\0\0\0\xff\xfe", 1007),
        (b"\x83\x80\0\0\0\0", 1002),
        (b"\x81\xff" + (stream.MAX_MESSAGE + 1).to_bytes(8, "big") + b"\0\0\0\0", 1009),
    ],
    ids=["no text", "no such frame", "too large"],
)
async def test_a_broken_frame_ends_its_reader_with_a_reason_and_nobody_else(
    sim: Simulator, door: str, session: aiohttp.ClientSession, payload: bytes, code: int
) -> None:
    async with session.ws_connect(door + "/") as other:
        await say(other, BOOK, place())
        for _ in range(2):
            await hear(other)
        reader, writer = await handshake(door)
        writer.write(payload)
        async with asyncio.timeout(10):
            answer = await reader.read()
        await hang_up(writer)
        sim.world.step()

        assert answer[0] == 0x88
        assert int.from_bytes(answer[2:4], "big") == code
        assert (await hear(other))["Type"] == "orderbook_update"


async def handshake(door: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(door), limit=1 << 24)
    writer.write(
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port_of(door)}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
    return reader, writer


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@pytest.mark.parametrize(
    "text",
    ["not json", "[]", '{"type":"subscribe"', '{"type":"subscribe","data":{}}',
     '{"type":"orderbook_subscribe","data":{"ticker":"BTCUSDT"}}', '{"type":"nonsense","data":{}}'],
)  # fmt: skip
async def test_what_cannot_be_meant_is_answered_and_the_socket_stays(
    door: str, session: aiohttp.ClientSession, text: str
) -> None:
    async with session.ws_connect(door + "/") as socket:
        await socket.send_str(text)
        error = await hear(socket)
        assert next(iter(error.values())) == "error"
        await say(socket, "subscribe", {"connectionId": 1})
        assert (await hear(socket))["Type"] == "subscribed"


async def test_a_ping_is_answered(door: str, session: aiohttp.ClientSession) -> None:
    async with session.ws_connect(door + "/", autoping=False) as socket:
        await socket.ping(b"are you there")
        message = await socket.receive(timeout=5)

    assert (message.type, message.data) == (aiohttp.WSMsgType.PONG, b"are you there")


async def test_a_flood_of_pings_ends_its_reader_alone(
    sim: Simulator, door: str, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BURST", 200.0)
    async with session.ws_connect(door + "/") as other:
        await say(other, BOOK, place())
        for _ in range(2):
            await hear(other)
        reader, writer = await handshake(door)
        writer.write(b"\x89\x80\0\0\0\0" * 20000)
        async with asyncio.timeout(10):
            answer = await reader.read()
        await hang_up(writer)
        sim.world.step()

        assert b"messages a second" in answer
        assert (await hear(other))["Type"] == "orderbook_update"


async def test_a_reader_that_does_not_answer_is_closed(
    sim: Simulator, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A half-open socket: its program is gone, and nobody has said so."""
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.1)
    reader, writer = await handshake(door)
    async with asyncio.timeout(10):
        while await reader.read(1024):
            pass
    await hang_up(writer)

    await until_nobody(door)


async def until_nobody(door: str) -> None:
    async with asyncio.timeout(10):
        while (await read(door, "/relay/status"))["door"]["clients"]["sockets"]:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def deaf(door: str, *messages: dict[str, Any]) -> AsyncIterator[sockets.socket]:
    """A reader that says something and then reads nothing."""
    peer = sockets.socket()
    peer.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    peer.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(peer, ("127.0.0.1", port_of(door)))
    request = (
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port_of(door)}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    data = request.encode()
    for message in messages:
        text = json.dumps(message).encode()
        size = (
            bytes((0x80 | len(text),))
            if len(text) < 126
            else b"\xfe" + len(text).to_bytes(2, "big")
        )
        data += b"\x81" + size + b"\0\0\0\0" + text
    await loop.sock_sendall(peer, data)
    try:
        yield peer
    finally:
        peer.close()


def flood(sim: Simulator, total: int) -> None:
    """So many bytes of trades for whoever reads those of BTCUSDT."""
    pad = "x" * 900
    text = encode({
        "Type": "trade_update",
        "Data": {"connectionId": 1, "ticker": "BTCUSDT", "trades": [pad]},
    })  # fmt: skip
    sim.hub.send_all([text] * (total // len(text)))


async def test_a_reader_that_stops_reading_is_conflated_and_comes_back_to_the_truth(
    sim: Simulator, door: str, session: aiohttp.ClientSession
) -> None:
    reads = [{"Type": BOOK, "Data": place()}, {"Type": "trade_subscribe", "Data": place()},
             {"Type": "relay_status_subscribe"}]  # fmt: skip
    async with deaf(door, *reads) as peer, session.ws_connect(door + "/") as other:
        await say(other, BOOK, place())
        merged = Merged("other")
        for _ in range(2):
            merged.take((await other.receive_str(timeout=5)).encode())
        await until(lambda: any(one.feed.trades for one in sim.hub.sockets))
        for _ in range(8):
            flood(sim, 1024 * 1024)
            await asyncio.sleep(0.01)
        for _ in range(8):  # In all more than the buffers of a system hold.
            flood(sim, 1024 * 1024)
            await asyncio.sleep(0.01)
        for _ in range(20):
            sim.world.step()
        while not books_equal(sim, {merged: (1, "BTCUSDT")}):
            merged.take((await other.receive_str(timeout=5)).encode())

        back = Merged("back")
        await drain(peer, back, lambda: missed_trades(back))
        assert books_equal(sim, {back: (1, "BTCUSDT")})
        assert missed_trades(back) > 1000
        assert back.kinds().count("orderbook_snapshot") == 2


def missed_trades(merged: Merged) -> int:
    frames = [raw for raw in merged.frames if b"relay_status" in raw]
    states = [load(raw)["Data"] for raw in frames if b'"slow"' in raw]
    slow = [one for one in states if (one["state"], one["type"]) == ("slow", "trade_subscribe")]
    return sum(one["missed"] for one in slow)


async def drain(peer: sockets.socket, merged: Merged, enough: Any) -> None:
    """Reads frames until it is enough."""
    loop, data = asyncio.get_running_loop(), bytearray()
    async with asyncio.timeout(20):
        while b"\r\n\r\n" not in data:
            data += await loop.sock_recv(peer, 65536)
        del data[: data.index(b"\r\n\r\n") + 4]
        while not enough():
            while (size := whole(data)) is None:
                data += await loop.sock_recv(peer, 65536)
            start = {126: 4, 127: 10}.get(data[1], 2)
            if data[0] == 0x81:
                merged.take(bytes(data[start:size]))
            del data[:size]


def whole(data: bytearray) -> int | None:
    """The length of the first frame, when all of it is there."""
    if len(data) < 10:
        return None
    size, start = data[1], 2
    if size >= 126:
        start = 4 if size == 126 else 10
        size = int.from_bytes(data[2:start], "big")
    return start + size if len(data) >= start + size else None


async def test_a_reader_that_lags_too_long_is_closed(
    sim: Simulator, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LAG_S", 0.2)
    monkeypatch.setattr(stream, "GO_S", 0.2)
    async with deaf(door, {"Type": "trade_subscribe", "Data": place()}):
        await until(lambda: any(one.feed.trades for one in sim.hub.sockets))
        for _ in range(12):
            flood(sim, 1024 * 1024)
            await asyncio.sleep(0.01)
        await until_nobody(door)


async def test_account_events_beyond_the_bound_close_their_reader_with_1013(
    sim: Simulator, door: str, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told why, when it reads at last; the other has missed nothing meanwhile."""
    monkeypatch.setattr(stream, "GO_S", 60.0)
    async with (
        deaf(door, {"Type": "subscribe", "Data": {"connectionId": 1}}) as peer,
        session.ws_connect(door + "/") as other,
    ):
        await say(other, "subscribe", {"connectionId": 1})
        await hear(other)
        await until(lambda: any(one.feed.accounts for one in sim.hub.sockets))
        event = {"Type": "order_update", "Data": {"connectionId": 1, "orderId": 1, "x": "y" * 4000}}
        for _ in range(40):  # 16 MB: several times what all buffers of a system hold.
            sim.hub.send_all([encode(event)] * 100)
            for _ in range(100):
                assert (await hear(other))["Type"] == "order_update"
        end, loop = b"", asyncio.get_running_loop()
        async with asyncio.timeout(20):
            while b"read too slowly" not in end:
                end = (end + await loop.sock_recv(peer, 1 << 20))[-1000:]

        told = end.index(b"read too slowly")
        assert int.from_bytes(end[told - 2 : told], "big") == lagging.TRY_AGAIN == 1013


async def tried(enough: Callable[[], Awaitable[bool]]) -> bool:
    """The readers run on this machine too, and may be what was slow: three times at most."""
    return await enough() or await enough() or await enough()


async def test_fifty_thousand_messages_a_second_reach_eight_readers() -> None:
    """All of them, and in time: nothing is left over when the last has been sent."""

    async def in_time() -> bool:
        figures = await asyncio.to_thread(fanout.run, "ours", 50_000, 8, 50_000, limit_s=5)
        return figures.delivered == 1.0 and figures.seconds < 1.5

    assert await tried(in_time)


async def test_putting_frames_together_once_is_worth_many_times_the_plain_loop() -> None:
    """Processor time for a delivery: the wall clock of a busy machine says less."""
    ours = await asyncio.to_thread(fanout.run, "patient", 100_000, 8)
    naive = await asyncio.to_thread(fanout.run, "naive", 10_000, 8)

    assert ours.delivered == naive.delivered == 1.0
    assert (naive.cpu_s / sum(naive.bytes)) / (ours.cpu_s / sum(ours.bytes)) > 5


async def test_a_stalled_reader_of_nine_costs_the_others_nothing() -> None:
    """What it was not given would be 20 MB."""

    async def bounded() -> bool:
        figures = await asyncio.to_thread(fanout.run, "ours", 75_000, 8, 25_000, 1, limit_s=8)
        return figures.delivered == 1.0 and figures.grown_kb < (LAG_BYTES >> 10) + 4096

    assert await tried(bounded)
