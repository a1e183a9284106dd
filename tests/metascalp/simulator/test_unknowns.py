"""Every open question of the reference has its row, and every switch makes another terminal."""

import asyncio
import json
import socket
import time
from contextlib import asynccontextmanager
from decimal import Decimal

import aiohttp
import pytest

from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator import server as server_module
from relay.metascalp.simulator.profile import RECONNECTING, SWITCHES
from relay.metascalp.simulator.unknowns import DATED, UNKNOWNS, listed

from .conftest import Terminal

BTC = {"connectionId": 1, "ticker": "BTCUSDT"}
ORDERS = "/api/connections/1/orders"
SETTINGS = "/api/connections/1/orderbook-settings?Ticker=BTCUSDT"
CLUSTERS = "/api/connections/1/cluster-snapshot?Ticker=BTCUSDT&TimeFrame="


def test_every_question_from_1_to_45_has_its_row():
    assert [one.number for one in UNKNOWNS] == list(range(1, 46))


def test_every_question_can_be_answered_otherwise():
    assert [one.number for one in UNKNOWNS if not one.switches] == []
    assert [one for one in UNKNOWNS if not (one.question and one.default)] == []


def test_every_switch_of_a_profile_is_explained_and_shown_below():
    explained = {name for one in UNKNOWNS for name in one.switches} | set(DATED)

    assert explained == {*SWITCHES, RECONNECTING}
    assert set(SHOWN) == explained


def test_the_list_has_every_question_and_every_switch():
    lines = list(listed())

    assert len([line for line in lines if line.startswith("#")]) == 45
    names = {line.split()[0] for line in lines if line.startswith("    ")}
    assert names == {*SWITCHES, RECONNECTING}


@asynccontextmanager
async def running(switch, profile="v1.0.2860", **more):
    switches = [switch] if switch else []
    async with (
        Simulator(rate=0, switches=switches, profile=profile, **more) as sim,
        aiohttp.ClientSession() as http,
    ):
        yield Terminal(sim, http)


async def post(terminal, path, body, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    url = terminal.sim.url + path
    async with terminal.http.post(url, data=raw, headers=headers) as reply:
        return await reply.text()


def posted(path, body, **headers):
    """What a POST is answered."""
    return lambda terminal: post(terminal, path, body, **headers)


def got(path):
    async def ask(terminal):
        return (await terminal.get(path)).text

    return ask


def said(*frames):
    """What a socket says to frames, one after another; or the code it is closed with."""

    async def ask(terminal):
        stream = await terminal.stream()
        for frame in frames:
            await stream.socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))
        await stream.socket.send_str('{"Type":"end","Data":{}}')
        seen = []
        while True:
            message = await stream.socket.receive(timeout=5)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return [*seen, stream.socket.close_code]
            frame = json.loads(message.data)
            if "end" in message.data or len(seen) > 20:
                return seen
            seen.append(frame["Type"] if frame["Type"] != "error" else frame["Data"]["error"])

    return ask


def sub(kind, **data):
    return {"Type": kind, "Data": data}


async def preflight(terminal):
    async with terminal.http.options(terminal.sim.url + "/ping") as reply:
        return "Access-Control-Allow-Methods" in reply.headers


async def content_type(terminal):
    return (await terminal.get("/ping")).headers["Content-Type"]


async def server(terminal):
    return (await terminal.get("/ping")).headers.get("Server")


async def kept_alive(terminal):
    return (await terminal.get("/ping")).headers.get("Connection")


async def foreign(terminal):
    async with terminal.http.get(terminal.sim.url + "/ping", headers={"Origin": "null"}) as reply:
        first = reply.status
    try:
        await terminal.http.ws_connect(terminal.sim.url + "/", headers={"Origin": "http://x"})
    except aiohttp.WSServerHandshakeError as error:
        return first, error.status
    return first, 101


async def together(terminal):
    """How many of three requests are being answered at the same time."""
    running, most = 0, 0
    answer = terminal.sim._answer

    async def counted(request, raw):
        nonlocal running, most
        running += 1
        most = max(most, running)
        try:
            await asyncio.sleep(0.02)
            return await answer(request, raw)
        finally:
            running -= 1

    terminal.sim._answer = counted
    await asyncio.gather(*(terminal.get("/ping") for _ in range(3)))
    return most


