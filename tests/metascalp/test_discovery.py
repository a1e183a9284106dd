"""Discovery among strangers: at least six programs serve HTTP on 17845 (public code, 2026-11)."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import AsyncExitStack

import pytest
from server import Answer, free_port, hang, json_answer, serving
from until import until

from relay.metascalp import discovery
from relay.metascalp.discovery import Found, ask, find
from relay.metascalp.simulator import Simulator

TERMINAL = json_answer('{"app":"MetaScalp","version":"1.0.2860"}')
STRANGERS: list[Answer] = [
    json_answer('{"app":"Other","version":"1"}'),
    json_answer('{"app":"metascalp"}'),
    json_answer('["MetaScalp"]'),
    json_answer('"MetaScalp"'),
    json_answer("<html>MetaScalp</html>"),
    json_answer(""),
    json_answer("[" * 50_000),
    json_answer('{"app":{"app":"MetaScalp"}}'),
    json_answer('{"app":"MetaScalp"}', "404 Not Found"),
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"220 smtp ready\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xfe\xfd",
    None,
]


async def test_a_terminal_is_known_by_its_name(sim: Simulator) -> None:
    assert await ask(sim.port) == Found(sim.port, "1.0.2860")


@pytest.mark.parametrize(
    ("body", "version"),
    [
        ('{"App":"MetaScalp","Version":"1.0.671"}', "1.0.671"),
        ('{"APP":"MetaScalp","VERSION":"1.0.2835-MC-400"}', "1.0.2835-MC-400"),
        ('{"app":"MetaScalp"}', ""),
        ('{"app":"MetaScalp","version":null}', ""),
    ],
)
async def test_any_spelling_of_the_keys_and_any_version_will_do(body: str, version: str) -> None:
    async with serving(json_answer(body)) as server:
        found = await ask(server.port)

    assert found == Found(server.port, version)


@pytest.mark.parametrize("answer", STRANGERS)
async def test_a_stranger_is_not_the_terminal(answer: Answer) -> None:
    async with serving(answer) as server:
        found = await ask(server.port)

    assert found is None


async def test_the_terminal_is_found_among_strangers_that_hang() -> None:
    async with AsyncExitStack() as stack:
        strangers = [await stack.enter_async_context(serving(one)) for one in (*STRANGERS, hang)]
        terminal = await stack.enter_async_context(serving(TERMINAL))
        started = time.monotonic()
        found = await find(ports=[*(one.port for one in strangers), terminal.port])

    assert found == Found(terminal.port, "1.0.2860")
    assert time.monotonic() - started < discovery.SCAN_S


async def test_of_several_the_lowest_port_wins_but_the_last_known_is_preferred() -> None:
    async with serving(TERMINAL) as one, serving(TERMINAL) as other:
        low, high = sorted((one.port, other.port))

        assert (await find(ports=[high, low])) == Found(low, "1.0.2860")
        assert (await find(last=high, ports=[low, high])) == Found(high, "1.0.2860")
        assert (await find(last=high, ports=[low])) == Found(high, "1.0.2860")


async def test_the_last_known_port_that_is_silent_does_not_hide_another() -> None:
    async with serving(hang) as silent, serving(TERMINAL) as terminal:
        found = await find(last=silent.port, ports=[silent.port, terminal.port])

    assert found == Found(terminal.port, "1.0.2860")


async def test_nobody_is_found_within_a_second_though_somebody_hangs() -> None:
    async with serving(hang) as silent:
        started = time.monotonic()
        found = await find(ports=[silent.port, free_port()])
        took = time.monotonic() - started

    assert found is None
    assert took < 1.3, "0.9 s and what a busy machine adds"


async def test_nobody_at_all_is_found_at_once() -> None:
    started = time.monotonic()

    assert await find(ports=[free_port()]) is None
    assert time.monotonic() - started < discovery.SCAN_S


async def test_the_ports_are_the_terminals_eleven() -> None:
    assert list(discovery.wire.PORTS) == list(range(17845, 17856))


async def test_a_survey_says_what_sits_on_each_port() -> None:
    json = json_answer('{"appName":"Screener"}')
    bare = b"HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n"
    async with (
        Simulator(port=0, rate=0.0) as sim,
        serving(json) as screener,
        serving(bare) as nginx,
        serving(b"220 ftp ready\r\n") as ftp,
    ):
        ports = [sim.port, screener.port, nginx.port, ftp.port, free_port()]
        seen = await discovery.survey(ports)

    assert [(one.port, one.kind, one.name) for one in seen] == [
        (sim.port, "metascalp", "MetaScalp"), (screener.port, "foreign", "Screener"),
        (nginx.port, "foreign", "nginx"), (ftp.port, "silent", ""),
    ]  # fmt: skip


async def test_a_door_of_serve_is_no_terminal() -> None:
    """It would ask us in turn; a relay that names itself would order through itself."""
    head = b"HTTP/1.1 200 OK\r\nX-Relay-Terminal: 127.0.0.1:17845\r\nContent-Length: 19\r\n\r\n"
    async with serving(head + b'{"app":"MetaScalp"}') as relay:
        assert await ask(relay.port) is None
        assert (await discovery.survey([relay.port]))[0].name == "metascalp-relay"


async def test_who_answers_on_the_lowest_port_is_not_kept_waiting_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A port that takes connections and never says a word costs nothing, if it comes after."""
    monkeypatch.setattr(discovery, "GRACE_S", 30.0)
    monkeypatch.setattr(discovery, "LEAST_GRACE_S", 30.0)
    ports = sorted((free_port(), free_port()))
    with socket.create_server(("127.0.0.1", ports[1])):
        async with Simulator(port=ports[0], rate=0.0), asyncio.timeout(5):
            found = await find(None, ports)

    assert found is not None
    assert found.port == ports[0]


async def test_who_starts_while_a_stranger_is_silent_need_not_wait_for_it() -> None:
    port = free_port()
    async with serving(hang) as silent:
        started = time.monotonic()
        async with asyncio.TaskGroup() as group:
            look = group.create_task(find(None, [silent.port, port]))
            await until(lambda: silent.connections)
            async with Simulator(port=port, rate=0.0):
                found = await look

    assert found is not None
    assert found.port == port
    assert time.monotonic() - started < discovery.SCAN_S


async def test_a_look_says_where_nobody_listens_and_takes_only_what_it_may() -> None:
    """Nobody is another thing than somebody who is silent."""
    bare, empty = free_port(), set[int]()
    async with serving(hang) as silent, serving(TERMINAL) as one, serving(TERMINAL) as other:
        low, high = sorted((one.port, other.port))
        ports = [bare, silent.port, low, high]
        found = await find(low, ports, lambda answer: answer.port != low, empty)

    assert found == Found(high, "1.0.2860")
    assert empty == {bare}
