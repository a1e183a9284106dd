"""This file knows a Find: what a page, a link or a text says about an instrument, as facts.

A page can only ever suggest a symbol, so everything in a Find is checked here for type, length and
control characters before anyone uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relay.errors import BadParams, BadTicker
from relay.exchanges import Exchanges
from relay.ticker import SUFFIX_OF, Ticker, parse

MAX_CHARS = 64
MARKETS = frozenset(
    ("spot", "futures", "margin", "options", "stock", "alpha", "bond", "currency", "prediction")
)
_FIELDS = ("exchange", "market", "base", "quote", "native", "expiry", "bare", "pattern")


@dataclass(frozen=True, slots=True)
class Find:
    """Facts about one instrument; None is "the page does not say".

    exchange: canonical upper case; market: one of MARKETS; native: the venue's own id;
    expiry: YYMMDD; bare: the symbol without exchange and suffix; pattern: the ticker pattern.
    """

    exchange: str | None = None
    market: str | None = None
    base: str | None = None
    quote: str | None = None
    native: str | None = None
    expiry: str | None = None
    bare: str | None = None
    pattern: str | None = None

    @property
    def spellings(self) -> list[str]:
        """The symbols to look for, the surest first."""
        return list(dict.fromkeys(text for text in (self.native, self.bare) if text))

    @property
    def shown(self) -> str:
        """What to call it in a sentence."""
        return self.pattern or self.bare or self.native or self.base or "?"


def from_json(data: object, exchanges: Exchanges) -> Find:
    """The Find in a request; BadParams names the field that cannot be meant."""
    if not isinstance(data, Mapping):
        raise BadParams("a ticker must be given, or a find as an object", field="find")
    fields = {name: _text(data, name) for name in _FIELDS}
    market, exchange = fields["market"], fields["exchange"]
    if market is not None and market not in MARKETS:
        raise BadParams(f"find.market is {market!r}", field="find.market")
    if exchange is not None:
        fields["exchange"] = exchanges.canonical(exchange) or exchange.upper()
    for name in ("base", "quote"):
        if value := fields[name]:
            fields[name] = value.upper()
    find = Find(**fields)
    if not (find.spellings or find.base or find.pattern):
        raise BadParams("find names no symbol", field="find")
    return find if find.spellings or find.base else _completed(find, exchanges)


def from_pattern(text: str, exchanges: Exchanges) -> Find:
    """The Find a ticker pattern makes; BadTicker when the text is none.

    Without an exchange and a suffix a pattern leaves the market open: a script's `BTCUSDT` is the
    user's preference, not a decision for spot.
    """
    ticker = parse(text)
    exchange = ticker.exchange and (exchanges.canonical(ticker.exchange) or ticker.exchange)
    market = ticker.market if ticker.exchange or ticker.suffix else None
    shown = str(Ticker(exchange, ticker.symbol, ticker.suffix))
    return Find(exchange=exchange, market=market, bare=ticker.symbol, pattern=shown)


def pattern_of(exchange: str, kind: str, symbol: str) -> str:
    """How people write a connection's ticker; stocks and the like have no suffix."""
    return str(Ticker(exchange, symbol, SUFFIX_OF.get(kind, "")))


def _completed(find: Find, exchanges: Exchanges) -> Find:
    try:
        return from_pattern(find.pattern or "", exchanges)
    except BadTicker as error:
        raise BadParams(error.text, field="find.pattern") from error


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > MAX_CHARS or not value.isprintable():
        raise BadParams(
            f"find.{name} must be plain text of at most {MAX_CHARS} characters",
            field=f"find.{name}",
        )
    return value.strip() or None
