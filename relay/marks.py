"""This file knows what a position is worth: a price somebody named, and the result at it.

The terminal tells no result (MetaScalp API, edition 3, 2026-08), so it is computed here, exactly.
It leaves out fees and funding, which only the exchange knows, and is always called ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

#: Market types whose size is no amount of the base coin, or whose result is in it: CoinFutures,
#: InverseFutures, Options (MetaScalp API, edition 3, 2026-08). A number for those would be a guess.
NOT_LINEAR = (3, 4, 8)
#: "Futures" of exchanges that know no kinds of them: MEXC's BTC_USD, sized in contracts and paid in
#: bitcoin, stands beside BTC_USDT (its ticker list, 2026-05). Only these coins are surely no such.
ANY_FUTURES = 1
STABLE = frozenset({
    "USDT", "USDC", "USD1", "FDUSD", "BUSD", "TUSD", "USDD", "USDE", "USDT0", "USDH", "DAI",
})  # fmt: skip
#: MOEX and T-Bank: prices of futures are points and those of bonds percents, sizes may be lots, and
#: the terminal does not tell what one of them is worth.
MOSCOW = (18, 27)
#: Wide enough that an 18-digit size times an 18-digit price loses nothing.
_EXACT = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Mark:
    """A price of a ticker. source: "mark" as the exchange names it, "book" the middle of the best
    bid and ask. at_ms: when it was told. quote: the coin a result is in, None where it is not known
    or where no result can be computed."""

    price: str
    source: str
    at_ms: int
    quote: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"mark": self.price, "markFrom": self.source, "markAt": self.at_ms}


def has_result(exchange_id: int, market_type: int, quote: str) -> bool:
    """Whether price times size is an amount of the quote coin there. The numbers are the terminal's
    (MetaScalp API, edition 3, "Exchanges" and "Market types", 2026-08)."""
    if market_type in NOT_LINEAR or exchange_id in MOSCOW:
        return False
    return bool(quote) and (market_type != ANY_FUTURES or quote.upper() in STABLE)


def result(side: str, size: str, entry: str, mark: Mark | None) -> str | None:
    """What closing at the mark would bring, in the quote coin; None when that cannot be said."""
    if mark is None or mark.quote is None or not Decimal(entry):
        return None
    moved = _EXACT.subtract(Decimal(mark.price), Decimal(entry))
    signed = moved if side == "long" else -moved
    return plain(_EXACT.multiply(signed, abs(Decimal(size))))


def middle(bid: str, ask: str) -> str:
    """Half way between the best bid and the best ask."""
    return plain(_EXACT.divide(_EXACT.add(Decimal(bid), Decimal(ask)), Decimal(2)))


def plain(number: Decimal) -> str:
    """A number without an exponent and without zeros that say nothing."""
    text = format(number, "f")
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if short in ("-0", "") else short
