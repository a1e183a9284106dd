"""This file knows the terminal's words: endpoints, field names in any casing, messages.

Source: MetaScalp API, edition 3, 2026-08. Editions 1 to 3 differ in the letter case of keys only
where we read, and the real terminal mixes cases (captured 1.0.671, 2026-05), so keys are matched
without regard to case. Bodies we send use the documented names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from relay.connection import STATES, Connection
from relay.exchanges import Exchanges
from relay.panel import LINKS, Panel
from relay.tickers import Listed

APP = "MetaScalp"
PORTS = range(17845, 17856)

PING = "/ping"
CHANGE_TICKER = "/api/change-ticker"
COMBO = "/api/combo"
CONNECTIONS = "/api/connections"
UI_STATE = "/api/ui/state"
UI_WINDOWS = "/api/ui/windows"
NOTIFICATIONS = "/api/notifications"

#: A switch that no terminal can make: no exchange has this number (MetaScalp API, edition 3,
#: "Exchanges"), spot has no fallback, and a binding that is not there is refused before that.
NO_EXCHANGE, NO_MARKET = 32767, 0

#: What an unknown route answers, with status 400: how one tests whether a build has a feature.
NOT_FOUND = "Not found"


def tickers_path(connection: int) -> str:
    return f"{CONNECTIONS}/{connection}/tickers"


def orders_path(connection: int, ticker: str | None = None) -> str:
    path = f"{CONNECTIONS}/{connection}/orders"
    return path if ticker is None else f"{path}?Ticker={quote(ticker, safe='')}"


def cancel_path(connection: int) -> str:
    return f"{CONNECTIONS}/{connection}/orders/cancel"


def cancel_all_path(connection: int) -> str:
    return f"{CONNECTIONS}/{connection}/orders/cancel-all"


def positions_path(connection: int) -> str:
    return f"{CONNECTIONS}/{connection}/positions"


def balance_path(connection: int) -> str:
    return f"{CONNECTIONS}/{connection}/balance"


def signal_levels_path(connection: int) -> str:
    return f"{CONNECTIONS}/{connection}/signal-levels"


def close_tab_path(tab: int) -> str:
    return f"/api/ui/tabs/{tab}/close"


def panel_path(panel: str) -> str:
    return f"/api/ui/documents/{quote(panel, safe='')}/ticker"


def subscribe(connection: int) -> dict[str, Any]:
    return {"Type": "subscribe", "Data": {"ConnectionId": connection}}


def encode(body: Mapping[str, Any]) -> bytes:
    """A flat body; decimals are written digit by digit, as numbers."""
    pairs = (f"{_json(name)}:{_json(value)}" for name, value in body.items())
    return f"{{{','.join(pairs)}}}".encode()


def decode(body: bytes | str) -> Any:
    """JSON with every key folded to lower case and every decimal kept as it was written.

    ValueError or RecursionError for what is no JSON that can be meant.
    """
    return json.loads(body, parse_float=_decimal, object_pairs_hook=_folded)


def connections_in(reply: Any, exchanges: Exchanges) -> list[Connection]:
    """The connections of `GET /api/connections`; rows without an id are not connections."""
    rows = reply.get("connections") if isinstance(reply, dict) else reply
    return [_connection(row, exchanges) for row in rows_in(rows) if isinstance(row.get("id"), int)]


def tickers_in(reply: Any) -> list[Listed]:
    """The tickers of `GET …/tickers`."""
    return [
        Listed(
            name=str(row["name"]),
            base=str(row.get("baseasset") or ""),
            quote=str(row.get("quoteasset") or ""),
            tradable=row.get("istradingallowed") is not False,
        )
        for row in rows_in(reply.get("tickers") if isinstance(reply, dict) else None)
        if row.get("name")
    ]


def screen_tickers_in(reply: Any) -> set[tuple[int, str]]:
    """(connection, ticker) of every document of `GET /api/ui/state`."""
    found = set()
    for row in _documents(reply):
        connection, ticker = row.get("connectionid"), row.get("ticker")
        if isinstance(connection, int) and isinstance(ticker, str) and ticker:
            found.add((connection, ticker))
    return found


def panels_in(reply: Any) -> list[Panel]:
    """Every panel of `GET /api/ui/state`: those of windows first, then charts on their own."""
    found = []
    windows = rows_in(reply.get("windows")) if isinstance(reply, dict) else []
    for window in windows:
        name = str(window.get("type") or "")
        for tab in rows_in(window.get("tabs")):
            front = tab.get("isselected") is not False
            title = str(tab.get("name") or "")
            found += [_panel(row, name, title, front) for row in rows_in(tab.get("documents"))]
    charts = rows_in(reply.get("standalonecharts")) if isinstance(reply, dict) else []
    found += [_panel(row, "", "", True) for row in charts]
    return [panel for panel in found if panel.id]


def bindings_in(refusal: str) -> list[str] | None:
    """The bindings that a refusal of one names; None when it is not such a refusal."""
    head, known, listed = refusal.partition("Available:")
    if not (known and head.startswith("Binding ")):
        return None
    names = (f"{int(number):03}" for number in re.findall(r"\d{1,3}", listed))
    return sorted({name for name in names if int(name) in LINKS})


def side_in(reply: Any, ticker: str) -> str | None:
    """Which way the position of a ticker is in `GET …/positions`; None when there is none."""
    for row in rows_in(reply.get("positions") if isinstance(reply, dict) else None):
        if row.get("ticker") == ticker and row.get("size"):
            return {1: "long", 2: "short"}.get(_int(row, "side"))
    return None


def orders_count_in(reply: Any) -> int:
    """How many orders `GET …/orders` has."""
    return len(rows_in(reply.get("orders") if isinstance(reply, dict) else None))


def error_in(body: bytes) -> str:
    """The terminal's own words in an error body; the start of the body when it is no such thing."""
    try:
        text = decode(body)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        text = body[:200].decode("utf-8", "replace")
    return str(text)


