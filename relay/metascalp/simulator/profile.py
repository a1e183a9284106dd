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
    captured, "camel" and "pascal" are what editions 1 and 2 say. active_states: the connection
    states that count as active. Every flag is a switch; unknowns.py says what each one does.
    """

    name: str
    version: str
    edition: int = 3
    casing: str = "mixed"
    active_states: frozenset[int] = frozenset({2})
    # HTTP
    cors_preflight: bool = True
    charset: bool = True
    server_header: bool = False
    keep_alive: bool = True
    json_type_only: bool = False
    refuse_foreign: bool = False
    one_at_a_time: bool = False
    small_bodies: bool = False
    first_port_only: bool = False
    any_port: bool = False
    late_port: bool = False
    # bodies and texts
    strict_bodies: bool = True
    lenient_numbers: bool = True
    body_first: bool = False
    missing_is_refused: bool = False
    other_words: bool = False
    number_texts: bool = False
    numeric_outcome: bool = False
    numeric_columns: bool = False
    looks_from_one: bool = False
    text_order_ids: bool = False
    zulu_times: bool = False
    # tickers and combos
    normalised_names: bool = True
    fields_win: bool = False
    upper_suffix: bool = True
    aliases: bool = True
    exchange_needed: bool = False
    combo_everywhere: bool = False
    combo_handler: bool = True
    one_window: bool = False
    # what is shown
    application_stops: bool = False
    enriched: bool = True
    book_settings: bool = True
    mark_prices: bool = True
    rest_books: bool = True
    trigger_prices: bool = True
    history_routes: bool = False
    moscow_boards: bool = False
    extras: bool = True
    quiet_deletes: bool = False
    empty_items: bool = True
    working_volumes: bool = False
    bare_times: bool = False
    blank_cells: bool = False
    # WebSocket
    any_case_types: bool = False
    optional_data: bool = False
    strict_data: bool = False
    unknown_ticker_error: bool = False
    ignore_bad_depth: bool = False
    one_snapshot: bool = False
    keep_subscriptions: bool = False
    close_on_error: bool = False
    small_frames: bool = False
    server_pings: bool = False
    liquidations_login: bool = False
    changed_balances: bool = False
    broker_numbers: bool = False
    updates_first: bool = False
    replies_first: bool = False

    def has(self, since: str) -> bool:
        """True when a route or message of that edition is there: "1L", "1S", "1E" (2026-03-24,
        the last of edition 1), "2", "3", "3P" (the interactive page alone). "2 settings",
        "2 prices" and "2 books" came into edition 2 on days of their own; "?" is in no document."""
        if since == "?":
            return self.history_routes
        if since == "1E":
            return self.edition > 1 or self.enriched
        parts = {"2 settings": self.book_settings, "2 prices": self.mark_prices,
                 "2 books": self.rest_books}  # fmt: skip
        if self.edition == 2 and not parts.get(since, True):
            return False
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


SWITCHES = tuple(field.name for field in fields(Profile) if isinstance(field.default, bool))
RECONNECTING = "reconnecting_is_active"
"""A switch of another kind: the states that count as active are 2 and 3."""


def switched(profile: Profile, settings: Iterable[str]) -> Profile:
    """The profile with some of its switches set, each NAME, NAME=true or NAME=false.

    Raises ValueError when there is no such switch.
    """
    for text in settings:
        name, sign, value = text.replace("-", "_").partition("=")
        if name == RECONNECTING:
            states = {2, 3} if value != "false" else {2}
            profile = replace(profile, active_states=frozenset(states))
        elif name in SWITCHES and value in ("true", "false", "") and bool(value) == bool(sign):
            switch: dict[str, Any] = {name: value != "false"}
            profile = replace(profile, **switch)
        else:
            known = ", ".join(sorted({*SWITCHES, RECONNECTING}))
            raise ValueError(f"no such switch: {text!r}; there are {known}")
    return profile
