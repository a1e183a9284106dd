"""Messages over a real socket: snapshots, updates, trades, accounts, slow readers."""

import asyncio

import aiohttp
import pytest

from .conftest import TIMEOUT_S

BTC = {"connectionId": 1, "ticker": "BTCUSDT"}
QUIET = {"connectionId": 7, "ticker": "SOL/USDT"}


def steps(terminal, number=1):
    for _ in range(number):
        terminal.sim.world.step()


async def test_nothing_but_the_ack_follows_a_subscription(terminal):
    stream = await terminal.stream()
    assert await stream.ask("subscribe", connectionId=1) == {
        "Type": "subscribed", "Data": {"ConnectionId": 1}
    }  # fmt: skip

    assert (await stream.ask("nothing"))["Type"] == "error"


async def test_the_socket_stays_usable_after_an_error(terminal):
    stream = await terminal.stream()
    await stream.socket.send_str("{")
    assert (await stream.next())["Data"] == {"error": "Invalid message format"}
    await stream.socket.send_bytes(b'{"Type":"subscribe","Data":{"connectionId":1}}')
    assert (await stream.next())["Type"] == "subscribed"


async def test_a_book_comes_as_ack_snapshot_updates(terminal):
    stream = await terminal.stream()
    await stream.send("orderbook_subscribe", **BTC)
    await stream.next()
    shot = await stream.next()
    steps(terminal)
    update = await stream.next()

    assert [frame["Type"] for frame in stream.seen] == [
        "orderbook_subscribed", "orderbook_snapshot", "orderbook_update",
    ]  # fmt: skip
    assert list(shot["Data"]) == ["connectionId", "ticker", "asks", "bids", "bestAsk", "bestBid"]
    assert list(update["Data"]) == ["connectionId", "ticker", "updates"]
    assert list(update["Data"]["updates"][0]) == ["price", "size", "type"]
    assert len(shot["Data"]["asks"]) >= 200


async def test_snapshot_and_updates_add_up_to_the_book(terminal):
    stream = await terminal.stream()
    await stream.send("orderbook_subscribe", **BTC)
    shot = await stream.wait_for("orderbook_snapshot")
    mirror = {"Ask": {}, "Bid": {}, "BestAsk": {}, "BestBid": {}}
    for row in [*shot["asks"], *shot["bids"], shot["bestAsk"], shot["bestBid"]]:
        put(mirror, row)
    for _ in range(50):
        steps(terminal)
        for row in (await stream.wait_for("orderbook_update"))["updates"]:
            put(mirror, row)

    book = terminal.sim.world.market((1, "BTCUSDT")).book
    ticker = book.ticker
    assert mirror["Ask"] == {
        tick * ticker.price_increment: units * ticker.size_increment
        for tick, units in book.asks.items()
    }
    assert mirror["BestBid"] == {
        book.best("Bid") * ticker.price_increment:
        book.bids[book.best("Bid")] * ticker.size_increment
    }  # fmt: skip


def put(mirror, row):
    levels = mirror[row["type"]]
    if row["type"].startswith("Best"):
        levels.clear()
    if row["size"]:
        levels[row["price"]] = row["size"]
    else:
        levels.pop(row["price"], None)


async def test_depth_cuts_the_snapshot_only_percent_cuts_both(terminal):
    deep, near = await terminal.stream(), await terminal.stream()
    await deep.send("orderbook_subscribe", **BTC, depthLevels=2)
    await near.send("orderbook_subscribe", **BTC, depthPercent=0.001)
    shot = await deep.wait_for("orderbook_snapshot")
    edge = (await near.wait_for("orderbook_snapshot"))["bestAsk"]["price"]
    assert len(shot["asks"]) == len(shot["bids"]) == 2

    market = terminal.sim.world.market((1, "BTCUSDT"))
    market.book.put("Ask", 650150, 5)
    market.book.put("Ask", market.book.best("Ask"), 5)
    terminal.sim.world.tell_market((1, "BTCUSDT"))

    far = [row["price"] for row in (await deep.wait_for("orderbook_update"))["updates"]]
    assert 65015 in far
    rows = (await near.wait_for("orderbook_update"))["updates"]
    assert [row["type"] for row in rows] == ["Ask", "BestAsk"]
    assert rows[0]["price"] == edge


