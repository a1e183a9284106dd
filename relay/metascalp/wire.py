"""This file knows the terminal's words: endpoints, field names in any casing, messages.

Source: MetaScalp API, edition 3, 2026-08. Editions 1 to 3 differ in the letter case of keys only
where we read, and the real terminal mixes cases (captured 1.0.671, 2026-05), so keys are matched
without regard to case. Bodies we send use the documented names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from relay.connection import STATES, Connection
from relay.exchanges import Exchanges
from relay.tickers import Listed

APP = "MetaScalp"
PORTS = range(17845, 17856)

PING = "/ping"
CHANGE_TICKER = "/api/change-ticker"
COMBO = "/api/combo"
CONNECTIONS = "/api/connections"
UI_STATE = "/api/ui/state"

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


def subscribe(connection: int) -> dict[str, Any]:
    return {"Type": "subscribe", "Data": {"ConnectionId": connection}}


def encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def decode(body: bytes | str) -> Any:
    """JSON with every key folded to lower case and every decimal kept as it was written.

    ValueError or RecursionError for what is no JSON that can be meant.
    """
    return json.loads(body, parse_float=_decimal, object_pairs_hook=_folded)


def connections_in(reply: Any, exchanges: Exchanges) -> list[Connection]:
    """The connections of `GET /api/connections`; rows without an id are not connections."""
    rows = reply.get("connections") if isinstance(reply, dict) else reply
    return [_connection(row, exchanges) for row in _rows(rows) if isinstance(row.get("id"), int)]


def tickers_in(reply: Any) -> list[Listed]:
    """The tickers of `GET …/tickers`."""
    return [
        Listed(
            name=str(row["name"]),
            base=str(row.get("baseasset") or ""),
            quote=str(row.get("quoteasset") or ""),
            tradable=row.get("istradingallowed") is not False,
        )
        for row in _rows(reply.get("tickers") if isinstance(reply, dict) else None)
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
    yield from _rows(reply.get("standalonecharts"))
    for window in _rows(reply.get("windows")):
        for tab in _rows(window.get("tabs")):
            yield from _rows(tab.get("documents"))


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _int(row: Mapping[str, Any], name: str) -> int:
    value = row.get(name)
    return value if isinstance(value, int) else -1


def _folded(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key.lower(): value for key, value in pairs}


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError as error:
        raise ValueError(f"not a number that can be meant: {text[:40]}") from error
