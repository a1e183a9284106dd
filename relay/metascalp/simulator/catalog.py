"""This file knows the connections of the simulated terminal and the tickers each one lists.

Names, assets and the trading flag are facts from the files in markets/, each with its source and
date in its first line. Prices and increments are invented: believable for coins everybody knows,
from a hash of the name for the rest, the same on every run.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from .enums import CASH_MARKETS, State, display_exchange, display_market
from .wire import Json

PRICES = {
    "BTC": "65000", "ETH": "3200", "SOL": "150", "BNB": "590", "XRP": "2.1", "DOGE": "0.16",
    "ADA": "0.62", "TRX": "0.27", "LINK": "14.2", "AVAX": "21.5", "LTC": "88", "BCH": "420",
    "DOT": "4.1", "TON": "3.1", "TONCOIN": "3.1", "SUI": "3.4", "NEAR": "2.5", "ATOM": "4.6",
    "UNI": "6.3", "AAVE": "180", "FIL": "2.7", "FILECOIN": "2.7", "ETC": "17.4", "XLM": "0.28",
    "PEPE": "0.0000095", "SHIB": "0.0000131", "WIF": "0.62", "XAUT": "3330", "PAXG": "3335",
    "SILVER": "33.1", "USOIL": "62.4", "SPX500": "5900", "NVIDIA": "131", "HK50": "23600",
    "USDC": "1", "USDT": "1", "DAI": "1", "FDUSD": "1", "USDE": "1", "USD1": "1", "USD": "1",
    "TUSD": "1", "EUR": "1.08", "RUB": "0.0125", "SUR": "0.0125", "SBER": "3.9", "GAZP": "1.6",
    "LKOH": "85", "VTBR": "1.1", "GMKN": "1.4", "ROSN": "5.6", "NVTK": "15", "MGNT": "50",
    "AFLT": "0.75",
}  # fmt: skip
"""Rough prices in US dollars, 2026-05."""
BOARD, ROUBLES, LOT = "TQBR", "SUR", Decimal(10)
"""The Moscow Exchange's own words for its main board of shares and for roubles; a usual lot."""
INVENTED = "SIM"
"""Coins that are on no exchange are called SIM0000, SIM0001 and so on."""

Row = tuple[str, str, str, bool]
"""Name, base, quote and whether it is traded: what a line of a file says."""


@dataclass(frozen=True, slots=True)
class Ticker:
    """One instrument as its exchange spells it. max_size None: no limit. price: where it starts."""

    name: str
    base: str
    quote: str
    trading: bool
    price_increment: Decimal
    size_increment: Decimal
    min_size: Decimal
    max_size: Decimal | None
    price: Decimal


@dataclass(slots=True)
class Connection:
    """One connection of the terminal; the flags change, the rest does not.

    listing: name of the file in markets/. first_order: order ids grow from here. more: so many
    invented tickers are listed besides.
    """

    id: int
    name: str
    exchange: int
    market: int
    listing: str
    first_order: int
    state: int = State.Connected
    view_mode: bool = False
    demo_mode: bool = False
    more: int = 0

    @property
    def cash(self) -> bool:
        """True where a trade moves balances and leaves no position."""
        return self.market in CASH_MARKETS

    def tickers(self) -> Mapping[str, Ticker]:
        return _listing(self.listing, self.more)

    def row(self) -> dict[str, Json]:
        """The connection as GET /api/connections shows it."""
        return {
            "Id": self.id,
            "Name": self.name,
            "Exchange": display_exchange(self.exchange),
            "ExchangeId": self.exchange,
            "Market": display_market(self.market),
            "MarketType": self.market,
            "State": int(self.state),
            "ViewMode": self.view_mode,
            "DemoMode": self.demo_mode,
        }


class Listing(Mapping[str, Ticker]):
    """The tickers of a file by name; each is made when it is first asked for."""

    def __init__(self, rows: dict[str, Row]) -> None:
        self._rows = rows
        self._made: dict[str, Ticker] = {}

    def __getitem__(self, name: str) -> Ticker:
        ticker = self._made.get(name)
        if ticker is None:
            ticker = self._made[name] = _ticker(*self._rows[name])
        return ticker

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def on_board(name: str) -> str:
    return f"{name}_{BOARD}"


