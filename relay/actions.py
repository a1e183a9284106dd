"""This file knows what a door may ask for: frozen values, read and checked from JSON parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from relay import find as finds
from relay.errors import BadParams
from relay.exchanges import Exchanges
from relay.find import Find
from relay.rows import ORDER_TYPES, type_number
from relay.suggest import MAX_ROWS

MAX_COMBO = 20
MAX_NOTE = 120
MAX_TYPED = 200

_PRICE = re.compile(r"[0-9]{1,16}(\.[0-9]{1,16})?")
MAX_CONNECTIONS = 1000


@dataclass(frozen=True, slots=True)
class Open:
    """Switch the terminal to an instrument; with a binding ("001" to "500") its panels too, or
    with a panel's id that panel alone. in_use: by the panel in use or not at all, because
    something opens beside it."""

    find: Find
    binding: str | None = None
    panel: str | None = None
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class Combo:
    """Open a combo layout for each of these; in the background the trader's own tab stays."""

    finds: tuple[Find, ...]
    background: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Open a chart window of a ticker."""

    connection: int
    ticker: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel one order. order: the exchange's id; 64 bits, so a string wherever JavaScript is."""

    connection: int
    order: int
    ticker: str
    type: int = 0


@dataclass(frozen=True, slots=True)
class CancelAll:
    """Cancel every order of a ticker on one connection."""

    connection: int
    ticker: str


@dataclass(frozen=True, slots=True)
class Pin:
    """Keep reading a ticker's orders, or stop."""

    connection: int
    ticker: str
    on: bool


@dataclass(frozen=True, slots=True)
class Alert:
    """Tell when an instrument reaches a price."""

    find: Find
    price: Decimal


@dataclass(frozen=True, slots=True)
class Notice:
    """A row for the terminal's feed. text: what it is called there. price: shown beside it."""

    find: Find
    text: str
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """Never replace a panel, or replace it again."""

    panel: str
    on: bool


def open_of(params: Mapping[str, Any], exchanges: Exchanges) -> Open:
    target = params.get("target") or {}
    if not isinstance(target, Mapping):
        raise BadParams("target must be an object", field="target")
    binding = target.get("binding", params.get("binding")) or None
    if binding is not None and not (isinstance(binding, str) and _is_binding(binding)):
        raise BadParams('binding must be "001" to "500"', field="target.binding")
    panel = target.get("panel") or None
    if panel is not None and (binding is not None or not _is_panel(panel)):
        raise BadParams("panel must be a panel's id, without a binding", field="target.panel")
    return Open(_find(params, exchanges), binding, panel)


def combo_of(params: Mapping[str, Any], exchanges: Exchanges) -> Combo:
    listed = params.get("finds", params.get("tickers"))
    if listed is None:
        return Combo((_find(params, exchanges),))
    if not isinstance(listed, list) or not 0 < len(listed) <= MAX_COMBO:
        raise BadParams(f"1 to {MAX_COMBO} tickers make a combo request", field="tickers")
    return Combo(tuple(_one(item, exchanges) for item in listed))


def cancel_of(params: Mapping[str, Any]) -> Cancel:
    order = params.get("order")
    if not (isinstance(order, str) and order.isascii() and order.isdigit() and len(order) <= 20):
        raise BadParams("order must be the order's id as a string of digits", field="order")
    kind = params.get("type", "limit")
    number = type_number(kind) if isinstance(kind, str) else None
    if number is None:
        known = ", ".join(ORDER_TYPES)
        raise BadParams(f"type must be one of {known}, or a number in digits", field="type")
    return Cancel(connection_of(params), int(order), ticker_of(params), number)


def cancel_all_of(params: Mapping[str, Any]) -> CancelAll:
    return CancelAll(connection_of(params), ticker_of(params))


def pin_of(params: Mapping[str, Any]) -> Pin:
    return Pin(connection_of(params), ticker_of(params), _is_on(params))


def alert_of(params: Mapping[str, Any], exchanges: Exchanges) -> Alert:
    price = _price(params)
    if price is None:
        raise BadParams("price must be given", field="price")
    return Alert(_find(params, exchanges), price)


