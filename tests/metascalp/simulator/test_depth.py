import dataclasses

import pytest

LIMITS = "/api/connections/1/leverage-limits"
CLUSTERS = "/api/connections/1/cluster-snapshot"


async def test_leverage_limits(terminal):
    assert (await terminal.get(f"{LIMITS}?Ticker=BTCUSDT")).text == (
        '{"connectionId":1,"ticker":"BTCUSDT","leverage":10.0,"maxLeverage":125.0,'
        '"maxPosition":null}'
    )
    high = (await terminal.get(f"{LIMITS}?Ticker=BTCUSDT&Leverage=100")).json
    assert (high["leverage"], high["maxPosition"] > 0) == (100, True)
    spot = (await terminal.get("/api/connections/9/leverage-limits?Ticker=BTCUSDT")).json
    assert spot["maxLeverage"] is None


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", "Query parameter 'Ticker' is required"),
        ("?Ticker=BTCUSDT&Leverage=0", "Leverage must be greater than zero"),
        ("?Ticker=BTCUSDT&Leverage=x", "Leverage must be greater than zero"),
        ("?Ticker=NO", "Ticker 'NO' not found on connection 1"),
    ],
)
async def test_leverage_limits_refused(terminal, query, text):
    assert (await terminal.get(LIMITS + query)).error == (400, text)


@pytest.mark.parametrize(
    ("columns", "filled"),
    [("", 10), ("&Columns=0", 10), ("&Columns=25", 25), ("&Columns=999", 100)],
)
async def test_there_are_always_100_columns_the_newest_filled(terminal, columns, filled):
    answer = (await terminal.get(f"{CLUSTERS}?Ticker=BTCUSDT&TimeFrame=m5{columns}")).json
    full = [bool(one["Items"]) for one in answer["Columns"]]
    prices = [item["Price"] for item in answer["Columns"][-1]["Items"]]

    assert full == [False] * (100 - filled) + [True] * filled
    assert prices == sorted(prices, reverse=True)
    assert (answer["TimeFrame"], answer["ZoomIndex"]) == ("M5", 1)


async def test_an_empty_column_may_have_no_items_at_all(terminal):
    world = terminal.sim.world
    world.profile = dataclasses.replace(world.profile, empty_items=False)
    answer = (await terminal.get(f"{CLUSTERS}?Ticker=BTCUSDT&TimeFrame=M5")).json

    assert list(answer["Columns"][0]) == ["StartTime", "AsksSum", "BidsSum"]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("?TimeFrame=M5", (400, "Query parameter 'Ticker' is required")),
        ("?Ticker=BTCUSDT", (400, "Query parameter 'Ticker' is required")),
        ("?Ticker=BTCUSDT&TimeFrame=M7", (400, "Invalid TimeFrame 'M7'.")),
        ("?Ticker=NO&TimeFrame=M5", (404, "Ticker 'NO' not found")),
    ],
)
async def test_clusters_refused(terminal, query, error):
    assert (await terminal.get(CLUSTERS + query)).error == error


async def test_zoom_widens_the_buckets(terminal):
    answer = (await terminal.get(f"{CLUSTERS}?Ticker=BTCUSDT&TimeFrame=M5&ZoomIndex=10")).json
    step = answer["PriceIncrement"] * 10

    assert all(item["Price"] % step == 0 for item in answer["Columns"][-1]["Items"])


async def books(terminal, group):
    return (await terminal.get(f"/api/link-groups/{group}/orderbook-snapshots")).json["members"]


async def test_a_link_group_has_books_and_reasons(terminal):
    book, chart = await books(terminal, 1)

    assert (book["ok"], book["book"]["bestAsk"]["type"]) == (True, "BestAsk")
    assert (chart["ok"], chart["reason"]) == (False, "not_an_order_book")
    assert (await books(terminal, 2))[0]["reason"] == "unsupported_exchange"
    assert await books(terminal, 499) == []


@pytest.mark.parametrize("group", ["0", "501", "x"])
async def test_a_link_group_is_1_to_500(terminal, group):
    answer = await terminal.get(f"/api/link-groups/{group}/orderbook-snapshots")

    assert answer.error == (400, "Invalid link group ID")


async def test_a_member_that_cannot_be_read_says_why(terminal):
    await terminal.post("/sim/connection", connectionId=1, state="Disconnected")
    assert (await books(terminal, 1))[0]["reason"] == "connection_not_open"
    first = next(terminal.sim.world.screen.layout.documents())
    first.ticker = None
    await terminal.post("/sim/connection", connectionId=1, state="Connected")
    assert (await books(terminal, 1))[0]["reason"] == "no_ticker"
    first.connection = None
    assert (await books(terminal, 1))[0]["reason"] == "no_connection"
    first.connection, first.ticker = 1, "NO"
    assert (await books(terminal, 1))[0]["reason"] == "snapshot_unavailable"
