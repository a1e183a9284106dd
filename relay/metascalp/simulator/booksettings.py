"""This file knows what the routes of order-book settings answer.

MetaScalp API, edition 3, 2026-08, "Order-book settings".
"""

from collections.abc import Mapping
from decimal import Decimal

from .body import ApiError, Fields, Ours, WrongShape
from .book import ASK
from .call import Call, Reply
from .catalog import Ticker
from .market import Market
from .settings import (
    COINS,
    DEFAULT_WINDOW_MS,
    DEFAULTS,
    DOLLARS,
    ENUMS,
    LONGEST_WINDOW_MS,
    NEWER,
    WINDOW,
    Settings,
)
from .wire import Json, encode


def read(call: Call) -> Reply:
    name = call.query_ticker()
    return Reply(_shown(call, name, _row(call, name)))


def write(call: Call) -> Reply:
    name, body = call.query_ticker(), call.body()
    known = [key for key in DEFAULTS if call.world.profile.edition > 2 or key not in NEWER]
    changes = {key: value for key in known if (value := _value(body, key)) is not None}
    working = _working(call, name, body)
    settings = _row(call, name)
    call.world.desk.settings[call.connection_id, name] = settings
    settings.values.update(changes)
    settings.working.update(working)
    return Reply(_shown(call, name, settings))


def _shown(call: Call, name: str, settings: Settings) -> dict[str, Json]:
    profile = call.world.profile
    values = {
        key: value
        for key, value in settings.values.items()
        if profile.edition > 2 or key not in NEWER
    }
    if profile.working_volumes:
        values |= {WINDOW: DEFAULT_WINDOW_MS, **settings.working}
    return {"connectionId": call.connection_id, "ticker": name, "settings": values}


def _row(call: Call, name: str) -> Settings:
    """The settings of a ticker; ApiError when its order book has never been open."""
    world, key = call.world, (call.connection_id, name)
    settings = world.desk.settings.get(key)
    if settings is None and (world.sees_book(key) or key in world.screen.shows()):
        settings = Settings()
    if settings is not None:
        return settings
    if world.profile.edition < 3:
        raise ApiError(f"No order book settings found for ticker '{name}'", 404)
    raise ApiError("No order book settings found for this ticker")


def _value(body: Fields, key: str) -> Json:
    """What a body sets a key to; None when it does not."""
    name, default = key.lower(), DEFAULTS[key]
    sent = body.values.get(name)
    if sent is None:
        return None
    if key in ENUMS:
        for one_of in ENUMS[key]:
            if isinstance(sent, str) and sent.lower() == one_of.lower():
                return one_of
        raise _invalid(key, sent, ENUMS[key])
    one, flags = Fields({name: sent}, body.lenient), isinstance(default, bool)
    try:
        if key != "OrderTypeDefault":
            return one.flag(name, default=False) if flags else one.decimal(name)
        number = one.integer(name)
        if number in (0, 4):
            return number
    except WrongShape:
        pass
    allowed = ("0", "4") if key == "OrderTypeDefault" else ("true", "false") if flags else ()
    raise _invalid(key, sent, allowed or ("numbers",))


def _invalid(key: str, sent: Json, allowed: tuple[str, ...]) -> ApiError:
    """Documented for one field; the rest, and values of a wrong type, are taken to be like it."""
    value = sent if isinstance(sent, str) else encode(sent)
    text = f"Invalid value '{value}' for field '{key}'. Valid values: {', '.join(allowed)}"
    return ApiError(text) if key == "ShowRuler" else Ours(text)


def _working(call: Call, name: str, body: Fields) -> dict[str, Json]:
    """Working volumes, whose two sides mirror each other at the best ask, and the trade window."""
    coins = _amounts(body, COINS)
    dollars = _amounts(body, DOLLARS)
    working: dict[str, Json] = {}
    window = body.integer(WINDOW.lower())
    if window is not None:
        if not 0 <= window <= LONGEST_WINDOW_MS:
            raise WrongShape
        working[WINDOW] = window
    if not coins and not dollars:
        return working
    key = (call.connection_id, name)
    if name not in call.connection.tickers():
        raise Ours(f"Ticker '{name}' not found on connection {key[0]}", 404)
    market = call.world.market(key) if call.world.sees_book(key) else None
    if market is None:
        raise Ours(f"The order book of '{name}' is not open", 409)
    return working | _mirrored(market, coins, dollars)


def _amounts(body: Fields, names: tuple[str, ...]) -> dict[int, Decimal]:
    sent = {n: body.decimal(name.lower()) for n, name in enumerate(names)}
    return {n: value for n, value in sent.items() if value is not None}


def _mirrored(
    market: Market, coins: Mapping[int, Decimal], dollars: Mapping[int, Decimal]
) -> dict[str, Json]:
    ticker = market.ticker
    price = (market.book.best(ASK) or 1) * ticker.price_increment
    pairs: dict[str, Json] = {}
    for n in sorted({*coins, *dollars}):
        coin, usd = coins.get(n), dollars.get(n)
        if coin is None:
            coin = _truncated(ticker, (usd or Decimal(0)) / price)
        if usd is None:
            usd = (coin * price).quantize(Decimal("0.01"))
        pairs |= {COINS[n]: coin, DOLLARS[n]: usd}
    return pairs


def _truncated(ticker: Ticker, size: Decimal) -> Decimal:
    whole = size // ticker.size_increment * ticker.size_increment
    return max(ticker.min_size, whole)
