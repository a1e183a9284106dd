import asyncio
import json

import aiohttp
import pytest

from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.replay import load, read

from .conftest import Stream, Terminal

BOOK = '{"Type":"orderbook_%s","Data":{"connectionId":7,"ticker":"X","%s":[]}}'
LINES = [
    {"at": 0.0, "path": "/ping", "status": 200, "body": '{"app":"MetaScalp","version":"9"}'},
    {"at": 0.0, "path": "/api/connections/7/orders?Ticker=A%2FB", "status": 400,
     "body": '{"error":"as it was"}'},
    {"at": 0.0, "frame": BOOK % ("snapshot", "asks")},
    {"at": 0.1, "frame": BOOK % ("update", "updates")},
    {"at": 0.1, "frame": '{"Type":"subscribed","Data":{"ConnectionId":7}}'},
    {"at": 0.2, "frame": '{"Type":"order_update","Data":{"connectionId":7,"ticker":"X"}}'},
]  # fmt: skip


def recording():
    return read(json.dumps(line) for line in LINES)


async def test_replies_come_back_as_they_were():
    async with Simulator(rate=0, replay=recording()) as sim, aiohttp.ClientSession() as http:
        terminal = Terminal(sim, http)

        assert (await terminal.get("/ping")).text == '{"app":"MetaScalp","version":"9"}'
        answer = await terminal.get("/api/connections/7/orders?Ticker=A%2FB")
        assert answer.error == (400, "as it was")
        assert (await terminal.get("/api/connections")).error == (400, "Not found")
        assert (await terminal.post("/ping")).error == (400, "Not found")


async def test_frames_come_to_those_who_subscribed_in_their_own_time():
    async with Simulator(rate=0, replay=recording()) as sim, aiohttp.ClientSession() as http:
        stream = Stream(await http.ws_connect(sim.url + "/"))
        other = Stream(await http.ws_connect(sim.url + "/"))
        assert (await other.ask("subscribe", connectionId=8))["Data"] == {"ConnectionId": 8}
        await stream.ask("subscribe", connectionId=7)
        await stream.send("orderbook_subscribe", connectionId=7, ticker="X")
        await stream.wait_for("order_update")
        kinds = [frame["Type"] for frame in stream.seen]

        assert kinds == [
            "subscribed", "orderbook_subscribed", "orderbook_snapshot", "orderbook_update",
            "order_update",
        ]  # fmt: skip
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await other.next()


async def test_what_a_client_gets_wrong_is_said():
    async with Simulator(rate=0, replay=recording()) as sim, aiohttp.ClientSession() as http:
        stream = Stream(await http.ws_connect(sim.url + "/"))
        for text in ("{", "[]", '{"Type":"nope","Data":{}}'):
            await stream.socket.send_str(text)
            assert (await stream.next())["Type"] == "error"


def test_the_last_reply_up_to_now_is_the_one():
    rows = [{"at": at, "path": "/ping", "status": 200, "body": f'"{at}"'} for at in (5.0, 6.0)]
    replay = read(json.dumps(row) for row in rows)
    assert replay.answer("GET", "/ping").body == "5.0"
    replay.started -= 10

    assert replay.answer("GET", "/ping").body == "6.0"


@pytest.mark.parametrize(
    "line",
    [
        "{", "[]", "5", '{"at":1}', '{"at":"x","frame":"{}"}', '{"at":1,"frame":"{"}',
        '{"at":1,"path":"/","status":"x"}',
    ],
)  # fmt: skip
def test_a_file_that_is_no_recording_is_refused_with_its_line(line, tmp_path):
    (tmp_path / "x").write_text(json.dumps(LINES[0]) + "\n" + line)
    with pytest.raises(ValueError, match="line 2 is not of a recording"):
        load(tmp_path / "x")