def connections(tickers: int = 0, *, boards: bool = False) -> dict[int, Connection]:
    """The connections a fresh terminal has, by id.

    tickers: when they list fewer in all, invented ones are added to each alike. boards: Moscow's
    tickers have their board's name, its currency and its lots.
    """
    rows = _connections()
    if boards:
        rows[10].listing = f"{rows[10].listing}@{BOARD}"
    missing = tickers - sum(len(row.tickers()) for row in rows.values()) if tickers else 0
    for n, row in enumerate(rows.values()):
        row.more = max(0, (missing + n) // len(rows))
    return rows


def _connections() -> dict[int, Connection]:
    mexc = 739113577038255616  # Above 2**53: a client that keeps ids in floats breaks here.
    rows = (
        Connection(1, "Binance Futures", 2, 2, "binance_futures", 83897654930),
        Connection(2, "Bybit Perp", 6, 5, "bybit_perpetual", 1953402187),
        Connection(3, "Bybit Spot", 6, 0, "bybit_spot", 2153402187),
        Connection(4, "MEXC Futures", 8, 1, "mexc_futures", mexc),
        Connection(5, "OKX Swap", 10, 5, "okx_swap", 2510789768709120000),
        Connection(6, "Binance View", 2, 2, "binance_futures", 83897654930, view_mode=True),
        Connection(7, "Gate Futures", 3, 2, "gate_futures", 36028797827161525),
        Connection(8, "MEXC Spot Demo", 8, 0, "mexc_spot", mexc + 10**15, demo_mode=True),
        Connection(9, "Binance Spot", 2, 0, "binance_spot", 45123987610),
        Connection(10, "MOEX", 18, 9, "moex_shares", 61234509871),
        Connection(11, "KuCoin Spot", 5, 0, "kucoin_spot", 7712340981, State.Disconnected),
    )
    return {row.id: row for row in rows}


@cache
def _listing(listing: str, more: int) -> Listing:
    file, board, _ = listing.partition("@")
    text = (files(__package__) / "markets" / f"{file}.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = {row[0]: (row[0], row[1], row[2], row[3] == "1") for row in csv.reader(lines[1:])}
    if board:
        rows = {on_board(n): (on_board(n), row[1], ROUBLES, row[3]) for n, row in rows.items()}
    first, base, quote, _ = next(iter(rows.values()))
    for n in range(more):
        coin = f"{INVENTED}{n:04}"
        name = first.replace(base, coin, 1)
        rows[name] = (name, coin, quote, True)
    return Listing(rows)


def _ticker(name: str, base: str, quote: str, trading: bool) -> Ticker:
    price = _dollars(base) / _dollars(quote)
    magnitude = price.adjusted()
    step = Decimal(1).scaleb(magnitude - (5 if price >= 1000 else 4))
    size_step = Decimal(1).scaleb(min(0, 1 - magnitude))
    if step < Decimal("0.1"):
        max_size: Decimal = size_step * 10**7
    else:
        max_size, step = Decimal("1000.0"), step.quantize(Decimal("0.00"))
    whole = {"RUB": Decimal(1), ROUBLES: LOT}.get(quote)
    return Ticker(
        name=name,
        base=base,
        quote=quote,
        trading=trading,
        price_increment=step,
        size_increment=whole or size_step,
        min_size=whole or size_step,
        max_size=None if "-" in name else max_size,
        price=(price / step).to_integral_value() * step,
    )


def _dollars(asset: str) -> Decimal:
    known = PRICES.get(asset) or PRICES.get(asset.removeprefix("1000"))
    if known is not None:
        return Decimal(known) * (1000 if asset not in PRICES else 1)
    digest = int.from_bytes(blake2b(asset.encode(), digest_size=6).digest())
    return Decimal(1000 + digest % 9000).scaleb(-3 - digest // 9000 % 5)
