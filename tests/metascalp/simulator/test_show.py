import asyncio
import io
import re
import sys
import time

import pytest

from relay.metascalp.simulator.record import Record
from relay.metascalp.simulator.show import PERIOD_S, clear, draw, fit, show
from relay.metascalp.simulator.world import World

COLOUR = re.compile(r"\x1b\[\d+m")


@pytest.fixture
def world():
    return World(1, time.time)


def picture(world, record):
    return COLOUR.sub("", "\n".join(draw(world, record, "http://127.0.0.1:17845")))


def test_the_picture_shows_connections_bindings_combos_and_requests(world):
    record = Record()
    record.add(1.0, "POST", "/api/combo", "", b'{"ticker":"X"}').status = 400
    world.screen.combo(4, ["龙虾_USDT"], True, 1.0)
    world.paused = True

    text = picture(world, record)

    assert "▸●  4 MEXC Futures     龙虾_USDT" in text
    assert "○ 11 KuCoin Spot" in text
    assert "view" in text
    assert "demo" in text
    assert "paused" in text
    assert "001 1 BTCUSDT" in text
    assert '400    0.00 ms  POST /api/combo  {"ticker":"X"}' in text


def test_only_the_last_ten_requests_are_shown(world):
    record = Record()
    for number in range(15):
        record.add(1.0, "GET", f"/{number}/", "", b"")

    text = picture(world, record)
    assert "/4/" not in text
    assert text.count("GET") == 10


def test_lines_are_cut_by_columns_not_by_characters():
    assert fit("abc\x1b[1mdef\x1b[0m", 4) == "abc\x1b[1md"
    assert fit("龙虾x", 4) == "龙虾"
    assert fit("short", 80) == "short"


def test_what_a_client_sends_cannot_move_the_cursor():
    assert clear("a\x1b[2J\nb") == "a?[2J?b"


async def test_the_screen_is_written_once_while_nothing_changes(world, monkeypatch):
    out, pictures, done = io.StringIO(), [], asyncio.Event()

    def draw_counted(*things):
        pictures.append(1)
        if len(pictures) == 5:
            done.set()
        return draw(*things)

    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr("relay.metascalp.simulator.show.draw", draw_counted)
    monkeypatch.setattr("relay.metascalp.simulator.show.PERIOD_S", 0)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(show(world, Record(), "url"))
        await asyncio.wait_for(done.wait(), 10)
        task.cancel()

    assert out.getvalue().count("\x1b[H") == 1
    assert out.getvalue().endswith("\x1b[?25h\x1b[?1049l")


async def test_a_terminal_of_few_letters_is_no_trouble(world, monkeypatch):
    raw, written = io.BytesIO(), asyncio.Event()
    out = io.TextIOWrapper(raw, encoding="ascii")

    def draw_once(*things):
        written.set()
        return draw(*things)

    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr("relay.metascalp.simulator.show.draw", draw_once)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(show(world, Record(), "url"))
        await asyncio.wait_for(written.wait(), 10)
        task.cancel()

    assert b"Binance Futures" in raw.getvalue()


def test_the_picture_changes_at_most_five_times_a_second():
    assert PERIOD_S >= 0.2
