from random import Random

from relay.metascalp.simulator.broker import Broker, top_tokens, totals


def test_the_same_seed_gives_the_same_events():
    one, other = Broker(Random("x")), Broker(Random("x"))
    one.tick(1000.0), other.tick(1000.0)

    assert one.tick(1005.0) == other.tick(1005.0)
    assert one.walls == other.walls


def test_nothing_happens_between_two_steps():
    broker = Broker(Random("x"))
    broker.tick(1000.0)

    assert broker.tick(1000.05) == ([], [], [])


def test_a_long_pause_is_not_made_up_for():
    broker = Broker(Random("x"))
    broker.tick(1000.0)
    _, trades, _ = broker.tick(100000.0)

    assert len(trades) <= 200 * 12


def test_the_trades_of_a_step_are_spread_over_it_oldest_first():
    broker = Broker(Random("x"))
    broker.tick(1000.0)
    _, trades, _ = broker.tick(1005.0)
    times = [one.at for one in trades]

    assert times == sorted(times)
    assert 1000 < times[0] < times[-1] <= 1005.001
    assert len(set(times)) > 100


def test_walls_lie_within_ten_per_cent_and_are_known_for_an_hour():
    broker = Broker(Random("x"))
    broker.tick(1000.0)
    walls = list(broker.walls)

    assert all(abs(wall.distance) <= 10 for wall in walls)
    assert all((wall.distance > 0) is (wall.side == "ask") for wall in walls)
    broker.tick(4600.0)
    assert not set(walls) & set(broker.walls)


def test_totals_and_top_tokens():
    broker = Broker(Random("x"))
    broker.tick(1000.0)
    rows = list(broker.past)
    tops = top_tokens(rows)
    sums = [top["longUsd"] + top["shortUsd"] for top in tops]

    assert totals(rows)["longCount"] + totals(rows)["shortCount"] == len(rows) == 500
    assert len(tops) == 10
    assert sums == sorted(sums, reverse=True)
