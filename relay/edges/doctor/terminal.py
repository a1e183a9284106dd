"""This file knows how to look at the terminal's side: the ports, whose they are, how open they are.

Nothing is asked that changes anything: an empty combo is refused by every build, but only one that
reads bodies of any type says what is missing in it. MetaScalp API, edition 3, 2026-08.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal

from relay.config import address
from relay.edges.doctor import processes
from relay.edges.doctor.finding import Report, Works
from relay.errors import RelayError, TerminalGone
from relay.metascalp import wire
from relay.metascalp.http import Http, Reply

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
_EVERYWHERE = ("0.0.0.0", "::")

State = Literal["terminal", "foreign", "silent", "closed"]


@dataclass(slots=True)
class Port:
    """What one port turned out to be."""

    number: int
    state: State
    version: str = ""
    says: str = ""
    owner: processes.Owner | None = None
    open_to: list[str] = field(default_factory=list)


async def examine(configured: str | None, report: Report) -> list[Port]:
    """Looks at every port of MetaScalp, and at the one in the settings."""
    named = address(configured)[1] if configured else None
    numbers = sorted({*PORTS, *([named] if named else [])})
    ports = list(await asyncio.gather(*map(look, numbers)))
    taken = [port for port in ports if port.state != "closed"]
    found = await asyncio.to_thread(processes.owners, [port.number for port in taken])
    for port in taken:
        port.owner = found.get(port.number)
    _judge_ports(ports, named, report)
    for port in ports:
        if port.state == "terminal" and named in (None, port.number):
            await _examine_one(port, report)
    return taken


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


async def _examine_one(port: Port, report: Report) -> None:
    where = f"{HOST}:{port.number}"
    async with Http(HOST, port.number) as http:
        said = await _connections(http)
        port.open_to = await _openness(http)
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


async def _connections(http: Http) -> list[bool] | None:
    """Which connections are connected; None when it does not say."""
    try:
        reply = await http.request("GET", wire.CONNECTIONS, timeout_s=ASK_S)
        answer = wire.decode(reply.body)
    except (RelayError, ValueError, RecursionError):
        return None
    rows = answer.get("connections") if isinstance(answer, dict) else None
    if reply.status != 200 or not isinstance(rows, list):
        return None
    return [row.get("state") == CONNECTED for row in rows if isinstance(row, dict)]


async def _openness(http: Http) -> list[str]:
    """What a page could do, `open_<what>` in _locales; empty when it keeps pages out."""
    asked: Iterable[tuple[str, str, str, bytes | None, dict[str, str]]] = (
        ("reads", "GET", wire.PING, None, {"Origin": _FOREIGN}),
        ("forms", "POST", "/api/combo", b"{}", {"Content-Type": "text/plain"}),
        ("socket", "GET", "/", None, _UPGRADE),
        ("host", "GET", wire.PING, None, {"Host": "page.example"}),
    )
    found = []
    for name, method, path, body, headers in asked:
        try:
            reply = await http.request(method, path, body, timeout_s=ASK_S, headers=headers)
        except RelayError:
            continue
        if _lets_in(name, reply):
            found.append(name)
    return found


def _lets_in(name: str, reply: Reply) -> bool:
    if name == "reads":
        return reply.headers.get("access-control-allow-origin") in ("*", _FOREIGN)
    if name == "forms":
        return reply.status == 400 and b"ticker" in reply.body.lower()
    return reply.status == (101 if name == "socket" else 200)


def _who(port: Port) -> str:
    return ": ".join(one for one in (_owner(port), port.says) if one)


def _owner(port: Port) -> str:
    return f"{port.owner.name}, {port.owner.pid}" if port.owner else ""
