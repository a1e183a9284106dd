import json

import pytest

BASE = "/api/screener/templates"


async def put(terminal, number, **body):
    return await terminal.request("PUT", f"{BASE}/{number}", json.dumps(body).encode())


async def test_settings_come_back_as_they_went(terminal):
    settings = {"columnSettings": [{"Any": 1.50, "x": None}], "newCoin": True}
    raw = b'{"name":"Mine","settings":{"columnSettings":[{"Any":1.50,"x":null}],"newCoin":true}}'
    made = await terminal.request("POST", BASE, raw)

    assert made.text == (
        '{"id":1,"name":"Mine","settings":{"columnSettings":[{"Any":1.50,"x":null}],"newCoin":true}}'
    )
    assert (await terminal.get(f"{BASE}/1")).text == made.text
    assert (await put(terminal, 1, name="New", id=9)).json["settings"].keys() == settings.keys()
    assert [one["id"] for one in (await terminal.get(BASE)).json["templates"]] == [-1, 1]
    assert (await terminal.request("DELETE", f"{BASE}/1")).text == '{"status":"ok"}'
    assert (await terminal.get(BASE)).json["count"] == 1


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "  "}, {"name": None}])
async def test_a_template_needs_a_name(terminal, body):
    assert (await terminal.post(BASE, **body)).error == (
        400, "Request body must carry a non-empty 'name'.",
    )  # fmt: skip


@pytest.mark.parametrize("number", ["-1", "7"])
async def test_the_default_cannot_be_read_changed_or_deleted(terminal, number):
    error = (404, f"Screener template {number} not found")

    assert (await terminal.get(f"{BASE}/{number}")).error == error
    assert (await put(terminal, number, name="x")).error == error
    assert (await terminal.request("DELETE", f"{BASE}/{number}")).error == error


async def test_data(terminal):
    answer = (await terminal.get(f"{BASE}/-1/data")).json

    assert answer["count"] == len(answer["rows"]) > 20
    assert (await terminal.get(f"{BASE}/x/data")).error == (400, "Invalid template ID")
    assert (await terminal.get(f"{BASE}/7/data")).error == (404, "Screener template 7 not found")


async def test_not_json_has_words_of_its_own(terminal):
    error = (400, "Request body is not valid JSON.")

    assert (await terminal.request("POST", BASE, b"{")).error == error
    assert (await terminal.post(BASE, name="x", settings=[])).error == error
