"""This file knows how a request body is rebuilt from the list of names a route documents.

A field the terminal does not know is refused by new builds and silently dropped by old ones
(captured 1.0.671, 2026-05), and a dropped stop-loss is worse than an error: so what is not on the
list never leaves. What leaves has the documented names, each once, and numbers for numbers.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import Any, Literal, NoReturn

from relay.errors import BadParams
from relay.spelling import camel

#: The terminal's words for what is no JSON (most routes).
NOT_JSON = "Malformed request body: not valid JSON."

Kind = Literal["int", "number", "bool", "text", "texts", "word", "binding", "any"]

#: Fields that clients send and that cannot change what most requests do: dropped, and named.
INERT = frozenset(
    ("clientid", "clientorderid", "comment", "label", "reason", "requestid", "tag", "useragent")
)
#: What other APIs call a thing (public clients of this one, 2026-05 to 2026-11).
SYNONYMS = {
    "symbol": "ticker", "instrument": "ticker", "pair": "ticker", "pattern": "tickerPattern",
    "volume": "size", "quantity": "size", "qty": "size", "amount": "size",
    "ordertype": "type", "direction": "side", "id": "orderId", "limitprice": "price",
    "reduce": "reduceOnly", "bindingname": "binding", "symbols": "tickers", "comment": "note",
    "label": "name",
}  # fmt: skip

_NUMBER = re.compile(r"([+-]?)0*(\d*)(?:\.(\d*))?([eE][+-]?\d{1,3})?", re.ASCII)
_MAX_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Field:
    """One documented field.

    kind: "word" takes the words of `words` or a number; "int" and "number" their text as well;
    "binding" a name of three digits, also as a number; "any" is passed as it is, keys and all.
    words: what stands for which number, in lower case without separators.
    """

    name: str
    kind: Kind = "text"
    words: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Body:
    """What a route documents. many: a list of such objects. malformed: the terminal's own words for
    what is no JSON. inert: what is left out; anything else that is not documented is refused."""

    fields: tuple[Field, ...] = ()
    required: tuple[str, ...] = ()
    many: bool = False
    malformed: str = NOT_JSON
    inert: frozenset[str] = INERT
    known: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        known = {one.name.lower(): one for one in self.fields}
        object.__setattr__(self, "known", known)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What may be sent, and the inert fields that were left out, as they were spelled."""

    body: bytes
    dropped: tuple[str, ...] = ()


def rebuild(sent: bytes, shape: Body) -> Rebuilt:
    """The body to send for the body that came; an empty one stays empty, null stays null.

    BadParams: not JSON, a field that is not documented, one given twice, a value of another kind.
    """
    if not sent.strip():
        return Rebuilt(b"")
    value = _read(sent, shape.malformed)
    if value is None:
        return Rebuilt(b"null")
    rows = value if shape.many else [value]
    if not isinstance(rows, list) or not all(isinstance(row, _Pairs) for row in rows):
        raise BadParams(f"The body must be {'a list of objects' if shape.many else 'an object'}.")
    dropped: list[str] = []
    try:
        texts = [_object(row, shape, dropped) for row in rows]
    except RecursionError as error:  # What can still be read is not always to be written again.
        raise BadParams(shape.malformed) from error
    text = "[" + ",".join(texts) + "]" if shape.many else texts[0]
    return Rebuilt(text.encode("utf-8", "backslashreplace"), tuple(dict.fromkeys(dropped)))


class _Raw(str):
    """A number as it was written."""

    __slots__ = ()


class _Pairs(list[tuple[str, Any]]):
    """An object with every name that was sent, twice if it was."""


