"""This file knows one HTTP request on its way to a handler, and the reply on its way back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from .body import ApiError, Fields, number_of, read_body
from .catalog import Connection, Ticker
from .market import Market
from .wire import Json
from .world import World

OK: dict[str, Json] = {"status": "ok"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back. wait_s: how long the exchange took; after: done once the reply is out."""

    body: Json
    status: int = 200
    wait_s: float = 0.0
    after: Callable[[], None] | None = None


@dataclass(slots=True)
class Call:
    """One request. query: by lower-case name. fields: names its body may have. values: what stands
    in the path for each name of the route."""

    world: World
    query: dict[str, str]
    raw: bytes
    fields: frozenset[str]
    connection_id: int = 0
    values: dict[str, str] = field(default_factory=dict)

    @property
    def connection(self) -> Connection:
        return self.world.connections[self.connection_id]

    def body(self) -> Fields:
        return read_body(self.raw, self.fields, self.world.profile)

    def outcome(self, word: str) -> Json:
        """What a reply about a window or a tab has as its outcome; the documents do not say."""
        return 0 if self.world.profile.numeric_outcome else word

    def query_ticker(self) -> str:
        """The Ticker of the query, which must be there."""
        ticker = self.query.get("ticker", "")
        if not ticker:
            raise ApiError("Query parameter 'Ticker' is required")
        return ticker

    def query_number(self, name: str, error: ApiError) -> Decimal | None:
        """A number of the query; None when not sent. Raises the error when it is not a number."""
        text = self.query.get(name, "")
        if not text:
            return None
        value = number_of(text)
        if value is None:
            raise error
        return value

    def ticker(self, name: str) -> Ticker:
        """The connection's ticker of exactly that name. Raises ApiError when there is none."""
        ticker = self.connection.tickers().get(name)
        if ticker is None:
            raise ApiError(f"Ticker '{name}' not found on connection {self.connection_id}")
        return ticker

    def market(self, name: str) -> Market:
        market = self.world.market((self.connection_id, self.ticker(name).name))
        assert market is not None, "a listed ticker has a market"
        return market
