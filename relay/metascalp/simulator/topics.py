"""This file knows what one socket reads besides accounts, trades and books, and how it begins.

MetaScalp API, edition 3, 2026-08, "WebSocket".
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from .body import ApiError, Fields, Ours, told
from .broker import top_tokens, totals
from .casing import camel
from .drawings import Drawing
from .filters import Density, Large, Liquidated, named
from .messages import Family
from .panels import state
from .screener import rows as screener_rows
from .templates import DEFAULT
from .wire import Json
from .world import Key, World

Message = tuple[str, dict[str, Json]]
"""Type and Data of a frame."""
Filter = Density | Large | Liquidated
FILTERS: dict[str, Callable[[Fields], Filter]] = {
    "density_map": Density.read,
    "large_trades": Large.read,
    "liquidations": Liquidated.read,
}
PRICES = ("mark_price", "index_price", "funding")


@dataclass(slots=True)
class Topics:
    """The subscriptions. on: names of families. prices: (family, ticker). screens: templates.
    begun: what came later is new to a feed."""

    world: World
    on: set[str] = field(default_factory=set)
    prices: set[tuple[str, Key]] = field(default_factory=set)
    feeds: dict[str, Filter] = field(default_factory=dict)
    begun: dict[str, float] = field(default_factory=dict)
    screens: set[int] = field(default_factory=set)

    def receive(self, family: Family, verb: str, data: Fields) -> list[Message]:
        """The answers to one message of a client. Raises ApiError when it is refused."""
        join = verb == "subscribe"
        if family.name == "screener":
            return self._screen(family, data, join=join)
        if family.data.startswith("connectionId"):
            return self._place(family, data, join=join)
        if family.name in FILTERS:
            self.feeds.pop(family.name, None) if not join else self._filter(family, data)
        else:
            (self.on.add if join else self.on.discard)(family.name)
        ack: Message = (family.type(f"{verb}d"), {})
        return [ack, *(self._first(family.name) if join else [])]

    def _place(self, family: Family, data: Fields, *, join: bool) -> list[Message]:
        number, ticker = data.integer("connectionid") or 0, data.text("ticker") or ""
        key = (number, ticker)
        acked: dict[str, Json] = {"ConnectionId": number, "Ticker": ticker}
        if not join:
            self.prices.discard((family.name, key))
            return [(family.type("unsubscribed"), acked)]
        if self.world.active(number) is None:
            kind = Ours if data.values.get("connectionid") is None else ApiError
            raise kind(f"Connection {number} not found or not active")
        if not ticker:
            raise ApiError(f"Ticker is required for {family.subject} subscription")
        known = ticker in self.world.connections[number].tickers()
        unknown = ApiError(f"Ticker '{ticker}' not found on connection {number}")
        ack: Message = (family.type("subscribed"), acked)
        if family.name == "annotation":
            drawing = self.world.desk.drawings.get(key, Drawing())
            after: Message = ("annotations_snapshot", drawing.rows(number, ticker))
            return [ack, after if known else ("error", {"error": unknown.text})]
        if not known and self.world.profile.unknown_ticker_error:
            raise unknown
        if known:
            self.prices.add((family.name, key))
        return [ack]

    def _screen(self, family: Family, data: Fields, *, join: bool) -> list[Message]:
        sent = data.integer("templateid")
        number = 0 if sent is None else sent
        ack: dict[str, Json] = {"TemplateId": number}
        if not join:
            self.screens.discard(number)
            return [(family.type("unsubscribed"), ack)]
        if number != DEFAULT and number not in self.world.desk.templates:
            raise Ours(f"screener_subscribe: screener template {number} not found")
        self.screens.add(number)
        return [(family.type("subscribed"), ack), screener_frame(self.world, number)]

    def _filter(self, family: Family, data: Fields) -> None:
        if family.name == "liquidations" and self.world.profile.liquidations_login:
            raise Ours("liquidations_subscribe: log in to MetaBroker first")
        if self.world.profile.broker_numbers:
            data = Fields(named(data.values), data.lenient)
        self.feeds[family.name] = FILTERS[family.name](data)
        self.begun[family.name] = self.world.broker.begin(self.world.now())

    def _first(self, name: str) -> list[Message]:
        """What follows the acknowledgement at once."""
        world, desk = self.world, self.world.desk
        edition = world.profile.edition
        match name:
            case "notification":
                return [("notification_snapshot", desk.notices.snapshot())]
            case "signal_level":
                rows = [camel(one.row(edition)) for one in desk.signals.values()]
                return [("signal_levels_snapshot", {"signalLevels": rows})]
            case "user_level":
                rows = [camel(one.row()) for one in desk.users.values()]
                return [("user_levels_snapshot", {"userLevels": rows})]
            case "ui":
                return [("ui_snapshot", state(world))]
            case "density_map" | "liquidations":
                return [self._snapshot(self.feeds[name])]
            case "large_trades" if "no-backend" in world.troubles:
                refused = Ours("large_trades_subscribe: MetaBroker does not answer")
                return [("error", {"error": told(refused, world.profile)})]
        return []

    def _snapshot(self, one: Filter) -> Message:
        broker, now = self.world.broker, self.world.now()
        if isinstance(one, Density):
            walls = [wall.row() for wall in broker.walls if one.passes(wall, now)]
            return "density_map_snapshot", {"notifications": walls}
        assert isinstance(one, Liquidated), "large trades have no snapshot"
        passing = [row for row in reversed(broker.past) if one.passes(row)]
        rows = [row.row() for row in passing[: one.backfill]]
        return "liquidations_snapshot", {"liquidations": rows, **metadata(self.world, one)}


def metadata(world: World, one: Liquidated) -> dict[str, Json]:
    """totals and topTokens of a subscription's window."""
    since = world.now() - one.window_s
    rows = [row for row in world.broker.past if row.at >= since and one.passes(row)]
    return {"totals": totals(rows) if rows else None, "topTokens": top_tokens(rows)}


def screener_frame(world: World, template: int) -> Message:
    return "screener_frame", {"templateId": template, "rows": screener_rows(world)}
