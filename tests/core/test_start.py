"""Settings on disk: read at the start, followed, and never lost to a bad file."""

from __future__ import annotations

import asyncio
import sys
import time
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
        assert relay.status()["relay"]["configWhy"] == {
            "why": "choice", "setting": "orders", "value": "'everything'"
        }  # fmt: skip

        (home / "config.toml").write_text('orders = "cancel"')
        await until(lambda: relay.status()["relay"]["configProblem"] is None)
        assert relay.config.orders == "cancel"


@pytest.mark.parametrize(
    "wrong", ['exchanges = "BINANCE"', "what = 1", "# \udcef\nexchanges = [", 'markets = ["moon"]']
)
async def test_a_file_that_is_bad_from_the_start_takes_no_protection_away(
    home: Path, wrong: str
) -> None:
    """What it forbids cannot be known, so nothing is cancelled; the terminal it names is meant."""
    text = f'orders = "view"\nterminal = "127.0.0.1:17846"\n{wrong}\n'
    (home / "config.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    async with start.relay() as relay:
        assert relay.config_problem
        assert relay.config.orders == "view"
        assert relay.config.terminal == "127.0.0.1:17846"

        (home / "config.toml").write_text('orders = "cancel"')
        relay.settings.check()
        assert relay.config_problem is None
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
        assert relay.config == Config(orders="view", terminal="127.0.0.1:1")


async def test_a_watcher_that_cannot_be_loaded_does_not_end_the_relay(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    async with followed() as relay:
        problem = await until(lambda: relay.config_problem)

        assert "not followed" in problem.text
        assert relay.status()["relay"]["configWhy"]["why"] == "not-followed"
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


async def test_preferences_are_written_where_the_user_keeps_them_and_live_at_once(
    home: Path,
) -> None:
    (home / "config.toml").write_text('# mine\norders = "view"  # for now\n')
    async with start.relay("127.0.0.1:1") as relay:
        await relay.settings.save({"exchanges": ["okx"], "aliases": {"binanceusdm": "Binance"}})

        assert relay.config.exchanges == ("OKX",)
        assert relay.exchanges.canonical("BINANCEUSDM") == "BINANCE"
        assert from_pattern("BINANCEUSDM:BTCUSDT.p", relay.exchanges).exchange == "BINANCE"
        assert (
            (home / "config.toml")
            .read_text()
            .startswith('# mine\norders = "view"  # for now\nexchanges = ["OKX"]\n')
        )


@pytest.mark.parametrize(
    ("changes", "params"),
    [
        ({"orders": "cancel"}, {"why": "not-a-preference", "setting": "orders"}),
        ({"terminal": "127.0.0.1:9"}, {"why": "not-a-preference", "setting": "terminal"}),
        ({"markets": ["moon"]}, {"why": "market", "setting": "markets", "value": "'moon'"}),
        (
            {"aliases": {"BYBIT": "OKX"}},
            {"why": "alias-taken", "setting": "aliases.BYBIT", "value": "BYBIT"},
        ),
        (
            {"aliases": {"X": "BINANC"}},
            {"why": "no-exchange", "setting": "aliases.X", "value": "BINANC"},
        ),
    ],
)
async def test_what_cannot_be_meant_is_not_written_and_named(
    home: Path, changes: dict[str, Any], params: dict[str, str]
) -> None:
    async with start.relay("127.0.0.1:1") as relay:
        with pytest.raises(BadConfig) as caught:
            await relay.settings.save(changes)

        assert caught.value.params == params
        assert not (home / "config.toml").exists()


async def test_several_writers_in_one_relay_lose_nothing(home: Path) -> None:
    async with start.relay("127.0.0.1:1") as relay, asyncio.TaskGroup() as tasks:
        for number in range(8):
            tasks.create_task(relay.settings.save({"exchanges": [f"E{number}"]}))
            tasks.create_task(relay.settings.save({"markets": ["spot"]}))

    assert Config("cancel", ("E7",), ("spot",)) == start.read(home / "config.toml", Config())[0]


async def test_an_alias_for_what_no_terminal_has_is_reported(home: Path) -> None:
    (home / "config.toml").write_text('[aliases]\nX = "NOWHERE"\n')
    async with start.relay("127.0.0.1:1") as relay:
        assert relay.config.aliases == {}
        assert "NOWHERE" in (relay.status()["relay"]["configProblem"] or "")


async def test_a_file_that_begins_with_notepads_mark_is_read(home: Path) -> None:
    (home / "config.toml").write_bytes(b'\xef\xbb\xbforders = "view"')
    async with start.relay("127.0.0.1:1") as relay:
        assert relay.config.orders == "view"


SITE = '{"id": "mine", "hosts": ["charts.example.com"], "paths": [{"path": "/{base}"}]}'


async def test_a_site_that_is_dropped_in_is_told_within_a_second(home: Path) -> None:
    told: list[tuple[float, list[str], int]] = []

    async def hear(topic: str, data: dict[str, Any]) -> None:
        if topic == "sites":
            ids = [site["id"] for site in data["sites"]]
            told.append((time.monotonic(), ids, len(data["problems"])))

    async with start.relay("127.0.0.1:1") as relay:
        reader = relay.reader(hear)
        relay.subscribe(reader, {"sites"})
        (home / "sites").mkdir()
        (home / "sites" / "wrong.json").write_text("{")
        await until(lambda: told and told[-1][1:] == ([], 1))

        dropped = time.monotonic()
        (home / "sites" / "mine.json").write_text(SITE)
        await until(lambda: told[-1][1:] == (["mine"], 1))
        took = told[-1][0] - dropped
        (home / "sites" / "wrong.json").unlink()
        await until(lambda: told[-1][1:] == (["mine"], 0))
        relay.leave(reader)

    assert took < 1.5  # within a second, and what a busy machine adds


async def test_who_only_reads_pages_gets_no_look_at_the_terminal(home: Path) -> None:
    async with start.relay("127.0.0.1:1") as relay:
        reader = relay.reader(ignore)
        relay.subscribe(reader, {"sites"})
        (home / "config.toml").write_text('[aliases]\nMY = "OKX"\n')
        await until(lambda: relay.sites()["aliases"] == {"MY": "OKX"})

        assert relay.settings in relay._jobs._running
        assert relay.link not in relay._jobs._running
        relay.leave(reader)
