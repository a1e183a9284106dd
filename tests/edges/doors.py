"""A door of `serve` for tests, and how to ask it."""

from __future__ import annotations

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
