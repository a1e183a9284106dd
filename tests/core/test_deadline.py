"""Until when a command is meant."""

from __future__ import annotations

import time
from typing import Any

import pytest

from relay.core.deadline import MAX_AGE_MS, check, until
from relay.core.relay import Relay
from relay.edges.operations import perform
from relay.errors import Stale
from relay.exchanges import Exchanges
from relay.find import from_pattern
from relay.metascalp.simulator import Simulator
from tests.core.test_switching import document, relay_at, sent

FIND = {"exchange": "BINANCE", "market": "futures", "bare": "ETHUSDT"}


def test_it_is_two_seconds_after_the_command_and_none_without_a_time() -> None:
    now = time.time() * 1000

    assert (until({"at": 5}), until({})) == (5 + MAX_AGE_MS, None)
    check(None)
    check(now + 1000)
    with pytest.raises(Stale, match="nothing was sent"):
        check(now - 1)


async def asked(relay: Relay, verb: str, params: dict[str, Any]) -> None:
    async def nowhere(topic: str, data: dict[str, Any]) -> None: ...

    reader = relay.reader(nowhere)
    await perform(verb, relay, {"find": FIND, **params, "at": time.time() * 1000}, reader)


@pytest.mark.parametrize(
    ("verb", "params"),
    [
        ("open", {}),
        ("open", {"target": {"panel": "PANEL"}}),
        ("combo", {}),
        ("alert", {"price": "5"}),
        ("notify", {"text": "look"}),
        ("chart", {"connection": 1, "ticker": "BTCUSDT"}),
        ("cancel", {"connection": 1, "ticker": "BTCUSDT", "order": "5"}),
        ("cancel_all", {"connection": 1, "ticker": "BTCUSDT"}),
    ],
)
async def test_what_is_too_late_once_the_relay_knows_what_to_send_is_not_sent(
    sim: Simulator,
    exchanges: Exchanges,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    params: dict[str, Any],
) -> None:
    """The look takes longer than the trader waits; here a hundred milliseconds stand for that."""
    if "target" in params:
        params = {"target": {"panel": document(sim, "Main").external_id}}
    monkeypatch.setattr("relay.core.deadline.MAX_AGE_MS", 100)
    sim.hub.faults.on["slow"] = 150.0
    async with relay_at(sim, exchanges) as relay:
        with pytest.raises(Stale):
            await asked(relay, verb, params)

    assert sent(sim) == []


async def test_a_locked_panel_makes_the_relay_look_and_the_look_counts(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.core.deadline.MAX_AGE_MS", 100)
    async with relay_at(sim, exchanges) as relay:
        await relay.resolve(from_pattern("BINANCE:ETHUSDT.p", exchanges))
        relay.screen.locks.set("of another window", on=True)
        sim.hub.faults.on["slow"] = 150.0
        with pytest.raises(Stale):
            await asked(relay, "open", {})

    assert sent(sim) == []
