from decimal import Decimal

from relay.metascalp.simulator.catalog import connections
from relay.metascalp.simulator.notices import KEPT, Notice, Notices, fired, traded

BINANCE = connections()[1]


def test_rows_go_out_together_a_second_after_the_first():
    feed = Notices()
    feed.add(Notice("one", "2026"), 10.0)
    feed.add(Notice("two", "2026"), 10.9)

    assert feed.due(10.99) == []
    assert [row["type"] for row in feed.due(11.0)] == ["one", "two"]
    assert feed.due(20.0) == []


def test_the_newest_200_are_kept():
    feed = Notices()
    for number in range(KEPT + 5):
        feed.add(Notice(str(number), "2026"), 0.0)

    assert len(feed.snapshot()["notifications"]) == len(feed.waiting) == KEPT
    assert feed.snapshot()["notifications"][0]["type"] == "5"


def test_a_fired_level_names_its_place():
    row = fired(BINANCE, "BTCUSDT", Decimal("65000.0"), 0.0).row()

    assert (row["type"], row["exchange"], row["exchangeId"]) == ("SignalLevel", "Binance", 2)
    assert (row["exchangeLogo"], row["market"], row["marketType"]) == (
        "binance.png", "USDT-M Futures", "UsdtFutures",
    )  # fmt: skip


def test_a_trade_has_the_average_price_and_what_was_filled():
    event = {"ticker": "BTCUSDT", "filledPrice": Decimal("1.5"), "filledSize": Decimal("2.0")}
    row = traded(BINANCE, event, 0.0, "Tab 1").row()

    assert (row["type"], row["price"], row["size"]) == ("Trade", Decimal("1.5"), Decimal("2.0"))
    assert row["tabName"] == "Tab 1"
