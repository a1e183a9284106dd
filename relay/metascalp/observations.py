"""This file knows what a terminal's ordinary answers say about the open questions.

Nothing of the trader's own is repeated: key names, types, times of market data, header names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from relay.metascalp.shapes import kind, parse, spelled

#: Question and answer.
Answer = tuple[int, str]

WORKING = re.compile(r"addingticksforaperiod|tradeamount(usd)?[1-5]")


def of(path: str, headers: Mapping[str, str], body: bytes) -> list[Answer]:
    """What a reply that could be read says; path: as in the probe."""
    bare = path.partition("?")[0]
    if bare == "/ping":
        return [(2, _heads(headers))]
    look = LOOKS.get(bare.rpartition("/")[2] if "{moscow}" not in bare else "moscow")
    try:
        found = spelled(parse(body), str.lower)
    except ValueError:
        return []
    return list(look(found)) if look is not None and isinstance(found, dict) else []


def _heads(headers: Mapping[str, str]) -> str:
    names = ("content-type", "server", "connection")
    return "; ".join(f"{name}: {headers.get(name, 'none')}" for name in names)


def _clusters(found: dict[str, Any]) -> Iterable[Answer]:
    columns = [one for one in found.get("columns") or [] if isinstance(one, dict)]
    empty = [one for one in columns if not one.get("items")]
    if empty:
        yield 19, "no list" if "items" not in empty[0] else str(empty[0]["items"])
    if columns:
        yield 40, str(columns[-1].get("starttime"))


def _settings(found: dict[str, Any]) -> Iterable[Answer]:
    inside = found.get("settings")
    names = inside if isinstance(inside, dict) else {}
    yield 20, ", ".join(working(names)) or "not shown"


def working(names: Iterable[str]) -> list[str]:
    """Those settings that the documents describe and do not list."""
    return [name for name in names if WORKING.fullmatch(name.lower())]


def _rows(found: dict[str, Any]) -> Iterable[Answer]:
    rows = found.get("rows") or [{}]
    columns = rows[0].get("columns") if isinstance(rows[0], dict) else None
    if columns and isinstance(columns[0], dict):
        yield 22, ", ".join(f"{name} {kind(value)}" for name, value in columns[0].items())


def _moscow(found: dict[str, Any]) -> Iterable[Answer]:
    """One share as it is listed, the best known one when it is there."""
    rows = [one for one in found.get("tickers") or [] if isinstance(one, dict)]
    rows.sort(key=lambda one: one.get("baseasset") != "SBER")
    for row in rows[:1]:
        names = ("name", "baseasset", "quoteasset", "sizeincrement", "minsize")
        yield 45, ", ".join(f"{name} {row.get(name)}" for name in names)


def _screen(found: dict[str, Any]) -> Iterable[Answer]:
    more = [name for name in found if name not in ("windows", "standalonecharts")]
    yield 23, ", ".join(more) or "windows and charts alone"


LOOKS: dict[str, Callable[[dict[str, Any]], Iterable[Answer]]] = {
    "cluster-snapshot": _clusters,
    "orderbook-settings": _settings,
    "data": _rows,
    "moscow": _moscow,
    "state": _screen,
}