async def test_subscribing_again_sends_a_new_snapshot(terminal):
    stream = await terminal.stream()
    await stream.send("orderbook_subscribe", **BTC)
    await stream.wait_for("orderbook_snapshot")
    await stream.send("orderbook_subscribe", **BTC, zoomIndex=10)
    shot = await stream.wait_for("orderbook_snapshot")
    steps(terminal)

    assert all(row["price"] % 1 == 0 for row in shot["asks"])
    rows = (await stream.wait_for("orderbook_update"))["updates"]
    assert all(row["price"] % 1 == 0 for row in rows if row["type"] in ("Ask", "Bid"))


async def test_without_a_snapshot_only_deltas_until_somebody_asks(terminal):
    first, second = await terminal.stream(), await terminal.stream()
    await first.send("orderbook_subscribe", **QUIET, fetchSnapshot=False)
    await first.wait_for("orderbook_subscribed")
    steps(terminal)
    assert (await first.next())["Type"] == "orderbook_update"

    await second.send("orderbook_subscribe", **QUIET)

    assert (await first.next())["Type"] == "orderbook_snapshot"
    await second.wait_for("orderbook_snapshot")
    third = await terminal.stream()
    await third.send("orderbook_subscribe", **QUIET, fetchSnapshot=False)
    await third.wait_for("orderbook_snapshot")


async def test_a_book_that_comes_onto_the_screen_brings_its_snapshot_to_all(terminal):
    stream = await terminal.stream()
    await stream.ask("orderbook_subscribe", **QUIET, fetchSnapshot=False)
    assert (await stream.ask("end"))["Type"] == "error"
    await terminal.post("/api/change-ticker", exchange=3, market=2, ticker=QUIET["ticker"])

    assert (await stream.next())["Type"] == "orderbook_snapshot"
    assert (await stream.ask("end"))["Type"] == "error"


async def test_a_book_on_the_screen_has_its_snapshot_already(terminal):
    stream = await terminal.stream()
    await stream.send("orderbook_subscribe", **BTC, fetchSnapshot=False)

    await stream.wait_for("orderbook_snapshot")


async def test_trades_are_merged_and_sent_when_their_window_ends(terminal):
    stream = await terminal.stream()
    await stream.ask("trade_subscribe", **BTC)
    await terminal.post("/api/connections/1/orders", ticker="BTCUSDT", side=1, size=0.01, type=4)
    [trade] = (await stream.wait_for("trade_update"))["trades"]

    assert list(trade) == ["price", "size", "side", "time", "highPrice", "lowPrice"]
    assert (trade["side"], float(trade["size"])) == ("Buy", 0.01)


async def test_account_messages_come_in_their_order_and_shape(terminal):
    stream = await terminal.stream()
    await stream.ask("subscribe", connectionId=5)
    await terminal.post("/api/connections/5/orders", ticker="BTCUSDT", side=1, size=0.01, type=4)
    finres = await stream.wait_for("finres_update")

    kinds = [frame["Type"] for frame in stream.seen[1:]]
    assert kinds[0] == "order_update"
    assert "position_update" in kinds
    assert kinds[-2:] == ["balance_update", "finres_update"]
    data = {frame["Type"]: frame["Data"] for frame in stream.seen}
    assert list(data["order_update"]) == [
        "connectionId", "orderId", "ticker", "side", "type", "price", "filledPrice", "size",
        "filledSize", "fee", "feeCurrency", "status", "time",
    ]  # fmt: skip
    assert data["order_update"]["status"] == "Closed"
    assert list(data["position_update"]) == [
        "connectionId", "positionId", "ticker", "side", "size", "avgPrice", "avgPriceFix",
        "avgPriceDyn", "status",
    ]  # fmt: skip
    assert list(data["balance_update"]["balances"][0]) == ["coin", "total", "free", "locked"]
    assert list(finres["finreses"][0]) == [
        "currency", "result", "fee", "funds", "available", "blocked"
    ]  # fmt: skip


