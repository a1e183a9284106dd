"""The rows about sockets, on small numbers: every message counted, whoever loses some is named."""

from __future__ import annotations

import pytest

from edges.benching.conftest import TINY_SOCKETS
from relay.edges.benching import rounds, sockets
from relay.edges.benching.contenders import DIRECT, RELAY
from relay.edges.benching.reading import Stream


@pytest.fixture
def workloads(field, anywhere):
    return {one.name: one for one in sockets.workloads(field, anywhere, TINY_SOCKETS)}


def test_one_to_one_goes_shared_and_private(workloads):
    row = rounds.run(workloads["WebSocket 1 to 1, 1,000 messages/s"], 1)

    assert row.failed == {}
    assert set(row.shown) == {DIRECT, RELAY, sockets.PRIVATE}
    assert all(shown["delivered"].median == 1.0 for shown in row.shown.values())


@pytest.mark.parametrize("name", ["WebSocket 1 to 1, backlog", "fan-out 8, backlog"])
def test_a_backlog_comes_whole(workloads, name):
    row = rounds.run(workloads[name], 1)

    assert row.failed == {}
    assert all(shown["rate"].median > 0 for shown in row.shown.values())


def test_a_flood_comes_whole(workloads):
    row = rounds.run(workloads["fan-out 8, 50,000 messages/s"], 1)

    assert row.failed == {}
    assert row.shown[RELAY]["delivered"].median == 1.0


def test_who_sleeps_costs_the_others_nothing_and_little_memory(workloads):
    row = rounds.run(workloads["one stalled reader of nine, 20,000 messages/s"], 1)

    assert row.failed == {}
    assert row.shown[RELAY]["delivered"].median == 1.0
    assert row.shown[RELAY]["grown"].median < 16 * 1024


def test_all_sizes_of_a_fan_out_are_there(workloads):
    assert {f"fan-out {count}, backlog" for count in (1, 8, 64)} <= set(workloads)


def test_a_stream_with_a_gap_is_a_failure(monkeypatch, field, anywhere):
    short = Stream(1.0, [9], 10)
    monkeypatch.setattr(sockets, "_read", lambda *_, **__: (short, 0.0))
    measure = sockets._backlog(field.all[RELAY], anywhere, TINY_SOCKETS, 1)

    with pytest.raises(sockets.Wrong, match="90"):
        measure()
