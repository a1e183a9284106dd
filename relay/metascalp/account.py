"""This file knows the terminal's account data, by REST and by stream, and makes our rows of it.

Source: MetaScalp API, edition 3, 2026-08: R08 to R10 by REST, V07 to V09 by stream. REST writes
sides, types and states as numbers, the stream as names; both are read here in either form. Keys
arrive folded to lower case and decimals as Decimal (see `wire.decode`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from relay.rows import Balance, Order, Position

log = logging.getLogger(__name__)

_SIDES = ("none", "buy", "sell")
_TYPES = ("limit", "stop", "stop-loss", "take-profit", "market")
_STATES = ("new", "open", "closed")
_MARGIN_WORDS = {"0": "cross", "1": "isolated", "cross": "cross", "isolated": "isolated"}
#: Longer than any name, id or amount there is (the longest seen have 24, 20 and 20 characters,
#: 2026-05): whatever is longer is no such thing, and a row is never too big to be told.
MAX_NAME = 128
_MAX_DIGITS = 64
#: What a word that we do not know may look like: an enum's number or name.
_MAX_NEW = 9999
_NEW_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")


def _one_of(words: tuple[str, ...], *, or_new: bool = False) -> BeforeValidator:
    """A number or a name of an enum, in any case, as our word for it. or_new: one that a newer
    terminal has is taken as it is written."""
    spelled = {word.replace("-", ""): word for word in words}

    def read(value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(words):
            return words[value]
        if isinstance(value, str) and (word := spelled.get(value.lower())):
            return word
        if or_new and _is_new(value):
            return str(value)
        raise ValueError(f"expected one of {', '.join(words)}")

    return BeforeValidator(read)


def _is_new(value: Any) -> bool:
    """Whether it may be a number or a name of an enum that has grown."""
    if isinstance(value, int) and not isinstance(value, bool):
        return 0 <= value <= _MAX_NEW
    return isinstance(value, str) and _NEW_NAME.fullmatch(value) is not None


def _exact(value: Any) -> str:
    """An amount as it was written: no exponent, no float in between."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("expected a number")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ValueError("expected a number") from error
    if not number.is_finite() or abs(number.adjusted()) > 40:
        raise ValueError("expected a finite number")
    if len(number.as_tuple().digits) > _MAX_DIGITS:
        raise ValueError(f"expected at most {_MAX_DIGITS} digits")
    return format(number, "f")


def _or_nothing(value: Any) -> str:
    """An amount beside what matters: none is nothing."""
    return "0" if value is None else _exact(value)


