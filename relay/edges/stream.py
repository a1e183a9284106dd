"""This file knows a reader's WebSocket: what it sends, and how it is written to.

Frames are put together elsewhere; here they are joined and written once in a turn of the event
loop. Whoever does not read in time lags: what waits for it stays bounded, and others feel nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from aiohttp import WSCloseCode, WSMsgType, web

from relay import envelope
from relay.core.fanout import Batch, joined
from relay.core.streams import Streams

#: A reader lags from here on, and may be given more again below a quarter of it.
LAG_BYTES = 512 * 1024
#: How long a reader may lag.
LAG_S = 30.0
LOOK_S = 0.01
#: A reader that says nothing is asked whether it is there, and has half of this to answer.
HEARTBEAT_S = 20.0
#: How long a reader that was told to go may take, and when the relay itself is ending.
GO_S, ENDING_S = 3.0, 0.5
#: The largest known message is a list of exchanges of some kB.
MAX_MESSAGE = 256 * 1024
#: Messages and pings of one reader: so many at once, and a second.
BURST, RATE = 5000.0, 500.0
#: After so many in a row, everybody else has a turn.
TURN = 32


class Reader:
    """One reader's end. `batch` is filled by the streams, and written by `flush`."""

    def __init__(self, transport: asyncio.Transport, streams: Streams) -> None:
        self.batch: Batch = []
        self.lag_since: float | None = None
        self.ended = False
        self._transport = transport
        self._streams = streams
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._allowed, self._counted_at = BURST, time.monotonic()

    @property
    def waiting(self) -> int:
        """Bytes that are written and not taken yet."""
        return self._transport.get_write_buffer_size()

    def flush(self) -> None:
        batch, self.batch = self.batch, []
        transport = self._transport
        if self.ended or transport.is_closing():
            return
        transport.write(joined(batch))
        if transport.get_write_buffer_size() > LAG_BYTES:
            self._streams.lag(self)
            if self.lag_since is None:
                self.lag_since = self._loop.time()
                self._look_later()

    def end(self, code: int, reason: str) -> None:
        """Says why and closes; whoever does not take even that is cut off."""
        if self.ended:
            return
        if self.batch:
            self._streams.settle()
            self.flush()
        self.ended = True
        if not self._transport.is_closing():
            self._transport.write(envelope.close_frame(code, reason))
        self._stop_looking()
        go_s = ENDING_S if code == WSCloseCode.GOING_AWAY else GO_S
        self._timer = self._loop.call_later(go_s, self._transport.abort)

    def gone(self) -> None:
        """The socket is closed; one that was told to go may still have to be cut off."""
        if not self.ended:
            self.ended = True
            self._stop_looking()

    def pong(self, payload: bytes) -> None:
        """Answers a ping in turn with everything else."""
        if not self.ended:
            self._streams.put(self, envelope.frame(payload, envelope.PONG))

    def may_say_more(self) -> bool:
        """False for whoever sends more than any program has reason to."""
        now = time.monotonic()
        self._allowed = min(BURST, self._allowed + (now - self._counted_at) * RATE) - 1
        self._counted_at = now
        return self._allowed >= 0

    def _look_later(self) -> None:
        self._timer = self._loop.call_later(LOOK_S, self._look)

    def _look(self) -> None:
        """Is there room again? Asked by the clock: a stream that goes quiet would never ask."""
        self._timer = None
        if self.ended or self._transport.is_closing():
            return
        room = LAG_BYTES // 4 - self.waiting
        if room > 0 and self._streams.resume(self, room):
            self.lag_since = None
        elif self.lag_since is not None and self._loop.time() - self.lag_since > LAG_S:
            self.end(WSCloseCode.TRY_AGAIN_LATER, f"read too slowly for {LAG_S:.0f} s")
        elif not self.ended:
            self._look_later()

    def _stop_looking(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


async def serve(
    request: web.Request,
    streams: Streams,
    keys: str = "asis",
    may_say_all: bool = True,
    headers: Mapping[str, str] | None = None,
) -> web.WebSocketResponse:
    """Serves one reader until it leaves or is closed. keys: see `relay.spelling`. may_say_all:
    also what no document has. headers: what the upgrade is answered with beside its own."""
    socket = web.WebSocketResponse(
        compress=False,
        autoping=False,
        heartbeat=HEARTBEAT_S,
        max_msg_size=MAX_MESSAGE,
        timeout=GO_S,
    )
    socket.headers.update(headers or {})
    await socket.prepare(request)
    assert request.transport is not None, "a prepared socket has a transport"
    reader = Reader(request.transport, streams)
    streams.join(reader, keys, may_say_all)
    try:
        await _listen(socket, reader, streams)
    finally:
        reader.gone()
        streams.leave(reader)
    return socket


async def _listen(socket: web.WebSocketResponse, reader: Reader, streams: Streams) -> None:
    """Hears a reader out. aiohttp itself closes on what is no frame, no UTF-8, or too large."""
    count = 0
    async for message in socket:
        count += 1
        if not reader.may_say_more():
            reader.end(WSCloseCode.POLICY_VIOLATION, f"more than {RATE:.0f} messages a second")
        elif message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            streams.receive(reader, message.data)
        elif message.type is WSMsgType.PING:
            reader.pong(message.data)
        if reader.ended:
            return
        if count % TURN == 0 or reader.waiting > LAG_BYTES:
            await asyncio.sleep(0)
