"""This file knows what the routes of annotations answer, the shapes drawn in charts.

MetaScalp API, edition 3, 2026-08, "Annotations".
"""

import re
from decimal import Decimal

from .body import ApiError, Ours, WrongShape, path_id
from .call import OK, Call, Reply
from .drawings import MOST, TYPES, Drawing
from .wire import Json, Malformed, decode

ZONE = re.compile(r"(Z|[+-]\d\d:?\d\d)$")


def read(call: Call) -> Reply:
    name = call.query_ticker()
    key = (call.connection_id, call.ticker(name).name)
    return Reply(call.world.desk.drawings.get(key, Drawing()).rows(call.connection_id, name))


def replace(call: Call) -> Reply:
    kind, name = _type(call), call.query_ticker()
    value = _json(call)
    if value is not None and not isinstance(value, list):
        raise WrongShape
    items = [_item(call, kind, one) for one in value or []]
    _drawing(call, call.ticker(name).name).lists[kind] = items[:MOST]
    return Reply(OK)


def append(call: Call) -> Reply:
    kind, name = _type(call), call.query_ticker()
    item = _item(call, kind, _json(call))
    items = _drawing(call, call.ticker(name).name).lists[kind]
    if len(items) < MOST:
        items.append(item)
    return Reply(OK)


def remove(call: Call) -> Reply:
    kind, name = _type(call), call.query_ticker()
    index = path_id(call.values["index"])
    if index is None:
        raise ApiError("Invalid annotation index")
    items = _drawing(call, name).lists[kind]
    if not 0 <= index < len(items):
        raise Ours(f"{kind} annotation index {index} not found", 404)
    del items[index]
    return Reply(OK)


def clear(call: Call) -> Reply:
    call.world.desk.drawings.pop((call.connection_id, call.query_ticker()), None)
    return Reply(OK)


def _type(call: Call) -> str:
    kind = call.values["type"]
    if kind not in TYPES:
        allowed = ", ".join(TYPES)
        raise ApiError(f"Unknown annotation type '{kind}'. Allowed values: {allowed}.")
    return kind


def _drawing(call: Call, ticker: str) -> Drawing:
    """The shapes of a ticker; of an unknown one an empty list that nobody keeps."""
    if ticker not in call.connection.tickers():
        return Drawing()
    return call.world.desk.drawings.setdefault((call.connection_id, ticker), Drawing())


def _json(call: Call) -> Json:
    if not call.raw.strip():
        return None
    try:
        return decode(call.raw)
    except Malformed as error:
        raise WrongShape from error


def _item(call: Call, kind: str, value: Json) -> dict[str, Json]:
    """One shape as it is kept: the fields of its kind, in the order of a reply."""
    wrong = ApiError(f"Request body must be a {kind} annotation.")
    if not isinstance(value, dict):
        raise wrong
    fields = TYPES[kind][1]
    for name in value:
        if name.lower() not in {*fields, "index"} and call.world.profile.strict_bodies:
            raise ApiError(f"Unknown field '{name}' in request body.")
    sent = {name.lower(): item for name, item in value.items()}
    item: dict[str, Json] = {}
    for name, needed in fields.items():
        given = sent.get(name)
        if isinstance(given, int) and not isinstance(given, bool):
            given = Decimal(given)
        if not isinstance(given, needed):
            raise wrong
        if isinstance(given, str) and call.world.profile.bare_times:
            given = ZONE.sub("", given)
        item[name] = given
    return item
