"""This file knows every documented route: who may use it, what its body may hold.

One row each, in the document's order: MetaScalp API, edition 3, 2026-08 ("3P" is what only its
interactive page has). Names without a kind are text; any letter case is taken, these are sent.
scope: "read" looks; "ui" moves windows, levels and drawings; "trade" can cost money. The settings
of an order book hold the sizes its buttons trade with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

from relay.bodies import INERT, NOT_JSON, Body, Field, Kind

Scope = Literal["read", "ui", "trade"]

SIDES = {"buy": 1, "sell": 2}
TYPES = {"limit": 0, "stop": 1, "stoploss": 2, "takeprofit": 3, "market": 4}
_DEFAULT_TYPES = {"limit": 0, "market": 4}


@dataclass(frozen=True, slots=True)
class Route:
    """One route. query: names it takes, those that must be there with a `!`. order: it counts
    against the limit of orders. body: None where the document shows none."""

    method: str
    path: str
    gives: str
    scope: Scope = "read"
    query: str = ""
    body: Body | None = None
    order: bool = False


def _fields(text: str) -> tuple[Field, ...]:
    """The fields of "ticker! side!:side size!:number …"; a `!` marks what must be sent."""
    return tuple(_field(*one.replace("!", "").partition(":")[::2]) for one in text.split())


def _field(name: str, kind: str) -> Field:
    words = {"side": SIDES, "type": TYPES, "default-type": _DEFAULT_TYPES}.get(kind)
    if words is not None:
        return Field(name, "word", words)
    known: dict[str, Kind] = {
        "": "text", "int": "int", "number": "number", "bool": "bool", "texts": "texts",
        "word": "word", "binding": "binding", "any": "any",
    }  # fmt: skip
    return Field(name, known[kind])


def _body(
    text: str, malformed: str = NOT_JSON, many: bool = False, inert: frozenset[str] = INERT
) -> Body:
    required = tuple(one.partition(":")[0].strip("!") for one in text.split() if "!" in one)
    return Body(_fields(text), required, many, malformed, inert)


#: Here every field is meant to cancel less than all.
_NOTHING: frozenset[str] = frozenset()
#: Of what a person reads, a comment is a part.
_NAMELESS = INERT - {"comment", "label"}


_LOOKS = (
    "note lineThickness:number lineStyle:word lineColor textSize:number textColor "
    "textAlignment:word textStyle:word"
)
#: After the first five names: what a level that was read carries and a write ignores.
_SIGNAL = f"triggerRule {_LOOKS} id:any connectionId:any isTriggered:any triggerTime:any"
_USER = f"name date:int {_LOOKS} id:any connectionId:any"
_TICKER = "ticker!"
_WORKING = " ".join(f"tradeAmountUsd{n}:number tradeAmount{n}:number" for n in range(1, 6))
_SETTINGS = (
    "NotificationTradeHasBeenMade:bool OrderTypeDefault:default-type DefaultOrderCoin:number "
    "DefaultOrderUsd:number OrderSlippageCoin:number OrderSlippageUsd:number CloseByMarket:bool "
    "AmountBarFilledAt:number LargeAmount:number LargeAmount2:number AmountBarFilter:number "
    "AmountBarFilledAtUsd:number LargeAmountUsd:number LargeAmountUsd2:number "
    "AmountBarFilterUsd:number NotificationLargeAmountDetected:bool "
    "NotificationLargeAmount2Detected:bool UseLargeAmountDetectionArea:bool "
    "LargeAmountDetectionMinValue:number LargeAmountDetectionMaxValue:number ShowRuler:word "
    "ZoomType:word ZoomStepMode:word AutoZoom:bool ZoomPercent:number RowHeight:number "
    "SlimLevelsFactor:number BasicLevelsFactor:number NotificationSignalLevelTriggered:bool "
    "Autoscroll:bool FullDepth:bool TicksLargeAmount:number TicksLargeAmountUsd:number "
    "SizeType:word NotificationTradeHasBeenMadeTicks:bool ShowExecutedOrders:bool "
    f"ShowClusters:bool ClusterTimeFrame:word SoundNotification:bool {_WORKING} "
    "AddingTicksForAPeriod:number"
)
_DRAWING = "x1 x2 y1:number y2:number y:number index:any"
_W, _T = "Malformed request body.", "Request body is not valid JSON."

_API = "/api"
_ONE = "/api/connections/{id}"
_WINDOWS = "/api/ui/windows"
_DOCUMENT = "/api/ui/documents/{externalId}"
_TEMPLATES = "/api/screener/templates"
_TEMPLATE = "name! settings:any id:any"
_CHANGE = "tickerPattern exchange:word market:word ticker binding:binding"
_ORDER = "ticker! side!:side size!:number price:number type:type reduceOnly:bool"
_CANCEL = "ticker! orderId!:int type:type"
_RECT = "top:number left:number height:number width:number monitor:int templateId:int"
_NOTICE = "time connectionId:int ticker eventType size:number price:number tabName"

ROUTES = (
    Route("GET", "/ping", "what answers: `app`, `version`"),
    Route("POST", f"{_API}/change-ticker", "switches the active window, or a binding's panels",
          "ui", body=_body(_CHANGE)),
    Route("POST", f"{_API}/combo", "opens a combo layout for each ticker", "ui",
          body=_body("ticker tickers:texts activate:bool")),
    Route("POST", f"{_API}/close-last-tab", "closes the last tab of the main window", "ui",
          body=_body("")),
    Route("GET", f"{_API}/connections", "the connections"),
    Route("GET", _ONE, "one connection"),
    Route("GET", f"{_ONE}/tickers", "its tickers", query="Refresh"),
    Route("GET", f"{_ONE}/orders", "its open orders of one ticker", query="Ticker!"),
    Route("GET", f"{_ONE}/positions", "its positions"),
    Route("GET", f"{_ONE}/balance", "its balances"),
    Route("POST", f"{_ONE}/orders", "places an order", "trade", body=_body(_ORDER), order=True),
    Route("POST", f"{_ONE}/orders/cancel", "cancels an order", "trade", body=_body(_CANCEL),
          order=True),
    Route("POST", f"{_ONE}/orders/cancel-all", "cancels every order of one ticker", "trade",
          body=_body(_TICKER, inert=_NOTHING), order=True),
    Route("GET", f"{_ONE}/leverage-limits", "leverage and its limits", query="Ticker! Leverage"),
    Route("GET", f"{_ONE}/orderbook-snapshot", "an order book, asked of the exchange",
          query="Ticker! ZoomIndex DepthLevels DepthPercent"),
    Route("GET", f"{_ONE}/cluster-snapshot", "clusters: 100 columns",
          query="Ticker! TimeFrame! ZoomIndex Columns"),
    Route("GET", f"{_API}/link-groups/{{groupId}}/orderbook-snapshots", "the books of one group"),
    Route("GET", f"{_ONE}/signal-levels", "signal levels of one ticker", query="Ticker!"),
    Route("POST", f"{_ONE}/signal-levels", "places a signal level", "ui",
          body=_body(f"ticker! price!:number {_SIGNAL}", inert=_NAMELESS)),
    Route("DELETE", f"{_ONE}/signal-levels", "removes those of one ticker", "ui", query="Ticker!"),
    Route("PUT", f"{_ONE}/signal-levels/{{slId}}", "changes one", "ui",
          body=_body(f"price:number ticker {_SIGNAL}", inert=_NAMELESS)),
    Route("DELETE", f"{_ONE}/signal-levels/{{slId}}", "removes one", "ui"),
    Route("DELETE", f"{_API}/signal-levels/triggered", "removes all that have fired", "ui"),
    Route("GET", f"{_ONE}/user-levels", "user levels of one ticker", query="Ticker!"),
    Route("POST", f"{_ONE}/user-levels", "places a user level", "ui",
          body=_body(f"ticker! price!:number {_USER}", inert=_NAMELESS)),
    Route("DELETE", f"{_ONE}/user-levels", "removes those of one ticker", "ui", query="Ticker!"),
    Route("PUT", f"{_ONE}/user-levels/{{ulId}}", "changes one", "ui",
          body=_body(f"price:number ticker {_USER}", inert=_NAMELESS)),
    Route("DELETE", f"{_ONE}/user-levels/{{ulId}}", "removes one", "ui"),
    Route("GET", f"{_ONE}/annotations", "drawings of one ticker", query="Ticker!"),
    Route("DELETE", f"{_ONE}/annotations", "removes all of one ticker", "ui", query="Ticker!"),
    Route("PUT", f"{_ONE}/annotations/{{type}}", "replaces one kind", "ui", query="Ticker!",
          body=_body(_DRAWING, many=True)),
    Route("POST", f"{_ONE}/annotations/{{type}}", "adds one", "ui", query="Ticker!",
          body=_body(_DRAWING)),
    Route("DELETE", f"{_ONE}/annotations/{{type}}/{{index}}", "removes one", "ui",
          query="Ticker!"),
    Route("POST", f"{_API}/notifications", "adds a row to the notifications", "ui",
          body=_body(_NOTICE, inert=_NAMELESS)),
    Route("GET", f"{_API}/ui/state", "windows, tabs, documents"),
    Route("GET", f"{_WINDOWS}/{{windowId}}", "one window", query="windowType"),
    Route("POST", _WINDOWS, "opens a window", "ui", body=_body(f"windowType! {_RECT}", _W)),
    Route("POST", f"{_WINDOWS}/{{windowId}}/close", "closes it", "ui",
          body=_body("windowType!", _W)),
    Route("POST", f"{_WINDOWS}/{{windowId}}/activate", "brings it to the front", "ui",
          body=_body("windowType!", _W)),
    Route("POST", f"{_API}/ui/tabs/{{tabId}}/close", "closes a tab and its documents", "ui",
          body=_body("")),
    Route("POST", f"{_API}/ui/tabs/{{tabId}}/activate", "selects a tab", "ui", body=_body("")),
    Route("PUT", f"{_DOCUMENT}/link-number", "links a panel", "ui",
          body=_body("linkNumber!:int")),
    Route("PUT", f"{_DOCUMENT}/ticker", "switches one panel", "ui",
          body=_body("ticker! connectionId:int")),
    Route("GET", f"{_ONE}/orderbook-settings", "settings of one order book", query="Ticker!"),
    Route("PUT", f"{_ONE}/orderbook-settings", "changes them", "trade", query="Ticker!",
          body=_body(_SETTINGS)),
    Route("GET", _TEMPLATES, "screener templates"),
    Route("POST", _TEMPLATES, "adds one", "ui", body=_body(_TEMPLATE, _T)),
    Route("GET", f"{_TEMPLATES}/{{templateId}}", "one template"),
    Route("PUT", f"{_TEMPLATES}/{{templateId}}", "changes it", "ui",
          body=_body(_TEMPLATE.replace("!", ""), _T)),
    Route("DELETE", f"{_TEMPLATES}/{{templateId}}", "deletes it", "ui"),
    Route("GET", f"{_TEMPLATES}/{{templateId}}/data", "its rows"),
)  # fmt: skip

_LOOKS_LIKE = tuple(
    (route.method, re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route.path)), re.I), route)
    for route in ROUTES
)


@lru_cache(1024)
def find(method: str, path: str) -> Route | None:
    """The documented route of a request, None for what no document has. Escapes, letter case and
    a slash at the end make no other route of it: whoever spells it so means the same."""
    plain = unquote(path).rstrip("/") or "/"
    for verb, pattern, route in _LOOKS_LIKE:
        if verb == method and pattern.fullmatch(plain):
            return route
    return None


def scope(method: str, route: Route | None) -> Scope:
    """What a request needs: what no document has may do anything, unless it is for reading."""
    if route is not None:
        return route.scope
    return "read" if method in ("GET", "HEAD", "OPTIONS") else "trade"
