"""The HTTP door: what passes is the terminal's to the byte, and web pages do not pass."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from server import free_port, hang, json_answer, serving
from until import until

from relay.config import Config
from relay.core.jobs import beside
from relay.core.known import Known
from relay.core.relay import Relay
from relay.edges import web
from relay.edges.gate import MAX_BODY
from relay.edges.web import Rules
from relay.exchanges import Exchanges
from relay.metascalp.http import Http
from relay.metascalp.simulator import Simulator
from relay.metascalp.wire import PORTS

from .doors import LOCAL, ask, asked, commands, opened, port_of

ORDER = b'{"ticker":"BTCUSDT","side":1,"price":60000,"size":0.01}'


@pytest.fixture
async def door(sim: Simulator, home: Path) -> AsyncIterator[str]:
    async with opened(sim.port) as url:
        yield url


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/ping", None),
        ("GET", "/api/connections", None),
        ("GET", "/api/connections/4/tickers", None),
        ("GET", "/api/connections/4/orders?Ticker=GOLD%28XAUT%29_USDT", None),
        ("GET", "/api/connections/7/orders?Ticker=BTC%2FUSDT", None),
        ("GET", "/api/connections/1/orders", None),
        ("GET", "/api/connections/99", None),
        ("GET", "/api/connections/11/positions", None),
        ("GET", "/api/no/such%20route?a=%E9%BE%99&a=b", None),
        ("POST", "/api/tomorrow", b'{"Any":[1.0,{"x":null}]}'),
        ("POST", "/api/change-ticker", b'{"tickerPattern":"BINANCE:ETHUSDT.p"}'),
        ("POST", "/api/connections/1/orders", b'{"ticker":"BTCUSDT","side":1,"size":0}'),
        ("POST", "/api/connections/1/signal-levels", b'{"ticker":"BTCUSDT","price":95000.00}'),
        ("POST", "/api/change-ticker", b""),
        ("POST", "/api/change-ticker", None),
        ("POST", "/ping", b"{}"),
        ("DELETE", "/api/connections", None),
        ("PUT", "/api/combo", b'{"ticker":"BTCUSDT"}'),
    ],
)
async def test_what_passes_is_the_terminals_to_the_byte(
    sim: Simulator, door: str, method: str, target: str, body: bytes | None
) -> None:
    direct = await ask(sim.url, method, target, body)
    first = asked(sim, method, target)[-1]
    passed = await ask(door, method, target, body)
    second = asked(sim, method, target)[-1]

    assert (passed.status, passed.body) == (direct.status, direct.body)
    assert passed.headers.get("content-type") == direct.headers.get("content-type")
    same = ("method", "path", "query", "body", "status")
    assert [second[name] for name in same] == [first[name] for name in same]


async def test_what_cannot_be_the_terminals_does_not_reach_it(sim: Simulator, door: str) -> None:
    for target in ("/nowhere", "/sim/state", "/relayed", "/"):
        direct = await ask(sim.url, "GET", "/nowhere")
        ours = await ask(door, "GET", target)

        assert (ours.status, ours.body) == (direct.status, direct.body)
    assert len(asked(sim, "GET", "/nowhere")) == 4
    assert not asked(sim, "GET", "/sim/state")


async def test_head_and_options_do_not_hang(sim: Simulator, door: str) -> None:
    for method in ("HEAD", "OPTIONS"):
        direct = await ask(sim.url, method, "/ping")
        passed = await ask(door, method, "/ping")

        assert passed.status == direct.status
        assert not [name for name in passed.headers if name.startswith("access-control-")]


async def test_the_terminals_word_about_other_origins_is_not_passed(
    sim: Simulator, door: str
) -> None:
    assert "access-control-allow-origin" in (await ask(sim.url, "GET", "/ping")).headers
    assert "access-control-allow-origin" not in (await ask(door, "GET", "/ping")).headers


async def test_our_own_status_is_ours(sim: Simulator, door: str) -> None:
    status = json.loads((await ask(door, "GET", "/relay/status")).body)

    assert status["terminal"]["state"] == "connected"
    assert not asked(sim, "GET", "/relay/status")


QUICK = Rules("local", pass_s=0.1)

PAGES = [
    {"Origin": "https://www.tradingview.com"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Host": "evil.example"},
    {"Host": "evil.example:17860"},
    {"Host": "127.0.0.1"},
    {"Host": "127.0.0.1:80"},
    {"Host": "localhost"},
    {"Host": ""},
    {"Host": "127.0.0.1.evil.example"},
    {"Origin": "chrome-extension://egcejpaeokcmogjmokfehabjofphekff"},
]


@pytest.mark.parametrize("headers", PAGES, ids=str)
@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/ping"),
        ("POST", "/api/change-ticker"),
        ("OPTIONS", "/ping"),
        ("GET", "/relay/status"),
    ],
)
async def test_a_web_page_is_kept_out_and_the_terminal_hears_nothing(
    sim: Simulator, door: str, headers: dict[str, str], method: str, target: str
) -> None:
    body = b'{"tickerPattern":"BINANCE:ETHUSDT.p"}' if method == "POST" else None
    async with Http("127.0.0.1", port_of(door)) as http:
        reply = await http.request(method, target, body, timeout_s=10, headers=headers)

    assert reply.status == 403
    assert not [name for name in reply.headers if name.startswith("access-control-")]
    assert not commands(sim)


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
async def test_a_web_page_gets_no_socket(
    sim: Simulator, door: str, headers: dict[str, str]
) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(door + "/", headers=headers)

    assert caught.value.status == 403
    assert not sim.hub.sockets


async def test_localhost_by_name_is_this_door(sim: Simulator, door: str) -> None:
    async with Http("127.0.0.1", port_of(door)) as http:
        headers = {"Host": f"localhost:{port_of(door)}"}
        reply = await http.request("GET", "/ping", timeout_s=10, headers=headers)

    assert reply.status == 200


async def test_a_socket_passes_both_ways(sim: Simulator, door: str) -> None:
    message = {"Type": "subscribe", "Data": {"ConnectionId": 1}}
    async with aiohttp.ClientSession() as session:
        async with (
            session.ws_connect(sim.url + "/") as direct,
            session.ws_connect(door + "/") as ours,
        ):
            await direct.send_json(message)
            await ours.send_json(message)
            expected = await direct.receive_str(timeout=5)
            passed = await ours.receive_str(timeout=5)
            assert passed == expected

            await ours.send_str("not json")
            await ours.receive_str(timeout=5)
            assert len(sim.hub.sockets) == 2
        await until(lambda: not sim.hub.sockets)


async def test_a_socket_outlives_the_terminals(sim: Simulator, door: str) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(door + "/") as ours:
        await ours.send_json({"Type": "subscribe", "Data": {"ConnectionId": 1}})
        await ours.receive_str(timeout=5)
        sim.hub.drop()
        await until(lambda: any(one.feed.accounts for one in sim.hub.sockets))

        assert not ours.closed


async def test_without_a_terminal_it_is_503_until_there_is_one(exchanges: Exchanges) -> None:
    port = free_port()
    async with opened(port) as url:
        absent = await ask(url, "GET", "/ping")
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await session.ws_connect(url + "/")
        async with Simulator(port=port, rate=0):
            present = await ask(url, "GET", "/ping")
            assert (await ask(url, "GET", "/api/connections")).status == 200
        gone = [(await ask(url, "GET", "/ping")).status for _ in range(2)]
        async with Simulator(port=port, rate=0):
            again = await ask(url, "GET", "/ping")

    assert (absent.status, caught.value.status, present.status) == (503, 503, 200)
    assert "not running" in json.loads(absent.body)["error"]
    assert set(gone) <= {503, 504}
    assert gone[-1] == 503
    assert again.status == 200


async def test_a_terminal_that_does_not_answer_is_504() -> None:
    async def only_reads(writer: asyncio.StreamWriter) -> None:
        if server.requests[-1].startswith(b"POST"):
            await hang(writer)
        is_ping = b"/ping" in server.requests[-1]
        writer.write(json_answer('{"app":"MetaScalp"}' if is_ping else '{"connections":[]}'))

    async with (
        serving(only_reads) as server,
        opened(server.port, Rules("local", pass_s=0.1)) as url,
    ):
        reply = await ask(url, "POST", "/api/combo", b"{}")

        assert reply.status == 504
        assert json.loads(reply.body)["result"] == "unknown"
        assert sum(request.startswith(b"POST") for request in server.requests) == 1


async def test_a_body_beyond_the_limit_is_refused(sim: Simulator, door: str) -> None:
    reply = await ask(door, "POST", "/api/tomorrow", b"x" * (MAX_BODY + 1))
    allowed = await ask(door, "POST", "/api/tomorrow", b"x" * MAX_BODY)

    assert (reply.status, allowed.status) == (413, 400)
    assert len(commands(sim)) == 1


async def test_a_port_that_is_taken_is_an_error_of_the_system(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with Relay(Config(), exchanges, Known(None)) as relay:
        with pytest.raises(OSError, match="in use"):
            async with web.door(relay, sim.port):
                pass


def test_by_default_it_never_listens_where_the_terminal_would() -> None:
    """The official SDK adopts any WebSocket on 17845 to 17855."""
    assert web.DEFAULT_PORT not in PORTS


async def test_a_terminal_that_came_back_on_another_port_is_asked_at_once(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent to the port that is gone, so the request may go to the new one."""
    first, second = free_port(), free_port()
    relay = Relay(Config(), exchanges, Known(None))
    monkeypatch.setattr(relay.link, "_ports", (first, second))
    async with relay, web.door(relay, 0, LOCAL) as url:
        async with Simulator(port=first, rate=0.0):
            assert (await ask(url, "GET", "/ping")).status == 200
            await relay.link.look_around()
        async with Simulator(port=second, rate=0.0) as back:
            body = b'{"tickerPattern":"BINANCE:ETHUSDT.p"}'
            reply = await ask(url, "POST", "/api/change-ticker", body)

            assert reply.status == 200
            assert len(commands(back)) == 1


