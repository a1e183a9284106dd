"""A cancellation: looked at, sent once, and said as it was."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from server import hang, json_answer, serving

from relay.actions import Cancel, CancelAll
from relay.core import cancelling
from relay.core.cancelling import Canceller
from relay.core.link import Link
from relay.errors import Stale
from relay.exchanges import Exchanges
from relay.metascalp.simulator import Simulator

PING = json_answer('{"app":"MetaScalp","version":"1"}')
ONE = json_answer('{"connections":[{"Id":1,"ExchangeId":2,"MarketType":2,"State":2}]}')
CANCEL = Cancel(1, 5, "BTCUSDT")


@asynccontextmanager
async def canceller(
    port: int, exchanges: Exchanges, touched: Callable[[int, str], None] = lambda *_: None
) -> AsyncIterator[Canceller]:
    link = Link(exchanges, lambda: None, [port])
    yield Canceller(link, lambda: True, touched)
    link.close()


@pytest.mark.parametrize("before", [(PING,), (PING, ONE)])
async def test_a_look_without_an_answer_sends_nothing_and_says_so_in_time(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch, before: tuple[bytes, ...]
) -> None:
    monkeypatch.setattr(cancelling, "LOOK_S", 0.2)
    monkeypatch.setattr("relay.core.link.FRESH_S", -1.0)
    async with serving(*before, hang) as server, canceller(server.port, exchanges) as one:
        started = time.monotonic()
        outcome = await one.cancel(CANCEL, None)

        assert (outcome.state, outcome.code) == ("refused", "no-answer")
        assert "nothing was sent" in outcome.text
        assert time.monotonic() - started < 1.0
        assert not [request for request in server.requests if request.startswith(b"POST")]


@pytest.mark.parametrize("action", [CANCEL, CancelAll(1, "BTCUSDT")])
async def test_a_look_that_took_too_long_sends_nothing(
    sim: Simulator, exchanges: Exchanges, action: Cancel | CancelAll
) -> None:
    async with canceller(sim.port, exchanges) as one:
        with pytest.raises(Stale, match="nothing was sent"):
            await one.cancel(action, time.time() * 1000 - 1)
        outcome = await one.cancel(action, time.time() * 1000 + 60_000)

    posts = [row for row in sim.record.rows() if row["method"] == "POST"]
    assert len(posts) == 1
    assert outcome.code in ("terminal-refused", "cancelled-all")


async def test_a_refused_look_is_told_and_the_ticker_is_read_again(exchanges: Exchanges) -> None:
    touched: list[tuple[int, str]] = []
    no = json_answer('{"error":"not now"}', "400 Bad Request")
    async with (
        serving(PING, no) as server,
        canceller(server.port, exchanges, lambda *what: touched.append(what)) as one,
    ):
        outcome = await one.cancel(CANCEL, None)

    assert (outcome.code, outcome.params) == ("terminal-refused", {"text": "not now"})
    assert touched == [(1, "BTCUSDT")]
