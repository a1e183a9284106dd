"""Tabs and charts of `GET /api/ui/state`, and of replies that are none."""

from __future__ import annotations

import pytest

from relay.metascalp import layout
from relay.metascalp.layout import chart_document_in, tabs_in, wait_for

STATE = {
    "windows": [
        {"id": 3, "tabs": [
            {"id": 42, "documents": [{"ticker": "BTCUSDT"}, {"ticker": None}]},
            {"id": 43, "documents": []}, {"id": None}, 7,
        ]},
    ],
    "standalonecharts": [{"id": 8, "externalid": "5fa8"}, {"id": 9, "externalid": None}],
}  # fmt: skip


def test_a_tab_has_the_tickers_of_its_documents():
    assert tabs_in(STATE) == {42: frozenset({"BTCUSDT"}), 43: frozenset()}


def test_a_chart_is_found_by_its_window():
    assert chart_document_in(STATE, 8) == "5fa8"
    assert [chart_document_in(STATE, number) for number in (9, 42, None)] == [None] * 3


@pytest.mark.parametrize("reply", [None, [], {}, {"windows": 5, "standalonecharts": "x"}])
def test_what_is_no_layout_has_nothing(reply):
    assert tabs_in(reply) == {}
    assert chart_document_in(reply, 1) is None


async def test_what_the_layout_does_not_tell_yet_is_looked_for_again(monkeypatch):
    monkeypatch.setattr(layout, "LOOK_AGAIN_S", 0.0)
    told = iter([None, None, 7, 8])

    async def look():
        return next(told)

    assert await wait_for(look, lambda seen: seen is not None) == 7


async def test_what_the_layout_never_tells_is_given_up(monkeypatch):
    monkeypatch.setattr(layout, "LAG_S", 0.0)

    async def look():
        return "nothing new"

    assert await wait_for(look, lambda seen: False) == "nothing new"