async def last_created(terminal):
    answer = await terminal.get(f"{ORDERS}?Ticker=BTCUSDT")
    stream = await terminal.stream()
    await stream.ask("subscribe", connectionId=1)
    await terminal.post("/sim/order", **BTC, side="buy", type="limit", price=60000, size=0.01)
    sent = await stream.wait_for("order_update")
    return [text[-6:] for text in (answer.json["orders"][0]["CreateDate"], sent["time"])]


async def combos(terminal):
    await terminal.post("/api/combo", ticker="ETHUSDT")
    return sorted({one["connectionId"] for one in terminal.sim.world.screen.combos})


async def active_windows(terminal):
    await terminal.post("/api/change-ticker", tickerPattern="BYBIT:ETHUSDT.p")
    return len(terminal.sim.world.screen.active)


async def outcome(terminal):
    answer = await terminal.request("POST", "/api/ui/tabs/2/activate", b"{}")
    return answer.json["outcome"]


async def shown_settings(terminal):
    body = json.dumps({"AddingTicksForAPeriod": 300}).encode()
    return '"AddingTicksForAPeriod":300' in (await terminal.request("PUT", SETTINGS, body)).text


async def annotation(terminal):
    path = "/api/connections/1/annotations/horizontal-rays?Ticker=BTCUSDT"
    await terminal.post(path, y=97000.0, x1="2026-04-13T11:30:00Z")
    answer = await terminal.get("/api/connections/1/annotations?Ticker=BTCUSDT")
    return answer.json["horizontalRayAnnotations"][0]["x1"]


async def injected(terminal):
    await terminal.post("/api/notifications")
    stream = await terminal.stream()
    await stream.ask("notification_subscribe")
    [row] = (await stream.wait_for("notification_snapshot"))["notifications"]
    return row["ticker"], row["market"], row["price"], row["exchangeId"]


async def after_reconnecting(terminal):
    stream = await terminal.stream()
    await stream.ask("subscribe", connectionId=1)
    for state in (3, 2):
        await terminal.post("/sim/connection", connectionId=1, state=state)
    await terminal.post("/sim/order", **BTC, side="buy", type="limit", price=60000, size=0.01)
    return (await stream.ask("end"))["Type"]


async def pinged(terminal):
    socket = await terminal.http.ws_connect(terminal.sim.url + "/", autoping=False)
    try:
        message = await asyncio.wait_for(socket.receive(), 1.6)
        return message.type is aiohttp.WSMsgType.PING
    except TimeoutError:
        return False


async def told_balances(terminal):
    clock = terminal.sim.world.now
    stream = await terminal.stream()
    await stream.ask("subscribe", connectionId=9)
    counts = []
    for _ in range(2):
        await terminal.post(
            "/sim/order", connectionId=9, ticker="BTCUSDT", side="buy", type="market", size=0.001
        )
        clock.ahead += 1
        data = await stream.wait_for("balance_update")
        counts.append([row["coin"] for row in data["balances"]])
    return counts[1]


async def kept_stops(terminal):
    answer = await terminal.get(f"{ORDERS}?Ticker=BTCUSDT")
    return sorted(row["Type"] for row in answer.json["orders"])


async def early(terminal):
    stream = await terminal.stream()
    await stream.socket.send_str('{"type":"subscribe","data":{"connectionId":1}}')
    await stream.next()
    await terminal.post("/sim/order", **BTC, side="buy", type="limit", price=60000, size=0.01)
    frame = await stream.next()
    answer = await terminal.get(f"{ORDERS}?Ticker=BTCUSDT")
    gone = await terminal.post(f"{ORDERS}/cancel-all", ticker="BTCUSDT")
    return "feeCurrency" in frame["data"], "filledPrice" in answer.text, gone.status


async def column(terminal):
    answer = await terminal.get("/api/screener/templates/-1/data")
    return [type(value) for value in list(answer.json["rows"][0]["columns"][0].values())[:4]]


async def look(terminal):
    """The line style that a level with the number 1 gets."""
    await terminal.post("/api/connections/1/user-levels", ticker="BTCUSDT", price=1, lineStyle=1)
    answer = await terminal.get("/api/connections/1/user-levels?Ticker=BTCUSDT")
    return answer.json["userLevels"][0]["LineStyle"]


