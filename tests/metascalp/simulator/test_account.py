"""Orders that match: a still market whose price is moved by hand."""

import time
from decimal import Decimal
from random import Random

import pytest

from relay.metascalp.simulator.account import MAX_IN_ALL, MAX_ORDERS, Account
from relay.metascalp.simulator.book import ASK, BID
from relay.metascalp.simulator.catalog import connections
from relay.metascalp.simulator.enums import OrderType, Side
from relay.metascalp.simulator.intake import Ask
from relay.metascalp.simulator.market import Market
from relay.metascalp.simulator.orders import Refused
from relay.metascalp.simulator.world import World

D = Decimal
Buy, Sell = Side.Buy, Side.Sell
Limit, Stop, StopLoss, TakeProfit, AtMarket = (
    OrderType.Limit, OrderType.Stop, OrderType.StopLoss, OrderType.TakeProfit, OrderType.Market,
)  # fmt: skip


class Desk:
    """An account, a market whose best bid is 65000.00 and best ask 65000.10, and what they said."""

    def __init__(self, connection=1, name="BTCUSDT", **totals):
        row = connections()[connection]
        self.market = Market.open(row.tickers()[name], "1")
        money = {"USDT": D("10000.00000000")} | {coin: D(n) for coin, n in totals.items()}
        self.account = Account(row, Random(1), money)

    def place(self, side, kind, size, price="0", **more):
        return self.account.place(self.market, Ask(side, kind, D(size), D(price), **more), 0.0)

    def jump(self, price):
        self.market.jump(int(D(price) / self.market.ticker.price_increment))
        self.account.match(self.market)

    def told(self, kind="order_update"):
        return [data for name, data in self.account.drain() if name == kind]

    def money(self, coin="USDT"):
        return {c: (total, free, locked) for c, total, free, locked in self.account.balances()}[
            coin
        ]


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def spot():
    return Desk(9, BTC="0.50000000")


def test_a_limit_order_rests_and_is_told_of_as_new_then_open(desk):
    order = desk.place(Buy, Limit, "0.01", "60000")

    assert [row["status"] for row in desk.told()] == ["New", "Open"]
    assert (order.price, order.size) == (D("60000.00"), D("0.010"))
    assert str(order.price) == "60000.00"
    assert len(order.client_id) == 32


def test_a_resting_order_fills_at_its_price_when_the_market_goes_through(desk):
    order = desk.place(Buy, Limit, "0.5", "64000")
    desk.told()

    desk.jump("63000")

    assert [(row["status"], row["filledSize"]) for row in desk.told()] == [("Closed", D("0.5"))]
    assert order.average == 64000
    assert desk.account.orders == {}
    assert desk.account.positions["BTCUSDT"].signed == D("0.5")


def test_a_touched_order_fills_as_far_as_the_level_reaches(desk):
    order = desk.place(Buy, Limit, "1.5", "64900")

    desk.jump("64900")

    assert 0 < order.filled < D("1.5")
    assert order.row()["Status"] == 1
    assert order.row()["RemainingSize"] == D("1.5") - order.filled


def test_the_marketable_part_fills_against_the_book_and_the_rest_is_put(desk):
    top = desk.market.book.asks[650001] * D("0.001")

    order = desk.place(Buy, Limit, str(top + D("0.1")), "65000.10")

    assert order.filled == top
    assert order.average == D("65000.10")
    assert [row["status"] for row in desk.told()] == ["New", "Open"]
    assert desk.market.book.best(ASK) > 650001
    assert [item.side for item in desk.market.drain()] == [ASK]


def test_a_market_order_takes_what_it_needs_and_closes(desk):
    order = desk.place(Sell, AtMarket, "1")

    assert order.filled == 1
    assert order.average < D("65000.00")
    assert [row["status"] for row in desk.told()][-1] == "Closed"
    assert desk.account.orders == {}
    assert order.fee > 0


def test_positions_net_and_turn_round(desk):
    desk.place(Buy, AtMarket, "0.01")
    first = desk.account.positions["BTCUSDT"].id
    desk.place(Sell, AtMarket, "0.03")

    rows = desk.told("position_update")
    assert [(r["status"], r["side"]) for r in (rows[0], rows[-1])] == [
        ("New", "Buy"), (rows[-1]["status"], "Sell"),
    ]  # fmt: skip
    assert ("Closed", "Buy", 0) in [(r["status"], r["side"], r["size"]) for r in rows]
    position = desk.account.positions["BTCUSDT"]
    assert (position.signed, position.id != first) == (D("-0.02"), True)


