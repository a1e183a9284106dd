"""This file knows in which coin a result on a ticker is, by the terminal's own ticker lists."""

from __future__ import annotations

from relay.core.link import Link
from relay.core.lists import Lists
from relay.marks import has_result


class Quotes:
    """Quote coins; a list that is not there yet is read behind the scenes."""

    def __init__(self, link: Link, lists: Lists) -> None:
        self._link = link
        self._lists = lists

    def of(self, connection: int, ticker: str) -> str | None:
        """None where no result can be computed, and until the connection's list is there."""
        place = next((one for one in self._link.connections if one.id == connection), None)
        client = self._link.client
        if place is None or client is None:
            return None
        listed = self._lists.known.get(connection)
        if listed is None:
            self._lists.load_behind(client, place)
            return None
        quote = listed.names[ticker].quote if ticker in listed.names else ""
        return quote if has_result(place.exchange_id, place.market_type, quote) else None
