"""The table of routes is the document's, and takes every body the document shows."""

import json
from pathlib import Path

import pytest

from relay.bodies import rebuild
from relay.errors import BadParams
from relay.metascalp.routes import ROUTES, find, scope
from relay.spelling import spell

from .simulator.document import ROUTE_LIST

TABLE = Path(__file__).parents[1] / "data" / "metascalp-examples.tsv"
ROWS = [line.split("\t", 1) for line in TABLE.read_text("utf-8").splitlines() if "\t" in line]
ONE = "/api/connections/1"
#: Which route each example of a body belongs to.
SENT_TO = {
    "Q01": ("POST", "/api/change-ticker"), "Q02": ("POST", "/api/combo"),
    "Q03": ("POST", f"{ONE}/orders"), "Q04": ("POST", f"{ONE}/orders/cancel"),
    "Q05": ("POST", f"{ONE}/orders/cancel-all"), "Q06": ("POST", f"{ONE}/signal-levels"),
    "Q07": ("POST", f"{ONE}/user-levels"), "Q09": ("POST", "/api/notifications"),
    "Q10": ("PUT", "/api/ui/documents/3fa85f64-5717-4562-b3fc-2c963f66afa6/link-number"),
    "Q11": ("PUT", "/api/ui/documents/3fa85f64-5717-4562-b3fc-2c963f66afa6/ticker"),
    "Q12": ("POST", "/api/ui/windows"), "Q13": ("POST", "/api/ui/windows/7/close"),
    "Q14": ("PUT", f"{ONE}/orderbook-settings"), "Q15": ("POST", "/api/screener/templates"),
}  # fmt: skip
DRAWN = {"[": ("PUT", f"{ONE}/annotations/lines"),
         "{": ("POST", f"{ONE}/annotations/horizontal-rays")}  # fmt: skip
BODIES = [
    (SENT_TO.get(name) or DRAWN[body[0]], body) for name, body in ROWS if name.startswith("Q")
]


def folded(value: object) -> object:
    if isinstance(value, dict):
        return {key.lower(): folded(one) for key, one in value.items()}
    return [folded(one) for one in value] if isinstance(value, list) else value


def test_the_routes_are_the_documents():
    ours = {(route.method, route.path) for route in ROUTES}

    assert len(ROUTES) == len(ours)
    assert ours == set(ROUTE_LIST)


@pytest.mark.parametrize(("where", "body"), BODIES, ids=str)
@pytest.mark.parametrize("keys", ["asis", "camel", "pascal"])
def test_every_body_of_the_document_leaves_as_it_is_meant(where, body, keys):
    shape = find(*where).body

    left = rebuild(spell(body.encode(), keys), shape)

    assert folded(json.loads(left.body)) == folded(json.loads(body))
    assert left.dropped == ()


def test_every_example_has_a_route():
    assert len(BODIES) == 21
    assert all(find(*where) for where, _ in BODIES)


@pytest.mark.parametrize("name", ["R18", "R19", "R22", "R31"])
def test_what_was_read_may_be_written_back(name):
    """The document says which of its objects go both ways: ids and states in them are ignored."""
    read = json.loads([body for one, body in ROWS if one == name][-1])
    where = {"R18": ("PUT", f"{ONE}/signal-levels/1"), "R19": ("PUT", f"{ONE}/user-levels/1"),
             "R22": ("PUT", f"{ONE}/orderbook-settings"),
             "R31": ("PUT", "/api/screener/templates/5")}[name]  # fmt: skip
    item = {"R18": "signalLevels", "R19": "userLevels", "R22": "settings"}.get(name)
    item = read[item] if item else read
    body = json.dumps(item[0] if isinstance(item, list) else item).encode()

    assert folded(json.loads(rebuild(body, find(*where).body).body)) == folded(json.loads(body))


@pytest.mark.parametrize(
    ("client", "path", "body", "left"),
    [
        ("AlphaFlip", "orders",
         '{"ticker":"BTC_USDT","side":"buy","price":"1.5","size":"2","clientId":"a","comment":"b"}',
         '{"ticker":"BTC_USDT","side":1,"price":1.5,"size":2}'),
        ("Mexc-Flip", "orders/cancel", '{"Ticker":"X","OrderId":"98765","Type":0}',
         '{"ticker":"X","orderId":98765,"type":0}'),
        ("Mexc-Flip", "orders", '{"Ticker":"X","Side":1,"Size":1,"StopLossPrice":3}', None),
        ("AlphaFlip", "orders/cancel",
         '{"ClientId":"a","OrderId":"1","Symbol":"X","Reason":"r"}', None),
        ("funding bot", "orders", '{"Ticker":"X","Side":2,"Type":4,"Size":0.1,"ReduceOnly":true}',
         '{"ticker":"X","side":2,"type":4,"size":0.1,"reduceOnly":true}'),
        ("any", "orders", '{"ticker":"X","side":"sell","type":"Stop-Loss","size":"1","price":"2"}',
         '{"ticker":"X","side":2,"type":2,"size":1,"price":2}'),
    ],
)  # fmt: skip
def test_what_public_clients_send(client, path, body, left):
    shape = find("POST", f"{ONE}/{path}").body
    if left is None:
        with pytest.raises(BadParams, match="nothing was sent"):
            rebuild(body.encode(), shape)
    else:
        assert rebuild(body.encode(), shape).body == left.encode()


@pytest.mark.parametrize(
    ("method", "path", "found", "needs"),
    [
        ("GET", "/ping", "/ping", "read"),
        ("POST", f"{ONE}/orders", "/api/connections/{id}/orders", "trade"),
        ("POST", f"{ONE}/Orders/", "/api/connections/{id}/orders", "trade"),
        ("POST", f"{ONE}/orders%2fcancel", "/api/connections/{id}/orders/cancel", "trade"),
        ("POST", "/api/change-ticker", "/api/change-ticker", "ui"),
        ("PUT", f"{ONE}/orderbook-settings", "/api/connections/{id}/orderbook-settings", "trade"),
        ("POST", "/api/tomorrow", None, "trade"),
        ("DELETE", f"{ONE}/orders", None, "trade"),
        ("GET", "/api/tomorrow", None, "read"),
        ("OPTIONS", f"{ONE}/orders", None, "read"),
        ("get", "/ping", None, "trade"),
    ],
)
def test_what_a_request_needs(method, path, found, needs):
    route = find(method, path)

    assert (route and route.path) == found
    assert scope(method, route) == needs


def test_whatever_is_not_read_needs_more_than_reading():
    assert {route.method for route in ROUTES if route.scope == "read"} == {"GET"}
    assert all(route.scope == "read" for route in ROUTES if route.method == "GET")


def test_only_what_reaches_an_exchange_or_its_sizes_needs_the_right_to_trade():
    trading = {f"{route.method} {route.path}" for route in ROUTES if route.scope == "trade"}

    assert trading == {
        "POST /api/connections/{id}/orders", "POST /api/connections/{id}/orders/cancel",
        "POST /api/connections/{id}/orders/cancel-all",
        "PUT /api/connections/{id}/orderbook-settings",
    }  # fmt: skip
