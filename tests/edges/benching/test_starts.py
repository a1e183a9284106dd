"""Beginnings: each is a process that really starts, or a terminal that is really found."""

from __future__ import annotations

import asyncio

import pytest

from edges.benching.conftest import once
from relay.edges.benching import starts
from relay.edges.benching.contenders import DIRECT
from relay.edges.benching.reading import Wrong
from relay.metascalp.simulator import Simulator


def rows_of(folder, address):
    return [once(one) for one in starts.workloads(folder, address, 1)]


async def test_host_and_command_line_are_started(tmp_path):
    async with Simulator(port=0, seed=1, rate=1.0) as simulator:
        rows = await asyncio.to_thread(rows_of, tmp_path, f"127.0.0.1:{simulator.port}")
        active = simulator.record.rows()

    assert [row.failed for row in rows] == [{}] * 3
    assert [list(row.shown) for row in rows] == [
        ["bare interpreter", "host"], ["host"], ["bare interpreter", "open"],
    ]  # fmt: skip
    assert "/api/change-ticker" in {one["path"] for one in active}


def test_a_command_that_fails_is_no_time(tmp_path):
    opening = starts.workloads(tmp_path, "127.0.0.1:1", 1)[-1]

    assert "Wrong" in once(opening).failed["open"]


def test_every_way_of_discovery_finds_what_is_there(field):
    row = once(starts.discovering(field.all[DIRECT].port))

    assert row.failed == {}
    assert len(row.shown) == 5


async def test_a_terminal_that_is_not_there_is_not_found():
    with pytest.raises(Wrong, match="no terminal"):
        await starts._ping(1)
