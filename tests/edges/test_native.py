"""The native door's first words and last: as a real process, with bad bytes and broken packages."""

from __future__ import annotations

import os
import pty
import struct
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from host import START, frame, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay import OLDEST_PROTOCOL, PROTOCOL, __version__
from relay.metascalp.simulator import Simulator

HEAVY = ("aiohttp", "pydantic", "asyncio", "httptools", "watchfiles", "platformdirs", "typing")
#: What a busy machine of two cores may add to the promised 500 ms.
END_S = 0.5 + 0.25


@pytest.mark.usefixtures("nobody")
def test_hello_is_answered_with_who_we_are() -> None:
    with running() as host:
        answer = host.ask("hello", version="0.1.0", protocol=1, browser="chromium")

        assert answer == {
            "jsonrpc": "2.0",
            "id": 1,
            "result": {
                "app": "metascalp-relay",
                "version": __version__,
                "protocol": PROTOCOL,
                "oldest": OLDEST_PROTOCOL,
                "pid": host.process.pid,
            },
        }


def test_nothing_but_the_standard_library_is_loaded_for_hello() -> None:
    """Two of the standard library are too slow all the same: `asyncio` (80 ms, measured 2026-11)
    and `typing` (6 of the 20 ms that ours take, 2026-12-01)."""
    code = "import sys, relay.edges.native; print(*{name.split('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    loaded = set(run.stdout.split())

    assert not loaded & set(HEAVY)
    assert "relay" in loaded


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("package", ["httptools", "platformdirs"])
def test_hello_is_answered_though_a_package_cannot_be_loaded(tmp_path: Path, package: str) -> None:
    """One is imported with the relay, the other when it starts and no folder is set."""
    with running(poisoned=(package,), folder=tmp_path, METASCALP_RELAY_HOME="") as host:
        hello = host.ask("hello")
        status = host.ask("status")
        odd = host.ask("open", find={"bare": "BTCUSDT"})
        host.write(frame([]) + frame({"id": None, "method": "status"}))
        host.wait(
            lambda message: message.get("error", {}).get("data", {}).get("code") == "bad-frame"
        )
        host.wait(
            lambda message: message.get("error", {}).get("data", {}).get("code") == "bad-request"
        )
        again = host.ask("hello")

        assert "result" in hello
        assert "result" in again
        assert status["error"]["data"]["code"] == odd["error"]["data"]["code"] == "relay-broken"
        assert f"{package} is damaged" in status["error"]["data"]["detail"]
        assert host.close() < END_S
        assert "Traceback" not in host.errors()


def test_clicks_work_though_the_panels_packages_cannot_be_loaded(
    outside: Simulator, tmp_path: Path
) -> None:
    with running(poisoned=("aiohttp", "pydantic", "watchfiles"), folder=tmp_path) as host:
        assert "result" in host.ask("hello")
        opened = host.ask("open", find={"exchange": "BINANCE", "bare": "ETHUSDT", "market": "spot"})
        host.ask("subscribe", topics=["status", "account"])
        told = host.wait_event("status", lambda data: bool(data["relay"]["broken"]))
        status = host.ask("status")

        assert opened["result"]["code"] == "switched"
        assert "aiohttp" in told["relay"]["broken"]
        assert status["result"]["relay"]["broken"] == told["relay"]["broken"]
        assert "followed" in status["result"]["relay"]["configProblem"]


@pytest.mark.usefixtures("home")
def test_a_setting_that_cannot_be_meant_is_reported_in_a_frame() -> None:
    with running(METASCALP_RELAY_TERMINAL="10.0.0.1:80") as host:
        hello = host.ask("hello")
        status = host.ask("status")

        assert "result" in hello
        assert status["error"]["data"]["code"] == "relay-broken"
        assert "10.0.0.1" in status["error"]["message"]
        assert "Traceback" not in host.errors()


BAD_FRAMES = [
    (struct.pack("=I", 0), "length 0"),
    (struct.pack("=I", 1024 * 1024 + 1), "length 1048577"),
    (struct.pack("=I", 2**32 - 1) + b"x" * 100, "length 4294967295"),
    (b"GET / HTTP/1.1\r\n\r\n", "length"),
    (struct.pack("=I", 100) + b"{}", "input ended inside a frame"),
    (b"\x05\x00", "input ended inside a frame"),
]


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(("data", "why"), BAD_FRAMES)
@pytest.mark.parametrize("greeted", [True, False])
def test_a_stream_that_is_lost_is_said_to_be_and_ends(data: bytes, why: str, greeted: bool) -> None:
    with running() as host:
        if greeted:
            host.ask("hello")
            host.ask("unsubscribe", topics=[])
        host.write(data)
        host.close()
        last = host.messages[-1]

        assert last["id"] is None
        assert last["error"]["data"]["code"] == "bad-frame"
        assert why in last["error"]["message"]
        assert (host.process.returncode, host.rest) == (0, b"")
        assert "Traceback" not in host.errors()


