"""This file knows how the tables of this door are told to machines: OpenAPI 3.1.

Made from the terminal's routes (MetaScalp API, edition 3, 2026-08) and from our own operations, so
that it cannot say anything else than what the door does.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from relay import __version__
from relay.bodies import Body, Field
from relay.edges import operations
from relay.metascalp import examples
from relay.metascalp.routes import ROUTES, Route
from relay.spelling import KEYS

#: What each operation gives and takes; a parameter that must be there ends in `!`.
OPERATIONS = {
    "status": ("the terminal, its connections, whether orders may be cancelled", ""),
    "orders": ("open orders of all known tickers", ""),
    "positions": ("open positions", ""),
    "balances": ("balances", ""),
    "resolve": ("where a ticker can be opened, best first", "ticker find:object"),
    "locate": ("where many tickers can be opened", "finds!:array"),
    "suggest": ("tickers for a few typed letters", "text! limit:integer"),
    "holding": ("which way a position is and how many orders wait", "ticker find:object"),
    "bindings": ("the bindings that exist, with their panels", ""),
    "assets": ("every coin of the terminal's lists", ""),
    "known": ("how many tickers are read on each connection, which are pinned", ""),
    "activity": ("what was done, newest first", "before:integer"),
    "activity_csv": ("the same as CSV, in parts", "before:integer"),
    "scan": ("looks for orders on more tickers", "connections:array"),
    "scan_stop": ("ends the scan", ""),
    "sites": ("the user's own sites and what is wrong with them", ""),
    "config_get": ("the settings", ""),
    "config_set": (
        "changes preferences: those given",
        "exchanges:array markets:array aliases:object",
    ),
    "pin": ("keeps a ticker's orders known", "connection!:integer ticker! on:boolean"),
    "open": (
        "switches the terminal to a ticker",
        "ticker find:object binding target:object at:number",
    ),
    "combo": (
        "opens a combo layout for each ticker",
        "ticker find:object tickers:array finds:array at:number",
    ),
    "combos": ("opens combos behind, without taking the focus", "finds!:array at:number"),
    "close_opened": ("closes what `combos` opened", "at:number"),
    "chart": ("opens a chart", "connection!:integer ticker! at:number"),
    "lock": ("a panel that nothing of ours replaces", "panel! on:boolean"),
    "alert": ("a signal level at a price", "ticker find:object price! at:number"),
    "notify": (
        "a row among the terminal's notifications",
        "text! ticker find:object price at:number",
    ),
    "cancel": (
        "cancels one order; never repeated",
        "connection!:integer order! ticker! type at:number",
    ),
    "cancel_all": (
        "cancels every order of a ticker on one connection",
        "connection!:integer ticker! at:number",
    ),
}
#: Reads of our own.
OWN_READS = {
    "status": "terminal, connections, what sits on the ports, this door",
    "metrics": "counts and times in Prometheus' text form",
    "openapi.json": "this description",
}
_EXAMPLES = {
    "/ping": examples.PING,
    "/api/connections": examples.CONNECTIONS,
    "/api/connections/{id}": examples.CONNECTION,
    "/api/connections/{id}/tickers": examples.TICKERS,
    "/api/connections/{id}/orders": examples.ORDERS,
    "/api/connections/{id}/positions": examples.POSITIONS,
    "/api/connections/{id}/balance": examples.BALANCE,
    "/api/connections/{id}/leverage-limits": examples.LEVERAGE,
    "/api/connections/{id}/orderbook-snapshot": examples.BOOK,
    "/api/connections/{id}/cluster-snapshot": examples.CLUSTERS,
    "/api/link-groups/{groupId}/orderbook-snapshots": examples.GROUP,
    "/api/connections/{id}/signal-levels": examples.SIGNALS,
    "/api/connections/{id}/user-levels": examples.USERS,
    "/api/connections/{id}/annotations": examples.DRAWINGS,
    "/api/connections/{id}/orderbook-settings": examples.SETTINGS,
    "/api/ui/state": examples.STATE,
    "/api/screener/templates": examples.TEMPLATES,
    "/api/screener/templates/{templateId}/data": examples.DATA,
}
_TYPES: dict[str, dict[str, Any]] = {
    "int": {"type": "integer"},
    "number": {"type": "number"},
    "bool": {"type": "boolean"},
    "text": {"type": "string"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "word": {"type": ["integer", "string"]},
    "binding": {"type": "string", "pattern": "^[0-9]{3}$"},
    "any": {},
}
_REFUSALS = {
    "400": "refused: nothing was sent, or the terminal's own words",
    "401": "no token, or none that is known",
    "403": "a web page, or a token whose scope is too small",
    "429": "more requests a second than the token may",
    "503": "MetaScalp is not running, or the relay stood still meanwhile: nothing was sent",
    "504": "no answer: what was asked may or may not have been done; it is never sent again",
}


def parameters(name: str) -> list[str]:
    """What an operation takes. `at`, when it was asked, may stand beside everything."""
    _, params = OPERATIONS.get(name, ("", ""))
    return [*(one.partition(":")[0].strip("!") for one in params.split() if one), "at"]


def example(path: str) -> str | None:
    """The document's own example of what a GET of this path answers."""
    return _EXAMPLES.get(path)


