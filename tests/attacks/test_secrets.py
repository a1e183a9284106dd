"""Amounts, tokens and names that can be known again, planted in a terminal and looked for in all
that the product says and writes: each may stand only where it belongs.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from host import START, Host, running
from until import LIMIT_S

from relay.core.tokens import Tokens, tokens_file
from relay.edges import logs
from relay.metascalp.simulator import Simulator
from tests.attacks.programs import Program, heard, program, request, said, steady_port

TICKER = "BTCUSDT"
BALANCE = "8675309.13370042"
SIZE = "7.391"
PRICE = "20771.3"
POSITION = "3.917"
NAME = "Zanzibar-Quux"
TOKEN = "msr_planted-and-wrong-0123456789abcdefghijklmnop"
#: What nobody but the trader's own screen, and his own programs, is told.
AMOUNTS = {"a balance": BALANCE, "a size": SIZE, "a position": POSITION}
#: Nor this, but his own journal has it, and its export.
PRICES = {"a price": PRICE}
NAMES = {"a connection's name": NAME}
LOUD = {logs.VARIABLE: "DEBUG", "PYTHONASYNCIODEBUG": "1"}

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def planted(outside: Simulator) -> Simulator:
    """Known amounts on connection 1, and an exchange that quotes the balance in its refusals."""
    world = outside.world
    world.connections[1].name = NAME
    account = world.accounts[1]
    account.totals["USDT"] = Decimal(BALANCE)
    position = next(iter(account.positions.values()))
    account.positions[position.ticker] = replace(position, signed=Decimal(POSITION))
    return outside


def place(sim: Simulator) -> str:
    body = {"connectionId": 1, "ticker": TICKER, "side": "Buy", "type": "Limit"}
    data = request(sim.port, "POST", "/sim/order", {**body, "price": float(PRICE), "size": 7.391})
    with said(sim.port, data) as one:
        answer = heard(one)
    assert answer, "the terminal answers"
    assert answer[0] == 200, answer
    return str(answer[1]["orderId"])


def now() -> int:
    return int(time.time() * 1000)


def trade_in_the_panel(host: Host, sim: Simulator) -> list[str]:
    """A trader's morning through the native door; the ids of the orders."""
    orders = [place(sim), place(sim)]
    host.ask("hello")
    host.ask("subscribe", topics=["status", "account", "activity", "scan"])
    host.ask("pin", connection=1, ticker=TICKER, on=True)
    host.wait_event("account", lambda data: bool(data["put"]["balances"]))
    for verb in ("orders", "positions", "balances", "status", "sites", "bindings", "known"):
        host.ask(verb)
    host.ask("open", ticker="BINANCE:ETHUSDT.p", at=now())
    host.ask("open", ticker="BINANCE:NOSUCH.p", at=now())
    cancel = {"connection": 1, "ticker": TICKER, "type": "limit"}
    host.ask("cancel", **cancel, order=orders[0], at=now())
    host.ask("cancel", **cancel, order=orders[0], at=now())
    host.ask("cancel", **cancel, order=orders[1], at=0)
    host.ask("cancel_all", connection=1, ticker=TICKER, at=now())
    host.ask("holding", ticker=f"BINANCE:{TICKER}.p")
    host.ask("config_set", exchanges=["BYBIT", "BINANCE"])
    return orders


def exported(host: Host) -> str:
    """The export, once the journal has the closed orders."""
    ends = time.monotonic() + LIMIT_S
    while "closed" not in (text := host.ask("activity_csv")["result"]["text"]):
        assert time.monotonic() < ends, text
        time.sleep(0.02)
    return text


def found(secrets: dict[str, str], text: str | bytes) -> list[str]:
    """Which of them stand there, however their digits are written."""
    plain = text.encode() if isinstance(text, str) else text
    spellings = {name: {value, value.replace(".", ",")} for name, value in secrets.items()}
    spellings |= {
        f"{name}, rounded": {f"{float(value):,.2f}"}
        for name, value in secrets.items()
        if name == "a balance"
    }
    return [name for name, all_ in spellings.items() if any(one.encode() in plain for one in all_)]


def test_the_search_finds_what_is_there(planted: Simulator) -> None:
    """A search that cannot fail would prove nothing: the panel has every one of them."""
    with running() as host:
        orders = trade_in_the_panel(host, planted)
        told = json.dumps(host.messages)

    secrets = {**AMOUNTS, **PRICES, **NAMES, "an order": orders[0]}
    assert found(secrets, told)[:5] == [
        "a balance", "a size", "a position", "a price", "a connection's name",
    ]  # fmt: skip


