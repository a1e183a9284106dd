"""The simulator and the document side by side: every route, every message, every example."""

import asyncio
import json
import time

import aiohttp
import pytest
import pytest_asyncio

from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.rest import ROUTES

from .conftest import Terminal
from .document import CLIENT_TYPES, ROUTE_LIST, SERVER_TYPES
from .shapes import differences, load, parse

EXAMPLES = load()
IDS = {name for name, _ in EXAMPLES}


def of(letter):
    found = [(name, one) for name, one in EXAMPLES if name[0] == letter]
    return [pytest.param(name, one, id=f"{name}-{n}") for n, (name, one) in enumerate(found)]


def test_every_route_of_the_document_is_in_the_table_in_its_order():
    assert [(route.method, route.path) for route in ROUTES] == ROUTE_LIST
    assert len(ROUTES) == 51


def test_every_example_is_here():
    ranges = {"R": range(33), "Q": range(1, 16), "W": range(1, 11), "V": range(1, 35)}

    assert {f"{letter}{n:02}" for letter, numbers in ranges.items() for n in numbers} == IDS
    assert {one["Type"] for name, one in EXAMPLES if name[0] == "W"} == CLIENT_TYPES
    seen = {one["Type"] for name, one in EXAMPLES if name[0] == "V" and "Type" in one}
    assert SERVER_TYPES - seen == {"screener_subscribed", "screener_unsubscribed"}


DRAWN = "/api/connections/1/annotations"
Q = "?Ticker=BTCUSDT"
LINE = {"x1": "2026-04-13T10:00:00", "x2": "2026-04-13T12:00:00", "y1": 95000.0, "y2": 96500.0}
LEVEL = {"Ticker": "BTCUSDT", "Price": 95000.0}
ORDER = {"Ticker": "BTCUSDT", "Side": 1, "Price": 64000.0, "Size": 0.01}
OPEN = ("POST", "/api/ui/windows", {"windowType": "watchlist"})

ASKED = {
    "R01": [("GET", "/ping")],
    "R02": [("POST", "/api/change-ticker", {"TickerPattern": "BTCUSDT.p"})],
    "R03": [("POST", "/api/combo", {"Ticker": "BTCUSDT"})],
    "R04": [("POST", "/api/close-last-tab")],
    "R05": [("GET", "/api/connections")],
    "R06": [("GET", "/api/connections/1")],
    "R07": [("GET", "/api/connections/1/tickers")],
    "R08": [("GET", f"/api/connections/1/orders{Q}")],
    "R09": [("GET", "/api/connections/1/positions")],
    "R10": [("GET", "/api/connections/1/balance")],
    "R11": [("POST", "/api/connections/1/orders", ORDER)],
    "R13": [("POST", "/api/connections/1/orders/cancel-all", {"Ticker": "BTCUSDT"})],
    "R14": [("GET", f"/api/connections/1/leverage-limits{Q}")],
    "R15": [("GET", f"/api/connections/1/orderbook-snapshot{Q}")],
    "R16": [("GET", f"/api/connections/1/cluster-snapshot{Q}&TimeFrame=M5")],
    "R17": [("GET", "/api/link-groups/1/orderbook-snapshots")],
    "R18": [("POST", "/api/connections/1/signal-levels", LEVEL),
            ("GET", f"/api/connections/1/signal-levels{Q}")],
    "R19": [("POST", "/api/connections/1/user-levels", {**LEVEL, "lineStyle": 1}),
            ("GET", f"/api/connections/1/user-levels{Q}")],
    "R20": [("POST", f"{DRAWN}/lines{Q}", LINE),
            ("POST", f"{DRAWN}/horizontal-lines{Q}", {"y": 94000}),
            ("POST", f"{DRAWN}/horizontal-rays{Q}", {"y": 97000.0, "x1": "2026-04-13T11:30:00"}),
            ("GET", f"{DRAWN}{Q}")],
    "R21": [("POST", "/api/notifications", {})],
    "R23": [("GET", "/api/ui/state")],
    "R24": [("GET", "/api/ui/windows/2")],
    "R25": [OPEN],
    "R26": [OPEN, ("POST", "/api/ui/windows/2/close", {"windowType": "watchlist"})],
    "R27": [OPEN, ("POST", "/api/ui/windows/2/activate", {"windowType": "watchlist"})],
    "R28": [("POST", "/api/ui/tabs/2/close")],
    "R29": [("POST", "/api/ui/tabs/2/activate")],
    "R30": [("GET", "/api/screener/templates")],
    "R31": [("POST", "/api/screener/templates", {"name": "My screener"})],
    "R32": [("GET", "/api/screener/templates/-1/data")],
}  # fmt: skip
"""How each reply is brought about; the last request's reply is the one."""
SPECIAL = {
    (400, "executionTimeMs"): ("POST", "/api/connections/1/orders", {**ORDER, "Size": 900}),
    (404, "error"): ("GET", "/api/connections/99"),
}


