"""This file knows which builds of the terminal the simulator can be.

A profile is one row of switches. Where the document is silent, the default is the neutral choice;
MetaScalp API, edition 3, 2026-08.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """One build of the terminal.

    strict_bodies: an unknown property in a body is a 400, nothing is executed.
    lenient_numbers: numbers as strings and names of enumerations are taken.
    normalised_names: a symbol may differ from the terminal's name by separators on either side.
    combo_everywhere: a combo opens on every connection that has the ticker, not on the active one.
    active_states: the connection states that count as active.
    cors_preflight: OPTIONS names the methods and headers allowed, not the origin alone.
    """

    name: str
    version: str
    strict_bodies: bool = True
    lenient_numbers: bool = True
    normalised_names: bool = True
    combo_everywhere: bool = False
    active_states: frozenset[int] = frozenset({2})
    cors_preflight: bool = True


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("v1.0.2860", "1.0.2860"),
        Profile("v1.0.671", "1.0.671", strict_bodies=False),
    )
}
