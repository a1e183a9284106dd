from decimal import Decimal

from relay.metascalp.simulator.drawings import TYPES, Drawing


def test_three_lists_in_the_documents_order_each_with_its_places():
    drawing = Drawing()
    drawing.lists["horizontal-lines"] += [{"y": Decimal(1)}, {"y": Decimal(2)}]
    rows = drawing.rows(1, "BTCUSDT")

    assert list(rows) == ["connectionId", "ticker", *(name for name, _ in TYPES.values())]
    assert rows["horizontalLineAnnotations"] == [
        {"index": 0, "y": Decimal(1)}, {"index": 1, "y": Decimal(2)},
    ]  # fmt: skip
