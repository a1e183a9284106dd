"""This file knows the routes of the terminal's HTTP API: a row each, read like the document.

Order of checks: route, method, id in the path, connection exists, active, JSON, unknown field,
required fields, value ranges, ticker, exchange. MetaScalp API, edition 3, 2026-08.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from . import (
    annotations,
    booksettings,
    depth,
    notify,
    settings,
    signals,
    templates,
    terminal,
    trading,
    ui,
    userlevels,
    windows,
)
from .body import NOT_JSON, ApiError, WrongShape, path_id, told
from .call import Call, Reply
from .casing import recase, zulu
from .levels import LOOKS
from .profile import Profile
from .world import World

Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One route. body: names its body may have. active: the connection must be connected; where
    closed is 404 one that is not is not found. since: the edition that first has it. malformed:
    the text for a body that is not JSON."""

    method: str
    path: str
    handler: Handler
    body: str = ""
    active: bool = True
    since: str = "1S"
    closed: int = 400
    malformed: str = NOT_JSON

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(self.body.lower().split())


_ONE = "/api/connections/{id}"
_ORDER = "ticker side price size type reduceOnly"
_CHANGE = "tickerPattern exchange market ticker binding"

_SIGNAL = f"{_ONE}/signal-levels"
_USER = f"{_ONE}/user-levels"
_DRAWN = f"{_ONE}/annotations"
_WINDOWS = "/api/ui/windows"
_TABS = "/api/ui/tabs/{tabId}"
_DOCUMENT = "/api/ui/documents/{externalId}"
_TEMPLATES = "/api/screener/templates"
_SIGNAL_BODY = f"ticker price triggerRule note id connectionId isTriggered triggerTime {LOOKS}"
_USER_BODY = f"ticker price name date note id connectionId {LOOKS}"
_NOTICE = "time connectionId ticker eventType size price tabName"
_RECT = "windowType top left height width monitor templateId"
_W, _T = "Malformed request body.", "Request body is not valid JSON."

ROUTES = (
    Route("GET", "/ping", terminal.ping, since="1L"),
    Route("POST", "/api/change-ticker", terminal.change_ticker, body=_CHANGE, since="1L"),
    Route("POST", "/api/combo", terminal.combo, body="ticker tickers activate", since="1L"),
    Route("POST", "/api/close-last-tab", ui.close_last_tab, since="3"),
    Route("GET", "/api/connections", terminal.connections),
    Route("GET", _ONE, terminal.connection, active=False),
    Route("GET", f"{_ONE}/tickers", terminal.tickers),
    Route("GET", f"{_ONE}/orders", trading.orders),
    Route("GET", f"{_ONE}/positions", trading.positions),
    Route("GET", f"{_ONE}/balance", trading.balance),
    Route("POST", f"{_ONE}/orders", trading.place, body=_ORDER),
    Route("POST", f"{_ONE}/orders/cancel", trading.cancel, body="ticker orderId type"),
    Route("POST", f"{_ONE}/orders/cancel-all", trading.cancel_all, body="ticker", since="1E"),
    Route("GET", f"{_ONE}/leverage-limits", depth.leverage_limits, since="3"),
    Route("GET", f"{_ONE}/orderbook-snapshot", terminal.orderbook_snapshot, active=False,
          since="2 books"),
    Route("GET", f"{_ONE}/cluster-snapshot", depth.cluster_snapshot, since="2"),
    Route("GET", "/api/link-groups/{groupId}/orderbook-snapshots", depth.link_group_books,
          since="3"),
    Route("GET", _SIGNAL, signals.read, since="2"),
    Route("POST", _SIGNAL, signals.place, body=_SIGNAL_BODY, since="2"),
    Route("DELETE", _SIGNAL, signals.remove_all, since="2"),
    Route("PUT", f"{_SIGNAL}/{{slId}}", signals.change, body=_SIGNAL_BODY, since="3", closed=404),
    Route("DELETE", f"{_SIGNAL}/{{slId}}", signals.remove, since="2"),
    Route("DELETE", "/api/signal-levels/triggered", signals.remove_triggered, since="2"),
    Route("GET", _USER, userlevels.read, since="3"),
    Route("POST", _USER, userlevels.place, body=_USER_BODY, since="3"),
    Route("DELETE", _USER, userlevels.remove_all, since="3"),
    Route("PUT", f"{_USER}/{{ulId}}", userlevels.change, body=_USER_BODY, since="3", closed=404),
    Route("DELETE", f"{_USER}/{{ulId}}", userlevels.remove, since="3"),
    Route("GET", _DRAWN, annotations.read, since="3"),
    Route("DELETE", _DRAWN, annotations.clear, since="3"),
    Route("PUT", f"{_DRAWN}/{{type}}", annotations.replace, since="3"),
    Route("POST", f"{_DRAWN}/{{type}}", annotations.append, since="3"),
    Route("DELETE", f"{_DRAWN}/{{type}}/{{index}}", annotations.remove, since="3"),
    Route("POST", "/api/notifications", notify.inject, body=_NOTICE, since="3"),
    Route("GET", "/api/ui/state", ui.read_state, since="3"),
    Route("GET", f"{_WINDOWS}/{{windowId}}", windows.read, since="3"),
    Route("POST", _WINDOWS, windows.open_window, body=_RECT, since="3", malformed=_W),
    Route("POST", f"{_WINDOWS}/{{windowId}}/close", windows.close, body="windowType", since="3",
          malformed=_W),
    Route("POST", f"{_WINDOWS}/{{windowId}}/activate", windows.activate, body="windowType",
          since="3", malformed=_W),
    Route("POST", f"{_TABS}/close", ui.close_tab, since="3"),
    Route("POST", f"{_TABS}/activate", ui.activate_tab, since="3"),
    Route("PUT", f"{_DOCUMENT}/link-number", ui.link_number, body="linkNumber", since="3"),
    Route("PUT", f"{_DOCUMENT}/ticker", ui.document_ticker, body="ticker connectionId", since="3"),
    Route("GET", f"{_ONE}/orderbook-settings", booksettings.read, since="2 settings"),
    Route("PUT", f"{_ONE}/orderbook-settings", booksettings.write, body=settings.NAMES,
          since="2 settings"),
    Route("GET", _TEMPLATES, templates.read_all, since="3"),
    Route("POST", _TEMPLATES, templates.create, body="name settings id", since="3", malformed=_T),
    Route("GET", f"{_TEMPLATES}/{{templateId}}", templates.read_one, since="3"),
    Route("PUT", f"{_TEMPLATES}/{{templateId}}", templates.change, body="name settings id",
          since="3", malformed=_T),
    Route("DELETE", f"{_TEMPLATES}/{{templateId}}", templates.remove, since="3"),
    Route("GET", f"{_TEMPLATES}/{{templateId}}/data", templates.data, since="3"),
)  # fmt: skip
"""In the order of the document's list, which counts 51."""
GUESSED = tuple(
    Route("GET", f"{_ONE}/{name}", trading.nothing(name), since="?")
    for name in ("history", "trades", "candles", "pnl")
)
"""In no document: a switch brings them in."""


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]*)", path))


