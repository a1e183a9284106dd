"""This file knows the user's settings: their names, their defaults, what is wrong with a file.

The file is TOML, in the platform's config folder. A file that cannot be meant is refused whole,
with the setting and the value in the sentence; whoever reads it keeps the last good one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from relay.errors import BadConfig
from relay.resolve import Preferences


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting, with its default.

    orders: "view" or "cancel". terminal: "127.0.0.1:PORT", or None to look for it.
    exchanges, markets: the order of preference for finds that leave them open.
    """

    orders: str = "cancel"
    exchanges: tuple[str, ...] = Preferences().exchanges
    markets: tuple[str, ...] = Preferences().markets
    terminal: str | None = None

    @property
    def preferences(self) -> Preferences:
        return Preferences(self.exchanges, self.markets)

    def as_json(self) -> dict[str, Any]:
        return {
            "orders": self.orders,
            "exchanges": list(self.exchanges),
            "markets": list(self.markets),
            "terminal": self.terminal,
        }


def parse(text: str) -> Config:
    """The settings in a TOML text; BadConfig names the first one that cannot be meant."""
    import tomllib  # Only here: without a settings file a click need not wait for it.

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"not TOML: {error}") from error
    known = {field.name for field in fields(Config)}
    for name in data:
        if name not in known:
            raise BadConfig(f"unknown setting {name!r}; known are {', '.join(sorted(known))}")
    return Config(
        orders=_choice(data, "orders", ("view", "cancel")),
        exchanges=_names(data, "exchanges"),
        markets=_names(data, "markets"),
        terminal=_loopback(data.get("terminal")),
    )


def changed(old: Config, new: Config) -> frozenset[str]:
    """The names of the settings that differ."""
    return frozenset(
        field.name
        for field in fields(Config)
        if getattr(old, field.name) != getattr(new, field.name)
    )


def address(text: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:17845"; only this machine is ever meant."""
    host, _, port = text.rpartition(":")
    if host not in ("127.0.0.1", "localhost") or not port.isdecimal() or not 0 < int(port) < 65536:
        raise BadConfig(f"terminal is {text!r}; expected 127.0.0.1:PORT")
    return "127.0.0.1", int(port)


def _choice(data: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = data.get(name, getattr(Config(), name))
    if value not in allowed:
        raise BadConfig(f"{name} is {value!r}; expected one of {', '.join(allowed)}")
    return str(value)


def _names(data: dict[str, Any], name: str) -> tuple[str, ...]:
    value = data.get(name, getattr(Config(), name))
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise BadConfig(f"{name} is {value!r}; expected a list of names")
    case = str.upper if name == "exchanges" else str.lower
    return tuple(case(one) for one in value)


def _loopback(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadConfig(f"terminal is {value!r}; expected 127.0.0.1:PORT")
    host, port = address(value)
    return f"{host}:{port}"
