"""The link: a terminal that comes, goes, and comes again somewhere else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from server import free_port, hang, json_answer, serving
from until import until

from relay.core import link as links
from relay.core.link import Link
from relay.errors import TerminalGone, TerminalRefused, TerminalSilent
from relay.exchanges import Exchanges
from relay.metascalp.discovery import Found, Seen
from relay.metascalp.simulator import Simulator

NOTHING = json_answer('{"connections":[]}')
PING = json_answer('{"app":"MetaScalp","version":"1"}')


@asynccontextmanager
async def watching(link: Link) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(link.watch())
        try:
            yield
        finally:
            task.cancel()
            link.close()


async def test_a_terminal_is_found_with_its_connections(
    sim: Simulator, exchanges: Exchanges
) -> None:
    changes: list[str] = []
    link = Link(exchanges, lambda: changes.append(link.state), [sim.port])
    assert (link.state, link.client) == ("searching", None)

    async with watching(link):
        await until(lambda: link.connections)

        assert (link.state, link.version) == ("connected", "1.0.2860")
        assert link.client is not None
        assert link.client.url == sim.url
        assert set(changes) == {"connected"}


async def test_nobody_is_gone_and_the_state_stays_searching(exchanges: Exchanges) -> None:
    port = free_port()
    link = Link(exchanges, lambda: None, [port])

    with pytest.raises(TerminalGone, match=f"nobody answers on port {port}"):
        await link.reach()
    with pytest.raises(TerminalGone, match="ports 1 to 3"):
        await Link(exchanges, lambda: None, [1, 2, 3]).reach()
    assert link.state == "searching"


async def test_a_lost_terminal_is_found_again_on_another_port_within_two_seconds(
    exchanges: Exchanges,
) -> None:
    here, there = sorted((free_port(), free_port()))
    link = Link(exchanges, lambda: None, [here, there])
    async with watching(link):
        async with Simulator(port=there, rate=0):
            await until(lambda: link.state == "connected")
            await link.look_around()
        await until(lambda: link.state == "lost")
        assert (link.client, link.connections) == (None, [])
        since = link.since_ms

        async with Simulator(port=here, rate=0):
            started = time.monotonic()
            await until(lambda: link.connections)

            assert time.monotonic() - started < 2.0
            assert link.client is not None
            assert link.client.http.port == here
            assert link.since_ms >= since


async def test_a_nudge_makes_it_look_at_once(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "BACKOFF_S", (60.0,))
    changes: list[None] = []
    port = free_port()
    link = Link(exchanges, lambda: changes.append(None), [port])
    async with watching(link):
        await until(lambda: link._failed_at)
        async with Simulator(port=port, rate=0):
            link.nudge()
            await until(lambda: link.connections, limit_s=2)

        assert changes


async def test_changed_connections_are_told(sim: Simulator, exchanges: Exchanges) -> None:
    told = asyncio.Event()
    link = Link(exchanges, told.set, [sim.port])
    async with watching(link):
        await until(lambda: link.connections)
        told.clear()
        sim.world.connections[1].view_mode = True
        link.nudge()
        await asyncio.wait_for(told.wait(), 5)

        assert next(one for one in link.connections if one.id == 1).view_mode


async def test_a_click_gets_connections_that_are_fresh(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = Link(exchanges, lambda: None, [sim.port])
    await link.fresh()
    first = sim.record.received
    await link.fresh()
    assert sim.record.received == first

    monkeypatch.setattr(links, "FRESH_S", -1.0)
    await link.fresh()
    link.close()

    assert sim.record.received == first + 1


async def test_a_click_finds_a_terminal_that_moved_without_a_watch(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "FRESH_S", -1.0)
    here, there = free_port(), free_port()
    link = Link(exchanges, lambda: None, [here, there])
    async with Simulator(port=here, rate=0):
        await link.fresh()
        await link.look_around()
    async with Simulator(port=there, rate=0):
        client, connections = await link.fresh()
        link.close()

    assert client.http.port == there
    assert connections


async def test_who_waits_for_a_look_that_fails_does_not_look_again(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two looks in turn would take longer than a click may (1.5 s)."""
    monkeypatch.setattr(links.discovery, "SCAN_S", 0.3)
    async with serving(hang) as server:
        link = Link(exchanges, lambda: None, [server.port])
        answers = await asyncio.gather(*(link.reach() for _ in range(5)), return_exceptions=True)

        assert [type(answer) for answer in answers] == [TerminalGone] * 5
        assert server.connections == 1


async def test_a_terminal_that_falls_silent_is_lost(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "FRESH_S", -1.0)
    async with serving(PING, NOTHING, json_answer("no json")) as server:
        link = Link(exchanges, lambda: None, [server.port])
        with pytest.raises(TerminalSilent):
            await link.fresh()

    assert link.state == "lost"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (json_answer('{"error":"not now"}', "400 Bad Request"), TerminalRefused),
        (json_answer("no json"), TerminalSilent),
    ],
)
async def test_a_terminal_that_cannot_tell_its_connections_is_not_connected_yet(
    exchanges: Exchanges, answer: bytes, error: type[Exception]
) -> None:
    async with serving(PING, answer) as server:
        link = Link(exchanges, lambda: None, [server.port])
        with pytest.raises(error):
            await link.fresh()

    assert (link.state, link.client) == ("searching", None)


async def test_losing_another_terminal_than_ours_is_nothing(
    sim: Simulator, exchanges: Exchanges
) -> None:
    link = Link(exchanges, lambda: None, [sim.port])
    client = await link.reach()
    link.lose(client)
    await link.reach()
    link.lose(client)
    link.close()

    assert link.state == "connected"


