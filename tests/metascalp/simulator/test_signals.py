import json

import pytest

BASE = "/api/connections/1/signal-levels"
NEEDED = "Invalid request body. 'ticker' and 'price' are required."


async def levels(terminal, ticker="BTCUSDT"):
    return (await terminal.get(f"{BASE}?Ticker={ticker}")).json["signalLevels"]


@pytest.mark.parametrize(("price", "rule"), [(1000, "LessThanEqual"), (900000, "GreaterThanEqual")])
async def test_without_a_rule_it_waits_for_the_price_to_move_on_to_it(terminal, price, rule):
    answer = await terminal.post(BASE, Ticker="BTCUSDT", Price=price)

    assert answer.text == '{"status":"ok"}'
    assert [one["TriggerRule"] for one in await levels(terminal)] == [rule]


async def test_without_a_rule_it_needs_an_order_book(terminal):
    answer = await terminal.post(BASE, ticker="ADAUSDT", price=1)

    assert answer.error == (
        400,
        "No market data for 'ADAUSDT'. Subscribe to order book data for this ticker first.",
    )
    stream = await terminal.stream()
    await stream.ask("orderbook_subscribe", connectionId=1, ticker="ADAUSDT")
    assert (await terminal.post(BASE, ticker="ADAUSDT", price=1)).status == 200
    assert [one["Id"] for one in await levels(terminal, "ADAUSDT")] == [1], "one refused has none"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, NEEDED), ({"ticker": "BTCUSDT"}, NEEDED), ({"price": 5}, NEEDED),
        ({"ticker": "BTCUSDT", "price": 0}, "Price must be greater than zero"),
        ({"ticker": "BTCUSDT", "price": 5, "triggerRule": "x"},
         "Invalid 'triggerRule'. Allowed values: LessThanEqual, GreaterThanEqual."),
        ({"ticker": "BTCUSDT", "price": 5, "lineStyle": "x"}, "Invalid 'lineStyle'."),
    ],
)  # fmt: skip
async def test_what_is_refused_stores_nothing(terminal, body, text):
    assert (await terminal.post(BASE, **body)).error == (400, text)
    assert await levels(terminal) == []


async def put(terminal, number, **body):
    return await terminal.request("PUT", f"{BASE}/{number}", json.dumps(body).encode())


async def test_a_new_price_arms_a_fired_level_again(terminal):
    await terminal.post(BASE, ticker="BTCUSDT", price=60000, triggerRule="LessThanEqual")
    await terminal.post("/sim/price", connectionId=1, ticker="BTCUSDT", price=59000)
    [fired] = await levels(terminal)
    await put(terminal, 1, price=50000, note="again", LineStyle="dotted")
    [armed] = await levels(terminal)

    assert (fired["IsTriggered"], fired["TriggerTime"][-6:]) == (True, "+00:00")
    assert (armed["Id"], armed["IsTriggered"], armed["TriggerTime"]) == (1, False, None)
    assert (armed["Note"], armed["LineStyle"]) == ("again", "Dotted")


async def test_a_row_can_be_sent_back_as_it_was_read(terminal):
    await terminal.post(BASE, ticker="BTCUSDT", price=60000, note="x")
    [row] = await levels(terminal)

    assert (await put(terminal, 1, **{k: v for k, v in row.items() if k != "Price"})).status == 200


async def test_changing_what_is_not_there(terminal):
    nothing = (
        "Request body must set at least one of 'price', 'triggerRule', 'note' "
        "or an appearance field."
    )

    assert (await put(terminal, "x", price=1)).error == (400, "Invalid signal level ID")
    assert (await put(terminal, 9)).error == (400, nothing)
    assert (await put(terminal, 9, price=None)).error == (400, nothing)
    assert (await put(terminal, 9, price=1)).error == (404, "Signal level 9 not found")


async def test_deleting(terminal):
    for price in (1000, 2000, 90000):
        await terminal.post(BASE, ticker="BTCUSDT", price=price)
    await terminal.post("/sim/price", connectionId=1, ticker="BTCUSDT", price=95000)
    await terminal.request("DELETE", "/api/signal-levels/triggered")
    assert [one["Id"] for one in await levels(terminal)] == [1, 2]
    await terminal.request("DELETE", f"{BASE}/1")
    assert [one["Id"] for one in await levels(terminal)] == [2]
    assert (await terminal.request("DELETE", BASE)).error == (
        400, "Query parameter 'Ticker' is required",
    )  # fmt: skip
    await terminal.request("DELETE", f"{BASE}?Ticker=BTCUSDT")

    assert await levels(terminal) == []
    assert (await terminal.request("DELETE", f"{BASE}/1")).error == (
        404, "Signal level 1 not found",
    )  # fmt: skip
    assert (await terminal.request("DELETE", f"{BASE}/x")).error == (
        400, "Invalid signal level ID",
    )  # fmt: skip
    assert (await terminal.request("DELETE", "/api/connections/2/signal-levels/2")).status == 404


async def test_a_level_is_its_connections_own(terminal):
    await terminal.post(BASE, ticker="BTCUSDT", price=1000)
    answer = await terminal.get("/api/connections/9/signal-levels?Ticker=BTCUSDT")

    assert answer.text == '{"connectionId":9,"ticker":"BTCUSDT","count":0,"signalLevels":[]}'
