"""The official client, PyPI metascalp 1.1.0, against every profile it can understand.

Its REST side wants `app` and `error` in lower case: doc-edition-2 is beyond it. Its README reads
`conn['id']`, which only doc-edition-1 spells so.
"""

import asyncio
import os
import sys
import time
import warnings
from importlib.metadata import distribution
from importlib.util import module_from_spec, spec_from_file_location

import pytest

from relay.metascalp.simulator import Simulator


def official():
    """The package by its files: its name here belongs to our own tests. It is loaded once, though
    this file may be by two names."""
    if "official_metascalp" in sys.modules:
        return sys.modules["official_metascalp"]
    path = distribution("metascalp").locate_file("metascalp/__init__.py")
    spec = spec_from_file_location("official_metascalp", path)
    module = sys.modules[spec.name] = module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It imports the old side of its WebSocket library.
        spec.loader.exec_module(module)
    return module


metascalp = official()
MetaScalpApiError = metascalp.client.MetaScalpApiError

ORDER = {"ticker": "BTCUSDT", "side": 1, "price": 60000.0, "size": 0.01}
MARKETS = [
    {"exchange": name, "market": market}
    for name in ("binance", "bybit", "okx", "gate", "bitget", "mexc", "kucoin", "htx")
    for market in ("spot", "futures")
]
LIQUIDATING = ["binance", "bybit", "okx", "bitget", "gate", "htx", "aster", "lighter"]
EDITION_2 = {
    "mark_price_update", "funding_update", "notification_snapshot", "notification_update",
    "signal_levels_snapshot", "signal_level_placed", "signal_level_triggered",
    "signal_level_removed", "signal_levels_removed_all", "signal_levels_removed_triggered",
}  # fmt: skip
EDITION_3 = EDITION_2 | {
    "density_map_snapshot", "density_map_update", "large_trades_update", "liquidations_snapshot",
    "liquidations_update", "liquidations_metadata",
}  # fmt: skip
EVENTS = {
    "order_update", "position_update", "balance_update", "finres_update", "trade_update",
    "orderbook_snapshot", "orderbook_update",
}  # fmt: skip
KNOWN = {
    "v1.0.2860": EVENTS | EDITION_3, "v1.0.671": EVENTS | EDITION_2, "doc-edition-1": EVENTS,
    "doc-edition-2": EVENTS | EDITION_2,
}  # fmt: skip


class Clock:
    ahead = 0.0

    def __call__(self):
        return time.time() + self.ahead


@pytest.mark.parametrize("profile", ["v1.0.2860", "v1.0.671", "doc-edition-1"])
async def test_every_rest_method(profile):
    async with Simulator(rate=0, profile=profile) as sim:
        client = metascalp.MetaScalpClient(sim.port)
        try:
            assert (await client.ping())["app"] == "MetaScalp"
            await _trade(client, sim, "id" if profile == "doc-edition-1" else "Id")
            if profile != "doc-edition-1":
                await _second_edition(client)
            else:
                with pytest.raises(MetaScalpApiError) as refused:
                    await client.get_signal_levels(1, "BTCUSDT")
                assert (refused.value.status, refused.value.error) == (400, "Not found")
        finally:
            await client.close()


async def _trade(client, sim, number):
    connections = (await client.get_connections())["connections"]
    assert (await client.get_connection(1))[number] == connections[0][number] == 1
    tickers = await client.get_tickers(1, refresh=True)
    assert tickers["count"] == len(tickers["tickers"])
    placed = await client.place_order(1, **ORDER)
    assert set(placed) == {"status", "clientId", "executionTimeMs"}
    orders = (await client.get_orders(1, "BTCUSDT"))["orders"]
    mine = orders[-1][number]
    assert (await client.cancel_order(1, ticker="BTCUSDT", order_id=mine)) == {"status": "ok"}
    assert (await client.get_positions(1))["count"] == 2
    assert (await client.get_balance(1))["count"] == 2
    for how in ({"ticker_pattern": "BINANCE:ETHUSDT.p", "binding": "001"},
                {"exchange": 2, "market": 2, "ticker": "BTCUSDT"}):  # fmt: skip
        assert await client.change_ticker(**how) == {"status": "ok"}
    assert sim.world.screen.bindings["001"] == (1, "ETHUSDT")
    assert await client.open_combo("BTCUSDT") == {"status": "ok"}
    with pytest.raises(MetaScalpApiError) as refused:
        await client.place_order(1, **ORDER | {"size": 0})
    assert refused.value.error == "Size must be greater than zero"


async def _second_edition(client):
    ok = {"status": "ok"}
    assert await client.place_signal_level(1, ticker="BTCUSDT", price=95000.0) == ok
    levels = await client.get_signal_levels(1, "BTCUSDT")
    assert await client.remove_signal_level(1, levels["signalLevels"][0]["Id"]) == ok
    assert await client.remove_all_signal_levels(1, "BTCUSDT") == ok
    assert await client.remove_triggered_signal_levels() == ok
    settings = await client.get_orderbook_settings(1, "BTCUSDT")
    changed = await client.update_orderbook_settings(1, "BTCUSDT", RowHeight=14, ShowRuler="None")
    assert changed["settings"] == settings["settings"] | {"RowHeight": 14.0, "ShowRuler": "None"}
    book = await client.get_order_book_snapshot(1, "BTCUSDT", 10, 5, 0.5)
    assert len(book["asks"]) <= 5
    clusters = await client.get_cluster_snapshot(1, "BTCUSDT", "M5", 2, 20)
    assert clusters["Ticker"] == "BTCUSDT"
    with pytest.raises(MetaScalpApiError) as refused:
        await client.get_order_book_snapshot(2, "BTCUSDT")
    assert refused.value.status == 501


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("profile", KNOWN)
async def test_every_event_it_knows(profile):
    clock, seen = Clock(), set()
    async with Simulator(rate=0, profile=profile, now=clock) as sim:
        socket = metascalp.MetaScalpSocket(sim.port)
        await socket.connect()
        for event in KNOWN[profile]:
            socket.on(event)(lambda data, event=event: seen.add(event))
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(socket.listen_forever())
            _subscribe(socket)
            await asyncio.sleep(0.1)
            await _live(sim, clock, lambda: KNOWN[profile] <= seen)
            listening.cancel()
        await socket.disconnect()

    assert seen == KNOWN[profile]


