"""This file knows faults of a whole program: it restarts, has a twin, has a stranger beside it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from .body import Fields
from .enums import State
from .notices import Notices
from .world import World

SHIFT = 100
"""After a restart connection ids are larger by so much."""
STRANGERS = {
    "foreign": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n"
    b'["not MetaScalp"]',
    "foreign-silent": b"",
}
"""What a foreign program answers to anything."""


def free_port(ports: range, mine: int) -> int:
    """Another port that nobody listens on: of the terminal's range when this one is in it."""
    candidates = [port for port in ports if port != mine] if mine in ports else [0]
    for port in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("every port 17845 to 17855 of 127.0.0.1 is taken")


def reborn(world: World) -> None:
    """The same terminal as another program: a later version, other connection ids.

    What it keeps in memory only is gone: the feed of notifications, results since its start.
    """
    head, _, last = world.profile.version.rpartition(".")
    version = f"{head}.{int(last) + 1}" if last.isdigit() else f"{world.profile.version}-2"
    world.profile = replace(world.profile, version=version)
    connections = list(world.connections.values())
    accounts = {number + SHIFT: account for number, account in world.accounts.items()}
    for row in connections:
        row.id += SHIFT
    world.connections = {row.id: row for row in connections}
    world.accounts = accounts
    world.markets = {(number + SHIFT, name): one for (number, name), one in world.markets.items()}
    world.due = {number + SHIFT: when for number, when in world.due.items()}
    world.told.clear()
    for account in accounts.values():
        account.results.clear()
        account.fees.clear()
    desk = world.desk
    desk.notices = Notices()
    desk.drawings = {(number + SHIFT, name): one for (number, name), one in desk.drawings.items()}
    desk.settings = {(number + SHIFT, name): one for (number, name), one in desk.settings.items()}
    screen = world.screen
    screen.active = {number + SHIFT: ticker for number, ticker in screen.active.items()}
    screen.active_connection += SHIFT
    for one in screen.layout.documents():
        if one.connection is not None:
            one.connection += SHIFT
    for level in world.desk.signals.values():
        level.connection += SHIFT
    for drawn in world.desk.users.values():
        drawn.connection += SHIFT


async def reconnect(number: int, change: Callable[[Fields], object], each_s: float = 0.3) -> None:
    """A connection is lost, tries, is back."""
    for state in (State.Disconnected, State.Reconnecting, State.Connected):
        change(Fields({"connectionid": number, "state": int(state)}))
        if state is not State.Connected:
            await asyncio.sleep(each_s)


@asynccontextmanager
async def stranger(kind: str, port: int) -> AsyncIterator[None]:
    """A foreign program on a port."""
    answer = STRANGERS[kind]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(65536):
                writer.write(answer)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
