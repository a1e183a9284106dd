"""Ours stays ours: what was seen beside it is asked only by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from server import free_port, json_answer, serving

from relay.core.link import Link
from relay.core.terminals import Terminals
from relay.errors import BadConfig, TerminalGone, TerminalOther
from relay.exchanges import Exchanges
from relay.metascalp.simulator import Simulator


@asynccontextmanager
async def looking(exchanges: Exchanges, *ports: int) -> AsyncIterator[Terminals]:
    link = Link(exchanges, lambda: None, ports)
    terminals = Terminals(link, exchanges, ports)
    try:
        yield terminals
    finally:
        terminals.close()
        link.close()


async def test_what_answers_is_listed_and_ours_is_marked(exchanges: Exchanges):
    async with (
        Simulator(rate=0.0) as first,
        Simulator(rate=0.0, profile="v1.0.671") as second,
        serving(json_answer('{"name":"OtherApp"}')) as foreign,
        looking(exchanges, first.port, second.port, foreign.port, free_port()) as terminals,
    ):
        await terminals.client(None)
        await terminals.look()

        rows = {row["port"]: row for row in terminals.as_json()}
        assert set(rows) == {first.port, second.port, foreign.port}
        assert [rows[one]["kind"] for one in (first.port, second.port, foreign.port)] == [
            "metascalp", "metascalp", "foreign",
        ]  # fmt: skip
        assert rows[second.port]["version"] == "1.0.671"
        assert rows[foreign.port]["name"] == "OtherApp"
        assert sum(row["ours"] for row in rows.values()) == 1


async def test_when_ours_is_closed_the_other_one_is_never_taken_for_it(exchanges: Exchanges):
    port, other = sorted((free_port(), free_port()))
    async with (
        Simulator(port=other, rate=0.0) as beta,
        looking(exchanges, port, other) as terminals,
    ):
        async with Simulator(port=port, rate=0.0):
            ours = await terminals.client(None)
            assert ours.http.port == port
            await terminals.look()
            assert terminals.link.ours.others == {beta.port}
            assert terminals.link.others == []
        told: list[list[str]] = []
        terminals.link._changed = lambda: told.append(terminals.link.others)
        terminals.lose(ours)
        told.clear()
        for _ in range(2):
            with pytest.raises(TerminalOther, match="another one is at") as gone:
                await terminals.client(None)
        assert gone.value.params == {"address": f"127.0.0.1:{beta.port}"}
        assert told == [[f"127.0.0.1:{beta.port}"]], "whoever watches hears of it, once"

        named = await terminals.client(f"127.0.0.1:{beta.port}")
        assert named.http.port == beta.port
        async with Simulator(port=port, rate=0.0):
            assert (await terminals.client(None)).http.port == port
            assert terminals.link.others == [], "it is asked again, so nobody need be named"


async def test_a_port_that_was_empty_in_between_may_be_ours_again(exchanges: Exchanges):
    """The other one was closed too: what comes back there is as good as any."""
    first, second = free_port(), free_port()
    async with looking(exchanges, first, second) as terminals:
        async with Simulator(port=first, rate=0.0), Simulator(port=second, rate=0.0):
            ours = await terminals.client(None)
            await terminals.look()
            assert terminals.link.ours.others
        terminals.lose(ours)
        terminals._looked_at = 0.0
        await terminals.look()
        async with Simulator(port=second, rate=0.0):
            assert (await terminals.client(None)).http.port == second


@pytest.mark.parametrize("named", ["", "x", "10.0.0.1:80", "127.0.0.1:0", "127.0.0.1:70000"])
async def test_only_this_machine_is_ever_meant(exchanges: Exchanges, named: str):
    async with looking(exchanges, free_port()) as terminals:
        with pytest.raises(BadConfig):
            await terminals.client(named)


async def test_a_terminal_that_is_gone_is_looked_for_again(exchanges: Exchanges):
    port = free_port()
    async with looking(exchanges, free_port()) as terminals:
        async with Simulator(port=port, rate=0.0):
            client = await terminals.client(f"127.0.0.1:{port}")
            assert await terminals.client(f"127.0.0.1:{port}") is client
        terminals.lose(client)
        with pytest.raises(TerminalGone):
            await terminals.client(f"127.0.0.1:{port}")


async def test_a_look_that_is_fresh_is_not_repeated(exchanges: Exchanges):
    async with serving(json_answer("{}")) as foreign, looking(exchanges, foreign.port) as terminals:
        await terminals.look()
        await terminals.look()

        assert len(foreign.requests) == 1
