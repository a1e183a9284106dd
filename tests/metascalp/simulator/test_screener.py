import time

import pytest

from relay.metascalp.simulator.screener import place_key, rows
from relay.metascalp.simulator.world import World


@pytest.mark.parametrize(
    ("exchange", "market", "key"),
    [(2, 0, "binance_s"), (6, 5, "bybit_f"), (3, 2, "gate_f"), (8, 1, "mexc_f")],
)
def test_places_are_spelled_as_the_screener_does(exchange, market, key):
    assert place_key(exchange, market) == key


def test_the_same_seed_gives_the_same_rows():
    one, other = (World(3, time.time) for _ in range(2))

    assert rows(one) == rows(other) != rows(World(4, time.time))


def test_a_row_says_where_else_its_coin_is_listed():
    found = {row["ticker"]: row for row in rows(World(1, time.time))}

    assert all(row["exchange"] == "binance_f" for row in found.values())
    assert any("bybit_f" in row["listedExchanges"] for row in found.values())


def test_without_the_first_connection_there_are_none():
    world = World(1, time.time)
    world.remove(1)

    assert rows(world) == []