def _whole(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("expected an id")
    return str(value)


def _short(value: Any) -> Any:
    """A text that is only shown: too much of it is cut, so that it never hides its row."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value or ""
    return text[:MAX_NAME] if isinstance(text, str) else text


Amount = Annotated[str, BeforeValidator(_exact)]
Beside = Annotated[str, BeforeValidator(_or_nothing)]
Id = Annotated[str, BeforeValidator(_whole), Field(min_length=1, max_length=MAX_NAME)]
#: Never empty: an empty ticker would stand for all of them.
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
Shown = Annotated[str, BeforeValidator(_short)]
Side = Annotated[str, _one_of(_SIDES)]
#: A mode that is new says nothing here, and hides no position.
Margin = Annotated[str | None, BeforeValidator(lambda value: _MARGIN_WORDS.get(str(value).lower()))]


class _Foreign(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Order(_Foreign):
    """One of the open orders, whatever its status is called. A type is only shown, and told to the
    terminal as it was told by it: a new one hides no order."""

    id: Id = Field(alias="id")
    ticker: Name
    side: Side
    type: Annotated[str, _one_of(_TYPES, or_new=True)]
    price: Beside = "0"
    size: Amount
    filledsize: Beside = "0"
    filledprice: Beside = "0"
    status: Annotated[str, _one_of(_STATES, or_new=True)]
    triggerprice: Amount | None = None
    clientid: Shown | None = None
    createdate: Shown = ""


class _OrderUpdate(_Order):
    """Of a status that is new nobody knows whether the order is open."""

    status: Annotated[str, _one_of(_STATES)]


class _Position(_Foreign):
    """side stands last: whether there must be one the others say."""

    id: Id
    ticker: Name
    size: Amount
    avgprice: Beside = "0"
    marginmode: Margin = None
    status: Annotated[str, _one_of(_STATES)] = "open"
    side: Side

    @field_validator("side")
    @classmethod
    def _is_long_or_short(cls, side: str, told: ValidationInfo) -> str:
        """None is a side of orders alone; only what is closed may be without."""
        if side == "none" and not _is_closed(told.data.get("status"), told.data.get("size", "1")):
            raise ValueError("expected buy or sell")
        return side


class _Balance(_Foreign):
    coin: Name
    total: Amount
    free: Beside = "0"
    locked: Beside = "0"


Model = TypeVar("Model", bound=_Foreign)
Made = TypeVar("Made")


class Rows(list[Made]):
    """What could be read of a reply. odd: how much could not, so that there is more than this."""

    odd = 0


def orders_in(reply: Any, connection: int) -> Rows[Order]:
    """The open orders of `GET …/orders`."""
    return _read(reply, "orders", _Order, lambda one: _order(connection, one))


def positions_in(reply: Any, connection: int) -> Rows[Position]:
    """The open positions of `GET …/positions`; a row without a size is a closed one."""
    read = _read(reply, "positions", _Position, lambda one: _position(connection, one))
    still_open = Rows(one for one in read if not one.closed)
    still_open.odd = read.odd
    return still_open


def balances_in(reply: Any, connection: int) -> Rows[Balance]:
    """The coins of `GET …/balance` or of a `balance_update`."""
    return _read(reply, "balances", _Balance, lambda one: _balance(connection, one))


def order_in(data: dict[str, Any]) -> Order | None:
    """The order of an `order_update`; None when it is not one, or when nobody knows whether it is
    still open."""
    renamed = {**data, "id": data.get("orderid"), "createdate": data.get("time") or ""}
    found = _one(renamed, _OrderUpdate)
    return _order(data["connectionid"], found) if found else None


def position_in(data: dict[str, Any]) -> Position | None:
    """The position of a `position_update`; None when it is not one."""
    found = _one({**data, "id": data.get("positionid")}, _Position)
    return _position(data["connectionid"], found) if found else None


def _order(connection: int, one: _Order) -> Order:
    return Order(
        connection=connection,
        id=one.id,
        ticker=one.ticker,
        side=one.side,
        type=one.type,
        price=one.price,
        size=one.size,
        filled=one.filledsize,
        filled_price=one.filledprice,
        status=one.status,
        created=one.createdate,
        trigger=one.triggerprice,
        client_id=one.clientid,
    )


def _position(connection: int, one: _Position) -> Position:
    return Position(
        connection=connection,
        id=one.id,
        ticker=one.ticker,
        side="short" if one.side == "sell" else "long",
        size=one.size,
        entry=one.avgprice,
        margin_mode=one.marginmode,
        closed=_is_closed(one.status, one.size),
    )


def _is_closed(status: str | None, size: str) -> bool:
    return status == "closed" or not Decimal(size)


def _balance(connection: int, one: _Balance) -> Balance:
    return Balance(connection, one.coin, one.total, one.free, one.locked)


def _read(reply: Any, name: str, model: type[Model], make: Callable[[Model], Made]) -> Rows[Made]:
    """A reply without a list is not one that says that there are none."""
    rows = reply.get(name) if isinstance(reply, dict) else None
    found = [_one(row, model) for row in rows] if isinstance(rows, list) else [None]
    made = Rows(make(one) for one in found if one is not None)
    made.odd = len(found) - len(made)
    return made


def _one(row: Any, model: type[Model]) -> Model | None:
    """A row, or None for one that cannot be read: one odd order must not hide the others."""
    try:
        return model.model_validate(row)
    except ValidationError as error:
        fields = ", ".join(sorted({str(one["loc"][0]) for one in error.errors() if one["loc"]}))
        log.warning("the terminal sent an unreadable %s: %s", model.__name__.strip("_"), fields)
        return None
