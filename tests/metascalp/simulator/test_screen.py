from relay.metascalp.simulator.screen import COMBOS, Screen


def test_a_switch_moves_the_active_panel_of_its_connection_only():
    screen = Screen({1: "BTCUSDT", 4: "BTC_USDT"})
    screen.switch(4, "ETH_USDT", None)

    assert screen.active == {1: "BTCUSDT", 4: "ETH_USDT"}
    assert screen.active_connection == 4
    assert screen.bindings["001"] == (1, "BTCUSDT")


def test_a_binding_follows_even_to_another_exchange():
    screen = Screen({1: "BTCUSDT", 4: "BTC_USDT"})
    screen.switch(4, "ETH_USDT", "001")

    assert screen.bindings["001"] == (4, "ETH_USDT")
    assert list(screen.bindings) == ["001", "002", "003", "007"]


def test_what_the_active_panel_is_pointed_at_is_what_is_active():
    screen = Screen({1: "BTCUSDT", 4: "BTC_USDT"})
    desk = screen.layout.main.tabs[-1].documents
    screen.show(desk[0], 1, "SOLUSDT")
    screen.show(screen.layout.main.tabs[0].documents[0], 1, "XRPUSDT")

    assert screen.active == {1: "SOLUSDT", 4: "BTC_USDT"}
    screen.switch(1, "ETHUSDT", None)
    assert [one.ticker for one in desk] == ["ETHUSDT", "BTC_USDT"]


def test_a_combo_comes_to_the_front_only_when_activated():
    screen = Screen({1: "BTCUSDT"})
    screen.combo(1, ["ETHUSDT"], False, 5.0)
    assert screen.active == {1: "BTCUSDT"}

    screen.combo(1, ["ETHUSDT", "SOLUSDT"], True, 6.0)

    assert screen.active == {1: "SOLUSDT"}
    assert [combo["tickers"] for combo in screen.combos] == [["ETHUSDT"], ["ETHUSDT", "SOLUSDT"]]


def test_combos_are_bounded():
    screen = Screen({1: "BTCUSDT"})
    for _ in range(COMBOS + 5):
        screen.combo(1, ["ETHUSDT"], False, 5.0)

    assert len(screen.combos) == COMBOS


def test_every_panel_is_shown():
    assert (9, "SOLUSDT") in Screen({1: "BTCUSDT"}).shows()
    assert (1, "BTCUSDT") in Screen({1: "BTCUSDT"}).shows()
