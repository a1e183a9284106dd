import pytest

from relay.metascalp.simulator.book import ASK, BID
from relay.metascalp.simulator.catalog import connections
from relay.metascalp.simulator.market import Market

TICKERS = connections()[1].tickers()


def market(seed="1", name="BTCUSDT"):
    return Market.open(TICKERS[name], seed)


def test_a_seed_and_a_number_of_steps_give_the_same_market():
    one, two, other = market(), market(), market("2")
    for _ in range(200):
        one.step()
        two.step()
        other.step()

    assert (one.book.asks, one.book.bids) == (two.book.asks, two.book.bids)
    assert one.drain() == two.drain()
    assert one.book.asks != other.book.asks


@pytest.mark.parametrize("name", ["BTCUSDT", "1000PEPEUSDT", "我踏马来了USDT"])
def test_books_stay_deep_and_uncrossed(name):
    alive = market(name=name)
    for _ in range(500):
        alive.step()
        assert len(alive.book.asks) >= 200
        assert len(alive.book.bids) >= 200
        assert alive.book.best(ASK) > alive.book.best(BID)
        assert alive.book.best(ASK) == min(alive.book.asks)
        assert alive.book.best(BID) == max(alive.book.bids)


def test_steps_bring_trades_on_both_sides():
    alive = market()
    for _ in range(100):
        alive.step()

    assert {item.side for item in alive.drain()} == {ASK, BID}
    assert alive.drain() == []


def test_what_changed_adds_up_to_the_book():
    alive = market()
    asks, bids = dict(alive.book.asks), dict(alive.book.bids)
    mirror = {ASK: asks, BID: bids}
    for _ in range(300):
        alive.step()
        for side, tick in alive.book.drain():
            units = alive.book.side(side).get(tick, 0)
            if units:
                mirror[side][tick] = units
            else:
                mirror[side].pop(tick, None)

    assert mirror == {ASK: alive.book.asks, BID: alive.book.bids}


@pytest.mark.parametrize("tick", [640_000, 649_990, 650_010, 660_000, 1_300_000, 500])
def test_a_jump_puts_the_price_where_it_is_told(tick):
    alive = market()
    rises = tick > alive.book.best(BID)

    alive.jump(tick)

    assert alive.book.best(BID if rises else ASK) == tick
    assert alive.book.best(ASK) > alive.book.best(BID)


def test_a_jump_lasts():
    alive = market()
    alive.jump(1_300_000)
    for _ in range(500):
        alive.step()

    assert abs(alive.book.best(BID) - 1_300_000) < 13_000


def test_a_side_eaten_up_comes_back():
    alive = market()
    alive.take(ASK, 10**9, None)
    assert alive.book.best(ASK) is None

    alive.step()

    assert len(alive.book.asks) >= 200
    assert alive.book.best(ASK) > alive.book.best(BID)


@pytest.mark.parametrize("seed", "abcdefgh")
@pytest.mark.parametrize("side", [ASK, BID])
def test_it_comes_back_even_when_the_price_does_not_move(seed, side):
    """The walk of a price of few increments often stands still."""
    alive = market(seed, "1000PEPEUSDT")
    alive.take(side, 10**9, None)

    alive.step()

    assert alive.book.best(ASK) > alive.book.best(BID)
    assert len(alive.book.side(side)) >= 200


def test_both_sides_eaten_up_come_back():
    alive = market()
    alive.take(ASK, 10**9, None)
    alive.take(BID, 10**9, None)

    alive.step()

    assert alive.book.best(ASK) > alive.book.best(BID)


def test_between_two_steps_sizes_change_and_no_price_does():
    one, two = market(), market()
    best = (one.book.best(ASK), one.book.best(BID))
    ticks = (set(one.book.asks), set(one.book.bids))
    for _ in range(200):
        one.flicker()
        two.flicker()
        assert 1 <= len(one.book.drain()) <= 2

    assert (one.book.asks, one.book.bids) == (two.book.asks, two.book.bids)
    assert (one.book.best(ASK), one.book.best(BID)) == best
    assert (set(one.book.asks), set(one.book.bids)) == ticks
    assert min([*one.book.asks.values(), *one.book.bids.values()]) > 0
    assert one.drain() == []


def test_an_empty_book_has_nothing_to_change():
    alive = market()
    alive.take(ASK, 10**9, None)
    alive.take(BID, 10**9, None)
    alive.book.drain()
    alive.flicker()

    assert alive.book.drain() == []
