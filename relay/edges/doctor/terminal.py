"""This file knows how to look at the terminal's side: the ports, whose they are, how open they are.

Nothing is asked that changes anything: an empty combo is refused by every build, but only one that
reads bodies of any type says what is missing in it. MetaScalp API, edition 3, 2026-08.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal

from relay.edges.doctor import processes
from relay.edges.doctor.finding import Report, Works
from relay.errors import RelayError, TerminalGone
from relay.metascalp import wire
from relay.metascalp.http import Http

HOST = "127.0.0.1"
PORTS = wire.PORTS
ASK_S = 0.9
CONNECTED = 2

_FOREIGN = "https://page.example"
_UPGRADE = {
    "Origin": _FOREIGN,
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "bWV0YXNjYWxwLXJlbGF5IQ==",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a page could try. name: `open_<name>` in _locales says what it would gain."""

    name: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None = None


_ASKED = (
    _Asked("reads", "GET", wire.PING, {"Origin": _FOREIGN}),
    _Asked("forms", "POST", "/api/combo", {"Content-Type": "text/plain"}, b"{}"),
    _Asked("socket", "GET", "/", _UPGRADE),
    _Asked("host", "GET", wire.PING, {"Host": "page.example"}),
)
_EVERYWHERE = ("0.0.0.0", "::")

State = Literal["terminal", "foreign", "silent", "closed"]


@dataclass(slots=True)
class Port:
    """What one port turned out to be. connections: which are connected; None: it does not say."""

    number: int
    state: State
    version: str = ""
    says: str = ""
    owner: processes.Owner | None = None
    connections: list[bool] | None = None
    open_to: list[str] = field(default_factory=list)


async def examine(named: int | None, report: Report) -> list[Port]:
    """Looks at every port of MetaScalp, and at the one in the settings, all at once.

    It takes the time of two answers at most, however many of them never come.
    """
    numbers = sorted({*PORTS, *([named] if named else [])})
    async with asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(asyncio.to_thread(processes.owners, numbers))
        looks = [tasks.create_task(_look_closely(number, named)) for number in numbers]
    ports = [one.result() for one in looks]
    taken = [port for port in ports if port.state != "closed"]
    for port in taken:
        port.owner = asked.result().get(port.number)
    _judge_ports(ports, named, report)
    for port in ports:
        if port.state == "terminal" and named in (None, port.number):
            _judge_terminal(port, report)
    return taken


async def _look_closely(number: int, named: int | None) -> Port:
    port = await look(number)
    if port.state == "terminal" and named in (None, number):
        async with asyncio.TaskGroup() as tasks:
            connections = tasks.create_task(_connections(number))
            asked = [tasks.create_task(_lets_in(number, one)) for one in _ASKED]
        port.connections = connections.result()
        port.open_to = [one.name for one, let in zip(_ASKED, asked, strict=True) if let.result()]
    return port


async def look(number: int) -> Port:
    """What answers on a port."""
    try:
        async with Http(HOST, number) as http:
            reply = await http.request("GET", wire.PING, timeout_s=ASK_S)
    except TerminalGone:
        return Port(number, "closed")
    except RelayError as error:
        return Port(number, "silent", says=error.text)
    try:
        answer = wire.decode(reply.body)
    except (ValueError, RecursionError):
        answer = None
    if reply.status == 200 and isinstance(answer, dict) and answer.get("app") == wire.APP:
        return Port(number, "terminal", str(answer.get("version") or "?"))
    says = reply.headers.get("server") or reply.body[:60].decode("utf-8", "replace")
    return Port(number, "foreign", says=f"{reply.status} {says}".strip())


def _judge_ports(ports: list[Port], named: int | None, report: Report) -> None:
    terminals = [port for port in ports if port.state == "terminal"]
    wanted = [port for port in terminals if named in (None, port.number)]
    silent = [port for port in ports if port.state == "silent"]
    for port in ports:
        if port.state == "foreign":
            report.found("port-foreign", f"{HOST}:{port.number}", _who(port))
    if not wanted and terminals:
        answers = ", ".join(f"{HOST}:{port.number}" for port in terminals)
        report.found("terminal-elsewhere", f"{HOST}:{named}", answers)
    elif not wanted and silent:
        for port in silent:
            report.found("terminal-silent", f"{HOST}:{port.number}", _who(port))
    elif not wanted:
        report.found("terminal-absent", f"{HOST}:{named}" if named else "")
    elif len(wanted) > 1:
        report.found("terminal-two", ", ".join(f"{HOST}:{port.number}" for port in wanted))


def _judge_terminal(port: Port, report: Report) -> None:
    where = f"{HOST}:{port.number}"
    said = port.connections
    if said is None:
        report.found("terminal-strange", where)
    elif not any(said):
        report.found("terminal-no-connections", where, f"{len(said)} connections")
    else:
        values = (port.version, where, str(sum(said)), str(len(said)), _owner(port))
        report.works.append(Works("MetaScalp", "terminal", values))
    if port.owner is not None:
        if not is_metascalp(port.owner):
            report.found("terminal-owner", where, _who(port))
        if port.owner.address in _EVERYWHERE:
            report.found("terminal-on-network", f"{port.owner.address}:{port.number}")
    if port.open_to:
        report.found("terminal-open-to-pages", where, " ".join(port.open_to))


def is_metascalp(owner: processes.Owner) -> bool:
    """Whether a program calls itself so: the terminal, or the simulator of this package."""
    words = [owner.name, *owner.command.split()[:4]]
    return any("metascalp" in PurePath(one.replace("\\", "/")).name.lower() for one in words) or (
        "relay simulate" in owner.command
    )


async def _connections(number: int) -> list[bool] | None:
    """Which connections are connected; None when it does not say."""
    try:
        async with Http(HOST, number) as http:
            reply = await http.request("GET", wire.CONNECTIONS, timeout_s=ASK_S)
        answer = wire.decode(reply.body)
    except (RelayError, ValueError, RecursionError):
        return None
    rows = answer.get("connections") if isinstance(answer, dict) else None
    if reply.status != 200 or not isinstance(rows, list):
        return None
    return [row.get("state") == CONNECTED for row in rows if isinstance(row, dict)]


async def _lets_in(number: int, asked: _Asked) -> bool:
    """Whether a page could do that; no answer is none."""
    try:
        async with Http(HOST, number) as http:
            reply = await http.request(
                asked.method, asked.path, asked.body, timeout_s=ASK_S, headers=asked.headers
            )
    except RelayError:
        return False
    if asked.name == "reads":
        return reply.headers.get("access-control-allow-origin") in ("*", _FOREIGN)
    if asked.name == "forms":
        return reply.status == 400 and b"ticker" in reply.body.lower()
    return reply.status == (101 if asked.name == "socket" else 200)


def _who(port: Port) -> str:
    return ": ".join(one for one in (_owner(port), port.says) if one)


def _owner(port: Port) -> str:
    return f"{port.owner.name}, {port.owner.pid}" if port.owner else ""
