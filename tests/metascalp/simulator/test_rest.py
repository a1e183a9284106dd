"""Routes, the order of checks, and what no input may do: bring a 500."""

import asyncio
import json
from http import HTTPStatus

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.rest import ROUTES

from .conftest import Terminal

VALUES = {
    "id": "1", "slId": "1", "ulId": "1", "type": "lines", "index": "0", "groupId": "1",
    "windowId": "1", "tabId": "1", "externalId": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "templateId": "5",
}  # fmt: skip
KNOWN = [(route.method, route.path.format(**VALUES)) for route in ROUTES]


@pytest.mark.parametrize("path", ["/", "/nope", "/api", "/ping/", "/api/ui/windows/3/charts", "//"])
async def test_an_unknown_path_is_a_400(terminal, path):
    assert (await terminal.get(path)).error == (400, "Not found")


@pytest.mark.parametrize(("method", "path"), KNOWN)
async def test_a_known_path_with_another_method_is_a_400(terminal, method, path):
    assert (await terminal.request("PATCH", path)).error == (400, "Method not allowed")


@pytest.mark.parametrize("path", ["/ping", "/api/connections/1/orders", "/nope"])
async def test_a_preflight_is_answered_everywhere(terminal, path):
    answer = await terminal.request("OPTIONS", path)

    assert (answer.status, answer.text) == (204, "")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, PUT, DELETE, OPTIONS"
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"


@pytest.mark.parametrize("path", ["/ping", "/nope", "/api/connections/99"])
async def test_every_reply_is_json_open_to_every_origin(terminal, path):
    answer = await terminal.get(path)

    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


SUB_ROUTES = [(method, path) for method, path in KNOWN if "/connections/1/" in path]


@pytest.mark.parametrize(("method", "path"), SUB_ROUTES)
async def test_errors_of_every_connection_route(terminal, method, path):
    for number, error in [
        ("x", (400, "Invalid connection ID")),
        ("1.5", (400, "Invalid connection ID")),
        ("99", (404, "Connection 99 not found")),
    ]:
        answer = await terminal.request(method, path.replace("/1/", f"/{number}/"))
        assert answer.error == error

    answer = await terminal.request(method, path.replace("/1/", "/11/"))
    level = path.rpartition("/")[0].endswith("levels") and method == "PUT"
    if path.endswith("orderbook-snapshot") or level:
        assert answer.error == (404, "Connection 11 not found")
    else:
        assert answer.error == (400, "Connection 11 is not active")


async def test_the_order_of_checks(terminal):
    """Each request is wrong in every later way too; only the first wrong thing is named."""
    steps = [
        ("DELETE", "x", b"{", "Method not allowed"),
        ("POST", "x", b"{", "Invalid connection ID"),
        ("POST", "99", b"{", "Connection 99 not found"),
        ("POST", "11", b"{", "Connection 11 is not active"),
        ("POST", "6", b"{", "Malformed request body: not valid JSON."),
        ("POST", "6", b'{"x":1}', "Unknown field 'x' in request body."),
        (
            "POST", "6", b'{"size":-1}',
            "Invalid request body. 'ticker', 'side', 'price', and 'size' are required.",
        ),
        ("POST", "6", b'{"ticker":"X","side":1,"size":-1}', "Size must be greater than zero"),
        (
            "POST", "6", b'{"ticker":"X","side":1,"size":1}',
            "Price must be greater than zero for non-market orders",
        ),
        (
            "POST", "6", b'{"ticker":"X","side":1,"size":1,"price":1}',
            "Ticker 'X' not found on connection 6",
        ),
        (
            "POST", "6", b'{"ticker":"BTCUSDT","side":1,"size":1,"price":1}',
            "Connection 6 is in view mode",
        ),
        ("POST", "1", b'{"ticker":"BTCUSDT","side":1,"size":100,"price":60000}',
         "Margin is insufficient."),
    ]  # fmt: skip
    for method, number, raw, text in steps:
        answer = await terminal.request(method, f"/api/connections/{number}/orders", raw)
        assert answer.json["error"] == text


BODIES = [
    (route.method, route.path.format(**VALUES), route.malformed)
    for route in ROUTES
    if route.fields or "tabs" in route.path or route.path.endswith("last-tab")
    if "documents" not in route.path
]


@pytest.mark.parametrize(("method", "path", "text"), BODIES)
async def test_bodies_are_strict_everywhere(terminal, method, path, text):
    path += "?Ticker=BTCUSDT"

    assert (await terminal.request(method, path, b"{")).error == (400, text)
    assert (await terminal.request(method, path, b'{"comment":"x"}')).error == (
        400, "Unknown field 'comment' in request body.",
    )  # fmt: skip


async def test_an_older_build_is_not_strict():
    async with Simulator(rate=0, profile="v1.0.671") as sim, aiohttp.ClientSession() as http:
        old = Terminal(sim, http)
        answer = await old.post(
            "/api/connections/1/orders",
            ticker="BTCUSDT", side="buy", price="60000", size="0.01", clientId="mine", comment="x",
        )  # fmt: skip
        ping = await old.get("/ping")

    assert answer.status == 200
    assert answer.json["clientId"] != "mine"
    assert ping.text == '{"app":"MetaScalp","version":"1.0.671"}'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.dictionaries(
    st.sampled_from(
        [
            "ticker",
            "side",
            "price",
            "size",
            "type",
            "orderId",
            "tickers",
            "market",
            "windowType",
            "name",
            "settings",
            "note",
            "lineStyle",
            "x1",
            "y1",
            "date",
            "top",
            "monitor",
            "RowHeight",
        ]
    ),
    JSON | st.sampled_from(["BTCUSDT", "1e9", 0.001, 60000, 1, 2, 10**18, "Limit", ["ETHUSDT"]]),
)
RAW = st.binary() | JSON.map(lambda v: json.dumps(v).encode()) | FIELDS.map(
    lambda v: json.dumps(v).encode()
)  # fmt: skip


def test_any_body_on_any_route_brings_a_documented_status():
    async def all_of_them():
        async with Simulator(rate=0) as sim, aiohttp.ClientSession() as http:
            await asyncio.to_thread(search, Terminal(sim, http), asyncio.get_running_loop())

    asyncio.run(all_of_them())


def search(terminal, loop):
    """Hypothesis knows no event loop: it asks from a thread."""

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(KNOWN), RAW, st.text(max_size=20))
    def one(route, raw, query):
        path = f"{route[1]}?Ticker=BTCUSDT&DepthLevels={_quoted(query)}&{_quoted(query)}=1"
        asked = terminal.request(route[0], path, raw if route[0] in ("POST", "PUT") else None)
        answer = asyncio.run_coroutine_threadsafe(asked, loop).result(10)
        assert answer.status in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
        assert answer.status == HTTPStatus.OK or "error" in answer.json

    one()


def _quoted(text):
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "replace"))
