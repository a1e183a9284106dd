"""A socket that leads straight to the terminal its client named."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest
from until import until

from relay.core.tokens import Tokens, tokens_file
from relay.edges import passing
from relay.edges.web import Rules
from relay.metascalp.simulator import Simulator

from .doors import opened, read


async def test_another_terminals_socket_is_its_own(home: Path):
    async with Simulator(rate=0.0) as ours, Simulator(rate=0.0) as beta, opened(ours.port) as url:
        headers = {"X-Relay-Terminal": f"127.0.0.1:{beta.port}"}
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(url + "/", headers=headers) as socket:
                await socket.send_json({"Type": "subscribe", "Data": {"ConnectionId": 1}})
                said = await socket.receive_json(timeout=5)
                assert said == {"Type": "subscribed", "Data": {"ConnectionId": 1}}
                assert len(beta.hub.sockets) == 1
                assert (await read(url, "/relay/status"))["door"]["clients"]["sockets"] == 1
            await until(lambda: not beta.hub.sockets)
        assert (await read(url, "/relay/status"))["door"]["clients"]["sockets"] == 0


@pytest.mark.parametrize("keys", ["asis", "camel", "pascal"])
@pytest.mark.parametrize("profile", ["v1.0.2860", "doc-edition-1"])
async def test_another_terminals_messages_are_spelled_as_the_shared_ones(
    home: Path, keys: str, profile: str
):
    """Found 2026-12: they came as that terminal spells, and no answer said whose they were."""
    async with (
        Simulator(rate=0.0) as ours,
        Simulator(rate=0.0, profile=profile) as beta,
        opened(ours.port, Rules("local", keys)) as url,
        aiohttp.ClientSession() as session,
    ):
        for whose in (ours, beta):
            headers = {"X-Relay-Terminal": f"127.0.0.1:{whose.port}"}
            async with session.ws_connect(url + "/", headers=headers) as socket:
                assert socket._response.headers["X-Relay-Terminal"] == f"127.0.0.1:{whose.port}"
                for kind, data in (("type", "data"), ("Type", "Data")):
                    await socket.send_json({kind: "subscribe", data: {"connectionId": 1}})
                    told = await socket.receive_json(timeout=5)
                    assert list(told) == [kind, data]
                    names = {one for one in told[data] if one.lower() == "connectionid"}
                    said = {"camel": {"connectionId"}, "pascal": {"ConnectionId"}}
                    assert names == said.get(keys, names)


async def test_a_refusal_of_a_message_comes_in_the_clients_envelope(home: Path):
    text, _ = Tokens(tokens_file()).new("read")
    async with (
        Simulator(rate=0.0) as ours,
        Simulator(rate=0.0) as beta,
        opened(ours.port, Rules()) as url,
        aiohttp.ClientSession() as session,
    ):
        headers = {"X-Relay-Token": text, "X-Relay-Terminal": f"127.0.0.1:{beta.port}"}
        async with session.ws_connect(url + "/", headers=headers) as socket:
            await socket.send_json({"type": "place_order", "data": {}})
            said = await socket.receive_json(timeout=5)

    assert list(said) == ["type", "data"]
    assert "scope trade" in said["data"]["error"]


READS = {"Type": "trade_subscribe", "Data": {"ConnectionId": 1, "Ticker": "BTCUSDT"}}
ODD = [{"Type": "subscribe", "Data": {}}, {"Type": "tomorrow_subscribe", "Data": {}}]
ACTS = [
    {"Type": "place_order", "Data": {}},
    {"Type": "subscribe", "type": "place_order", "Data": {"ConnectionId": 1}},
    {"type": "place_order", "Type": "subscribe"},
]


@pytest.mark.parametrize("beside", [False, True], ids=["shared", "another terminal"])
@pytest.mark.parametrize("scope", ["read", "ui", "trade"])
async def test_what_no_document_has_needs_the_right_to_trade(home: Path, scope: str, beside: bool):
    text, _ = Tokens(tokens_file()).new(scope)
    async with (
        Simulator(rate=0.0) as ours,
        Simulator(rate=0.0) as other,
        opened(ours.port, Rules()) as url,
        aiohttp.ClientSession() as session,
    ):
        headers = {"Authorization": f"Bearer {text}"}
        if beside:
            headers["X-Relay-Terminal"] = f"127.0.0.1:{other.port}"
        async with session.ws_connect(url + "/", headers=headers) as socket:
            await socket.send_json(READS)
            said = await socket.receive_json(timeout=5)
            assert said["Type"] == "trade_subscribed"
            for one in ODD + ACTS:
                await socket.send_json(one)
                told = (await socket.receive_json(timeout=5))["Data"].get("error", "")
                ours_said = "scope trade" in told
                assert ours_said == (one in ACTS and scope != "trade"), (one, told)


@pytest.mark.parametrize("beside", [False, True], ids=["shared", "another terminal"])
async def test_a_revoked_token_takes_its_sockets_with_it(home: Path, beside: bool):
    tokens = Tokens(tokens_file())
    (text, _), (kept, _) = tokens.new("read", "bot"), tokens.new("read", "other")
    async with (
        Simulator(rate=0.0) as ours,
        Simulator(rate=0.0) as other,
        opened(ours.port, Rules()) as url,
        aiohttp.ClientSession() as session,
    ):
        more = {"X-Relay-Terminal": f"127.0.0.1:{other.port}"} if beside else {}
        sockets = [
            await session.ws_connect(url + "/", headers={"X-Relay-Token": one, **more})
            for one in (text, kept)
        ]
        tokens.revoke("bot")
        message = await sockets[0].receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.CLOSE
        assert (message.data, message.extra) == (1008, "the token was revoked")

        await sockets[1].send_json(READS)
        assert (await sockets[1].receive_json(timeout=5))["Type"] == "trade_subscribed"
        for socket in sockets:
            await socket.close()


async def test_a_file_of_tokens_that_is_being_written_ends_nobody(home: Path):
    """By hand, or on a system where a reader meets the writer: a look or two may fail."""
    tokens, path = Tokens(tokens_file()), tokens_file()
    text, _ = tokens.new("read", "bot")
    whole = path.read_bytes()
    async with (
        Simulator(rate=0.0) as ours,
        opened(ours.port, Rules()) as url,
        aiohttp.ClientSession() as session,
        session.ws_connect(url + "/", headers={"X-Relay-Token": text}) as socket,
    ):
        path.write_bytes(whole[:10])
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=2.5 * passing.LOOK_S)
        path.write_bytes(whole)
        await socket.send_json(READS)
        assert (await socket.receive_json(timeout=5))["Type"] == "trade_subscribed"

        path.write_bytes(whole[:10])
        assert (await socket.receive(timeout=10)).data == 1008