@pytest.mark.parametrize("loud", [False, True], ids=["as it is", "everything logged"])
def test_the_host_tells_amounts_to_the_panel_alone(
    planted: Simulator, home: Path, loud: bool
) -> None:
    """On stderr nothing; in its files sizes and prices of closed orders, for the trader's eyes; in
    what is exported of that prices alone."""
    with running(**(LOUD if loud else {})) as host:
        orders = trade_in_the_panel(host, planted)
        export = exported(host)
        errors = host.errors()
    everything = {**AMOUNTS, **PRICES, **NAMES, "an order": orders[0]}
    written = {path.name: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    journal = b"".join(content for name, content in written.items() if "activity" in name)
    others = b"".join(content for name, content in written.items() if "activity" not in name)

    assert errors if loud else not errors
    assert found(everything, errors) == []
    assert found({**AMOUNTS, "an order": orders[0]}, export) == []
    assert found(PRICES | NAMES, export) == ["a price", "a connection's name"]
    assert set(found(everything, journal)) <= {
        "a size", "a price", "a connection's name", "an order",
    }  # fmt: skip
    assert found(everything, others) == []


#: A failure nobody foresaw, whose words quote what it failed on.
BROKEN = {
    "in the panel's account": "import relay.orders as there; there.Mirror.update_order = bad",
    "in an operation": "import relay.core.relay as there; there.Relay.open = bad",
    "in what reads an account": "import relay.metascalp.account as there; there.balances_in = bad",
    "in the loop": "import relay.edges.native_loop as there; there._Door._take_request = bad",
}


def until_it_says(host: Host, word: str, again: Callable[[], object]) -> str:
    """What stands on stderr once a word does; something is done again and again meanwhile."""
    assert host.process.stderr is not None
    os.set_blocking(host.process.stderr.fileno(), False)
    said_, ends = "", time.monotonic() + LIMIT_S
    while word not in said_:
        assert time.monotonic() < ends, said_
        again()
        time.sleep(0.05)
        said_ += (host.process.stderr.read() or b"").decode()
    os.set_blocking(host.process.stderr.fileno(), True)
    return said_


@pytest.mark.parametrize("where", BROKEN)
def test_a_crash_of_the_host_writes_no_amount(planted: Simulator, home: Path, where: str) -> None:
    quoting = (
        "def bad(*args, **more): raise ValueError("
        f"'balance {BALANCE} size {SIZE} token {TOKEN} {NAME}')\n"
    )
    with running(start=f"{quoting}{BROKEN[where]}\n{START}", **LOUD) as host:
        host.send("hello")
        host.send("subscribe", topics=["account"])
        host.send("pin", connection=1, ticker=TICKER, on=True)
        host.send("open", ticker="BINANCE:ETHUSDT.p", at=now())
        errors = until_it_says(host, "ValueError", lambda: place(planted))
        errors += host.errors()

    assert found({**AMOUNTS, **NAMES, "a token": TOKEN}, errors) == []


@pytest.fixture
def door(planted: Simulator, tmp_path: Path) -> Iterator[Program]:
    where = ("--verbose", "serve", "--terminal", f"127.0.0.1:{planted.port}")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in LOUD.items():
            patch.setenv(name, value)
        with program(*where, log=tmp_path / "stderr") as made:
            yield made


def asked(door: Program, method: str, path: str, body: object, token: str | None) -> bytes:
    data = request(door.port, method, path, body)
    if token:
        data = data.replace(b"\r\n", f"\r\nAuthorization: Bearer {token}\r\n".encode(), 1)
    with said(door.port, data) as one:
        parts = []
        while part := one.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_serve_logs_and_counts_no_amount_and_no_token(
    planted: Simulator, home: Path, tmp_path: Path, door: Program
) -> None:
    right, _ = Tokens(tokens_file()).new("trade", "bot")
    revoked, _ = Tokens(tokens_file()).new("read", "old")
    Tokens(tokens_file()).revoke("old")
    order = place(planted)
    body = {"ticker": TICKER, "side": 1, "type": 0, "price": float(PRICE), "size": 7.391}
    told = b""
    for token in (right, revoked, TOKEN, None):
        told += asked(door, "GET", "/api/connections/1/balance", None, token)
        told += asked(door, "POST", "/api/connections/1/orders", body, token)
        told += asked(door, "POST", "/api/connections/1/orders", {**body, "size": 1e9}, token)
        told += asked(door, "POST", "/api/connections/1/orders", {**body, "sise": 7.391}, token)
        told += asked(door, "POST", f"/relay/open?token={right}", {"ticker": SIZE}, token)
        told += asked(door, "GET", f"/api/connections/{right}/balance", None, token)
        told += asked(door, "POST", "/relay/balances", {}, token)
    counted = b"".join(
        asked(door, "GET", f"/relay/{page}", None, right)
        for page in ("metrics", "status", "openapi.json")
    )
    door.process.terminate()
    door.process.wait(LIMIT_S)
    errors = (tmp_path / "stderr").read_bytes()
    tokens = {"a token": right, "a revoked token": revoked, "a wrong token": TOKEN}
    written = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())

    assert found(AMOUNTS, told)[:1] == ["a balance"], "who may know is told"
    assert found({**AMOUNTS, **PRICES, **tokens, "an order": order}, counted) == []
    assert found({**AMOUNTS, **PRICES, **NAMES, **tokens, "an order": order}, errors) == []
    assert found(tokens, written) == []
    assert errors, "it does log"


