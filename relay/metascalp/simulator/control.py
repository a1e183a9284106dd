"""This file knows the routes under /sim, with which a test moves the terminal and looks inside.

They are not part of the terminal's API; they are not counted among its requests.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

from .body import ApiError, Fields
from .call import Call, Reply
from .catalog import Connection
from .enums import OrderType, Side, State
from .intake import LARGEST, Ask
from .market import Market
from .orders import Refused
from .record import Record
from .stream import Hub
from .wire import Json

FIELDS = frozenset({
    "connectionid", "ticker", "side", "type", "price", "size", "reduceonly", "orderid", "state",
    "viewmode", "demomode", "remove", "paused",
})  # fmt: skip


def answer(call: Call, method: str, path: str, hub: Hub, record: Record) -> Reply:
    """The reply to a request under /sim."""
    call.fields = FIELDS
    try:
        if (method, path) == ("GET", "/sim/state"):
            return Reply(_state(call, hub, record))
        handler = HANDLERS.get(path)
        if method != "POST" or handler is None:
            raise ApiError("Not found")
        return handler(call, call.body(), hub, record)
    except ApiError as error:
        return Reply({"error": error.text, **error.more}, error.status)


def _state(call: Call, hub: Hub, record: Record) -> dict[str, Json]:
    world, screen = call.world, call.world.screen
    feeds = [socket.feed for socket in hub.sockets]
    return {
        "profile": world.profile.name,
        "seed": world.seed,
        "steps": world.steps,
        "paused": world.paused,
        "active": {str(number): ticker for number, ticker in screen.active.items()},
        "activeConnection": screen.active_connection,
        "bindings": {
            name: {"connectionId": number, "ticker": ticker}
            for name, (number, ticker) in screen.bindings.items()
        },
        "combos": [{**combo, "at": _seconds(combo["at"])} for combo in screen.combos],
        "requests": record.rows(),
        "orders": [
            {"connectionId": number, **order.row()}
            for number, account in world.accounts.items()
            for order in account.orders.values()
        ],
        "positions": [
            {"connectionId": number, **position.row()}
            for number, account in world.accounts.items()
            for position in account.positions.values()
        ],
        "subscribers": {
            "sockets": len(feeds),
            "accounts": _count(number for feed in feeds for number in feed.accounts),
            "trades": _count(f"{n}:{t}" for feed in feeds for n, t in feed.trades),
            "books": _count(f"{n}:{t}" for feed in feeds for n, t in feed.books),
        },
        "frames": hub.frames,
        "received": record.received,
    }


def _count(names: Iterable[object]) -> dict[str, Json]:
    counts: dict[str, Json] = {}
    for name in names:
        counts[str(name)] = counts.get(str(name), 0) + 1
    return counts


def _order(call: Call, body: Fields, hub: Hub, record: Record) -> Reply:
    """Places as the trader's own hand would."""
    market = _aim(call, body)
    ask = _ask(body)
    world = call.world
    at = world.now()
    try:
        order = world.accounts[call.connection_id].place(market, ask, at)
    except Refused as refused:
        raise ApiError(refused.text(call.connection.exchange)) from refused
    world.settle((call.connection_id, market.ticker.name))
    return Reply({"orderId": order.id, "at": _seconds(at)})


def _ask(body: Fields) -> Ask:
    side, kind = body.choice("side", Side), body.choice("type", OrderType) or 0
    if side not in (1, 2) or not 0 <= kind <= OrderType.Market:
        raise ApiError("'side' is buy or sell, 'type' one of the five order types")
    price = Decimal(0) if kind == OrderType.Market else _needed(body, "price")
    reduce_only = body.flag("reduceonly", default=False)
    return Ask(Side(side), OrderType(kind), _needed(body, "size"), price, reduce_only)


def _price(call: Call, body: Fields, hub: Hub, record: Record) -> Reply:
    market = _aim(call, body)
    price = _needed(body, "price")
    tick = int(min(price, LARGEST) / market.ticker.price_increment)
    if not 2 <= tick <= 10**12:
        raise ApiError("price is out of range")
    at = call.world.now()
    market.jump(tick)
    call.world.settle((call.connection_id, market.ticker.name))
    return Reply({"status": "ok", "at": _seconds(at)})


def _fill(call: Call, body: Fields, hub: Hub, record: Record) -> Reply:
    _connect(call, body)
    account = call.world.accounts[call.connection_id]
    order = account.orders.get(body.integer("orderid") or 0)
    if order is None:
        raise ApiError("no such order", 404)
    market = call.market(order.ticker)
    at = call.world.now()
    size = body.decimal("size")
    account.fill(market, order, order.remaining if size is None else _needed(body, "size"))
    call.world.tell_account(call.connection_id)
    return Reply({"status": "ok", "at": _seconds(at)})


def _connection(call: Call, body: Fields, hub: Hub, record: Record) -> Reply:
    row = _connect(call, body)
    state = body.choice("state", State)
    if state is not None and 0 <= state <= State.Resetting:
        row.state = State(state)
    row.view_mode = body.flag("viewmode", default=row.view_mode)
    row.demo_mode = body.flag("demomode", default=row.demo_mode)
    if removed := body.flag("remove", default=False):
        call.world.remove(row.id)
    profile = call.world.profile
    lost = row.state not in profile.active_states and not profile.keep_subscriptions
    if removed or lost:
        hub.silence(row.id)
    return Reply({"status": "ok"})


def _pause(call: Call, body: Fields, hub: Hub, record: Record) -> Reply:
    call.world.paused = body.flag("paused", default=True)
    return Reply({"status": "ok", "paused": call.world.paused})


def _clear_levels(call: Call, body: Fields, hub: Hub, record: Record) -> Reply:
    """The trader's own "remove all levels", which no route of the terminal does."""
    call.world.desk.users.clear()
    call.world.publish("user_level", "user_levels_removed_all", {})
    return Reply({"status": "ok"})


def _drop(call: Call, body: Fields, hub: Hub, record: Record) -> Reply:
    return Reply({"status": "ok", "dropped": hub.drop()})


def _reset(call: Call, body: Fields, hub: Hub, record: Record) -> Reply:
    call.world.reset()
    record.clear()
    hub.refresh()
    return Reply({"status": "ok"})


HANDLERS: dict[str, Callable[[Call, Fields, Hub, Record], Reply]] = {
    "/sim/order": _order,
    "/sim/price": _price,
    "/sim/fill": _fill,
    "/sim/connection": _connection,
    "/sim/pause": _pause,
    "/sim/clear-levels": _clear_levels,
    "/sim/drop": _drop,
    "/sim/reset": _reset,
}


def _connect(call: Call, body: Fields) -> Connection:
    call.connection_id = body.integer("connectionid") or 0
    if call.connection_id not in call.world.connections:
        raise ApiError(f"Connection {call.connection_id} not found", 404)
    return call.connection


def _aim(call: Call, body: Fields) -> Market:
    _connect(call, body)
    return call.market(body.text("ticker") or "")


def _needed(body: Fields, name: str) -> Decimal:
    value = body.decimal(name)
    if value is None or value <= 0:
        raise ApiError(f"'{name}' must be given and greater than zero")
    return value


def _seconds(epoch: float) -> Decimal:
    return Decimal(f"{epoch:.6f}")