PATHS = dict.fromkeys(route.path for route in (*ROUTES, *GUESSED))
TABLE = [(_pattern(path), path) for path in PATHS]


def find(method: str, path: str, profile: Profile) -> tuple[Route, dict[str, str]]:
    """The route of a request and the values in its path. Raises ApiError when there is none."""
    for pattern, template in TABLE:
        match = pattern.fullmatch(path)
        if match is None:
            continue
        rows = (*ROUTES, *GUESSED)
        known = [one for one in rows if one.path == template and profile.has(one.since)]
        if not known:
            continue
        for route in known:
            if route.method == method:
                return route, match.groupdict()
        raise ApiError("Method not allowed")
    raise ApiError("Not found")


def answer(world: World, method: str, path: str, query: dict[str, str], raw: bytes) -> Reply:
    """The reply to a request in the profile's casing; an error is a reply too."""
    reply = _answer(world, method, path, query, raw)
    profile = world.profile
    if profile.zulu_times:
        reply = replace(reply, body=zulu(reply.body))
    if profile.casing == "mixed":
        return reply
    return replace(reply, body=recase(reply.body, profile.casing))


def _answer(world: World, method: str, path: str, query: dict[str, str], raw: bytes) -> Reply:
    malformed = NOT_JSON
    try:
        route, values = find(method, path, world.profile)
        malformed = route.malformed
        call = Call(world, query, raw, route.fields, values=values)
        if world.profile.body_first and route.body:
            call.body()
        if "id" in values:
            call.connection_id = _connection(world, values["id"], route)
        return route.handler(call)
    except WrongShape:
        return Reply({"error": malformed}, 400)
    except ApiError as error:
        return Reply({"error": told(error, world.profile), **error.more}, error.status)


def _connection(world: World, text: str, route: Route) -> int:
    number = path_id(text)
    if number is None:
        raise ApiError("Invalid connection ID")
    if number not in world.connections:
        raise ApiError(f"Connection {number} not found", 404)
    if route.active and world.active(number) is None:
        if route.closed == 404:
            raise ApiError(f"Connection {number} not found", 404)
        raise ApiError(f"Connection {number} is not active")
    return number
