"""Shapes, key order, casing and texts of the terminal's own routes."""

from dataclasses import replace

import pytest


async def test_ping(terminal):
    assert (await terminal.get("/ping")).text == '{"app":"MetaScalp","version":"1.0.2860"}'


async def test_connections(terminal):
    answer = await terminal.get("/api/connections")

    assert answer.text.startswith(
        '{"connections":[{"Id":1,"Name":"Binance Futures","Exchange":"Binance","ExchangeId":2,'
        '"Market":"USDT Futures","MarketType":2,"State":2,"ViewMode":false,"DemoMode":false},'
    )
    assert list(answer.json) == ["connections"]
    assert [row["Id"] for row in answer.json["connections"]] == list(range(1, 12))


async def test_one_connection(terminal):
    assert (await terminal.get("/api/connections/3")).text == (
        '{"Id":3,"Name":"Bybit Spot","Exchange":"Bybit","ExchangeId":6,"Market":"Spot",'
        '"MarketType":0,"State":2,"ViewMode":false,"DemoMode":false}'
    )
    assert (await terminal.get("/api/connections/11")).json["State"] == 0
    assert (await terminal.get("/api/connections/99")).error == (404, "Connection 99 not found")
    assert (await terminal.get("/api/connections/x")).error == (400, "Invalid connection ID")


async def test_tickers_come_in_the_recorded_format(terminal):
    answer = await terminal.get("/api/connections/4/tickers?refresh=true")

    assert answer.text.startswith(
        '{"connectionId":4,"count":883,"tickers":[{"Name":"BTC_USDT","BaseAsset":"BTC",'
        '"QuoteAsset":"USDT","IsTradingAllowed":true,"PriceIncrement":0.10,"SizeIncrement":0.001,'
        '"MinSize":0.001,"MaxSize":1000.0},'
    )
    assert '"Name":"龙虾_USDT"' in answer.text
    assert '"MinSize":1.0' in answer.text
    assert "E-" not in answer.text
    assert ", " not in answer.text
    assert len(answer.json["tickers"]) == 883


ORDERBOOK = "/api/connections/1/orderbook-snapshot"


async def test_an_orderbook_snapshot(terminal):
    answer = await terminal.get(f"{ORDERBOOK}?ticker=BTCUSDT&DEPTHLEVELS=2")

    book = answer.json
    assert answer.text.startswith('{"connectionId":1,"ticker":"BTCUSDT","updateId":')
    assert list(book) == [
        "connectionId", "ticker", "updateId", "asks", "bids", "bestAsk", "bestBid"
    ]  # fmt: skip
    assert [len(book["asks"]), len(book["bids"])] == [2, 2]
    assert [list(book["asks"][0]), book["asks"][0]["type"]] == [["price", "size", "type"], "Ask"]
    assert [book["bestAsk"]["type"], book["bestBid"]["type"]] == ["BestAsk", "BestBid"]
    assert book["bids"][0]["price"] < book["asks"][0]["price"] < book["asks"][1]["price"]


async def test_an_orderbook_snapshot_is_deep_and_zooms(terminal):
    raw = (await terminal.get(f"{ORDERBOOK}?Ticker=BTCUSDT")).json
    zoomed = (await terminal.get(f"{ORDERBOOK}?Ticker=BTCUSDT&ZoomIndex=10")).json
    near = (await terminal.get(f"{ORDERBOOK}?Ticker=BTCUSDT&DepthPercent=0.01")).json

    assert len(raw["asks"]) >= 200
    assert len(zoomed["asks"]) < len(raw["asks"]) / 5
    assert sum(row["size"] for row in zoomed["asks"]) == sum(row["size"] for row in raw["asks"])
    assert all(row["price"] % 1 == 0 for row in zoomed["asks"])
    assert near["asks"][-1]["price"] <= raw["bestAsk"]["price"] * 10001 / 10000
    assert len(near["asks"]) < len(raw["asks"])


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (ORDERBOOK, (400, "Query parameter 'Ticker' is required")),
        (f"{ORDERBOOK}?Ticker=", (400, "Query parameter 'Ticker' is required")),
        (f"{ORDERBOOK}?Ticker=X&DepthLevels=0", (400, "DepthLevels must be >= 1 when specified")),
        (f"{ORDERBOOK}?Ticker=X&DepthPercent=0", (400, "DepthPercent must be > 0 when specified")),
        (f"{ORDERBOOK}?Ticker=X", (400, "Ticker 'X' not found on connection 1")),
        (
            "/api/connections/2/orderbook-snapshot?Ticker=BTCUSDT",
            (501, "REST snapshot is not supported for this exchange"),
        ),
    ],
)
async def test_orderbook_snapshot_errors(terminal, path, error):
    assert (await terminal.get(path)).error == error


async def test_change_ticker_moves_the_active_panel_and_the_binding(terminal):
    answer = await terminal.post(
        "/api/change-ticker", TickerPattern="MEXC:ETHUSDT.p", Binding="001"
    )
    screen = terminal.sim.world.screen

    assert answer.text == '{"status":"ok"}'
    assert (screen.active[4], screen.active[1]) == ("ETH_USDT", "BTCUSDT")
    assert screen.active_connection == 4
    assert screen.bindings["001"] == (4, "ETH_USDT")


@pytest.mark.parametrize("binding", [None, ""])
async def test_no_binding_moves_no_binding(terminal, binding):
    await terminal.post(
        "/api/change-ticker", exchange=2, market=2, ticker="eth/usdt", binding=binding
    )

    assert terminal.sim.world.screen.active[1] == "ETHUSDT"
    assert terminal.sim.world.screen.bindings["001"] == (1, "BTCUSDT")


