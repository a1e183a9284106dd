"""This file knows what a terminal can be asked without changing anything, and what it should say.

Only GETs, bodies that no build can carry out, foreign headers. `settles` is the number of the open
question in our reference that the answer decides: such an answer is reported, it is no difference.
MetaScalp API, edition 3, 2026-08.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.metascalp import examples

NOT_JSON = "Malformed request body: not valid JSON."
UNKNOWN = "Unknown field 'relayProbe' in request body."
#: A connection and a document that no terminal has.
NOBODY = 987654321
NO_PANEL = "00000000-0000-4000-8000-000000000000"
#: A ticker that no exchange has.
NOTHING = "RELAYPROBENOTHING"


@dataclass(frozen=True, slots=True)
class Probe:
    """One request. status and error, or status and like: an example of the reply. since: edition.

    {any} in an error is whatever there is. {id} and {ticker} are a connection and a ticker the
    terminal has, {idle} a connection that is not connected, {moscow} one of that exchange.
    """

    method: str
    path: str
    status: int = 200
    error: str | None = None
    like: str | None = None
    body: str | None = None
    since: str = "1"
    settles: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


_ID = "/api/connections/{id}"
_T = "?Ticker={ticker}"
_REQUIRED = "Query parameter 'Ticker' is required"


def _get(path: str, like: str, since: str = "1", **more: int) -> Probe:
    return Probe("GET", path, like=like, since=since, settles=more.get("settles"))


def _bad(
    method: str, path: str, error: str, body: str | None = None, since: str = "1",
    status: int = 400, settles: int | None = None,
) -> Probe:  # fmt: skip
    return Probe(method, path, status, error, None, body, since, settles)


READS = (
    _get("/ping", examples.PING),
    _get("/api/connections", examples.CONNECTIONS),
    _get(_ID, examples.CONNECTION),
    _get(f"{_ID}/tickers", examples.TICKERS),
    _get("/api/connections/{moscow}/tickers", examples.TICKERS),
    _get(f"{_ID}/orders{_T}", examples.ORDERS),
    _get(f"{_ID}/positions", examples.POSITIONS),
    _get(f"{_ID}/balance", examples.BALANCE),
    _get(f"{_ID}/leverage-limits{_T}", examples.LEVERAGE, "3"),
    _get(f"{_ID}/orderbook-snapshot{_T}&DepthLevels=5", examples.BOOK, "2"),
    _get(f"{_ID}/cluster-snapshot{_T}&TimeFrame=M5", examples.CLUSTERS, "2"),
    _get("/api/link-groups/1/orderbook-snapshots", examples.GROUP, "3"),
    _get(f"{_ID}/signal-levels{_T}", examples.SIGNALS, "2"),
    _get(f"{_ID}/user-levels{_T}", examples.USERS, "3"),
    _get(f"{_ID}/annotations{_T}", examples.DRAWINGS, "3"),
    _get(f"{_ID}/orderbook-settings{_T}", examples.SETTINGS, "2"),
    _get("/api/ui/state", examples.STATE, "3"),
    _get("/api/screener/templates", examples.TEMPLATES, "3"),
    _get("/api/screener/templates/-1/data", examples.DATA, "3"),
)

WRONG = (
    _bad("GET", "/api/no-such-route", "Not found"),
    _bad("PATCH", "/ping", "Method not allowed"),
    _bad("GET", "/api/connections/x/tickers", "Invalid connection ID"),
    _bad("GET", f"/api/connections/{NOBODY}/tickers", f"Connection {NOBODY} not found", status=404),
    _bad("GET", f"{_ID}/orders", _REQUIRED),
    _bad("GET", f"{_ID}/signal-levels", _REQUIRED, since="2"),
    _bad("GET", f"{_ID}/user-levels", _REQUIRED, since="3"),
    _bad("GET", f"{_ID}/annotations", _REQUIRED, since="3"),
    _bad("GET", f"{_ID}/orderbook-settings", _REQUIRED, since="2"),
    _bad("GET", f"{_ID}/orderbook-snapshot{_T}&DepthLevels=0",
         "DepthLevels must be >= 1 when specified", since="2"),
    _bad("GET", f"{_ID}/orderbook-snapshot{_T}&DepthPercent=0",
         "DepthPercent must be > 0 when specified", since="2"),
    _bad("GET", f"{_ID}/cluster-snapshot{_T}&TimeFrame=X9", "Invalid TimeFrame 'X9'.", since="2",
         settles=18),
    _bad("GET", "/api/link-groups/x/orderbook-snapshots", "Invalid link group ID", since="3",
         settles=14),
    _bad("GET", "/api/ui/windows/x", "Invalid window ID", since="3"),
    _bad("GET", "/api/screener/templates/x", "Invalid template ID", since="3"),
    _bad("GET", "/api/screener/templates/-1", "Screener template -1 not found", since="3",
         status=404),
    _bad("POST", "/api/change-ticker",
         "Invalid request body. Provide 'tickerPattern' or 'exchange'+'market'+'ticker'.", "{}"),
    _bad("POST", "/api/change-ticker", "Invalid ticker pattern: '::'", '{"tickerPattern":"::"}'),
    _bad("POST", "/api/combo", "Invalid request body. 'ticker' is required.", "{}"),
    _bad("POST", f"{_ID}/orders",
         "Invalid request body. 'ticker', 'side', 'price', and 'size' are required.", "{}"),
    _bad("POST", f"{_ID}/orders/cancel",
         "Invalid request body. 'ticker' and 'orderId' are required.", "{}"),
    _bad("POST", f"{_ID}/orders/cancel-all", "Invalid request body. 'ticker' is required.", "{}"),
    _bad("POST", f"{_ID}/signal-levels",
         "Invalid request body. 'ticker' and 'price' are required.", "{}", "2"),
    _bad("POST", f"{_ID}/user-levels",
         "Invalid request body. 'ticker' and 'price' are required.", "{}", "3"),
    _bad("POST", f"{_ID}/annotations/circles{_T}",
         "Unknown annotation type 'circles'. Allowed values: lines, horizontal-lines, "
         "horizontal-rays.", "{}", "3"),
    _bad("POST", f"{_ID}/annotations/lines{_T}", "Request body must be a lines annotation.", "5",
         "3"),
    _bad("PUT", f"{_ID}/orderbook-settings{_T}",
         "Invalid value 'X' for field 'ShowRuler'. Valid values: None, Points, Percent, "
         "PercentVolume", '{"ShowRuler":"X"}', "2"),
    _bad("POST", "/api/ui/windows", "Malformed request body.", "{", "3"),
    _bad("POST", "/api/ui/windows",
         "POST /api/ui/windows requires 'windowType' in the body to know which window to open. "
         "Supported: workspace, lightWorkspace, chart, tradingViewChart, watchlist, screener, "
         "lineNotifications, finres, userTrades, listing", "{}", "3", settles=16),
    _bad("POST", "/api/ui/tabs/x/activate", "Invalid tab ID", None, "3"),
    _bad("PUT", "/api/ui/documents/x/ticker", "Invalid document ID", "{}", "3"),
    _bad("PUT", f"/api/ui/documents/{NO_PANEL}/link-number", f"Document {NO_PANEL} not found",
         '{"linkNumber":0}', "3", status=404),
    _bad("POST", "/api/screener/templates", "Request body must carry a non-empty 'name'.", "{}",
         "3"),
    _bad("POST", "/api/screener/templates", "Request body is not valid JSON.", "{", "3"),
)  # fmt: skip
#: The same answer everywhere, since edition 3.
STRICT = tuple(
    _bad("POST", path, text, body, "3")
    for path in ("/api/change-ticker", "/api/combo", f"{_ID}/orders", f"{_ID}/orders/cancel",
                 f"{_ID}/orders/cancel-all")
    for text, body in ((NOT_JSON, "{"), (UNKNOWN, '{"relayProbe":1}'))
)  # fmt: skip

_REJECTED = f"Combo not opened. Rejected tickers: {NOTHING}"
_NO_TICKER = f"Ticker '{NOTHING}' not found on connection {{id}}"
_COMBO = "Invalid request body. 'ticker' is required."
_FTX = '"exchange":1,"market":0,"ticker":"X"'
_NO_FTX = "No connection found for exchange Ftx and market Spot"


def _pattern(text: str) -> str:
    return f'{{"tickerPattern":"{text}"}}'


#: Each decides what the documents leave open; the texts are what we assume.
OPEN = (
    _bad("POST", f"/api/connections/{NOBODY}/orders", f"Connection {NOBODY} not found", "{",
         status=404, settles=5),
    _bad("POST", "/api/change-ticker", _NO_FTX, f"{{{_FTX}}}", settles=6),
    _bad("POST", "/api/change-ticker", "Binding 'none' not found. Available: {any}",
         f'{{{_FTX},"binding":"none"}}', settles=6),
    _bad("POST", "/api/change-ticker", "Invalid ticker pattern: '::'",
         f'{{"tickerPattern":"::",{_FTX}}}', settles=7),
    _bad("POST", "/api/combo", _REJECTED, f'{{"ticker":"{NOTHING}"}}', settles=8),
    _bad("POST", "/api/combo", _COMBO, f'{{"ticker":"{NOTHING}","tickers":["{NOTHING}"]}}',
         since="3", settles=8),
    _bad("POST", "/api/combo", _COMBO, '{"tickers":[]}', since="3", settles=8),
    _bad("GET", f"{_ID}/orders?Ticker={NOTHING}", _NO_TICKER, settles=11),
    _bad("POST", f"{_ID}/orders", "Size must be greater than zero",
         f'{{"ticker":"{NOTHING}","side":1,"price":1}}', settles=11),
    _bad("POST", f"{_ID}/orders", "Size must be greater than zero",
         f'{{"ticker":"{NOTHING}","side":"1","price":"1","size":"0"}}', settles=12),
    _bad("POST", f"{_ID}/orders", "Size must be greater than zero",
         f'{{"ticker":"{NOTHING}","side":"Buy","price":1,"size":0}}', settles=12),
    _bad("PUT", f"{_ID}/orderbook-settings{_T}",
         "Invalid value 'X' for field 'SizeType'. Valid values: Coin, Usd", '{"SizeType":"X"}', "2",
         settles=21),
    _bad("PUT", f"{_ID}/orderbook-settings{_T}",
         "Invalid value 'x' for field 'RowHeight'. Valid values: numbers", '{"RowHeight":"x"}', "2",
         settles=21),
    Probe("GET", f"{_ID}/cluster-snapshot{_T}&TimeFrame=H4", like=examples.CLUSTERS, since="3",
          settles=23),
    _bad("POST", "/api/change-ticker", "No connection found for exchange FTX and market Futures",
         _pattern(f"FTX:{NOTHING}.P"), settles=36),
    _bad("POST", "/api/change-ticker", f"Ticker '{NOTHING}' not found on connection {{any}}",
         _pattern(f"GATE:{NOTHING}.p"), settles=36),
    _bad("POST", "/api/change-ticker", f"Ticker '{NOTHING}' not found on connection {{any}}",
         _pattern(f"{NOTHING}.p"), settles=36),
    _bad("GET", "/api/connections/{idle}/tickers", "Connection {idle} is not active", settles=37),
    *(_bad("GET", f"{_ID}/{name}{_T}", "Not found", settles=44)
      for name in ("trades", "candles", "history", "pnl")),
)  # fmt: skip

#: What a page of somebody else's would send, and what one would whose name was bound to us.
_PAGE, _REBOUND = {"Origin": "https://evil.example"}, {"Host": "evil.example"}
FOREIGN = (
    Probe("GET", "/ping", like=examples.PING, settles=4, headers=_REBOUND),
    Probe("GET", "/ping", like=examples.PING, settles=4, headers=_PAGE),
    Probe("POST", "/api/combo", 400, "Invalid request body. 'ticker' is required.", None, "{}",
          settles=3, headers={"Content-Type": "text/plain"}),
    Probe("OPTIONS", "/ping", 204, settles=1),
    Probe("OPTIONS", "/api/combo", 204, settles=1, headers=_PAGE | {
        "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type",
    }),
)  # fmt: skip
PROBES = (*READS, *WRONG, *STRICT, *OPEN, *FOREIGN)


@dataclass(frozen=True, slots=True)
class Frames:
    """What is said over a socket of its own. answer: the error that comes, else the types of what
    comes, as far as it is known or, where it settles a question, assumed."""

    say: tuple[str, ...]
    answer: str
    since: str = "1"
    settles: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


def _say(kind: str, fields: str = "") -> str:
    return f'{{"Type":"{kind}","Data":{{{fields}}}}}'


_NOBODY = f'"connectionId":{NOBODY}'
_HERE = '"connectionId":{id},"ticker":{quoted}'
_UNKNOWN_CONNECTION = f"Connection {NOBODY} not found or not active"
_REQUIRES = "Ticker is required for {} subscription"
_BOOK = _say("orderbook_subscribe", f'{_HERE},"depthLevels":1')
_SHOT = "orderbook_subscribed, orderbook_snapshot"

FRAMES = (
    Frames(("{",), "Invalid message format"),
    Frames((_say("no_such_type"),), "Unknown message type: no_such_type"),
    Frames((_say("subscribe", _NOBODY),), _UNKNOWN_CONNECTION),
    *(Frames((_say(f"{name}_subscribe", '"connectionId":{id}'),), _REQUIRES.format(subject), since)
      for name, subject, since in (
          ("trade", "trade", "1"), ("orderbook", "order book", "1"),
          ("mark_price", "mark price", "2"), ("funding", "funding", "2"),
          ("index_price", "index price", "3"), ("annotation", "annotation", "3"))),
    Frames((_say("screener_unsubscribe", '"templateId":-1'),), "screener_unsubscribed", "3", 23),
    Frames((_say("liquidations_subscribe", '"exchanges":["binance"],"backfill":0'),),
           "liquidations_subscribed, liquidations_snapshot", "3", 24),
    Frames(('{"Data":{}}',), "Invalid message format", "1", 25),
    Frames(('{"Type":"ui_unsubscribe"}',), "Invalid message format", "3", 25),
    Frames((_say("Subscribe", _NOBODY),), "Unknown message type: Subscribe", "1", 25),
    Frames((_say("subscribe", f'{_NOBODY},"relayProbe":1'),), _UNKNOWN_CONNECTION, "1", 25),
    Frames((_say("subscribe"),), "Connection 0 not found or not active", "1", 26),
    Frames((_say("trade_subscribe", f'"connectionId":{{id}},"ticker":"{NOTHING}"'),),
           "trade_subscribed", "1", 27),
    Frames((_say("orderbook_subscribe", f'{_HERE},"depthLevels":0'),),
           "DepthLevels must be >= 1 when specified", "2", 28),
    Frames((_BOOK, _BOOK), f"{_SHOT}, {_SHOT}", "1", 29),
    *(Frames((_say("no_such_type"),), "Unknown message type: no_such_type", "1", 4, headers)
      for headers in (_PAGE, _REBOUND)),
    Frames(("{", _say("no_such_type")),
           "Invalid message format, Unknown message type: no_such_type", "1", 31),
)  # fmt: skip