def notice_of(params: Mapping[str, Any], exchanges: Exchanges) -> Notice:
    text = params.get("text")
    fits = isinstance(text, str) and 0 < len(text.strip()) <= MAX_NOTE and text.isprintable()
    if not isinstance(text, str) or not fits:
        raise BadParams(f"text must be one line of at most {MAX_NOTE} characters", field="text")
    return Notice(_find(params, exchanges), text.strip(), _price(params))


def lock_of(params: Mapping[str, Any]) -> Lock:
    panel = params.get("panel")
    if not isinstance(panel, str) or not _is_panel(panel):
        raise BadParams("panel must be a panel's id", field="panel")
    return Lock(panel, _is_on(params))


def suggest_of(params: Mapping[str, Any]) -> tuple[str, int]:
    """The letters typed, and how many rows are wanted."""
    text, limit = params.get("text"), params.get("limit", MAX_ROWS)
    if not isinstance(text, str) or len(text) > MAX_TYPED:
        raise BadParams(f"text must be at most {MAX_TYPED} characters", field="text")
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 < limit <= MAX_ROWS:
        raise BadParams(f"limit must be 1 to {MAX_ROWS}", field="limit")
    return text, limit


def finds_of(params: Mapping[str, Any], exchanges: Exchanges, most: int) -> tuple[Find, ...]:
    """Many finds; BadParams for none, or more than there may be."""
    listed = params.get("finds")
    if not isinstance(listed, list) or not 0 < len(listed) <= most:
        raise BadParams(f"finds must be a list of 1 to {most}", field="finds")
    return tuple(_one(item, exchanges) for item in listed)


def chart_of(params: Mapping[str, Any]) -> Chart:
    return Chart(connection_of(params), ticker_of(params))


def connections_of(params: Mapping[str, Any]) -> list[int] | None:
    """The connections that are meant; None when none are named, which means all."""
    listed = params.get("connections")
    if listed is None:
        return None
    if not isinstance(listed, list) or not 0 < len(listed) <= MAX_CONNECTIONS:
        raise BadParams("connections must be a list of ids", field="connections")
    return [connection_of({"connection": one}) for one in listed]


def find_of(params: Mapping[str, Any], exchanges: Exchanges) -> Find:
    return _find(params, exchanges)


def connection_of(params: Mapping[str, Any]) -> int:
    number = params.get("connection")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**31:
        raise BadParams("connection must be a connection's id, a whole number", field="connection")
    return number


def ticker_of(params: Mapping[str, Any]) -> str:
    text = params.get("ticker")
    fits = isinstance(text, str) and 0 < len(text) <= finds.MAX_CHARS and text.isprintable()
    if not isinstance(text, str) or not fits:
        raise BadParams("ticker must be the terminal's own name of it", field="ticker")
    return text


def _is_on(params: Mapping[str, Any]) -> bool:
    on = params.get("on", True)
    if not isinstance(on, bool):
        raise BadParams("on must be true or false", field="on")
    return on


def _price(params: Mapping[str, Any]) -> Decimal | None:
    """A price as a string of digits: JavaScript's numbers would bend the long ones."""
    text = params.get("price")
    if text is None:
        return None
    if not isinstance(text, str) or not _PRICE.fullmatch(text) or not Decimal(text):
        raise BadParams('price must be a string such as "64250.5", above zero', field="price")
    return Decimal(text)


def _find(params: Mapping[str, Any], exchanges: Exchanges) -> Find:
    if "ticker" in params and "find" not in params:
        return _one(params["ticker"], exchanges)
    return finds.from_json(params.get("find"), exchanges)


def _one(item: object, exchanges: Exchanges) -> Find:
    if isinstance(item, str):
        return finds.from_pattern(item, exchanges)
    return finds.from_json(item, exchanges)


def _is_panel(text: object) -> bool:
    """An id as the terminal writes it: hexadecimal digits in five groups."""
    return isinstance(text, str) and re.fullmatch(r"[0-9a-fA-F-]{36}", text) is not None


def _is_binding(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isdigit() and 1 <= int(text) <= 500
