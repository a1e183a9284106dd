"""What the activity remembers, and an export that no spreadsheet can be made to run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from relay.entries import COLUMNS, HEADING, Entry, csv_of, of_closed, of_command
from relay.rows import Order

ORDER = Order(
    connection=1, id="98765", ticker="BTCUSDT", side="buy", type="limit", price="65000",
    size="0.01", filled="0.01", filled_price="64999.5", status="closed",
    created="2026-11-20T10:00:00+00:00",
)  # fmt: skip


def test_a_click_is_told_with_what_was_really_opened():
    outcome = {"state": "done", "code": "switched", "ticker": "BINANCE:BTCUSDT.p", "ms": 12.5,
               "connection": {"name": "Binance Futures"}, "binding": None, "text": "…",
               "alternatives": [{}], "params": {}}  # fmt: skip
    params = {"find": {"pattern": "BINANCE:BTCUSDT.p", "via": "row"}, "at": 1}

    assert of_command("open", params, outcome, 5) == Entry(5, "open", {
        "ticker": "BINANCE:BTCUSDT.p", "connection": "Binance Futures", "via": "row",
        "state": "done", "code": "switched", "ms": 12.5, "text": "…",
    })  # fmt: skip


@pytest.mark.parametrize(
    ("params", "ticker"),
    [
        ({"find": {"pattern": None, "bare": "BTCUSDT"}}, "BTCUSDT"),
        ({"find": {"base": "BTC"}}, "BTC"),
        ({"find": 7}, None),
        ({"ticker": "ETHUSDT"}, "ETHUSDT"),
        ({"ticker": ["ETHUSDT"]}, None),
        ({"tickers": ["ETHUSDT", 5, "BTCUSDT"]}, "ETHUSDT, BTCUSDT"),
        ({"tickers": 5}, None),
    ],
)
def test_a_refused_click_is_told_with_what_was_asked(params, ticker):
    entry = of_command("open", params, {"state": "refused", "code": "stale"}, 5)

    assert entry.fields.get("ticker") == ticker


def test_what_is_asked_again_while_the_terminal_is_away_is_kept_once_in_ten_minutes():
    def asked(ticker: str, code: str, at: int) -> str | None:
        return of_command("open", {"ticker": ticker}, {"state": "refused", "code": code}, at).once

    first = asked("BTCUSDT", "terminal-not-found", 600_000)
    assert first == asked("BTCUSDT", "terminal-not-found", 603_000)
    assert first != asked("BTCUSDT", "terminal-not-found", 1_200_000)
    assert first != asked("ETHUSDT", "terminal-not-found", 603_000)
    assert first != asked("BTCUSDT", "not-connected", 603_000)
    assert asked("BTCUSDT", "no-ticker", 600_000) is None


@pytest.mark.parametrize(
    ("filled", "state"), [("0.01", "filled"), ("0.004", "part-filled"), ("0", "cancelled")]
)
def test_filled_and_cancelled_are_told_apart_by_size(filled, state):
    entry = of_closed(replace(ORDER, filled=filled), "Binance Futures", 5)

    assert (entry.kind, entry.fields["state"]) == ("closed", state)


def test_two_relays_tell_an_order_under_one_key():
    assert of_closed(ORDER, "Binance", 5).once == of_closed(ORDER, "Renamed", 9).once
    assert of_closed(ORDER, "Binance", 5).once != of_closed(replace(ORDER, id="1"), "x", 5).once


def test_no_text_is_endless():
    outcome = {"state": "refused", "code": "terminal-refused", "text": "x" * 10_000}

    assert len(of_command("open", {}, outcome, 5).fields["text"]) == 300


CELLS = [
    ('=HYPERLINK("//x")', '"\'=HYPERLINK(""//x"")"'),
    ("+1+1", "'+1+1"),
    ("-1+cmd", "'-1+cmd"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "'\t=1"),
    ("\r=1", '"\'\r=1"'),
    ("\uff1d1", "'\uff1d1"),
    ("-12.50", "-12.50"),
    ("0.000000000000000001", "0.000000000000000001"),
    ("a,b", '"a,b"'),
    ("two\nlines", '"two\nlines"'),
    ("龙虾USDT", "龙虾USDT"),
    (None, ""),
    (12.5, "12.5"),
]


@pytest.mark.parametrize(("value", "cell"), CELLS)
def test_a_cell_is_never_a_formula(value, cell):
    assert csv_of([{"text": value}]) == "," * (len(COLUMNS) - 1) + cell + "\r\n"


def test_the_heading_names_every_column():
    assert HEADING.strip().split(",") == list(COLUMNS)


def test_an_export_has_prices_and_no_sizes():
    entry = of_closed(replace(ORDER, size="7.391", filled="7.391"), "Binance Futures", 5)

    assert entry.fields["size"] == "7.391", "the panel shows it"
    assert "64999.5" in csv_of([entry.fields])
    assert "7.391" not in csv_of([entry.fields])


@pytest.mark.parametrize("code", ["terminal-refused", "no-answer"])
def test_numbers_in_an_exchanges_words_are_not_exported(code):
    told = {"code": code, "text": "Insufficient balance: 1 234,50 USDT, need 99.5."}

    assert '"Insufficient balance: # USDT, need #."' in csv_of([told])
    assert "123" in csv_of([{"code": "switched", "text": "123"}])
