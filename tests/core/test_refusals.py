"""What is said of a click that failed, made from what is known of it."""

from __future__ import annotations

from relay.connection import Connection
from relay.core.refusals import no_answer, not_beside, not_found, not_there, terminal_refused
from relay.errors import TerminalGone, TerminalOther, TerminalRefused
from relay.find import Find
from relay.outcome import Candidate
from relay.resolve import Resolution

PLACE = Connection(1, "Binance", "BINANCE", "Binance", 2, "Futures", 2, "futures", "connected")
FIND = Find("BINANCE", "futures", bare="BTCUSDT", pattern="BINANCE:BTCUSDT.p")
HERE = Candidate(PLACE, "BTCUSDT", "BINANCE:BTCUSDT.p")


def test_a_refusal_names_the_ticker_and_offers_what_exists() -> None:
    outcome = not_found(FIND, Resolution(None, "view-mode", (HERE,)))

    assert outcome.text == (
        "The connection for BINANCE futures is in view mode, where tickers are fixed."
    )
    assert (outcome.pattern, outcome.alternatives) == ("BINANCE:BTCUSDT.p", (HERE,))


def test_a_sentence_without_exchange_and_market_has_no_holes() -> None:
    outcome = not_found(Find(base="BTC"), Resolution(None, "no-ticker"))

    assert outcome.text == "BTC is not listed on."
    assert outcome.params == {"ticker": "BTC", "exchange": "", "market": ""}


def test_what_was_sent_and_not_answered_is_unknown_and_the_rest_is_refused() -> None:
    silent = no_answer(HERE, "001")
    gone = not_there(FIND, TerminalGone("gone"))
    other = not_there(FIND, TerminalOther("gone", address="127.0.0.1:17846"))

    assert (silent.state, silent.binding, silent.symbol) == ("unknown", "001", "BTCUSDT")
    assert (gone.state, gone.code) == ("refused", "terminal-not-found")
    assert (other.code, other.params) == ("terminal-other", {"address": "127.0.0.1:17846"})
    assert not_beside(FIND, PLACE).code == "combo-elsewhere"


def test_a_missing_binding_has_a_code_of_its_own() -> None:
    error = TerminalRefused("Binding '009' not found. Available: 001", 400)
    named = terminal_refused(error, FIND, (), "009")
    other = terminal_refused(error, FIND, (), None)

    assert (named.code, named.params["available"]) == ("binding-not-found", "001")
    assert other.code == "terminal-refused"
