"""Parts of an answer as they come, on connections that are kept."""

from __future__ import annotations

import asyncio
import gc
import weakref
from dataclasses import dataclass, field

import pytest
from server import OK, free_port, hang, serving
from until import until

from relay.errors import TerminalGone, TerminalSilent
from relay.metascalp import pipe as pipes
from relay.metascalp.pipe import Pipes

ASK = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"


@dataclass
class Heard:
    """A sink that writes down what it hears."""

    calls: list[str] = field(default_factory=list)
    body: bytes = b""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def on_head(self, status: int, headers: dict[str, str]) -> None:
        self.calls.append(f"head {status}")

    def on_part(self, data: bytes) -> None:
        self.body += data

    def on_end(self) -> None:
        self.calls.append("end")
        self.over.set()

    def on_pause(self) -> None:
        self.calls.append("pause")

    def on_failure(self, error: TerminalSilent, *, unheard: bool) -> None:
        self.calls.append("unheard" if unheard else "failure")
        self.over.set()


async def ask(pipe: pipes.Pipe) -> Heard:
    heard = Heard()
    pipe.ask(ASK, heard)
    async with asyncio.timeout(5):
        await heard.over.wait()
    return heard


async def test_what_ends_after_all_was_closed_is_not_kept():
    """Found 2026-12: it stayed with a client that nobody would ask again."""
    async with serving(OK) as server:
        line = Pipes("127.0.0.1", server.port)
        under_way = await line.open()
        line.close()

        assert "end" in (await ask(under_way)).calls
        assert not under_way.usable
        assert line.take(safe=True) is None


async def test_an_answer_is_told_from_head_to_end_and_the_connection_is_kept():
    async with serving(OK) as server:
        line = Pipes("127.0.0.1", server.port)
        first = await line.open()
        heard = await ask(first)

        assert [one for one in heard.calls if one != "pause"] == ["head 200", "end"]
        assert heard.body == b"ok"
        assert line.take(safe=True) is first
        assert line.take(safe=True) is None
        await ask(first)
        assert server.connections == 1
        line.close()


async def test_nothing_that_listens_is_gone():
    with pytest.raises(TerminalGone):
        await Pipes("127.0.0.1", free_port()).open()


NOT_WHOLE: list[list[bytes | None]] = [
    [None],
    [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", None],
    [b"hello\r\n\r\n"],
    [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"],
]


@pytest.mark.parametrize("answers", NOT_WHOLE)
async def test_what_is_no_whole_answer_is_a_failure(answers: list[bytes | None]):
    async with serving(*answers) as server:
        line = Pipes("127.0.0.1", server.port)
        pipe = await line.open()
        heard = Heard()
        pipe.ask(ASK, heard)
        await asyncio.sleep(0.05)
        server.hang_up()
        async with asyncio.timeout(5):
            await heard.over.wait()

        assert "failure" in heard.calls
        assert "end" not in heard.calls
        assert line.take(safe=True) is None


async def test_only_a_connection_that_was_used_before_and_said_nothing_was_not_heard():
    async with serving(OK, None) as server:
        line = Pipes("127.0.0.1", server.port)
        pipe = await line.open()
        await ask(pipe)
        assert line.take(safe=True) is pipe

        assert "unheard" in (await ask(pipe)).calls


async def test_for_what_must_not_be_lost_an_old_connection_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
):
    async with serving(OK) as server:
        line = Pipes("127.0.0.1", server.port)
        await ask(await line.open())
        monkeypatch.setattr(pipes, "FRESH_S", 0.0)

        assert line.take(safe=False) is None
        await ask(await line.open())
        assert line.take(safe=True) is not None
        line.close()


async def test_a_kept_connection_that_the_terminal_closes_is_forgotten():
    async with serving(OK) as server:
        line = Pipes("127.0.0.1", server.port)
        await ask(await line.open())
        server.hang_up()
        await asyncio.sleep(0.05)

        assert line.take(safe=True) is None


async def test_more_than_are_kept_are_closed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pipes, "KEPT", 1)
    async with serving(OK) as server:
        line = Pipes("127.0.0.1", server.port)
        first, second = await line.open(), await line.open()
        await asyncio.gather(ask(first), ask(second))

        assert [first.usable, second.usable].count(True) == 1
        line.close()


async def test_who_has_left_hears_nothing_and_the_connection_is_closed():
    async with serving(hang) as server:
        pipe = await Pipes("127.0.0.1", server.port).open()
        heard = Heard()
        pipe.ask(ASK, heard)
        pipe.leave()
        await asyncio.sleep(0.05)

        assert heard.calls == []
        assert not pipe.usable


async def test_what_comes_unasked_ends_the_connection():
    async with serving(OK + OK) as server:
        line = Pipes("127.0.0.1", server.port)
        pipe = await line.open()
        heard = await ask(pipe)
        await asyncio.sleep(0.05)

        assert heard.calls.count("end") == 1
        assert line.take(safe=True) is None


async def test_a_connection_that_is_closed_is_gone_without_a_collection():
    gc.disable()
    try:
        async with serving(OK) as server:
            pipe = await Pipes("127.0.0.1", server.port).open()
            await ask(pipe)
            left = weakref.ref(pipe)
            pipe.close()
            del pipe

            await until(lambda: left() is None, 2.0)
    finally:
        gc.enable()
