"""The feed: what happens at the terminal reaches a reader, and a gap is said to be one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest
from server import free_port
from until import until

from relay.actions import Pin
from relay.config import Config
from relay.core import feed as feeds
from relay.core.known import Known
from relay.core.relay import Relay
from relay.exchanges import Exchanges
from relay.metascalp.client import Client
from relay.metascalp.simulator import Simulator


class Panel:
    """What a side panel would show."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, dict[str, Any]]] = {}
        self.stale: list[int] = []
        self.status: dict[str, Any] = {}
        self.events = 0
        self.told_stale: set[int] = set()

    async def send(self, topic: str, data: dict[str, Any]) -> None:
        if topic == "status":
            self.status = data
            return
        self.events += 1
        if data["reset"]:
            self.rows = {"orders": {}, "positions": {}, "balances": {}}
        for kind, held in self.rows.items():
            for key in data["drop"][kind]:
                held.pop(key, None)
            held |= {row["key"]: row for row in data["put"][kind]}
        self.stale = data["stale"]
        self.told_stale |= set(self.stale)

    def orders(self, connection: int) -> list[dict[str, Any]]:
        rows = self.rows.get("orders", {}).values()
        return [row for row in rows if row["connection"] == connection]

    def has(self, connection: int, **fields: Any) -> Callable[[], list[dict[str, Any]]]:
        return lambda: [
            row for row in self.orders(connection) if all(row[k] == v for k, v in fields.items())
        ]


@asynccontextmanager
async def watched(
    port: int, exchanges: Exchanges, known: Known | None = None
) -> AsyncIterator[tuple[Relay, Panel]]:
    panel = Panel()
    config = Config(terminal=f"127.0.0.1:{port}")
    async with Relay(config, exchanges, known or Known(None)) as relay:
        reader = relay.reader(panel.send)
        relay.subscribe(reader, {"status", "account"})
        yield relay, panel
        relay.leave(reader)


async def steer(sim: Simulator, what: str, **body: Any) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{sim.url}/sim/{what}", json=body) as answer,
    ):
        data: dict[str, Any] = await answer.json()
        assert answer.status == 200, data
        return data


def settled(panel: Panel) -> Callable[[], bool]:
    return lambda: bool(panel.rows) and panel.stale == [] and bool(panel.rows["balances"])


async def place(sim: Simulator, connection: int, ticker: str, price: str, **more: Any) -> str:
    body = {"side": "Buy", "type": "Limit", "size": "0.01"} | more
    answer = await steer(
        sim, "order", connectionId=connection, ticker=ticker, price=float(price), **body
    )
    return str(answer["orderId"])


async def test_all_there_is_arrives_and_is_trusted(sim: Simulator, exchanges: Exchanges) -> None:
    async with watched(sim.port, exchanges) as (_, panel):
        await until(settled(panel))

        assert {row["type"] for row in panel.orders(1)} >= {"limit", "stop-loss", "take-profit"}
        assert panel.rows["positions"]
        assert {row["connection"] for row in panel.rows["balances"].values()} >= {1, 2, 3, 4, 6}


@pytest.mark.parametrize(
    ("connection", "ticker", "price"),
    [(1, "BTCUSDT", "60000"), (4, "BTC_USDT", "60000"), (9, "ETHUSDT", "3000")],
)
async def test_an_order_placed_at_the_terminal_reaches_the_panel_and_leaves_it(
    sim: Simulator, exchanges: Exchanges, connection: int, ticker: str, price: str
) -> None:
    async with watched(sim.port, exchanges) as (relay, panel):
        await until(settled(panel))
        number = await place(sim, connection, ticker, price)
        (row,) = await until(panel.has(connection, id=number))

        assert (row["ticker"], row["side"], row["type"]) == (ticker, "buy", "limit")
        assert isinstance(row["id"], str)
        assert float(row["price"]) == float(price)

        client = await relay.link.reach()
        await client.cancel(connection, ticker, int(number), 0)
        await until(lambda: not panel.has(connection, id=number)())


