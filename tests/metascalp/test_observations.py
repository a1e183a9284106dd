"""What ordinary answers say about the open questions; rows as terminals write them."""

import json

import pytest

from relay.metascalp.observations import of

COLUMN = {"StartTime": "2026-04-13T10:00:00+00:00", "AsksSum": 0.0, "BidsSum": 0.0}


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("cluster-snapshot?x", {"Columns": [COLUMN]}, [(19, "no list"), (40, COLUMN["StartTime"])]),
        ("cluster-snapshot", {"columns": [{"startTime": "2026-04-13T10:00:00Z", "items": []}]},
         [(19, "[]"), (40, "2026-04-13T10:00:00Z")]),
        ("cluster-snapshot", {"Columns": [{**COLUMN, "Items": None}]},
         [(19, "None"), (40, COLUMN["StartTime"])]),
        ("cluster-snapshot", {"Columns": "?"}, []),
        ("cluster-snapshot", {"Columns": []}, []),
        ("orderbook-settings", {"settings": {"RowHeight": 1, "tradeAmountUsd1": 5}},
         [(20, "tradeamountusd1")]),
        ("orderbook-settings", {"Settings": {"AddingTicksForAPeriod": 1}},
         [(20, "addingticksforaperiod")]),
        ("orderbook-settings", {"settings": {}}, [(20, "not shown")]),
        ("orderbook-settings", {"error": "x"}, [(20, "not shown")]),
        ("templates/5/data", {"rows": [{"columns": [{"type": "V", "time": 0, "value": 1.5}]}]},
         [(22, "type string, time integer, value decimal")]),
        ("templates/5/data", {"rows": []}, []),
        ("templates/5/data", {"rows": [5]}, []),
        ("ui/state", {"windows": [], "standaloneCharts": [], "finres": None}, [(23, "finres")]),
        ("ui/state", {"windows": [], "standaloneCharts": []}, [(23, "windows and charts alone")]),
        ("balance", {"balances": [{"Total": 5}]}, []),
        ("ui/state", [], []),
        ("connections/{moscow}/tickers",
         {"tickers": [{"Name": "GAZP"}, {"Name": "SBER", "BaseAsset": "SBER", "QuoteAsset": "RUB",
                                         "SizeIncrement": 1.0, "MinSize": 1.0}]},
         [(45, "name SBER, baseasset SBER, quoteasset RUB, sizeincrement 1.0, minsize 1.0")]),
        ("connections/{moscow}/tickers", {"tickers": []}, []),
        ("connections/1/tickers", {"tickers": [{"Name": "SBER"}]}, []),
    ],
)  # fmt: skip
def test_what_an_answer_shows(path, body, said):
    assert of(f"/api/{path}", {}, json.dumps(body).encode()) == said


def test_what_is_not_json_shows_nothing():
    assert of("/api/ui/state", {}, b"{") == []


def test_headers_are_read_from_the_ping():
    heads = {"content-type": "application/json", "server": "X/1"}

    assert of("/ping", heads, b"") == [
        (2, "content-type: application/json; server: X/1; connection: none")
    ]
