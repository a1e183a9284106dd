import dataclasses
import json

import pytest

PATH = "/api/connections/1/orderbook-settings?Ticker=BTCUSDT"


async def put(terminal, path=PATH, **body):
    return await terminal.request("PUT", path, json.dumps(body).encode())


async def test_a_subset_is_written_and_all_of_it_comes_back(terminal):
    answer = await put(
        terminal, LargeAmountUsd=50000, rowheight=14, Autoscroll=True, ShowRuler="points"
    )
    settings = answer.json["settings"]

    assert (await terminal.get(PATH)).text == answer.text
    assert '"LargeAmountUsd":50000.0' in answer.text
    assert (settings["Autoscroll"], settings["ShowRuler"], len(settings)) == (True, "Points", 39)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"ShowRuler": "X"},
            "Invalid value 'X' for field 'ShowRuler'. Valid values: None, Points, "
            "Percent, PercentVolume",
        ),
        (
            {"OrderTypeDefault": 1},
            "Invalid value '1' for field 'OrderTypeDefault'. Valid values: 0, 4",
        ),
        (
            {"OrderTypeDefault": "x"},
            "Invalid value 'x' for field 'OrderTypeDefault'. Valid values: 0, 4",
        ),
        ({"RowHeight": "x"}, "Invalid value 'x' for field 'RowHeight'. Valid values: numbers"),
        ({"RowHeight": [1]}, "Invalid value '[1]' for field 'RowHeight'. Valid values: numbers"),
        ({"AutoZoom": 3}, "Invalid value '3' for field 'AutoZoom'. Valid values: true, false"),
        (
            {"ZoomType": 1},
            "Invalid value '1' for field 'ZoomType'. Valid values: Absolute, Percentage",
        ),
        ({"settings": {}}, "Unknown field 'settings' in request body."),
    ],
)
async def test_what_is_refused(terminal, body, text):
    assert (await put(terminal, **body)).error == (400, text)


async def test_a_ticker_never_opened_has_no_settings(terminal):
    path = "/api/connections/1/orderbook-settings?Ticker=ADAUSDT"
    text = "No order book settings found for this ticker"

    assert (await terminal.get(path)).error == (400, text)
    assert (await put(terminal, path, RowHeight=1)).error == (400, text)
    assert (await put(terminal, path, tradeAmount1=1)).error[0] == 409
    assert (await put(terminal, path.replace("ADA", "NO"), tradeAmount1=1)).error == (
        404, "Ticker 'NOUSDT' not found on connection 1",
    )  # fmt: skip
    assert (await terminal.get("/api/connections/1/orderbook-settings")).error == (
        400, "Query parameter 'Ticker' is required",
    )  # fmt: skip


async def test_working_volumes_mirror_each_other_and_are_shown_by_a_switch(terminal):
    hidden = await put(terminal, tradeAmountUsd1=6500, tradeAmount2=0.5, AddingTicksForAPeriod=0)
    assert "tradeAmount1" not in hidden.text
    world = terminal.sim.world
    world.profile = dataclasses.replace(world.profile, working_volumes=True)
    shown = (await terminal.get(PATH)).json["settings"]

    assert 0.09 <= float(shown["tradeAmount1"]) <= 0.1
    assert 30000 < float(shown["tradeAmountUsd2"]) < 35000
    assert world.desk.window_s((1, "BTCUSDT")) == 0
