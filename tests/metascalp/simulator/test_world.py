from dataclasses import dataclass, field

import pytest

from relay.metascalp.simulator.intake import Reach
from relay.metascalp.simulator.world import MAX_MARKETS, World


@dataclass
class Ear:
    """A listener that follows some tickers and remembers what it was told."""

    keys: set = field(default_factory=set)
    told: list = field(default_factory=list)
    moves: list = field(default_factory=list)

    def tell(self, connection, kind, data):
        self.told.append((connection, kind, data))

    def moved(self, key, market, changed, prints):
        self.moves.append((key, tuple(changed), tuple(prints)))

    def followed(self):
        return set(self.keys)


@pytest.fixture
def clock():
    return [1773397800.0]


@pytest.fixture
def world(clock):
    return World(1, lambda: clock[0])


def picture(world):
    return (
        [order.row() for a in world.accounts.values() for order in a.orders.values()],
        [position.row() for a in world.accounts.values() for position in a.positions.values()],
        {key: (market.steps, dict(market.book.asks)) for key, market in world.markets.items()},
    )


def test_a_seed_and_a_number_of_steps_give_the_same_world(world, clock):
    other = World(1, lambda: clock[0])
    for _ in range(100):
        world.step()
        other.step()

    assert picture(world) == picture(other)
    assert picture(world) != picture(World(2, lambda: clock[0]))


def test_orders_and_positions_are_there_at_the_start(world):
    orders = {n: len(a.orders) for n, a in world.accounts.items() if a.orders}
    positions = {n: len(a.positions) for n, a in world.accounts.items() if a.positions}

    assert orders == {1: 4, 2: 2, 3: 2, 4: 2, 8: 2}
    assert positions == {1: 2, 2: 1, 4: 2}


def test_the_start_is_still_there_after_five_minutes(world):
    for _ in range(20 * 300):
        world.step()

    assert sum(len(account.orders) for account in world.accounts.values()) == 12


def test_a_market_is_opened_when_first_asked_for(world):
    assert (7, "SOL/USDT") not in world.markets
    assert world.market((7, "SOL/USDT")) is world.market((7, "SOL/USDT"))
    assert world.market((7, "NOPE")) is None
    assert world.market((99, "BTCUSDT")) is None


def test_followed_tickers_take_every_step_others_fewer(world):
    ear = Ear({(7, "SOL/USDT")})
    world.listener = ear
    for _ in range(20):
        world.step()

    steps = {key: market.steps for key, market in world.markets.items()}
    assert steps[7, "SOL/USDT"] == 20
    assert steps[3, "ETHUSDT"] == 5
    assert steps[10, "SBER"] == 1
    assert len([move for move in ear.moves if move[0] == (7, "SOL/USDT")]) == 20


def test_nothing_moves_on_a_connection_that_is_down(world):
    world.connections[1].state = 3
    before = world.market((1, "BTCUSDT")).steps
    for _ in range(20):
        world.step()

    assert world.market((1, "BTCUSDT")).steps == before


def test_balances_follow_half_a_second_after_the_first_change(world, clock):
    ear = Ear()
    world.listener = ear
    world.market((1, "BTCUSDT")).jump(620000)
    world.settle((1, "BTCUSDT"))
    kinds = [kind for _, kind, _ in ear.told]
    assert "order_update" in kinds
    assert "balance_update" not in kinds

    clock[0] += 0.49
    world.tell_balances()
    assert "balance_update" not in [kind for _, kind, _ in ear.told]

    clock[0] += 0.02
    world.tell_balances()
    world.tell_balances()
    kinds = [kind for _, kind, _ in ear.told]
    assert kinds.count("balance_update") == kinds.count("finres_update") == 1


def test_a_reset_brings_the_start_back(world):
    before = picture(world)
    world.screen.switch(4, "ETH_USDT", "001")
    world.remove(2)
    for _ in range(50):
        world.step()

    world.reset()

    assert picture(world) == before
    assert world.screen.active_connection == 1
    assert 2 in world.connections


def test_a_removed_connection_takes_everything_with_it(world):
    world.remove(1)
    world.settle((1, "BTCUSDT"))
    world.step()

    assert 1 not in world.connections
    assert not [key for key in world.markets if key[0] == 1]
    assert world.active(1) is None


def test_markets_nobody_needs_make_room(world):
    names = list(world.connections[9].tickers())
    for name in names[: MAX_MARKETS + 20]:
        world.market((9, name))

    assert len(world.markets) <= MAX_MARKETS
    assert (1, "BTCUSDT") in world.markets


def test_a_fast_market_takes_whole_steps_and_flickers_between_them(clock):
    def run():
        world = World(1, lambda: clock[0], every=10)
        world.listener = ear = Ear({(7, "SOL/USDT")})
        for _ in range(200):
            world.step()
        return world, ear

    (world, ear), (other, again) = run(), run()

    assert world.market((7, "SOL/USDT")).steps == 20
    assert len([move for move in ear.moves if move[0] == (7, "SOL/USDT")]) == 200
    assert ear.moves == again.moves, "the seed decides"
    assert picture(world) == picture(other)


def test_what_no_price_reaches_is_not_looked_at(world, clock, monkeypatch):
    """The short cut past orders far away changes nothing that happens."""
    other = World(1, lambda: clock[0])
    seen = []
    for one, short in ((world, True), (other, False)):
        if not short:
            monkeypatch.setattr(Reach, "spares", lambda *_: False)
        one.listener = ear = Ear()
        for n in range(400):
            one.step()
            if n % 20 == 0:
                one.market((1, "BTCUSDT")).jump(650_000 + 16_000 * (n // 20 % 7 - 3))
                one.settle((1, "BTCUSDT"))
        seen.append(([told[1:] for told in ear.told], picture(one)))

    assert len(seen[0][0]) > 5
    assert seen[0] == seen[1]
