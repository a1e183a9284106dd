"""This file knows the levels a trader draws: signal levels that fire, and plain ones.

Rows are written as REST lists them, in Pascal case; the socket sends the same in camel case.
MetaScalp API, edition 3, 2026-08, "Signal levels" and "User levels".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from typing import TypeVar

from .body import ApiError, Fields, path_id
from .orders import iso
from .wire import Json

BELOW, ABOVE = "LessThanEqual", "GreaterThanEqual"


class LineStyle(IntEnum):
    Solid = 0
    Dashed = 1
    Dotted = 2


class TextAlignment(IntEnum):
    Left = 0
    Center = 1
    Right = 2


class TextStyle(IntEnum):
    Normal = 0
    Bold = 1
    Italic = 2


LOOK: dict[str, type[IntEnum] | type[Decimal] | type[str]] = {
    "LineThickness": Decimal,
    "LineStyle": LineStyle,
    "LineColor": str,
    "TextSize": Decimal,
    "TextColor": str,
    "TextAlignment": TextAlignment,
    "TextStyle": TextStyle,
}
"""The appearance fields in the order of a reply, and what each holds."""
LOOKS = " ".join(LOOK)
"""Their names, as a row of the route table wants them."""


@dataclass(slots=True)
class SignalLevel:
    """A level that fires when a trade reaches it. fired: epoch seconds, None while armed."""

    id: int
    connection: int
    ticker: str
    price: Decimal
    rule: str
    note: str | None = None
    look: dict[str, Json] = field(default_factory=dict)
    fired: float | None = None

    def reached(self, low: Decimal, high: Decimal) -> bool:
        """True when trades between low and high fire it."""
        return low <= self.price if self.rule == BELOW else high >= self.price

    def row(self, edition: int = 3) -> dict[str, Json]:
        row: dict[str, Json] = {
            "Id": self.id,
            "ConnectionId": self.connection,
            "Ticker": self.ticker,
            "Price": self.price,
            "IsTriggered": self.fired is not None,
            "TriggerTime": None if self.fired is None else iso(self.fired),
            "TriggerRule": self.rule,
        }
        if edition < 3:
            return row
        return {**row, "Note": self.note, **{name: self.look.get(name) for name in LOOK}}


@dataclass(slots=True)
class UserLevel:
    """A level that is only drawn. date: epoch seconds."""

    id: int
    connection: int
    ticker: str
    price: Decimal
    name: str
    note: str | None = None
    date: int | None = None
    look: dict[str, Json] = field(default_factory=dict)

    def row(self) -> dict[str, Json]:
        return {
            "Id": self.id,
            "ConnectionId": self.connection,
            "Ticker": self.ticker,
            "Price": self.price,
            "Name": self.name,
            "Note": self.note,
            "Date": None if self.date is None else iso(self.date),
            **{name: self.look.get(name) for name in LOOK},
        }


def price_of(body: Fields) -> Decimal | None:
    """The price of a body; None when not sent, ApiError when it is not above zero."""
    price = body.decimal("price")
    if price is not None and price <= 0:
        raise ApiError("Price must be greater than zero")
    return price


def rule_of(body: Fields) -> str | None:
    """The trigger rule of a body by its name in any case; None when not sent."""
    value = body.values.get("triggerrule")
    if value is None:
        return None
    for rule in (BELOW, ABOVE):
        if isinstance(value, str) and value.lower() == rule.lower():
            return rule
    raise ApiError(f"Invalid 'triggerRule'. Allowed values: {BELOW}, {ABOVE}.")


def look_of(body: Fields, first: int = 0) -> dict[str, Json]:
    """The appearance fields a body sets, enumerations as names. first: the number of their first
    member."""
    look: dict[str, Json] = {}
    for name, kind in LOOK.items():
        value = _part(body, name, kind, first)
        if value is not None:
            look[name] = value
    return look


def _part(
    body: Fields, name: str, kind: type[IntEnum] | type[Decimal] | type[str], first: int
) -> Json:
    key = name.lower()
    if kind is str:
        return body.text(key)
    if kind is Decimal:
        return body.decimal(key)
    assert issubclass(kind, IntEnum), "there are three kinds of appearance fields"
    value = body.values.get(key)
    if value is None:
        return None
    for member in kind:
        named = isinstance(value, str) and value.lower() == member.name.lower()
        if named or (value == member.value + first and not isinstance(value, bool)):
            return member.name
    raise ApiError(f"Invalid '{name[:1].lower()}{name[1:]}'.")


Drawn = TypeVar("Drawn", "SignalLevel", "UserLevel")


def level_number(text: str, kind: str) -> int:
    """The id in a path; kind is "signal" or "user", as the error texts have it."""
    number = path_id(text)
    if number is None:
        raise ApiError(f"Invalid {kind} level ID")
    return number


def level_of(held: Mapping[int, Drawn], connection: int, number: int, kind: str) -> Drawn:
    """The level of a connection with an id."""
    level = held.get(number)
    if level is None or level.connection != connection:
        raise ApiError(f"{kind.capitalize()} level {number} not found", 404)
    return level
