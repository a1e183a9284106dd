"""What can be asked for from where, as exact lists: of the host, and of the terminal through it."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path
from typing import Any

import pytest
from host import running

from relay.edges.operations import TABLE
from relay.metascalp.simulator import Simulator

#: Every verb of the native door with the scope that another door would want for it.
VERBS = {
    "status": "read", "orders": "read", "positions": "read", "balances": "read",
    "resolve": "read", "assets": "read", "sites": "read", "subscribe": "read",
    "unsubscribe": "read", "config_get": "read", "bindings": "read", "suggest": "read",
    "holding": "read", "locate": "read", "known": "read", "activity": "read",
    "activity_csv": "read", "scan": "read", "scan_stop": "read",
    "config_set": "ui", "pin": "ui", "lock": "ui", "alert": "ui", "notify": "ui", "open": "ui",
    "combo": "ui", "combos": "ui", "close_opened": "ui", "chart": "ui",
    "cancel": "trade", "cancel_all": "trade",
}  # fmt: skip
#: Every route of the terminal that can be reached through it, beside its WebSocket; none of them
#: places an order.
ROUTES = {
    "GET /ping",
    "GET /api/connections",
    "GET /api/connections/#/balance",
    "GET /api/connections/#/orders",
    "GET /api/connections/#/positions",
    "GET /api/connections/#/tickers",
    "GET /api/ui/state",
    "POST /api/change-ticker",
    "POST /api/combo",
    "POST /api/connections/#/orders/cancel",
    "POST /api/connections/#/orders/cancel-all",
    "POST /api/connections/#/signal-levels",
    "POST /api/notifications",
    "POST /api/ui/tabs/#/close",
    "POST /api/ui/windows",
    "PUT /api/ui/documents/#/ticker",
}

FIND = {"exchange": "BINANCE", "market": "futures", "bare": "BTCUSDT"}
CHIEF: list[tuple[str, dict[str, Any]]] = [
    ("open", {"find": FIND}),
    ("open", {"ticker": "BINANCE:ETHUSDT.p", "target": {"binding": "001"}}),
    ("combo", {"find": FIND}),
    ("combos", {"finds": [FIND]}),
    ("close_opened", {}),
    ("chart", {"connection": 1, "ticker": "BTCUSDT"}),
    ("alert", {"ticker": "BINANCE:XRPUSDT.p", "price": "0.5"}),
    ("notify", {"find": FIND, "text": "look"}),
    ("cancel", {"connection": 1, "order": "1", "ticker": "BTCUSDT", "type": "limit"}),
    ("cancel_all", {"connection": 1, "ticker": "BTCUSDT"}),
    ("bindings", {}),
    ("holding", {"finds": [FIND]}),
    ("suggest", {"text": "btc"}),
    ("locate", {"finds": [FIND]}),
    ("scan", {"connections": [1]}),
    ("subscribe", {"topics": ["status", "account", "activity", "scan"]}),
]
ODD: list[Any] = [
    None, True, 0, -1, 2**63, 1.5, "", "1", "BTCUSDT", "BINANCE:BTCUSDT.p", "../orders",
    "1/orders?x=", "%2e%2e/orders", "001", [], [FIND], {}, FIND, {"binding": "001"},
    {"panel": "../../api/connections/1/orders"}, {"panel": 1}, ["status"], "\r\nPOST /x",
]  # fmt: skip
NAMES = [
    "find", "finds", "ticker", "tickers", "target", "connection", "connections", "order", "type",
    "price", "text", "topics", "on", "background", "binding", "panel", "side", "size", "verb",
    "path", "url", "body",
]  # fmt: skip


def shape(method: str, path: str) -> str:
    """A route without what a request puts into it."""
    plain = re.sub(r"(?<=/)(?=[^/]*\d)[^/]+", "#", path)
    return f"{method} {plain}"


def test_every_verb_stands_on_the_list_with_its_scope() -> None:
    assert {name: operation.scope for name, operation in TABLE.items()} == VERBS


@pytest.mark.timeout(120)
def test_no_verb_reaches_a_route_that_is_not_on_the_list(outside: Simulator, home: Path) -> None:
    """What each verb is for, and then four thousand requests of anything."""
    dice = random.Random(20261120)
    seen: set[str] = set()

    def look() -> None:
        requests = list(outside.record.requests)
        seen.update(shape(one.method, one.path) for one in requests)

    with running() as host:
        for verb, params in CHIEF:
            host.ask(verb, **params, at=int(time.time() * 1000))
            look()
        host.wait_event("account", lambda data: data["stale"] == [])
        look()
        for _ in range(80):
            asked = []
            for _ in range(50):
                some = {name: dice.choice(ODD) for name in dice.sample(NAMES, dice.randrange(6))}
                verb = dice.choice([*VERBS, "place_order", "orders/place", "post", "eval", ""])
                asked.append(host.send(verb, **{**some, "at": int(time.time() * 1000)}))
            for number in asked:
                host.wait(lambda message, number=number: message.get("id") == number)
            look()

        assert "Traceback" not in host.errors()
    assert seen - ROUTES == set()
    assert ROUTES - seen == set(), "the list says no more than there is"
