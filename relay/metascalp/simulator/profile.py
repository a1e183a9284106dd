"""This file knows which builds of the terminal the simulator can be.

A profile is one row of switches. Where the document is silent, the default is the neutral choice;
MetaScalp API, edition 3, 2026-08.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Profile:
    """One build of the terminal.

    edition: of the document it follows, 1 to 3. casing: of the keys it writes; "mixed" is what was
    captured, "camel" and "pascal" are what editions 1 and 2 say.
    strict_bodies: an unknown property in a body is a 400, nothing is executed.
    lenient_numbers: numbers as strings and names of enumerations are taken.
    normalised_names: a symbol may differ from the terminal's name by separators on either side.
    combo_everywhere: a combo opens on every connection that has the ticker, not on the active one.
    one_window: there is one active window, not one per connection.
    active_states: the connection states that count as active.
    cors_preflight: OPTIONS names the methods and headers allowed, not the origin alone.
    extras: what only the interactive page of 2026-08 documents: screener stream, more keys in
    ui/state, the windowType query, H4 clusters.
    quiet_deletes: deleting an unknown level is ok, not a 404.
    empty_items: an empty cluster column has an empty list, not no list.
    working_volumes: order-book settings show the working volumes and the trade window too.
    unknown_ticker_error: a market subscription to an unknown ticker is an error, not silence.
    """

    name: str
    version: str
    edition: int = 3
    casing: str = "mixed"
    strict_bodies: bool = True
    lenient_numbers: bool = True
    normalised_names: bool = True
    combo_everywhere: bool = False
    one_window: bool = False
    active_states: frozenset[int] = frozenset({2})
    cors_preflight: bool = True
    extras: bool = True
    quiet_deletes: bool = False
    empty_items: bool = True
    working_volumes: bool = False
    unknown_ticker_error: bool = False

    def has(self, since: str) -> bool:
        """True when a route or message of that edition ("1L", "1S", "2", "3", "3P") is there."""
        return int(since[0]) <= self.edition and (since != "3P" or self.extras)


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("v1.0.2860", "1.0.2860"),
        Profile("v1.0.671", "1.0.671", edition=2, strict_bodies=False),
        Profile("doc-edition-1", "0.0.9", edition=1, casing="camel", strict_bodies=False),
        Profile("doc-edition-2", "0.0.9", edition=2, casing="pascal", strict_bodies=False),
    )
}


def switched(profile: Profile, settings: Iterable[str]) -> Profile:
    """The profile with some of its switches set, each NAME, NAME=true or NAME=false.

    Raises ValueError when there is no such switch.
    """
    names = {field.name for field in fields(Profile) if isinstance(field.default, bool)}
    for text in settings:
        name, sign, value = text.replace("-", "_").partition("=")
        if name == "reconnecting_is_active":
            states = {2, 3} if value != "false" else {2}
            profile = replace(profile, active_states=frozenset(states))
        elif name in names and value in ("true", "false", "") and bool(value) == bool(sign):
            switch: dict[str, Any] = {name: value != "false"}
            profile = replace(profile, **switch)
        else:
            known = ", ".join(sorted({*names, "reconnecting_is_active"}))
            raise ValueError(f"no such switch: {text!r}; there are {known}")
    return profile
