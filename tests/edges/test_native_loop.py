"""The native door with the relay loaded: every request answered exactly once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from host import START, Host, frame, running

from relay.edges.native_loop import PARENT_S
from relay.metascalp.simulator import Simulator

END_S = 0.5 + 0.25
FIND = {"exchange": "BINANCE", "market": "futures", "bare": "BTCUSDT"}
TARGET = {"binding": None}


def now() -> int:
    return int(time.time() * 1000)


def code(answer: dict[str, Any]) -> str:
    text: str = answer["error"]["data"]["code"]
    return text


def test_a_click_reaches_the_terminal(outside: Simulator) -> None:
    with running() as host:
        host.ask("hello")
        outcome = host.ask("open", find=FIND, target=TARGET, at=now())["result"]

        assert (outcome["state"], outcome["code"]) == ("done", "switched")
        assert outcome["ticker"] == "BINANCE:BTCUSDT.p"
        assert outcome["connection"]["id"] == 1
        assert 0 < outcome["ms"] < 5000
        assert outside.world.screen.active[1] == "BTCUSDT"


def test_a_request_that_comes_before_hello_is_answered_too(outside: Simulator) -> None:
    with running() as host:
        assert host.ask("status")["result"]["terminal"]["state"] == "connected"


def test_two_hundred_requests_at_once_are_each_answered_once(outside: Simulator) -> None:
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("status", {}),
        ("resolve", {"find": FIND}),
        ("open", {"find": FIND, "at": now()}),
        ("open", {"find": 7}),
        ("nonsense", {}),
        ("orders", {}),
        ("hello", {}),
        ("cancel", {"connection": 1}),
    ]
    with running() as host:
        numbers = [host.send(name, **params) for name, params in kinds * 25]
        for number in numbers:
            host.wait(lambda message, number=number: message.get("id") == number)
        host.close()

        counts = Counter(answer["id"] for answer in host.answers())
        assert counts == dict.fromkeys(numbers, 1)
        assert host.rest == b""


def test_each_answer_is_to_its_own_request(outside: Simulator) -> None:
    with running() as host:
        asked = {
            host.send("open", find={**FIND, "bare": "ETHUSDT"}, at=now()): "switched",
            host.send("open", find={**FIND, "bare": "NOSUCH"}, at=now()): "no-ticker",
            host.send("open", find={**FIND, "exchange": "HTX"}, at=now()): "no-connection",
            host.send("open", find=[], at=now()): "bad-params",
            host.send("nonsense"): "unknown-method",
            host.send("subscribe", topics=["weather"]): "bad-params",
            host.send("open", find=FIND, at=now() - 2500): "stale",
        }
        for number, expected in asked.items():
            answer = host.wait(lambda message, number=number: message.get("id") == number)
            said = answer["result"]["code"] if "result" in answer else code(answer)

            assert said == expected


def test_requests_with_the_same_id_are_each_answered(outside: Simulator) -> None:
    with running() as host:
        host.write(frame({"id": 5, "method": "status"}) * 3)
        host.wait(lambda _: len(host.answers()) == 3)

        assert [answer["id"] for answer in host.answers()] == [5, 5, 5]


@pytest.mark.parametrize("params", [7, "x", [1], True])
def test_parameters_that_are_no_object_are_refused(outside: Simulator, params: Any) -> None:
    with running() as host:
        host.write(frame({"id": 1, "method": "status", "params": params}))

        assert code(host.wait(lambda message: message.get("id") == 1)) == "bad-params"


def test_null_parameters_are_none(outside: Simulator) -> None:
    with running() as host:
        host.write(frame({"id": 1, "method": "config_get", "params": None}))

        assert host.wait(lambda message: message["id"] == 1)["result"]["orders"] == "cancel"


def test_a_page_of_hostile_values_is_refused_with_codes(outside: Simulator) -> None:
    hostile: list[dict[str, Any]] = [
        {"find": {"bare": "A" * 10_000}}, {"find": {"bare": "<img src=x>\n"}},
        {"find": {"bare": "A", "market": {}}}, {"ticker": "A" * 10_000}, {"ticker": {"a": []}},
        {"find": FIND, "at": "now"}, {"find": FIND, "at": True}, {"find": FIND, "at": 10**400},
        {"find": FIND, "at": float("nan")}, {"find": FIND, "at": float("-inf")},
        {"find": FIND, "target": {"binding": "<b>"}}, {"find": FIND, "target": [1]},
    ]  # fmt: skip
    with running() as host:
        codes = {code(host.ask("open", **params)) for params in hostile}

        assert codes <= {"bad-params", "bad-ticker"}
        assert outside.record.received == 0
        assert host.close() < END_S
        assert "Traceback" not in host.errors()


def test_markup_and_half_a_surrogate_in_a_symbol_are_only_text(outside: Simulator) -> None:
    with running() as host:
        markup = host.ask("open", find={**FIND, "bare": "<b>BTC</b>"}, at=now())
        odd = host.ask("open", find={**FIND, "bare": "\ud800"}, at=now())

        assert markup["result"]["code"] == "no-ticker"
        assert "error" in odd or odd["result"]["state"] == "refused"


@pytest.mark.parametrize("method", ["open", "combo", "cancel", "cancel_all"])
def test_a_command_that_waited_too_long_is_dropped(outside: Simulator, method: str) -> None:
    with running() as host:
        answer = host.ask(
            method, find=FIND, connection=1, order="1", ticker="BTCUSDT", at=now() - 2100
        )

        assert code(answer) == "stale"
        assert answer["error"]["data"]["ms"] > 2000
        assert outside.record.received == 0


def test_a_panel_sees_an_order_and_cancels_it(outside: Simulator) -> None:
    with running() as host:
        host.ask("hello")
        assert host.ask("subscribe", topics=["status", "account"])["result"] == {
            "topics": ["account", "status"]
        }
        first = host.wait_event("account", lambda data: data["reset"])
        host.wait_event("status", lambda data: data["terminal"]["state"] == "connected")
        host.ask("pin", connection=4, ticker="GOLD(XAUT)_USDT", on=True)
        told = host.wait_event(
            "account",
            lambda data: any(r["ticker"] == "GOLD(XAUT)_USDT" for r in data["put"]["orders"]),
        )
        (row,) = [row for row in told["put"]["orders"] if row["ticker"] == "GOLD(XAUT)_USDT"]
        cancelled = host.ask(
            "cancel", connection=4, order=row["id"], ticker=row["ticker"], type="limit", at=now()
        )["result"]
        host.wait_event("account", lambda data: row["key"] in data["drop"]["orders"])

        assert first["more"] is False
        assert isinstance(row["id"], str)
        assert (cancelled["state"], cancelled["code"]) == ("done", "cancelled")


def test_every_message_is_a_frame_of_its_own_though_they_come_in_a_burst(
    outside: Simulator,
) -> None:
    with running() as host:
        host.write(b"".join(frame({"id": n, "method": "hello"}) for n in range(150)))
        host.wait(lambda message: message.get("id") == 149)

        assert sorted(answer["id"] for answer in host.answers()) == list(range(150))
        assert host.rest == b""


def subscribed(host: Host) -> None:
    host.ask("subscribe", topics=["status", "account"])
    host.wait_event("account", lambda data: data["stale"] == [] and bool(data["known"]["tickers"]))


@pytest.mark.parametrize("busy", ["nothing", "panel", "requests", "burst"])
def test_it_is_gone_half_a_second_after_the_end_of_input(outside: Simulator, busy: str) -> None:
    with running() as host:
        host.ask("hello")
        if busy == "panel":
            subscribed(host)
        elif busy == "requests":
            for _ in range(100):
                host.send("resolve", find=FIND)
        elif busy == "burst":
            os.kill(host.process.pid, signal.SIGSTOP)
            for _ in range(200):
                host.send("status")
            os.kill(host.process.pid, signal.SIGCONT)

        assert host.close() < END_S
        assert host.process.returncode == 0
        assert "Traceback" not in host.errors()


BROWSER = f"""import subprocess, sys
subprocess.run([sys.executable, "-c", {START!r}, *sys.argv[1:]])"""


@pytest.mark.skipif(os.name == "nt", reason="a parent stays the same on Windows")
def test_it_is_gone_soon_after_its_browser_was_killed_though_its_input_stays_open(
    outside: Simulator,
) -> None:
    with running(start=BROWSER) as host:
        host.ask("hello")
        subscribed(host)
        host.process.kill()

        assert host.is_gone(PARENT_S + END_S)


@pytest.mark.usefixtures("nobody")
def test_it_is_gone_in_time_while_it_looks_for_a_terminal() -> None:
    with running() as host:
        host.ask("hello")
        host.ask("subscribe", topics=["status", "account"])
        host.wait_event("status", lambda data: data["terminal"]["state"] == "searching")

        assert host.close() < END_S
        assert "Traceback" not in host.errors()


def test_an_operation_that_fails_is_answered_and_the_next_one_works(outside: Simulator) -> None:
    start = (
        "import relay.edges.operations as o; from relay.edges.native import main\n"
        "from dataclasses import replace\n"
        "async def fail(*_): raise ZeroDivisionError\n"
        "o.TABLE['orders'] = replace(o.TABLE['orders'], run=fail)\n"
        "async def large(*_): return {'a': 'x' * 1_100_000}\n"
        "o.TABLE['positions'] = replace(o.TABLE['positions'], run=large)\n"
        "main()"
    )
    with running(start=start) as host:
        assert code(host.ask("orders")) == "internal"
        assert code(host.ask("positions")) == "too-large"
        assert "result" in host.ask("status")


def test_settings_are_live(outside: Simulator, home: Path) -> None:
    with running() as host:
        host.ask("subscribe", topics=["status"])
        host.wait_event("status", lambda data: data["orders"] == "cancel")
        (home / "config.toml").write_text('orders = "view"')
        host.wait_event("status", lambda data: data["orders"] == "view")
        refused = host.ask("cancel_all", connection=1, ticker="BTCUSDT", at=now())["result"]

        assert refused["code"] == "orders-view-only"


def test_a_browser_that_does_not_read_is_left_not_waited_for(outside: Simulator) -> None:
    """Answers nobody reads must not gather without bound, nor keep the host alive."""
    process = subprocess.Popen(
        [sys.executable, "-c", START], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            for number in range(40_000):
                process.stdin.write(frame({"jsonrpc": "2.0", "id": number, "method": "status"}))
        started = time.monotonic()
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.wait(10)

        assert time.monotonic() - started < END_S
        assert process.returncode == 0


def test_a_browser_that_reads_late_gets_every_answer(outside: Simulator) -> None:
    """More answers than wait in the queue: they wait for room and none is lost."""
    process = subprocess.Popen(
        [sys.executable, "-c", START], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdin is not None
        for number in range(2000):
            process.stdin.write(frame({"jsonrpc": "2.0", "id": number, "method": "no-such"}))
        process.stdin.flush()
        host = Host(process)
        with host.said:
            host.said.wait_for(lambda: len(host.messages) >= 2000, 20)
        host.close()

        assert sorted(answer["id"] for answer in host.answers()) == list(range(2000))
