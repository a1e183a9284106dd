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
#: What the door takes for a field, see `relay.bodies`: numbers also as text.
_TYPES: dict[str, list[str]] = {
    "int": ["integer", "string"],
    "number": ["number", "string"],
    "bool": ["boolean", "integer", "string"],
    "text": ["string"],
    "texts": ["array"],
    "word": ["integer", "string"],
    "binding": ["string", "integer"],
}
_BODY = (
    "Names in any letter case. Beside what is listed, a field that changes nothing (`clientId`) is "
    "left out and named in X-Relay-Dropped; any other is refused with 400, and nothing is sent."
)
_REFUSALS = {
    "400": "refused: nothing was sent, or the terminal's own words",
    "401": "no token, or none that is known",
    "403": "a web page, or a token whose scope is too small",
    "404": "there is no such thing; from the terminal, or there is no such operation",
    "405": "another method is meant",
    "408": "the request took too long to come: nothing was sent",
    "409": "it came too late: nothing was sent",
    "413": "a body of more than 1 MiB: nothing was sent",
    "414": "a target of more than 8 kB: nothing was sent",
    "415": "a body that is not application/json, or packed: nothing was sent",
    "429": "more requests a second than the token may: nothing was sent",
    "431": "a head of more than 32 kB: nothing was sent",
    "500": "the relay, or the terminal, failed",
    "502": "an operation that the terminal refused",
    "503": "MetaScalp is not running, or the relay stood still meanwhile: nothing was sent",
    "504": "no answer: what was asked may or may not have been done; it is never sent again",
    "507": "the answer would be larger than can be held: ask for it `asis`",
}
_SOCKET = (
    "the stream: an upgrade to WebSocket. Messages are JSON texts, `Type` and `Data` or `type` and "
    "`data`; each client is answered in its own of the two"
)


def parameters(name: str) -> list[str]:
    """What an operation takes. `at`, when it was asked, may stand beside everything."""
    _, params = OPERATIONS.get(name, ("", ""))
    return [*(one.partition(":")[0].strip("!") for one in params.split() if one), "at"]


def example(path: str) -> str | None:
    """The document's own example of what a GET of this path answers."""
    return examples.OF_ROUTES.get(path)


@cache
def document() -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, dict[str, Any]] = {"/": {"get": _socket()}}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _route(route)
    for name, text in OWN_READS.items():
        paths[f"/relay/{name}"] = {"get": _own(text, "read")}
    for name, operation in operations.TABLE.items():
        if name in operations.FOR_SOCKETS:
            continue
        text, params = OPERATIONS.get(name, (operation.run.__doc__ or name, ""))
        told = _own(text, operation.scope)
        told["requestBody"] = _content(_params(params), required=False)
        paths.setdefault(f"/relay/{name}", {})["post"] = told
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "metascalp-relay",
            "version": __version__,
            "description": "The MetaScalp terminal's API, passed one to one, and the relay's own.",
        },
        "servers": [{"url": "/"}],  # Where this was read: whichever port it is.
        "security": [{"token": []}, {"tokenHeader": []}, {}],  # None: with `--auth local`.
        "paths": paths,
        "components": _components(),
    }


def _components() -> dict[str, Any]:
    error = {
        "type": "object",
        "description": "`code` is ours; the terminal's own refusals have none.",
        "properties": {"error": {"type": "string"}, "code": {"type": "string"}},
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    keys = "the spelling of the answer's keys"
    return {
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "tokenHeader": {"type": "apiKey", "in": "header", "name": "X-Relay-Token"},
        },
        "parameters": {
            "keys": _header("X-Relay-Keys", keys, list(KEYS)),
            "relayKeys": {**_header("relay_keys", keys, list(KEYS)), "in": "query"},
            "terminal": _header("X-Relay-Terminal", "127.0.0.1:PORT of another terminal"),
            "lane": _header("X-Relay-Lane", "a socket of one's own; scope trade", ["own"]),
        },
        "headers": {
            "terminal": _told("127.0.0.1:PORT of the terminal that has answered"),
            "dropped": _told("fields that were left out, because they change nothing"),
        },
        "schemas": {"Error": error},
        "responses": {
            status: {"description": text, "content": content} for status, text in _REFUSALS.items()
        },
    }


def _told(text: str) -> dict[str, Any]:
    return {"description": text, "schema": {"type": "string"}}


def _socket() -> dict[str, Any]:
    """The WebSocket, as far as OpenAPI has words for one."""
    told = _operation(_SOCKET, "read", "terminal")
    told["parameters"] = [_ref("parameters", one) for one in ("keys", "terminal", "lane")]
    del told["responses"]["200"]
    switched = {
        "description": "a WebSocket from here on",
        "headers": {"X-Relay-Terminal": _ref("headers", "terminal")},
    }
    told["responses"] = {"101": switched, **told["responses"]}
    return told


def _route(route: Route) -> dict[str, Any]:
    told = _operation(route.gives, route.scope, "terminal")
    told["parameters"] = [
        *(_named(name, "path", required=True) for name in re.findall(r"\{(\w+)\}", route.path)),
        *(_named(one.strip("!"), "query", "!" in one) for one in route.query.split()),
        *(_ref("parameters", one) for one in ("keys", "relayKeys", "terminal")),
    ]
    told["responses"]["200"]["headers"] = {
        "X-Relay-Terminal": _ref("headers", "terminal"),
        **({"X-Relay-Dropped": _ref("headers", "dropped")} if route.body is not None else {}),
    }
    told["responses"]["default"] = {"description": "whatever else the terminal answers"}
    if route.body is not None:
        told["requestBody"] = _content(_schema(route.body), required=bool(route.body.required))
    if route.method == "GET" and (text := example(route.path)):
        told["responses"]["200"]["content"] = {"application/json": {"example": json.loads(text)}}
    return told


def _own(text: str, scope: str) -> dict[str, Any]:
    told = _operation(text, scope, "relay")
    told["parameters"] = [_ref("parameters", one) for one in ("keys", "relayKeys")]
    return told


def _operation(text: str, scope: str, tag: str) -> dict[str, Any]:
    return {
        "summary": text,
        "tags": [tag],
        "x-scope": scope,
        "responses": {
            "200": {"description": "what was asked for"},
            **{status: _ref("responses", status) for status in _REFUSALS},
        },
    }


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _schema(body: Body) -> dict[str, Any]:
    item = {
        "type": "object",
        "description": _BODY,
        "properties": {
            field.name: _type(field, is_needed=field.name in body.required) for field in body.fields
        },
    }
    if body.required:
        item["required"] = list(body.required)
    return {"type": "array", "items": item} if body.many else item


def _type(field: Field, *, is_needed: bool) -> dict[str, Any]:
    """What a field takes; null is the same as not sent."""
    if field.kind == "any":
        return {}
    told: dict[str, Any] = {"type": [*_TYPES[field.kind], *([] if is_needed else ["null"])]}
    if field.kind == "texts":
        told["items"] = {"type": "string"}
    if field.kind == "binding":
        told["pattern"] = "^[0-9]{3}$"
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
