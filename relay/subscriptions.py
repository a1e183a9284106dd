"""This file knows what can be subscribed to on the terminal's socket, and who a message is for.

A row a family of messages: what a subscription names, what may vary, what follows, and what a
reader that cannot keep up may miss. Source: MetaScalp API, edition 3, 2026-08, "WebSocket"; the
screener only on its interactive page. Keys are matched in any letter case, types are not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, NamedTuple, NoReturn

from relay.errors import BadFrame

#: What a reader behind may miss. book: all, it gets a new snapshot. last: all but the newest.
#: drop: all, and it is counted. keep: nothing.
Missable = Literal["book", "last", "drop", "keep"]


@dataclass(frozen=True, slots=True)
class Family:
    """name: NAME_subscribe and so on; "" for the account. names: the fields that say of what.
    first: what follows every acknowledgement. varies: other fields make another stream of it.
    updates: what follows, and what of it may be missed.
    """

    name: str
    names: tuple[str, ...]
    updates: Mapping[str, Missable]
    first: str = ""
    varies: bool = False

    def type(self, verb: str) -> str:
        return f"{self.name}_{verb}" if self.name else verb


_PLACE = ("connectionid", "ticker")
_SIGNALS = ("placed", "updated", "triggered", "removed")

FAMILIES = (
    Family("", ("connectionid",), dict.fromkeys(
        ("order_update", "position_update", "balance_update", "finres_update"), "keep")),
    Family("trade", _PLACE, {"trade_update": "drop"}, varies=True),
    Family("orderbook", _PLACE, {"orderbook_update": "book"}, "orderbook_snapshot", varies=True),
    Family("mark_price", _PLACE, {"mark_price_update": "last"}),
    Family("index_price", _PLACE, {"index_price_update": "last"}),
    Family("funding", _PLACE, {"funding_update": "last"}),
    Family("annotation", _PLACE, {}, "annotations_snapshot"),
    Family("notification", (), {"notification_update": "keep"}, "notification_snapshot"),
    Family("signal_level", (), dict.fromkeys(
        (*(f"signal_level_{verb}" for verb in _SIGNALS), "signal_levels_removed_all",
         "signal_levels_removed_triggered"), "keep"), "signal_levels_snapshot"),
    Family("user_level", (), dict.fromkeys(
        ("user_level_placed", "user_level_updated", "user_level_removed",
         "user_levels_removed_all"), "keep"), "user_levels_snapshot"),
    Family("ui", (), {"ui_update": "keep"}, "ui_snapshot"),
    Family("density_map", (), {"density_map_update": "drop"}, "density_map_snapshot", varies=True),
    Family("large_trades", (), {"large_trades_update": "drop"}, varies=True),
    Family("liquidations", (), {"liquidations_update": "drop", "liquidations_metadata": "last"},
           "liquidations_snapshot", varies=True),
    Family("screener", ("templateid",), {"screener_frame": "last"}, "screener_frame"),
)  # fmt: skip

ACCOUNT = FAMILIES[0]
BOOK = FAMILIES[2]

_ASKED = {family.type(verb): (family, verb) for family in FAMILIES
          for verb in ("subscribe", "unsubscribe")}  # fmt: skip
_ACKS = {family.type(verb): (family, verb) for family in FAMILIES
         for verb in ("subscribed", "unsubscribed")}  # fmt: skip
_TOLD = {kind: family for family in FAMILIES for kind in (*family.updates, family.first) if kind}

#: Ours: whoever says this is told what it missed (`relay_status`); see README.
STATUS_VERBS = {f"relay_status_{verb}": verb for verb in ("subscribe", "unsubscribe")}

#: A longer message is not kept, so that it could be said again: it goes its own way.
MAX_SHARED = 16 * 1024

NOT_A_MESSAGE = "Invalid message format"
#: What a reader is told whose token does not let it say what no document has.
NEEDS_TRADE = "This message is not documented: it needs a token with the scope trade"
"""The terminal's own words for what is not JSON (MetaScalp API, edition 1, 2026-03)."""


class Slot(NamedTuple):
    """What one socket can be subscribed to once. number: a connection, or a screener's template."""

    family: str
    number: int = 0
    ticker: str = ""


NOTHING = Slot("")


