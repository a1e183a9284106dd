"""Each part killed or frozen at each moment of a click, of a cancel, of a subscription.

Whatever happens, a command is executed at most once, what is said to have happened has happened,
and two seconds later everything works again. `METASCALP_ROUNDS=100` does each of it that often, and
is then strict about the two seconds: a machine that runs all tests may be slow.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from host import Host, running
from until import LIMIT_S

from relay.core.places import TERMINAL_VARIABLE
from tests.attacks.cable import MOMENTS, TICKER, Cable, Plan, cable

ROUNDS = int(os.environ.get("METASCALP_ROUNDS", "2"))
WITHIN_S = 2.0 if "METASCALP_ROUNDS" in os.environ else 6.0
VICTIMS = ("host", "terminal", "network")
#: A frozen network thaws after so long: later than any click waits for.
FROZEN_S = 0.3

pytestmark = pytest.mark.timeout(60 + 12 * ROUNDS)


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


def outcome(host: Host, number: int) -> dict[str, Any] | None:
    """What a request came to; None when its host died first."""
    fits = [answer for answer in host.answers() if answer["id"] == number]
    assert len(fits) <= 1, "answered once"
    return fits[0]["result"] if fits else None


def wait_outcome(host: Host, number: int) -> dict[str, Any] | None:
    ends = time.monotonic() + LIMIT_S
    while time.monotonic() < ends:
        if (found := outcome(host, number)) is not None:
            return found
        if host.process.poll() is not None:
            host.close()
            return outcome(host, number)
        time.sleep(0.005)
    raise AssertionError("neither answered nor dead")


@contextmanager
def struck(line: Cable, host: Host, victim: str, moment: str, needle: bytes) -> Iterator[Plan]:
    """In the block the victim is struck, once; after it everything is whole again."""
    strike = {"host": host.process.kill, "terminal": line.cut, "network": line.hold}[victim]
    line.plan = Plan(needle, moment, strike)
    try:
        yield line.plan
    finally:
        line.plan = None
        line.mend()


def works_again(line: Cable, host: Host, ticker: str) -> Host | None:
    """A click that is done within two seconds of the end of the trouble; with another host where
    the first is dead, as the browser would start one."""
    ends = time.monotonic() + WITHIN_S
    while time.monotonic() < ends:
        done = wait_outcome(host, click(host, ticker))
        if done is not None and done["state"] == "done":
            return host
    raise AssertionError(f"not again within {WITHIN_S} s: {done}")


def true(said: dict[str, Any] | None, executed: int) -> bool:
    """Whether what was said fits how often it was executed."""
    allowed = {"done": (1,), "refused": (0,), "unknown": (0, 1), "dispatched": (1,)}
    return executed in (allowed[said["state"]] if said else (0, 1))


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_click_is_executed_at_most_once_and_told_as_it_was(
    line: Cable, victim: str, moment: str
) -> None:
    tickers = ("ETHUSDT", "SOLUSDT")
    for n in range(ROUNDS):
        with running() as host:
            host.ask("hello")
            assert wait_outcome(host, click(host, TICKER)), "a connection stands before"
            ticker = tickers[n % 2]
            before = line.sent("/api/change-ticker", ticker)
            with struck(line, host, victim, moment, b"POST /api/change-ticker") as plan:
                number = click(host, ticker)
                assert plan.happened.wait(LIMIT_S)
                if victim == "network":
                    time.sleep(FROZEN_S)
                    line.mend()
                said = wait_outcome(host, number)
            executed = line.sent("/api/change-ticker", ticker) - before

            assert true(said, executed), (said, executed)
            if victim == "host":
                with running() as another:
                    works_again(line, another, TICKER)
            else:
                works_again(line, host, TICKER)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_cancel_is_sent_at_most_once_and_what_is_left_is_read(
    line: Cable, victim: str, moment: str
) -> None:
    for _ in range(ROUNDS):
        order = line.place()
        with running() as host:
            watching(host, line)
            with struck(line, host, victim, moment, b"/orders/cancel") as plan:
                number = host.send(
                    "cancel", connection=1, order=order, ticker=TICKER, type="limit", at=now()
                )
                assert plan.happened.wait(LIMIT_S)
                if victim == "network":
                    time.sleep(FROZEN_S)
                    line.mend()
                said = wait_outcome(host, number)
            executed = line.sent("/orders/cancel", order)

            assert true(said, executed), (said, executed)
            if victim == "host":
                with running() as another:
                    watching(another, line)
            else:
                agrees(host, line)


def watching(host: Host, line: Cable) -> None:
    """A panel that knows every open order of the ticker, and trusts what it knows."""
    host.ask("hello")
    host.ask("subscribe", topics=["status", "account"])
    host.ask("pin", connection=1, ticker=TICKER, on=True)
    agrees(host, line, LIMIT_S)


def agrees(host: Host, line: Cable, within_s: float = WITHIN_S) -> None:
    """In time the relay has exactly the terminal's orders, and says that it is sure."""
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        answer = host.ask("orders")["result"]
        mine = [row for row in answer["rows"] if row["connection"] == 1 and row["ticker"] == TICKER]
        if 1 not in answer["stale"] and {row["id"] for row in mine} == line.orders():
            return
        time.sleep(0.01)
    raise AssertionError(f"the relay has {answer}, the terminal {line.orders()}")


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_subscription_ends_with_the_terminals_own_state(
    line: Cable, victim: str, moment: str
) -> None:
    """Struck while it opens its stream; an order is placed and one is gone meanwhile."""
    for _ in range(ROUNDS):
        with running() as host:
            host.ask("hello")
            with struck(line, host, victim, moment, b"Upgrade: websocket") as plan:
                host.send("pin", connection=1, ticker=TICKER, on=True)
                host.send("subscribe", topics=["status", "account"])
                assert plan.happened.wait(LIMIT_S)
                line.place()
                time.sleep(FROZEN_S if victim == "network" else 0)
            if victim == "host":
                with running() as another:
                    watching(another, line)
            else:
                agrees(host, line)


def test_no_process_is_left_over(line: Cable) -> None:
    """A host whose browser died has nobody to tell and ends by itself."""
    for _ in range(ROUNDS):
        with running() as host:
            watching(host, line)
            children = Path(f"/proc/{host.process.pid}/task/{host.process.pid}/children")
            assert children.read_text().split() == []
            assert host.close() < 1.0
