"""The mirror: snapshots and updates race, and what the stream has touched is newer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from relay.orders import Mirror
from relay.rows import Balance, Change, Order, Position, Row

ORDER = Order(
    connection=1, id="7", ticker="BTCUSDT", side="buy", type="limit", price="65000", size="1",
    filled="0", filled_price="0", status="open", created="2026-03-13T10:30:00+00:00",
)  # fmt: skip
POSITION = Position(1, "9", "BTCUSDT", "long", "1", "65000", "cross")
BALANCE = Balance(1, "USDT", "100", "90", "10")
BTC = ("orders", 1, "BTCUSDT")


def read(mirror: Mirror, scope: tuple[str, int, str], *rows: Row) -> Change:
    return mirror.finish(mirror.begin(scope), rows)


def other(order: Order, number: str, ticker: str = "BTCUSDT", connection: int = 1) -> Order:
    return replace(order, id=number, ticker=ticker, connection=connection)


def test_a_snapshot_is_the_truth_of_its_scope() -> None:
    mirror = Mirror()
    read(mirror, BTC, ORDER, other(ORDER, "8"))
    change = read(mirror, BTC, other(ORDER, "8"), other(ORDER, "10"))

    assert {order.id for order in mirror.orders()} == {"8", "10"}
    assert change.put == {"orders": {"1:10"}}
    assert change.drop == {"orders": {"1:7"}}


def test_a_snapshot_says_nothing_of_other_tickers_and_connections() -> None:
    mirror = Mirror()
    read(mirror, ("orders", 1, "ETHUSDT"), other(ORDER, "1", "ETHUSDT"))
    read(mirror, ("orders", 2, "BTCUSDT"), other(ORDER, "2", connection=2))
    change = read(mirror, BTC)

    assert {order.id for order in mirror.orders()} == {"1", "2"}
    assert not change


def test_a_snapshot_that_brings_nothing_new_is_no_change() -> None:
    mirror = Mirror()
    read(mirror, BTC, ORDER)

    assert not read(mirror, BTC, ORDER)


def test_an_order_that_comes_while_it_is_read_stays() -> None:
    """The snapshot was taken before the order was placed and arrives after its update."""
    mirror = Mirror()
    snapshot = mirror.begin(BTC)
    mirror.update_order(ORDER)
    change = mirror.finish(snapshot, [])

    assert mirror.orders() == [ORDER]
    assert not change


def test_an_order_that_is_closed_while_it_is_read_stays_closed() -> None:
    mirror = Mirror()
    read(mirror, BTC, ORDER)
    snapshot = mirror.begin(BTC)
    mirror.update_order(replace(ORDER, status="closed"))
    change = mirror.finish(snapshot, [ORDER])

    assert mirror.orders() == []
    assert not change


def test_an_update_during_a_reading_is_newer_than_what_is_read() -> None:
    mirror = Mirror()
    snapshot = mirror.begin(BTC)
    mirror.update_order(replace(ORDER, filled="0.5"))
    mirror.finish(snapshot, [ORDER])

    assert mirror.orders()[0].filled == "0.5"


@pytest.mark.parametrize(
    "scope", [("orders", 1, "ETHUSDT"), ("orders", 2, "BTCUSDT"), ("positions", 1, "")]
)
def test_an_update_touches_only_readings_of_its_own_scope(scope: tuple[str, int, str]) -> None:
    mirror = Mirror()
    snapshot = mirror.begin(scope)
    mirror.update_order(ORDER)

    assert snapshot.touched == set()


def test_two_readings_of_one_scope_are_both_touched() -> None:
    mirror = Mirror()
    first, second = mirror.begin(BTC), mirror.begin(BTC)
    mirror.update_order(ORDER)
    mirror.finish(first, [])
    mirror.finish(second, [])

    assert mirror.orders() == [ORDER]


def test_the_reading_that_ends_first_does_not_close_the_other() -> None:
    mirror = Mirror()
    early, late = mirror.begin(BTC), mirror.begin(BTC)
    mirror.finish(late, [ORDER])
    mirror.update_order(replace(ORDER, status="closed"))
    mirror.finish(early, [ORDER])

    assert mirror.orders() == []


def test_an_abandoned_reading_changes_nothing() -> None:
    mirror = Mirror()
    read(mirror, BTC, ORDER)
    mirror.abandon(mirror.begin(BTC))

    assert mirror.orders() == [ORDER]


def test_a_closed_order_is_dropped_once() -> None:
    mirror = Mirror()
    mirror.update_order(ORDER)
    closed = replace(ORDER, status="closed")

    assert mirror.update_order(closed).drop == {"orders": {"1:7"}}
    assert not mirror.update_order(closed)


def test_what_the_stream_does_not_say_is_kept_from_before() -> None:
    """Triggers and client ids are in REST's rows only (MetaScalp API, edition 3, 2026-08)."""
    mirror = Mirror()
    read(mirror, BTC, replace(ORDER, trigger="64000", client_id="ms_1"))
    mirror.update_order(replace(ORDER, filled="0.5"))

    assert mirror.orders() == [replace(ORDER, filled="0.5", trigger="64000", client_id="ms_1")]


