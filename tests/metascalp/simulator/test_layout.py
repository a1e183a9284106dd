from relay.metascalp.simulator.furniture import furnish
from relay.metascalp.simulator.layout import MAX_TABS, geometry_row, rectangle


def test_a_link_number_is_the_binding_of_that_name():
    layout = furnish({1: "BTCUSDT"})
    layout.point(3, 1, "ADAUSDT")

    assert layout.bindings()["003"] == (1, "ADAUSDT")
    assert list(layout.bindings()) == ["001", "002", "003", "007"]


def test_a_combo_is_a_tab_with_a_book_and_a_chart():
    layout = furnish({1: "BTCUSDT"})
    front = layout.main.selected
    window, chart = layout.open_combo(1, "ADAUSDT", front=False)
    assert (window.selected, chart.kind) == (front, "chart")
    layout.open_combo(1, "SOLUSDT", front=True)

    assert window.selected == window.tabs[-1].id
    assert [one.kind for one in window.tabs[-1].documents] == ["orderBook", "chart"]


def test_combos_are_bounded_and_other_tabs_stay():
    layout = furnish({1: "BTCUSDT"})
    names = [tab.name for tab in layout.main.tabs]
    for _ in range(MAX_TABS + 5):
        layout.open_combo(1, "ADAUSDT", front=True)

    assert len(layout.main.tabs) == MAX_TABS
    assert [tab.name for tab in layout.main.tabs[: len(names)]] == names


def test_closing_the_front_tab_brings_the_last_one_forward():
    layout = furnish({1: "BTCUSDT"})
    window, tab = layout.tab(layout.main.selected)
    layout.close(window, tab)

    assert window.selected == window.tabs[-1].id
    assert layout.tab(tab.id) is None


def test_documents_are_found_by_their_own_id_in_any_case():
    layout = furnish({1: "BTCUSDT"})
    ids = [one.external_id for one in layout.documents()]

    assert len(ids) == len(set(ids))
    assert layout.document(ids[0].upper()) is next(layout.documents())
    assert layout.tab_of(1, "BTCUSDT") == "Main"
    assert layout.tab_of(1, "NO") is None


def test_a_geometry_has_seven_fields():
    assert list(geometry_row(rectangle(1, 2, 3, 4))) == [
        "top", "left", "width", "height", "isFullScreen", "pinOnTop", "isTopBarHidden",
    ]  # fmt: skip
