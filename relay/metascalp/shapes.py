"""This file knows when two JSON values have the same shape: keys, order, spelling, types, nulls."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

#: Keys that may be null, first letter small ("?" in the document; MetaScalp API, edition 3).
NULLABLE = frozenset({
    "triggerPrice", "maxSize", "maxLeverage", "maxPosition", "triggerTime", "note",
    "lineThickness", "lineStyle", "lineColor", "textSize", "textColor", "textAlignment",
    "textStyle", "date", "name", "color", "monitor", "pinOnTop", "stepPrice", "zoomIndex",
    "linkNumber", "layoutPosition", "orderBook", "chart", "geometry", "bestAsk", "bestBid",
    "connectionId", "ticker", "baseAsset", "quoteAsset", "clientId", "zoomStepMode", "kind",
    "activeFilter",
})  # fmt: skip


def parse(text: str | bytes) -> Any:
    """JSON as it was written: decimals stay apart from integers. ValueError when it is none."""
    try:
        return json.loads(text, parse_float=Decimal)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def small(key: str) -> str:
    return key[:1].lower() + key[1:]


def large(key: str) -> str:
    return key[:1].upper() + key[1:]


def spelled(value: Any, spell: Callable[[str], str]) -> Any:
    """The value with every key spelled another way."""
    if isinstance(value, dict):
        return {spell(key): spelled(item, spell) for key, item in value.items()}
    if isinstance(value, list):
        return [spelled(item, spell) for item in value]
    return value


def differences(known: Any, found: Any, path: str = "", key: str = "") -> list[str]:
    """Where a value has not the shape of what we know; rows are all like one of the known rows."""
    if known is None or found is None:
        fine = known is found or small(key) in NULLABLE
        return [] if fine else [f"{path or '.'}: {kind(found)} instead of {kind(known)}"]
    if isinstance(known, dict) and isinstance(found, dict):
        return _keys(known, found, path)
    if isinstance(known, list) and isinstance(found, list):
        return _rows(known, found, path)
    if type(known) is type(found):
        return []
    return [f"{path or '.'}: {kind(found)} instead of {kind(known)}"]


def kind(value: Any) -> str:
    """What a person calls a value's type."""
    names = {dict: "object", list: "list", Decimal: "decimal", int: "integer", str: "string"}
    return names.get(type(value), json.dumps(value) if value is None else "true or false")


def _keys(known: dict[str, Any], found: dict[str, Any], path: str) -> list[str]:
    missing = [name for name in known if name not in found]
    more = [name for name in found if name not in known]
    wrong = [f"{path}.{name}: missing" for name in missing]
    wrong += [f"{path}.{name}: not in the document" for name in more]
    if not wrong and list(known) != list(found):
        wrong.append(f"{path or '.'}: keys in another order: {', '.join(found)}")
    for name in known:
        if name in found:
            wrong += differences(known[name], found[name], f"{path}.{name}", name)
    return wrong


def _rows(known: list[Any], found: list[Any], path: str) -> list[str]:
    """The first row that is like none of the known ones tells what is wrong with all of them."""
    for row in found:
        tries = [differences(one, row, f"{path}[]") for one in known]
        if tries and all(tries):
            return min(tries, key=len)
    return []