@pytest.mark.parametrize("twin", ["v1.0.2860", "v1.0.671"])
async def test_an_order_goes_to_no_terminal_beside_ours_from_the_first_moment_on(
    exchanges: Exchanges, home: Path, monkeypatch: pytest.MonkeyPatch, twin: str
) -> None:
    """Ours is closed before anybody has looked who else is there."""
    first, second = sorted((free_port(), free_port()))
    relay = Relay(Config(), exchanges, Known(None))
    monkeypatch.setattr(relay.link, "_ports", (first, second))
    async with AsyncExitStack() as there, Simulator(port=second, rate=0.0, profile=twin) as beta:
        await there.enter_async_context(Simulator(port=first, rate=0.0))
        async with relay, web.door(relay, 0, LOCAL) as url:
            before = await ask(url, "GET", "/ping")
            assert before.headers["x-relay-terminal"] == f"127.0.0.1:{first}"
            await there.aclose()
            for _ in range(3):
                reply = await ask(url, "POST", "/api/connections/1/orders", ORDER)
                assert reply.status == 503
                assert f"another one is at 127.0.0.1:{second}" in json.loads(reply.body)["error"]

        assert not commands(beta)


async def test_a_door_where_the_terminal_would_be_does_not_find_itself(
    exchanges: Exchanges, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    relay = Relay(Config(), exchanges, Known(None))
    monkeypatch.setattr(relay.link, "_ports", (port, free_port()))
    async with relay, web.door(relay, port, LOCAL) as url:
        assert (await ask(url, "GET", "/ping")).status == 503
        status = json.loads((await ask(url, "GET", "/relay/status")).body)

    assert status["terminal"]["url"] is None


async def test_what_closed_connections_leave_is_freed(monkeypatch: pytest.MonkeyPatch):
    """Also where nothing else would bring the collector: it looks at what is made."""

    class Circle:
        def __init__(self) -> None:
            self.me = self

    monkeypatch.setattr(web, "SWEEP_S", 0.01)
    gc.disable()
    try:
        left = weakref.ref(Circle())
        async with beside("a sweep", web.sweep):
            await until(lambda: left() is None)
    finally:
        gc.enable()