async def ask(terminal, method, path, body=None):
    raw = None if body is None else json.dumps(body).encode()
    return await terminal.request(method, path, raw)


@pytest_asyncio.fixture
async def plain():
    """The screen as the Markdown document has it, without what the page adds."""
    async with (
        Simulator(rate=0, switches=["extras=false"]) as sim,
        aiohttp.ClientSession() as http,
    ):
        yield Terminal(sim, http)


@pytest.mark.parametrize(("name", "example"), of("R"))
async def test_replies(plain, name, example):
    if name == "R00":
        [(status, _), request] = next(
            (key, one) for key, one in SPECIAL.items() if key[1] == list(example)[-1]
        )
        requests = [request]
    elif name == "R12":
        status, found = 200, parse((await ask(plain, *ASKED["R08"][0])).text)["orders"][0]
        body = {"Ticker": "BTCUSDT", "OrderId": found["Id"]}
        requests = [("POST", "/api/connections/1/orders/cancel", body)]
    elif name == "R22":
        status = 200
        requests = [("GET", f"/api/connections/1/orderbook-settings{Q}")]
    else:
        status, requests = 200, ASKED[name]
        if example == {"status": "skipped"}:
            requests = requests * 3
    for request in requests:
        answer = await ask(plain, *request)
    found = parse(answer.text)
    if name == "R22" and len(example["settings"]) == 2:
        found["settings"] = dict(list(found["settings"].items())[:2])

    assert answer.status == status
    assert differences(example, found) == []
    if name in ("R01", "R02", "R03", "R04", "R12", "R14", "R21"):
        assert found == example


DOCUMENTS = "/api/ui/documents/{document}"
SENT = {
    "Q01": [("POST", "/api/change-ticker")],
    "Q02": [("POST", "/api/combo")],
    "Q03": [("POST", "/api/connections/1/orders")],
    "Q04": [("POST", "/api/connections/1/orders/cancel")],
    "Q05": [("POST", "/api/connections/1/orders/cancel-all")],
    "Q06": [("POST", "/api/connections/1/signal-levels"),
            ("PUT", "/api/connections/1/signal-levels/1")],
    "Q07": [("POST", "/api/connections/1/user-levels"),
            ("PUT", "/api/connections/1/user-levels/1")],
    "Q08": [("PUT", f"{DRAWN}/lines{Q}"), ("POST", f"{DRAWN}/horizontal-rays{Q}")],
    "Q09": [("POST", "/api/notifications")],
    "Q10": [("PUT", f"{DOCUMENTS}/link-number")],
    "Q11": [("PUT", f"{DOCUMENTS}/ticker")],
    "Q12": [("POST", "/api/ui/windows")],
    "Q13": [("POST", "/api/ui/windows/1/activate"), ("POST", "/api/ui/windows/1/close")],
    "Q14": [("PUT", f"/api/connections/1/orderbook-settings{Q}")],
    "Q15": [("POST", "/api/screener/templates"), ("PUT", "/api/screener/templates/1")],
}  # fmt: skip