def test_a_crash_of_serve_writes_no_amount_and_no_token(
    planted: Simulator, home: Path, tmp_path: Path
) -> None:
    """On both ways a request can take, and in what reads the terminal's stream."""
    code = (
        "def bad(*args, **more): raise ValueError(repr(args))\n"
        "from relay.edges import answering, cli, web_own, web_pass\n"
        "answering.Sending = bad\nanswering.prepared = bad\nweb_pass.prepared = bad\n"
        "web_own._operation = bad\ncli.main()\n"
    )
    body = {"ticker": TICKER, "side": 1, "price": float(PRICE), "size": 7.391}
    where = ("--verbose", "serve", "--auth", "local", "--terminal", f"127.0.0.1:{planted.port}")
    log, orders = tmp_path / "stderr", "/api/connections/1/orders"
    with program(*where, log=log, start=code) as door:
        for way in ("plain", "chunked"):
            with said(door.port, request(door.port, "POST", orders, body, way)) as one:
                answer = heard(one)
            assert answer is None or answer[0] == 500
        asked(door, "POST", "/relay/open", {"ticker": SIZE}, TOKEN)
        assert asked(door, "GET", "/relay/status", None, None).startswith(b"HTTP/1.1 200")
    errors = log.read_bytes()

    assert b"ValueError" in errors
    assert found({**AMOUNTS, **PRICES, "a token": TOKEN}, errors) == []


COMMANDS = {
    "status": ["status"],
    "status for machines": ["status", "--json"],
    "the doctor": ["doctor", "--json"],
    "the doctor, to people": ["doctor", "--language", "ru"],
    "open": ["open", "BINANCE:ETHUSDT.p"],
    "refused": ["open", "BINANCE:NOSUCH.p", "--json"],
    "no terminal": ["status", "--terminal", "127.0.0.1:1"],
    "the list of tokens": ["token", "list", "--json"],
    "a token that is none": ["token", "revoke", "none"],
    "conform": ["conform", "--json"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_says_an_amount_or_a_token(planted: Simulator, home: Path, name: str) -> None:
    """But `orders`, which is asked for them, and `token new`, once."""
    right, made = Tokens(tokens_file()).new("trade", "bot")
    place(planted)
    arguments = COMMANDS[name]
    if arguments[0] == "conform":
        arguments = [*arguments, "--terminal", f"127.0.0.1:{planted.port}"]
    done = subprocess.run(
        [sys.executable, "-m", "relay", "--verbose", *arguments],
        capture_output=True, timeout=60, check=False, env={**os.environ, **LOUD},
    )  # fmt: skip

    secrets = {**AMOUNTS, **PRICES, "a token": right, "its hash": made.digest}
    assert done.stdout or done.stderr
    assert found(secrets, done.stdout + done.stderr) == []
    assert found(NAMES, done.stderr) == []


#: Everything the product writes of itself; what it writes because it was told to, is below.
FILES = {
    "config.toml", "tokens.json", "tickers.json", "locks.json", "installed.json", "activity.db",
    "activity.db-wal", "activity.db-shm",
}  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="modes say nothing there")
def test_every_file_is_its_owners_alone_whatever_the_umask(
    planted: Simulator, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.rmdir()
    people = tmp_path / "people"
    people.mkdir()
    before = os.umask(0)
    try:
        monkeypatch.setenv("HOME", str(people))
        with running() as host:
            trade_in_the_panel(host, planted)
            panel = host.ask("bindings")["result"]["panels"]
            host.ask("lock", panel=panel[0]["id"] if panel else "x", on=True)
            exported(host)
            names = {path.name for path in home.rglob("*") if path.is_file()}
            modes = _modes(home)
        for arguments in (
            ["token", "new", "--scope", "read"],
            ["install"],
            ["extension", str(tmp_path / "extension")],
            ["record", "--plain", "--seconds", "0", "--out", str(tmp_path / "tape.jsonl"),
             "--terminal", f"127.0.0.1:{planted.port}"],
        ):  # fmt: skip
            subprocess.run(
                [sys.executable, "-m", "relay", *arguments], check=True, capture_output=True,
                timeout=60,
            )  # fmt: skip
    finally:
        os.umask(before)
    names |= {path.name for path in home.rglob("*") if path.is_file()}
    modes |= _modes(home)
    others = {path: _mode(path) for path in people.rglob("*")} | {
        path: _mode(path) for path in (tmp_path / "extension").rglob("*")
    }

    assert names <= FILES
    assert names >= FILES - {"activity.db-wal", "activity.db-shm", "locks.json"}
    assert {mode for mode in modes.values() if mode & 0o077} == set(), modes
    assert _mode(tmp_path / "tape.jsonl") == 0o600
    assert others
    assert {oct(mode) for mode in others.values() if mode & 0o022} == set(), (
        "nobody else changes it"
    )


def _modes(folder: Path) -> dict[Path, int]:
    return {path: _mode(path) for path in (folder, *folder.rglob("*"))}


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_ports_of_these_tests_are_free() -> None:
    """`steady_port` gives none that the system may give to somebody else meanwhile."""
    low = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(low.read_text().split()[0]) if low.exists() else 32768

    assert steady_port() < first
