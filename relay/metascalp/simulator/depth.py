"""This file knows what the routes about risk and depth answer: leverage limits, clusters, groups.

MetaScalp API, edition 3, 2026-08, "Market data".
"""

from decimal import Decimal
from random import Random

from .account import LEVERAGE
from .body import ApiError, Ours, path_id
from .book import BID, View
from .call import Call, Reply
from .layout import LINKS, Document
from .market import Market
from .orders import iso
from .terminal import BYBIT
from .wire import Json

FRAMES = {"S30": 30, "M1": 60, "M5": 300, "M10": 600, "M15": 900, "M30": 1800, "H1": 3600,
          "H4": 14400, "D1": 86400}  # fmt: skip
"""Cluster time frames in seconds; H4 is documented by the interactive page alone."""
COLUMNS, FILLED = 100, 10
FAILING = ("snapshot_unavailable", "snapshot_failed", "market_service_unavailable",
           "resolve_failed")  # fmt: skip
"""Why a member of a link group has no book, by the number of the fault that withholds it."""
LARGE_COINS = frozenset({"BTC", "ETH"})
TIERS = ((Decimal(50), Decimal(250_000)), (Decimal(20), Decimal(2_000_000)))
"""Above so much leverage a position is at most worth so much, in the quote asset."""


def leverage_limits(call: Call) -> Reply:
    name = call.query_ticker()
    positive = Ours("Leverage must be greater than zero")
    leverage = call.query_number("leverage", positive)
    if leverage is not None and leverage <= 0:
        raise positive
    if name not in call.connection.tickers():
        raise Ours(f"Ticker '{name}' not found on connection {call.connection_id}")
    ticker = call.ticker(name)
    wanted = Decimal(LEVERAGE) if leverage is None else leverage
    most: Decimal | None = None
    cap: Decimal | None = None
    if not call.connection.cash:
        most = Decimal(125 if ticker.base in LARGE_COINS else 50)
        value = next((worth for above, worth in TIERS if wanted > above), None)
        if value is not None:
            cap = value / ticker.price // ticker.size_increment * ticker.size_increment
    return Reply(
        {
            "connectionId": call.connection_id,
            "ticker": name,
            "leverage": wanted,
            "maxLeverage": most,
            "maxPosition": cap,
        }
    )


def cluster_snapshot(call: Call) -> Reply:
    name, frame = call.query_ticker(), call.query.get("timeframe", "").upper()
    if not frame:
        raise ApiError("Query parameter 'Ticker' is required")
    if frame not in FRAMES or (frame == "H4" and not call.world.profile.has("3P")):
        raise Ours(f"Invalid TimeFrame '{call.query['timeframe']}'.")
    zoom = int(call.query_number("zoomindex", Ours("ZoomIndex must be a number")) or 1)
    newer = call.world.profile.edition > 2
    columns = call.query_number("columns", Ours("Columns must be a number")) if newer else None
    if name not in call.connection.tickers():
        raise ApiError(f"Ticker '{name}' not found", 404)
    market = call.market(name)
    total = COLUMNS if newer else FILLED
    filled = min(max(int(columns or 0), 0) or FILLED, total)
    now = int(call.world.now()) // FRAMES[frame] * FRAMES[frame]
    rows = [
        _column(call, market, now - age * FRAMES[frame], max(1, zoom), empty=age >= filled)
        for age in reversed(range(total))
    ]
    return Reply(
        {
            "Ticker": name,
            "TimeFrame": frame,
            "ZoomIndex": max(1, zoom),
            "PriceIncrement": market.ticker.price_increment,
            "Columns": rows,
        }
    )


def link_group_books(call: Call) -> Reply:
    number = path_id(call.values["groupId"])
    if number is None or number not in LINKS:
        raise Ours("Invalid link group ID")
    members = [one for one in call.world.screen.layout.documents() if one.link == number]
    return Reply({"groupId": number, "members": [_member(call, one) for one in members]})


def _column(call: Call, market: Market, start: int, zoom: int, *, empty: bool) -> dict[str, Json]:
    """One column: the same for the same seed, ticker, time and zoom."""
    ticker, zero = market.ticker, Decimal("0.0")
    head: dict[str, Json] = {"StartTime": iso(start), "AsksSum": zero, "BidsSum": zero}
    if empty:
        return {**head, "Items": []} if call.world.profile.empty_items else head
    random = Random(f"{call.world.seed}:{call.connection_id}:{ticker.name}:{start}")
    middle = (market.book.best(BID) or market.home) // zoom + random.randint(-12, 12)
    items: list[Json] = []
    sums = [zero, zero]
    for tick in range(middle + 8, max(0, middle - 8), -1):
        sizes = [int(random.expovariate(1 / market.mean)) * ticker.size_increment for _ in range(2)]
        sums = [total + size for total, size in zip(sums, sizes, strict=True)]
        price = tick * zoom * ticker.price_increment
        items.append({"Price": price, "AskSize": sizes[0], "BidSize": sizes[1]})
    return {**head, "AsksSum": sums[0], "BidsSum": sums[1], "Items": items}


def _member(call: Call, one: Document) -> dict[str, Json]:
    head: dict[str, Json] = {
        "externalId": one.external_id,
        "kind": one.kind,
        "connectionId": one.connection,
        "ticker": one.ticker,
    }
    reason = _reason(call, one)
    if reason == "resolve_failed":
        head |= dict.fromkeys(("kind", "connectionId", "ticker"))
    if reason:
        return {**head, "ok": False, "reason": reason}
    market = call.world.market((one.connection or 0, one.ticker or ""))
    if market is None:
        return {**head, "ok": False, "reason": "snapshot_unavailable"}
    book = {"updateId": 12345678 + market.steps, **market.book.snapshot(View())}
    return {**head, "ok": True, "book": book}


def _reason(call: Call, one: Document) -> str:
    """Why a member has no book; empty when it has one."""
    trouble = call.world.troubles.get("no-snapshot")
    failing = "" if trouble is None else FAILING[min(max(int(trouble), 1), len(FAILING)) - 1]
    if failing == "resolve_failed":
        return failing
    if one.kind != "orderBook":
        return "not_an_order_book"
    if one.connection is None:
        return "no_connection"
    if not one.ticker:
        return "no_ticker"
    row = call.world.active(one.connection)
    if row is None:
        return "connection_not_open"
    return "unsupported_exchange" if row.exchange in BYBIT else failing
