"""This file knows what the trading routes answer: orders, positions, balances."""

from collections.abc import Callable
from decimal import Decimal

from .account import Account
from .body import ApiError, Fields, Ours
from .call import OK, Call, Reply
from .catalog import Ticker
from .enums import OrderType, Side
from .intake import Ask
from .orders import CLOSING, CONDITIONAL, TEXT_IDS, Order, Refused, text_id
from .profile import Profile

NEEDED = "Invalid request body. 'ticker', 'side', 'price', and 'size' are required."
LATER_S = 0.003
"""The exchange answers within so many seconds; what it says it took is longer."""


def orders(call: Call) -> Reply:
    name = call.query_ticker()
    ticker = _listed(call, name)
    kept = CLOSING if call.world.profile.application_stops else frozenset()
    found = _account(call).open_orders(ticker.name)
    rows = [order.row() for order in found if order.type not in kept]
    if _has_texts(call):
        rows = [{**row, "Id": text_id(row["Id"])} for row in rows]
    if not call.world.profile.has("1E"):
        rows = [{name: row[name] for name in row if name != "FilledPrice"} for row in rows]
    number = call.connection_id
    return Reply({"connectionId": number, "ticker": name, "count": len(rows), "orders": rows})


def positions(call: Call) -> Reply:
    rows = [position.row() for position in _account(call).positions.values()]
    return Reply({"connectionId": call.connection_id, "count": len(rows), "positions": rows})


def balance(call: Call) -> Reply:
    rows = [
        {"Coin": coin, "Total": total, "Free": free, "Locked": locked}
        for coin, total, free, locked in _account(call).balances()
    ]
    return Reply({"connectionId": call.connection_id, "count": len(rows), "balances": rows})


def place(call: Call) -> Reply:
    body = call.body()
    name, ask = _ask(body, call.world.profile)
    market = call.world.market((call.connection_id, _listed(call, name).name))
    assert market is not None, "a listed ticker has a market"
    _refuse_view_mode(call)
    took_ms = _took_ms(call)
    world, number = call.world, call.connection_id
    try:
        order = _account(call).place(market, ask, world.now())
    except Refused as refused:
        text = refused.text(call.connection.exchange)
        raise ApiError(text, more={"executionTimeMs": took_ms}) from refused
    reply = {"status": "ok", "clientId": order.client_id, "executionTimeMs": took_ms}
    key = (number, market.ticker.name)
    wait_s = world.random.random() * LATER_S
    first = world.random.random() < 0.5 and not world.profile.replies_first
    if first or world.profile.updates_first:
        world.settle(key)
        return Reply(reply, wait_s=wait_s)
    return Reply(reply, wait_s=wait_s, after=lambda: world.settle(key))


def cancel(call: Call) -> Reply:
    body = call.body()
    name, order_id = body.text("ticker"), _order_id(call, body)
    kind = body.choice("type", OrderType) or 0
    if not name or not order_id:
        order_name = "OrderId" if call.world.profile.edition == 2 else "orderId"
        raise ApiError(f"Invalid request body. 'ticker' and '{order_name}' are required.")
    ticker = _listed(call, name)
    _refuse_view_mode(call)
    account = _account(call)
    order = account.orders.get(order_id)
    if order is None or order.ticker != ticker.name or not _same_book(order, kind):
        raise ApiError(Refused("order").text(call.connection.exchange))
    account.cancel(order)
    call.world.tell_account(call.connection_id)
    return Reply(OK, wait_s=call.world.random.random() * LATER_S)


def cancel_all(call: Call) -> Reply:
    name = call.body().text("ticker")
    if not name:
        raise ApiError("Invalid request body. 'ticker' is required.")
    ticker = _listed(call, name)
    _refuse_view_mode(call)
    account = _account(call)
    found = account.open_orders(ticker.name)
    for order in found:
        account.cancel(order)
    call.world.tell_account(call.connection_id)
    reply = {"status": "ok", "cancelledCount": len(found)}
    return Reply(reply, wait_s=call.world.random.random() * LATER_S)


def _listed(call: Call, name: str) -> Ticker:
    """The ticker of a name; the documents do not say what an unknown one gets."""
    if name not in call.connection.tickers():
        raise Ours(f"Ticker '{name}' not found on connection {call.connection_id}")
    return call.ticker(name)


def _ask(body: Fields, profile: Profile) -> tuple[str, Ask]:
    """The ticker and the order of a body; a missing number reads as 0.

    In edition 1 a stop's price is that of the order, since 2026-05-19, in edition 2, the trigger.
    """
    name, side = body.text("ticker"), body.choice("side", Side)
    kind = body.choice("type", OrderType) or 0
    size, price = body.decimal("size") or Decimal(0), body.decimal("price") or Decimal(0)
    reduce_only = body.flag("reduceonly", default=False)
    needed = [body.values.get("size")]
    needed += [body.values.get("price")] if kind != OrderType.Market else []
    missing = profile.missing_is_refused and None in needed
    if not name or side not in (1, 2) or missing:
        raise ApiError(NEEDED)
    if size <= 0:
        raise ApiError("Size must be greater than zero")
    if kind == OrderType.Market:
        price = Decimal(0)
    elif price <= 0:
        raise ApiError("Price must be greater than zero for non-market orders")
    if not 0 <= kind <= OrderType.Market:
        raise Ours(Refused("type").text(0))
    own = profile.edition == 1 or (profile.edition == 2 and not profile.trigger_prices)
    return name, Ask(Side(side), OrderType(kind), size, price, reduce_only, own_price=own)


def nothing(name: str) -> Callable[[Call], Reply]:
    """What answers a route that no document has: an empty list like the others."""

    def answer(call: Call) -> Reply:
        head = {"connectionId": call.connection_id, "ticker": call.query_ticker(), "count": 0}
        return Reply({**head, name: []})

    return answer


def _has_texts(call: Call) -> bool:
    return call.world.profile.text_order_ids and call.connection.exchange in TEXT_IDS


def _order_id(call: Call, body: Fields) -> int | None:
    """The number of the order that is meant; -1 for a text that is no order's."""
    sent = body.values.get("orderid")
    if not (_has_texts(call) and isinstance(sent, str)):
        return body.integer("orderid")
    return next((one for one in _account(call).orders if text_id(one) == sent), -1)


def _same_book(order: Order, kind: int) -> bool:
    """Exchanges keep conditional orders apart: a cancel of the other kind does not find them."""
    return (order.type in CONDITIONAL) == (kind in CONDITIONAL)


def _refuse_view_mode(call: Call) -> None:
    """The text is ours: the documents do not give it."""
    if call.connection.view_mode:
        raise Ours(f"Connection {call.connection_id} is in view mode")


def _took_ms(call: Call) -> Decimal:
    return Decimal(str(round(call.world.random.uniform(38, 480), 4)))


def _account(call: Call) -> Account:
    return call.world.accounts[call.connection_id]
