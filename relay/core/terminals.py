"""This file knows the terminals there are on this machine, and keeps them apart.

Production and Beta run side by side on two ports. One is ours, see `relay.ours`; another is asked
only by whoever names it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from relay.config import address
from relay.core.link import Link
from relay.errors import TerminalGone, TerminalSilent
from relay.exchanges import Exchanges
from relay.metascalp import discovery, wire
from relay.metascalp.client import Client
from relay.metascalp.discovery import Seen
from relay.metascalp.http import Http

#: How often the ports are looked over; every look is one small request to each.
LOOK_S = 5.0
#: How old a look may be that somebody asks for.
FRESH_S = 2.0


class Terminals:
    """What sits on the ports, and a client for each terminal among it."""

    def __init__(self, link: Link, exchanges: Exchanges, ports: Iterable[int] = wire.PORTS) -> None:
        self.link = link
        self.seen: list[Seen] = []
        self._exchanges = exchanges
        self._ports = frozenset(ports)
        self._clients: dict[int, Client] = {}
        self._looked_at = 0.0
        self._looking = asyncio.Lock()

    def close(self) -> None:
        for client in self._clients.values():
            client.http.close()
        self._clients.clear()

    def known(self, named: str | None) -> Client | None:
        """The one that is meant, if it can be told without a look."""
        ours = self.link.client
        if named is None or ours is None:
            return ours if named is None else None
        return ours if named == f"{ours.http.host}:{ours.http.port}" else None

    async def client(self, named: str | None) -> Client:
        """Ours, or the one that is named as 127.0.0.1:PORT.

        BadConfig when that is no address, TerminalGone when no MetaScalp answers there: nothing
        else on this machine is ever asked through us. Another one is looked at every time, as its
        port may be somebody else's by now, and nothing tells us.
        """
        if named is None:
            try:
                return await self.link.reach()
            except TerminalSilent as silent:  # It was only looked for: nothing else was asked.
                raise TerminalGone(f"{silent.text}; nothing was sent") from silent
        port = address(named)[1]
        ours = self.link.client
        if ours is not None and ours.http.port == port:
            return ours
        if await discovery.ask(port) is None:
            if (gone := self._clients.pop(port, None)) is not None:
                gone.http.close()
            raise TerminalGone(f"no MetaScalp answers on 127.0.0.1:{port}")
        if port not in self._clients:
            self._clients[port] = Client(Http(discovery.HOST, port), self._exchanges)
        return self._clients[port]

    def lose(self, client: Client) -> None:
        """Takes note that this terminal is gone: the next request looks again."""
        if self._clients.get(client.http.port) is client:
            del self._clients[client.http.port]
            client.http.close()
        self.link.lose(client)

    async def watch(self) -> None:
        """Looks again and again, until cancelled."""
        while True:
            await self.look(LOOK_S)
            await asyncio.sleep(LOOK_S)

    async def look(self, max_age_s: float = FRESH_S) -> None:
        """Looks the ports over, unless that was done lately."""
        async with self._looking:
            if time.monotonic() - self._looked_at < max_age_s:
                return
            turns, ours = self.link.turns, self.link.client
            ports = {*self._ports, *([ours.http.port] if ours else [])}
            self.seen = await discovery.survey(sorted(ports))
            self._looked_at = time.monotonic()
            self.link.heed(turns, ports, self.seen)

    def as_json(self) -> list[dict[str, Any]]:
        """Every port on which something answers; `ours` is the one that is asked by default."""
        ours = self.link.client.http.port if self.link.client else None
        return [{**asdict(one), "ours": one.port == ours} for one in self.seen]
