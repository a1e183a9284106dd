"""This file knows whether the terminal is there, and keeps finding it again.

A relay outlives the terminal's absence: it looks at once when somebody needs it, and every second
while somebody watches. "searching" means never seen by this process, "lost" means gone.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Literal

from relay.connection import Connection
from relay.core.jobs import Run
from relay.errors import RelayError, TerminalGone, TerminalOther, TerminalRefused, TerminalSilent
from relay.exchanges import Exchanges
from relay.metascalp import discovery, wire
from relay.metascalp.client import Client
from relay.metascalp.discovery import Found, Seen
from relay.metascalp.http import Http
from relay.ours import Ours

#: How old a connection list a click may rely on; there is no push of connection states.
FRESH_S = 2.0
POLL_S = 2.0
#: How long the ports that were empty are asked again for who came during a look that failed.
ONCE_MORE_S = 0.3
#: How soon after the terminal was found, and how often from then on, the other ports are looked at;
#: not at once, because it is a click that finds it.
AROUND_SOON_S, AROUND_S = 0.2, 10.0
#: While the terminal is away; the last is repeated, so it is found within a second of its start.
BACKOFF_S = (0.25, 0.5, 1.0)

log = logging.getLogger(__name__)

State = Literal["searching", "connected", "lost"]


class Link:
    """The way to one terminal. `changed` is called after every change of state or connections."""

    def __init__(
        self,
        exchanges: Exchanges,
        changed: Callable[[], None],
        ports: Sequence[int] = wire.PORTS,
    ) -> None:
        self.client: Client | None = None
        self.connections: list[Connection] = []
        self.state: State = "searching"
        self.since_ms = _now_ms()
        self.ours = Ours()
        #: How often the terminal was found or lost: what was seen across that counts for nothing.
        self.turns = 0
        #: Runs what nobody waits for; without it the other ports are looked at by whoever wants to.
        self.behind: Callable[[Run], None] | None = None
        self._exchanges = exchanges
        self._ports = ports
        self._changed = changed
        self._read_at = 0.0
        self._began_at = self._failed_at = 0.0
        self._refused: set[int] = set()
        self._others_told: list[str] = []
        self._around_at = 0.0
        self._doubts = False
        self._nudge = asyncio.Event()
        self._there = asyncio.Event()
        self._looking = asyncio.Lock()

    @property
    def ports(self) -> Sequence[int]:
        """Where the terminal is looked for."""
        return self._ports

    @property
    def version(self) -> str | None:
        """Of the terminal, as it was last."""
        return self.ours.version

    @property
    def others(self) -> list[str]:
        """Where terminals answer that are not taken for ours, while it is gone."""
        ports = () if self.client else sorted(self.ours.others)
        return [f"{discovery.HOST}:{port}" for port in ports]

    def close(self) -> None:
        if self.client is not None:
            self.client.http.close()

    def nudge(self) -> None:
        """Asks for a look at once: somebody noticed something."""
        self._read_at = 0.0
        self._nudge.set()

    async def reach(self) -> Client:
        """The terminal, looked for if need be; TerminalGone when it is not there."""
        asked_at = time.monotonic()
        async with self._looking:
            if self.client is None:
                await self._find(asked_at)
            assert self.client is not None, "_find either sets it or raises"
            return self.client

    async def wait_connected(self) -> Client:
        """The terminal, once `watch` has found it; looks for nothing itself."""
        while self.client is None:
            await self._there.wait()
        return self.client

    async def fresh(self, max_age_s: float | None = None) -> tuple[Client, list[Connection]]:
        """The terminal and connections no older than that, two seconds by default; raises like
        the client."""
        client = await self.reach()
        if time.monotonic() - self._read_at > (FRESH_S if max_age_s is None else max_age_s):
            try:
                await self._read(client)
            except TerminalGone:  # It may have come back on another port: look once more.
                client = await self.reach()
                await self._read(client)
        return client, self.connections

    async def watch(self) -> None:
        """Looks again and again, until cancelled."""
        away = 0
        while True:
            self._nudge.clear()
            try:
                await self._read(await self.reach())
                away = 0
                self._look_around_soon(AROUND_S)
            except (TerminalGone, TerminalSilent, TerminalRefused):
                away += 1
            pause = POLL_S if not away else BACKOFF_S[min(away, len(BACKOFF_S)) - 1]
            try:
                async with asyncio.timeout(pause):
                    await self._nudge.wait()
            except TimeoutError:
                continue

    def lose(self, client: Client) -> None:
        """Takes note that this terminal is gone."""
        if client is not self.client:
            return
        client.http.close()
        self.client, self.connections = None, []
        self.turns += 1
        self.ours.lost()
        self._there.clear()
        self._set("lost")

    async def look_around(self) -> None:
        """Looks who sits on the ports beside ours."""
        turns = self.turns
        self.heed(turns, self._ports, await discovery.survey(self._ports))

    def heed(self, turns: int, ports: Iterable[int], seen: Iterable[Seen]) -> None:
        """Takes note of what was seen on these ports, in a look that began when there had been so
        many turns."""
        if turns != self.turns:
            return
        kinds = {one.port: one.kind for one in seen}
        there = {port for port, kind in kinds.items() if kind == "metascalp"}
        if self.client is None:
            self.ours.empty(set(ports) - kinds.keys())
        elif self.client.http.port in there:
            silent = {port for port, kind in kinds.items() if kind == "silent"}
            self.ours.beside(ports, there, silent)
            self._around_at = time.monotonic()

    async def _find(self, asked_at: float) -> None:
        found = await self._look(asked_at)
        if found is None:
            self._failed_at = time.monotonic()
            self._tell_of_others()
            raise self.absence()
        client = Client(Http(discovery.HOST, found.port), self._exchanges)
        try:
            self.connections = await client.connections()  # Never "connected" without them.
        except BaseException:
            client.http.close()
            raise
        self._read_at = time.monotonic()
        self.client = client
        self.turns += 1
        client.http.ended = partial(self._look_again_soon, client)
        self.ours.found(found.port, found.version, self._refused)
        self._there.set()
        self._set("connected")
        self._look_around_soon(0.0)

    async def _look(self, asked_at: float) -> Found | None:
        """Looks, unless a look that began after this one was asked for has failed. Of one that was
        under way by then, only what it found empty is asked again: the others had their time."""
        if self._began_at >= asked_at:
            return None
        was_under_way = self._failed_at >= asked_at
        ports = self._refused if was_under_way else set(self._ports)
        last = self.ours.port if self.ours.port in ports else None
        self._began_at, self._refused = time.monotonic(), set()
        try:
            async with asyncio.timeout(ONCE_MORE_S if was_under_way else None):
                return await discovery.find(last, ports, self._may_be_ours, self._refused)
        except TimeoutError:
            return None
        finally:
            self.ours.empty(self._refused)

    def _may_be_ours(self, found: Found) -> bool:
        self.ours.empty(self._refused)
        return self.ours.may_be(found.port, found.version)

    def _look_again_soon(self, client: Client) -> None:
        """It has closed a connection. If it is gone, the ports are looked at while they are empty:
        what comes up on one of them may then be ours in any version, also where nobody watches."""
        if self.behind is not None and client is self.client and not self._doubts:
            self._doubts = True
            self.behind(self._look_again_behind)

    async def _look_again_behind(self) -> None:
        try:
            await self.fresh(0.0)
        except RelayError:
            return  # The state says so.
        finally:
            self._doubts = False

    def _look_around_soon(self, max_age_s: float) -> None:
        """Has the other ports looked at, unless that was done lately; where there are any."""
        now = time.monotonic()
        if self.behind is not None and len(self._ports) > 1 and now - self._around_at >= max_age_s:
            self._around_at = now
            self.behind(self._look_around_behind)

    async def _look_around_behind(self) -> None:
        await asyncio.sleep(AROUND_SOON_S)
        await self.look_around()

    def absence(self) -> TerminalGone:
        """Why there is no terminal, while there is none."""
        first, last = self._ports[0], self._ports[-1]
        where = f"port {first}" if first == last else f"ports {first} to {last}"
        if not self.others:
            return TerminalGone(f"MetaScalp is not running (nobody answers on {where})")
        others = ", ".join(self.others)
        text = f"MetaScalp at port {self.ours.port} is gone; another one is at {others}: name it"
        return TerminalOther(text, address=others)

    def _tell_of_others(self) -> None:
        if self.others != self._others_told:
            self._others_told = self.others
            self._changed()

    async def _read(self, client: Client) -> None:
        """Reads the connections; whatever fails means that the terminal is not to be relied on."""
        try:
            connections = await client.connections()
        except (TerminalGone, TerminalSilent):
            self.lose(client)
            raise
        self._read_at = time.monotonic()
        if connections != self.connections:
            self.connections = connections
            self._changed()

    def _set(self, state: State) -> None:
        if state == self.state:
            return
        log.info("terminal: %s -> %s", self.state, state)
        self.state, self.since_ms = state, _now_ms()
        self._changed()


def _now_ms() -> int:
    return int(time.time() * 1000)
