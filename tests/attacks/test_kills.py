"""Each part killed or frozen at each moment of a click, of a cancel, of a subscription.

Whatever happens, a command is executed at most once and never later than two seconds after it was
given, what is said to have happened has happened, and two seconds after the end of the trouble
everything works again. A frozen part stays so for longer than anybody waits for it.
`METASCALP_ROUNDS=100` does each of it that often, and is then strict about the two seconds and has
the waits that are shipped: a machine that runs all tests may be slow.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from host import START, Host, running
from until import LIMIT_S

from relay.core.places import TERMINAL_VARIABLE
from relay.metascalp.simulator.record import KEPT
from tests.attacks.cable import MOMENTS, TICKER, Cable, Plan, cable

LONG = "METASCALP_ROUNDS" in os.environ
ROUNDS = int(os.environ.get("METASCALP_ROUNDS", "1"))
WITHIN_S = 2.0 if LONG else 6.0
#: Reads wait 5 s for the terminal and a cancel 10 s. The short form has hosts that wait less.
LESS = "from relay.metascalp import client; client.READ_S = client.TRADE_S = 1.0; "
HOST = START if LONG else LESS + START
ANSWER_S = 15.0 if LONG else 8.0
#: Longer than a command may be old, than a click waits and, below, than a read waits.
STILL_S = 2.2
STILL_READ_S = 5.5 if LONG else 1.5

STRIKES = ("host killed", "host frozen", "way cut", "way frozen")
#: Before the host has read the command; while it looks what to do; and those of the cable.
EARLY = ("unread", "looked")
CASES = [
    (strike, moment)
    for strike in STRIKES
    for moment in (*EARLY, *MOMENTS)
    if moment != "unread" or strike.startswith("host")
]

pytestmark = pytest.mark.timeout(60 + 30 * ROUNDS)


def each_case(first: int) -> pytest.MarkDecorator:
    """In the short form every other one: of a click and of a cancel together they are all."""
    return pytest.mark.parametrize(("strike", "moment"), CASES if LONG else CASES[first::2])


@pytest.fixture
def line(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cable]:
    with cable() as made:
        monkeypatch.setenv(TERMINAL_VARIABLE, f"127.0.0.1:{made.port}")
        yield made


def now() -> int:
    return int(time.time() * 1000)


def click(host: Host, ticker: str) -> int:
    find = {"exchange": "BINANCE", "market": "futures", "bare": ticker}
    return host.send("open", find=find, target={"binding": None}, at=now())


def cancel(host: Host, order: str) -> int:
    return host.send("cancel", connection=1, order=order, ticker=TICKER, type="limit", at=now())


def outcome(host: Host, number: int) -> dict[str, Any] | None:
    """What a request came to; None when its host died first."""
    fits = [answer for answer in host.answers() if answer["id"] == number]
    assert len(fits) <= 1, "answered once"
    if fits and "error" in fits[0]:
        return {"state": "refused", "code": fits[0]["error"]["data"]["code"]}
    return fits[0]["result"] if fits else None


def wait_outcome(host: Host, number: int) -> dict[str, Any] | None:
    ends = time.monotonic() + ANSWER_S
    while time.monotonic() < ends:
        if (found := outcome(host, number)) is not None:
            return found
        if host.process.poll() is not None:
            host.close()
            return outcome(host, number)
        time.sleep(0.005)
    raise AssertionError("neither answered nor dead")


def freeze(host: Host) -> None:
    host.process.send_signal(signal.SIGSTOP)


def thaw(host: Host) -> None:
    host.process.send_signal(signal.SIGCONT)


@contextmanager
def armed(line: Cable, host: Host, strike: str, moment: str, needle: bytes) -> Iterator[Plan]:
    """In the block the victim is struck, once: at a moment of a request with this needle in it, or
    right now where the host is not to read what it is sent."""
    acts = (host.process.kill, lambda: freeze(host), line.cut, line.hold)
    act = dict(zip(STRIKES, acts, strict=True))[strike]
    plan = line.plan = Plan(needle, "asked" if moment == "looked" else moment, act)
    if moment == "unread":
        freeze(host)
        plan.happened.set()
    try:
        yield plan
    finally:
        line.plan = None


def suffered(
    line: Cable, host: Host, strike: str, plan: Plan, number: int
) -> tuple[dict[str, Any] | None, float]:
    """What the command came to, and since when the trouble is over. A frozen way thaws when the
    host has given up, a frozen host when nobody waits for it any more."""
    assert plan.happened.wait(LIMIT_S)
    if strike == "host killed":
        host.process.kill()
    if strike == "host frozen":
        time.sleep(STILL_S)
        thaw(host)
        since = time.monotonic()
        return wait_outcome(host, number), since
    said = wait_outcome(host, number)
    line.mend()
    return said, time.monotonic()


@contextmanager
def survivor(host: Host, strike: str) -> Iterator[Host]:
    """The host after the trouble: another one where the first is dead, as a browser starts one."""
    if strike != "host killed":
        yield host
        return
    with running(start=HOST) as another:
        another.ask("hello")
        yield another


def works_again(host: Host, since: float) -> None:
    """A click is done, and that in time."""
    done = None
    while done is None or done["state"] != "done":
        assert time.monotonic() - since < WITHIN_S, f"not again within {WITHIN_S} s: {done}"
        done = wait_outcome(host, click(host, TICKER))

    assert time.monotonic() - since < WITHIN_S


def check(said: dict[str, Any] | None, executed: int, strike: str, moment: str) -> None:
    """Whether what was said fits how often it was executed and when it was given."""
    allowed = {"done": (1,), "refused": (0,), "unknown": (0, 1), "dispatched": (1,)}
    assert executed in (allowed[said["state"]] if said else (0, 1)), (said, executed)
    if moment == "unread" or (moment == "looked" and strike.endswith(("frozen", "killed"))):
        assert executed == 0, "nothing is sent that is older than two seconds, or whose host died"
    if strike == "way frozen" and moment in MOMENTS:
        assert said is not None
        assert said["state"] == "unknown", "sent, and the answer never came"


@each_case(0)
def test_a_click_is_executed_at_most_once_and_told_as_it_was(
    line: Cable, strike: str, moment: str
) -> None:
    for n in range(ROUNDS):
        ticker = ("ETHUSDT", "SOLUSDT")[n % 2]
        needle = b"/tickers" if moment == "looked" else b"POST /api/change-ticker"
        before = line.sent("/api/change-ticker", ticker)
        with running(start=HOST) as host:
            host.ask("hello")
            if moment != "looked":
                assert wait_outcome(host, click(host, TICKER)), "a connection stands before"
            with armed(line, host, strike, moment, needle) as plan:
                said, since = suffered(line, host, strike, plan, click(host, ticker))
            with survivor(host, strike) as able:
                works_again(able, since)

        check(said, line.sent("/api/change-ticker", ticker) - before, strike, moment)


@each_case(1)
def test_a_cancel_is_sent_at_most_once_and_what_is_left_is_read(
    line: Cable, strike: str, moment: str
) -> None:
    for _ in range(ROUNDS):
        order = line.place()
        needle = b"GET /api/connections HTTP" if moment == "looked" else b"/orders/cancel"
        with running(start=HOST) as host:
            host.ask("hello")
            if moment != "looked":
                watching(host, line)
            with armed(line, host, strike, moment, needle) as plan:
                said, since = suffered(line, host, strike, plan, cancel(host, order))
            with survivor(host, strike) as able:
                watching(able, line, since)

        executed = line.sent("/orders/cancel", order)
        check(said, executed, strike, moment)
        assert (order in line.orders()) == (executed == 0)


def watching(host: Host, line: Cable, since: float | None = None) -> None:
    """A panel that knows every open order of the ticker, and trusts what it knows; in time after
    the trouble, if there was one."""
    host.ask("hello")
    host.ask("subscribe", topics=["status", "account"])
    host.ask("pin", connection=1, ticker=TICKER, on=True)
    agrees(host, line, time.monotonic() + LIMIT_S if since is None else since + WITHIN_S)


def agrees(host: Host, line: Cable, ends: float) -> None:
    """In time the relay has exactly the terminal's orders, and says that it is sure."""
    while True:
        answer = host.ask("orders")["result"]
        mine = [row for row in answer["rows"] if row["connection"] == 1 and row["ticker"] == TICKER]
        true = 1 not in answer["stale"] and {row["id"] for row in mine} == line.orders()
        assert time.monotonic() < ends, f"the relay has {answer}, the terminal {line.orders()}"
        if true:
            return
        time.sleep(0.01)


