"""The routes under /sim, with which other tests move the terminal."""

import pytest


async def state(terminal):
    return (await terminal.get("/sim/state")).json


async def test_the_state_at_the_start(terminal):
    now = await state(terminal)

    assert (now["profile"], now["seed"], now["activeConnection"]) == ("v1.0.2860", 1, 1)
    assert now["active"]["4"] == "BTC_USDT"
    assert now["bindings"]["001"] == {"connectionId": 1, "ticker": "BTCUSDT"}
    assert list(now["bindings"]) == ["001", "002", "003", "007"]
    assert (now["combos"], now["requests"], now["received"]) == ([], [], 0)
    assert len(now["orders"]) == 12
    assert len(now["positions"]) == 5
    assert now["orders"][0]["connectionId"] == 1


async def test_requests_are_recorded_with_what_was_answered(terminal):
    await terminal.get("/api/connections/1/orders?Ticker=X")
    await terminal.post("/api/combo", ticker="ETHUSDT")
    now = await state(terminal)

    first, second = now["requests"]
    assert list(first) == ["n", "at", "method", "path", "query", "body", "status", "ms"]
    assert (first["path"], first["query"], first["status"]) == (
        "/api/connections/1/orders", "Ticker=X", 400,
    )  # fmt: skip
    assert (second["n"], second["body"], second["status"]) == (2, {"ticker": "ETHUSDT"}, 200)
    assert second["at"] >= first["at"] > 1.7e9
    assert now["received"] == 2
    assert now["combos"][0]["tickers"] == ["ETHUSDT"]


async def test_the_traders_hand_places_even_where_the_api_may_not(terminal):
    order = {"connectionId": 6, "ticker": "BTCUSDT", "side": "buy", "price": 60000, "size": 0.01}
    answer = await terminal.post("/sim/order", **order, type="limit")

    assert list(answer.json) == ["orderId", "at"]
    assert answer.json["orderId"] in [row["Id"] for row in (await state(terminal))["orders"]]


async def test_a_price_makes_orders_match(terminal):
    await terminal.post("/sim/price", connectionId=1, ticker="BTCUSDT", price=62000)
    rows = (await terminal.get("/api/connections/1/orders?Ticker=BTCUSDT")).json["orders"]

    assert [row["Type"] for row in rows] == [3, 2]


async def test_filling_by_hand(terminal):
    order = (await state(terminal))["orders"][0]
    one = {"connectionId": 1, "orderId": order["Id"]}
    await terminal.post("/sim/fill", **one, size=0.005)
    row = (await terminal.get("/api/connections/1/orders?Ticker=BTCUSDT")).json["orders"][0]
    assert float(row["FilledSize"]) == 0.005

    await terminal.post("/sim/fill", **one)

    assert (await terminal.post("/sim/fill", **one)).error == (404, "no such order")


async def test_connections_change_and_go(terminal):
    change = {"connectionId": 1, "state": "Reconnecting", "viewMode": True, "demoMode": True}
    await terminal.post("/sim/connection", **change)
    row = (await terminal.get("/api/connections/1")).json
    assert (row["State"], row["ViewMode"], row["DemoMode"]) == (3, True, True)
    assert (await terminal.get("/api/connections/1/balance")).error == (
        400, "Connection 1 is not active",
    )  # fmt: skip

    await terminal.post("/sim/connection", connectionId=1, remove=True)

    assert (await terminal.get("/api/connections/1")).status == 404


