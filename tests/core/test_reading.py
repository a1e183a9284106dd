"""Reading an account by REST into the mirror."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from server import json_answer, serving

from relay.core import reading
from relay.core.known import Known
from relay.core.reading import Reading
from relay.errors import RelayBroken, TerminalRefused, TerminalSilent
from relay.exchanges import Exchanges
from relay.metascalp.client import Client
from relay.metascalp.http import Http
from relay.metascalp.simulator import Simulator
from relay.orders import Mirror
from relay.rows import Change, Order


@dataclass
class Read:
    client: Client
    mirror: Mirror = field(default_factory=Mirror)
    known: Known = field(default_factory=lambda: Known(None))
    changes: list[Change] = field(default_factory=list)

    @property
    def reading(self) -> Reading:
        return Reading(self.client, self.mirror, self.known, self.changes.append)


@pytest.fixture
async def read(sim: Simulator, exchanges: Exchanges) -> AsyncIterator[Read]:
    async with Http("127.0.0.1", sim.port) as http:
        yield Read(Client(http, exchanges))


async def test_all_of_a_connection_is_read_and_then_trusted(read: Read) -> None:
    read.known.add(1, "SOLUSDT")
    await read.reading.all(1)

    assert {position.ticker for position in read.mirror.positions()} == {"BTCUSDT", "ETHUSDT"}
    assert {order.ticker for order in read.mirror.orders()} == {"BTCUSDT", "SOLUSDT"}
    assert "1:USDT" in read.mirror.rows["balances"]
    assert read.mirror.stale == set()


async def test_tickers_of_positions_become_known(read: Read) -> None:
    new = await read.reading.positions(1)

    assert set(new) == set(read.known.of(1)) == {"BTCUSDT", "ETHUSDT"}
    assert await read.reading.positions(1) == []


async def test_a_ticker_that_the_terminal_does_not_know_does_not_hide_the_others(
    read: Read,
) -> None:
    """Known tickers are kept between runs; exchanges delist some meanwhile."""
    read.known.add(1, "DELISTEDUSDT")
    await read.reading.all(1)

    assert read.mirror.stale == set()
    assert read.mirror.orders()


async def test_a_connection_that_cannot_be_read_stays_stale(read: Read) -> None:
    read.mirror.mark_stale([11])
    with pytest.raises(TerminalRefused, match="not active"):
        await read.reading.all(11)

    assert read.mirror.stale == {11}
    assert read.mirror.connections() == set()


async def test_only_a_ticker_that_the_terminal_does_not_know_has_no_orders(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = read.reading
    await reading.orders(1, "BTCUSDT")
    held = read.mirror.orders()

    async def orders(connection: int, ticker: str) -> None:
        raise TerminalRefused("Too many requests; retry later", 400)

    monkeypatch.setattr(read.client, "orders", orders)
    with pytest.raises(TerminalRefused, match="Too many"):
        await reading.orders(1, "BTCUSDT")

    assert held
    assert read.mirror.orders() == held


async def test_a_ticker_that_the_terminal_does_not_know_is_forgotten_unless_pinned(
    read: Read,
) -> None:
    read.known.add(1, "DELISTEDUSDT")
    read.known.add(1, "PINNEDUSDT", pinned=True)
    for ticker in ("DELISTEDUSDT", "PINNEDUSDT"):
        await read.reading.orders(1, ticker)

    assert read.known.of(1) == ["PINNEDUSDT"]


async def test_a_refused_ticker_keeps_no_other_from_being_read_but_all_from_being_trusted(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = read.client.orders

    async def orders(connection: int, ticker: str) -> Any:
        if ticker == "ETHUSDT":
            raise TerminalRefused("not today", 400)
        return await good(connection, ticker)

    monkeypatch.setattr(read.client, "orders", orders)
    read.mirror.mark_stale([1])
    read.known.add(1, "SOLUSDT")
    with pytest.raises(TerminalRefused, match="not today"):
        await read.reading.all(1)

    assert {order.ticker for order in read.mirror.orders()} == {"BTCUSDT", "SOLUSDT"}
    assert read.mirror.stale == {1}


async def test_what_is_open_is_read_though_its_ticker_is_not_known(read: Read) -> None:
    ghost = Order(1, "7", "XRPUSDT", "buy", "limit", "1", "1", "0", "0", "open", "")
    read.mirror.update_order(ghost)
    await read.reading.all(1)

    assert ghost not in read.mirror.orders()


async def test_what_the_windows_show_is_read_once_and_waited_for_by_all(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Any] = [TerminalSilent("no"), TerminalRefused("odd", 400), {(2, "LTCUSDT")}]
    asked, taught = list[int](), list[tuple[int, str]]()

    async def screen_tickers() -> Any:
        asked.append(1)
        await asyncio.sleep(0)
        if isinstance(answer := answers.pop(0), Exception):
            raise answer
        return answer

    monkeypatch.setattr(read.client, "screen_tickers", screen_tickers)
    reading = read.reading
    reading.taught = lambda connection, ticker: taught.append((connection, ticker))
    with pytest.raises(TerminalSilent):
        await reading.all(1)
    await reading.all(1)
    assert (len(asked), taught) == (2, [])

    await asyncio.gather(reading.all(2), reading.all(1), reading.refresh(3))
    assert (len(asked), taught) == (3, [(2, "LTCUSDT")])
    assert "LTCUSDT" in read.known.of(2)


async def test_a_refreshment_reads_some_of_the_known_and_the_next_the_next(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SLICE", 2)
    seen: list[str] = []

    async def orders(connection: int, ticker: str) -> Any:
        seen.append(ticker)
        return {"orders": []}

    monkeypatch.setattr(read.client, "orders", orders)
    for ticker in ("A", "B", "C"):
        read.known.add(4, ticker)
    one = read.reading
    for _ in range(3):
        await one.refresh(4)

    assert {"A", "B", "C"} <= set(seen)


async def test_an_empty_ticker_is_nothing_to_learn(read: Read) -> None:
    assert not read.reading.learn(1, "")
    assert len(read.known) == 0


async def test_a_silent_terminal_leaves_no_reading_open(exchanges: Exchanges) -> None:
    answer = json_answer("{}", "500 Internal Server Error")
    async with serving(answer) as server, Http("127.0.0.1", server.port) as http:
        read = Read(Client(http, exchanges))
        for ask in (read.reading.positions, read.reading.balances):
            with pytest.raises(TerminalSilent):
                await ask(1)
        with pytest.raises(TerminalSilent):
            await read.reading.orders(1, "BTCUSDT")

    assert read.mirror._open == []


@pytest.mark.parametrize("broken", [ImportError("no such file"), RuntimeError("damaged")])
async def test_a_package_that_cannot_be_loaded_is_named(
    monkeypatch: pytest.MonkeyPatch, broken: Exception
) -> None:
    def fail(name: str) -> None:
        raise broken

    monkeypatch.delitem(sys.modules, "relay.metascalp.account", raising=False)
    monkeypatch.setattr(reading.importlib, "import_module", fail)
    with pytest.raises(RelayBroken, match=str(broken)):
        await reading.import_account()


async def test_an_order_of_a_type_that_is_new_is_told_and_makes_nothing_stale(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = Client.orders

    async def newer(self: Client, connection: int, ticker: str) -> Any:
        reply = await orders(self, connection, ticker)
        return {"orders": [row | {"type": 9, "status": 7} for row in reply["orders"]]}

    monkeypatch.setattr(Client, "orders", newer)
    read.mirror.mark_stale([1])
    await read.reading.all(1)

    assert {row.type for row in read.mirror.orders()} == {"9"}
    assert read.mirror.stale == set()


async def test_an_order_that_cannot_be_read_is_not_taken_for_gone(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is held stays, what could be read is told, and the connection is not called true."""
    reading, mirror = read.reading, read.mirror
    mirror.mark_stale([1])
    await reading.all(1)
    held = {row.id for row in mirror.orders() if row.ticker == "BTCUSDT"}
    assert held
    assert mirror.stale == set()
    orders = Client.orders

    async def odd(self: Client, connection: int, ticker: str) -> Any:
        reply = await orders(self, connection, ticker)
        for row in reply["orders"][:1]:
            row["side"] = "Hold"
        return reply

    monkeypatch.setattr(Client, "orders", odd)
    mirror.mark_stale([1])
    with pytest.raises(TerminalRefused, match="1 of the orders cannot be read"):
        await reading.all(1)

    assert {row.id for row in mirror.orders() if row.ticker == "BTCUSDT"} == held
    assert mirror.stale == {1}


