"""This file knows what is open: orders, positions and balances, out of snapshots and updates.

REST gives snapshots (orders per ticker, positions and balances per connection), the stream gives
updates; neither carries a sequence number (MetaScalp API, edition 3, 2026-08). So a snapshot is
opened before it is requested and closed with what came: a row the stream has touched in between is
newer than the snapshot and wins. Every change is returned as a Change; nothing here sends it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from relay.marks import Mark
from relay.rows import Balance, Change, Order, Position, Row, type_number

#: Kind of rows, connection, ticker; an empty ticker is all of them. Orders always name theirs.
Scope = tuple[str, int, str]


@dataclass(slots=True, eq=False)
class Snapshot:
    """One reading under way; two of one scope are two. touched: keys that the stream changed since
    it was opened."""

    scope: Scope
    touched: set[str] = field(default_factory=set)


class Mirror:
    """What is known to be open, by kind and key, and the connections that may have moved on."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Row]] = {"orders": {}, "positions": {}, "balances": {}}
        self.stale: set[int] = set()
        self._marks: dict[tuple[int, str], Mark] = {}
        self._open: list[Snapshot] = []
        self._doubts: dict[int, int] = {}

    def orders(self) -> list[Order]:
        return [row for row in self.rows["orders"].values() if isinstance(row, Order)]

    def positions(self) -> list[Position]:
        return [row for row in self.rows["positions"].values() if isinstance(row, Position)]

    def connections(self) -> set[int]:
        """The connections something is known of."""
        return {row.connection for held in self.rows.values() for row in held.values()}

    def gone(self, present: Collection[int]) -> set[int]:
        """The connections something is known of that are not among these. Without any the terminal
        is away or starting: all may still come back."""
        return (self.connections() | self.stale) - set(present) if present else set()

    def tickers(self, connection: int) -> set[str]:
        """The tickers of a connection's orders and positions."""
        rows: list[Order | Position] = [*self.orders(), *self.positions()]
        return {row.ticker for row in rows if row.connection == connection}

    def begin(self, scope: Scope) -> Snapshot:
        """Opens a reading; to be closed by `finish` or `abandon`."""
        kind, _, ticker = scope
        assert ticker or kind != "orders", "the terminal lists the orders of a ticker, never of all"
        snapshot = Snapshot(scope)
        self._open.append(snapshot)
        return snapshot

    def abandon(self, snapshot: Snapshot) -> None:
        if snapshot in self._open:
            self._open.remove(snapshot)

    def finish(self, snapshot: Snapshot, rows: Iterable[Row], *, whole: bool = True) -> Change:
        """Takes a reading as the truth of its scope, but for what the stream has touched since.
        whole: whether it was all there is; otherwise nothing is gone for that it was not in it."""
        if snapshot not in self._open:  # Its connection has been forgotten meanwhile.
            return Change()
        self._open.remove(snapshot)
        kind = snapshot.scope[0]
        held = self.rows[kind]
        read = {row.key: self._marked(row) for row in rows if row.key not in snapshot.touched}
        gone = [
            key
            for key, row in held.items()
            if whole
            and _within(row, snapshot.scope)
            and key not in read
            and key not in snapshot.touched
        ]
        changed = [key for key, row in read.items() if held.get(key) != row]
        for key in gone:
            del held[key]
        held.update(read)
        return Change(put={kind: set(changed)}, drop={kind: set(gone)})

    def update_order(self, order: Order) -> Change:
        """Takes one order of the stream; what the stream does not say is kept from before."""
        held = self.rows["orders"].get(order.key)
        if isinstance(held, Order):
            order = replace(
                order,
                type=held.type if _is_number_of(held.type, order.type) else order.type,
                trigger=order.trigger or held.trigger,
                client_id=order.client_id or held.client_id,
            )
        return self._update("orders", order, gone=order.status == "closed")

    def update_position(self, position: Position) -> Change:
        held = self.rows["positions"].get(position.key)
        if isinstance(held, Position) and position.margin_mode is None:
            position = replace(position, margin_mode=held.margin_mode)
        return self._update("positions", self._marked(position), gone=position.closed)

    def update_mark(self, connection: int, ticker: str, mark: Mark) -> Change:
        """Takes the price of a ticker for its positions."""
        self._marks[connection, ticker] = mark
        held = self.rows["positions"]
        changed = {
            one.key
            for one in self.positions()
            if (one.connection, one.ticker) == (connection, ticker) and one.mark != mark
        }
        for key in changed:
            held[key] = self._marked(held[key])
        if not changed:
            del self._marks[connection, ticker]  # The last position has gone meanwhile.
        return Change(put={"positions": changed})

    def update_balance(self, balance: Balance) -> Change:
        return self._update("balances", balance, gone=False)

    def mark_stale(self, connections: Iterable[int]) -> Change:
        """Says that updates of these connections may have been missed."""
        for connection in connections:
            self.stale.add(connection)
            self._doubts[connection] = self.doubts(connection) + 1
        return Change(stale=True)

    def doubts(self, connection: int) -> int:
        """How often it was marked stale so far; to be given to `trust` by who reads it again."""
        return self._doubts.get(connection, 0)

    def trust(self, connection: int, doubts: int) -> Change:
        """Says that everything of a connection has been read again, beginning at `doubts`.

        What was marked stale since then stays so: the reading may have been too early for it.
        """
        if connection not in self.stale or self.doubts(connection) != doubts:
            return Change()
        self.stale.discard(connection)
        return Change(stale=True)

    def forget(self, connection: int) -> Change:
        """Drops all of a connection that no longer exists."""
        self.stale.discard(connection)
        self._doubts[connection] = self.doubts(connection) + 1
        self._open = [one for one in self._open if one.scope[1] != connection]
        drop: dict[str, set[str]] = {}
        for kind, held in self.rows.items():
            drop[kind] = {key for key, row in held.items() if row.connection == connection}
            for key in drop[kind]:
                del held[key]
        return Change(drop=drop, stale=True)

    def _marked(self, row: Row) -> Row:
        """A position with the price of its ticker."""
        if not isinstance(row, Position):
            return row
        return replace(row, mark=self._marks.get((row.connection, row.ticker)))

    def _update(self, kind: str, row: Row, *, gone: bool) -> Change:
        for snapshot in self._open:
            if snapshot.scope[0] == kind and _within(row, snapshot.scope):
                snapshot.touched.add(row.key)
        if gone:
            had = self.rows[kind].pop(row.key, None)
            return Change(drop={kind: {row.key}}) if had else Change()
        if self.rows[kind].get(row.key) == row:
            return Change()
        self.rows[kind][row.key] = row
        return Change(put={kind: {row.key}})


def _is_number_of(number: str, name: str) -> bool:
    """Whether two spellings may be of one type that is new: REST's, by which an order can be
    cancelled, and the stream's."""
    return number.isdecimal() and type_number(name) is None


def _within(row: Row, scope: Scope) -> bool:
    _, connection, ticker = scope
    return row.connection == connection and ticker in ("", getattr(row, "ticker", ""))
