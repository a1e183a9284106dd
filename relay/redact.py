"""This file knows what of a recording is the trader's own business, and what stands in its place.

Sizes, prices of own orders, balances, ids, names, notes, the settings of screeners and sentences of
an exchange are replaced; the same value of the same kind always by the same stand-in, zero by zero,
null by null. Market data stays as it is; a frame of a kind that is not known is none.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from relay.errors import RelayError

#: Key in lower case and without underscores to the kind of secret it holds.
SECRET = {
    **dict.fromkeys(("orderid", "positionid", "id", "clientid"), "id"),
    **dict.fromkeys(
        ("price", "filledprice", "triggerprice", "avgprice", "avgpricefix", "avgpricedyn"), "price"
    ),
    **dict.fromkeys(
        ("size", "filledsize", "remainingsize", "quantity", "qty", "amount", "leverage"), "size"
    ),
    **dict.fromkeys(
        ("total", "free", "locked", "result", "fee", "funds", "available", "blocked"), "money"
    ),
    **dict.fromkeys(
        ("defaultordercoin", "defaultorderusd", "orderslippagecoin", "orderslippageusd"), "size"
    ),
    **{f"tradeamount{unit}{n}": "size" for unit in ("", "usd") for n in range(1, 6)},
    **dict.fromkeys(("name", "note", "tabname"), "text"),
    "error": "sentence",
}
#: What newer builds may say of an account, beside the names above.
LIKE_SECRET = (
    (re.compile(r"pnl|profit|equity|notional|collateral|margin(balance|ratio|used)?$|balance$"),
     "money"),
    (re.compile(r"price$"), "price"),
)  # fmt: skip
#: The terminal's own sentences, as far as reading and subscribing bring them: any other may be an
#: exchange's, with the trader's numbers in it.
OWN_WORDS = re.compile(
    r"Not found|Method not allowed|Invalid (connection|window|template|link group) ID"
    r"|Connection \d+ (not found|is not active|not found or not active)"
    r"|Query parameter '\w+' is required|Ticker '[^']+' not found( on connection \d+)?"
    r"|Screener template -?\d+ not found|Window \d+ not found|Exchange returned no snapshot"
    r"|REST snapshot is not supported for this exchange"
    r"|No order book settings found for (this ticker|ticker '[^']+')"
    r"|Invalid message format|Unknown message type: \w+|Ticker is required for [a-z ]+ subscription"
)
#: Kinds of notifications; any other is a text of the trader's own programs.
EVENTS = frozenset({
    "Trade", "SignalLevel", "BigOrderBookAmount", "BigOrderBookAmount2", "BigTick",
    "ScreenerNewCoin", "notification_snapshot", "notification_update", "notification_subscribed",
    "notification_unsubscribed",
})  # fmt: skip
#: Under this key of a screener template everything is the trader's own.
INSIDE = "settings"
#: What carries the trader's own things: ends of paths.
OWN_PATHS = (
    "/orders", "/positions", "/balance", "/signal-levels", "/user-levels", "/orderbook-settings",
)  # fmt: skip
#: Kinds of frames that are the market's alone, and what says that something is subscribed to.
_MARKET = (
    "trade", "orderbook", "mark_price", "index_price", "funding", "density_map", "large_trades",
    "liquidations",
)  # fmt: skip
PUBLIC = frozenset({
    "subscribed", "unsubscribed", *(f"{name}_subscribed" for name in _MARKET),
    *(f"{name}_unsubscribed" for name in _MARKET), *(f"{name}_update" for name in _MARKET),
    "orderbook_snapshot", "density_map_snapshot", "liquidations_snapshot", "liquidations_metadata",
})  # fmt: skip
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
        if bare.startswith("/api/screener/"):
            return self._rewritten(body, {"name": "text", "error": "sentence"}, INSIDE)
        if bare.startswith(NAMED_PATHS) and not bare.endswith("/tickers"):
            return self._rewritten(body, {"name": "text", "error": "sentence"})
        failed = body.lstrip()[:9].lower().startswith('{"error"')
        return self._rewritten(body, {"error": "sentence"}) if failed else body

    def frame(self, text: str) -> str:
        """A frame without secrets."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return "{}"
        fields = message.items() if isinstance(message, dict) else ()
        kinds = [str(value) for key, value in fields if key.lower() == "type"]
        name = kinds[0] if len(kinds) == 1 else ""
        if name in PUBLIC:
            return text
        if name.startswith("notification_"):
            return self._rewritten(text, {**SECRET, "type": "event"})
        return self._rewritten(text, {"name": "text"} if name.startswith("ui_") else SECRET)

    def _rewritten(self, text: str, secret: dict[str, str], inside: str | None = None) -> str:
        try:
            value = json.loads(text, parse_float=Decimal)
        except (ValueError, RecursionError):
            return "null"
        return encode(self._clean(value, secret, inside))

    def _clean(self, value: Any, secret: dict[str, str], inside: str | None = None) -> Any:
        if isinstance(value, list):
            return [self._clean(item, secret, inside) for item in value]
        if not isinstance(value, dict):
            return value
        clean = {}
        for key, item in value.items():
            kind = _kind(key, secret)
            if inside is not None and key.lower() == inside:
                clean[key] = self._all(item)
            elif kind is not None and not isinstance(item, dict | list):
                clean[key] = self._stand_in(kind, item)
            else:
                clean[key] = self._clean(item, secret, inside)
        return clean

    def _all(self, value: Any) -> Any:
        """Every value a stand-in; what there is, and under which names, stays."""
        if isinstance(value, dict):
            return {key: self._all(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._all(item) for item in value]
        return self._stand_in("text" if isinstance(value, str) else "size", value)

    def _stand_in(self, kind: str, value: Any) -> Any:
        if value is None or isinstance(value, bool) or value in (0, ""):
            return value
        if kind == "event" and value in EVENTS:
            return value
        if kind == "sentence" and isinstance(value, str) and OWN_WORDS.fullmatch(value):
            return value
        known = str(value.normalize()) if isinstance(value, Decimal) else str(value)
        number = self.stand_ins.setdefault((kind, known), len(self.stand_ins) + 1)
        if isinstance(value, str):
            return f"{kind}-{number}"
        return number if isinstance(value, int) else Decimal(f"{number}.0")


def _kind(key: str, secret: dict[str, str]) -> str | None:
    """The kind of secret under a key; what is like one counts where sizes and prices are some."""
    plain = key.lower().replace("_", "")
    if plain in secret or "size" not in secret:
        return secret.get(plain)
    return next((kind for like, kind in LIKE_SECRET if like.search(plain)), None)


def loggable(error: BaseException) -> str:
    """What a log may say of a failure: a terminal's sentence may be an exchange's, with the
    trader's numbers in it, and what Python says of an error may quote what it failed on."""
    if not isinstance(error, RelayError):
        return type(error).__name__
    words = error.params.get("terminal")
    if not isinstance(words, str) or OWN_WORDS.fullmatch(words):
        return error.text
    return f"{error.code} ({error.params.get('status')})"


def encode(value: Any) -> str:
    """JSON with every decimal as it was written."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(key)}:{encode(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(encode(item) for item in value) + "]"
    return format(value, "f") if isinstance(value, Decimal) else _text(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
