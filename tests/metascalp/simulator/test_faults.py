import asyncio
import json

import aiohttp
import pytest

from relay.metascalp.simulator.faults import TABLE, Faults, bad_frames, parse
from relay.metascalp.simulator.framing import framed

from .conftest import Stream


async def begin(terminal, name, **more):
    answer = await terminal.post("/sim/fault", name=name, **more)
    assert answer.status == 200, answer.text
    return answer.json


UPDATES = [framed(f'{{"Type":"trade_update","Data":{n}}}') for n in range(3)]
ACK = framed('{"Type":"subscribed"}')


def test_updates_are_doubled_and_turned_round():
    faults = Faults()
    faults.begin("duplicates", 1)
    assert list(faults.frames(1, UPDATES[0])) == [UPDATES[0]] * 2
    faults.end("duplicates")
    faults.begin("reordered", 1)
    sent = [one for frame in UPDATES[:2] for one in faults.frames(1, frame)]

    assert sent == [UPDATES[1], UPDATES[0]]
    assert list(faults.frames(2, ACK)) == [ACK]


def test_a_fault_is_named_with_or_without_a_number():
    assert parse("slow")[1] == 800
    assert parse("slow=5")[1] == 5
    for wrong in ("nope", "slow=x", "slow=", "no-snapshot=nan", "not-json=inf"):
        with pytest.raises(ValueError, match=r"no such fault|not a number"):
            parse(wrong)


def test_a_huge_frame_is_as_large_as_asked_for_and_json():
    [frame] = bad_frames("huge-frame", 5)

    assert len(frame) > 5 * 1024 * 1024
    assert json.loads(frame)["Type"] == "notification_update"


async def test_frozen_it_takes_requests_and_answers_when_it_thaws(terminal):
    stream = await terminal.stream()
    await begin(terminal, "freeze")
    await stream.send("subscribe", connectionId=1)
    asked = asyncio.ensure_future(terminal.get("/ping"))  # noqa: TID251
    done, _ = await asyncio.wait([asked], timeout=0.1)
    assert not done
    await begin(terminal, "freeze", on=False)

    assert (await asked).status == 200
    assert (await stream.next())["Type"] == "subscribed"


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [("errors", 500, "application/json"), ("wrong-type", 200, "text/html")],
)
async def test_answers_go_wrong(terminal, name, status, kind):
    now = await begin(terminal, name)
    answer = await terminal.get("/ping")

    assert now["on"] == {name: 1}
    assert (answer.status, answer.headers["Content-Type"].split(";")[0]) == (status, kind)


async def test_slow_answers_take_their_time(terminal):
    await begin(terminal, "slow", value=120)
    loop = asyncio.get_running_loop()
    started = loop.time()
    await terminal.get("/ping")

    assert loop.time() - started >= 0.12


async def test_an_order_is_placed_and_its_reply_never_comes(terminal):
    await begin(terminal, "lost-order")
    before = len(terminal.sim.world.accounts[1].orders)
    order = {"ticker": "BTCUSDT", "side": 1, "price": 60000, "size": 0.01}
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await terminal.post("/api/connections/1/orders", **order)

    assert len(terminal.sim.world.accounts[1].orders) == before + 1


@pytest.mark.parametrize("name", ["not-json", "not-utf8", "huge-frame"])
async def test_bad_frames_reach_every_socket(terminal, name):
    stream = await terminal.stream()
    await stream.ask("subscribe", connectionId=1)
    await begin(terminal, name, value=1)
    message = await stream.socket.receive(timeout=5)

    if name == "not-utf8":
        assert message.type in (aiohttp.WSMsgType.ERROR, aiohttp.WSMsgType.CLOSE)
    else:
        assert message.type is aiohttp.WSMsgType.TEXT


async def test_sockets_are_dropped(terminal):
    stream = await terminal.stream()
    await stream.ask("subscribe", connectionId=1)
    await begin(terminal, "drop-sockets")

    assert (await stream.socket.receive(timeout=5)).type in (
        aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.ERROR,
    )  # fmt: skip


async def test_what_is_no_fault_is_refused(terminal):
    assert (await terminal.post("/sim/fault", name="nope")).status == 400
    assert (await terminal.request("POST", "/sim/fault", b"{")).status == 400
    assert (await terminal.post("/sim/fault", what=1)).status == 400


async def test_every_fault_can_be_asked_for(terminal):
    back = asyncio.Event()
    terminal.sim.restarted = back.set
    for fault in TABLE:
        await begin(terminal, fault.name, on=not fault.lasts)
        if fault.name == "restart":
            await asyncio.wait_for(back.wait(), 10)
    assert terminal.sim.hub.faults.on == {}
    assert isinstance(await terminal.stream(), Stream)


BOOK = "/api/connections/1/orderbook-snapshot?Ticker=BTCUSDT"
REASONS = ["snapshot_unavailable", "snapshot_failed", "market_service_unavailable"]


async def reasons(terminal):
    members = (await terminal.get("/api/link-groups/1/orderbook-snapshots")).json["members"]
    return [(one["kind"], one["ok"], one.get("reason")) for one in members]


async def test_without_snapshots_rest_says_so_and_a_link_group_says_why(terminal):
    whole = await reasons(terminal)
    for number, reason in [(0, REASONS[0]), *enumerate(REASONS, start=1)]:
        await begin(terminal, "no-snapshot", value=number)
        assert await reasons(terminal) == [
            ("orderBook", False, reason), ("chart", False, "not_an_order_book")
        ]  # fmt: skip
    assert (await terminal.get(BOOK)).error == (400, "Exchange returned no snapshot")
    assert (await terminal.get(BOOK.replace("/1/", "/2/"))).status == 501
    await begin(terminal, "no-snapshot", value=4)
    assert await reasons(terminal) == [(None, False, "resolve_failed")] * 2
    await begin(terminal, "no-snapshot", on=False)

    assert await reasons(terminal) == whole
    assert (await terminal.get(BOOK)).status == 200


async def test_without_snapshots_a_book_that_nobody_has_yet_begins_with_deltas(terminal):
    await begin(terminal, "no-snapshot")
    stream = await terminal.stream()
    await stream.ask("orderbook_subscribe", connectionId=1, ticker="ADAUSDT")

    assert (await stream.ask("end"))["Type"] == "error"


async def test_without_its_backend_a_screener_is_empty_and_the_feeds_are_quiet(terminal):
    market = [{"exchange": "binance", "market": "futures"}]
    await begin(terminal, "no-backend")
    answer = await terminal.get("/api/screener/templates/-1/data")
    stream = await terminal.stream()
    ack = await stream.ask("large_trades_subscribe", exchangeMarkets=market)
    error = await stream.next()

    assert answer.text == '{"templateId":-1,"count":0,"rows":[]}'
    assert (ack["Type"], error["Type"]) == ("large_trades_subscribed", "error")
    assert "large_trades_subscribe" in error["Data"]["error"]
    await stream.send("screener_subscribe", templateId=-1)
    assert (await stream.wait_for("screener_frame"))["rows"] == []
    await begin(terminal, "no-backend", on=False)
    assert (await stream.wait_for("large_trades_update"))["trades"]
