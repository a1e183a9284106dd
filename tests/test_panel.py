"""Panels and the groups that link them."""

from __future__ import annotations

from relay.panel import Panel, grouped, in_reach, showing


def panel(name: str, link: int | None = None, kind: str = "orderBook", **more: object) -> Panel:
    given = {"connection": 1, "ticker": "BTCUSDT", "front": True, **more}
    return Panel(name, kind, link=link, window="MainWorkspace", tab="Tab 1", **given)  # type: ignore[arg-type]


def test_a_binding_has_three_digits_and_the_panels_of_its_group() -> None:
    one, other, third, alone = panel("a", 30), panel("b", 3), panel("c", 30), panel("d")

    assert grouped([one, other, third, alone]) == {"003": [other], "030": [one, third]}
    assert alone.binding is None


def test_a_switch_may_reach_any_order_book_of_the_connection_those_in_front_first() -> None:
    plain, active = panel("a", 7), panel("b", 1)
    hidden, chart = panel("c", 1, front=False), panel("d", kind="chart")
    elsewhere, empty = panel("e", connection=2), panel("f", connection=None)
    all_of_them = [hidden, plain, active, chart, elsewhere, empty]

    assert in_reach(all_of_them, 1) == [active, plain, hidden]
    assert in_reach(all_of_them, 3) == [active, plain, elsewhere, empty, hidden]


def test_who_shows_a_ticker_is_told_by_connection_and_name() -> None:
    here, there, other = panel("a"), panel("b", connection=2), panel("c", ticker="ETHUSDT")

    assert showing([here, there, other], 1, "BTCUSDT") == [here]


def test_a_panel_is_told_with_its_lock() -> None:
    told = panel("a", 3).as_json({"a"})

    assert told == {
        "id": "a", "kind": "orderBook", "connection": 1, "ticker": "BTCUSDT", "binding": "003",
        "window": "MainWorkspace", "tab": "Tab 1", "front": True, "locked": True,
    }  # fmt: skip
