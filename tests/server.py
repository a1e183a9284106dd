"""A server of bytes for tests: it answers what it is told, however wrong that is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Answer = bytes | None | Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """answers: what each request gets, in turn, the last again and again; None closes at once.
    requests: every one whole, head and body. connections: how many were opened."""

    answers: list[Answer]
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while (request := await _read(reader)) is not None:
                self.requests.append(request)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if answer is None:
                    break
                if callable(answer):
                    await answer(writer)
                else:
                    writer.write(answer)
                    await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def hang_up(self) -> None:
        """Closes every connection from this end."""
        for writer in self.writers:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> bytes | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    length = 0
    for line in head.decode("latin-1").split("\r\n"):
        if line.lower().startswith("content-length:"):
            length = int(line.partition(":")[2])
    return head + await reader.readexactly(length)


@asynccontextmanager
async def serving(*answers: Answer, port: int = 0) -> AsyncIterator[Server]:
    """The server until the block is left, on a free port if none is given."""
    made = Server(list(answers))
    listening = await asyncio.start_server(made.talk, "127.0.0.1", port)
    made.port = listening.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        listening.close()
        made.hang_up()
        await asyncio.sleep(0)


async def hang(writer: asyncio.StreamWriter) -> None:
    """Never answers, and stays connected."""
    await asyncio.Event().wait()


def json_answer(body: str, status: str = "200 OK") -> bytes:
    data = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}"
    return head.encode() + b"\r\n\r\n" + data


def free_port() -> int:
    """A port that nobody listens on."""
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