#: What a subscription asks for, in turn.
STEPS = {
    "connections": b"GET /api/connections HTTP",
    "stream": b"Upgrade: websocket",
    "orders": b"GET /api/connections/1/orders",
}


@pytest.mark.parametrize(
    ("strike", "moment", "step"),
    [
        (strike, moment, step)
        for strike, moment in CASES
        for step in STEPS
        if (step == "connections") == (moment in EARLY)
    ][:: 1 if LONG else 3],
)
def test_a_subscription_ends_with_the_terminals_own_state(
    line: Cable, strike: str, moment: str, step: str
) -> None:
    """Struck at any of its steps; an order is placed and one goes meanwhile."""
    for _ in range(ROUNDS):
        gone = line.place()
        with running(start=HOST) as host:
            host.ask("hello")
            with armed(line, host, strike, moment, STEPS[step]) as plan:
                host.send("pin", connection=1, ticker=TICKER, on=True)
                host.send("subscribe", topics=["status", "account"])
                assert plan.happened.wait(LIMIT_S)
                line.place()
                line.withdraw(gone)
                time.sleep(STILL_READ_S if strike.endswith("frozen") else 0)
                host.process.kill() if strike == "host killed" else thaw(host)
                line.mend()
                since = time.monotonic()
            with survivor(host, strike) as able:
                watching(able, line, since)


def test_no_process_is_left_over(line: Cable) -> None:
    """A host whose browser died has nobody to tell and ends by itself, also one that was frozen
    when that happened."""
    for _ in range(ROUNDS):
        with running() as host:
            watching(host, line)
            children = Path(f"/proc/{host.process.pid}/task/{host.process.pid}/children")
            assert children.read_text().split() == []
            assert host.close() < 1.0
        with running() as host:
            watching(host, line)
            freeze(host)
            assert host.process.stdin is not None
            host.process.stdin.close()
            thaw(host)
            assert host.close() < 1.0


def test_the_cable_counts_what_the_simulator_has_long_forgotten(line: Cable) -> None:
    """Else an execution of an early round could go, and one too many look like none."""
    order = line.place()
    line.withdraw(order)
    for _ in range(KEPT + 1):
        line.simulator.record.add(0.0, "GET", "/ping", "", b"")

    assert line.sent("/orders/cancel", order) == 1
