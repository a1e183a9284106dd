"""The client against a terminal that is not one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from server import Answer, Server, hang, json_answer, serving
from until import until

from relay.errors import TerminalRefused, TerminalSilent
from relay.exchanges import Exchanges
from relay.metascalp import account
from relay.metascalp.client import Client
from relay.metascalp.http import Http
from relay.metascalp.simulator import Simulator


@pytest.fixture
async def client(sim: Simulator, exchanges: Exchanges) -> AsyncIterator[Client]:
    async with Http("127.0.0.1", sim.port) as http:
        yield Client(http, exchanges)


@asynccontextmanager
async def answered(exchanges: Exchanges, answer: Answer) -> AsyncIterator[tuple[Client, Server]]:
    """A client of a terminal that gives one answer to everything."""
    async with serving(answer) as server, Http("127.0.0.1", server.port) as http:
        yield Client(http, exchanges), server


async def test_connections_are_read(client: Client) -> None:
    rows = {row.id: row for row in await client.connections()}

    assert len(rows) >= 11
    assert (rows[1].exchange, rows[1].kind, rows[1].state) == ("BINANCE", "futures", "connected")
    assert rows[6].view_mode
    assert rows[8].demo_mode
    assert (rows[10].exchange, rows[10].kind) == ("MOEX", "stock")
    assert rows[11].state == "disconnected"


async def test_ticker_lists_are_read_with_names_as_their_exchange_has_them(client: Client) -> None:
    names = {row.name for row in await client.tickers(4)}

    assert {"BTC_USDT", "GOLD(XAUT)_USDT", "TON_USDT"} <= names
    assert "BTC/USDT" in {row.name for row in await client.tickers(7)}


async def test_account_data_is_read(client: Client) -> None:
    orders = account.orders_in(await client.orders(1, "BTCUSDT"), 1)
    positions = account.positions_in(await client.positions(1), 1)
    balances = account.balances_in(await client.balance(1), 1)

    assert {order.type for order in orders} == {"limit", "take-profit", "stop-loss"}
    assert {position.side for position in positions} == {"long", "short"}
    assert "USDT" in {balance.coin for balance in balances}


async def test_a_ticker_with_a_slash_or_a_bracket_is_asked_for_whole(client: Client) -> None:
    slash = await client.orders(7, "BTC/USDT")
    bracket = account.orders_in(await client.orders(4, "GOLD(XAUT)_USDT"), 4)

    assert slash["ticker"] == "BTC/USDT"
    assert [order.ticker for order in bracket] == ["GOLD(XAUT)_USDT"]


async def test_the_terminal_is_switched_by_numbers_and_its_own_name(
    client: Client, sim: Simulator
) -> None:
    await client.change_ticker(8, 1, "GOLD(XAUT)_USDT", None, 1.0)
    await client.change_ticker(2, 2, "ETHUSDT", "001", 1.0)

    screen = sim.world.screen
    assert screen.active[4] == "GOLD(XAUT)_USDT"
    assert screen.bindings["001"][1] == "ETHUSDT"


async def test_one_combo_and_several(client: Client, sim: Simulator) -> None:
    await client.combo(["BTCUSDT"])
    await client.combo(["ETHUSDT", "SOLUSDT"])

    combos = [combo for combo in sim.world.screen.combos if combo["connectionId"] == 1]
    assert [combo["tickers"] for combo in combos] == [
        ["BTCUSDT"], ["ETHUSDT", "SOLUSDT"],
    ]  # fmt: skip


async def test_an_order_is_cancelled_by_its_id_and_all_of_them_are_counted(client: Client) -> None:
    (order,) = account.orders_in(await client.orders(4, "GOLD(XAUT)_USDT"), 4)
    assert int(order.id) > 2**53
    await client.cancel(4, order.ticker, int(order.id), 0)
    count = await client.cancel_all(1, "BTCUSDT")

    assert account.orders_in(await client.orders(4, "GOLD(XAUT)_USDT"), 4) == []
    assert count == 3


async def test_a_refusal_has_the_terminals_own_words(client: Client) -> None:
    with pytest.raises(TerminalRefused) as caught:
        await client.change_ticker(2, 2, "NOSUCH", None, 1.0)

    assert caught.value.http_status == 400
    assert caught.value.text == "Ticker 'NOSUCH' not found on connection 1"


async def test_a_build_that_cannot_say_what_it_shows_shows_nothing(client: Client) -> None:
    """`GET /api/ui/state` is of 2026-08; an older build answers 400 "Not found"."""
    assert isinstance(await client.screen_tickers(), set)


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (json_answer('{"error":"Not found"}', "400 Bad Request"), set()),
        (json_answer("{}", "404 Not Found"), set()),
        (
            json_answer('{"StandaloneCharts":[{"ConnectionId":1,"Ticker":"BTCUSDT"}]}'),
            {(1, "BTCUSDT")},
        ),
    ],
)
async def test_what_the_windows_show(
    exchanges: Exchanges, answer: bytes, shown: set[tuple[int, str]]
) -> None:
    async with answered(exchanges, answer) as (client, _):
        found = await client.screen_tickers()

    assert found == shown


async def test_any_other_refusal_of_the_windows_is_one(exchanges: Exchanges) -> None:
    answer = json_answer('{"error":"no"}', "400 Bad Request")
    async with answered(exchanges, answer) as (client, _):
        with pytest.raises(TerminalRefused):
            await client.screen_tickers()


@pytest.mark.parametrize(
    "answer",
    [
        json_answer('{"error":"boom"}', "500 Internal Server Error"),
        json_answer("<html>", "502 Bad Gateway"),
        json_answer("<html>"),
        json_answer(""),
        json_answer("[" * 100_000),
    ],
)
async def test_an_answer_that_says_nothing_leaves_the_result_unknown(
    exchanges: Exchanges, answer: bytes
) -> None:
    async with answered(exchanges, answer) as (client, server):
        with pytest.raises(TerminalSilent):
            await client.cancel(1, "BTCUSDT", 1, 0)

        assert len(server.requests) == 1


async def test_what_an_exchange_does_not_have_is_a_refusal(exchanges: Exchanges) -> None:
    text = "REST snapshot is not supported for this exchange"
    answer = json_answer(f'{{"error":"{text}"}}', "501 Not Implemented")
    async with answered(exchanges, answer) as (client, _):
        with pytest.raises(TerminalRefused, match=text):
            await client.positions(1)


async def test_a_switch_is_not_waited_for_longer_than_a_trader_would(
    exchanges: Exchanges,
) -> None:
    async with answered(exchanges, hang) as (client, _):
        with pytest.raises(TerminalSilent):
            await client.change_ticker(2, 2, "A", None, 0.05)


@pytest.mark.parametrize("body", ["{}", "[]", '{"cancelledCount":"5"}'])
async def test_a_count_that_is_not_told_is_none_cancelled(exchanges: Exchanges, body: str) -> None:
    async with answered(exchanges, json_answer(body)) as (client, _):
        count = await client.cancel_all(1, "A")

    assert count == 0


async def test_one_panel_is_pointed_and_levels_and_rows_are_placed(
    client: Client, sim: Simulator
) -> None:
    panels = await client.panels()
    assert panels
    await client.point(panels[0].id, 2, "SOLUSDT")
    await client.place_level(1, "BTCUSDT", Decimal("1.5"), "LessThanEqual")
    await client.notify({"EventType": "x"})

    level = next(iter(sim.world.desk.signals.values()))
    assert (level.price, level.rule) == (Decimal("1.5"), "LessThanEqual")
    document = sim.world.screen.layout.document(panels[0].id)
    assert document is not None
    await until(lambda: (document.connection, document.ticker) == (2, "SOLUSDT"))


async def test_the_question_for_bindings_moves_nothing(client: Client, sim: Simulator) -> None:
    before = (dict(sim.world.screen.active), sim.world.screen.active_connection)
    names = await client.binding_names()

    assert names == list(sim.world.screen.bindings)
    assert (sim.world.screen.active, sim.world.screen.active_connection) == before


async def test_a_terminal_that_takes_the_impossible_names_no_bindings(exchanges: Exchanges) -> None:
    async with answered(exchanges, json_answer('{"status":"ok"}')) as (client, _):
        assert await client.binding_names() is None


async def test_a_position_has_a_side_and_orders_a_number(client: Client, sim: Simulator) -> None:
    position = next(iter(sim.world.accounts[1].positions.values()))

    assert await client.position_side(1, position.ticker) in ("long", "short")
    assert await client.orders_count(1, position.ticker) >= 0