def _subscribe(socket):
    """Everything; what an older build does not know it answers with an error and goes on."""
    socket.subscribe(1)
    socket.subscribe_trades(1, "BTCUSDT")
    socket.subscribe_order_book(1, "BTCUSDT", depth_levels=50)
    socket.subscribe_mark_price(1, "BTCUSDT")
    socket.subscribe_funding(1, "BTCUSDT")
    socket.subscribe_notifications()
    socket.subscribe_signal_levels()
    socket.subscribe_density_map(MARKETS, included_quote_assets=["USDT", "USDC", "OTHER"])
    socket.subscribe_large_trades(MARKETS, aggregation_ms=500)
    socket.subscribe_liquidations(LIQUIDATING, window="m5", backfill=10)


async def _live(sim, clock, done):
    """Things happen until every event has been seen, for 10 seconds at most."""
    client = metascalp.MetaScalpClient(sim.port)
    market = sim.world.market((1, "BTCUSDT"))
    try:
        for n in range(100):
            await client._post("/api/connections/1/orders", ORDER | {"type": 4, "side": 1 + n % 2})
            market.jump(640_000 + 1_000 * (n % 20))
            sim.world.settle((1, "BTCUSDT"))
            if sim.world.profile.edition > 1:
                await _levels(client, sim, everything=n % 3 == 2)
            clock.ahead += 4
            await asyncio.sleep(0.08)
            if done():
                return
    finally:
        await client.close()


async def _levels(client, sim, everything):
    """A level is placed, fires, and all go in each of the three ways."""
    base = "/api/connections/1/signal-levels"
    for price in (64100.0, 90000.0):
        await client.place_signal_level(1, ticker="BTCUSDT", price=price)
    last = sim.world.desk.last["signal"]
    await client._delete(f"{base}/{last}")
    await client.remove_triggered_signal_levels()
    if everything:
        await client.remove_all_signal_levels(1, "BTCUSDT")
    level = await client.place_signal_level(1, ticker="BTCUSDT", price=64050.0)
    assert level


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("profile", "key"), [("doc-edition-1", "id"), ("v1.0.2860", "Id")])
async def test_the_first_example_of_its_readme(profile, key, monkeypatch):
    """As printed there, but for the key: with `id` where the spelling lets it, `Id` elsewhere."""
    async with Simulator(rate=50, profile=profile) as sim:
        for module in (metascalp.client, metascalp.socket):
            for name in ("HTTP_PORT_START", "HTTP_PORT_END", "WS_PORT_START", "WS_PORT_END"):
                monkeypatch.setattr(module, name, sim.port, raising=False)
        client = await metascalp.MetaScalpClient.discover()
        connections = await client.get_connections()
        conn = connections["connections"][0]
        await client.place_order(conn[key], ticker="BTCUSDT", side=1, price=65000, size=0.01)
        socket = await metascalp.MetaScalpSocket.discover()
        names = ("order_update", "trade_update", "orderbook_snapshot", "balance_update")
        seen = {name: asyncio.Event() for name in names}
        for name, event in seen.items():
            socket.on(name)(lambda data, event=event: event.set())
        socket.subscribe(conn[key])
        socket.subscribe_trades(conn[key], "BTCUSDT")
        socket.subscribe_order_book(conn[key], "BTCUSDT")
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(socket.listen_forever())
            await asyncio.sleep(0.1)
            await client.place_order(conn[key], ticker="BTCUSDT", side=1, price=65000, size=0.01)
            async with asyncio.timeout(10):
                await asyncio.gather(*(event.wait() for event in seen.values()))
            listening.cancel()
        await socket.disconnect()
        await client.close()


PRELUDE = """
import sys, warnings
warnings.simplefilter("ignore")
import metascalp.client, metascalp.socket
for module in (metascalp.client, metascalp.socket):
    for name in ("HTTP_PORT_START", "HTTP_PORT_END", "WS_PORT_START", "WS_PORT_END"):
        setattr(module, name, int(sys.argv[1]))
exec(sys.stdin.read())
"""


async def test_the_first_example_of_its_readme_to_the_letter(tmp_path):
    """Only the ports it looks at are ours: the machine may have a terminal on the real ones."""
    readme = distribution("metascalp").metadata.get_payload()
    code = readme.split("```python\n")[1].split("```")[0]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    wanted = {b"Snapshot:", b"Trade:"}
    async with Simulator(rate=50, profile="doc-edition-1") as sim:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-u", "-c", PRELUDE, str(sim.port), cwd=tmp_path, env=environment,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        process.stdin.write(code.encode())
        process.stdin.close()
        try:
            async with asyncio.timeout(20):
                while wanted:
                    line = await process.stdout.readline()
                    assert line, "it ended"
                    wanted.discard(line.split()[0])
        finally:
            process.kill()
            await process.communicate()
        placed = [one for one in sim.record.requests if one.path.endswith("/orders")]

    assert [one.status for one in placed] == [200]
