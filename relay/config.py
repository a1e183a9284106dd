"""This file knows the user's settings: their names, their defaults, what is wrong with a file.

The file is TOML, in the platform's config folder. A file that cannot be meant is refused whole,
with the setting and the value in the sentence; whoever reads it keeps the last good one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from relay.errors import BadConfig
from relay.find import MARKETS
from relay.resolve import Preferences
from relay.spelling import AsIs

#: What a screen may change: the order of choice and the names, never what protects the trader
#: (`orders`) or where commands go (`terminal`).
PREFERENCES = ("exchanges", "markets", "aliases")
MAX_NAMES = 100
MAX_NAME = 20


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting, with its default.

    orders: "view" or "cancel". terminal: "127.0.0.1:PORT", or None to look for it.
    exchanges, markets: the order of preference for finds that leave them open.
    aliases: how pages call an exchange, upper case, to its name.
    """

    orders: str = "cancel"
    exchanges: tuple[str, ...] = Preferences().exchanges
    markets: tuple[str, ...] = Preferences().markets
    terminal: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "orders": self.orders,
            "exchanges": list(self.exchanges),
            "markets": list(self.markets),
            "terminal": self.terminal,
            "aliases": AsIs(self.aliases),
        }


def parse(text: str) -> Config:
    """The settings in a TOML text; BadConfig names the first one that cannot be meant."""
    import tomllib  # Only here: without a settings file a click need not wait for it.

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"not TOML: {error}", why="not-toml", value=str(error)) from error
    known = {setting.name for setting in fields(Config)}
    for name in data:
        if name not in known:
            text = f"unknown setting {name!r}; known are {', '.join(sorted(known))}"
            raise BadConfig(text, why="unknown-setting", setting=name)
    return Config(
        orders=_choice(data, "orders", ("view", "cancel")),
        exchanges=_exchanges(data),
        markets=_markets(data),
        terminal=_loopback(data.get("terminal")),
        aliases=_aliases(data.get("aliases", {})),
    )


def preferences_in(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The preferences somebody wants, as they are to be written; None is "as it was by itself".

    BadConfig names what is no preference, or cannot be meant.
    """
    for name in changes:
        if name not in PREFERENCES:
            text = f"{name} cannot be set from here; what can: {', '.join(PREFERENCES)}"
            raise BadConfig(text, why="not-a-preference", setting=name)
    readers = {"exchanges": _exchanges, "markets": _markets}
    wanted: dict[str, Any] = {}
    for name, value in changes.items():
        if value is None:
            wanted[name] = None
        elif name == "aliases":
            wanted[name] = dict(_aliases(value))
        else:
            wanted[name] = list(readers[name]({name: value}))
    return wanted


def changed(old: Config, new: Config) -> frozenset[str]:
    """The names of the settings that differ."""
    return frozenset(
        setting.name
        for setting in fields(Config)
        if getattr(old, setting.name) != getattr(new, setting.name)
    )


def address(text: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:17845"; only this machine is ever meant."""
    host, _, port = text.rpartition(":")
    is_port = re.fullmatch(r"[0-9]{1,5}", port) is not None and 0 < int(port) < 65536
    if host not in ("127.0.0.1", "localhost") or not is_port:
        raise _wrong("terminal", text, "address", "127.0.0.1:PORT")
    return "127.0.0.1", int(port)


def _choice(data: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = data.get(name, getattr(Config(), name))
    if value not in allowed:
        raise _wrong(name, value, "choice", f"one of {', '.join(allowed)}")
    return str(value)


def _exchanges(data: Mapping[str, Any]) -> tuple[str, ...]:
    names = _names(data, "exchanges")
    for name in names:
        if not _is_name(name):
            raise _wrong("exchanges", name, "exchange-name", "a name of an exchange")
    return tuple(dict.fromkeys(name.upper() for name in names))


def _markets(data: Mapping[str, Any]) -> tuple[str, ...]:
    names = [name.lower() for name in _names(data, "markets")]
    for name in names:
        if name not in MARKETS:
            raise _wrong("markets", name, "market", f"some of {', '.join(sorted(MARKETS))}")
    return tuple(dict.fromkeys(names))


def _names(data: Mapping[str, Any], name: str) -> list[str]:
    value = data.get(name, getattr(Config(), name))
    fits = isinstance(value, list | tuple) and len(value) <= MAX_NAMES
    if not fits or not all(isinstance(one, str) for one in value):
        raise _wrong(name, value, "names", "a list of names")
    return list(value)


def _aliases(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping) or len(value) > MAX_NAMES:
        raise _wrong("aliases", value, "aliases", "a table of names, each with an exchange")
    found = {}
    for alias, exchange in value.items():
        if not isinstance(alias, str) or not _is_name(alias):
            raise _wrong("aliases", alias, "alias-name", "letters, digits, dots")
        if not isinstance(exchange, str) or not _is_name(exchange):
            raise _wrong(f"aliases.{alias}", exchange, "exchange-name", "a name of an exchange")
        found[alias.upper()] = exchange.upper()
    return found


def _is_name(text: str) -> bool:
    letters = text.isascii() and all(letter.isalnum() or letter in "._-" for letter in text)
    return 0 < len(text) <= MAX_NAME and letters and any(letter.isalnum() for letter in text)


def _loopback(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong("terminal", value, "address", "127.0.0.1:PORT")
    host, port = address(value)
    return f"{host}:{port}"


def _wrong(setting: str, value: object, why: str, expected: str) -> BadConfig:
    """why: for who makes a sentence of its own in another language."""
    text = f"{setting} is {value!r}; expected {expected}"
    return BadConfig(text, why=why, setting=setting, value=repr(value)[:60])
