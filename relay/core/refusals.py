"""This file knows the outcomes of a click that failed, or of which less is known than was asked:
their codes, values and sentences."""

from __future__ import annotations

from dataclasses import replace

from relay.connection import Connection
from relay.errors import TerminalGone, TerminalRefused
from relay.find import Find
from relay.outcome import Candidate, Outcome, refused, refused_by_terminal
from relay.resolve import Resolution

_SENTENCES = {
    "no-connection": "MetaScalp has no connection for {exchange} {market}.",
    "not-connected": "The connection for {exchange} {market} is not connected.",
    "view-mode": "The connection for {exchange} {market} is in view mode, where tickers are fixed.",
    "no-ticker": "{ticker} is not listed on {exchange} {market}.",
    "unread": "MetaScalp does not tell now what is listed on {exchange} {market}.",
    "need-exchange": "{ticker} names no exchange, and nothing is connected.",
    "ambiguous": "{ticker} may mean several tickers there.",
}


def gone(error: TerminalGone, pattern: str | None = None) -> Outcome:
    """There is no terminal, or only one that is not ours."""
    return refused(error.code, error.text, params=error.params, pattern=pattern)


def not_there(find: Find, error: TerminalGone) -> Outcome:
    return gone(error, find.shown)


def not_found(find: Find, resolution: Resolution) -> Outcome:
    params = {
        "ticker": find.shown,
        "exchange": find.exchange or "",
        "market": find.market or "",
    }
    text = " ".join(_SENTENCES[resolution.code].format(**params).split())
    return refused(
        resolution.code,
        text.replace(" .", "."),
        params=params,
        alternatives=resolution.others,
        pattern=find.shown,
    )


def not_beside(find: Find, place: Connection) -> Outcome:
    params = {"ticker": find.shown, "connection": place.name}
    text = f"{find.shown} is not on {place.name}; one combo request opens on one connection."
    return refused("combo-elsewhere", text, params=params, pattern=find.shown)


def terminal_refused(
    error: TerminalRefused, find: Find, others: tuple[Candidate, ...], binding: str | None
) -> Outcome:
    """The terminal's words; a missing binding is the one refusal that has a code of its own."""
    outcome = refused_by_terminal(error.text, alternatives=others, pattern=find.shown)
    if not (binding and error.text.startswith("Binding ")):
        return outcome
    available = error.text.partition("Available: ")[2]
    params = {"binding": binding, "available": available}
    return replace(outcome, code="binding-not-found", params=params)


def one_of_accounts(outcome: Outcome, place: Connection, count: int) -> Outcome:
    """A switch that was done, on one of several accounts of a market: it is not known on which."""
    where = f"{place.exchange_name} {place.market}"
    return replace(
        outcome,
        state="dispatched",
        code="one-of-accounts",
        text=f"{outcome.symbol} on one of {count} accounts of {where}: look which in MetaScalp.",
        params={"exchange": where, "count": count},
        connection=None,
    )


def no_answer(best: Candidate, binding: str | None) -> Outcome:
    return Outcome(
        "unknown",
        "no-answer",
        f"{best.pattern} was sent; MetaScalp did not answer.",
        ticker=best.pattern,
        symbol=best.symbol,
        connection=best.connection,
        binding=binding,
        pattern=best.pattern,
    )