def test_profit_goes_to_the_balance_and_the_results(desk):
    desk.place(Buy, AtMarket, "0.1")
    entry = desk.account.positions["BTCUSDT"].fixed
    desk.jump("66000")
    order = desk.place(Sell, AtMarket, "0.1", reduce_only=True)

    result = desk.account.results["USDT"]
    assert abs(result - (order.average - entry) * D("0.1")) < D("0.01")
    assert desk.money()[0] == 10000 + (result - desk.account.fees["USDT"]).quantize(D("1E-8"))
    assert desk.account.positions == {}


def test_an_open_futures_order_locks_a_tenth(desk):
    desk.place(Buy, Limit, "0.1", "60000")

    assert desk.money() == (10000, 9400, 600)


def test_closing_orders_lock_nothing(desk):
    desk.place(Buy, AtMarket, "0.1")
    locked = desk.money()[2]
    desk.place(Sell, Limit, "0.1", "66000")

    assert desk.money()[2] == locked


def test_spot_buys_move_and_lock_balances(spot):
    spot.place(Buy, Limit, "0.1", "60000")
    assert spot.money()[1:] == (4000, 6000)

    spot.jump("59000")

    assert spot.money("BTC")[0] == D("0.6")
    assert spot.money()[0] == 10000 - 6000 - 6
    assert spot.account.positions == {}
    assert spot.told("position_update") == []


def test_spot_sells_lock_the_base(spot):
    spot.place(Sell, Limit, "0.2", "70000")

    assert spot.money("BTC") == (D("0.5"), D("0.3"), D("0.2"))


@pytest.mark.parametrize(
    ("side", "kind", "size", "price", "more", "reason"),
    [
        (Buy, Limit, "100", "60000", {}, "margin"),
        (Buy, AtMarket, "100", "0", {}, "margin"),
        (Buy, Limit, "0.0001", "60000", {}, "size"),
        (Buy, Limit, "0.0105", "60000", {}, "size"),
        (Buy, Limit, "1001", "60000", {}, "size"),
        (Buy, Limit, "0.01", "60000.05", {}, "price"),
        (Buy, Limit, "0.01", "1e20", {}, "price"),
        (Buy, Stop, "0.01", "64000", {}, "trigger"),
        (Sell, Stop, "0.01", "66000", {}, "trigger"),
        (Sell, TakeProfit, "0.01", "64000", {}, "trigger"),
        (Sell, StopLoss, "0.01", "64000", {}, "reduce"),
        (Sell, Limit, "0.01", "66000", {"reduce_only": True}, "reduce"),
    ],
)
def test_refusals_change_nothing(desk, side, kind, size, price, more, reason):
    with pytest.raises(Refused) as refused:
        desk.place(side, kind, size, price, **more)

    assert refused.value.reason == reason
    assert (desk.account.orders, desk.account.drain()) == ({}, [])


def test_spot_refuses_what_is_not_there(spot):
    for side, size, price in ((Buy, "1", "60000"), (Sell, "0.6", "70000")):
        with pytest.raises(Refused) as refused:
            spot.place(side, Limit, size, price)
        assert refused.value.reason == "money"


def test_a_spot_account_never_owes(spot):
    spot.place(Buy, AtMarket, "0.152")
    with pytest.raises(Refused):
        spot.place(Buy, Limit, "0.001", "120000")
    spot.place(Sell, AtMarket, "0.652")

    assert all(total >= 0 for _, total, _, _ in spot.account.balances())


def test_a_ticker_that_is_not_traded_is_refused():
    closed = next(t.name for t in connections()[1].tickers().values() if not t.trading)
    desk = Desk(name=closed)

    with pytest.raises(Refused) as refused:
        desk.place(Buy, AtMarket, str(desk.market.ticker.min_size))
    assert refused.value.reason == "closed"


def test_a_market_order_without_liquidity_is_refused(desk):
    desk.market.take(ASK, 10**9, None)

    with pytest.raises(Refused) as refused:
        desk.place(Buy, AtMarket, "0.01")
    assert refused.value.reason == "empty"


def test_a_market_order_larger_than_the_book_closes_partly_filled(desk):
    for tick in sorted(desk.market.book.asks)[2:]:
        desk.market.book.put(ASK, tick, 0)

    order = desk.place(Buy, AtMarket, "1")

    assert 0 < order.filled < 1
    assert desk.account.orders == {}


def test_too_many_orders_are_refused(desk):
    for _ in range(MAX_ORDERS):
        desk.place(Buy, Limit, "0.001", "1000")

    with pytest.raises(Refused) as refused:
        desk.place(Buy, Limit, "0.001", "1000")
    assert refused.value.reason == "many"


def test_reduce_only_goes_no_further_than_the_position(desk):
    desk.place(Buy, AtMarket, "0.01")
    order = desk.place(Sell, AtMarket, "0.05", reduce_only=True)

    assert order.size == D("0.01")
    assert desk.account.positions == {}


