"""What lies under /relay/: for programs, but for the one page."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from server import hang, serving

from relay.config import Config
from relay.core.known import Known
from relay.core.places import load_exchanges
from relay.core.relay import Relay
from relay.core.tokens import Tokens, tokens_file
from relay.edges import operations, web
from relay.edges.web import Rules
from relay.metascalp.simulator import Simulator
from relay.spelling import KEYS, camel, pascal

from .doors import LOCAL, ask, commands, line, opened, read


@pytest.fixture
async def door(sim: Simulator, home: Path) -> AsyncIterator[str]:
    async with opened(sim.port) as url:
        yield url


async def test_the_status_tells_the_terminal_its_connections_and_the_door(
    sim: Simulator, door: str
):
    await ask(door, "GET", "/ping", headers={"Origin": "https://evil.example"})
    await ask(door, "GET", "/ping")
    status = await read(door, "/relay/status")

    assert status["terminal"]["url"] == sim.url
    assert status["terminal"]["version"] == "1.0.2860"
    assert len(status["connections"]) == 11
    assert status["terminals"] == [
        {"port": sim.port, "kind": "metascalp", "name": "MetaScalp", "version": "1.0.2860",
         "ours": True},
    ]  # fmt: skip
    assert status["door"]["auth"] == "local"
    assert status["door"]["refused"] == {"page": 1}
    assert status["door"]["requests"] == 1


async def test_other_terminals_are_listed_though_one_was_set(home: Path):
    config = Config(terminal="127.0.0.1:1")
    async with (
        Simulator(rate=0.0) as beta,
        Relay(config, load_exchanges(), Known(None)) as relay,
        web.door(relay, 0, LOCAL, [beta.port]) as url,
    ):
        status = await read(url, "/relay/status")
        named = {"X-Relay-Terminal": f"127.0.0.1:{beta.port}"}
        assert (await ask(url, "GET", "/ping", headers=named)).status == 200
        assert (await ask(url, "GET", "/ping")).status == 503

    assert [(one["port"], one["ours"]) for one in status["terminals"]] == [(beta.port, False)]


async def test_an_operation_for_another_terminal_is_refused_and_not_done_on_ours(home: Path):
    """A script that names Beta on every request must not act on Production."""
    cancel = b'{"connection":1,"ticker":"BTCUSDT"}'
    async with (
        Simulator(rate=0.0) as ours,
        Simulator(rate=0.0) as beta,
        opened(ours.port) as url,
    ):
        before = len(ours.world.accounts[1].open_orders("BTCUSDT"))
        other = {"X-Relay-Terminal": f"127.0.0.1:{beta.port}"}
        refused = await ask(url, "POST", "/relay/cancel_all", cancel, other)
        assert before
        assert len(ours.world.accounts[1].open_orders("BTCUSDT")) == before
        mine = {"X-Relay-Terminal": f"localhost:{ours.port}"}
        done = await ask(url, "POST", "/relay/cancel_all", cancel, mine)

    assert (refused.status, json.loads(refused.body)["code"]) == (400, "bad-params")
    assert f"127.0.0.1:{ours.port} only" in json.loads(refused.body)["error"]
    assert (done.status, json.loads(done.body)["state"]) == (200, "done")
    assert done.headers["x-relay-terminal"] == f"127.0.0.1:{ours.port}"


async def test_a_foreign_service_where_the_terminal_should_be_is_named(home: Path):
    head = b"HTTP/1.1 404 Not Found\r\nServer: Kestrel\r\nContent-Length: 0\r\n\r\n"
    async with serving(head) as foreign, opened(foreign.port) as url:
        status = await read(url, "/relay/status")

    assert status["terminal"]["state"] == "searching"
    assert status["terminals"] == [
        {"port": foreign.port, "kind": "foreign", "name": "Kestrel", "version": None, "ours": False}
    ]


async def test_metrics_are_in_prometheus_form(sim: Simulator, door: str):
    await ask(door, "GET", "/api/connections/1/positions")
    await ask(door, "GET", "/ping", headers={"Origin": "null"})
    reply = await ask(door, "GET", "/relay/metrics")
    lines = reply.body.decode().splitlines()

    route = 'method="GET",route="/api/connections/{id}/positions"'
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert f'metascalp_relay_requests_total{{{route},status="200"}} 1' in lines
    assert "metascalp_relay_terminal_up 1" in lines
    assert 'metascalp_relay_connections{state="connected"} 10' in lines
    assert 'metascalp_relay_refused_total{why="page"} 1' in lines


async def test_an_operation_is_a_post_with_its_parameters(sim: Simulator, door: str):
    body = b'{"ticker":"BINANCE:ETHUSDT.p"}'
    outcome = json.loads((await ask(door, "POST", "/relay/open", body)).body)
    rows = json.loads((await ask(door, "POST", "/relay/positions")).body)["rows"]

    assert (outcome["state"], outcome["symbol"]) == ("done", "ETHUSDT")
    assert [one["path"] for one in commands(sim)] == ["/api/change-ticker"]
    assert rows


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("GET", "/relay/open", None, 405),
        ("GET", "/relay/cancel_all", None, 405),
        ("DELETE", "/relay/status", None, 405),
        ("POST", "/relay/subscribe", b'{"topics":["status"]}', 405),
        ("POST", "/relay/nothing", None, 404),
        ("GET", "/relay/nothing", None, 404),
        ("POST", "/relay/", None, 405),
        ("POST", "/relay/open", b"{", 400),
        ("POST", "/relay/open", b"[]", 400),
        ("POST", "/relay/open", b"\xff", 400),
        ("POST", "/relay/open", b"[" * 100_000, 400),
        ("POST", "/relay/open", b'{"ticker":5}', 400),
        ("POST", "/relay/cancel", b'{"connection":"x"}', 400),
        ("POST", "/relay/cancel_all", b'{"connection":1,"ticker":"BTCUSDT","side":"buy"}', 400),
        ("POST", "/relay/open", b'{"ticker":"BINANCE:BTCUSDT.p","bindng":"003"}', 400),
        ("POST", "/relay/open", b'{"ticker":"BINANCE:BTCUSDT.p","target":{"link":"003"}}', 400),
        ("POST", "/relay/open", b'{"ticker":"A:B.p","ticker":"BINANCE:BTCUSDT.p"}', 400),
        ("POST", "/relay/orders", b'{"ticker":"BTCUSDT"}', 400),
    ],
)
async def test_what_is_no_operation_is_told_so_and_nothing_is_sent(
    sim: Simulator, door: str, method: str, target: str, body: bytes | None, status: int
):
    reply = await ask(door, method, target, body)

    assert reply.status == status
    assert json.loads(reply.body)["error"]
    assert not commands(sim)


async def test_a_parameter_that_is_not_taken_is_named_with_those_that_are(door: str):
    reply = await ask(door, "POST", "/relay/pin", b'{"connection":1,"symbol":"BTCUSDT"}')
    told = json.loads(reply.body)

    assert (told["field"], told["nearest"]) == ("symbol", "ticker")
    assert told["allowed"] == "at, connection, on, ticker"


async def test_with_tokens_only_the_page_needs_none(sim: Simulator, home: Path):
    text, _ = Tokens(tokens_file()).new("read")
    async with opened(sim.port, Rules()) as url:
        for target in ("/ping", "/relay/status", "/relay/metrics", "/relay/openapi.json"):
            assert (await ask(url, "GET", target)).status == 401
            shown = {"Authorization": f"Bearer {text}"}
            assert (await ask(url, "GET", target, headers=shown)).status == 200
        assert (await ask(url, "GET", "/relay/")).status == 200
        assert (await ask(url, "POST", "/relay/open", b"{}", headers=shown)).status == 403


@pytest.mark.parametrize("name", sorted(operations.TABLE))
async def test_an_escaped_name_is_no_way_around_the_scope(sim: Simulator, home: Path, name: str):
    """Found 2026-12: the gate read the name as it came, and who served it read it unescaped."""
    text, _ = Tokens(tokens_file()).new("read")
    shown = {"X-Relay-Token": text}
    escaped = "".join(f"%{ord(one):02x}" for one in name)
    body = b'{"ticker":"BINANCE:ETHUSDT.p"}'
    async with opened(sim.port, Rules()) as url:
        for target in (f"/relay/{escaped}", f"/%72elay/{name}", f"/relay%2f{name}"):
            reply = await ask(url, "POST", target, body, headers=shown)
            assert reply.status in (400, 403), target
    assert not commands(sim)


async def test_the_status_says_who_is_connected(sim: Simulator, home: Path):
    tokens = Tokens(tokens_file())
    (bot, _), (looks, _) = tokens.new("trade", "bot"), tokens.new("read", "looks")
    async with opened(sim.port, Rules()) as url, aiohttp.ClientSession() as session, line(url):
        wishes = ((bot, {}), (bot, {"X-Relay-Lane": "own"}), (looks, {}))
        held = [
            await session.ws_connect(url + "/", headers={"X-Relay-Token": token, **more})
            for token, more in wishes
        ]
        status = await read(url, "/relay/status", headers={"X-Relay-Token": looks})

    assert len(held) == 3
    assert status["door"]["clients"] == {
        "connections": 5, "sockets": 3, "own": 1, "tokens": {"bot": 2, "looks": 1},
    }  # fmt: skip


@pytest.mark.parametrize("keys", KEYS)
async def test_names_that_are_data_have_one_spelling(sim: Simulator, home: Path, keys: str):
    """Found 2026-12: of the tokens `bot` and `Bot` one lost its count, and an alias its capital."""
    tokens, wish = Tokens(tokens_file()), {"X-Relay-Keys": keys}
    config = Config(terminal=f"127.0.0.1:{sim.port}", aliases={"BINANCEUSDM": "BINANCE"})
    async with (
        Relay(config, load_exchanges(), Known(None)) as relay,
        web.door(relay, 0, LOCAL) as url,
        aiohttp.ClientSession() as session,
    ):
        held = [
            await session.ws_connect(url + "/", headers={"X-Relay-Token": token})
            for token, _ in (tokens.new("read", name) for name in ("bot", "Bot"))
        ]
        status = await read(url, "/relay/status", wish)
        settings, sites = [
            json.loads((await ask(url, "POST", f"/relay/{name}", None, wish)).body)
            for name in ("config_get", "sites")
        ]

    says = pascal if keys == "pascal" else camel
    clients = status[says("door")][says("clients")]
    assert len(held) == 2
    assert clients[says("tokens")] == {"bot": 1, "Bot": 1}
    for told in (settings, sites):
        assert told[says("aliases")] == {"BINANCEUSDM": "BINANCE"}


async def test_the_page_has_everything_in_itself_and_may_load_nothing(door: str):
    reply = await ask(door, "GET", "/relay/")
    text = reply.body.decode()

    assert reply.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha")
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")
    assert "src=" not in text
    assert "href=" not in text


async def test_a_terminal_that_hangs_does_not_hold_the_status_up_for_long(home: Path):
    async with serving(hang) as silent, opened(silent.port) as url:
        status = await read(url, "/relay/status")

    assert status["terminals"][0]["kind"] == "silent"