BAD_BODIES = [
    (b"{", "bad-frame"), (b"\xff\xfe", "bad-frame"), (b"[]", "bad-frame"), (b"null", "bad-frame"),
    (b"[" * 100_000, "bad-frame"), (b'{"a":' * 100_000, "bad-frame"), (b"7", "bad-frame"),
    (b'{"id":1e999999}', "bad-request"), (b"{}", "bad-request"), (b'{"id":7}', "bad-request"),
    (b'{"method":"status"}', "bad-request"), (b'{"id":true,"method":"status"}', "bad-request"),
    (b'{"id":[1],"method":"status"}', "bad-request"), (b'{"id":1,"method":7}', "bad-request"),
    (b'{"id":null,"method":"status"}', "bad-request"), (b'{"method":"hello"}', "bad-request"),
    (b'{"id":"' + b"x" * 65 + b'","method":"status"}', "bad-request"),
    (b'{"id":' + b"9" * 100 + b',"method":"status"}', "bad-request"),
    (b'{"id":1.5,"method":"status"}', "bad-request"),
]  # fmt: skip


@pytest.mark.usefixtures("nobody")
def test_a_bad_message_is_answered_with_its_code_and_the_next_one_is_heard() -> None:
    with running() as host:
        for number, (body, code) in enumerate(BAD_BODIES, 1):
            host.write(struct.pack("=I", len(body)) + body)
            host.wait(lambda _, number=number: len(host.answers()) >= number)
            error = host.answers()[-1]

            assert (error["id"], error["error"]["data"]["code"]) == (None, code), body[:40]
        assert "result" in host.ask("hello")
        host.close()
        assert "Traceback" not in host.errors()


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("first", [b"", frame({"id": 1, "method": "hello"})])
def test_the_end_of_input_is_the_end(first: bytes) -> None:
    with running() as host:
        host.write(first)
        if first:
            host.wait(lambda message: message["id"] == 1)

        assert host.close() < END_S + (0 if first else 1.0), "an interpreter has to start first"
        assert host.process.returncode == 0


@pytest.mark.usefixtures("nobody")
def test_requests_piped_in_at_once_are_answered_before_the_end() -> None:
    with running() as host:
        host.write(frame({"id": "a", "method": "hello"}) + frame({"id": "b", "method": "hello"}))
        host.close()

        assert host.messages[0]["id"] == "a"


@pytest.mark.usefixtures("nobody")
def test_a_stray_print_goes_to_stderr() -> None:
    start = (
        "import os, relay.edges.operations as o; from relay.edges.native import main\n"
        "from dataclasses import replace\n"
        "async def chatty(*_):\n"
        "    print('stray'); os.write(1, b'raw'); os.system('echo child'); return {}\n"
        "o.TABLE['status'] = replace(o.TABLE['status'], run=chatty)\n"
        "main()"
    )
    with running(start=start) as host:
        answers = [host.ask("status") for _ in range(3)]
        host.close()
        errors = host.errors()

        assert all(answer["result"] == {} for answer in answers)
        assert host.rest == b""
        assert "stray" in errors
        assert "raw" in errors
        assert "child" in errors


def test_a_person_at_a_terminal_is_told_what_it_is() -> None:
    master, slave = pty.openpty()
    try:
        run = subprocess.run(
            [sys.executable, "-c", START], stdin=slave, capture_output=True, timeout=20, check=False
        )
    finally:
        os.close(master)
        os.close(slave)

    assert run.returncode == 2
    assert run.stdout == b""
    assert b"metascalp-relay" in run.stderr


@pytest.mark.usefixtures("nobody")
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.binary(max_size=60)
        | st.binary(max_size=60).map(lambda body: struct.pack("=I", len(body)) + body),
        max_size=6,
    )
)
def test_any_bytes_end_with_code_zero_and_whole_frames(pieces: list[bytes]) -> None:
    with running() as host:
        with suppress(BrokenPipeError):
            host.write(b"".join(pieces))
        host.close()

        assert host.process.returncode == 0
        assert host.rest == b""
        assert "Traceback" not in host.errors()
        assert all(message["jsonrpc"] == "2.0" for message in host.messages)


@pytest.mark.usefixtures("nobody")
def test_it_speaks_within_a_second_of_its_start() -> None:
    """The promise is 60 ms in the median; the benchmark measures it. This finds only disasters."""
    with running() as host:
        started = time.monotonic()
        host.ask("hello")

        assert time.monotonic() - started < 1.0