async def test_who_waits_for_the_terminal_does_not_look_and_has_it_at_once(
    exchanges: Exchanges,
) -> None:
    port = free_port()
    link = Link(exchanges, lambda: None, [port])
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(link.wait_connected())
        await asyncio.sleep(0)
        assert link._failed_at == 0.0, "nobody has looked"

        async with Simulator(port=port, rate=0):
            client = await link.reach()
            assert await waiting is client
            link.lose(client)
            again = group.create_task(link.wait_connected())
            await asyncio.sleep(0)
            assert not again.done()
            assert await link.reach() is await again
            link.close()


async def test_whoever_asks_during_a_look_that_a_stranger_holds_up_finds_who_came_meanwhile(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within 300 ms of being asked, whatever sits on the other ports."""
    port = free_port()
    async with serving(hang) as silent:
        link = Link(exchanges, lambda: None, [silent.port, port])
        async with watching(link):
            await until(lambda: silent.connections)
            async with Simulator(port=port, rate=0):
                asked = time.monotonic()
                client = await link.reach()

                assert time.monotonic() - asked < 0.3
                assert client.http.port == port


async def test_who_comes_when_a_look_is_about_to_fail_has_the_empty_ports_asked_once_more(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for all who came; the others of the ports have had their time."""
    real, asked, fail = links.discovery.find, list[set[int]](), asyncio.Event()

    async def find(last: int | None, ports: set[int], lets: Any, empty: set[int]) -> Found | None:
        asked.append(set(ports))
        if len(asked) > 1:
            return await real(last, ports, lets, empty)
        await fail.wait()
        empty.add(sim.port)
        return None

    monkeypatch.setattr(links.discovery, "find", find)
    link = Link(exchanges, lambda: None, [1, sim.port])
    async with asyncio.TaskGroup() as group:
        work = asyncio.gather(*(link.reach() for _ in range(3)), return_exceptions=True)
        group.create_task(until(lambda: asked)).add_done_callback(lambda done: fail.set())
        first, second, third = await work

    assert isinstance(first, TerminalGone)
    assert second is third is link.client
    assert asked == [{1, sim.port}, {sim.port}]
    link.close()


async def test_a_terminal_is_found_within_two_seconds_of_its_start_beside_silent_strangers(
    exchanges: Exchanges,
) -> None:
    port = free_port()
    async with serving(hang) as one, serving(hang) as other:
        link = Link(exchanges, lambda: None, [one.port, other.port, port])
        async with watching(link):
            await until(lambda: link._failed_at)
            async with Simulator(port=port, rate=0):
                started = time.monotonic()
                await until(lambda: link.connections)

                assert time.monotonic() - started < 2.0


async def test_who_sits_beside_a_terminal_is_looked_at_as_soon_as_it_is_found(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "AROUND_SOON_S", 0.0)
    first, second = sorted((free_port(), free_port()))
    async with (
        Simulator(port=first, rate=0),
        Simulator(port=second, rate=0),
        asyncio.TaskGroup() as group,
    ):
        link = Link(exchanges, lambda: None, [first, second])
        link.behind = lambda run: group.create_task(run()) and None
        await link.reach()
        await until(lambda: link.ours.others)

        assert link.ours.others == {second}
        link.close()


async def test_what_was_seen_while_the_terminal_came_or_went_counts_for_nothing(
    sim: Simulator, exchanges: Exchanges
) -> None:
    link = Link(exchanges, lambda: None, [sim.port, free_port()])
    turns = link.turns
    await link.reach()
    link.heed(turns, link.ports, [Seen(1, "metascalp", "MetaScalp")])

    assert link.ours.others == frozenset()
    link.close()


async def test_what_was_seen_while_the_terminal_came_and_went_counts_for_nothing(
    sim: Simulator, exchanges: Exchanges
) -> None:
    """Away before and after: the port that was empty then may have another terminal by now, and
    that is not to be taken for ours when it moves."""
    beside = free_port()
    link = Link(exchanges, lambda: None, [sim.port, beside])
    turns = link.turns
    link.lose(await link.reach())
    link.heed(turns, link.ports, [])
    assert not link.ours.may_be(beside, "another version")
    link.heed(link.turns, link.ports, [])

    assert link.ours.may_be(beside, "another version")


async def test_a_terminal_that_was_updated_and_moved_is_found_though_nobody_watched(
    exchanges: Exchanges,
) -> None:
    """Its end is heard on the connection that was kept, and the ports are looked at while it is
    away: after that no other version could be told from one that ran beside it."""
    here, there = sorted((free_port(), free_port()))
    async with asyncio.TaskGroup() as group:
        link = Link(exchanges, lambda: None, [here, there])
        link.behind = lambda run: group.create_task(run()) and None
        async with Simulator(port=here, rate=0):
            await link.fresh()
        await until(lambda: link.state == "lost" and link._failed_at)
        async with Simulator(port=there, rate=0, profile="v1.0.671"):
            client, _ = await link.fresh()

            assert (client.http.port, link.version) == (there, "1.0.671")
            link.close()


async def test_a_terminal_that_only_closes_what_is_idle_is_not_lost(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with asyncio.TaskGroup() as group:
        link = Link(exchanges, lambda: None, [sim.port])
        link.behind = lambda run: group.create_task(run()) and None
        client, _ = await link.fresh()
        read_at = link._read_at
        client.http._let_go_of(client.http._kept[0].reader)
        await until(lambda: link._read_at > read_at)

        assert (link.state, link.client) == ("connected", client)
        link.close()