@cache
def document() -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _route(route)
    for name, text in OWN_READS.items():
        paths[f"/relay/{name}"] = {"get": _operation(text, "read", "relay")}
    for name, operation in operations.TABLE.items():
        if name in operations.FOR_SOCKETS:
            continue
        text, params = OPERATIONS.get(name, (operation.run.__doc__ or name, ""))
        told = _operation(text, operation.scope, "relay")
        told["requestBody"] = _content(_params(params), required=False)
        paths.setdefault(f"/relay/{name}", {})["post"] = told
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "metascalp-relay",
            "version": __version__,
            "description": "The MetaScalp terminal's API, passed one to one, and the relay's own.",
        },
        "servers": [{"url": "http://127.0.0.1:17860"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "parameters": {
                "keys": _header("X-Relay-Keys", "the spelling of the answer's keys", list(KEYS)),
                "terminal": _header("X-Relay-Terminal", "127.0.0.1:PORT of another terminal"),
            },
        },
    }


def _route(route: Route) -> dict[str, Any]:
    told = _operation(route.gives, route.scope, "terminal")
    told["parameters"] = [
        *(_named(name, "path", required=True) for name in re.findall(r"\{(\w+)\}", route.path)),
        *(_named(one.strip("!"), "query", "!" in one) for one in route.query.split()),
        {"$ref": "#/components/parameters/keys"},
        {"$ref": "#/components/parameters/terminal"},
    ]
    if route.body is not None:
        told["requestBody"] = _content(_schema(route.body), required=bool(route.body.required))
    if route.method == "GET" and (text := example(route.path)):
        told["responses"]["200"]["content"] = {"application/json": {"example": json.loads(text)}}
    return told


def _operation(text: str, scope: str, tag: str) -> dict[str, Any]:
    answers = {"200": "what was asked for", **_REFUSALS}
    return {
        "summary": text,
        "tags": [tag],
        "x-scope": scope,
        "responses": {status: {"description": said} for status, said in answers.items()},
    }


def _schema(body: Body) -> dict[str, Any]:
    item = {
        "type": "object",
        "additionalProperties": False,
        "properties": {field.name: _type(field) for field in body.fields},
    }
    if body.required:
        item["required"] = list(body.required)
    return {"type": "array", "items": item} if body.many else item


def _type(field: Field) -> dict[str, Any]:
    told = dict(_TYPES[field.kind])
    if field.words:
        words = ", ".join(f"{number} {word}" for word, number in field.words.items())
        told["description"] = f"{words}; the word does as well"
    return told


def _params(text: str) -> dict[str, Any]:
    split = [one.partition(":") for one in text.split()]
    item: dict[str, Any] = {
        "type": "object",
        "properties": {name.strip("!"): {"type": kind or "string"} for name, _, kind in split},
    }
    if required := [name.strip("!") for name, _, _ in split if "!" in name]:
        item["required"] = required
    return item


def _content(schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _named(name: str, where: str, required: bool) -> dict[str, Any]:
    return {"name": name, "in": where, "required": required, "schema": {"type": "string"}}


def _header(name: str, text: str, values: list[str] | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if values:
        schema["enum"] = values
    return {"name": name, "in": "header", "description": text, "schema": schema}
