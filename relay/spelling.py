"""This file knows how to respell the keys of a JSON text, and of nothing but its keys.

The terminal mixes two spellings of one name, `Id` and `id` (captured 1.0.671, 2026-05; MetaScalp
API, edition 3, 2026-08), and its editions mix them differently; each name has exactly these two.
Values keep their text: `65000.00` and ids above 2**53 leave as they came.
"""

from __future__ import annotations

import json
from functools import lru_cache, partial
from json.encoder import encode_basestring
from typing import Any, NoReturn

from relay.errors import TooLarge

#: asis: as the terminal says it. both: every key twice, so that any client finds its own.
KEYS = ("asis", "camel", "pascal", "both")

#: Both spellings double an object once for each level it is nested in: a full window layout, five
#: levels deep, is about 1 MB. What would become larger than this is refused instead.
MAX_CHARS = 16 * 1024 * 1024

#: From here on, and up to there, the last few bodies are remembered.
_LARGE, _LARGEST = 16 * 1024, 512 * 1024
#: Distinct rows of one API are some dozens; what a client makes up may not fill the memory.
_SHAPES = 512


class AsIs(dict[str, Any]):
    """A map whose names are data, of tokens or of exchanges: they stay, with all that is inside."""


def camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def pascal(name: str) -> str:
    return name[:1].upper() + name[1:]


def spell(body: bytes, keys: str) -> bytes:
    """The same JSON with its keys in another of KEYS.

    ValueError for what is not JSON, TooLarge for what would grow beyond MAX_CHARS.
    Whitespace between tokens is dropped, escapes that need not be are written out.
    """
    assert keys in KEYS, f"no such spelling: {keys!r}"
    if keys == "asis":
        return body
    if _LARGE <= len(body) <= _LARGEST:
        return _remembered(body, keys)
    return _spelled(body, keys)


def dump(value: Any, keys: str) -> bytes:
    """JSON of our own with its keys in one of KEYS, but for what is AsIs. TooLarge as `spell`."""
    assert keys in KEYS, f"no such spelling: {keys!r}"
    text = _ENCODER.encode(value) if keys == "asis" else _dumped(value, keys)
    return text.encode("utf-8", "backslashreplace")


def _dumped(value: Any, keys: str) -> str:
    if isinstance(value, dict) and not isinstance(value, AsIs):
        return _object(keys, [(name, _Raw(_dumped(one, keys))) for name, one in value.items()])
    if isinstance(value, list | tuple):
        return "[" + ",".join(_dumped(one, keys) for one in value) + "]"
    return _ENCODER.encode(value)


#: JSON as the terminal formats its own.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _spelled(body: bytes, keys: str) -> bytes:
    try:
        text = _text(_decoder(keys).decode(body.decode("utf-8-sig")))
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return text.encode("utf-8", "backslashreplace")  # A lone surrogate stays an escape.


#: Lists of tickers are asked for again and again and hardly ever change.
_remembered = lru_cache(4)(_spelled)


@lru_cache(len(KEYS))
def _decoder(keys: str) -> json.JSONDecoder:
    return json.JSONDecoder(
        parse_int=_Raw,
        parse_float=_Raw,
        parse_constant=_no_number,
        object_pairs_hook=partial(_object, keys),
    )


class _Raw(str):
    """JSON text that is final: a number as it was written, an object already respelled."""

    __slots__ = ()


def _object(keys: str, pairs: list[tuple[str, Any]]) -> _Raw:
    values = [value if type(value) is _Raw else _text(value) for _, value in pairs]
    text = _shape(keys, tuple([name for name, _ in pairs])).format(*values)
    if len(text) > MAX_CHARS:
        raise TooLarge(f"the answer has more than {MAX_CHARS} characters as {keys}")
    return _Raw(text)


@lru_cache(_SHAPES)
def _shape(keys: str, names: tuple[str, ...]) -> str:
    """The format of an object with these keys. Of two that meet in one spelling the last wins, as
    it does in every parser we know of; one that is there in both already is not doubled again."""
    places = {name: index for index, name in enumerate(names)}
    spelled: dict[str, int] = {}
    for name, index in places.items():
        if keys == "both":
            other = pascal(name) if camel(name) == name else camel(name)
            spelled[name] = index
            spelled[other] = places.get(other, index)
        else:
            spelled[camel(name) if keys == "camel" else pascal(name)] = index
    pairs = [f"{_braced(name)}:{{{index}}}" for name, index in spelled.items()]
    return "{{" + ",".join(pairs) + "}}"


def _braced(name: str) -> str:
    return encode_basestring(name).replace("{", "{{").replace("}", "}}")


def _text(value: Any) -> str:
    kind = type(value)
    if kind is _Raw:
        return str(value)
    if kind is str:
        return encode_basestring(value)
    if kind is list:
        return "[" + ",".join(map(_text, value)) + "]"
    return "null" if value is None else "true" if value else "false"


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"not JSON: {text}")
