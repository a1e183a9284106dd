"""This file knows how a terminal is recorded: what it says by REST and stream, a line each.

Every line is a JSON object: {"at": seconds since the start, "path": …, "status": …, "body": …} for
a reply, {"at": …, "frame": …} for a frame; body and frame are the text as it came, redacted. Only
GET requests and subscriptions are sent.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

import aiohttp

from relay.config import Config, address
from relay.core import files, places
from relay.core.start import read
from relay.errors import RelayError, TerminalGone
from relay.metascalp import discovery, wire
from relay.metascalp.http import Http
from relay.redact import Redactor

READ_S = 10.0
#: What is read once; "{id}" for each connection, "{ticker}" for each ticker of it.
PATHS = (
    wire.PING, wire.CONNECTIONS, wire.UI_STATE, "/api/screener/templates",
    "/api/connections/{id}", "/api/connections/{id}/tickers", "/api/connections/{id}/positions",
    "/api/connections/{id}/balance", "/api/connections/{id}/orders?Ticker={ticker}",
    "/api/connections/{id}/orderbook-settings?Ticker={ticker}",
    "/api/connections/{id}/signal-levels?Ticker={ticker}",
    "/api/connections/{id}/user-levels?Ticker={ticker}",
)  # fmt: skip
GLOBAL = ("notification", "signal_level", "user_level", "ui")
PLACED = ("trade", "orderbook", "mark_price", "index_price", "funding")


async def record(
    terminal: str | None, out: Path, seconds: float, tickers: Iterable[str], *, plain: bool
) -> int:
    """Writes a recording; gives how many lines it has. plain: nothing is replaced.

    tickers: "ID:NAME" each, market data to record besides the accounts. TerminalGone when there is
    no terminal.
    """
    host, port = await find(terminal)
    wanted = [_place(text) for text in tickers]
    with files.opened(out) as file:
        tap = Tap(file, None if plain else Redactor())
        async with Http(host, port) as http, _frames(host, port, tap) as socket:
            await _read(http, tap, wanted)
            await _subscribe(socket, tap.connections, wanted)
            await asyncio.sleep(seconds)
        return tap.lines


class Tap:
    """The file a recording goes to."""

    def __init__(self, file: TextIO, redactor: Redactor | None) -> None:
        self.lines = 0
        self.connections: list[int] = []
        self._file = file
        self._redactor = redactor
        self._started = time.monotonic()

    def reply(self, path: str, status: int, body: str) -> None:
        text = body if self._redactor is None else self._redactor.reply(path, body)
        self._write({"path": path, "status": status, "body": text})

    def frame(self, text: str) -> None:
        self._write({"frame": text if self._redactor is None else self._redactor.frame(text)})

    def _write(self, line: dict[str, Any]) -> None:
        at = round(time.monotonic() - self._started, 4)
        self._file.write(json.dumps({"at": at, **line}, ensure_ascii=False) + "\n")
        self.lines += 1


async def find(terminal: str | None) -> tuple[str, int]:
    """Where a terminal is: as given, as the settings say, else found. TerminalGone when nobody is
    there, BadConfig for what is no address."""
    config, problem = read(places.config_file(), Config())
    given = terminal or os.environ.get(places.TERMINAL_VARIABLE)
    if problem is not None and given is None:
        raise problem  # It may name another terminal than would be found.
    known = given or config.terminal
    if known is not None:
        return address(known)
    found = await discovery.find()
    if found is None:
        raise TerminalGone("MetaScalp is not running")
    return discovery.HOST, found.port


async def _read(http: Http, tap: Tap, wanted: list[tuple[int, str]]) -> None:
    for path in PATHS:
        if "{ticker}" in path:
            for number, ticker in wanted:
                await _get(http, tap, path.format(id=number, ticker=quote(ticker, safe="")))
        elif "{id}" in path:
            for number in tap.connections:
                await _get(http, tap, path.format(id=number))
        else:
            await _get(http, tap, path)


async def _get(http: Http, tap: Tap, path: str) -> None:
    """Reads and records one path; what cannot be read is left out."""
    try:
        reply = await http.request("GET", path, timeout_s=READ_S)
    except RelayError:
        return
    text = reply.body.decode("utf-8", "replace")
    tap.reply(path, reply.status, text)
    if path == wire.CONNECTIONS:
        tap.connections = _ids(text)


def _ids(text: str) -> list[int]:
    try:
        rows = wire.decode(text).get("connections")
    except (ValueError, RecursionError, AttributeError):
        return []
    return [row["id"] for row in rows or [] if isinstance(row.get("id"), int)]


async def _subscribe(
    socket: aiohttp.ClientWebSocketResponse, connections: list[int], wanted: list[tuple[int, str]]
) -> None:
    messages: list[dict[str, Any]] = [wire.subscribe(number) for number in connections]
    messages += [{"Type": f"{name}_subscribe", "Data": {}} for name in GLOBAL]
    messages += [
        {"Type": f"{name}_subscribe", "Data": {"ConnectionId": number, "Ticker": ticker}}
        for number, ticker in wanted
        for name in PLACED
    ]
    for message in messages:
        await socket.send_str(wire.encode(message).decode())


@asynccontextmanager
async def _frames(host: str, port: int, tap: Tap) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """An open socket whose frames are recorded while the block runs."""

    async def listen(socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            if isinstance(frame.data, str):
                tap.frame(frame.data)

    async with aiohttp.ClientSession() as session:
        try:
            socket = await session.ws_connect(f"ws://{host}:{port}/", max_msg_size=64 * 1024 * 1024)
        except (aiohttp.ClientError, OSError) as error:
            raise TerminalGone(f"no WebSocket at {host}:{port}: {error}") from error
        async with socket, asyncio.TaskGroup() as group:
            listening = group.create_task(listen(socket))
            yield socket
            listening.cancel()


def _place(text: str) -> tuple[int, str]:
    number, _, ticker = text.partition(":")
    if not number.isdigit() or not ticker:
        raise ValueError(f"not CONNECTION:TICKER: {text!r}")
    return int(number), ticker
