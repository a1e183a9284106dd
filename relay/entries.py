"""This file knows an entry of the activity: what was asked, what came of it, what closed; and CSV.

An entry tells a trader what happened today. It holds amounts of his own orders, so it is kept in a
file of his own and never logged. An export goes to other people: it has prices and no sizes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from relay.rows import Order

#: The columns of the export, in order; all but the first two are fields that an entry may lack.
COLUMNS = (
    "time", "kind", "ticker", "connection", "state", "code", "ms", "side", "type", "price",
    "binding", "count", "via", "text",
)  # fmt: skip
#: With these the text holds words of the terminal, and so perhaps of an exchange.
_OTHERS_WORDS = frozenset(("terminal-refused", "no-answer"))
#: A followed page asks again and again while its terminal or its exchange is away: that is kept
#: once in so many milliseconds.
_AWAY = frozenset(
    ("terminal-not-found", "terminal-other", "no-connection", "not-connected", "unread")
)
AGAIN_MS = 600_000
_AMOUNT = re.compile(r"\d[\d.,\s]*(?<![.,\s])")
#: Longer than any of them, shorter than what could fill a file.
MAX_TEXT = 300
#: What spreadsheets take as the start of a formula (OWASP, "CSV Injection", read 2026-11).
_FORMULA = re.compile(r"^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """at_ms: epoch milliseconds. kind: an operation, or "closed" for an order that ended. once: an
    entry with a key is kept a single time, whoever tells it."""

    at_ms: int
    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    once: str | None = None


def of_command(name: str, params: Mapping[str, Any], outcome: Mapping[str, Any], at: int) -> Entry:
    """What was asked and answered. outcome: of an operation, or {"state", "code", "text"}."""
    place = outcome.get("connection")
    find = params.get("find")
    told = {
        "ticker": outcome.get("ticker") or outcome.get("symbol") or _asked(params),
        "connection": place.get("name") if isinstance(place, Mapping) else None,
        "via": find.get("via") if isinstance(find, Mapping) else None,
        **{name: outcome.get(name) for name in ("state", "code", "ms", "binding", "count", "text")},
    }
    ticker, code = told["ticker"], told["code"]
    again = f"{name}:{ticker}:{code}:{at // AGAIN_MS}" if code in _AWAY else None
    return Entry(at, name, _clean(told), again)


def of_closed(order: Order, connection: str, at: int) -> Entry:
    """An order that ended. The terminal says "closed" for filled and cancelled alike, so the sizes
    are compared (MetaScalp API, edition 3, 2026-08)."""
    filled, size = Decimal(order.filled), Decimal(order.size)
    state = "filled" if filled >= size > 0 else "part-filled" if filled > 0 else "cancelled"
    told = {
        "ticker": order.ticker,
        "connection": connection,
        "state": state,
        "side": order.side,
        "type": order.type,
        "price": order.filled_price if Decimal(order.filled_price) else order.price,
        "size": order.size,
        "filled": order.filled,
    }
    return Entry(at, "closed", _clean(told), f"closed:{order.key}:{order.created}")


def csv_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """Lines of the export, CRLF-ended (RFC 4180), without the heading."""
    lines = (",".join(_cell(row.get(name)) for name in COLUMNS) for row in map(_for_others, rows))
    return "".join(f"{line}\r\n" for line in lines)


HEADING = ",".join(COLUMNS) + "\r\n"


def _for_others(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry without what an exchange may have said of the account: its numbers."""
    if row.get("code") not in _OTHERS_WORDS:
        return row
    return {**row, "text": _AMOUNT.sub("#", str(row.get("text", "")))}


def _asked(params: Mapping[str, Any]) -> str | None:
    """What a command was about, by what it says itself."""
    find = params.get("find")
    if isinstance(find, Mapping):
        names = (find.get(name) for name in ("pattern", "bare", "native", "base"))
        return next((name for name in names if isinstance(name, str)), None)
    tickers = params.get("tickers", [params.get("ticker")])
    listed = tickers if isinstance(tickers, list) else []
    return ", ".join(one for one in listed if isinstance(one, str)) or None


def _clean(told: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something, none of them endless."""
    return {
        name: value[:MAX_TEXT] if isinstance(value, str) else value
        for name, value in told.items()
        if isinstance(value, str | int | float) and value != ""
    }


def _cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula: names and texts come from elsewhere."""
    text = "" if value is None else str(value)
    if _FORMULA.match(text) and not _DECIMAL.fullmatch(text):
        text = f"'{text}"
    if any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