async def order_of_answers(terminal):
    """Which comes first, the update or the reply, for six orders."""
    stream = await terminal.stream()
    await stream.ask("subscribe", connectionId=1)
    events = []
    settle, answer = terminal.sim.world.settle, terminal.sim._answer

    def settled(key):
        events.append("update")
        settle(key)

    async def answered(request, raw):
        reply = await answer(request, raw)
        events.append("reply")
        return reply

    terminal.sim.world.settle, terminal.sim._answer = settled, answered
    for n in range(6):
        await terminal.post(ORDERS, **LOW | {"price": 60000 + n}, size=0.01)
        await stream.wait_for("order_update")
        await stream.wait_for("order_update")
    return sorted(set(zip(events[::2], events[1::2], strict=True)))


async def bybit_order(terminal):
    """The types of an order's ids, on the socket and in the list, and what its cancellation got."""
    bybit, orders = {"connectionId": 2, "ticker": "SOLUSDT"}, "/api/connections/2/orders"
    stream = await terminal.stream()
    await stream.ask("subscribe", connectionId=2)
    await terminal.post("/sim/order", **bybit, side="buy", type="limit", price=100, size=1)
    sent = await stream.wait_for("order_update")
    [row] = (await terminal.get(f"{orders}?Ticker=SOLUSDT")).json["orders"]
    gone = await terminal.post(f"{orders}/cancel", ticker="SOLUSDT", orderId=sent["orderId"])
    return type(sent["orderId"]), sent["orderId"] == row["Id"], gone.status


async def second_terminal(terminal):
    """How far from the first one's its port is."""
    with pytest.MonkeyPatch.context() as patched:
        first, last = two_ports()
        patched.setattr(server_module, "PORTS", range(first, last + 1))
        try:
            async with (
                Simulator(port=None, rate=0),
                Simulator(port=None, rate=0, switches=terminal.sim._switches) as second,
            ):
                return second.port - first
        except OSError as error:
            return str(error)[: len("port")]


async def third_terminal(terminal):
    """Where one is for which no port is left: nowhere, or outside the range."""
    with pytest.MonkeyPatch.context() as patched:
        first, last = two_ports()
        patched.setattr(server_module, "PORTS", range(first, last + 1))
        async with Simulator(port=None, rate=0), Simulator(port=None, rate=0):
            try:
                async with Simulator(port=None, switches=terminal.sim._switches) as third:
                    return third.port not in (first, last)
            except OSError as error:
                return str(error)[: len("every port")]


def two_ports():
    """Two free ones, one after the other."""
    for first in range(19000, 60000, 2):
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", first))
                other.bind(("127.0.0.1", first + 1))
            except OSError:
                continue
            return first, first + 1
    raise AssertionError("no two free ports")


