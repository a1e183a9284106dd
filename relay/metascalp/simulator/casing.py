"""This file knows how the editions spell their keys.

The simulator writes edition 3's mixed casing; the other editions differ by the first letter of
every key, and values never change. MetaScalp API, editions 1 to 3, 2026-03 to 2026-08.
"""

import re
from collections.abc import Callable

from .wire import Json

TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?\+00:00")


def camel(value: Json) -> Json:
    """The value with every key's first letter small, as edition 1 has it."""
    return _each(value, lambda key: key[:1].lower() + key[1:])


def pascal(value: Json) -> Json:
    """The value with every key's first letter large, as edition 2 has it."""
    return _each(value, lambda key: key[:1].upper() + key[1:])


def recase(value: Json, casing: str) -> Json:
    """The value in a profile's casing."""
    return SPELLINGS[casing](value)


def zulu(value: Json) -> Json:
    """The value with every time written as 2026-03-13T10:30:00.000Z."""
    if isinstance(value, dict):
        return {key: zulu(item) for key, item in value.items()}
    if isinstance(value, list):
        return [zulu(item) for item in value]
    match = TIME.fullmatch(value) if isinstance(value, str) else None
    return f"{match[1]}.{match[2] or '':0<3}Z" if match else value


def _each(value: Json, spell: Callable[[str], str]) -> Json:
    if isinstance(value, dict):
        return {spell(key): _each(item, spell) for key, item in value.items()}
    if isinstance(value, list):
        return [_each(item, spell) for item in value]
    return value


SPELLINGS: dict[str, Callable[[Json], Json]] = {
    "mixed": lambda value: value,
    "camel": camel,
    "pascal": pascal,
}
