"""A door of `serve` for tests, and how to ask it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

from relay.config import Config
from relay.core.known import Known
from relay.core.places import load_exchanges
from relay.core.relay import Relay
from relay.edges import web
from relay.edges.web import Rules
from relay.metascalp.http import Http, Reply
from relay.metascalp.simulator import Simulator

LOCAL = Rules(auth="local")


@asynccontextmanager
async def opened(port: int, rules: Rules = LOCAL) -> AsyncIterator[str]:
    """A door to the terminal on that port."""
    config = Config(terminal=f"127.0.0.1:{port}")
    async with (
        Relay(config, load_exchanges(), Known(None)) as relay,
        web.door(relay, 0, rules) as url,
    ):
        yield url


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


async def ask(
    url: str,
    method: str,
    target: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    async with Http("127.0.0.1", port_of(url)) as http:
        return await http.request(method, target, body, timeout_s=10, headers=headers)


async def read(url: str, target: str, headers: Mapping[str, str] | None = None) -> Any:
    """The JSON of a GET that is answered with 200."""
    reply = await ask(url, "GET", target, headers=headers)
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def asked(sim: Simulator, method: str, target: str) -> list[dict[str, Any]]:
    """What the terminal was asked; the door looks for it all the time, by /ping."""
    path = unquote(target.partition("?")[0])
    rows: list[dict[str, Any]] = sim.record.rows()  # type: ignore[assignment]
    return [row for row in rows if row["method"] == method and row["path"] == path]


def commands(sim: Simulator) -> list[dict[str, Any]]:
    """What the terminal was asked to do."""
    rows: list[dict[str, Any]] = sim.record.rows()  # type: ignore[assignment]
    return [row for row in rows if row["method"] not in ("GET", "HEAD", "OPTIONS")]


@asynccontextmanager
async def line(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection to a door."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(url), limit=1 << 24)
    try:
        yield reader, writer
    finally:
        writer.close()


async def talk(url: str, data: bytes, wait_s: float = 10) -> bytes:
    """Everything a door answers to these bytes until it closes, on a connection of their own."""
    async with line(url) as (reader, writer), asyncio.timeout(wait_s):
        writer.write(data)
        try:
            return await reader.read()
        except ConnectionError:
            return b""


def request(
    url: str, target: str = "/ping", *fields: str, method: str = "GET", body: bytes = b""
) -> bytes:
    """The bytes of a request that is in order."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{port_of(url)}", *fields]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "\r\n"]).encode() + body


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """One answer of a connection that stays: status, headers, body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value for name, _, value in (one.partition(": ") for one in head[1:-2])
    }
    if headers.get("transfer-encoding") != "chunked":
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return int(head[0].split()[1]), headers, body
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return int(head[0].split()[1]), headers, body
