from decimal import Decimal

import pytest

from relay.metascalp.simulator.body import ApiError, Fields
from relay.metascalp.simulator.levels import (
    ABOVE,
    BELOW,
    LOOK,
    SignalLevel,
    UserLevel,
    look_of,
    price_of,
    rule_of,
)

LEVEL = SignalLevel(1, 1, "BTCUSDT", Decimal("95000.00"), ABOVE)


@pytest.mark.parametrize(
    ("rule", "low", "high", "fires"),
    [
        (ABOVE, 94000, 95000, True), (ABOVE, 94000, 94999, False), (ABOVE, 96000, 97000, True),
        (BELOW, 95000, 96000, True), (BELOW, 95001, 96000, False), (BELOW, 90000, 91000, True),
    ],
)  # fmt: skip
def test_a_level_fires_at_its_price_and_beyond(rule, low, high, fires):
    level = SignalLevel(1, 1, "BTCUSDT", Decimal(95000), rule)

    assert level.reached(Decimal(low), Decimal(high)) is fires


def test_edition_2_has_seven_fields():
    assert len(LEVEL.row(2)) == 7
    assert list(LEVEL.row())[:7] == list(LEVEL.row(2))
    assert list(LEVEL.row())[7:] == ["Note", *LOOK]


def test_a_date_is_written_as_iso():
    level = UserLevel(1, 1, "BTCUSDT", Decimal(1), "stop", None, 1776074400)

    assert level.row()["Date"] == "2026-04-13T10:00:00+00:00"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"linestyle": "dashed"}, {"LineStyle": "Dashed"}),
        ({"linestyle": 2}, {"LineStyle": "Dotted"}),
        ({"textalignment": "RIGHT", "textstyle": 1},
         {"TextAlignment": "Right", "TextStyle": "Bold"}),
        ({"linethickness": 2, "linecolor": "#FFAA00"},
         {"LineThickness": Decimal(2), "LineColor": "#FFAA00"}),
        ({"linestyle": None}, {}),
    ],
)  # fmt: skip
def test_appearance_takes_names_in_any_case_and_numbers(sent, kept):
    assert look_of(Fields(sent)) == kept


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({"linestyle": "wavy"}, "Invalid 'lineStyle'."),
        ({"textalignment": 3}, "Invalid 'textAlignment'."),
        ({"textstyle": True}, "Invalid 'textStyle'."),
    ],
)
def test_an_unknown_appearance_is_refused(sent, text):
    with pytest.raises(ApiError) as refused:
        look_of(Fields(sent))
    assert refused.value.text == text


def test_price_and_rule():
    assert price_of(Fields({})) is None
    assert rule_of(Fields({"triggerrule": "lessthanequal"})) == BELOW
    with pytest.raises(ApiError, match="Price must be greater than zero"):
        price_of(Fields({"price": 0}))
    with pytest.raises(ApiError, match="Allowed values: LessThanEqual, GreaterThanEqual"):
        rule_of(Fields({"triggerrule": 1}))
