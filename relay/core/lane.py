"""This file knows how one connection is kept true: subscribed, acknowledged, read; and again.

A subscription ends without a word when its connection leaves the terminal for a moment, shorter
than anybody looks. So it is asked for again now and then, and what is open is read again; and at
once when anything hints at it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from relay.core.jobs import heed_cancellation
from relay.core.reading import Reading, is_inactive
from relay.errors import RelayError, TerminalGone, TerminalSilent
from relay.metascalp import wire
from relay.metascalp.socket import Stream
from relay.redact import loggable

#: How long a lost subscription may go unnoticed. A round is one frame, two reads and one per ticker
#: with something open, and of the other known tickers some; a repeated subscription is acknowledged
#: and changes nothing (MetaScalp API, edition 3, 2026-08).
REFRESH_S = 20.0
#: After a reading failed, how long from its beginning until it is tried again; twice as long every
#: time after that. One that waited for longer has waited enough: it may be the terminal that was
#: frozen, or this process, and two seconds after that everything is to be true again. So as long as
#: no subscription is acknowledged, which costs one frame, it does not get rarer.
AGAIN_S = 1.0
AGAIN_MOST_S = 30.0
SOON_S = 0.1
ACK_S = 3.0

Read = Callable[[int], Awaitable[None]]

log = logging.getLogger(__name__)


class Lane:
    """One connection on one socket. nudge: says that the connections are to be looked at."""

    def __init__(
        self, connection: int, stream: Stream, reading: Reading, nudge: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._stream = stream
        self._reading = reading
        self._nudge = nudge
        self._failing = False
        self._acked = asyncio.Event()
        self._due = asyncio.Event()

    def acknowledge(self) -> None:
        self._acked.set()

    def doubt(self) -> None:
        """Says that something was missed: all is stale until it has been read again."""
        self._reading.changed(self._reading.mirror.mark_stale([self._connection]))
        self._due.set()

    async def run(self) -> None:
        """Keeps the connection true until cancelled; it is stale when this begins."""
        # Staggered, so that the connections are not all read at the same moment.
        pause_s = REFRESH_S * (1 + self._connection % 10 / 10)
        failures = 0
        read: Read = self._reading.all
        while True:
            self._due.clear()
            began = time.monotonic()
            if await self._try(read):
                failures = 0
                read = await self._wait(pause_s)
                pause_s = REFRESH_S
            else:
                again_s = min(AGAIN_S * 2**failures, AGAIN_MOST_S)
                left = again_s - (time.monotonic() - began)
                await asyncio.sleep(max(left, SOON_S))
                # A wait for readings in vain counts: it cost the terminal, and maybe an exchange.
                failures += left > 0 or self._acked.is_set()
                read = self._reading.all

    async def _wait(self, pause_s: float) -> Read:
        """Waits for what is to be read next."""
        try:
            async with asyncio.timeout(pause_s):
                await self._due.wait()
        except TimeoutError:
            return self._reading.refresh
        return self._reading.all

    async def _try(self, read: Read) -> bool:
        """Subscribes and reads; when that fails, all is stale."""
        try:
            await self._subscribe()
            await read(self._connection)
        except RelayError as error:
            heed_cancellation()
            if not self._failing:
                log.warning("connection %d not read: %s", self._connection, loggable(error))
            self._failing = True
            self._reading.changed(self._reading.mirror.mark_stale([self._connection]))
            if is_inactive(error):
                self._nudge()
            return False
        if self._failing:
            log.info("connection %d read again", self._connection)
        self._failing = False
        return True

    async def _subscribe(self) -> None:
        """Reads come after the acknowledgement: an update before it would be in neither."""
        self._acked.clear()
        try:
            await self._stream.send(wire.subscribe(self._connection))
            async with asyncio.timeout(ACK_S):
                await self._acked.wait()
        except TimeoutError as error:
            raise TerminalSilent("the subscription was not acknowledged") from error
        except ConnectionError as error:
            raise TerminalGone("the terminal closed the socket") from error