def _read(sent: bytes, malformed: str) -> Any:
    try:
        return _DECODER.decode(sent.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadParams(malformed) from error


def _object(pairs: _Pairs, shape: Body, dropped: list[str]) -> str:
    known = shape.known
    values: dict[str, str] = {}
    for name, value in pairs:
        documented = known.get(name.lower())
        if documented is None:
            if name.lower() not in shape.inert:
                raise unknown(name, [one.name for one in shape.fields])
            dropped.append(name)
            continue
        text = _value(documented, name, value)
        if values.setdefault(documented.name, text) != text:
            raise _twice(name)
    return "{" + ",".join(f'"{name}":{text}' for name, text in values.items()) + "}"


def _twice(name: str) -> BadParams:
    name = name[:64]
    return BadParams(f"Field '{name}' is given twice, with two values.", field=name)


def unknown(name: str, names: Iterable[str]) -> BadParams:
    """The refusal of a field: which, what is allowed instead, and what may have been meant."""
    known = {one.lower(): one for one in names}
    allowed, folded = sorted(known.values()), _folded(name[:64])
    near = SYNONYMS.get(folded)
    if near not in allowed:
        close = difflib.get_close_matches(name.lower()[:64], known, n=1)
        near = known[close[0]] if close else None
    hint = f" Did you mean '{near}'?" if near else ""
    if folded.startswith(("stoploss", "takeprofit")) and "side" in known:
        hint = " A stop-loss or take-profit is an order of its own, with 'type' 2 or 3."
    listed = f"Allowed: {', '.join(allowed)}." if allowed else "Nothing is allowed here."
    return BadParams(
        f"Unknown field '{name[:64]}' in request body: nothing was sent.{hint} {listed}",
        field=name[:64],
        allowed=", ".join(allowed),
        nearest=near,
    )


def _folded(text: str) -> str:
    """As a word is compared: `stop-loss`, `Stop Loss` and `stop_loss` are one."""
    return re.sub(r"[\s_-]", "", text).lower()


def _value(documented: Field, name: str, value: Any) -> str:
    """The value as JSON text; null is the same as not sent, and the terminal's own business."""
    if value is None:
        return "null"
    text = _READERS[documented.kind](documented, value)
    if text is None:
        raise BadParams(
            f"Field '{name[:64]}' must be {_expected(documented)}: nothing was sent.",
            field=documented.name,
        )
    return text


def _number(documented: Field, value: Any) -> str | None:
    """A number as it was written, also from text; digits are never changed, only ornaments."""
    if isinstance(value, bool) or not isinstance(value, str):
        return None
    if isinstance(value, _Raw):
        return str(value)
    match = _NUMBER.fullmatch(value.strip())
    if match is None or len(value) > _MAX_DIGITS:
        return None
    sign, whole, fraction, exponent = match.groups()
    if not (whole or fraction or "0" in value.lower().partition("e")[0]):
        return None
    point = f".{fraction}" if fraction else ""
    return f"{'-' if sign == '-' else ''}{whole or '0'}{point}{exponent or ''}"


def _int(documented: Field, value: Any) -> str | None:
    text = _number(documented, value)
    if text is None or "e" in text.lower():
        return None
    whole, _, fraction = text.partition(".")
    return whole if not fraction.strip("0") else None


def _word(documented: Field, value: Any) -> str | None:
    """A number; else one of the words; else, where no words are known, the text as it is."""
    if (number := _int(documented, value)) is not None:
        return number
    if not isinstance(value, str) or isinstance(value, _Raw):
        return None
    folded = _folded(value)
    if folded in documented.words:
        return str(documented.words[folded])
    return None if documented.words else encode_basestring(value)


def _bool(documented: Field, value: Any) -> str | None:
    folded = str(value).lower() if isinstance(value, str | bool) else ""
    return {"1": "true", "0": "false"}.get(folded, folded if folded in ("true", "false") else None)


def _text(documented: Field, value: Any) -> str | None:
    is_text = isinstance(value, str) and not isinstance(value, _Raw)
    return encode_basestring(value) if is_text else None


def _binding(documented: Field, value: Any) -> str | None:
    if isinstance(value, _Raw):
        return f'"{value:0>3}"' if value.isdecimal() else None
    return _text(documented, value)


def _texts(documented: Field, value: Any) -> str | None:
    if not isinstance(value, list) or isinstance(value, _Pairs):
        return None
    texts = [_text(documented, one) for one in value]
    return "[" + ",".join(text for text in texts if text) + "]" if all(texts) else None


def _any(documented: Field, value: Any) -> str | None:
    """Whatever it is: written out again, its own names and all. What we gave in both spellings of
    a name, see `relay.spelling`, comes back in both: it is one field, and is sent once."""
    if isinstance(value, _Pairs):
        inner: dict[str, tuple[str, str]] = {}
        for name, one in value:
            text = str(_any(documented, one))
            if inner.setdefault(camel(name), (name, text))[1] != text:
                raise _twice(name)
        told = (f"{encode_basestring(name)}:{text}" for name, text in inner.values())
        return "{" + ",".join(told) + "}"
    if isinstance(value, list):
        return "[" + ",".join(str(_any(documented, one)) for one in value) + "]"
    if isinstance(value, _Raw):
        return str(value)
    return encode_basestring(value) if isinstance(value, str) else json.dumps(value)


_READERS = {
    "int": _int, "number": _number, "bool": _bool, "text": _text, "texts": _texts, "word": _word,
    "binding": _binding, "any": _any,
}  # fmt: skip


def _expected(documented: Field) -> str:
    if documented.words:
        return " or ".join(f"{number} ({word})" for word, number in documented.words.items())
    return {
        "int": "a whole number",
        "number": "a number",
        "bool": "true or false",
        "texts": "a list of texts",
        "word": "a number or a name",
        "binding": 'a binding such as "001"',
    }.get(documented.kind, "text")


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"not JSON: {text}")


_DECODER = json.JSONDecoder(
    parse_int=_Raw,
    parse_float=_Raw,
    parse_constant=_no_number,
    object_pairs_hook=_Pairs,
)
