"""This file knows what of a recording is the trader's own business, and what stands in its place.

Sizes, prices of own orders, balances, ids, names and notes are replaced; the same value of the same
kind always by the same stand-in, zero by zero, null by null. Market data stays as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

#: Key in lower case to the kind of secret it holds.
SECRET = {
    **dict.fromkeys(("orderid", "positionid", "id", "clientid"), "id"),
    **dict.fromkeys(
        ("price", "filledprice", "triggerprice", "avgprice", "avgpricefix", "avgpricedyn"), "price"
    ),
    **dict.fromkeys(("size", "filledsize", "remainingsize"), "size"),
    **dict.fromkeys(
        ("total", "free", "locked", "result", "fee", "funds", "available", "blocked"), "money"
    ),
    **dict.fromkeys(
        ("defaultordercoin", "defaultorderusd", "orderslippagecoin", "orderslippageusd"), "size"
    ),
    **dict.fromkeys(("name", "note", "tabname"), "text"),
}
#: What carries the trader's own things: ends of paths, and message types up to their last word.
OWN_PATHS = (
    "/orders", "/positions", "/balance", "/signal-levels", "/user-levels", "/orderbook-settings",
)  # fmt: skip
OWN_MESSAGES = (
    "order_update", "position_update", "balance_update", "finres_update", "notification_",
    "signal_level", "user_level",
)  # fmt: skip
#: Names the trader chose, in replies whose ids others need to find their way.
NAMED_PATHS = ("/api/connections", "/api/ui/state", "/api/screener/templates")


@dataclass(slots=True)
class Redactor:
    """One recording's stand-ins: kind and value to what replaces it."""

    stand_ins: dict[tuple[str, str], int] = field(default_factory=dict)

    def reply(self, path: str, body: str) -> str:
        """A reply's body without secrets; one that is not JSON is left out whole."""
        bare = path.partition("?")[0]
        if bare.endswith(OWN_PATHS):
            return self._rewritten(body, SECRET)
        if bare.startswith(NAMED_PATHS) and not bare.endswith("/tickers"):
            return self._rewritten(body, {"name": "text"})
        return body

    def frame(self, text: str) -> str:
        """A frame without secrets."""
        try:
            kind = json.loads(text)
        except (ValueError, RecursionError):
            return "{}"
        message = {str(key).lower(): value for key, value in kind.items()} if _is(kind) else {}
        name = str(message.get("type", ""))
        if name.startswith(OWN_MESSAGES):
            return self._rewritten(text, SECRET)
        return self._rewritten(text, {"name": "text"}) if name.startswith("ui_") else text

    def _rewritten(self, text: str, secret: dict[str, str]) -> str:
        try:
            value = json.loads(text, parse_float=Decimal)
        except (ValueError, RecursionError):
            return "null"
        return encode(self._clean(value, secret))

    def _clean(self, value: Any, secret: dict[str, str]) -> Any:
        if isinstance(value, list):
            return [self._clean(item, secret) for item in value]
        if not isinstance(value, dict):
            return value
        return {
            key: self._stand_in(secret[key.lower()], item)
            if key.lower() in secret and not isinstance(item, dict | list)
            else self._clean(item, secret)
            for key, item in value.items()
        }

    def _stand_in(self, kind: str, value: Any) -> Any:
        if value is None or isinstance(value, bool) or value in (0, ""):
            return value
        known = str(value.normalize()) if isinstance(value, Decimal) else str(value)
        number = self.stand_ins.setdefault((kind, known), len(self.stand_ins) + 1)
        if isinstance(value, str):
            return f"{kind}-{number}"
        return number if isinstance(value, int) else Decimal(f"{number}.0")


def encode(value: Any) -> str:
    """JSON with every decimal as it was written."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(key)}:{encode(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(encode(item) for item in value) + "]"
    return format(value, "f") if isinstance(value, Decimal) else _text(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _is(value: Any) -> bool:
    return isinstance(value, dict)
