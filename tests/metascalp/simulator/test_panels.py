import dataclasses
import time

from relay.metascalp.simulator.panels import document_row, state
from relay.metascalp.simulator.world import World


def test_only_some_builds_name_more_than_windows_and_charts():
    world = World(1, time.time)
    assert list(state(world)) == [
        "windows", "standaloneCharts", "watchlists", "screeners",
        "lineNotifications", "finres", "userTrades", "listing",
    ]  # fmt: skip
    world.profile = dataclasses.replace(world.profile, extras=False)

    assert list(state(world)) == ["windows", "standaloneCharts"]


def test_one_tab_of_a_window_is_in_front():
    for window in state(World(1, time.time))["windows"]:
        assert [tab["isSelected"] for tab in window["tabs"]].count(True) == 1
        assert [tab["orderId"] for tab in window["tabs"]] == list(range(len(window["tabs"])))


def test_a_document_of_a_removed_connection_is_still_a_document():
    world = World(1, time.time)
    one = next(world.screen.layout.documents())
    world.remove(1)
    row = document_row(world, one)

    assert (row["orderBook"]["baseAsset"], row["orderBook"]["isTradingAllowed"]) == (None, False)
