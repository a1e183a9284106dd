"""Where orders are looked for first: where a coin is locked, then where one is held."""

from __future__ import annotations

from relay.rows import Balance
from relay.scan import plan
from relay.tickers import Listed, index

SPOT = index([
    Listed("AAAUSDT", "AAA", "USDT"),
    Listed("BTCUSDT", "BTC", "USDT"),
    Listed("ETHUSDT", "ETH", "USDT"),
    Listed("ETHBTC", "ETH", "BTC"),
    Listed("OLDUSDT", "OLD", "USDT", tradable=False),
    Listed("XXXEUR", "XXX", "EUR"),
])  # fmt: skip


def test_what_is_locked_comes_first_and_what_is_known_not_at_all():
    balances = [
        Balance(3, "ETH", "5", "4", "1"),
        Balance(3, "AAA", "7", "7", "0"),
        Balance(3, "USDT", "100", "100", "0.00"),
        Balance(9, "XXX", "1", "0", "1"),
    ]

    names = [name for _, name in plan({3: SPOT}, {(3, "ETHBTC")}, balances)]

    assert names == ["ETHUSDT", "AAAUSDT", "BTCUSDT", "XXXEUR", "OLDUSDT"]


def test_connections_take_turns():
    places = plan({1: index([Listed(f"A{n}", "A", "X") for n in range(3)]), 2: SPOT}, set(), [])

    assert [connection for connection, _ in places[:6]] == [1, 2, 1, 2, 1, 2]


def test_without_lists_there_is_nothing_to_look_at():
    assert plan({}, set(), []) == []