@pytest.mark.parametrize(
    ("ticker", "text", "kept"),
    [
        ("BTCUSDT", "Ticker 'BTCUSDT' not found on connection 1", True),
        ("GONEUSDT", "no such instrument", False),
    ],
)
async def test_what_a_refused_ticker_has_is_decided_by_the_list_and_not_by_words(
    read: Read, monkeypatch: pytest.MonkeyPatch, ticker: str, text: str, kept: bool
) -> None:
    """The reference gives no text of such a refusal, and a terminal that has just started may say
    it of a ticker that it has."""
    reading = read.reading
    await reading.orders(1, "BTCUSDT")
    held = read.mirror.orders()
    read.known.add(1, ticker)

    async def orders(connection: int, ticker: str) -> None:
        raise TerminalRefused(text, 400)

    monkeypatch.setattr(read.client, "orders", orders)
    if kept:
        with pytest.raises(TerminalRefused, match="not found"):
            await reading.orders(1, ticker)
    else:
        await reading.orders(1, ticker)

    assert held
    assert read.mirror.orders() == held
    assert (ticker in read.known.of(1)) == kept


@pytest.mark.parametrize("refuses", [False, True])
async def test_a_list_that_is_empty_or_refused_proves_nothing(
    read: Read, monkeypatch: pytest.MonkeyPatch, refuses: bool
) -> None:
    read.known.add(1, "GONEUSDT")

    async def tickers(connection: int) -> list[Any]:
        if refuses:
            raise TerminalRefused("not loaded yet", 400)
        return []

    monkeypatch.setattr(read.client, "tickers", tickers)
    with pytest.raises(TerminalRefused, match="GONEUSDT"):
        await read.reading.orders(1, "GONEUSDT")

    assert read.known.of(1) == ["GONEUSDT"]


@pytest.mark.parametrize("has_positions", [False, True])
async def test_refused_positions_keep_nothing_else_from_being_read(
    read: Read, monkeypatch: pytest.MonkeyPatch, has_positions: bool
) -> None:
    """The documents speak of positions of futures and margin; a spot connection may refuse."""

    async def positions(connection: int) -> None:
        raise TerminalRefused("no positions here", 400)

    monkeypatch.setattr(read.client, "positions", positions)
    reading = read.reading
    reading.has_positions = lambda connection: has_positions
    read.known.add(1, "BTCUSDT")
    read.mirror.mark_stale([1])
    if has_positions:
        with pytest.raises(TerminalRefused, match="no positions here"):
            await reading.all(1)
    else:
        await reading.all(1)

    assert read.mirror.orders()
    assert "1:USDT" in read.mirror.rows["balances"]
    assert read.mirror.stale == ({1} if has_positions else set())
