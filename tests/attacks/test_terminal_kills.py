"""The terminal as a process of its own, killed and started again, on its port and on another; and
frozen for longer than anybody waits.

It is killed just before a command, while it has one it has not looked at, and some milliseconds
after one was sent. What the dead one did, nobody knows: so the new one must get nothing of it.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from host import Host, running

from tests.attacks.programs import Program, ask, heard, program, request, said, steady_port

ROUNDS = int(os.environ.get("METASCALP_ROUNDS", "1"))
WITHIN_S = 2.0 if "METASCALP_ROUNDS" in os.environ else 8.0
TICKER = "BTCUSDT"
ORDERS = "/api/connections/1/orders"
#: A relay that looks for its terminal on these ports only, whatever else runs on this machine.
LOOKS = "from relay.metascalp import wire; wire.PORTS = {ports}; from {module} import main; {run}"
#: A cancel waits ten seconds for the terminal; in the short form, one.
LESS = "from relay.metascalp import client; client.TRADE_S = 1.0; "
LESS = "" if "METASCALP_ROUNDS" in os.environ else LESS

pytestmark = pytest.mark.timeout(60 + 12 * ROUNDS)


@pytest.fixture
def ports(home: Path) -> tuple[int, int]:
    return steady_port(), steady_port()


@pytest.fixture
def terminal(ports: tuple[int, int]) -> Iterator[Program]:
    with program("simulate", "--quiet", "--rate", "0", "--seed", "1", port=ports[0]) as made:
        yield made


def host_start(ports: tuple[int, int]) -> str:
    return LOOKS.format(ports=ports, module="relay.edges.native", run="main()")


def asked(terminal: Program, path: str, word: str = "") -> int:
    """How often this terminal was asked for something."""
    state = ask(terminal.port, "GET", "/sim/state")
    assert state, "the terminal is there"
    rows = state[1]["requests"]
    return sum(path in row["path"] and word in json.dumps(row["body"]) for row in rows)


def place(terminal: Program) -> str:
    body = {"connectionId": 1, "ticker": TICKER, "side": "Buy", "type": "Limit"}
    answer = ask(terminal.port, "POST", "/sim/order", {**body, "price": 1000, "size": 0.01})
    assert answer, "the terminal is there"
    return str(answer[1]["orderId"])


def orders(terminal: Program) -> set[str]:
    answer = ask(terminal.port, "GET", f"{ORDERS}?Ticker={TICKER}")
    assert answer, "the terminal is there"
    return {str(row["Id"]) for row in answer[1]["orders"]}


def now() -> int:
    return int(time.time() * 1000)


def watching(host: Host, terminal: Program) -> None:
    host.ask("hello")
    host.ask("subscribe", topics=["status", "account"])
    host.ask("pin", connection=1, ticker=TICKER, on=True)
    agrees(host, terminal)


def agrees(host: Host, terminal: Program) -> None:
    """In time the relay has exactly the orders of the terminal that runs now, and is sure."""
    wanted, ends = orders(terminal), time.monotonic() + WITHIN_S
    while time.monotonic() < ends:
        answer = host.ask("orders")["result"]
        mine = [row for row in answer["rows"] if row["connection"] == 1 and row["ticker"] == TICKER]
        if 1 not in answer["stale"] and {row["id"] for row in mine} == wanted:
            return
        time.sleep(0.01)
    raise AssertionError(f"the relay has {answer}, the terminal {wanted}")


#: When the terminal dies: before it is asked, with the question unread, somewhere in the answer.
DEATHS = ("before", "unread", "anywhere")


def dies_around(terminal: Program, death: str, act: Any, dice: random.Random) -> Any:
    """What `act` gave; the terminal is dead when this ends."""
    if death == "before":
        terminal.kill()
        terminal.process.wait()
        return act()
    if death == "unread":
        terminal.freeze()
    done = act()
    time.sleep(0.05 if death == "unread" else dice.uniform(0, 0.01))
    terminal.kill()
    terminal.process.wait()
    return done


def back(terminal: Program, ports: tuple[int, int], moves: bool) -> None:
    if moves:
        terminal.port = ports[1 - ports.index(terminal.port)]
    terminal.start()


@pytest.mark.parametrize("moves", [False, True], ids=["same port", "another port"])
@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("verb", ["open", "cancel"])
def test_what_a_dead_terminal_was_asked_its_successor_is_not(
    terminal: Program, ports: tuple[int, int], verb: str, death: str, moves: bool
) -> None:
    """Nothing but what was refused by a closed port, and so never sent, may be asked anew."""
    dice = random.Random(verb + death)
    with running(start=host_start(ports)) as host:
        for _ in range(ROUNDS):
            order = place(terminal)
            watching(host, terminal)
            params: dict[str, Any] = {"connection": 1, "order": order, "ticker": TICKER}
            if verb == "open":
                params = {"ticker": "BINANCE:ETHUSDT.p", "target": {"binding": None}}
            number = dies_around(
                terminal,
                death,
                lambda: host.send(verb, **params, at=now()),  # noqa: B023
                dice,
            )
            back(terminal, ports, moves)
            path = "/api/change-ticker" if verb == "open" else "/orders/cancel"
            told = host.wait(lambda message: message.get("id") == number)["result"]  # noqa: B023

            again = asked(terminal, path)
            allowed = {"done": (0,), "dispatched": (0,), "unknown": (0,), "refused": (0,)}
            if death == "before":
                allowed["done"] = (1,)
            assert again in allowed[told["state"]], (told, again)
            place(terminal)
            agrees(host, terminal)


@pytest.mark.parametrize("moves", [False, True], ids=["same port", "another port"])
@pytest.mark.parametrize("death", DEATHS)
def test_an_order_through_serve_is_not_sent_to_the_successor(
    terminal: Program, ports: tuple[int, int], death: str, moves: bool, tmp_path: Path
) -> None:
    dice, body = random.Random(death), {"ticker": TICKER, "side": 1, "price": 900, "size": 0.01}
    start = LOOKS.format(ports=ports, module="relay.edges.cli", run="main()")
    with program("serve", "--auth", "local", log=tmp_path / "log", start=start) as door:
        for n in range(ROUNDS):
            mine = {**body, "price": 900 + n}
            assert ask(door.port, "GET", "/api/connections"), "the terminal is found"
            data = request(door.port, "POST", ORDERS, mine, ("plain", "chunked")[n % 2])
            held = dies_around(terminal, death, lambda: said(door.port, data), dice)  # noqa: B023
            with held as one:
                back(terminal, ports, moves)
                told = heard(one)

            again = asked(terminal, ORDERS, str(900 + n))
            assert told is not None, "a door that lives answers"
            assert again == (told[0] == 200 and death == "before"), (told, again)
            if death == "unread":
                assert told[1]["result"] == "unknown"
            ends = time.monotonic() + WITHIN_S
            while not (answer := ask(door.port, "GET", "/api/connections")) or answer[0] != 200:
                assert time.monotonic() < ends, answer
                time.sleep(0.01)


@pytest.mark.parametrize("verb", ["open", "cancel"])
def test_a_terminal_that_thaws_is_asked_nothing_again(terminal: Program, verb: str) -> None:
    """It takes what it was sent while it was frozen, if that was sent at all."""
    for _ in range(ROUNDS):
        order = place(terminal)
        with running(start=LESS + host_start((terminal.port, terminal.port))) as host:
            watching(host, terminal)
            path = "/api/change-ticker" if verb == "open" else "/orders/cancel"
            before = asked(terminal, path)
            params: dict[str, Any] = {"connection": 1, "order": order, "ticker": TICKER}
            if verb == "open":
                params = {"ticker": "BINANCE:ETHUSDT.p", "target": {"binding": None}}
            terminal.freeze()
            try:
                number = host.send(verb, **params, at=now())
                told = host.wait(lambda message: message.get("id") == number)["result"]  # noqa: B023
            finally:
                terminal.thaw()
            place(terminal)
            agrees(host, terminal)

            again = asked(terminal, path) - before
            assert told["state"] in ("unknown", "refused")
            assert again == (told["state"] == "unknown"), (told, again)
            if verb == "cancel":
                assert (order in orders(terminal)) == (again == 0)


@pytest.mark.parametrize("moves", [False, True], ids=["same port", "another port"])
def test_a_panel_follows_the_terminal_wherever_it_comes_back(
    terminal: Program, ports: tuple[int, int], moves: bool
) -> None:
    """Killed while the first account is being read, frozen to death, killed when all is quiet."""
    dice = random.Random(5)
    for n in range(ROUNDS):
        with running(start=host_start(ports)) as host:
            host.ask("hello")
            host.send("pin", connection=1, ticker=TICKER, on=True)
            host.send("subscribe", topics=["status", "account"])
            if n % 2:
                agrees(host, terminal)
            else:
                time.sleep(dice.uniform(0, 0.3))
            with suppress(AssertionError):
                place(terminal)
            terminal.kill()
            terminal.process.wait()
            back(terminal, ports, moves)
            place(terminal)
            agrees(host, terminal)
