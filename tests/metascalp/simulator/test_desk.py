from decimal import Decimal

from relay.metascalp.simulator.desk import Desk, Template
from relay.metascalp.simulator.levels import ABOVE, SignalLevel
from relay.metascalp.simulator.settings import WINDOW, Settings


def test_ids_grow_per_family():
    desk = Desk()

    assert [desk.next_id("signal"), desk.next_id("signal"), desk.next_id("user")] == [1, 2, 1]


def test_only_armed_levels_watch_a_price():
    desk = Desk()
    desk.signals[1] = SignalLevel(1, 1, "BTCUSDT", Decimal(1), ABOVE, fired=5.0)
    desk.signals[2] = SignalLevel(2, 4, "BTC_USDT", Decimal(1), ABOVE)

    assert desk.armed() == {(4, "BTC_USDT")}


def test_trades_are_merged_for_200_ms_unless_the_settings_say_otherwise():
    desk = Desk()
    desk.settings[1, "A"] = Settings()
    desk.settings[1, "B"] = Settings(working={WINDOW: 0})

    assert [desk.window_s((1, name)) for name in ("A", "B", "C")] == [0.2, 0.0, 0.2]


def test_a_template_keeps_its_settings_as_they_came():
    assert Template(5, "x", {"Any": [1]}).row() == {"id": 5, "name": "x", "settings": {"Any": [1]}}