@dataclass(frozen=True, slots=True)
class Wish:
    """A message of a reader. verb: "subscribe", "unsubscribe", either with "status " before it,
    or "other" for what is not ours to understand. params: what must be equal to be shared.
    data: as it was sent. upper: the envelope is spelled `Type`, not `type`. reads: it can be no
    more than a subscription; a message with two types may be anything.
    """

    verb: str
    upper: bool
    slot: Slot = NOTHING
    family: Family = ACCOUNT
    params: tuple[tuple[str, str], ...] = ()
    data: str = "{}"
    reads: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the terminal. verb: "subscribed", "unsubscribed", "error", or "told"."""

    verb: str
    kind: str
    slot: Slot
    text: str = ""


def read(text: str | bytes) -> Wish:
    """What a reader says. BadFrame when it is no message at all."""
    message = _object(text)
    kind = next((value for key, value in message.items() if key.lower() == "type"), None)
    if not isinstance(kind, str):
        raise BadFrame(NOT_A_MESSAGE)
    upper = "Type" in message
    if sum(key.lower() == "type" for key in message) > 1:
        return Wish("other", upper, reads=False)  # The terminal may take the other one.
    if kind in STATUS_VERBS:
        return Wish(f"status {STATUS_VERBS[kind]}", upper)
    data = next((value for key, value in message.items() if key.lower() == "data"), None)
    if kind in _ASKED and isinstance(data, dict) and len(text) <= MAX_SHARED:
        family, verb = _ASKED[kind]
        fields = {key.lower(): value for key, value in data.items() if value is not None}
        slot = _slot(family, fields)
        if slot is not None and (verb == "unsubscribe" or _meant(family, fields)):
            params = _params(family, fields) if verb == "subscribe" else ()
            return Wish(verb, upper, slot, family, params, _json(data))
    return Wish("other", upper, reads=kind.endswith("subscribe"))


#: How every build captured so far begins a message; anything else is read as JSON.
_BEGINS = re.compile(
    rb'\{"[Tt]ype":"([a-z_]+)","[Dd]ata":\{"[Cc]onnectionId":(\d{1,18})[,}]'
    rb'(?:"[Tt]icker":"([^"\\]*)"[,}])?'
)
_HEAD = re.compile(
    rb'\{"[Tt]ype":"[a-z_]+_update","[Dd]ata":\{"[Cc]onnectionId":\d{1,18},"[Tt]icker":"[^"\\]+'
)


def head_of(raw: bytes) -> bytes:
    """The start of a message, as far as it says who it is for; a key when `is_head` says so."""
    return raw[: raw.find(b'"', raw.find(b'icker":"', 0, 160) + 8)]


def is_head(head: bytes) -> bool:
    """True when every message that begins so is of the same kind, connection and ticker."""
    return _HEAD.fullmatch(head) is not None


def hear(raw: bytes) -> Said | None:
    """What the terminal says; None for what is not a message for anybody here."""
    begins = _BEGINS.match(raw)
    if begins is not None:
        kind, number, ticker = begins.groups(b"")
        said = _said(kind.decode(), {"connectionid": int(number), "ticker": ticker.decode()})
        if said is not None:
            return said
    try:
        message = {key.lower(): value for key, value in _object(raw).items()}
    except BadFrame:
        return None
    kind_, data = message.get("type"), message.get("data")
    if not isinstance(kind_, str) or not isinstance(data, dict):
        return None
    return _said(kind_, {key.lower(): value for key, value in data.items()})


def _said(kind: str, fields: Mapping[str, Any]) -> Said | None:
    if kind == "error":
        return Said("error", kind, NOTHING, str(fields.get("error", "")))
    family, verb = _ACKS.get(kind, (_TOLD.get(kind), "told"))
    if family is None:
        return None
    slot = _slot(family, fields)
    return None if slot is None else Said(verb, kind, slot)


def _slot(family: Family, fields: Mapping[str, Any]) -> Slot | None:
    """What a subscription or a message is about; None when it does not say."""
    number, ticker = 0, ""
    for name in family.names:
        value = fields.get(name)
        if name == "ticker":
            if not isinstance(value, str) or not value:
                return None
            ticker = value
        else:
            value = int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value
            if not isinstance(value, int) or isinstance(value, bool):
                return None
            number = value
    return Slot(family.name, number, ticker)


_DIGITS = re.compile(r"\d{1,18}", re.ASCII)


def _meant(family: Family, fields: Mapping[str, Any]) -> bool:
    """False for values the terminal would refuse, or might understand in its own way."""
    if family.names != _PLACE:
        return True
    zoom, depth = fields.get("zoomindex", 0), fields.get("depthlevels", 1)
    percent, fetch = fields.get("depthpercent", 1), fields.get("fetchsnapshot", True)
    return (
        type(zoom) is int
        and zoom >= 0
        and type(depth) is int
        and depth >= 1
        and type(percent) in (int, Decimal)
        and percent > 0
        and type(fetch) is bool
    )


def _params(family: Family, fields: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What a subscription asks for beside its names; what is the default anyway is left out."""
    if not family.varies:
        return ()
    pairs = [
        (name, _json(value, in_order=True))
        for name, value in fields.items()
        if name not in family.names
    ]
    usual = (("zoomindex", "0"), ("fetchsnapshot", "true")) if family.names else ()
    return tuple(sorted(pair for pair in pairs if pair not in usual))


def _json(value: Any, *, in_order: bool = False) -> str:
    """JSON text with every number as it was written."""
    if isinstance(value, dict):
        names = sorted(value) if in_order else list(value)
        pairs = [f"{json.dumps(name)}:{_json(value[name], in_order=in_order)}" for name in names]
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_json(one, in_order=in_order) for one in value) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        message = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise BadFrame(NOT_A_MESSAGE) from error
    if not isinstance(message, dict):
        raise BadFrame(NOT_A_MESSAGE)
    return message


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")
