import json

import pytest

from .test_layout import furnish

DOCUMENTS = "/api/ui/documents"
FIRST = next(furnish({1: "BTCUSDT"}).documents()).external_id


async def put(terminal, path, **body):
    return await terminal.request("PUT", f"{DOCUMENTS}/{path}", json.dumps(body).encode())


async def document(terminal, external_id):
    state = (await terminal.get("/api/ui/state")).json
    tabs = [tab for window in state["windows"] for tab in window["tabs"]]
    rows = [row for tab in tabs for row in tab["documents"]]
    return next(row for row in rows if row["externalId"] == external_id)


async def test_a_panel_joins_a_group_and_leaves_it(terminal):
    await put(terminal, f"{FIRST}/link-number", linkNumber=12)
    assert (await document(terminal, FIRST))["linkNumber"] == 12
    refused = await terminal.post("/api/change-ticker", tickerPattern="BTCUSDT.p", binding="13")
    assert refused.json["error"].endswith("Available: 001, 002, 003, 007, 012")
    await put(terminal, f"{FIRST}/link-number", linkNumber=9999)

    assert (await document(terminal, FIRST))["linkNumber"] is None


async def test_only_that_panel_is_pointed_elsewhere(terminal):
    assert (await put(terminal, f"{FIRST}/ticker", ticker="ADAUSDT")).text == '{"status":"ok"}'
    while (await document(terminal, FIRST))["ticker"] != "ADAUSDT":
        pass
    await put(terminal, f"{FIRST}/ticker", ticker="BTC_USDT", connectionId=4)
    while (await document(terminal, FIRST))["connectionId"] != 4:
        pass

    assert terminal.sim.world.screen.active[1] == "BTCUSDT"


GONE = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
POSITIVE = "linkNumber must be a positive binding-group id (1-500, or 9999 to cancel)."


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("x/link-number", {"linkNumber": 3}, (400, "Invalid document ID")),
        (f"{GONE}/link-number", {"linkNumber": 3}, (404, f"Document {GONE} not found")),
        (f"{FIRST}/link-number", {}, (400, "Request body must set 'linkNumber'.")),
        (f"{FIRST}/link-number", {"linkNumber": 0}, (400, POSITIVE)),
        (f"{FIRST}/link-number", {"linkNumber": 501}, (400, POSITIVE)),
        ("x/ticker", {"ticker": "A"}, (400, "Invalid document ID")),
        (f"{GONE}/ticker", {"ticker": "A"}, (404, f"Document {GONE} not found")),
        (f"{FIRST}/ticker", {}, (400, "Request body must set 'ticker'.")),
    ],
)
async def test_documents_refused(terminal, path, body, error):
    assert (await put(terminal, path, **body)).error == error


async def test_a_panel_without_a_connection_has_none_to_keep(terminal):
    next(terminal.sim.world.screen.layout.documents()).connection = None

    assert (await put(terminal, f"{FIRST}/ticker", ticker="ADAUSDT")).error == (
        400, "connectionId is required: the document has no current connection to inherit.",
    )  # fmt: skip


async def test_a_background_combo_is_a_tab_behind(terminal):
    front = terminal.sim.world.screen.layout.main.selected
    await terminal.post("/api/combo", tickers=["ADAUSDT", "SOLUSDT"], activate=False)
    tabs = (await terminal.get("/api/ui/windows/1")).json["tabs"]
    assert [tab["isSelected"] for tab in tabs].index(True) + 1 == front
    behind = tabs[-1]["id"]
    answer = await terminal.post(f"/api/ui/tabs/{behind}/activate")
    assert answer.text == f'{{"tabId":{behind},"activated":true,"outcome":"activated"}}'
    answer = await terminal.request("POST", f"/api/ui/tabs/{behind}/close")
    assert answer.text == f'{{"tabId":{behind},"closed":true,"outcome":"closed"}}'

    assert len((await terminal.get("/api/ui/windows/1")).json["tabs"]) == len(tabs) - 1


async def test_tabs_refused(terminal):
    for verb in ("close", "activate"):
        assert (await terminal.post(f"/api/ui/tabs/x/{verb}")).error == (400, "Invalid tab ID")
        assert (await terminal.post(f"/api/ui/tabs/99/{verb}")).error == (404, "Tab 99 not found.")
    only = terminal.sim.world.screen.layout.windows[1].tabs[0].id
    assert (await terminal.post(f"/api/ui/tabs/{only}/close")).status == 400


async def test_the_last_tab_is_closed_while_there_are_two(terminal):
    answers = [(await terminal.post("/api/close-last-tab")).json["status"] for _ in range(4)]

    assert answers == ["ok", "ok", "skipped", "skipped"]