@pytest.mark.parametrize(
    ("held", "told", "kept"),
    [("9", "TrailingStop", "9"), ("9", "limit", "limit"), ("stop", "TrailingStop", "TrailingStop")],
)
def test_the_number_of_a_type_that_is_new_is_kept_as_a_cancel_needs_it(
    held: str, told: str, kept: str
) -> None:
    """REST tells numbers, the stream names (MetaScalp API, edition 3, 2026-08)."""
    mirror = Mirror()
    read(mirror, BTC, replace(ORDER, type=held))
    mirror.update_order(replace(ORDER, type=told))

    assert mirror.orders() == [replace(ORDER, type=kept)]


def test_a_position_keeps_its_margin_mode_and_goes_when_it_is_closed() -> None:
    mirror = Mirror()
    read(mirror, ("positions", 1, ""), POSITION)
    mirror.update_position(replace(POSITION, size="2", margin_mode=None))
    assert mirror.positions() == [replace(POSITION, size="2")]

    mirror.update_position(replace(POSITION, margin_mode="isolated"))
    assert mirror.positions()[0].margin_mode == "isolated"

    change = mirror.update_position(replace(POSITION, closed=True))
    assert change.drop == {"positions": {"1:9"}}
    assert mirror.positions() == []


def test_the_same_again_is_no_change() -> None:
    mirror = Mirror()

    assert mirror.update_balance(BALANCE).put == {"balances": {"1:USDT"}}
    assert not mirror.update_balance(BALANCE)
    assert mirror.rows["balances"] == {"1:USDT": BALANCE}


def test_balances_are_read_whole_though_they_have_no_ticker() -> None:
    mirror = Mirror()
    mirror.update_balance(Balance(1, "OLD", "1", "1", "0"))
    change = read(mirror, ("balances", 1, ""), BALANCE)

    assert change.drop == {"balances": {"1:OLD"}}
    assert mirror.connections() == {1}


def test_a_connection_is_stale_until_it_is_trusted() -> None:
    mirror = Mirror()

    assert mirror.mark_stale([1, 2]).stale
    assert mirror.trust(1, mirror.doubts(1)).stale
    assert mirror.stale == {2}
    assert not mirror.trust(1, mirror.doubts(1)), "nothing new"


@pytest.mark.parametrize("doubt", [lambda m: m.mark_stale([1]), lambda m: m.forget(1)])
def test_a_reading_that_began_before_a_doubt_does_not_end_it(
    doubt: Callable[[Mirror], object],
) -> None:
    """The connection was lost while it was read; updates since then are in neither."""
    mirror = Mirror()
    mirror.mark_stale([1])
    since = mirror.doubts(1)
    doubt(mirror)
    mirror.mark_stale([1])

    assert not mirror.trust(1, since)
    assert mirror.stale == {1}


def test_orders_of_all_tickers_at_once_cannot_be_read() -> None:
    """Such a reading, refused or empty, would drop every order of the connection."""
    with pytest.raises(AssertionError, match="never of all"):
        Mirror().begin(("orders", 1, ""))


def test_the_tickers_of_what_is_open_are_known() -> None:
    mirror = Mirror()
    mirror.update_order(ORDER)
    mirror.update_order(other(ORDER, "8", "ETHUSDT"))
    mirror.update_order(other(ORDER, "9", "SOLUSDT", connection=2))
    mirror.update_position(replace(POSITION, ticker="XRPUSDT"))

    assert mirror.tickers(1) == {"BTCUSDT", "ETHUSDT", "XRPUSDT"}
    assert mirror.tickers(3) == set()


def test_a_connection_that_is_gone_is_forgotten_whole() -> None:
    mirror = Mirror()
    mirror.update_order(ORDER)
    mirror.update_order(other(ORDER, "8", connection=2))
    mirror.update_position(POSITION)
    mirror.mark_stale([1])
    change = mirror.forget(1)

    assert change.drop == {"orders": {"1:7"}, "positions": {"1:9"}, "balances": set()}
    assert mirror.connections() == {2}
    assert mirror.stale == set()


def test_a_reading_that_was_under_way_does_not_bring_back_what_is_forgotten() -> None:
    mirror = Mirror()
    snapshot = mirror.begin(BTC)
    mirror.forget(1)
    change = mirror.finish(snapshot, [ORDER])

    assert mirror.orders() == []
    assert not change


def test_a_reading_of_a_forgotten_connection_may_still_be_abandoned() -> None:
    mirror = Mirror()
    snapshot = mirror.begin(BTC)
    mirror.forget(1)
    mirror.abandon(snapshot)

    assert mirror.connections() == set()
