"""What editions 1 and 2 say otherwise than edition 3, besides the spelling of keys."""

import json

import aiohttp
import pytest

from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.body import read_body
from relay.metascalp.simulator.enums import exchange_names, exchange_numbers, market_names
from relay.metascalp.simulator.profile import PROFILES, switched

from .conftest import Terminal

BTC = {"connectionId": 1, "ticker": "BTCUSDT"}
ONE = "/api/connections/1"
FIELDS = "Invalid request body. Provide {} or 'exchange'+'market'+'ticker'."


@pytest.fixture(params=["doc-edition-1", "doc-edition-2", "v1.0.671", "v1.0.2860"])
def name(request):
    return request.param


async def running(name, work, *switches):
    async with (
        Simulator(rate=0, profile=name, switches=switches) as sim,
        aiohttp.ClientSession() as http,
    ):
        return await work(Terminal(sim, http))


def small(value):
    """Keys in small letters, whatever the edition."""
    if isinstance(value, dict):
        return {key.lower(): small(item) for key, item in value.items()}
    return [small(item) for item in value] if isinstance(value, list) else value


async def asked(terminal, method, path, **body):
    raw = json.dumps(body).encode() if body else None
    answer = await terminal.request(method, path, raw)
    return answer.status, small(answer.json)


@pytest.mark.parametrize(("edition", "exchanges", "markets"), [(1, 19, 9), (2, 27, 9), (3, 42, 13)])
def test_exchanges_and_markets_go_as_far_as_the_edition_lists_them(edition, exchanges, markets):
    assert max(exchange_names(edition)) == exchanges
    assert max(market_names(edition)) == markets


def test_edition_1_calls_two_exchanges_otherwise_and_has_no_numbers_that_are_reserved():
    first, second = exchange_names(1), exchange_names(2)

    assert (first[3], first[6], second[3], second[6]) == ("Gate", "Bybit", "GateIo", "BybitUta")
    assert {1, 4, 9} & set(first) == set()
    assert exchange_numbers("XT", 1) == frozenset()
    assert exchange_numbers("XT", 2) == {20}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("doc-edition-1", "No connection found for exchange 30 and market 12"),
        ("v1.0.671", "No connection found for exchange 30 and market 12"),
        ("v1.0.2860", "No connection found for exchange Bitfinex and market Currency"),
    ],
)
async def test_an_exchange_of_later_has_no_name(name, text):
    async def work(terminal):
        return await asked(
            terminal, "POST", "/api/change-ticker", exchange=30, market=12, ticker="X"
        )

    assert await running(name, work) == (400, {"error": text})


async def test_a_pattern_of_an_exchange_of_later_is_none():
    async def work(terminal):
        return await asked(terminal, "POST", "/api/change-ticker", tickerPattern="KRAKEN:BTCUSDT")

    text = "Invalid ticker pattern: 'KRAKEN:BTCUSDT'"
    assert await running("doc-edition-2", work) == (400, {"error": text})
    assert (await running("v1.0.2860", work))[1]["error"].startswith("No connection found")


async def test_missing_fields_are_named_as_the_edition_names_them(name):
    async def work(terminal):
        replies = [
            await asked(terminal, "POST", path)
            for path in ("/api/change-ticker", f"{ONE}/orders/cancel")
        ]
        return tuple(reply["error"] for _, reply in replies)

    two = PROFILES[name].edition == 2
    field, order = ("'TickerPattern'", "'OrderId'") if two else ("'tickerPattern'", "'orderId'")
    assert await running(name, work) == (
        FIELDS.format(field), f"Invalid request body. 'ticker' and {order} are required."
    )  # fmt: skip


async def test_a_stop_of_edition_1_rests_at_its_price_later_behind_its_trigger(name):
    async def work(terminal):
        order = {"ticker": "BTCUSDT", "side": 1, "price": 66000, "size": 0.01, "type": 1}
        await asked(terminal, "POST", f"{ONE}/orders", **order)
        rows = (await asked(terminal, "GET", f"{ONE}/orders?Ticker=BTCUSDT"))[1]["orders"]
        return rows[-1]["price"], rows[-1]["triggerprice"]

    price, trigger = await running(name, work)
    assert trigger == 66000
    assert price == 66000 if PROFILES[name].edition == 1 else price > 66000


