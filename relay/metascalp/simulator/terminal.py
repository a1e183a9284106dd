"""This file knows what the terminal's own routes answer: ping, tickers, combos, connections."""

from decimal import Decimal

from . import pattern
from .body import ApiError, Fields, Ours
from .book import View
from .call import OK, Call, Reply
from .catalog import Connection, Ticker
from .enums import FAMILIES, exchange_names, exchange_numbers, market_names, market_number
from .panels import document_opened, tab_added
from .pattern import Wish
from .profile import Profile
from .wire import Json

CHANGE_NEEDS = "Invalid request body. Provide 'tickerPattern' or 'exchange'+'market'+'ticker'."
CHANGE_NEEDS_2 = "Invalid request body. Provide 'TickerPattern' or 'exchange'+'market'+'ticker'."
BYBIT = frozenset({4, 6})
"""Exchanges whose order book cannot be asked for by REST."""


def ping(call: Call) -> Reply:
    return Reply({"app": "MetaScalp", "version": call.world.profile.version})


def change_ticker(call: Call) -> Reply:
    body = call.body()
    world = call.world
    profile = world.profile
    wish = _wish(body, profile)
    binding = body.text("binding") or None
    if binding is not None and binding not in world.screen.bindings:
        known = ("," if profile.number_texts else ", ").join(world.screen.bindings)
        raise ApiError(f"Binding '{binding}' not found. Available: {known}")
    rows, active = world.connections.values(), world.screen.active_connection
    connection = pattern.choose(wish, rows, active, world.profile)
    if connection is None:
        raise ApiError(f"No connection found for exchange {_exchange_text(wish, profile)} and "
                       f"market {_market_text(wish, profile)}")  # fmt: skip
    symbol = _symbol(call, connection, wish.symbol)
    if world.profile.one_window:
        world.screen.active.clear()
    world.screen.switch(connection.id, symbol, binding)
    return Reply(OK)


def combo(call: Call) -> Reply:
    body = call.body()
    world = call.world
    if not world.profile.combo_handler:
        raise ApiError("Combo handler not registered")
    names = _combo_names(body, world.profile.edition)
    activate = body.flag("activate", default=True) or world.profile.edition < 3
    active = world.screen.active_connection
    able = [c for c in world.connections.values() if world.active(c.id) and not c.view_mode]
    if not world.profile.combo_everywhere:
        able = [c for c in able if c.id == active]
    found = {c.id: [_resolved(call, c, name) for name in names] for c in able}
    lists = list(found.values())
    missing = [name for i, name in enumerate(names) if not any(row[i] for row in lists)]
    if missing:
        raise Ours(f"Combo not opened. Rejected tickers: {', '.join(missing)}")
    for connection_id, row in found.items():
        here = [name for name in row if name is not None]
        if not here:
            continue
        for window, chart in world.screen.combo(connection_id, here, activate, world.now()):
            world.publish("ui", "ui_update", tab_added(world, window))
            world.publish("ui", "ui_update", document_opened(world, chart))
    return Reply(OK)


def connections(call: Call) -> Reply:
    return Reply({"connections": [row.row() for row in call.world.connections.values()]})


def connection(call: Call) -> Reply:
    return Reply(call.connection.row())


def tickers(call: Call) -> Reply:
    rows = [_ticker_row(ticker) for ticker in call.connection.tickers().values()]
    return Reply({"connectionId": call.connection_id, "count": len(rows), "tickers": rows})


def orderbook_snapshot(call: Call) -> Reply:
    number = call.connection_id
    if call.world.active(number) is None:
        raise ApiError(f"Connection {number} not found", 404)
    name = call.query_ticker()
    few = ApiError("DepthLevels must be >= 1 when specified")
    low = ApiError("DepthPercent must be > 0 when specified")
    depth = call.query_number("depthlevels", few)
    if depth is not None and depth < 1:
        raise few
    percent = call.query_number("depthpercent", low)
    if percent is not None and percent <= 0:
        raise low
    zoom = call.query_number("zoomindex", Ours("ZoomIndex must be a number")) or Decimal(0)
    market = call.market(name)
    if call.connection.exchange in BYBIT:
        raise ApiError("REST snapshot is not supported for this exchange", 501)
    if "no-snapshot" in call.world.troubles:
        raise ApiError("Exchange returned no snapshot")
    view = View(int(zoom), None if depth is None else int(depth), percent)
    return Reply(
        {
            "connectionId": number,
            "ticker": market.ticker.name,
            "updateId": 12345678 + market.steps,
            **market.book.snapshot(view),
        }
    )


def _wish(body: Fields, profile: Profile) -> Wish:
    """What change-ticker is asked for; a pattern wins over the three fields."""
    text, symbol = body.text("tickerpattern"), body.text("ticker")
    exchange, market = _named(body, "exchange", profile), _named(body, "market", profile)
    whole = exchange is not None and market is not None and symbol
    if text and not (whole and profile.fields_win):
        wish = pattern.parse(text, profile)
        if wish is None:
            raise ApiError(f"Invalid ticker pattern: '{text}'")
        return wish
    if exchange is None or market is None or not symbol:
        raise ApiError(CHANGE_NEEDS_2 if profile.edition == 2 else CHANGE_NEEDS)
    name = exchange_names(profile.edition).get(exchange, str(exchange))
    return Wish(frozenset({exchange}), name, market, any_futures=False, symbol=symbol)


def _exchange_text(wish: Wish, profile: Profile) -> str:
    if profile.number_texts:
        return ", ".join(map(str, sorted(wish.exchange or ()))) or "any"
    return wish.exchange_name or "any"


def _market_text(wish: Wish, profile: Profile) -> str:
    names = {} if profile.number_texts else market_names(profile.edition)
    return names.get(wish.market, str(wish.market))


def _named(body: Fields, name: str, profile: Profile) -> int | None:
    """The number of an exchange or a market, sent as a number or as a name."""
    value = body.values.get(name)
    if isinstance(value, str) and body.lenient and not value.strip().lstrip("+-").isdigit():
        if name == "market":
            return market_number(value, profile.edition)
        numbers = exchange_numbers(value, profile.edition)
        return (
            max(numbers, default=None) if value.upper() in FAMILIES else min(numbers, default=None)
        )
    return body.integer(name)


def _combo_names(body: Fields, edition: int) -> list[str]:
    single, several = body.text("ticker"), body.values.get("tickers") if edition > 2 else None
    if several is None and single:
        return [single]
    listed = isinstance(several, list) and all(isinstance(name, str) and name for name in several)
    needed = "Invalid request body. 'ticker' is required."
    if single or (several is not None and not several):
        raise Ours(needed)
    if not listed or several is None:
        raise ApiError(needed)
    return list(several)


def _resolved(call: Call, connection: Connection, name: str) -> str | None:
    return pattern.resolve(name, connection.tickers(), call.world.profile.normalised_names)


def _symbol(call: Call, connection: Connection, name: str) -> str:
    known = _resolved(call, connection, name)
    if known is None:
        raise ApiError(f"Ticker '{name}' not found on connection {connection.id}")
    return known


def _ticker_row(ticker: Ticker) -> dict[str, Json]:
    return {
        "Name": ticker.name,
        "BaseAsset": ticker.base,
        "QuoteAsset": ticker.quote,
        "IsTradingAllowed": ticker.trading,
        "PriceIncrement": ticker.price_increment,
        "SizeIncrement": ticker.size_increment,
        "MinSize": ticker.min_size,
        "MaxSize": ticker.max_size,
    }
