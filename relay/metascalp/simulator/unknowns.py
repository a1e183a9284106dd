"""This file knows what the documents leave open, a row a question, and how each can be answered.

The numbers are those of our reference of the terminal's API (editions 1 to 3, 2026-03 to 2026-08).
What the simulator does by default is the neutral choice; a switch makes it another kind of
terminal. Where nobody can know what that would be like, it is one that a client must bear.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """One open question. default: what the simulator does. switches: name to what it does when it
    is set, or when it is set to false where it is set by default."""

    number: int
    question: str
    default: str
    switches: dict[str, str]


OURS = {"other_words": "every sentence of our own invention is another one"}

UNKNOWNS = (
    Unknown(1, "OPTIONS beyond the allowed origin", "204 with methods and headers",
            {"cors_preflight": "false: neither"}),
    Unknown(2, "charset, Server header, keep-alive", "charset=utf-8, none, connections stay open",
            {"charset": "false: application/json alone",
             "server_header": "Microsoft-HTTPAPI/2.0, that of .NET's own listener",
             "keep_alive": "false: the connection ends with every answer"}),
    Unknown(3, "bodies of another content type", "read as JSON",
            {"json_type_only": "a body that is not application/json is a 400"}),
    Unknown(4, "Host and Origin", "not looked at",
            {"refuse_foreign": "another Host, or any Origin, is a 400; sockets too"}),
    Unknown(5, "order of checks", "path, connection, body",
            {"body_first": "a bad body is told before a bad connection"}),
    Unknown(6, "{exchange}, {market}, {list} in texts", "names; 001, 002",
            {"number_texts": "numbers; 001,002 without a space"}),
    Unknown(7, "both forms of change-ticker at once", "the pattern wins",
            {"fields_win": "exchange, market and ticker win"}),
    Unknown(8, "texts of a refused combo", "'ticker' is required; Rejected tickers: a, b", OURS),
    Unknown(9, "where a combo opens", "on the active connection",
            {"combo_everywhere": "on every connection that has the ticker"}),
    Unknown(10, "active windows", "one for each connection",
            {"one_window": "one in all"}),
    Unknown(11, "orders: missing numbers, unknown tickers, view mode", "a missing number is 0",
            {"missing_is_refused": "a missing number is a missing field", **OURS}),
    Unknown(12, "numbers as text, names instead of numbers", "taken",
            {"lenient_numbers": "false: the body is malformed"}),
    Unknown(13, "first build that refuses unknown fields", "edition 3, not edition 2",
            {"strict_bodies": "refused; false: ignored"}),
    Unknown(14, "text of a wrong link group", "Invalid link group ID", OURS),
    Unknown(15, "texts of 409, only tab, main window; outcome", "a word",
            {"numeric_outcome": "outcome is a number", **OURS}),
    Unknown(16, "wording of the supported window types", "Supported: a, b", OURS),
    Unknown(17, "deleting a level that is not there", "404",
            {"quiet_deletes": "ok"}),
    Unknown(18, "a wrong TimeFrame", "400", OURS),
    Unknown(19, "an empty cluster column", "an empty list",
            {"empty_items": "false: no list"}),
    Unknown(20, "working volumes and trade window in settings", "taken, not shown",
            {"working_volumes": "shown too"}),
    Unknown(21, "settings: other enumerations, wrong types", "the documented pattern", OURS),
    Unknown(22, "types inside templates and rows; numbers of names", "opaque; 0, 1, 2; names",
            {"numeric_columns": "type, timeFrame and metric of a column are numbers",
             "looks_from_one": "line style, alignment and text style count from 1",
             "broker_numbers": "MetaBroker's names may be sent as their places in the lists"}),
    Unknown(23, "builds of what the interactive page alone has", "there in edition 3",
            {"extras": "false: not there"}),
    Unknown(24, "liquidations without a login", "no login needed",
            {"liquidations_login": "the subscription is refused"}),
    Unknown(25, "frames without Type or Data, letter case, unknown fields",
            "Invalid message format; unknown type; ignored",
            {"any_case_types": "Subscribe is subscribe",
             "optional_data": "no Data is empty Data",
             "strict_data": "an unknown field of Data is an error"}),
    Unknown(26, "a subscription without connectionId", "Connection 0 not found or not active",
            OURS),
    Unknown(27, "market data of an unknown ticker", "the ack, then silence",
            {"unknown_ticker_error": "an error, no ack"}),
    Unknown(28, "depth out of range", "an error with the texts of REST",
            {"ignore_bad_depth": "as if it had not been sent"}),
    Unknown(29, "a book subscribed to again", "another snapshot",
            {"one_snapshot": "the ack alone"}),
    Unknown(30, "subscriptions of a connection that is lost", "gone without a word",
            {"keep_subscriptions": "they go on when it is back"}),
    Unknown(31, "sockets: errors, frame limit, pings", "stays open; none; none",
            {"close_on_error": "closed with 1008 after an error",
             "small_frames": "a frame over 64 KiB closes it with 1009",
             "server_pings": "a ping every second, closed without a pong"}),
    Unknown(32, "order_update before or after the reply", "both, by the seed",
            {"updates_first": "the update is always first",
             "replies_first": "the reply is always first"}),
    Unknown(33, "coins of balance_update", "all",
            {"changed_balances": "those that changed"}),
    Unknown(34, "order ids where an exchange has texts", "numbers, above 2**53 on some connections",
            {"text_order_ids": "Bybit's are texts, as the exchange has them; cancelled by them"}),
    Unknown(35, "names with separators", "compared without them",
            {"normalised_names": "false: only the request is respelled"}),
    Unknown(36, "patterns: no exchange, .P, BYBIT and GATE", "any; taken; taken",
            {"exchange_needed": "no exchange is no pattern",
             "upper_suffix": "false: .P is no pattern",
             "aliases": "false: only names of the enumeration"}),
    Unknown(37, "states that count as active", "connected",
            {"reconnecting_is_active": "reconnecting too"}),
    Unknown(38, "zone of annotation times", "as sent",
            {"bare_times": "the zone is cut off"}),
    Unknown(39, "empty cells of injected notifications", "null",
            {"blank_cells": "empty texts"}),
    Unknown(40, "how times are written", "+00:00, a fraction only when there is one",
            {"zulu_times": "Z, always three places"}),
    Unknown(41, "two terminals at once", "the second takes the next port",
            {"first_port_only": "it does not: only 17845 is tried"}),
    Unknown(42, "every port taken; when it listens", "it says so and ends; at once",
            {"any_port": "it takes a port outside the range",
             "late_port": "two seconds after its start"}),
    Unknown(43, "limits of bodies and of requests at once", "16 MiB; none",
            {"one_at_a_time": "requests wait for one another",
             "small_bodies": "a body over 64 KiB is malformed"}),
    Unknown(44, "history, candles, own trades", "Not found",
            {"history_routes": "history, trades, candles and pnl of a connection: empty lists"}),
    Unknown(45, "Moscow: symbols, lots, quotes", "whole lots, in roubles",
            {"moscow_boards": "SBER_TQBR, in SUR, sizes in shares by tens"}),
)  # fmt: skip

DATED = {
    "application_stops": "stop losses and take profits wait in the terminal, not at the exchange",
    "enriched": "false: edition 1 before 2026-03-24, with fewer fields and no cancel-all",
    "book_settings": "false: an edition 2 without order-book settings (2026-04-16)",
    "mark_prices": "false: one without mark prices, funding, depth of books (2026-05-07)",
    "rest_books": "false: one without orderbook-snapshot and fetchSnapshot (2026-05-19)",
    "trigger_prices": "false: one in which the price of a stop is the order's (2026-05-19)",
    "combo_handler": "false: Combo handler not registered, which edition 1 names",
}
"""Switches for what the documents do say: of some settings, days or moments. Build 1.0.671 was seen
on 2026-05-13; which parts of edition 2 it had nobody wrote down."""


def listed() -> Iterator[str]:
    """Every question with its switches, as lines for a person."""
    for one in UNKNOWNS:
        yield f"#{one.number} {one.question}: {one.default}"
        for name, does in one.switches.items():
            yield f"    {name}  {does}"
    yield "What the documents do say, of some settings, days or moments"
    for name, does in DATED.items():
        yield f"    {name}  {does}"