def _connection(row: Mapping[str, Any], exchanges: Exchanges) -> Connection:
    number, market_type = _int(row, "exchangeid"), _int(row, "markettype")
    state = _int(row, "state")
    display = str(row.get("exchange") or "")
    return Connection(
        id=row["id"],
        name=str(row.get("name") or f"#{row['id']}"),
        exchange=exchanges.named(number, display),
        exchange_name=display,
        exchange_id=number,
        market=str(row.get("market") or ""),
        market_type=market_type,
        kind=exchanges.kind(market_type),
        state=STATES[state] if 0 <= state < len(STATES) else "disconnected",
        view_mode=bool(row.get("viewmode")),
        demo_mode=bool(row.get("demomode")),
    )


def _documents(reply: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(reply, dict):
        return
    yield from rows_in(reply.get("standalonecharts"))
    for window in rows_in(reply.get("windows")):
        for tab in rows_in(window.get("tabs")):
            yield from rows_in(tab.get("documents"))


def _panel(row: Mapping[str, Any], window: str, tab: str, front: bool) -> Panel:
    connection, ticker, link = row.get("connectionid"), row.get("ticker"), row.get("linknumber")
    return Panel(
        id=str(row.get("externalid") or ""),
        kind=str(row.get("kind") or ""),
        connection=connection if isinstance(connection, int) else None,
        ticker=ticker if isinstance(ticker, str) and ticker else None,
        link=link if isinstance(link, int) and link in LINKS else None,
        window=window,
        tab=tab,
        front=front,
    )


def rows_in(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _int(row: Mapping[str, Any], name: str) -> int:
    value = row.get(name)
    return value if isinstance(value, int) else -1


def _json(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _folded(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key.lower(): value for key, value in pairs}


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError as error:
        raise ValueError(f"not a number that can be meant: {text[:40]}") from error
