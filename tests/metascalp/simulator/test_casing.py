import pytest

from relay.metascalp.simulator.casing import camel, pascal, recase

ROW = {"connectionId": 1, "orders": [{"Id": 7, "Note": "Keep It", "Look": {"LineStyle": "Dashed"}}]}


def test_every_key_changes_its_first_letter_and_no_value_does():
    assert camel(ROW) == {
        "connectionId": 1,
        "orders": [{"id": 7, "note": "Keep It", "look": {"lineStyle": "Dashed"}}],
    }  # fmt: skip
    assert pascal(ROW) == {
        "ConnectionId": 1,
        "Orders": [{"Id": 7, "Note": "Keep It", "Look": {"LineStyle": "Dashed"}}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("casing", "keys"),
    [("mixed", ["a", "B"]), ("camel", ["a", "b"]), ("pascal", ["A", "B"])],
)
def test_a_profile_names_its_casing(casing, keys):
    assert list(recase({"a": 1, "B": [1, None, "x"]}, casing)) == keys
