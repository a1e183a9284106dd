"""This file knows how to ask one terminal: a method for each thing we want of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from relay.connection import Connection
from relay.errors import TerminalRefused, TerminalSilent
from relay.exchanges import Exchanges
from relay.metascalp import layout, wire
from relay.metascalp.http import Http
from relay.panel import Panel
from relay.tickers import Listed

#: A combo opens windows before it answers (reported: up to 5 s, 2026-05).
COMBO_S = 5.0
READ_S = 5.0
#: Answered before the panel moves.
POINT_S = 1.0
#: An order's round trip to an exchange: stop acknowledgements of up to 8 s were reported, 2026-05.
TRADE_S = 10.0


class Client:
    """The REST side of one terminal. Every method raises TerminalGone, TerminalSilent or
    TerminalRefused; the last with the terminal's own words."""

    def __init__(self, http: Http, exchanges: Exchanges) -> None:
        self.http = http
        self._exchanges = exchanges

    @property
    def url(self) -> str:
        return f"http://{self.http.host}:{self.http.port}"

    async def connections(self) -> list[Connection]:
        return wire.connections_in(await self._get(wire.CONNECTIONS), self._exchanges)

    async def tickers(self, connection: int) -> list[Listed]:
        return wire.tickers_in(await self._get(wire.tickers_path(connection)))

    async def orders(self, connection: int, ticker: str) -> Any:
        return await self._get(wire.orders_path(connection, ticker))

    async def positions(self, connection: int) -> Any:
        return await self._get(wire.positions_path(connection))

    async def balance(self, connection: int) -> Any:
        return await self._get(wire.balance_path(connection))

    async def screen_tickers(self) -> set[tuple[int, str]]:
        """What the terminal's windows show; empty on builds that cannot say (before 2026-08)."""
        reply = await self._screen()
        return set() if reply is None else wire.screen_tickers_in(reply)

    async def panels(self) -> list[Panel] | None:
        """The panels of the terminal's windows; None on builds that cannot say (before 2026-08)."""
        reply = await self._screen()
        return None if reply is None else wire.panels_in(reply)

    async def tabs(self) -> dict[int, frozenset[str]] | None:
        """Tab id -> the tickers it shows; None on builds that cannot say (before 2026-08)."""
        reply = await self._screen()
        return None if reply is None else layout.tabs_in(reply)

    async def close_tab(self, tab: int) -> None:
        await self._post(wire.close_tab_path(tab), {}, READ_S)

    async def open_chart(self, connection: int, ticker: str) -> bool:
        """Opens a chart window and points it at a ticker; False on builds that cannot."""
        try:
            reply = await self._post(wire.UI_WINDOWS, {"windowType": "chart"}, READ_S)
        except TerminalRefused as error:
            if is_missing(error) or error.http_status == 404:
                return False
            raise
        window = reply.get("windowid") if isinstance(reply, dict) else None

        async def look() -> str | None:
            return layout.chart_document_in(await self._screen(), window)

        document = await layout.wait_for(look, lambda seen: seen is not None)
        if document is None:
            raise TerminalSilent("the chart window was opened, but the terminal does not name it")
        await self.point(document, connection, ticker)
        return True

    async def binding_names(self) -> list[str] | None:
        """The bindings a build names when it refuses one; None when it does not name them.

        What is asked for no terminal can do, whichever of its reasons comes first.
        """
        try:
            await self.change_ticker(wire.NO_EXCHANGE, wire.NO_MARKET, "?", "500", READ_S)
        except TerminalRefused as error:
            return wire.bindings_in(error.text)
        return None

    async def change_ticker(
        self, exchange: int, market: int, ticker: str, binding: str | None, timeout_s: float
    ) -> None:
        """Switches by numbers and the terminal's own name, which no spelling rule can bend."""
        body = {"Exchange": exchange, "Market": market, "Ticker": ticker}
        bound = body if binding is None else {**body, "Binding": binding}
        await self._post(wire.CHANGE_TICKER, bound, timeout_s)

    async def point(self, panel: str, connection: int, ticker: str) -> None:
        """Lets one panel show a ticker; the terminal answers before it does."""
        body = {"Ticker": ticker, "ConnectionId": connection}
        path = wire.panel_path(panel)
        reply = await self.http.request("PUT", path, wire.encode(body), timeout_s=POINT_S)
        _read(reply.status, reply.body)

    async def place_level(
        self, connection: int, ticker: str, price: Decimal, rule: str | None = None
    ) -> None:
        """An alert at a price. Without a rule the terminal needs the order book on its screen."""
        body = {"Ticker": ticker, "Price": price}
        ruled = body if rule is None else {**body, "TriggerRule": rule}
        await self._post(wire.signal_levels_path(connection), ruled, READ_S)

    async def position_side(self, connection: int, ticker: str) -> str | None:
        """ "long", "short", or None without a position."""
        return wire.side_in(await self.positions(connection), ticker)

    async def orders_count(self, connection: int, ticker: str) -> int:
        return wire.orders_count_in(await self.orders(connection, ticker))

    async def notify(self, row: Mapping[str, Any]) -> None:
        """A row in the terminal's feed."""
        await self._post(wire.NOTIFICATIONS, row, READ_S)

    async def combo(self, symbols: list[str], *, background: bool = False) -> None:
        """One combo layout per symbol. `Tickers` and `Activate` are of 2026-08, one `Ticker` of
        every build."""
        body: dict[str, Any] = {"Ticker": symbols[0]} if len(symbols) == 1 else {"Tickers": symbols}
        if background:
            body["Activate"] = False
        await self._post(wire.COMBO, body, COMBO_S)

    async def cancel(self, connection: int, ticker: str, order: int, order_type: int) -> None:
        body = {"Ticker": ticker, "OrderId": order, "Type": order_type}
        await self._post(wire.cancel_path(connection), body, TRADE_S)

    async def cancel_all(self, connection: int, ticker: str) -> int:
        """How many orders were cancelled."""
        reply = await self._post(wire.cancel_all_path(connection), {"Ticker": ticker}, TRADE_S)
        count = reply.get("cancelledcount") if isinstance(reply, dict) else None
        return count if isinstance(count, int) else 0

    async def _screen(self) -> Any:
        """The terminal's windows; None on builds that cannot say (before 2026-08)."""
        try:
            return await self._get(wire.UI_STATE)
        except TerminalRefused as error:
            if is_missing(error) or error.http_status == 404:
                return None
            raise

    async def _get(self, target: str) -> Any:
        reply = await self.http.request("GET", target, timeout_s=READ_S)
        return _read(reply.status, reply.body)

    async def _post(self, target: str, body: Mapping[str, Any], timeout_s: float) -> Any:
        reply = await self.http.request("POST", target, wire.encode(body), timeout_s=timeout_s)
        return _read(reply.status, reply.body)


def is_missing(error: TerminalRefused) -> bool:
    """Whether a refusal says that this build has no such route."""
    return error.text == wire.NOT_FOUND


def _read(status: int, body: bytes) -> Any:
    """The answer's content. A 5xx after a request was sent says nothing about what happened; but
    501 says that there is no such thing on this exchange."""
    if status >= 500 and status != 501:
        words = wire.error_in(body)
        raise TerminalSilent(
            f"the terminal answered {status}: {words}", terminal=words, status=status
        )
    if status != 200:
        raise TerminalRefused(wire.error_in(body), status)
    try:
        return wire.decode(body)
    except (ValueError, RecursionError) as error:
        raise TerminalSilent(f"the terminal's answer is not JSON: {error}") from error
