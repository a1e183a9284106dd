"""Bodies are rebuilt before they leave, answers are spelled as the client wishes, once is once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from server import hang, json_answer, serving

from relay.edges.web import Rules
from relay.metascalp.simulator import Simulator
from relay.spelling import KEYS, spell

from .doors import ask, asked, commands, opened, read

ORDERS = "/api/connections/1/orders"
ORDER = b'{"Ticker":"BTCUSDT","side":"buy","PRICE":"60000.00","size":"0.010","type":"limit"}'
QUICK = Rules("local", pass_s=0.2)
PROFILES = ("v1.0.2860", "v1.0.671", "doc-edition-1", "doc-edition-2")


@pytest.fixture
async def door(sim: Simulator, home: Path) -> AsyncIterator[str]:
    async with opened(sim.port) as url:
        yield url


async def test_an_order_leaves_in_the_documents_words_and_numbers(sim: Simulator, door: str):
    reply = await ask(door, "POST", ORDERS, ORDER[:-1] + b',"clientId":"x","Comment":"y"}')

    (sent,) = commands(sim)
    assert reply.status == 200
    assert sent["body"] == {
        "ticker": "BTCUSDT", "side": 1, "price": 60000, "size": Decimal("0.010"), "type": 0,
    }  # fmt: skip
    assert reply.headers["x-relay-dropped"] == "clientId, Comment"
    assert reply.headers["x-relay-terminal"] == f"127.0.0.1:{sim.port}"


async def test_what_is_not_documented_is_refused_and_nothing_is_sent(sim: Simulator, door: str):
    reply = await ask(door, "POST", ORDERS, ORDER[:-1] + b',"stopLossPrice":1}')
    told = json.loads(reply.body)

    assert reply.status == 400
    assert told["error"].startswith("Unknown field 'stopLossPrice'")
    assert (told["field"], told["code"]) == ("stopLossPrice", "bad-params")
    assert "reduceOnly" in told["allowed"]
    assert not commands(sim)


@pytest.mark.parametrize(
    "body", [b"{", b'{"ticker":"\xff"}', b"[" * 200_000, b'{"size":NaN}', b"[]"]
)
async def test_what_is_no_json_is_refused_and_nothing_is_sent(
    sim: Simulator, door: str, body: bytes
):
    assert (await ask(door, "POST", ORDERS, body)).status == 400
    assert not commands(sim)


async def test_what_is_no_json_is_refused_in_the_terminals_own_words(sim: Simulator, door: str):
    for route in (ORDERS, "/api/ui/windows", "/api/screener/templates"):
        direct = await ask(sim.url, "POST", route, b"not json")
        ours = await ask(door, "POST", route, b"not json")

        assert ours.status == direct.status == 400
        assert json.loads(ours.body)["error"] == json.loads(direct.body)["error"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_route_without_a_body_takes_none(sim: Simulator, door: str, method: str):
    target = "/api/connections/1/signal-levels?Ticker=BTCUSDT"

    assert (await ask(door, method, target, b'{"x":1}')).status == 400
    assert not asked(sim, method, target)
    assert (await ask(door, method, target, b" ")).status == 200


async def test_a_template_read_in_both_spellings_is_written_in_one(sim: Simulator, home: Path):
    """Found 2026-12: what was changed went out beside what had been read."""
    templates = "/api/screener/templates"
    async with opened(sim.port, Rules("local", keys="both")) as url:
        new = b'{"name":"x","settings":{"NumberOfRows":10}}'
        one = f"{templates}/{json.loads((await ask(url, 'POST', templates, new)).body)['id']}"
        settings = (await read(url, one))["settings"]
        half = {**settings, "numberOfRows": 50}
        whole = {**half, "NumberOfRows": 50}
        replies = [
            await ask(url, "PUT", one, json.dumps({"settings": changed}).encode())
            for changed in (half, whole)
        ]

    assert settings == {"NumberOfRows": 10, "numberOfRows": 10}
    assert [reply.status for reply in replies] == [400, 200]
    assert json.loads(replies[0].body)["field"] == "numberOfRows"
    assert [row["body"] for row in commands(sim)[1:]] == [{"settings": {"NumberOfRows": 50}}]


@pytest.mark.parametrize("profile", PROFILES)
async def test_every_profile_can_be_read_in_every_spelling(profile: str, home: Path):
    async with Simulator(rate=0.0, profile=profile) as sim, opened(sim.port) as url:
        for target in ("/ping", "/api/connections", "/api/connections/1/tickers", "/api/nothing",
                       "/api/connections/1/orderbook-settings?Ticker=BTCUSDT"):  # fmt: skip
            direct = await ask(sim.url, "GET", target)
            for keys in KEYS:
                ours = await ask(url, "GET", target, headers={"X-Relay-Keys": keys})
                assert ours.status == direct.status
                assert ours.body == spell(direct.body, keys)


async def test_the_listener_has_a_spelling_and_a_client_may_wish_another(
    sim: Simulator, home: Path
):
    async with opened(sim.port, Rules("local", keys="both")) as url:
        both = await read(url, "/api/connections")
        camel = await read(url, "/api/connections?relay_keys=camel")
        refused = await ask(url, "POST", "/api/combo", b'{"x":1}')
        bad = await ask(url, "GET", "/ping?relay_keys=snake")

    assert set(both) == {"connections", "Connections"}
    assert both["connections"][0]["id"] == both["Connections"][0]["Id"] == 1
    assert set(camel) == {"connections"}
    assert "Id" not in camel["connections"][0]
    assert json.loads(refused.body)["Error"] == json.loads(refused.body)["error"]
    assert bad.status == 400
    assert not [row for row in sim.record.rows() if row["query"]]  # type: ignore[call-overload, index]


async def test_bytes_that_are_no_json_are_passed_as_they_are(home: Path):
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 4\r\n\r\n\x89PNG"
    ping, none = json_answer('{"app":"MetaScalp"}'), json_answer('{"connections":[]}')

    async def by_path(writer: asyncio.StreamWriter) -> None:
        last = server.requests[-1]
        writer.write(ping if b"/ping" in last else none if b"/connections" in last else answer)

    async with serving(by_path) as server, opened(server.port, Rules("local", "both")) as url:
        reply = await ask(url, "GET", "/api/picture")

    assert (reply.body, reply.headers["content-type"]) == (b"\x89PNG", "image/png")


@pytest.mark.parametrize("how", ["silent", "cut off", "reset"])
async def test_nothing_that_changes_state_is_ever_sent_twice(home: Path, how: str):
    ping, none = json_answer('{"app":"MetaScalp"}'), json_answer('{"connections":[]}')

    async def never_orders(writer: asyncio.StreamWriter) -> None:
        last = server.requests[-1]
        if not last.startswith(b"POST"):
            writer.write(ping if b"/ping" in last else none)
        elif how == "silent":
            await hang(writer)
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Le" if how == "cut off" else b"")
            writer.close()

    async with serving(never_orders) as server, opened(server.port, QUICK) as url:
        for _ in range(3):  # On new connections and on kept ones.
            await ask(url, "GET", "/api/connections")
            reply = await ask(url, "POST", ORDERS, ORDER)
            assert reply.status == 504
            assert json.loads(reply.body)["result"] == "unknown"

        sent = [one for one in server.requests if one.startswith(b"POST")]
        assert len(sent) == 3


async def test_another_terminal_is_asked_by_its_name_and_never_by_chance(home: Path):
    async with (
        Simulator(rate=0.0) as ours,
        Simulator(rate=0.0, profile="v1.0.671") as beta,
        opened(ours.port) as url,
    ):
        named = {"X-Relay-Terminal": f"127.0.0.1:{beta.port}"}
        first = await read(url, "/ping")
        second = await read(url, "/ping", named)
        reply = await ask(url, "POST", ORDERS, ORDER, named)

        assert (first["version"], second["version"]) == ("1.0.2860", "1.0.671")
        assert reply.headers["x-relay-terminal"] == f"127.0.0.1:{beta.port}"
        assert (len(commands(ours)), len(commands(beta))) == (0, 1)


NO_ADDRESSES = [
    "10.0.0.1:17845", "evil.example:80", "17845", "", "127.0.0.1:0", "127.0.0.1:99999",
    "127.0.0.1:17845/x", "[::1]:17845", "127.0.0.1:" + "9" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("named", NO_ADDRESSES)
async def test_what_is_no_terminals_address_is_refused(sim: Simulator, door: str, named: str):
    reply = await ask(door, "GET", "/ping", headers={"X-Relay-Terminal": named})

    assert reply.status == 400


async def test_a_named_terminal_that_is_gone_is_not_whoever_has_its_port_now(
    sim: Simulator, door: str
):
    async with Simulator(rate=0.0) as beta:
        named = {"X-Relay-Terminal": f"127.0.0.1:{beta.port}"}
        assert (await ask(door, "GET", "/ping", headers=named)).status == 200
    async with serving(json_answer('{"app":"Something"}'), port=beta.port) as other:
        reply = await ask(door, "POST", ORDERS, ORDER, named)

        assert reply.status == 503
        assert {one.split()[1] for one in other.requests} == {b"/ping"}


async def test_nothing_else_on_this_machine_is_asked_through_us(sim: Simulator, door: str):
    """A name sends nothing but a look: what sits there must be a MetaScalp first."""
    async with serving(json_answer('{"app":"Something"}')) as other:
        named = {"X-Relay-Terminal": f"127.0.0.1:{other.port}"}
        for method, target in (("GET", "/api/secrets"), ("POST", "/api/shutdown")):
            assert (await ask(door, method, target, headers=named)).status == 503

        assert {one.split()[1] for one in other.requests} == {b"/ping"}
