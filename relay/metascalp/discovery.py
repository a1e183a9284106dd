"""This file knows how to find the terminal: who on the eleven ports says it is MetaScalp.

At least six unrelated programs serve HTTP on 17845 (public code, 2026-11), so only an answer that
names MetaScalp counts. All ports are asked at once: Windows repeats a refused connect for seconds
(Microsoft KB 175523), so asking in turn would make the last port wait for all others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from relay.errors import RelayError, TerminalGone
from relay.metascalp import wire
from relay.metascalp.http import Http

HOST = "127.0.0.1"
SCAN_S = 0.9
#: A header of what another relay passes on from its terminal.
RELAYED = "x-relay-terminal"
#: After the first answer, how long one that comes before it may still take, at most and at least.
GRACE_S, LEAST_GRACE_S = 0.03, 0.001


@dataclass(frozen=True, slots=True)
class Found:
    """A terminal that answered. version: as it says, maybe with a suffix (`1.0.2835-MC-400`)."""

    port: int
    version: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What sits on a port. kind: "metascalp", "foreign" (speaks HTTP) or "silent" (does not, or not
    in time). name: what it says of itself. version: of a MetaScalp."""

    port: int
    kind: str
    name: str
    version: str | None = None


async def find(last: int | None = None, ports: Iterable[int] = wire.PORTS) -> Found | None:
    """The terminal on the last known port, else on the lowest port that answers; None if nobody."""
    answers: list[Found] = []
    loop = asyncio.get_running_loop()
    began, until = loop.time(), 0.0
    async with asyncio.TaskGroup() as group:
        asked = {port: group.create_task(ask(port)) for port in {*ports, *([last] if last else [])}}
        while waiting := _that_matter(asked, answers, last):
            limit = until - loop.time() if answers else None
            done, _ = await asyncio.wait(
                waiting, timeout=limit, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                break
            answers += [answer for task in done if (answer := task.result()) is not None]
            if answers and not until:
                # Half as long again as the first took: where all is slow the others are, too.
                until = loop.time() + min(GRACE_S, max(LEAST_GRACE_S, (loop.time() - began) / 2))
        for task in asked.values():
            task.cancel()
    return min(answers, key=lambda one: (one.port != last, one.port), default=None)


def _that_matter(
    asked: dict[int, asyncio.Task[Found | None]], answers: list[Found], last: int | None
) -> list[asyncio.Task[Found | None]]:
    """Who could still be taken instead of those that have answered."""
    if any(answer.port == last for answer in answers):
        return []
    lowest = min((answer.port for answer in answers), default=1 << 16)
    return [
        task for port, task in asked.items() if not task.done() and (port < lowest or port == last)
    ]


async def ask(port: int, host: str = HOST) -> Found | None:
    """What answers on a port, if it is a MetaScalp; any key spelling, nothing else."""
    seen = await look(port, host)
    if seen is None or seen.kind != "metascalp":
        return None
    return Found(port, seen.version or "")


async def survey(ports: Iterable[int]) -> list[Seen]:
    """What sits on each port, in their order; a port on which nobody listens is left out."""
    async with asyncio.TaskGroup() as group:
        looks = [group.create_task(look(port)) for port in ports]
    return [seen for one in looks if (seen := one.result()) is not None]


async def look(port: int, host: str = HOST) -> Seen | None:
    """What sits on a port; None when nobody listens."""
    try:
        async with Http(host, port) as http:
            reply = await http.request("GET", wire.PING, timeout_s=SCAN_S)
    except TerminalGone:
        return None
    except RelayError:
        return Seen(port, "silent", "")
    try:
        answer = wire.decode(reply.body)
    except (ValueError, RecursionError):
        answer = None
    says = answer if isinstance(answer, dict) else {}
    if RELAYED in reply.headers:  # A door of `serve`, maybe our own: it would ask us in turn.
        return Seen(port, "foreign", "metascalp-relay")
    if reply.status == 200 and says.get("app") == wire.APP:
        return Seen(port, "metascalp", wire.APP, str(says.get("version") or ""))
    named = (says.get(key) for key in ("app", "appname", "name", "service"))
    name = next((one for one in named if isinstance(one, str) and one), None)
    return Seen(port, "foreign", (name or reply.headers.get("server") or "")[:80])
