"""This file knows how the terminal writes and reads JSON.

No white space, UTF-8 unescaped, keys in the order given, every decimal with a point and the
trailing zeros of its scale, no exponent, integers without a point. Recorded replies of 2026-05;
MetaScalp API, edition 3, 2026-08.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

Json = Any
"""A JSON value: None, bool, int, Decimal, str, list or dict. Never a float."""

LARGEST = Decimal("79228162514264337593543950335")
"""The largest decimal of .NET, in which the terminal is written."""
SCALE = 28
INT64 = 2**63
DEEPEST = 64
"""Newtonsoft's serializer, whose format the terminal's is, reads no deeper (13.0, 2021-03)."""

SHORT = 40
"""Shorter strings are remembered as they are written."""

_quote = json.encoder.encode_basestring


class Malformed(ValueError):
    """The text is not JSON that the terminal could read."""


def encode(value: Json) -> str:
    """The JSON text of a value."""
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts)


def decode(text: str | bytes) -> Json:
    """The value of a JSON text; numbers with a point become Decimal. Raises Malformed."""
    try:
        value = json.loads(text, parse_float=_decimal, parse_int=_integer, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from error
    if _too_deep(value):
        raise Malformed(f"nested more than {DEEPEST} times")
    return value


def decimal_text(value: Decimal) -> str:
    """A decimal with a point, without exponent: 1 gives 1.0, 0.10 stays 0.10."""
    text = format(value, "f")
    return text if "." in text else text + ".0"


def clean(text: str) -> str:
    """The text with lone surrogates, which UTF-8 cannot carry, replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _write(value: Json, add: Any) -> None:
    """The commonest kinds first: a busy book writes a million values a second."""
    kind = type(value)
    if kind is Decimal:
        text = format(value, "f")
        add(text if "." in text else text + ".0")
    elif kind is dict:
        _write_object(value, add)
    elif isinstance(value, str):
        add(_text(value) if len(value) < SHORT else _quote(clean(value)))
    elif value is None or isinstance(value, bool):
        add({None: "null", True: "true", False: "false"}[value])
    elif isinstance(value, int):
        add(str(int(value)))
    elif isinstance(value, Mapping):
        _write_object(value, add)
    else:
        assert isinstance(value, Sequence), f"not a JSON value: {value!r}"
        _write_list(value, add)


@lru_cache(maxsize=4096)
def _text(text: str) -> str:
    """A short string as JSON: keys, names and kinds are always the same ones."""
    return _quote(clean(text))


def _write_object(value: Mapping[str, Json], add: Any) -> None:
    separator = "{"
    for key, item in value.items():
        add(separator + (_text(key) if len(key) < SHORT else _quote(clean(key))) + ":")
        _write(item, add)
        separator = ","
    add("}" if value else "{}")


def _write_list(value: Sequence[Json], add: Any) -> None:
    separator = "["
    for item in value:
        add(separator)
        _write(item, add)
        separator = ","
    add("]" if value else "[]")


def _too_deep(value: Json) -> bool:
    """Looks level by level: a walk that calls itself would end where the interpreter does."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [one for one in level if isinstance(one, dict | list)]
        if not level:
            return False
        items = (one.values() if isinstance(one, dict) else one for one in level)
        level = [item for inside in items for item in inside]
    return True


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number) > LARGEST:
        raise ValueError("number too large")
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int), "a JSON number is finite"
    if exponent < -SCALE:
        number = Decimal(f"{number:.{SCALE}f}")
    return number + 0 if exponent <= 0 else Decimal(f"{number:f}")


def _integer(text: str) -> int:
    if len(text) > 30:
        raise ValueError("number too large")
    return int(text)


def _refuse(text: str) -> Json:
    raise ValueError(f"{text} is not JSON")
