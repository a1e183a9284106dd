"""This file knows what the routes of user levels answer.

MetaScalp API, edition 3, 2026-08, "User levels".
"""

from datetime import UTC, datetime

from .body import ApiError, Fields, WrongShape
from .call import OK, Call, Reply
from .casing import camel
from .levels import UserLevel, level_number, level_of, look_of, price_of
from .signals import NEEDED

TOPIC = "user_level"
NOTHING = (
    "Request body must set at least one of 'price', 'name', 'date', 'note' or an appearance field."
)
LAST = 253402300799
"""The end of the year 9999, in epoch seconds."""


def read(call: Call) -> Reply:
    name = call.query_ticker()
    rows = [level.row() for level in _of(call, name)]
    head = {"connectionId": call.connection_id, "ticker": name, "count": len(rows)}
    return Reply({**head, "userLevels": rows})


def place(call: Call) -> Reply:
    body, world = call.body(), call.world
    ticker, price = body.text("ticker"), body.decimal("price")
    if not ticker or price is None:
        raise ApiError(NEEDED)
    price_of(body)
    look, date = look_of(body, int(call.world.profile.looks_from_one)), _date(body)
    today = datetime.fromtimestamp(world.now(), UTC).strftime("%d.%m.%Y")
    name = today if body.text("name") is None else body.text("name") or ""
    note, number = body.text("note"), world.desk.next_id("user")
    level = UserLevel(number, call.connection_id, ticker, price, name, note, date, look)
    world.desk.users[number] = level
    world.publish(TOPIC, "user_level_placed", camel(level.row()))
    return Reply(OK)


def change(call: Call) -> Reply:
    number = _number(call)
    body = call.body()
    price, name, note = price_of(body), body.text("name"), body.text("note")
    date, look = _date(body), look_of(body, int(call.world.profile.looks_from_one))
    if (price, name, note, date) == (None, None, None, None) and not look:
        raise ApiError(NOTHING)
    level = _level(call, number)
    level.price = level.price if price is None else price
    level.name = level.name if name is None else name
    level.note = level.note if note is None else note
    level.date = level.date if date is None else date
    level.look |= look
    call.world.publish(TOPIC, "user_level_updated", camel(level.row()))
    return Reply(OK)


def remove(call: Call) -> Reply:
    number, world = _number(call), call.world
    if world.profile.quiet_deletes and number not in world.desk.users:
        return Reply(OK)
    _level(call, number)
    del world.desk.users[number]
    world.publish(TOPIC, "user_level_removed", {"ids": [number]})
    return Reply(OK)


def remove_all(call: Call) -> Reply:
    numbers = [level.id for level in _of(call, call.query_ticker())]
    for number in numbers:
        del call.world.desk.users[number]
    if numbers:
        call.world.publish(TOPIC, "user_level_removed", {"ids": numbers})
    return Reply(OK)


def _date(body: Fields) -> int | None:
    date = body.integer("date")
    if date is not None and not 0 <= date <= LAST:
        raise WrongShape
    return date


def _number(call: Call) -> int:
    return level_number(call.values["ulId"], "user")


def _level(call: Call, number: int) -> UserLevel:
    return level_of(call.world.desk.users, call.connection_id, number, "user")


def _of(call: Call, ticker: str) -> list[UserLevel]:
    key = (call.connection_id, ticker)
    return [one for one in call.world.desk.users.values() if (one.connection, one.ticker) == key]