async def test_an_id_of_64_bits_arrives_whole(sim: Simulator, exchanges: Exchanges) -> None:
    """2**53 is where a number of JavaScript ends."""
    async with watched(sim.port, exchanges) as (_, panel):
        await until(settled(panel))
        number = await place(sim, 4, "BTC_USDT", "60000")
        await until(panel.has(4, id=number))

        assert int(number) > 2**53
        assert str(float(number)) != number


async def test_the_trigger_of_a_stop_arrives_though_the_stream_does_not_say_it(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with watched(sim.port, exchanges) as (_, panel):
        await until(settled(panel))
        number = await place(sim, 1, "BTCUSDT", "70000", type="Stop")
        rows = await until(lambda: [r for r in panel.has(1, id=number)() if r["trigger"]])

        assert float(rows[0]["trigger"]) == 70000


async def test_an_order_of_a_ticker_that_nobody_knew_makes_it_known(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with watched(sim.port, exchanges) as (relay, panel):
        await until(settled(panel))
        before = relay.known_tickers
        number = await place(sim, 1, "XRPUSDT", "1.5", size="10")
        await until(panel.has(1, id=number))

        assert relay.known_tickers == before + 1


async def test_a_filled_order_becomes_a_position(sim: Simulator, exchanges: Exchanges) -> None:
    async with watched(sim.port, exchanges) as (_, panel):
        await until(settled(panel))
        number = await place(sim, 1, "XRPUSDT", "1.5", size="10")
        await until(panel.has(1, id=number))
        await steer(sim, "fill", connectionId=1, orderId=int(number))

        await until(lambda: not panel.has(1, id=number)())
        await until(
            lambda: [r for r in panel.rows["positions"].values() if r["ticker"] == "XRPUSDT"]
        )


async def test_a_dropped_socket_makes_all_stale_until_it_is_read_again(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with watched(sim.port, exchanges) as (_, panel):
        await until(settled(panel))
        panel.told_stale.clear()
        await steer(sim, "drop")
        number = await place(sim, 1, "BTCUSDT", "60000")
        await until(panel.has(1, id=number))
        await until(settled(panel))

        assert {1, 2, 3, 4} <= panel.told_stale


async def test_a_restarted_terminal_is_stale_while_away_and_true_again_after(
    exchanges: Exchanges,
) -> None:
    port = free_port()
    async with watched(port, exchanges) as (_, panel):
        async with Simulator(port=port, rate=0):
            await until(settled(panel))
        await until(lambda: panel.status["terminal"]["state"] == "lost")
        assert {1, 2, 3, 4} <= set(panel.stale)
        assert panel.orders(1), "what was known is kept, and said to be stale"

        async with Simulator(port=port, rate=0) as again:
            await until(settled(panel))
            number = await place(again, 1, "BTCUSDT", "60000")
            await until(panel.has(1, id=number))


async def test_a_connection_that_goes_is_stale_and_one_that_is_removed_forgotten(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with watched(sim.port, exchanges) as (relay, panel):
        await until(settled(panel))
        await steer(sim, "connection", connectionId=2, state=3)
        relay.link.nudge()
        await until(lambda: panel.stale == [2])
        await steer(sim, "connection", connectionId=2, state=2)
        relay.link.nudge()
        await until(settled(panel))

        await steer(sim, "connection", connectionId=2, remove=True)
        relay.link.nudge()
        await until(lambda: not panel.orders(2))
        await until(settled(panel))


async def test_a_pinned_ticker_is_read_at_once_and_a_wrong_one_does_no_harm(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with watched(sim.port, exchanges) as (relay, panel):
        await until(settled(panel))
        assert not panel.has(1, ticker="SOLUSDT")()
        relay.pin(Pin(1, "NOSUCHUSDT", True))
        relay.pin(Pin(99, "BTCUSDT", True))
        relay.pin(Pin(1, "SOLUSDT", True))
        await until(panel.has(1, ticker="SOLUSDT"))
        await until(settled(panel))


async def test_a_reading_that_fails_is_tried_again(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "AGAIN_S", 0.05)
    async with watched(sim.port, exchanges) as (relay, panel):
        await until(settled(panel))
        client = await relay.link.reach()
        good = client.orders
        failures = ["once"]

        async def orders(connection: int, ticker: str) -> Any:
            if failures:
                failures.pop()
                raise feeds.TerminalGone("away for a moment")
            return await good(connection, ticker)

        monkeypatch.setattr(client, "orders", orders)
        panel.told_stale.clear()
        relay.pin(Pin(1, "SOLUSDT", True))
        await until(panel.has(1, ticker="SOLUSDT"))
        await until(settled(panel))

        assert panel.told_stale == {1}


async def test_a_connection_that_cannot_be_read_at_first_is_tried_until_it_can(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "AGAIN_S", 0.05)
    good, failures = Client.positions, ["three", "two", "one"]

    async def positions(client: Client, connection: int) -> Any:
        if connection == 1 and failures:
            failures.pop()
            raise feeds.TerminalGone("away for a moment")
        return await good(client, connection)

    monkeypatch.setattr(Client, "positions", positions)
    async with watched(sim.port, exchanges) as (_, panel):
        await until(settled(panel))

        assert failures == []
        assert panel.orders(1)


async def test_a_balance_follows_what_is_spent(sim: Simulator, exchanges: Exchanges) -> None:
    async with watched(sim.port, exchanges) as (_, panel):
        await until(settled(panel))
        before = panel.rows["balances"]["9:USDT"]
        await place(sim, 9, "ETHUSDT", "3000", size="0.1")
        await until(lambda: panel.rows["balances"]["9:USDT"] != before)

        after = panel.rows["balances"]["9:USDT"]
        assert after["total"] == before["total"]
        assert float(after["locked"]) - float(before["locked"]) == pytest.approx(300)


async def test_an_end_while_readings_fail_is_an_end(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before Python 3.13 a TaskGroup that fails while it is cancelled forgets the cancellation."""

    async def positions(client: Client, connection: int) -> Any:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.05)
        raise feeds.TerminalGone("away")

    monkeypatch.setattr(Client, "positions", positions)
    async with asyncio.timeout(10):
        async with watched(sim.port, exchanges) as (_, panel):
            await until(lambda: panel.stale)


async def test_a_busy_market_sends_at_most_twenty_events_a_second(exchanges: Exchanges) -> None:
    async with Simulator(port=0, rate=200) as sim, watched(sim.port, exchanges) as (_, panel):
        await until(settled(panel))
        before, started = panel.events, asyncio.get_running_loop().time()
        numbers = [
            await place(sim, 1, "BTCUSDT", str(50000 + step), size="0.001") for step in range(60)
        ]
        await until(panel.has(1, id=numbers[-1]))
        passed = asyncio.get_running_loop().time() - started

        assert panel.events - before <= 20 * passed + 2
        assert all(panel.has(1, id=number)() for number in numbers)


async def test_a_feed_that_cannot_be_loaded_is_said_in_the_status(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(feeds.socket.__dict__, "_import_aiohttp", broken)
    async with watched(sim.port, exchanges) as (relay, panel):
        said = await until(lambda: panel.status.get("relay", {}).get("broken"))

        assert "aiohttp" in said
        assert (await relay.fresh_status())["terminal"]["state"] == "connected"


def broken() -> None:
    raise RuntimeError("damaged")


async def test_reading_once_needs_no_subscription(sim: Simulator, exchanges: Exchanges) -> None:
    config = Config(terminal=f"127.0.0.1:{sim.port}")
    async with Relay(config, exchanges, Known(None)) as relay:
        await relay.read_account()

        assert relay.rows("orders")
        assert relay.rows("balances")


async def test_reading_once_fails_with_one_sentence(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(terminal=f"127.0.0.1:{sim.port}")
    async with Relay(config, exchanges, Known(None)) as relay:
        await relay.link.fresh()
        sim.world.connections[1].state = 0  # type: ignore[assignment]
        with pytest.raises(feeds.RelayError, match="Connection 1 is not active"):
            await relay.read_account()
