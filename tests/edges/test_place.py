"""Whom a comparison asks about."""

import pytest

from relay.edges.place import Place, place_of
from relay.metascalp.http import Http
from relay.metascalp.simulator import Simulator


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("/ping", "/ping"),
        ("/c/{id}?Ticker={ticker}", "/c/4?Ticker=GOLD%28XAUT%29_USDT"),
        ('{"ticker":{quoted}}', '{"ticker":"GOLD(XAUT)_USDT"}'),
        ("/c/{idle}", None),
        ("/c/{moscow}", None),
    ],
)
def test_holes_are_filled_as_far_as_there_is_something_to_put_in(text, filled):
    assert Place(4, "GOLD(XAUT)_USDT").fill(text) == filled


async def place(sim):
    async with Http("127.0.0.1", sim.port) as http:
        return await place_of(http)


async def test_one_that_is_connected_and_has_a_book_is_asked_about_first():
    async with Simulator(rate=0) as sim:
        assert await place(sim) == Place(1, "BTCUSDT", idle=11, moscow=10)
        for number in (1, 3, 4, 5, 7, 8, 9, 10):
            sim.world.remove(number)
        assert await place(sim) == Place(2, "BTCUSDT", idle=11)
        sim.world.remove(2)
        assert await place(sim) == Place(6, "BTCUSDT", idle=11)


async def test_where_nothing_is_connected_there_is_nobody():
    async with Simulator(rate=0) as sim:
        for number in range(1, 11):
            sim.world.remove(number)
        assert await place(sim) == Place(idle=11)
