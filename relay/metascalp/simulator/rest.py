"""This file knows the routes of the terminal's HTTP API: a row each, read like the document.

Order of checks: route, method, id in the path, connection exists, active, JSON, unknown field,
required fields, value ranges, ticker, exchange. MetaScalp API, edition 3, 2026-08.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from . import terminal, trading
from .body import ApiError, path_id
from .call import Call, Reply
from .world import World

Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One route. body: names its body may have. active: the connection must be connected."""

    method: str
    path: str
    handler: Handler
    body: str = ""
    active: bool = True

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(self.body.lower().split())


_ONE = "/api/connections/{id}"
_ORDER = "ticker side price size type reduceOnly"
_CHANGE = "tickerPattern exchange market ticker binding"

ROUTES = (
    Route("GET", "/ping", terminal.ping),
    Route("POST", "/api/change-ticker", terminal.change_ticker, body=_CHANGE),
    Route("POST", "/api/combo", terminal.combo, body="ticker tickers activate"),
    Route("GET", "/api/connections", terminal.connections),
    Route("GET", _ONE, terminal.connection, active=False),
    Route("GET", f"{_ONE}/tickers", terminal.tickers),
    Route("GET", f"{_ONE}/orders", trading.orders),
    Route("GET", f"{_ONE}/positions", trading.positions),
    Route("GET", f"{_ONE}/balance", trading.balance),
    Route("POST", f"{_ONE}/orders", trading.place, body=_ORDER),
    Route("POST", f"{_ONE}/orders/cancel", trading.cancel, body="ticker orderId type"),
    Route("POST", f"{_ONE}/orders/cancel-all", trading.cancel_all, body="ticker"),
    Route("GET", f"{_ONE}/orderbook-snapshot", terminal.orderbook_snapshot, active=False),
)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]*)", path))


TABLE = [(_pattern(path), path) for path in dict.fromkeys(route.path for route in ROUTES)]


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route of a request and the values in its path. Raises ApiError when there is none."""
    for pattern, template in TABLE:
        match = pattern.fullmatch(path)
        if match is None:
            continue
        for route in ROUTES:
            if route.path == template and route.method == method:
                return route, match.groupdict()
        raise ApiError("Method not allowed")
    raise ApiError("Not found")


def answer(world: World, method: str, path: str, query: dict[str, str], raw: bytes) -> Reply:
    """The reply to a request; an error is a reply too."""
    try:
        route, values = find(method, path)
        call = Call(world, query, raw, route.fields)
        if "id" in values:
            call.connection_id = _connection(world, values["id"], active=route.active)
        return route.handler(call)
    except ApiError as error:
        return Reply({"error": error.text, **error.more}, error.status)


def _connection(world: World, text: str, *, active: bool) -> int:
    number = path_id(text)
    if number is None:
        raise ApiError("Invalid connection ID")
    if number not in world.connections:
        raise ApiError(f"Connection {number} not found", 404)
    if active and world.active(number) is None:
        raise ApiError(f"Connection {number} is not active")
    return number
