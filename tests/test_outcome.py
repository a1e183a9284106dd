"""Outcomes as every door writes them."""

from __future__ import annotations

import json

from relay.connection import Connection
from relay.outcome import Candidate, Outcome, refused, refused_by_terminal

PLACE = Connection(4, "MEXC Futures", "MEXC", "Mexc", 8, "Futures", 1, "futures", "connected")
CANDIDATE = Candidate(PLACE, "BTC_USDT", "MEXC:BTC_USDT.p", "other-exchange")


def test_a_candidate_says_where_and_what_stands_against_it() -> None:
    assert CANDIDATE.as_json() == {
        "connectionId": 4, "connection": "MEXC Futures", "exchange": "MEXC", "market": "futures",
        "symbol": "BTC_USDT", "pattern": "MEXC:BTC_USDT.p", "why": "other-exchange",
    }  # fmt: skip


def test_an_outcome_has_every_field_of_the_contract() -> None:
    told = refused("no-ticker", "not there", alternatives=(CANDIDATE,), pattern="A").as_json()

    assert set(told) == {
        "state", "code", "text", "params", "ticker", "symbol", "connection", "binding", "ms",
        "checkedMs", "panels", "alternatives", "pattern",
    }  # fmt: skip
    assert (told["state"], told["alternatives"][0]["why"]) == ("refused", "other-exchange")
    assert json.loads(json.dumps(told)) == told


def test_a_count_is_told_only_where_there_is_one() -> None:
    done = Outcome("done", "cancelled-all", "ok", connection=PLACE, count=0)

    assert done.as_json()["count"] == 0
    assert done.as_json()["connection"]["name"] == "MEXC Futures"
    assert "count" not in Outcome("done", "switched", "ok").as_json()


def test_the_time_is_in_tenths_of_a_millisecond() -> None:
    assert Outcome("done", "switched", "ok").took(0.0123456).ms == 12.3


def test_a_refusal_by_the_terminal_keeps_its_words_and_what_else_is_told() -> None:
    plain = refused_by_terminal("No such thing")
    told = refused_by_terminal("No such thing", pattern="BINANCE:BTCUSDT.p")

    assert (plain.state, plain.code) == ("refused", "terminal-refused")
    assert plain.text == "MetaScalp refused: No such thing"
    assert plain.params == told.params == {"text": "No such thing"}
    assert told.pattern == "BINANCE:BTCUSDT.p"
