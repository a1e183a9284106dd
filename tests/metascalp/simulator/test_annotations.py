import json

import pytest

BASE = "/api/connections/1/annotations"
Q = "?Ticker=BTCUSDT"
LINE = {"x1": "2026-04-13T10:00:00", "x2": "2026-04-13T12:00:00", "y1": 95000.0, "y2": 96500}
RAY = {"y": 97000.0, "x1": "2026-04-13T11:30:00Z"}


async def send(terminal, method, path, body=None):
    raw = None if body is None else json.dumps(body).encode()
    return await terminal.request(method, BASE + path, raw)


async def test_put_replaces_post_appends_delete_closes_the_gap(terminal):
    await send(terminal, "PUT", "/lines" + Q, [LINE, LINE])
    await send(terminal, "POST", "/horizontal-rays" + Q, RAY)
    await send(terminal, "POST", "/horizontal-lines" + Q, {"Y": 94000, "index": 7})
    assert (await send(terminal, "DELETE", "/lines/0" + Q)).text == '{"status":"ok"}'

    assert (await send(terminal, "GET", Q)).text == (
        '{"connectionId":1,"ticker":"BTCUSDT","lineAnnotations":[{"index":0,'
        '"x1":"2026-04-13T10:00:00","x2":"2026-04-13T12:00:00","y1":95000.0,"y2":96500.0}],'
        '"horizontalLineAnnotations":[{"index":0,"y":94000.0}],'
        '"horizontalRayAnnotations":[{"index":0,"y":97000.0,"x1":"2026-04-13T11:30:00Z"}]}'
    )


@pytest.mark.parametrize("body", [b"", b"null", b"[]"])
async def test_an_empty_put_clears_one_list(terminal, body):
    await send(terminal, "POST", "/lines" + Q, LINE)
    await send(terminal, "POST", "/horizontal-rays" + Q, RAY)
    await terminal.request("PUT", f"{BASE}/lines{Q}", body)
    rows = (await send(terminal, "GET", Q)).json

    assert (len(rows["lineAnnotations"]), len(rows["horizontalRayAnnotations"])) == (0, 1)


async def test_delete_clears_all(terminal):
    await send(terminal, "POST", "/horizontal-rays" + Q, RAY)
    assert (await send(terminal, "DELETE", Q)).status == 200

    assert (await send(terminal, "GET", Q)).json["horizontalRayAnnotations"] == []


WRONG = "Request body must be a lines annotation."


@pytest.mark.parametrize(
    ("method", "path", "body", "error"),
    [
        (
            "PUT",
            "/circles" + Q,
            [],
            (
                400,
                "Unknown annotation type 'circles'. Allowed values: lines,"
                " horizontal-lines, horizontal-rays.",
            ),
        ),
        ("POST", "/lines", LINE, (400, "Query parameter 'Ticker' is required")),
        ("GET", "", None, (400, "Query parameter 'Ticker' is required")),
        ("GET", "?Ticker=NO", None, (400, "Ticker 'NO' not found on connection 1")),
        ("PUT", "/lines?Ticker=NO", [], (400, "Ticker 'NO' not found on connection 1")),
        ("POST", "/lines" + Q, None, (400, WRONG)),
        ("POST", "/lines" + Q, [LINE], (400, WRONG)),
        ("POST", "/lines" + Q, RAY | {"y": 1}, (400, "Unknown field 'y' in request body.")),
        ("POST", "/lines" + Q, LINE | {"y1": "up"}, (400, WRONG)),
        ("PUT", "/lines" + Q, {}, (400, "Malformed request body: not valid JSON.")),
        ("DELETE", "/lines/x" + Q, None, (400, "Invalid annotation index")),
        ("DELETE", "/lines/0" + Q, None, (404, "lines annotation index 0 not found")),
        ("DELETE", "/lines/-1" + Q, None, (404, "lines annotation index -1 not found")),
    ],
)
async def test_what_is_refused(terminal, method, path, body, error):
    assert (await send(terminal, method, path, body)).error == error
