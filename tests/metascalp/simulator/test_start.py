from relay.metascalp.simulator import start
from relay.metascalp.simulator.catalog import connections
from relay.metascalp.simulator.screen import PANELS


def test_everything_at_the_start_is_listed():
    rows = connections()
    shown = [*start.ACTIVE.items(), *PANELS.values()]
    shown += [(deal.connection, deal.ticker) for deal in start.DEALS]

    assert all(ticker in rows[number].tickers() for number, ticker in shown)
    assert set(start.ACTIVE) == set(start.MONEY) == set(rows)


def test_five_connections_have_something_to_show():
    assert {deal.connection for deal in start.DEALS} == {1, 2, 3, 4, 8}
    assert start.money(10)["RUB"] == 1_000_000
