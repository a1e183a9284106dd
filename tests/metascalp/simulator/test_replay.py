import asyncio
import json

import aiohttp
import pytest

from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.profile import PROFILES
from relay.metascalp.simulator.replay import load, read

from .conftest import TIMEOUT_S, Stream, Terminal

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
        assert (await other.ask("trade_subscribe", connectionId=7, ticker="Y"))["Data"] == {
            "ConnectionId": 7, "Ticker": "Y", "ZoomIndex": 0,
        }  # fmt: skip
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


ASKED = [
    {"connectionId": 1},
    {"connectionId": 1, "ticker": "BTCUSDT", "zoomIndex": 2},
    {"connectionId": 1, "ticker": "BTCUSDT", "zoomIndex": 0, "depthLevels": 5, "depthPercent": 1.5},
    {"connectionId": 1, "ticker": "BTCUSDT", "fetchSnapshot": False},
    {"connectionId": 1, "ticker": "ETHUSDT"},
    {"connectionId": 1},
    {"connectionId": 99, "ticker": "BTCUSDT"},
    {"connectionId": 1, "ticker": "BTCUSDT"},
    {},
    {"connectionId": 1, "ticker": "BTCUSDT"},
    {"connectionId": 1},
    {},
]
KINDS = [
    "subscribe", "trade_subscribe", "orderbook_subscribe", "orderbook_subscribe",
    "mark_price_subscribe", "trade_subscribe", "trade_subscribe", "funding_subscribe",
    "notification_subscribe", "orderbook_unsubscribe", "unsubscribe", "notification_unsubscribe",
]  # fmt: skip
SUBSCRIPTIONS = [(kind, data) for kind, data in zip(KINDS, ASKED, strict=True)]


async def answered(url, http):
    """The first thing each subscription is answered, on a socket of its own."""
    said = []
    for kind, data in SUBSCRIPTIONS:
        async with http.ws_connect(url + "/") as socket:
            await socket.send_str(json.dumps({"Type": kind, "Data": data}))
            said.append(await asyncio.wait_for(socket.receive_str(), TIMEOUT_S))
    return said


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_subscription_is_answered_as_the_recorded_terminal_answered_it(profile, tmp_path):
    """Recorded or not, in the spelling and with the errors of that terminal."""
    async with (
        Simulator(rate=100, profile=profile) as sim,
        aiohttp.ClientSession() as http,
    ):
        was = await answered(sim.url, http)
        frames = tmp_path / "tape.jsonl"
        async with http.ws_connect(sim.url + "/") as socket:
            for kind, data in SUBSCRIPTIONS[:3]:
                await socket.send_str(json.dumps({"Type": kind, "Data": data}))
            lines = []
            while not any("orderbook_update" in line for line in lines):
                text = await asyncio.wait_for(socket.receive_str(), TIMEOUT_S)
                lines.append(json.dumps({"at": 0.0, "frame": text}))
        frames.write_text("\n".join(lines))
    async with Simulator(rate=0, replay=load(frames)) as again, aiohttp.ClientSession() as http:
        now = await answered(again.url, http)

    assert [pair for pair in zip(now, was, strict=True) if pair[0] != pair[1]] == []


async def test_the_recorded_acknowledgement_is_sent_as_it_was():
    ack = '{"Type":"trade_subscribed","Data":{"ConnectionId":7,"ZoomIndex":3,"Ticker":"X","New":1}}'
    replay = read([json.dumps({"at": 0, "frame": ack})])
    asked = {"connectionId": 7, "ticker": "X", "zoomIndex": 3}

    def answer(data):
        return replay.receive(set(), json.dumps({"type": "trade_subscribe", "data": data}))

    assert answer(asked) == [ack]
    [other] = answer({**asked, "zoomIndex": 5})
    assert '"ZoomIndex":5' in other
