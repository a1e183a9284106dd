"""The codes on the wire: a literal table, because a renamed code breaks who reads it."""

from __future__ import annotations

from relay import errors
from relay.errors import RelayError, TerminalRefused

CODES = {
    "RelayError": ("internal", 500),
    "BadFrame": ("bad-frame", 400),
    "BadRequest": ("bad-request", 400),
    "UnknownMethod": ("unknown-method", 404),
    "BadParams": ("bad-params", 400),
    "BadTicker": ("bad-ticker", 400),
    "BadConfig": ("bad-config", 400),
    "Stale": ("stale", 409),
    "Busy": ("busy", 503),
    "TooLarge": ("too-large", 507),
    "RelayBroken": ("relay-broken", 500),
    "ActivityUnread": ("activity-unread", 503),
    "TerminalGone": ("terminal-not-found", 503),
    "TerminalOther": ("terminal-other", 503),
    "TerminalSilent": ("no-answer", 504),
    "TerminalRefused": ("terminal-refused", 502),
}


def tree() -> dict[str, type[RelayError]]:
    found = [one for one in vars(errors).values() if isinstance(one, type)]
    return {one.__name__: one for one in found if issubclass(one, RelayError)}


def test_no_code_is_renamed() -> None:
    assert {name: (one.code, one.status) for name, one in tree().items()} == CODES


def test_no_code_is_used_twice() -> None:
    codes = [one.code for one in tree().values()]

    assert len(codes) == len(set(codes))


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    assert errors.__doc__ is not None
    assert all(name in errors.__doc__ for name in tree())


def test_an_error_holds_its_sentence_and_its_values() -> None:
    error = errors.BadParams("binding must be", field="binding")

    assert (str(error), error.text) == ("binding must be", "binding must be")
    assert error.params == {"field": "binding"}


def test_a_refusal_holds_the_terminals_own_words() -> None:
    error = TerminalRefused("Ticker 'X' not found on connection 1", 400)

    assert error.http_status == 400
    assert error.params == {"terminal": "Ticker 'X' not found on connection 1", "status": 400}
