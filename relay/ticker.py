"""This file knows a ticker and its text form: `EXCHANGE:SYMBOL.suffix`.

Source: MetaScalp API, editions 1 to 3, "Ticker pattern format", 2026-04. The exchange is all before
the first colon and may be left out with it; a Hyperliquid dex prefix (`cash:HOODUSDT0`) is part of
the symbol, so such a symbol is only ever written with its exchange.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from relay.errors import BadTicker

MAX_CHARS = 80
SUFFIXES = {"p": "futures", "m": "margin", "o": "options", "": "spot"}
SUFFIX_OF = {market: suffix for suffix, market in SUFFIXES.items()}
SEPARATORS = "-_/"

#: The documents allow `_ / - $ :`; real names have brackets too (MEXC: GOLD(XAUT)_USDT, 2026-05).
_SYMBOL_EXTRA = frozenset("_/-$:()")
#: The point in an option's strike: XRP-261225-2.4-P (Binance, 2026).
_STRIKE = re.compile(r"(?<=\d)\.(?=\d)")


@dataclass(frozen=True, slots=True)
class Ticker:
    """One instrument as MetaScalp spells it.

    exchange: canonical upper case, or None when the pattern leaves it out.
    symbol: as given; the terminal itself tries other spellings.
    suffix: "p" futures, "m" margin, "o" options, "" spot.
    """

    exchange: str | None
    symbol: str
    suffix: str = ""

    @property
    def market(self) -> str:
        return SUFFIXES[self.suffix]

    def __str__(self) -> str:
        head = f"{self.exchange}:" if self.exchange else ""
        tail = f".{self.suffix}" if self.suffix else ""
        return f"{head}{self.symbol}{tail}"


def parse(text: str) -> Ticker:
    """The ticker a pattern names; BadTicker when it is none.

    A TradingView-style `.P` is read as `.p`. Only the grammar is checked: whether an exchange or a
    symbol exists, the terminal knows.
    """
    text = text.strip()
    head, colon, rest = text.partition(":")
    exchange, body = (head.upper(), rest) if colon else (None, text)
    symbol, dot, suffix = body.rpartition(".") if "." in body else (body, "", "")
    suffix = suffix.lower()
    fits = (
        len(text) <= MAX_CHARS
        and (exchange is None or _is_exchange(exchange))
        and _is_symbol(symbol)
        and (suffix in SUFFIXES and (bool(dot) == bool(suffix)))
    )
    if not fits:
        shown = text[:MAX_CHARS]
        raise BadTicker(
            f"not a ticker pattern: {shown!r}; expected EXCHANGE:SYMBOL.p", ticker=shown
        )
    return Ticker(exchange, symbol, suffix)


def fold(symbol: str) -> str:
    """A symbol without separators, in upper case: the form in which spellings meet."""
    return symbol.upper().translate(_WITHOUT)


def _is_exchange(name: str) -> bool:
    return 0 < len(name) <= 20 and all(letter.isalnum() or letter in "._" for letter in name)


def _is_symbol(symbol: str) -> bool:
    plain = _STRIKE.sub("", symbol)
    return bool(plain) and all(letter.isalnum() or letter in _SYMBOL_EXTRA for letter in plain)


_WITHOUT = str.maketrans("", "", SEPARATORS)
