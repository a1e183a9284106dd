"""This file knows what one socket has subscribed to and what it is to be sent.

A feed is fed with client frames and with what happens in the world; it answers with the frames to
send. It knows no socket. MetaScalp API, edition 3, 2026-08, WebSocket.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from . import messages
from .body import ApiError, Fields, Ours, WrongShape, told
from .book import View
from .profile import Profile
from .topics import Message, Topics
from .wire import Json, Malformed, decode
from .world import Key, World


@dataclass(slots=True)
class Feed:
    """The subscriptions of one socket.

    wanted: the book just subscribed to, and whether its snapshot is asked of the exchange.
    """

    world: World
    accounts: set[int] = field(default_factory=set)
    trades: dict[Key, int] = field(default_factory=dict)
    books: dict[Key, View] = field(default_factory=dict)
    wanted: tuple[Key, bool] | None = None
    topics: Topics = field(init=False)

    def __post_init__(self) -> None:
        self.topics = Topics(self.world)

    def receive(self, text: str | bytes) -> list[Message]:
        """The answers to one frame of the client."""
        profile = self.world.profile
        try:
            sent, data = _envelope(text, profile)
        except Malformed:
            return [error("Invalid message format")]
        kind = sent.lower() if profile.any_case_types else sent
        known = messages.find(kind, profile)
        if known is None:
            return [error(f"Unknown message type: {sent}")]
        try:
            if profile.strict_data:
                _check_names(data, known[0])
            handler = HANDLERS.get(kind)
            return self.topics.receive(*known, data) if handler is None else handler(self, data)
        except WrongShape:
            return [error("Invalid message format")]
        except ApiError as refused:
            return [error(told(refused, profile))]

    def followed(self) -> set[Key]:
        prices = {key for _, key in self.topics.prices}
        return set(self.trades) | set(self.books) | prices

    def silence(self, connection: int) -> None:
        """Forgets what was subscribed on a connection; nothing is sent of it."""
        self.accounts.discard(connection)
        self.trades = {key: zoom for key, zoom in self.trades.items() if key[0] != connection}
        self.books = {key: view for key, view in self.books.items() if key[0] != connection}
        prices = self.topics.prices
        self.topics.prices = {topic for topic in prices if topic[1][0] != connection}

    def _subscribe(self, data: Fields) -> list[Message]:
        number = self._connection(data)
        self.accounts.add(number)
        return [("subscribed", {"ConnectionId": number})]

    def _unsubscribe(self, data: Fields) -> list[Message]:
        number = data.integer("connectionid") or 0
        self.accounts.discard(number)
        return [("unsubscribed", {"ConnectionId": number})]

    def _trade_subscribe(self, data: Fields) -> list[Message]:
        key = self._key(data, "trade")
        zoom = data.integer("zoomindex") or 0 if self.world.profile.edition > 1 else 0
        if self.world.market(key) is not None:
            self.trades[key] = zoom
        ack = {**_acked(key), "ZoomIndex": zoom} if self.world.profile.edition > 1 else _acked(key)
        return [("trade_subscribed", ack)]

    def _trade_unsubscribe(self, data: Fields) -> list[Message]:
        key = (data.integer("connectionid") or 0, data.text("ticker") or "")
        self.trades.pop(key, None)
        return [("trade_unsubscribed", _acked(key))]

    def _book_subscribe(self, data: Fields) -> list[Message]:
        key = self._key(data, "order book")
        data = _known(data, self.world.profile)
        view, fetch = _view(data, self.world.profile), data.flag("fetchsnapshot", default=True)
        ack: dict[str, Json] = {**_acked(key), "ZoomIndex": view.zoom}
        if view.depth is not None:
            ack["DepthLevels"] = view.depth
        if view.percent is not None:
            ack["DepthPercent"] = view.percent
        if not fetch:
            ack["FetchSnapshot"] = False
        if self.world.market(key) is not None:
            again = key in self.books and self.world.profile.one_snapshot
            self.books[key] = view
            self.wanted = None if again else (key, fetch)
        return [("orderbook_subscribed", ack if self.world.profile.edition > 1 else _acked(key))]

    def _book_unsubscribe(self, data: Fields) -> list[Message]:
        key = (data.integer("connectionid") or 0, data.text("ticker") or "")
        self.books.pop(key, None)
        return [("orderbook_unsubscribed", _acked(key))]

    def _connection(self, data: Fields) -> int:
        number = data.integer("connectionid")
        if self.world.active(number or 0) is None:
            kind = Ours if number is None else ApiError
            raise kind(f"Connection {number or 0} not found or not active")
        return number or 0

    def _key(self, data: Fields, subject: str) -> Key:
        number, ticker = self._connection(data), data.text("ticker")
        if not ticker:
            raise ApiError(f"Ticker is required for {subject} subscription")
        if self.world.profile.unknown_ticker_error and self.world.market((number, ticker)) is None:
            raise ApiError(f"Ticker '{ticker}' not found on connection {number}")
        return number, ticker


HANDLERS: dict[str, Callable[[Feed, Fields], list[Message]]] = {
    "subscribe": Feed._subscribe,
    "unsubscribe": Feed._unsubscribe,
    "trade_subscribe": Feed._trade_subscribe,
    "trade_unsubscribe": Feed._trade_unsubscribe,
    "orderbook_subscribe": Feed._book_subscribe,
    "orderbook_unsubscribe": Feed._book_unsubscribe,
}


def error(text: str) -> Message:
    return "error", {"error": text}


def _check_names(data: Fields, family: messages.Family) -> None:
    """Raises what a terminal would say that is as strict here as with the bodies of requests."""
    for name in data.values:
        if name not in family.data.lower().replace("!", "").split():
            raise Ours(f"Unknown field '{name}' in message data.")


def _envelope(text: str | bytes, profile: Profile) -> tuple[str, Fields]:
    """Type and Data of a client's frame, their names in any letter case."""
    value = decode(text)
    if not isinstance(value, dict):
        raise Malformed("not an object")
    envelope = {name.lower(): item for name, item in value.items()}
    kind, data = envelope.get("type"), envelope.get("data")
    if data is None and profile.optional_data:
        data = {}
    if not isinstance(kind, str) or not isinstance(data, dict):
        raise Malformed("no type or no data")
    fields = {name.lower(): item for name, item in data.items()}
    return kind, Fields(fields, profile.lenient_numbers)


def _known(data: Fields, profile: Profile) -> Fields:
    """What of a book's subscription a build knows."""
    names = {"zoomindex"} if profile.edition > 1 else set()
    names |= {"depthlevels", "depthpercent"} if profile.has("2 prices") else set()
    names |= {"fetchsnapshot"} if profile.has("2 books") else set()
    return Fields({name: data.values.get(name) for name in names}, data.lenient)


def _view(data: Fields, profile: Profile) -> View:
    depth, percent = data.integer("depthlevels"), data.decimal("depthpercent")
    if profile.ignore_bad_depth:
        depth = None if depth is None or depth < 1 else depth
        percent = None if percent is None or percent <= 0 else percent
    if depth is not None and depth < 1:
        raise ApiError("DepthLevels must be >= 1 when specified")
    if percent is not None and percent <= 0:
        raise ApiError("DepthPercent must be > 0 when specified")
    return View(data.integer("zoomindex") or 0, depth, percent)


def _acked(key: Key) -> dict[str, Json]:
    return {"ConnectionId": key[0], "Ticker": key[1]}
