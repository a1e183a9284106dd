"""Settings on disk: read at the start, followed, and never lost to a bad file."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from until import until

from relay.actions import Cancel, Open
from relay.config import Config
from relay.core import start
from relay.core.places import TERMINAL_VARIABLE
from relay.core.relay import Relay
from relay.errors import BadConfig
from relay.find import from_pattern
from relay.metascalp.simulator import Simulator


async def ignore(topic: str, data: dict[str, Any]) -> None:
    """A reader's door that goes nowhere."""


@asynccontextmanager
async def followed() -> AsyncIterator[Relay]:
    """A relay that follows its settings, as it does once somebody subscribes."""
    async with start.relay("127.0.0.1:1") as relay:
        reader = relay.reader(ignore)
        relay.subscribe(reader, {"status"})
        yield relay
        relay.leave(reader)


async def test_without_a_file_the_defaults_hold(home: Path) -> None:
    async with start.relay() as relay:
        assert relay.config == Config()
        assert relay.status()["relay"]["configProblem"] is None


async def test_the_file_is_read(home: Path) -> None:
    (home / "config.toml").write_text('orders = "view"\nterminal = "127.0.0.1:1234"')
    async with start.relay() as relay:
        assert relay.status()["orders"] == "view"
        assert relay.config.terminal == "127.0.0.1:1234"


async def test_the_command_line_wins_over_the_variable_and_it_over_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "config.toml").write_text('terminal = "127.0.0.1:1"')
    monkeypatch.setenv(TERMINAL_VARIABLE, "127.0.0.1:2")
    async with start.relay("127.0.0.1:3") as relay:
        assert relay.config.terminal == "127.0.0.1:3"
    async with start.relay() as relay:
        assert relay.config.terminal == "127.0.0.1:2"


async def test_a_terminal_elsewhere_is_refused_at_the_start(home: Path) -> None:
    with pytest.raises(BadConfig, match=r"10\.0\.0\.1"):
        async with start.relay("10.0.0.1:17845"):
            pass


async def test_a_saved_change_is_live(home: Path) -> None:
    async with followed() as relay:
        (home / "config.toml").write_text('orders = "view"')
        await until(lambda: relay.config.orders == "view")

        (home / "config.toml").unlink()
        await until(lambda: relay.config.orders == "cancel")


async def test_a_bad_file_keeps_the_last_good_settings_and_is_reported(home: Path) -> None:
    (home / "config.toml").write_text('orders = "view"')
    async with followed() as relay:
        (home / "config.toml").write_text('orders = "everything"')
        problem = await until(lambda: relay.status()["relay"]["configProblem"])

        assert relay.config.orders == "view"
        assert "everything" in problem

        (home / "config.toml").write_text('orders = "cancel"')
        await until(lambda: relay.status()["relay"]["configProblem"] is None)
        assert relay.config.orders == "cancel"


async def test_where_the_terminal_is_only_a_new_relay_learns(home: Path) -> None:
    async with followed() as relay:
        (home / "config.toml").write_text('orders = "view"\nterminal = "127.0.0.1:9"')
        await until(lambda: relay.config.orders == "view")

        assert relay.config.terminal == "127.0.0.1:1"


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b"orders =", b"a = " + b"[" * 5000, b"orders = 1", b"\x00"]
)
def test_any_bad_file_is_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    last = Config("view")
    config, problem = start.read(path, last)

    assert config == last
    assert problem


def test_a_folder_in_the_files_place_is_a_sentence(tmp_path: Path) -> None:
    assert start.read(tmp_path, Config())[1]


async def test_a_folder_that_cannot_be_made_does_not_end_the_relay(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").write_text("in the way")
    monkeypatch.setenv("METASCALP_RELAY_HOME", str(home / "file" / "under"))
    async with followed() as relay:
        problem = await until(lambda: relay.config_problem)

        assert problem
        assert relay.config == Config(terminal="127.0.0.1:1")


async def test_a_watcher_that_cannot_be_loaded_does_not_end_the_relay(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    async with followed() as relay:
        problem = await until(lambda: relay.config_problem)

        assert "not followed" in problem
        assert relay.status()["terminal"]["state"] == "searching"
        await asyncio.sleep(0)


async def test_a_relay_that_nobody_watches_takes_the_saved_word_before_it_acts(
    home: Path, sim: Simulator
) -> None:
    (home / "config.toml").write_text('orders = "cancel"')
    async with start.relay(f"127.0.0.1:{sim.port}") as relay:
        (home / "config.toml").write_text('orders = "view"  ')
        outcome = await relay.cancel(Cancel(1, 1, "BTCUSDT"))
        assert outcome.code == "orders-view-only"
        assert sim.record.received == 0

        (home / "config.toml").write_text('exchanges = ["OKX"]')
        await relay.open(Open(from_pattern("BTCUSDT.p", relay.exchanges)))
        assert relay.config.exchanges == ("OKX",)