def test_a_stop_that_holds_the_size_keeps_a_reduce_only_close_out(desk):
    """Reported live in 2026-05: cancel the stops first."""
    desk.place(Buy, AtMarket, "0.01")
    desk.place(Sell, StopLoss, "0.01", "60000")

    with pytest.raises(Refused):
        desk.place(Sell, AtMarket, "0.01", reduce_only=True)


def test_a_stop_becomes_a_limit_order_behind_its_trigger(desk):
    order = desk.place(Buy, Stop, "0.01", "66000")
    assert (order.trigger, order.price, order.armed) == (66000, D("66066.00"), True)
    assert order.row()["TriggerPrice"] == 66000

    desk.jump("66000")

    assert order.filled == D("0.01")
    assert order.row()["Status"] == 2


def test_a_stop_jumped_over_rests_at_its_price(desk):
    order = desk.place(Sell, Stop, "0.01", "64000")
    desk.jump("60000")
    assert (order.armed, order.filled) == (False, 0)

    desk.jump("64100")

    assert order.filled == D("0.01")


@pytest.mark.parametrize(
    ("side", "kind", "trigger", "there"),
    [
        (Sell, StopLoss, "60000", "59000"),
        (Sell, TakeProfit, "70000", "71000"),
        (Buy, StopLoss, "70000", "71000"),
        (Buy, TakeProfit, "60000", "59000"),
    ],
)
def test_stop_loss_and_take_profit_close_the_position_at_the_market(side, kind, trigger, there):
    desk = Desk()
    desk.place(Sell if side is Buy else Buy, AtMarket, "0.02")
    order = desk.place(side, kind, "0.02", trigger)
    desk.jump("65500" if there > "65000" else "64500")
    assert order.armed

    desk.jump(there)

    assert desk.account.positions == {}
    assert order.filled == D("0.02")
    assert desk.told()[-1]["status"] == "Closed"


def test_a_stop_loss_without_anything_left_to_close_just_ends(desk):
    desk.place(Buy, AtMarket, "0.02")
    order = desk.place(Sell, StopLoss, "0.02", "60000")
    desk.place(Sell, Limit, "0.02", "64000")
    assert desk.account.positions == {}

    desk.jump("59000")

    assert (order.filled, desk.account.orders, desk.account.positions) == (0, {}, {})


def test_a_cancel_closes_and_unlocks(desk):
    order = desk.place(Buy, Limit, "0.1", "60000")
    desk.told()

    desk.account.cancel(order)

    assert [(row["status"], row["filledSize"]) for row in desk.told()] == [("Closed", 0)]
    assert desk.money()[2] == 0


def test_a_fill_by_hand_may_be_partial(desk):
    order = desk.place(Buy, Limit, "0.1", "60000")
    desk.account.fill(desk.market, order, D("0.04"))
    assert (order.filled, order.average) == (D("0.04"), 60000)

    desk.account.fill(desk.market, order, D(9))

    assert order.filled == D("0.1")
    assert desk.account.orders == {}


def test_ids_of_mexc_do_not_fit_a_float():
    desk = Desk(4, "BTC_USDT")
    order = desk.place(Buy, Limit, "0.01", "60000")

    assert 2**53 < order.id < 2**63
    assert desk.place(Buy, Limit, "0.01", "60000").id > order.id


def test_the_same_seed_gives_the_same_ids():
    ids = [[desk.place(Buy, Limit, "0.01", "60000").client_id for _ in range(3)]
           for desk in (Desk(), Desk())]  # fmt: skip

    assert ids[0] == ids[1]
    assert desk_bid(Desk()) == 650000


def desk_bid(desk):
    return desk.market.book.best(BID)


def test_ten_thousand_open_orders_and_what_they_hold():
    """The same sum as counted one by one; an order more is refused."""
    world = World(1, time.time)
    account = world.accounts[1]
    account.totals["USDT"] = Decimal(10**9)
    names = [one.name for one in account.connection.tickers().values() if one.trading][5:]
    refused = 0
    for name in names:
        market = world.market((1, name))
        ticker = market.ticker
        price = (market.book.best("Bid") // 2) * ticker.price_increment
        for _ in range(60):
            try:
                account.place(market, Ask(Side.Buy, OrderType.Limit, ticker.min_size, price), 0.0)
            except Refused as error:
                refused += error.reason == "many"
    held = sum((account._hold(order, "USDT") for order in account.orders.values()), Decimal(0))
    held += sum(abs(one.signed) * one.fixed / 10 for one in account.positions.values())

    assert len(account.orders) == MAX_IN_ALL
    assert refused > 0
    assert account.locked("USDT") == held.quantize(Decimal("0.00000000"))
    started = time.perf_counter()
    for _ in range(20):
        world.step()
    assert len(account.orders) > MAX_IN_ALL - 100
    print(f"20 steps with 10,000 open orders: {time.perf_counter() - started:.2f} s")
