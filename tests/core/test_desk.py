"""Alerts, rows of the feed, suggestions, locks and holdings, on a terminal that is not one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from server import free_port, hang, json_answer, serving

from relay.actions import Alert, Lock, Notice
from relay.config import Config
from relay.core.known import Known
from relay.core.relay import Relay
from relay.errors import BadParams, Stale, TerminalGone
from relay.exchanges import Exchanges
from relay.find import from_pattern
from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.book import ASK
from relay.metascalp.simulator.layout import Document
from relay.metascalp.socket import Stream, connect

PING = json_answer('{"app":"MetaScalp","version":"1"}')
ONE = json_answer(
    '{"connections":[{"Id":1,"Name":"B","Exchange":"Binance","ExchangeId":2,"MarketType":2,'
    '"State":2}]}'
)
LIST = json_answer('{"tickers":[{"Name":"BTCUSDT","BaseAsset":"BTC","QuoteAsset":"USDT"}]}')
NO_BOOK = json_answer(
    '{"error":"No market data for \'BTCUSDT\'. Subscribe to order book data for this ticker'
    ' first."}',
    "400 Bad Request",
)


def relay_at(port: int, exchanges: Exchanges) -> Relay:
    return Relay(Config(terminal=f"127.0.0.1:{port}"), exchanges, Known(None))


def alert(text: str, price: str, exchanges: Exchanges) -> Alert:
    return Alert(from_pattern(text, exchanges), Decimal(price))


async def test_an_alert_is_placed_where_the_ticker_is(sim: Simulator, exchanges: Exchanges) -> None:
    async with relay_at(sim.port, exchanges) as relay:
        outcome = await relay.desk.alert(
            alert("BINANCE:BTCUSDT.p", "12345.678901234567", exchanges)
        )

    (level,) = sim.world.desk.signals.values()
    assert (outcome.state, outcome.code) == ("done", "alert-set")
    assert outcome.params["price"] == "12345.678901234567"
    assert (level.connection, level.ticker) == (1, "BTCUSDT")
    assert level.price == Decimal("12345.678901234567"), "no digit is lost on the way"


@pytest.mark.parametrize("profile", ["v1.0.2860", "doc-edition-2"])
@pytest.mark.parametrize("pattern", ["BYBIT:SOLUSDT.p", "BINANCE:SOLUSDT.p"])
async def test_without_a_book_on_the_screen_the_stream_decides_the_direction(
    exchanges: Exchanges, profile: str, pattern: str
) -> None:
    """Bybit has no books by REST; edition 2 has no rule, but asks whether somebody reads a book."""
    async with (
        Simulator(port=0, rate=0.0, profile=profile) as sim,
        relay_at(sim.port, exchanges) as relay,
    ):
        found = (await relay.resolve(from_pattern(pattern, exchanges))).best
        assert found is not None
        key = (found.connection.id, found.symbol)
        market: Any = sim.world.market(key)
        ask = market.book.marker(ASK)["price"]
        assert not sim.world.sees_book(key)
        below = await relay.desk.alert(alert(pattern, f"{ask}", exchanges))
        above = await relay.desk.alert(alert(pattern, f"{ask + 1}", exchanges))
        levels = [(one.price, one.rule) for one in sim.world.desk.signals.values()]

    assert [one.code for one in (below, above)] == ["alert-set"] * 2
    assert levels == [(ask, "LessThanEqual"), (ask + 1, "GreaterThanEqual")]
    assert [below.params["rule"], above.params["rule"]] == ["LessThanEqual", "GreaterThanEqual"]


MISSING = json_answer('{"error":"Not found"}', "400 Bad Request")
REFUSED = json_answer('{"error":"Price must be greater than zero"}', "400 Bad Request")


@pytest.mark.parametrize(
    ("answers", "state", "code"),
    [
        ([MISSING], "refused", "not-in-build"),
        ([REFUSED], "refused", "terminal-refused"),
        ([NO_BOOK, REFUSED], "refused", "price-unknown"),
        ([NO_BOOK, None], "refused", "price-unknown"),
        ([NO_BOOK, hang], "refused", "price-unknown"),
        ([hang], "unknown", "no-answer"),
    ],
)
async def test_an_alert_that_was_not_placed_is_not_said_to_be(
    exchanges: Exchanges,
    monkeypatch: pytest.MonkeyPatch,
    answers: list[Any],
    state: str,
    code: str,
) -> None:
    monkeypatch.setattr("relay.metascalp.client.READ_S", 0.2)
    monkeypatch.setattr("relay.core.desk.BOOK_S", 0.2)
    async with (
        serving(PING, ONE, LIST, *answers) as server,
        relay_at(server.port, exchanges) as relay,
    ):
        outcome = await relay.desk.alert(alert("BINANCE:BTCUSDT.p", "1", exchanges))

    assert (outcome.state, outcome.code) == (state, code)
    assert outcome.pattern == "BINANCE:BTCUSDT.p"


async def test_an_alert_whose_book_tells_no_price_is_refused(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.core.desk.BOOK_S", 0.5)
    sim.world.troubles["no-snapshot"] = 0
    async with relay_at(sim.port, exchanges) as relay:
        outcome = await relay.desk.alert(alert("BYBIT:SOLUSDT.p", "1", exchanges))

    assert (outcome.state, outcome.code, outcome.symbol) == ("refused", "price-unknown", "SOLUSDT")
    assert sim.world.desk.signals == {}


async def test_an_alert_whose_book_came_too_late_is_not_placed(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    too_late = time.time() + 0.5

    @asynccontextmanager
    async def connect_late(url: str) -> AsyncIterator[Stream]:
        async with connect(url) as stream:
            await asyncio.sleep(too_late - time.time() + 0.01)
            yield stream

    monkeypatch.setattr("relay.core.desk.connect", connect_late)
    async with relay_at(sim.port, exchanges) as relay:
        with pytest.raises(Stale):
            await relay.desk.alert(alert("BYBIT:SOLUSDT.p", "1", exchanges), too_late * 1000)

    assert sim.world.desk.signals == {}


async def test_a_ticker_that_is_nowhere_has_no_alert(sim: Simulator, exchanges: Exchanges) -> None:
    async with relay_at(sim.port, exchanges) as relay:
        outcome = await relay.desk.alert(alert("BINANCE:NOSUCH.p", "1", exchanges))

    assert (outcome.state, outcome.code) == ("refused", "no-ticker")
    assert sim.world.desk.signals == {}


async def test_without_a_terminal_an_alert_says_so(exchanges: Exchanges) -> None:
    async with relay_at(free_port(), exchanges) as relay:
        outcome = await relay.desk.alert(alert("BINANCE:BTCUSDT.p", "1", exchanges))

    assert (outcome.state, outcome.code) == ("refused", "terminal-not-found")


async def test_a_row_of_the_feed_has_ticker_connection_and_price(
    sim: Simulator, exchanges: Exchanges
) -> None:
    find = from_pattern("MEXC:BTCUSDT.p", exchanges)
    async with relay_at(sim.port, exchanges) as relay:
        outcome = await relay.desk.notify(Notice(find, "From a page", Decimal("64250.5")))
        bare = await relay.desk.notify(Notice(find, "Без цены"))

    assert (outcome.state, outcome.code) == ("done", "notified")
    assert bare.state == "done"
    rows: list[Any] = list(sim.record.rows())
    bodies = [row["body"] for row in rows if row["path"] == "/api/notifications"]
    assert bodies[0] == {
        "ConnectionId": 4, "Ticker": "BTC_USDT", "EventType": "From a page", "Price": 64250.5,
    }  # fmt: skip
    assert "Price" not in bodies[1]


async def test_an_older_build_has_no_feed_to_write_to(exchanges: Exchanges) -> None:
    async with (
        Simulator(rate=0, profile="v1.0.671") as sim,
        relay_at(sim.port, exchanges) as relay,
    ):
        find = from_pattern("BINANCE:BTCUSDT.p", exchanges)
        outcome = await relay.desk.notify(Notice(find, "x"))

    assert (outcome.state, outcome.code) == ("refused", "not-in-build")


async def test_letters_find_tickers_that_can_be_opened(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with relay_at(sim.port, exchanges) as relay:
        told = await relay.desk.suggest("btc", 5)
        nothing = await relay.desk.suggest("", 5)

    assert told["rows"][0]["pattern"] == "BINANCE:BTCUSDT.p"
    assert told["whole"]
    assert len(told["rows"]) == 5
    assert all(row["why"] is None for row in told["rows"])
    assert nothing["rows"] == []


async def test_lists_that_hang_do_not_keep_whoever_types_waiting(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.core.desk.LISTS_S", 0.05)
    async with serving(PING, ONE, hang) as server, relay_at(server.port, exchanges) as relay:
        told = await relay.desk.suggest("btc", 5)

    assert told == {"rows": [], "whole": False}


async def test_a_holding_says_which_way_and_how_many_and_no_size(
    sim: Simulator, exchanges: Exchanges
) -> None:
    account = sim.world.accounts[1]
    ticker = next(one.ticker for one in account.positions.values())
    async with relay_at(sim.port, exchanges) as relay:
        held = await relay.desk.holding(from_pattern(f"BINANCE:{ticker}.p", exchanges))
        nowhere = await relay.desk.holding(from_pattern("BINANCE:NOSUCH.p", exchanges))

    assert held["position"] in ("long", "short")
    assert isinstance(held["orders"], int)
    assert set(held) == {"ticker", "connection", "position", "orders"}
    assert nowhere == {"ticker": None, "connection": None, "position": None, "orders": 0}


async def test_a_panel_on_the_screen_is_locked_and_let_go(
    sim: Simulator, exchanges: Exchanges
) -> None:
    panel: Document = next(sim.world.screen.layout.documents())
    async with relay_at(sim.port, exchanges) as relay:
        locked = await relay.desk.lock(Lock(panel.external_id, on=True))
        told = (await relay.desk.bindings())["bindings"][0]["panels"][0]
        free = await relay.desk.lock(Lock(panel.external_id, on=False))
        with pytest.raises(BadParams):
            await relay.desk.lock(Lock("0" * 36, on=True))

    assert locked == {"locked": [panel.external_id]}
    assert told["locked"]
    assert free == {"locked": []}


async def test_without_a_terminal_nothing_is_told_of_its_screen(exchanges: Exchanges) -> None:
    async with relay_at(free_port(), exchanges) as relay:
        with pytest.raises(TerminalGone):
            await relay.desk.bindings()
