"""The command line: exit codes, one sentence on stderr, JSON for machines."""

from __future__ import annotations

import argparse
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from server import free_port

from relay import __version__
from relay.edges import cli
from relay.metascalp.simulator import Simulator

COMMANDS = ["demo", "simulate", "serve", "open", "combo", "status", "orders", "bench"]


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one command, in this process."""
    with pytest.raises(SystemExit) as ended:
        cli.main(list(words))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def commands() -> dict[str, argparse.ArgumentParser]:
    (found,) = [one for one in cli.parser()._actions if isinstance(one.choices, dict)]
    return dict(found.choices)


def test_every_command_of_the_contract_is_there() -> None:
    assert set(COMMANDS) <= set(commands())


def test_every_option_of_the_contract_is_there() -> None:
    wanted = {
        "demo": {"--headless", "--offline"},
        "serve": {"--port", "--terminal", "--auth", "--keys"},
        "simulate": {"--port", "--profile", "--seed", "--rate", "--quiet"},
        "open": {"--binding", "--json"},
        "status": {"--json"},
        "orders": {"--json"},
    }
    for name, options in wanted.items():
        assert options <= set(commands()[name]._option_string_actions), name


def test_open_switches_the_terminal(outside: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "open", "MEXC:BTCUSDT.p")

    assert (code, err) == (0, "")
    assert out.startswith("MEXC:BTC_USDT.p on MEXC Futures (")
    assert outside.world.screen.active[4] == "BTC_USDT"


def test_open_tells_machines_the_whole_outcome(
    outside: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "open", "BINANCE:ETHUSDT.p", "--binding", "001", "--json")
    refused = run(capsys, "open", "BINANCE:NOSUCH.p", "--json")

    assert (done[0], json.loads(done[1])["binding"]) == (0, "001")
    assert (refused[0], json.loads(refused[1])["code"]) == (1, "no-ticker")


def test_a_refusal_is_one_sentence_with_what_exists(
    outside: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "open", "HTX:BTCUSDT.p")

    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert "HTX" in err
    assert "BINANCE:BTCUSDT.p (Binance Futures)" in err


def test_combo_opens_each(outside: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "combo", "BINANCE:BTCUSDT.p", "BINANCE:ETHUSDT.p")

    assert code == 0
    assert "combo BTCUSDT, ETHUSDT" in out


def test_status_shows_both_modes(outside: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "status")
    told: dict[str, Any] = json.loads(run(capsys, "status", "--json")[1])

    assert code == 0
    assert out.startswith(f"MetaScalp 1.0.2860 at http://127.0.0.1:{outside.port}")
    assert "connected VIEW" in out
    assert "connected DEMO" in out
    assert told["terminal"]["state"] == "connected"


def test_orders_are_listed_with_their_numbers_as_they_are(
    outside: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "orders")
    rows = json.loads(run(capsys, "orders", "--json")[1])

    assert code == 0
    assert "orders known for" in out
    assert all(isinstance(row[name], str) for row in rows for name in ("id", "price", "size"))
    assert all(row["id"] in out for row in rows)


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(
    "words", [["status"], ["orders"], ["open", "BTCUSDT"], ["combo", "BTCUSDT"]]
)
def test_without_a_terminal_it_is_one_sentence_and_code_1(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    code, out, err = run(capsys, *words)

    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert "MetaScalp is not running" in err


@pytest.mark.usefixtures("nobody")
def test_status_for_machines_is_told_without_a_terminal_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = run(capsys, "status", "--json")

    assert code == 0
    assert json.loads(out)["terminal"]["state"] == "searching"


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["open", "not a ticker"], "not a ticker pattern"),
        (["open", "BTCUSDT", "--binding", "1"], '"001" to "500"'),
        (["status", "--terminal", "10.0.0.1:17845"], "expected 127.0.0.1:PORT"),
        (["combo", *["BTCUSDT"] * 21], "1 to 20 tickers"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence_and_code_1(
    capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    code, out, err = run(capsys, *words)

    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert sentence in err


@pytest.mark.parametrize(
    "words",
    [[], ["fly"], ["open"], ["combo"], ["status", "extra"], ["serve", "--port", "x"],
     ["simulate", "--profile", "v0"]],
)  # fmt: skip
def test_wrong_usage_is_code_2(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    code, out, err = run(capsys, *words)

    assert (code, out) == (2, "")
    assert "usage: metascalp-relay" in err


def test_an_account_that_cannot_be_read_is_one_sentence(
    outside: Simulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.metascalp.wire.positions_path", lambda number: "/no/such/route")
    code, out, err = run(capsys, "orders")

    assert (code, out) == (1, "")
    assert err == "Not found\n"


def test_a_taken_port_is_one_sentence(
    outside: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("serve", "simulate"):
        code, out, err = run(capsys, command, "--port", str(outside.port))

        assert (code, out) == (1, "")
        assert len(err.splitlines()) == 1
        assert str(outside.port) in err


def test_a_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"{__version__}\n", "")


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "relay", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_python_m_relay_is_the_command(home: Path) -> None:
    with start("--version") as process:
        out, err = process.communicate(timeout=20)

    assert (process.returncode, out, err) == (0, f"{__version__}\n", "")


def test_a_command_of_its_own_process_leaves_nothing_unsaid(
    outside: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends at once, without Python's own clearing up."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    codes = []
    for ticker in ("MEXC:BTCUSDT.p", "MEXC:NOSUCHUSDT.p"):
        with start("open", ticker, "--json") as process:
            out, err = process.communicate(timeout=20)
        codes.append((process.returncode, json.loads(out)["state"], err))

    assert codes == [(0, "done", ""), (1, "refused", "")]


def test_simulate_and_serve_print_one_line_each_when_ready_and_end_when_asked(home: Path) -> None:
    port, door = free_port(), free_port()
    with start("simulate", "--port", str(port), "--quiet") as terminal:
        assert terminal.stdout is not None
        ready = json.loads(terminal.stdout.readline())
        with start("serve", "--port", str(door), "--terminal", f"127.0.0.1:{port}") as serving:
            assert serving.stdout is not None
            told = json.loads(serving.stdout.readline())
            stop(serving)
        stop(terminal)

    assert ready == {"url": f"http://127.0.0.1:{port}", "profile": "v1.0.2860"}
    assert told == {"url": f"http://127.0.0.1:{door}", "terminal": f"http://127.0.0.1:{port}"}
    assert (terminal.returncode, serving.returncode) == (0, 0)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_who_has_read_enough_ends_a_command_without_a_word(
    outside: Simulator, monkeypatch: pytest.MonkeyPatch, unbuffered: str
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with start("simulate", "--switches") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()

    assert (process.returncode, said) == (1, "")


def test_the_broken_pipe_of_a_socket_is_said(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only our own output may end without a word."""

    def broken(arguments: argparse.Namespace) -> int:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(cli, "_status", broken)
    code, out, err = run(capfd, "status")

    assert (code, out, err) == (1, "", "[Errno 32] Broken pipe\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_in_order_though_it_was_started_to_ignore_ctrl_c(
    home: Path, number: signal.Signals
) -> None:
    """As a shell starts what runs in its background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        serving = start("serve", "--port", "0", "--terminal", "127.0.0.1:1")
    finally:
        signal.signal(signal.SIGINT, before)
    with serving:
        assert serving.stdout is not None
        serving.stdout.readline()
        stop(serving, number)

    assert serving.returncode == 0


def stop(process: subprocess.Popen[str], number: int = signal.SIGINT) -> None:
    """Ctrl+C, or what a system sends."""
    process.send_signal(number)
    started = time.monotonic()
    _, err = process.communicate(timeout=20)

    assert time.monotonic() - started < 5
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["serve", "simulate"])
def test_a_port_that_is_taken_or_none_is_said_so(
    capsys: pytest.CaptureFixture[str], outside: Simulator, command: str
) -> None:
    code, _, said = run(capsys, command, "--port", str(outside.port))
    assert code == 1
    assert said.startswith(f"port {outside.port} ")
    assert "Errno" not in said

    code, _, said = run(capsys, command, "--port", "99999")
    assert code == 2
    assert "99999 is no port" in said


def test_a_folder_that_cannot_be_written_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "inside"
    code, _, said = run(capsys, "package", str(place))

    assert code == 1
    assert said.startswith(str(place))
    assert "Errno" not in said


@pytest.mark.parametrize("words", [["open"], ["open", "--json"]])
def test_a_pipe_of_russian_windows_takes_a_chinese_ticker(
    outside: Simulator, words: list[str]
) -> None:
    command = [sys.executable, "-m", "relay", *words, "MEXC:龙虾_USDT.p"]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1251"}

    done = subprocess.run(command, capture_output=True, env=environment, timeout=30)

    assert (done.returncode, done.stderr) == (0, b"")
    if "--json" in words:
        assert json.loads(done.stdout)["symbol"] == "龙虾_USDT"
    else:
        assert rb"\u9f99\u867e_USDT" in done.stdout
