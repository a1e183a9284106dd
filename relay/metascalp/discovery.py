"""This file knows how to find the terminal: who on the eleven ports says it is MetaScalp.

At least six unrelated programs serve HTTP on 17845 (public code, 2026-11), so only an answer that
names MetaScalp counts. All ports are asked at once: Windows repeats a refused connect for seconds
(Microsoft KB 175523), so asking in turn would make the last port wait for all others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from relay.errors import RelayError, TerminalGone
from relay.metascalp import wire
from relay.metascalp.http import Http

HOST = "127.0.0.1"
SCAN_S = 0.9
#: A header of what another relay passes on from its terminal.
RELAYED = "x-relay-terminal"
#: How soon a port on which nobody listened is asked again, while others are waited for.
AGAIN_S = 0.1
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


async def find(
    last: int | None = None,
    ports: Iterable[int] = wire.PORTS,
    lets: Callable[[Found], bool] = lambda found: True,
    empty: set[int] | None = None,
) -> Found | None:
    """The terminal on the last known port, else on the lowest port that answers; None if nobody.

    lets: which may be taken. empty: gets the ports on which nobody listened.
    """
    answers: list[Found] = []
    loop = asyncio.get_running_loop()
    began, until = loop.time(), 0.0
    first = {*ports, *([last] if last else [])}
    sought = partial(_seek, first=first, empty=set() if empty is None else empty)
    async with asyncio.TaskGroup() as group:
        asked = {port: group.create_task(sought(port)) for port in sorted(first)}
        while waiting := _that_matter(asked, first, answers, last):
            limit = until - loop.time() if answers else None
            done, _ = await asyncio.wait(
                waiting, timeout=limit, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                break
            found = [answer for task in done if (answer := task.result()) is not None]
            answers += [answer for answer in found if lets(answer)]
            if answers and not until:
                # Half as long again as the first took: where all is slow the others are, too.
                until = loop.time() + min(GRACE_S, max(LEAST_GRACE_S, (loop.time() - began) / 2))
        for task in asked.values():
            task.cancel()
    return min(answers, key=lambda one: (one.port != last, one.port), default=None)


async def _seek(port: int, first: set[int], empty: set[int]) -> Found | None:
    """What answers on a port, if it is a MetaScalp. first: the ports that have not been looked at
    once; as long as there are any, one on which nobody listens is asked again and again: a
    terminal that starts meanwhile need not wait for a stranger who is silent."""
    while True:
        seen = await look(port)
        first.discard(port)
        if seen is not None:
            return Found(port, seen.version or "") if seen.kind == "metascalp" else None
        empty.add(port)
        if not first:
            return None
        await asyncio.sleep(AGAIN_S)


def _that_matter(
    asked: dict[int, asyncio.Task[Found | None]],
    first: set[int],
    answers: list[Found],
    last: int | None,
) -> list[asyncio.Task[Found | None]]:
    """Who could still be taken instead of those that have answered."""
    if any(answer.port == last for answer in answers):
        return []
    if not answers:
        return [task for task in asked.values() if not task.done()]
    lowest = min(answer.port for answer in answers)
    return [asked[port] for port in first if port < lowest or port == last]


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