async def test_a_body_that_is_not_json_has_a_text_of_its_own_since_edition_3(name):
    async def work(terminal):
        return small((await terminal.request("POST", "/api/combo", b"{")).json)["error"]

    newest = PROFILES[name].edition == 3
    assert await running(name, work) == (
        "Malformed request body: not valid JSON."
        if newest
        else "Invalid request body. 'ticker' is required."
    )


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"nul", b"[]", b"5"])
def test_before_that_it_has_no_fields(raw):
    assert read_body(raw, frozenset(), PROFILES["v1.0.671"]).values == {}


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("/api/combo", {"ticker": 5}, "Invalid request body. 'ticker' is required."),
        (f"{ONE}/orders/cancel-all", {"ticker": []}, "Invalid request body. 'ticker' is required."),
        (f"{ONE}/orders", {"ticker": "BTCUSDT", "side": 1, "size": "much", "price": 1},
         "Size must be greater than zero"),
        (f"{ONE}/orders", {"ticker": "BTCUSDT", "side": {}, "size": 1, "price": 1},
         "Invalid request body. 'ticker', 'side', 'price', and 'size' are required."),
    ],
)  # fmt: skip
async def test_nor_has_it_a_value_that_cannot_be_read(path, body, text):
    async def work(terminal):
        return await asked(terminal, "POST", path, **body)

    assert await running("v1.0.671", work) == (400, {"error": text})
    malformed = {"error": "Malformed request body: not valid JSON."}
    assert await running("v1.0.2860", work) == (400, malformed)


async def test_settings_of_later_are_ignored_by_edition_2():
    path = f"{ONE}/orderbook-settings?Ticker=BTCUSDT"
    body = {"ZoomStepMode": "X", "RowHeight": 9}

    async def work(terminal):
        return (await asked(terminal, "PUT", path, **body))[0]

    assert await running("v1.0.671", work) == 200
    assert await running("v1.0.2860", work) == 400


async def test_rules_notes_and_looks_of_levels_are_new_in_edition_3():
    body = {"ticker": "BTCUSDT", "price": 70000, "triggerRule": "LessThanEqual", "note": "x"}

    async def work(terminal):
        await asked(terminal, "POST", f"{ONE}/signal-levels", **body)
        reply = await asked(terminal, "GET", f"{ONE}/signal-levels?Ticker=BTCUSDT")
        [level] = reply[1]["signallevels"]
        return level["triggerrule"], level.get("note")

    assert await running("v1.0.2860", work) == ("LessThanEqual", "x")
    assert await running("v1.0.671", work) == ("GreaterThanEqual", None)


async def test_clusters_have_ten_columns_in_edition_2_whatever_is_asked_for():
    async def work(terminal):
        path = f"{ONE}/cluster-snapshot?Ticker=BTCUSDT&TimeFrame=M1&Columns=3"
        columns = (await asked(terminal, "GET", path))[1]["columns"]
        return len(columns), sum(bool(one["items"]) for one in columns)

    assert await running("v1.0.2860", work) == (100, 3)
    assert await running("doc-edition-2", work) == (10, 10)


async def test_only_single_combos_before_edition_3():
    async def work(terminal):
        return (await asked(terminal, "POST", "/api/combo", tickers=["BTCUSDT", "ETHUSDT"]))[0]

    assert await running("v1.0.2860", work) == 200
    assert await running("v1.0.671", work) == 400


async def test_settings_nobody_has_made_are_a_404_in_edition_2_and_a_400_since():
    path = "/api/connections/9/orderbook-settings?Ticker=TRXUSDT"

    async def work(terminal):
        return await asked(terminal, "GET", path)

    old = (404, {"error": "No order book settings found for ticker 'TRXUSDT'"})
    assert await running("doc-edition-2", work) == old
    new = (400, {"error": "No order book settings found for this ticker"})
    assert await running("v1.0.2860", work) == new


async def test_updates_had_fewer_fields_before_2026_03_24():
    async def work(terminal):
        stream = await terminal.stream()
        await stream.ask("subscribe", connectionId=1)
        await terminal.post("/sim/order", **BTC, side="buy", type="market", size=0.01)
        frames = [await stream.next() for _ in range(4)]
        return {one["type"]: list(one["data"]) for one in frames}

    before = await running("doc-edition-1", work, "enriched=false")
    after = await running("doc-edition-1", work)
    assert before["order_update"] == [
        "connectionId", "orderId", "ticker", "side", "type", "price", "size", "filledSize",
        "status",
    ]  # fmt: skip
    assert before["position_update"] == [
        "connectionId", "positionId", "ticker", "side", "size", "avgPrice", "status",
    ]  # fmt: skip
    assert set(after["order_update"]) - set(before["order_update"]) == {
        "filledPrice", "fee", "feeCurrency", "time",
    }  # fmt: skip


def test_later_editions_have_everything_of_that_day_whatever_the_switch():
    assert switched(PROFILES["v1.0.671"], ["enriched=false"]).has("1E")
    assert not switched(PROFILES["doc-edition-1"], ["enriched=false"]).has("1E")
