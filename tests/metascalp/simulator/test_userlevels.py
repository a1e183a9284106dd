import json
import re

import pytest

BASE = "/api/connections/1/user-levels"
NEEDED = "Invalid request body. 'ticker' and 'price' are required."


async def levels(terminal):
    return (await terminal.get(f"{BASE}?Ticker=BTCUSDT")).json["userLevels"]


async def put(terminal, number, **body):
    return await terminal.request("PUT", f"{BASE}/{number}", json.dumps(body).encode())


async def test_a_level_without_a_name_has_todays(terminal):
    await terminal.post(BASE, ticker="BTCUSDT", price=95000, date=1776074400)
    [level] = await levels(terminal)

    assert re.fullmatch(r"\d\d\.\d\d\.\d{4}", level["Name"])
    assert level["Date"] == "2026-04-13T10:00:00+00:00"


async def test_no_market_data_is_needed(terminal):
    assert (await terminal.post(BASE, ticker="ADAUSDT", price=1)).text == '{"status":"ok"}'


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, NEEDED), ({"ticker": "BTCUSDT"}, NEEDED),
        ({"ticker": "BTCUSDT", "price": -1}, "Price must be greater than zero"),
        ({"ticker": "BTCUSDT", "price": 1, "textStyle": "x"}, "Invalid 'textStyle'."),
        ({"ticker": "BTCUSDT", "price": 1, "date": "2026-04-13T10:00:00+00:00"},
         "Malformed request body: not valid JSON."),
        ({"ticker": "BTCUSDT", "price": 1, "triggerRule": "x"},
         "Unknown field 'triggerRule' in request body."),
    ],
)  # fmt: skip
async def test_what_is_refused(terminal, body, text):
    assert (await terminal.post(BASE, **body)).error == (400, text)


async def test_changing(terminal):
    await terminal.post(BASE, ticker="BTCUSDT", price=95000, name="a")
    await put(terminal, 1, name="b", note="n", price=1, date=0)
    [level] = await levels(terminal)

    assert (level["Name"], level["Note"], level["Date"]) == ("b", "n", "1970-01-01T00:00:00+00:00")
    assert (await put(terminal, "x", name="b")).error == (400, "Invalid user level ID")
    assert (await put(terminal, 1)).error == (
        400,
        "Request body must set at least one of 'price', 'name', 'date', 'note' "
        "or an appearance field.",
    )
    assert (await put(terminal, 7, name="b")).error == (404, "User level 7 not found")


async def test_deleting(terminal):
    for price in (1, 2, 3):
        await terminal.post(BASE, ticker="BTCUSDT", price=price)
    await terminal.request("DELETE", f"{BASE}/2")
    assert [one["Id"] for one in await levels(terminal)] == [1, 3]
    await terminal.request("DELETE", f"{BASE}?Ticker=BTCUSDT")

    assert await levels(terminal) == []
    assert (await terminal.request("DELETE", f"{BASE}/1")).error == (404, "User level 1 not found")
    assert (await terminal.request("DELETE", f"{BASE}/x")).error == (400, "Invalid user level ID")
    assert (await terminal.request("DELETE", BASE)).error == (
        400, "Query parameter 'Ticker' is required",
    )  # fmt: skip