async def listens(terminal):
    """True when it listens as soon as it can run at all."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(server_module, "LATE_PORT_S", 0.2)
        started = time.monotonic()
        async with Simulator(rate=0, switches=terminal.sim._switches):
            return time.monotonic() - started < 0.2


async def history(terminal):
    return [
        (await terminal.get(f"/api/connections/1/{name}?Ticker=BTCUSDT")).json
        for name in ("history", "trades", "candles", "pnl")
    ]


async def moscow(terminal):
    rows = (await terminal.get("/api/connections/10/tickers")).json["tickers"]
    row = next(one for one in rows if one["BaseAsset"] == "SBER")
    screen = (await terminal.get("/api/ui/state")).json
    shown = [
        document["orderBook"]["quoteAsset"]
        for tab in screen["windows"][0]["tabs"]
        for document in tab["documents"]
        if document["connectionId"] == 10
    ]
    coins = (await terminal.get("/api/connections/10/balance")).json["balances"]
    order = {"ticker": row["Name"], "side": 1, "price": 100, "size": 5}
    placed = await terminal.post("/api/connections/10/orders", **order)
    return row["Name"], row["QuoteAsset"], shown, coins[0]["Coin"], placed.status


async def edition_2(terminal):
    """Which of its later parts an edition 2 has: settings, prices, books by REST."""
    stream = await terminal.stream()
    names = ("mark_price", "funding")
    prices = [(await stream.ask(f"{name}_subscribe", **BTC))["Type"] for name in names]
    ack = await stream.ask("orderbook_subscribe", **BTC, depthLevels=3, fetchSnapshot=False)
    return (
        (await terminal.get(SETTINGS)).status,
        prices,
        (await terminal.get("/api/connections/1/orderbook-snapshot?Ticker=BTCUSDT")).status,
        [name for name in ("DepthLevels", "FetchSnapshot") if name in ack["Data"]],
    )


async def stop(terminal):
    """True when a stop rests at the price it was sent with."""
    body = {"ticker": "BTCUSDT", "side": 1, "price": 66000, "size": 0.01, "type": 1}
    await terminal.post(ORDERS, **body)
    return (await terminal.get(f"{ORDERS}?Ticker=BTCUSDT")).json["orders"][-1]["Price"] == 66000


class Clock:
    ahead = 0.0

    def __call__(self):
        return time.time() + self.ahead


ETH = {"ticker": "ETHUSDT"}
PLAIN = {"Content-Type": "text/plain"}
NEEDED = "Invalid request body. 'ticker', 'side', 'price', and 'size' are required."
MALFORMED = '{"error":"Malformed request body: not valid JSON."}'
OK = '{"status":"ok"}'
NO_DEPTH = "DepthLevels must be >= 1 when specified"
CHANGE = "/api/change-ticker"
BOOK = sub("orderbook_subscribe", **BTC)
ACK, SHOT = "orderbook_subscribed", "orderbook_snapshot"
BOTH = {"tickerPattern": "::", "exchange": 2, "market": 2, "ticker": "ETHUSDT"}
LOW = {"side": 1, "price": 60000, "ticker": "BTCUSDT"}
FTX = {"exchange": 1, "market": 0, "ticker": "X"}
LEVEL = "/api/connections/1/user-levels/77"
LIQUIDATIONS = sub("liquidations_subscribe", exchanges=["binance"])
BROKER = "liquidations_subscribe: log in to MetaBroker first"


WALLS = sub("density_map_subscribe", exchangeMarkets=[{"exchange": 0, "market": 1}])
WHOLE = (
    200,
    ["mark_price_subscribed", "funding_subscribed"],
    200,
    ["DepthLevels", "FetchSnapshot"],
)
EITHER = [("reply", "update"), ("update", "reply")]
PROFILE_OF = {
    "enriched": "doc-edition-1", "book_settings": "v1.0.671", "mark_prices": "v1.0.671",
    "rest_books": "v1.0.671", "trigger_prices": "v1.0.671",
}  # fmt: skip
"""Where it means anything; the rest are shown on the default one."""


async def unlevelled(terminal):
    return (await terminal.request("DELETE", LEVEL)).text


async def idle(terminal):
    terminal.sim.world.connections[1].state = 3
    return (await terminal.get("/api/connections/1/positions")).status


SHOWN = {
    "cors_preflight": ("=false", preflight, True, False),
    "charset": ("=false", content_type, "application/json; charset=utf-8", "application/json"),
    "server_header": ("", server, None, "Microsoft-HTTPAPI/2.0"),
    "keep_alive": ("=false", kept_alive, None, "close"),
    "json_type_only": ("", posted("/api/combo", ETH, **PLAIN), OK, MALFORMED),
    "refuse_foreign": ("", foreign, (200, 101), (400, 400)),
    "one_at_a_time": ("", together, 3, 1),
    "small_bodies": ("", posted("/api/combo", b" " * 70_000 + json.dumps(ETH).encode()), OK,
                     MALFORMED),
    "strict_bodies": ("=false", posted("/api/combo", {"ticker": "ETHUSDT", "x": 1}),
                      """{"error":"Unknown field 'x' in request body."}""", OK),
    "lenient_numbers": ("=false", posted(ORDERS, {**LOW, "size": "0"}),
                        '{"error":"Size must be greater than zero"}', MALFORMED),
    "body_first": ("", posted("/api/connections/99/orders", b"{"),
                   '{"error":"Connection 99 not found"}', MALFORMED),
    "missing_is_refused": ("", posted(ORDERS, LOW), '{"error":"Size must be greater than zero"}',
                           json.dumps({"error": NEEDED}, separators=(",", ":"))),
    "other_words": ("", got("/api/link-groups/x/orderbook-snapshots"),
                    '{"error":"Invalid link group ID"}', '{"error":"The request was refused."}'),
    "number_texts": ("", posted(CHANGE, FTX),
                     '{"error":"No connection found for exchange Ftx and market Spot"}',
                     '{"error":"No connection found for exchange 1 and market 0"}'),
    "numeric_outcome": ("", outcome, "activated", 0),
    "zulu_times": ("", last_created, ["+00:00"] * 2, None),
    "normalised_names": ("=false", posted(CHANGE, {"tickerPattern": "MEXC:BTCUSDT.p"}), OK,
                         """{"error":"Ticker 'BTCUSDT' not found on connection 4"}"""),
    "fields_win": ("", posted(CHANGE, BOTH), """{"error":"Invalid ticker pattern: '::'"}""", OK),
    "upper_suffix": ("=false", posted(CHANGE, {"tickerPattern": "BINANCE:BTCUSDT.P"}), OK,
                     """{"error":"Invalid ticker pattern: 'BINANCE:BTCUSDT.P'"}"""),
    "aliases": ("=false", posted(CHANGE, {"tickerPattern": "GATE:BTCUSDT.p"}), OK,
                """{"error":"Invalid ticker pattern: 'GATE:BTCUSDT.p'"}"""),
    "exchange_needed": ("", posted(CHANGE, {"tickerPattern": "BTCUSDT.p"}), OK,
                        """{"error":"Invalid ticker pattern: 'BTCUSDT.p'"}"""),
    "combo_everywhere": ("", combos, [1], None),
    "combo_handler": ("=false", posted("/api/combo", {"ticker": "ETHUSDT"}), OK,
                      '{"error":"Combo handler not registered"}'),
    "one_window": ("", active_windows, 11, 1),
    "application_stops": ("", kept_stops, [0, 2, 3], [0]),
    "enriched": ("=false", early, (True, True, 200), (False, False, 400)),
    "extras": ("=false", got(CLUSTERS + "H4"), None, """{"error":"Invalid TimeFrame 'H4'."}"""),
    "book_settings": ("=false", edition_2, WHOLE, (400, *WHOLE[1:])),
    "mark_prices": ("=false", edition_2, WHOLE,
                    (200, ["error", "error"], 200, ["FetchSnapshot"])),
    "rest_books": ("=false", edition_2, WHOLE, (200, WHOLE[1], 400, ["DepthLevels"])),
    "trigger_prices": ("=false", stop, False, True),
    "numeric_columns": ("", column, [str, str, int, str], [int] * 4),
    "looks_from_one": ("", look, "Dashed", "Solid"),
    "broker_numbers": ("", said(WALLS), ["Invalid message format"],
                       ["density_map_subscribed", "density_map_snapshot"]),
    "updates_first": ("", order_of_answers, EITHER, EITHER[1:]),
    "replies_first": ("", order_of_answers, EITHER, EITHER[:1]),
    "text_order_ids": ("", bybit_order, (int, True, 200), (str, True, 200)),
    "first_port_only": ("", second_terminal, 1, "port"),
    "any_port": ("", third_terminal, "every port", True),
    "late_port": ("", listens, True, False),
    "history_routes": ("", history, [{"error": "Not found"}] * 4, [
        {"connectionId": 1, "ticker": "BTCUSDT", "count": 0, name: []}
        for name in ("history", "trades", "candles", "pnl")
    ]),
    "moscow_boards": ("", moscow, ("SBER", "RUB", ["RUB"], "RUB", 200),
                      ("SBER_TQBR", "SUR", ["SUR"], "SUR", 400)),
    "quiet_deletes": ("", unlevelled, '{"error":"User level 77 not found"}', OK),
    "empty_items": ("=false", got(CLUSTERS + "M1&Columns=1"), None, None),
    "working_volumes": ("", shown_settings, False, True),
    "bare_times": ("", annotation, "2026-04-13T11:30:00Z", "2026-04-13T11:30:00"),
    "blank_cells": ("", injected, (None, None, None, None), ("", "", None, None)),
    "any_case_types": ("", said(sub("Subscribe", connectionId=1)),
                       ["Unknown message type: Subscribe"], ["subscribed"]),
    "optional_data": ("", said('{"Type":"ui_unsubscribe"}'), ["Invalid message format"],
                      ["ui_unsubscribed"]),
    "strict_data": ("", said(sub("subscribe", connectionId=1, x=1)), ["subscribed"],
                    ["Unknown field 'x' in message data."]),
    "unknown_ticker_error": ("", said(sub("trade_subscribe", connectionId=1, ticker="X")),
                             ["trade_subscribed"], ["Ticker 'X' not found on connection 1"]),
    "ignore_bad_depth": ("", said(sub("orderbook_subscribe", **BTC, depthLevels=0)), [NO_DEPTH],
                         [ACK, SHOT]),
    "one_snapshot": ("", said(BOOK, BOOK), [ACK, SHOT, ACK, SHOT], [ACK, SHOT, ACK]),
    "keep_subscriptions": ("", after_reconnecting, "error", "order_update"),
    "close_on_error": ("", said("{"), ["Invalid message format"], ["Invalid message format", 1008]),
    "small_frames": ("", said(" " * 70_000 + "{"), ["Invalid message format"], [1009]),
    "server_pings": ("", pinged, False, True),
    "liquidations_login": ("", said(LIQUIDATIONS),
                           ["liquidations_subscribed", "liquidations_snapshot"], [BROKER]),
    "changed_balances": ("", told_balances, ["USDT", "BTC", "ETH"], ["USDT", "BTC"]),
    "reconnecting_is_active": ("", idle, 400, 200),
}  # fmt: skip
"""How to set each switch, what to look at, what it is by default and then; None: only not the same
as the other."""


@pytest.mark.parametrize("name", SHOWN)
async def test_a_switch_makes_another_terminal(name):
    how, look, usual, then = SHOWN[name]
    profile = PROFILE_OF.get(name, "v1.0.2860")
    async with running(None, profile, now=Clock()) as terminal:
        before = await look(terminal)
    async with running(name + how, profile, now=Clock()) as terminal:
        after = await look(terminal)

    assert before != after
    assert usual is None or before == usual
    assert then is None or after == then


@pytest.mark.parametrize("frame", [sub("subscribe", connectionId="1"),
                                   sub("trade_subscribe", **BTC, zoomIndex="1")])  # fmt: skip
async def test_numbers_as_text_are_taken_or_refused_on_a_socket_too(frame):
    for switch, answer in ((None, f"{frame['Type']}d"),
                           ("lenient_numbers=false", "Invalid message format")):  # fmt: skip
        async with running(switch) as terminal:
            assert await said(frame)(terminal) == [answer]


async def test_so_they_are_inside_the_rows_of_a_feed():
    row = {"exchange": "okx", "market": "spot", "bdsValue": "5"}
    frame = sub("density_map_subscribe", exchangeMarkets=[row])
    async with running("lenient_numbers=false") as terminal:
        assert await said(frame)(terminal) == ["Invalid message format"]


OWN_WORDS = (
    "/api/connections/1/orderbook-snapshot?Ticker=BTCUSDT&ZoomIndex=x",
    "/api/connections/1/leverage-limits?Ticker=BTCUSDT&Leverage=0",
    "/api/connections/1/leverage-limits?Ticker=NO",
    CLUSTERS + "M1&ZoomIndex=x",
    CLUSTERS + "M1&Columns=x",
    CLUSTERS + "M7",
    f"{ORDERS}?Ticker=NO",
)


@pytest.mark.parametrize("path", OWN_WORDS)
async def test_what_the_documents_have_no_text_for_is_in_other_words_by_a_switch(path):
    async with running("other_words") as terminal:
        assert (await terminal.get(path)).error == (400, "The request was refused.")


OTHERWISE = (
    ("DELETE", "/api/connections/1/annotations/lines/9?Ticker=BTCUSDT", None),
    ("POST", "/api/ui/windows/77/activate", b'{"windowType":"chart"}'),
    ("PUT", "/api/ui/documents/{}/link-number", b'{"linkNumber":501}'),
)


@pytest.mark.parametrize(("method", "path", "raw"), OTHERWISE)
async def test_so_is_what_they_leave_half_open(method, path, raw):
    async with running("other_words") as terminal:
        first = next(terminal.sim.world.screen.layout.documents()).external_id
        answer = await terminal.request(method, path.format(first), raw)

    assert answer.json == {"error": "The request was refused."}


async def test_times_are_written_with_a_z_wherever_they_are_sent():
    async with running("zulu_times") as terminal:
        created = (await terminal.get(f"{ORDERS}?Ticker=BTCUSDT")).json["orders"][0]["CreateDate"]

    assert created[-5] == "."
    assert created[-1] == "Z"


async def test_the_switches_can_all_be_set_at_once():
    every = [*SWITCHES, RECONNECTING]
    async with Simulator(rate=50, switches=every) as sim, aiohttp.ClientSession() as http:
        terminal = Terminal(sim, http)
        stream = await terminal.stream()
        await stream.ask("orderbook_subscribe", **BTC)
        update = await stream.wait_for("orderbook_update")

    assert isinstance(update["updates"][0]["price"], Decimal)