async def test_a_connection_that_leaves_ends_its_subscriptions_without_a_word(terminal):
    stream = await terminal.stream()
    for number in (1, 2):
        await stream.ask("subscribe", connectionId=number)
        await stream.ask("trade_subscribe", connectionId=number, ticker="BTCUSDT")
    await stream.ask("orderbook_subscribe", connectionId=1, ticker="BTCUSDT")
    await terminal.post("/sim/connection", connectionId=1, viewMode=True)
    assert (await state(terminal))["subscribers"]["accounts"] == {"1": 1, "2": 1}

    await terminal.post("/sim/connection", connectionId=1, state="Reconnecting")
    await terminal.post("/sim/connection", connectionId=1, state="Connected")
    assert (await state(terminal))["subscribers"] == {
        "sockets": 1, "accounts": {"2": 1}, "trades": {"2:BTCUSDT": 1}, "books": {},
    }  # fmt: skip

    await terminal.post("/sim/connection", connectionId=2, remove=True)
    await stream.ask("subscribe", connectionId=1)
    assert (await state(terminal))["subscribers"]["accounts"] == {"1": 1}


async def test_a_pause_stops_the_market_not_the_terminal(terminal):
    assert (await terminal.post("/sim/pause", paused=True)).json["paused"] is True
    assert (await terminal.get("/ping")).status == 200
    assert (await state(terminal))["paused"] is True
    assert (await terminal.post("/sim/pause", paused=False)).json["paused"] is False


async def test_dropping_ends_every_socket(terminal):
    one, two = await terminal.stream(), await terminal.stream()
    await one.ask("subscribe", connectionId=1)
    await two.ask("subscribe", connectionId=1)

    assert (await terminal.post("/sim/drop")).json["dropped"] == 2
    for stream in (one, two):
        assert (await stream.socket.receive()).type.name in ("CLOSE", "CLOSED", "ERROR")


async def test_a_reset_brings_the_start_back_and_keeps_the_sockets(terminal):
    stream = await terminal.stream()
    await stream.send("orderbook_subscribe", connectionId=1, ticker="BTCUSDT")
    await stream.wait_for("orderbook_snapshot")
    before = await state(terminal)
    await terminal.post("/api/change-ticker", tickerPattern="MEXC:ETHUSDT.p", binding="001")
    await terminal.post("/api/connections/1/orders/cancel-all", ticker="BTCUSDT")

    await terminal.post("/sim/reset")

    await stream.wait_for("orderbook_snapshot")
    after = await state(terminal)
    assert {k: after[k] for k in ("active", "bindings", "positions", "received")} == {
        k: before[k] for k in ("active", "bindings", "positions", "received")
    }
    assert [row["Id"] for row in after["orders"]] == [row["Id"] for row in before["orders"]]


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("order", {}, (404, "Connection 0 not found")),
        ("order", {"connectionId": 1}, (400, "Ticker '' not found on connection 1")),
        ("order", {"connectionId": 1, "ticker": "BTCUSDT", "side": 5},
         (400, "'side' is buy or sell, 'type' one of the five order types")),
        ("order", {"connectionId": 1, "ticker": "BTCUSDT", "side": 1, "size": 1},
         (400, "'price' must be given and greater than zero")),
        ("order", {"connectionId": 1, "ticker": "BTCUSDT", "side": 1, "size": 99, "price": 6e4},
         (400, "Margin is insufficient.")),
        ("price", {"connectionId": 1, "ticker": "BTCUSDT", "price": 0.1},
         (400, "price is out of range")),
        ("price", {"connectionId": 1, "ticker": "BTCUSDT", "price": 1e25},
         (400, "price is out of range")),
        ("fill", {"connectionId": 1, "orderId": 5}, (404, "no such order")),
        ("nothing", {}, (400, "Not found")),
    ],
)  # fmt: skip
async def test_errors(terminal, path, body, error):
    assert (await terminal.post(f"/sim/{path}", **body)).error == error


async def test_subscribers_are_counted(terminal):
    stream = await terminal.stream()
    await stream.ask("subscribe", connectionId=1)
    await stream.ask("trade_subscribe", connectionId=1, ticker="BTCUSDT")

    assert (await state(terminal))["subscribers"] == {
        "sockets": 1, "accounts": {"1": 1}, "trades": {"1:BTCUSDT": 1}, "books": {},
    }  # fmt: skip
