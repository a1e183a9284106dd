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
from relay.core import jobs, once
from relay.core import lane as lanes
from relay.core import session as sessions
from relay.core.known import MAX_TICKERS, Known
from relay.core.relay import Relay
from relay.errors import RelayError, TerminalGone, TerminalRefused
from relay.exchanges import Exchanges
from relay.metascalp.client import Client
from relay.metascalp.simulator import Simulator
from relay.metascalp.socket import Stream


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
    async with Relay(config, exchanges, known if known is not None else Known(None)) as relay:
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
    monkeypatch.setattr(lanes, "AGAIN_S", 0.2)
    async with watched(sim.port, exchanges) as (relay, panel):
        await until(settled(panel))
        client = await relay.link.reach()
        good = client.orders
        failures = ["the lane", "once"]

        async def orders(connection: int, ticker: str) -> Any:
            if failures:
                failures.pop()
                raise TerminalGone("away for a moment")
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
    monkeypatch.setattr(lanes, "AGAIN_S", 0.05)
    good, failures = Client.positions, ["three", "two", "one"]

    async def positions(client: Client, connection: int) -> Any:
        if connection == 1 and failures:
            failures.pop()
            raise TerminalGone("away for a moment")
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
        raise TerminalGone("away")

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


async def test_who_reads_once_is_told_what_is_old_and_nothing_of_what_is_gone(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script that asks now and then follows nothing: a connection may go between two readings."""
    monkeypatch.setattr(once, "REST_S", 0.0)
    config = Config(terminal=f"127.0.0.1:{sim.port}")
    async with Relay(config, exchanges, Known(None)) as relay:
        away = {one.id for one in (await relay.link.fresh())[1] if one.state != "connected"}
        await relay.read_account()
        assert relay.feed.mirror.stale == away
        held = {row["connection"] for row in relay.rows("orders")}
        assert {1, 2} <= held

        sim.world.connections[1].state = 0  # type: ignore[assignment]
        del sim.world.connections[2]
        relay.link.nudge()
        await relay.read_account()

        assert relay.feed.mirror.stale == away | {1}
        assert {row["connection"] for row in relay.rows("orders")} == held - {2}


async def test_reading_once_fails_with_one_sentence(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(terminal=f"127.0.0.1:{sim.port}")
    async with Relay(config, exchanges, Known(None)) as relay:
        await relay.link.fresh()
        sim.world.connections[1].state = 0  # type: ignore[assignment]
        with pytest.raises(RelayError, match="Connection 1 is not active"):
            await relay.read_account()


async def test_a_refusal_that_says_nothing_of_orders_leaves_them_and_says_so(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken for "no orders", it would hide an order that is alive."""
    monkeypatch.setattr(lanes, "AGAIN_S", 0.05)
    async with watched(sim.port, exchanges) as (relay, panel):
        await until(settled(panel))
        number = await place(sim, 1, "BTCUSDT", "60000")
        await until(panel.has(1, id=number))
        client = await relay.link.reach()
        good = client.orders

        async def orders(connection: int, ticker: str) -> Any:
            raise TerminalRefused("Too many requests; retry later", 400)

        monkeypatch.setattr(client, "orders", orders)
        relay.feed.reread(1, "BTCUSDT")
        await until(lambda: panel.stale == [1])
        assert panel.has(1, id=number)()

        monkeypatch.setattr(client, "orders", good)
        await until(settled(panel))
        assert panel.has(1, id=number)()


async def test_a_spot_connection_without_a_list_of_positions_is_true_all_the_same(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    positions = Client.positions
    spot = {one.id for one in sim.world.connections.values() if one.market == 0}

    async def refused(self: Client, connection: int) -> Any:
        if connection in spot:
            raise TerminalRefused("no positions here", 400)
        return await positions(self, connection)

    monkeypatch.setattr(Client, "positions", refused)
    async with watched(sim.port, exchanges) as (relay, panel):
        await until(settled(panel))
        assert spot & relay.feed.mirror.connections()


async def test_a_read_that_says_not_active_subscribes_again_at_once(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection was away for less than the two seconds between two looks."""
    monkeypatch.setattr(lanes, "ACK_S", 0.1)
    monkeypatch.setattr(lanes, "AGAIN_S", 0.05)
    async with watched(sim.port, exchanges) as (relay, panel):
        await until(settled(panel))
        await steer(sim, "connection", connectionId=1, state=3)
        relay.feed.reread(1, "BTCUSDT")
        await until(lambda: panel.stale == [1])
        await steer(sim, "connection", connectionId=1, state=2)
        await until(settled(panel))
        number = await place(sim, 1, "BTCUSDT", "60000")
        await until(panel.has(1, id=number))


async def test_a_subscription_that_ended_without_a_word_is_had_again(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was read while the connection was away, so nothing hinted at it."""
    monkeypatch.setattr(lanes, "REFRESH_S", 0.2)
    async with watched(sim.port, exchanges) as (_, panel):
        await until(settled(panel))
        panel.told_stale.clear()
        sim.hub.silence(1)
        number = await place(sim, 1, "BTCUSDT", "60000")
        await until(panel.has(1, id=number))
        await until(lambda: all(1 in socket.feed.accounts for socket in sim.hub.sockets))

        assert panel.told_stale == set(), "a look now and then makes nothing unsure"


async def test_an_acknowledgement_that_overtakes_its_own_sending_is_heeded(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Stream.send

    async def send(stream: Stream, message: Any) -> None:
        await real(stream, message)
        await asyncio.sleep(0.05)  # A full socket: the write is out, and waits to be let go.

    monkeypatch.setattr(Stream, "send", send)
    async with watched(sim.port, exchanges) as (_, panel):
        await until(settled(panel), limit_s=2)


async def test_a_connection_lost_while_it_is_read_is_not_trusted(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, good, waiting = asyncio.Event(), Client.balance, []

    async def balance(client: Client, connection: int) -> Any:
        reply = await good(client, connection)
        if connection == 2:
            waiting.append(1)
            with suppress(asyncio.CancelledError):
                await gate.wait()
        return reply

    monkeypatch.setattr(Client, "balance", balance)
    async with watched(sim.port, exchanges) as (relay, panel):
        await until(lambda: waiting)
        await steer(sim, "connection", connectionId=2, state=3)
        relay.link.nudge()
        await until(lambda: relay.feed._session and 2 not in relay.feed._session.subscribed)
        gate.set()
        await until(lambda: panel.stale == [2] and panel.rows["balances"])
        number = await place(sim, 1, "BTCUSDT", "60000")
        await until(panel.has(1, id=number))

        assert panel.stale == [2]


async def test_updates_without_a_pause_do_not_put_off_the_reading(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SETTLE_S", 0.05)
    async with watched(sim.port, exchanges) as (relay, panel):
        await until(settled(panel))
        client = await relay.link.reach()
        good, reads = client.positions, list[int]()

        async def positions(connection: int) -> Any:
            reads.append(connection)
            return await good(connection)

        monkeypatch.setattr(client, "positions", positions)
        session = relay.feed._session
        assert session is not None
        update = {
            "connectionid": 1, "positionid": 777, "ticker": "ETHUSDT", "side": "Buy", "size": 1,
            "avgprice": 3200, "status": "Open",
        }  # fmt: skip
        async with asyncio.timeout(5):
            while not reads:
                session._take("position_update", update)
                await asyncio.sleep(0.01)
        await until(lambda: "1:777" not in panel.rows["positions"])


async def test_an_order_of_a_ticker_long_forgotten_does_not_become_a_ghost(
    sim: Simulator, exchanges: Exchanges
) -> None:
    known = Known(None)
    async with watched(sim.port, exchanges, known) as (relay, panel):
        await until(settled(panel))
        number = await place(sim, 1, "XRPUSDT", "1.5", size="10")
        await until(panel.has(1, id=number))
        for other in range(MAX_TICKERS + 20):
            known.add(1, f"T{other}")
        assert "XRPUSDT" in known.of(1)

        known.forget(1, "XRPUSDT")
        await steer(sim, "drop")
        await (await relay.link.reach()).cancel(1, "XRPUSDT", int(number), 0)
        await until(lambda: not panel.has(1, id=number)())


async def test_an_answer_that_nobody_expected_does_not_end_the_relay(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(jobs, "PAUSE_S", 0.05)
    async with watched(sim.port, exchanges) as (relay, panel):
        await until(settled(panel))
        doubts = relay.feed.mirror.doubts(1)
        good, odd = Client.connections, ["twice", "once"]

        async def connections(client: Client) -> Any:
            if odd:
                odd.pop()
                raise ZeroDivisionError("odd")
            return await good(client)

        monkeypatch.setattr(Client, "connections", connections)
        relay.link.nudge()
        await until(lambda: not odd)
        await until(settled(panel))
        number = await place(sim, 1, "BTCUSDT", "60000")
        await until(panel.has(1, id=number))

        assert relay.feed.mirror.doubts(1) > doubts
        assert caplog.text.count("the link failed and goes on: ZeroDivisionError") == 1


async def test_without_a_terminal_only_the_link_looks_for_it(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    async def find(*asked: Any) -> None:
        nonlocal looks
        looks += 1

    monkeypatch.setattr("relay.core.link.discovery.find", find)
    monkeypatch.setattr("relay.core.link.BACKOFF_S", (0.0, 60.0))
    async with watched(free_port(), exchanges) as (_, panel):
        await until(lambda: looks == 2)
        await asyncio.sleep(0)
        await until(lambda: panel.status)

        assert looks == 2


async def test_when_the_last_reader_has_left_everything_stops_and_is_stale(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.core.relay.GRACE_S", 0.05)
    panel = Panel()
    async with Relay(Config(terminal=f"127.0.0.1:{sim.port}"), exchanges, Known(None)) as relay:
        reader = relay.reader(panel.send)
        relay.subscribe(reader, {"status", "account"})
        await until(settled(panel))
        reader.unsubscribe({"account"})
        await until(lambda: not sim.hub.sockets)
        assert {1, 2, 3} <= relay.feed.mirror.stale

        relay.subscribe(reader, {"account"})
        await until(lambda: panel.stale and sim.hub.sockets)
        await until(settled(panel))
        relay.leave(reader)
        await until(lambda: not sim.hub.sockets)
        assert {1, 2, 3} <= relay.feed.mirror.stale


async def test_a_panel_that_is_loaded_anew_finds_everything_as_it_was(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with watched(sim.port, exchanges) as (relay, panel):
        await until(settled(panel))
        (socket,) = sim.hub.sockets
        anew = Panel()
        second = relay.reader(anew.send)
        for reader in list(relay._readers):
            reader.unsubscribe({"status", "account"})
        relay.subscribe(second, {"status", "account"})
        await until(settled(anew))

        assert sim.hub.sockets == {socket}
        assert anew.told_stale == set()
        relay.leave(second)
