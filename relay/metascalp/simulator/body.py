"""This file knows how request bodies, queries and path ids are read, and what is refused.

Names in any letter case; numbers also as text and names of enumerations instead of numbers, as
build 1.0.671 took them. MetaScalp API, edition 3, 2026-08, "Request bodies".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import TypeVar

from .profile import Profile
from .wire import INT64, LARGEST, Json, Malformed, decode

NOT_JSON = "Malformed request body: not valid JSON."
INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")

E = TypeVar("E", bound=IntEnum)


class ApiError(Exception):
    """An answer that is an error: its status, its text, and what else the body carries."""

    def __init__(
        self, text: str, status: int = 400, more: Mapping[str, Json] | None = None
    ) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
        self.more = dict(more or {})


class Ours(ApiError):
    """An error whose sentence the documents do not give: the words are ours."""


class WrongShape(ApiError):
    """A field holds what the terminal cannot read: the text of a body that is not JSON."""

    def __init__(self) -> None:
        super().__init__(NOT_JSON)


@dataclass(frozen=True, slots=True)
class Fields:
    """Named values by lower-case name; null is the same as not sent. lenient: numbers may be texts,
    names may stand for numbers. older: so is what cannot be read; the text for it is edition 3's.
    """

    values: dict[str, Json]
    lenient: bool = True
    older: bool = False

    def text(self, name: str) -> str | None:
        """A string; None when not sent. Anything but a string is not what the route can read."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        self._wrong()
        return None

    def flag(self, name: str, default: bool) -> bool:
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, str) and self.lenient and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if isinstance(value, bool):
            return value
        self._wrong()
        return default

    def decimal(self, name: str) -> Decimal | None:
        """A number; None when not sent."""
        value = self.values.get(name)
        if isinstance(value, str) and self.lenient:
            spelled = number_of(value)
            value = value if spelled is None else spelled
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        self._wrong()
        return None

    def integer(self, name: str) -> int | None:
        """A whole number of 64 bits; None when not sent."""
        value = self.decimal(name)
        if value is None:
            return None
        if value != value.to_integral_value() or not -INT64 <= value < INT64:
            self._wrong()
            return None
        return int(value)

    def choice(self, name: str, kind: type[E]) -> int | None:
        """A number or a name of an enumeration, in any letter case; None when not sent."""
        value = self.values.get(name)
        if isinstance(value, str) and self.lenient:
            for member in kind:
                if member.name.lower() == value.lower():
                    return member.value
        return self.integer(name)

    def _wrong(self) -> None:
        if not self.older:
            raise WrongShape


def read_body(raw: bytes, allowed: frozenset[str], profile: Profile) -> Fields:
    """The fields of a body that must be an object. An empty body or null has none; before edition
    3, whose text for it is new, neither has one that is no JSON object."""
    older = profile.edition < 3
    try:
        value = decode(raw) if raw.strip() else {}
    except Malformed as error:
        if not older:
            raise WrongShape from error
        value = {}
    if value is None or (older and not isinstance(value, dict)):
        value = {}
    if not isinstance(value, dict):
        raise WrongShape
    if profile.strict_bodies:
        for name in value:
            if name.lower() not in allowed:
                raise ApiError(f"Unknown field '{name}' in request body.")
    fields = {name.lower(): item for name, item in value.items()}
    return Fields(fields, profile.lenient_numbers, older)


def told(error: ApiError, profile: Profile) -> str:
    """The text of an error; of our own ones another one where a switch asks for it."""
    return (
        "The request was refused."
        if profile.other_words and isinstance(error, Ours)
        else error.text
    )


def number_of(text: str) -> Decimal | None:
    """The number a text spells; None when it spells none."""
    value = Decimal(text.strip()) if NUMBER.fullmatch(text.strip()) else None
    return None if value is None or abs(value) > LARGEST else value


def path_id(text: str) -> int | None:
    """The number in a path; None when it is not one."""
    return int(text) if INTEGER.fullmatch(text) else None
