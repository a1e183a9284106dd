"""This file knows what the routes of signal levels answer.

MetaScalp API, edition 3, 2026-08, "Signal levels".
"""

from decimal import Decimal

from .body import ApiError
from .book import ASK
from .call import OK, Call, Reply
from .casing import camel
from .levels import ABOVE, BELOW, SignalLevel, level_number, level_of, look_of, price_of, rule_of
from .wire import Json
from .world import Key, World

TOPIC = "signal_level"
NEEDED = "Invalid request body. 'ticker' and 'price' are required."
NOTHING = (
    "Request body must set at least one of 'price', 'triggerRule', 'note' or an appearance field."
)


def read(call: Call) -> Reply:
    name = call.query_ticker()
    levels = _of(call.world, (call.connection_id, name))
    rows = [level.row(call.world.profile.edition) for level in levels]
    head = {"connectionId": call.connection_id, "ticker": name, "count": len(rows)}
    return Reply({**head, "signalLevels": rows})


def place(call: Call) -> Reply:
    body, world = call.body(), call.world
    name, price = body.text("ticker"), body.decimal("price")
    if not name or price is None:
        raise ApiError(NEEDED)
    price_of(body)
    newer = world.profile.edition > 2
    rule, look = (
        (rule_of(body), look_of(body, int(call.world.profile.looks_from_one)))
        if newer
        else (None, {})
    )
    key, note = (call.connection_id, name), body.text("note")
    rule = rule or _rule(world, key, price)
    level = SignalLevel(world.desk.next_id("signal"), *key, price, rule, note, look)
    world.desk.signals[level.id] = level
    _tell(world, "signal_level_placed", camel(level.row(world.profile.edition)))
    return Reply(OK)


def change(call: Call) -> Reply:
    number = _number(call)
    body, world = call.body(), call.world
    price, rule, note, look = (
        price_of(body),
        rule_of(body),
        body.text("note"),
        look_of(body, int(call.world.profile.looks_from_one)),
    )
    if price is None and rule is None and note is None and not look:
        raise ApiError(NOTHING)
    level = _level(call, number)
    if price is not None:
        level.price, level.fired = price, None
    level.rule = rule or level.rule
    level.note = level.note if note is None else note
    level.look |= look
    _tell(world, "signal_level_updated", camel(level.row()))
    return Reply(OK)


def remove(call: Call) -> Reply:
    world = call.world
    number = _number(call)
    if world.profile.quiet_deletes and number not in world.desk.signals:
        return Reply(OK)
    level = _level(call, number)
    del world.desk.signals[number]
    _tell(world, "signal_level_removed", _short(world, level))
    return Reply(OK)


def remove_all(call: Call) -> Reply:
    world, name = call.world, call.query_ticker()
    for level in _of(world, (call.connection_id, name)):
        del world.desk.signals[level.id]
    data: dict[str, Json] = {"connectionId": call.connection_id, "ticker": name}
    _tell(world, "signal_levels_removed_all", data if _full(world) else {})
    return Reply(OK)


def remove_triggered(call: Call) -> Reply:
    desk = call.world.desk
    desk.signals = {number: one for number, one in desk.signals.items() if one.fired is None}
    _tell(call.world, "signal_levels_removed_triggered", {})
    return Reply(OK)


def _rule(world: World, key: Key, price: Decimal) -> str:
    """The rule of a level that came without one: it fires when the price moves on to it."""
    market = world.market(key) if world.sees_book(key) else None
    best = None if market is None else market.book.best(ASK)
    if market is None or best is None:
        raise ApiError(
            f"No market data for '{key[1]}'. Subscribe to order book data for this ticker first."
        )
    return BELOW if price <= best * market.ticker.price_increment else ABOVE


def _number(call: Call) -> int:
    return level_number(call.values["slId"], "signal")


def _level(call: Call, number: int) -> SignalLevel:
    return level_of(call.world.desk.signals, call.connection_id, number, "signal")


def _of(world: World, key: Key) -> list[SignalLevel]:
    return [one for one in world.desk.signals.values() if (one.connection, one.ticker) == key]


def _short(world: World, level: SignalLevel) -> dict[str, Json]:
    if not _full(world):
        return {"id": level.id}
    return {"id": level.id, "connectionId": level.connection, "ticker": level.ticker}


def _full(world: World) -> bool:
    """Edition 2's documents name connection and ticker; its SDK and edition 3 do not."""
    return world.profile.casing == "pascal"


def _tell(world: World, kind: str, data: dict[str, Json]) -> None:
    world.publish(TOPIC, kind, data)