def respelled(value, spell):
    if isinstance(value, dict):
        return {spell(key): respelled(item, spell) for key, item in value.items()}
    return [respelled(item, spell) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("spell", [str, str.lower, str.upper])
@pytest.mark.parametrize(("name", "example"), of("Q"))
async def test_bodies_are_accepted_in_every_spelling(terminal, name, example, spell):
    first = next(terminal.sim.world.screen.layout.documents()).external_id
    body = respelled(example, spell)
    if name in ("Q03", "Q04"):
        rows = (await ask(terminal, *ASKED["R08"][0])).json["orders"]
        body = body | ({spell("OrderId"): rows[0]["Id"]} if name == "Q04" else {})
        if name == "Q03":
            await ask(terminal, *ASKED["R13"][0])
    requests = SENT[name]
    if name == "Q08":
        requests = [requests[0] if isinstance(example, list) else requests[1]]
    for method, path in requests:
        text = json.dumps(body, default=float).encode()
        answer = await terminal.request(method, path.format(document=first), text)
        assert answer.status == 200, answer.text


@pytest.mark.parametrize("spell", [str, str.lower])
@pytest.mark.parametrize(("name", "example"), of("W"))
async def test_subscriptions_are_acknowledged_in_every_spelling(terminal, name, example, spell):
    stream = await terminal.stream()
    await stream.socket.send_str(json.dumps(respelled(example, spell), default=float))
    ack = await stream.next()
    wanted = [
        one
        for name_, one in EXAMPLES
        if name_[0] == "V" and one.get("Type") == f"{example['Type']}d"
    ]

    assert ack["Type"] == f"{example['Type']}d"
    if name == "W10":
        assert ack["Data"] == {"TemplateId": -1}
    else:
        assert ack == wanted[0]


class Clock:
    """Real time that can be put forward."""

    ahead = 0.0

    def __call__(self):
        return time.time() + self.ahead


@pytest.fixture(scope="module")
def frames():
    """Every frame of a day in which everything happens, by type."""
    return asyncio.run(_day())


async def _day():
    clock = Clock()
    async with (
        Simulator(rate=0, now=clock, switches=["extras=false"]) as sim,
        aiohttp.ClientSession() as http,
    ):
        terminal = Terminal(sim, http)
        await _prepare(terminal)
        stream = await terminal.stream()
        for name, one in EXAMPLES:
            if name in ("W05", "W06", "W07", "W08", "W09") and one["Type"].endswith("_subscribe"):
                await stream.socket.send_str(json.dumps(one, default=float))
        for kind in ("subscribe", "trade_subscribe", "orderbook_subscribe"):
            await stream.send(kind, connectionId=1, ticker="BTCUSDT", zoomIndex=0)
        await stream.send("subscribe", connectionId=999)
        await stream.wait_for("error")
        await _live(terminal, clock)
        await stream.send("screener_subscribe", templateId=-1)
        await stream.send("end")
        await stream.wait_for("error")
        return _by_type(stream, await _second(terminal))


async def _prepare(terminal):
    await ask(terminal, "POST", "/api/connections/1/signal-levels", LEVEL)
    await ask(terminal, "POST", "/api/connections/1/user-levels", LEVEL | {"Note": "x"})
    for request in ASKED["R20"]:
        await ask(terminal, *request)
    await ask(terminal, "POST", "/api/notifications", {"connectionId": 1, "eventType": "x"})


async def _second(terminal):
    """The acknowledgements of leaving, and the screener's, which an older switch does not have."""
    stream = await terminal.stream()
    for name, one in EXAMPLES:
        if name[0] == "W" and one["Type"].endswith("unsubscribe") and name != "W10":
            await stream.socket.send_str(json.dumps(one))
            await stream.next()
    terminal.sim.world.profile = Simulator(rate=0).world.profile
    await stream.send("screener_subscribe", templateId=-1)
    await stream.wait_for("screener_frame")
    book = {"connectionId": 1, "ticker": "BTCUSDT", "zoomIndex": 0}
    await stream.ask("orderbook_subscribe", **book, depthLevels=50, depthPercent=0.5)
    await stream.ask("trade_subscribe", connectionId=1, ticker="BTCUSDT", zoomIndex=1)
    return stream


async def _live(terminal, clock):
    """Orders, prices, levels and windows move; the clock goes on so that everything is sent."""
    levels = "/api/connections/1/{}-levels"
    await ask(terminal, "POST", "/api/connections/1/orders",
              {"Ticker": "BTCUSDT", "Side": 1, "Size": 0.01, "Type": 4})  # fmt: skip
    await ask(terminal, "POST", "/api/combo", {"Ticker": "SOLUSDT", "Activate": False})
    await ask(terminal, "POST", "/api/ui/windows", {"windowType": "chart"})
    for kind in ("signal", "user"):
        await ask(terminal, "POST", levels.format(kind), LEVEL)
        await ask(terminal, "PUT", levels.format(kind) + "/2", {"price": 96000})
    await ask(terminal, "POST", "/api/notifications", {"connectionId": 1, "eventType": "y"})
    for n in range(24):
        clock.ahead += 9.5
        price = 64000 + 100 * n if n < 20 else 97000
        body = {"connectionId": 1, "ticker": "BTCUSDT", "price": price}
        await ask(terminal, "POST", "/sim/price", body)
        await asyncio.sleep(0.06)
    await ask(terminal, "DELETE", "/api/signal-levels/triggered")
    await ask(terminal, "POST", levels.format("signal"), LEVEL)
    await ask(terminal, "DELETE", levels.format("signal") + "/3")
    await ask(terminal, "DELETE", levels.format("signal") + Q)
    await ask(terminal, "DELETE", levels.format("user") + "/1")
    await ask(terminal, "POST", "/sim/clear-levels", {})


def _by_type(*streams):
    found = {}
    for stream in streams:
        for frame in stream.seen:
            found.setdefault(frame["Type"], []).append(frame)
    return found


@pytest.mark.parametrize(("name", "example"), of("V"))
def test_frames(frames, name, example):
    if "Type" not in example:
        example = {"Type": "orderbook_update", "Data": example}
    kind = example["Data"].get("kind")
    found = [one for one in frames.get(example["Type"], []) if one["Data"].get("kind") == kind]

    assert found, "never sent"
    assert min((differences(example, one) for one in found), key=len) == []
    if name not in ("V01", "V02", "V03", "V04"):
        assert [wrong for one in found for wrong in differences(example, one)] == []


def test_nothing_is_sent_that_the_document_does_not_have(frames):
    assert set(frames) <= SERVER_TYPES