async def test_an_account_is_told_only_to_those_who_subscribed(terminal):
    mine, other = await terminal.stream(), await terminal.stream()
    await mine.ask("subscribe", connectionId=5)
    await other.ask("subscribe", connectionId=1)
    await terminal.post("/sim/order", connectionId=5, ticker="BTCUSDT", side=1, price=1000, size=1)

    assert (await mine.next())["Type"] == "order_update"
    assert (await other.ask("unsubscribe", connectionId=1))["Type"] == "unsubscribed"


async def test_the_first_update_comes_before_or_after_the_reply(terminal):
    stream = await terminal.stream()
    await stream.ask("subscribe", connectionId=5)
    for _ in range(10):
        path = "/api/connections/5/orders"
        await terminal.post(path, ticker="BTCUSDT", side=1, size=0.001, price=1000)

        assert (await stream.wait_for("order_update"))["status"] == "New"
        assert (await stream.wait_for("order_update"))["status"] == "Open"


async def test_a_slow_reader_is_cut_off_and_nobody_else_notices(terminal, monkeypatch):
    monkeypatch.setattr("relay.metascalp.simulator.stream.MAX_WAITING", 200_000)
    slow, quick = await terminal.stream(), await terminal.stream()
    for stream in (slow, quick):
        await stream.send("orderbook_subscribe", **BTC)
    await quick.wait_for("orderbook_snapshot")
    slow.socket._response.connection.transport.pause_reading()
    for _ in range(20_000):
        if len(terminal.sim.hub.sockets) == 1:
            break
        steps(terminal)
        await quick.wait_for("orderbook_update")

    assert len(terminal.sim.hub.sockets) == 1
    steps(terminal)
    await quick.wait_for("orderbook_update")


async def test_a_reader_cut_off_amid_trades_stops_nobody(terminal):
    """Cutting a socket off gives back its streams while they are being walked through."""
    stream = await terminal.stream()
    for ticker in ("BTCUSDT", "ETHUSDT", "SOLUSDT"):
        await stream.ask("trade_subscribe", connectionId=1, ticker=ticker)
    steps(terminal, 20)
    assert len(terminal.sim.hub.tapes) == 3
    [socket] = terminal.sim.hub.sockets
    socket.waiting = 10**9
    for tape in terminal.sim.hub.tapes.values():
        tape.since = 0
    terminal.sim.hub.flush()

    assert not terminal.sim.hub.sockets
    assert (await terminal.get("/ping")).status == 200


async def test_a_closed_socket_leaves_nothing_behind(terminal):
    stream = await terminal.stream()
    await stream.ask("subscribe", connectionId=1)
    await stream.send("orderbook_subscribe", **QUIET)
    await stream.wait_for("orderbook_snapshot")
    await stream.socket.close()
    hub = terminal.sim.hub
    async with asyncio.timeout(TIMEOUT_S):
        while hub.sockets:  # The server learns of the end by a frame; each reply gives it a turn.
            await terminal.get("/ping")

    assert (hub.fetched, hub.tapes, hub.tops, hub.followed()) == (set(), {}, {}, set())


async def test_a_handshake_that_is_none_is_a_400(terminal):
    headers = {"Upgrade": "websocket"}
    async with terminal.http.get(terminal.sim.url + "/", headers=headers) as reply:
        assert reply.status == 400
        assert await reply.json() == {"error": "Not found"}


async def test_the_upgrade_is_on_the_root_only(terminal):
    with pytest.raises(aiohttp.WSServerHandshakeError) as error:
        await terminal.http.ws_connect(terminal.sim.url + "/ws")

    assert error.value.status == 400
