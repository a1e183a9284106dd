from relay.metascalp.simulator import start
from relay.metascalp.simulator.furniture import furnish
from relay.metascalp.simulator.screen import PANELS

LAYOUT = furnish(start.ACTIVE)


def test_there_are_several_windows_books_and_charts():
    kinds = [one.kind for one in LAYOUT.documents()]

    assert [one.type for one in LAYOUT.windows] == ["MainWorkspace", "Workspace", "LightWorkspace"]
    assert len(LAYOUT.main.tabs) == 3
    assert kinds.count("orderBook") > 10
    assert kinds.count("chart") > 4
    assert {one.engine for one in LAYOUT.charts} == {"Regular", "TradingView"}


def test_the_linked_panels_are_the_bindings_that_exist():
    assert LAYOUT.bindings() == PANELS


def test_every_connection_has_an_active_panel():
    last = LAYOUT.main.tabs[-1].documents

    assert {one.connection: one.ticker for one in last} == start.ACTIVE
