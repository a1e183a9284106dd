"""This file knows which exchange is meant: by number, by display name, by any of its aliases.

The table itself is `extension/exchanges.json`, read by both languages; this module is given its
content. Numbers and names: MetaScalp API, edition 3, 2026-08, "Exchanges" and "Market types".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from relay.errors import BadConfig

FUTURES = frozenset(range(1, 7))


@dataclass(frozen=True, slots=True)
class Exchanges:
    """The exchanges of the terminal under their canonical upper-case names.

    numbers: canonical name -> the terminal's numbers, the likeliest first (Bybit has two).
    names: any known spelling, folded -> canonical name.
    kinds: market number -> kind ("futures" for 1 to 6, "stock" for 9 …).
    """

    numbers: Mapping[str, tuple[int, ...]]
    names: Mapping[str, str]
    kinds: Mapping[int, str]

    def with_aliases(self, aliases: Mapping[str, str]) -> Exchanges:
        """The same, knowing the user's own names too; BadConfig for one that cannot be meant.

        A name that means something already stays what it is: a click never goes elsewhere.
        """
        names = dict(self.names)
        for alias, exchange in aliases.items():
            target, known = self.canonical(exchange), self.canonical(alias)
            about = {"setting": f"aliases.{alias}", "value": exchange}
            if target is None:
                text = f"aliases.{alias} is {exchange!r}; that is no exchange of the terminal"
                raise BadConfig(text, why="no-exchange", **about)
            if known not in (None, target):
                text = f"aliases.{alias}: the name already means {known}"
                raise BadConfig(text, why="alias-taken", **{**about, "value": known})
            names[_fold(alias)] = target
        return replace(self, names=names)

    def canonical(self, name: str) -> str | None:
        """The canonical name of an exchange in any spelling; None when nobody knows it."""
        return self.names.get(_fold(name))

    def named(self, number: int, display: str) -> str:
        """A connection's canonical exchange; its display name when the number is new."""
        for name, numbers in self.numbers.items():
            if number in numbers:
                return name
        return self.canonical(display) or display.upper()

    def kind(self, market_type: int) -> str:
        """What sort of market a number is; "other" for one that is newer than our table."""
        return self.kinds.get(market_type, "other")


def parse(data: Mapping[str, Any]) -> Exchanges:
    """The table in the content of exchanges.json."""
    numbers: dict[str, tuple[int, ...]] = {}
    names: dict[str, str] = {}
    for name, entry in data["exchanges"].items():
        numbers[name] = tuple(entry["numbers"])
        for spelling in (name, entry["name"], *entry.get("aliases", ())):
            names.setdefault(_fold(spelling), name)
    kinds = {number: kind for kind, listed in data["markets"].items() for number in listed}
    return Exchanges(numbers, names, kinds)


def _fold(name: str) -> str:
    return "".join(letter for letter in name.upper() if letter.isalnum())
