"""When two JSON values have the same shape: keys, their order and spelling, types, nulls."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[2] / "data" / "metascalp-examples.tsv"

NULLABLE = frozenset(
    [
        "triggerPrice",
        "maxSize",
        "maxLeverage",
        "maxPosition",
        "triggerTime",
        "note",
        "lineThickness",
        "lineStyle",
        "lineColor",
        "textSize",
        "textColor",
        "textAlignment",
        "textStyle",
        "date",
        "name",
        "color",
        "monitor",
        "pinOnTop",
        "stepPrice",
        "zoomIndex",
        "linkNumber",
        "layoutPosition",
        "orderBook",
        "chart",
        "geometry",
        "tabName",
        "price",
        "size",
        "totals",
        "impactBps",
        "exchange",
        "activeFilter",
        "bestAsk",
        "bestBid",
        "connectionId",
        "ticker",
        "baseAsset",
        "quoteAsset",
        "clientId",
        "windowId",
        "zoomStepMode",
    ]
)
"""Keys that may be null (the "?" of the document's tables), in either case of the first letter."""
NUMBERS = frozenset({"sizeUsd", "y1", "y2"})
"""Decimals that an example writes without a point."""


def load() -> list[tuple[str, Any]]:
    lines = EXAMPLES.read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(name, parse(text)) for name, text in rows]


def parse(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def differences(example: Any, found: Any, path: str = "", key: str = "") -> list[str]:
    """Where a value has not the shape of an example; an empty list when it has."""
    if example is None or found is None:
        if example is found or key[:1].lower() + key[1:] in NULLABLE:
            return []
        return [f"{path}: {found!r} instead of {example!r}"]
    if isinstance(example, dict) and isinstance(found, dict):
        if list(example) != list(found):
            return [f"{path}: keys {list(found)} instead of {list(example)}"]
        return [
            one for name in example
            for one in differences(example[name], found[name], f"{path}.{name}", name)
        ]  # fmt: skip
    if isinstance(example, list) and isinstance(found, list):
        return _rows(example, found, path)
    if key in NUMBERS and {type(example), type(found)} <= {int, Decimal}:
        return []
    return [] if type(example) is type(found) else [f"{path}: {found!r} instead of {example!r}"]


def _rows(example: list[Any], found: list[Any], path: str) -> list[str]:
    """Each row has the shape of one of the example's rows."""
    wrong: list[str] = []
    for n, row in enumerate(found):
        tries = [differences(one, row, f"{path}[{n}]") for one in example]
        if tries and all(tries):
            wrong += min(tries, key=len)
    return wrong
