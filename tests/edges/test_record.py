"""Recorded from one simulator, played back by another one, with nothing of the trader's in it."""

import json

import aiohttp
import pytest

from relay.edges.record import find, record
from relay.errors import BadConfig, TerminalGone
from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.replay import load


async def test_a_recording_can_be_played_back_and_tells_no_secret(tmp_path):
    out = tmp_path / "tape.jsonl"
    async with Simulator(rate=100) as sim:
        terminal = f"127.0.0.1:{sim.port}"
        lines = await record(terminal, out, 0.7, ["1:BTCUSDT"], plain=False)
        world = sim.world
        secrets = [str(order.id) for order in world.accounts[1].orders.values()]
        secrets += [order.client_id for order in world.accounts[1].orders.values()]
        names = [row.name for row in world.connections.values() if " " in row.name]
        asked = {(one.method, one.path) for one in sim.record.requests}
    text = out.read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]

    assert len(rows) == lines > 60
    assert not [
        secret
        for secret in [*secrets, *names]
        if f'"{secret}' in text
        or secret
        in json.dumps([row.get("body") for row in rows if "/orders" in row.get("path", "")])
    ]
    assert {method for method, _ in asked} == {"GET"}
    assert any("orderbook_update" in row.get("frame", "") for row in rows)
    async with Simulator(rate=0, replay=load(out)) as again, aiohttp.ClientSession() as http:
        async with http.get(again.url + "/api/connections") as reply:
            found = (await reply.json())["connections"]
        assert [row["Id"] for row in found] == list(world.connections)


async def test_a_plain_recording_has_everything(tmp_path):
    async with Simulator(rate=0) as sim:
        await record(f"127.0.0.1:{sim.port}", tmp_path / "x", 0.0, ["1:BTCUSDT"], plain=True)

    assert "Binance Futures" in (tmp_path / "x").read_text("utf-8")


async def test_without_a_terminal_there_is_nothing_to_record(tmp_path):
    with pytest.raises(TerminalGone):
        await record("127.0.0.1:1", tmp_path / "x", 0.0, [], plain=False)
    with pytest.raises(BadConfig):
        await find("nonsense")


@pytest.mark.parametrize("text", ["BTCUSDT", "x:BTCUSDT", "1:", ""])
async def test_a_ticker_to_record_names_its_connection(text, tmp_path):
    with pytest.raises(ValueError, match="not CONNECTION:TICKER"):
        await record("127.0.0.1:1", tmp_path / "x", 0.0, [text], plain=False)