@pytest.mark.parametrize(
    ("body", "number", "ticker"),
    [
        ({"exchange": 8, "market": 1, "ticker": "GOLD(XAUT)_USDT"}, 4, "GOLD(XAUT)_USDT"),
        ({"exchange": 8, "market": 1, "ticker": "龙虾_USDT"}, 4, "龙虾_USDT"),
        ({"exchange": "Gate", "market": "Futures", "ticker": "BTC/USDT"}, 7, "BTC/USDT"),
        ({"exchange": "6", "market": "0", "ticker": "BTCUSDT"}, 3, "BTCUSDT"),
        ({"exchange": "bybit", "market": "USDT Perpetual", "ticker": "ETHUSDT"}, 2, "ETHUSDT"),
        ({"exchange": 18, "market": 9, "ticker": "GAZP"}, 10, "GAZP"),
        ({"exchange": 2, "market": 3, "ticker": "BTCUSDT"}, 1, "BTCUSDT"),
        ({"tickerPattern": "OKX:BTC-USDT-SWAP.p"}, 5, "BTCUSDT"),
        ({"tickerPattern": "GATE.IO:eth_usdt.p"}, 7, "ETH/USDT"),
        ({"tickerPattern": "SOLUSDT.p"}, 1, "SOLUSDT"),
        ({"tickerPattern": "BINANCE:ETHUSDT", "exchange": 8, "market": 1, "ticker": "X"}, 9,
         "ETHUSDT"),
    ],
)  # fmt: skip
async def test_change_ticker_lands_where_the_rules_say(terminal, body, number, ticker):
    assert (await terminal.post("/api/change-ticker", **body)).status == 200
    assert terminal.sim.world.screen.active[number] == ticker


NEEDED = "Invalid request body. Provide 'tickerPattern' or 'exchange'+'market'+'ticker'."


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, NEEDED),
        ({"binding": "999"}, NEEDED),
        ({"exchange": 2, "ticker": "BTCUSDT"}, NEEDED),
        ({"exchange": "nothing", "market": 2, "ticker": "BTCUSDT"}, NEEDED),
        ({"exchange": 2, "market": "USDT", "ticker": "BTCUSDT"}, NEEDED),
        ({"tickerPattern": "a b", "binding": "999"}, "Invalid ticker pattern: 'a b'"),
        (
            {"tickerPattern": "BYBIT:ETHUSDT.o.p"},
            "Invalid ticker pattern: 'BYBIT:ETHUSDT.o.p'",
        ),
        (
            {"tickerPattern": "KUCOIN:BTC-USDT", "binding": "004"},
            "Binding '004' not found. Available: 001, 002, 003, 007",
        ),
        (
            {"tickerPattern": "KUCOIN:BTC-USDT"},
            "No connection found for exchange KUCOIN and market Spot",
        ),
        (
            {"exchange": 5, "market": 2, "ticker": "BTC-USDT"},
            "No connection found for exchange KuCoin and market UsdtFutures",
        ),
        (
            {"exchange": 99, "market": 77, "ticker": "X"},
            "No connection found for exchange 99 and market 77",
        ),
        ({"tickerPattern": "BINANCE:NOPE.p"}, "Ticker 'NOPE' not found on connection 1"),
    ],
)
async def test_change_ticker_errors(terminal, body, text):
    before = dict(terminal.sim.world.screen.active)

    assert (await terminal.post("/api/change-ticker", **body)).error == (400, text)
    assert terminal.sim.world.screen.active == before


async def test_a_view_mode_connection_is_not_eligible(terminal):
    terminal.sim.world.connections[1].view_mode = True

    answer = await terminal.post("/api/change-ticker", tickerPattern="BINANCE:BTCUSDT.p")

    assert terminal.sim.world.screen.active_connection != 6
    assert answer.error == (400, "No connection found for exchange BINANCE and market Futures")


@pytest.mark.parametrize(
    ("body", "tickers", "active"),
    [
        ({"Ticker": "eth-usdt"}, ["ETHUSDT"], "ETHUSDT"),
        ({"tickers": ["ETHUSDT", "SOL_USDT"]}, ["ETHUSDT", "SOLUSDT"], "SOLUSDT"),
        ({"ticker": "ETHUSDT", "activate": False}, ["ETHUSDT"], "BTCUSDT"),
    ],
)
async def test_a_combo_opens_on_the_active_connection(terminal, body, tickers, active):
    assert (await terminal.post("/api/combo", **body)).text == '{"status":"ok"}'
    screen = terminal.sim.world.screen

    assert [(c["connectionId"], c["tickers"]) for c in screen.combos] == [(1, tickers)]
    assert screen.active[1] == active


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "Invalid request body. 'ticker' is required."),
        ({"ticker": ""}, "Invalid request body. 'ticker' is required."),
        ({"tickers": []}, "Invalid request body. 'ticker' is required."),
        ({"tickers": [1]}, "Invalid request body. 'ticker' is required."),
        ({"ticker": "X", "tickers": ["X"]}, "Invalid request body. 'ticker' is required."),
        ({"ticker": "Gate:MAXUSDT.p"}, "Combo not opened. Rejected tickers: Gate:MAXUSDT.p"),
        ({"tickers": ["BTCUSDT", "A1", "B2"]}, "Combo not opened. Rejected tickers: A1, B2"),
    ],
)
async def test_combo_errors(terminal, body, text):
    assert (await terminal.post("/api/combo", **body)).error == (400, text)
    assert not terminal.sim.world.screen.combos


async def test_a_combo_opens_everywhere_by_switch(terminal):
    world = terminal.sim.world
    world.profile = replace(world.profile, combo_everywhere=True)
    await terminal.post("/api/combo", ticker="BTCUSDT")

    assert [combo["connectionId"] for combo in world.screen.combos] == [1, 2, 3, 4, 5, 7, 8, 9]
