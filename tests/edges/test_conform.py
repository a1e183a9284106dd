"""Our own terminal differs in nothing; one with a few things changed differs in exactly those."""

import dataclasses
import json

import pytest

from relay.edges.conform import BUILDS, conform
from relay.errors import TerminalGone
from relay.metascalp.simulator import Simulator, rest
from relay.metascalp.simulator.call import Reply


@pytest.mark.parametrize("profile", BUILDS)
async def test_our_own_terminal_differs_in_nothing(profile):
    async with Simulator(rate=0, profile=profile) as sim:
        report = await conform(f"127.0.0.1:{sim.port}")

    assert (report.profile, report.differences, report.skipped) == (profile, [], [])
    assert report.asked > 70


def everything(world):
    """What a trader would miss if it changed, as text."""
    accounts = [(one.orders, one.positions, one.totals) for one in world.accounts.values()]
    return str(world.desk), str(world.screen), str(accounts)


async def test_nothing_is_changed_in_it():
    async with Simulator(rate=0) as sim:
        before = everything(sim.world)
        await conform(f"127.0.0.1:{sim.port}")

        assert everything(sim.world) == before
        assert not [one for one in sim.record.requests if one.method == "DELETE"]


DOCTORED = {
    "/ping": (lambda body: {**body, "build": 7}, ".build: not in the document"),
    "/api/connections": (
        lambda body: {"Connections": body["connections"]}, ".connections: missing"
    ),
    "/api/connections/{id}/balance": (
        lambda body: {**body, "count": str(body["count"])}, ".count: string instead of integer"
    ),
    "/api/connections/{id}/tickers": (
        lambda body: dict(reversed(body.items())), "keys in another order"
    ),
}  # fmt: skip


async def test_a_doctored_one_differs_in_exactly_what_was_doctored(monkeypatch):
    def doctored(route):
        if route.method != "GET" or route.path not in DOCTORED:
            return route
        change = DOCTORED[route.path][0]
        return dataclasses.replace(
            route, handler=lambda call: Reply(change(route.handler(call).body))
        )

    monkeypatch.setattr(rest, "ROUTES", tuple(map(doctored, rest.ROUTES)))
    async with Simulator(rate=0) as sim:
        report = await conform(f"127.0.0.1:{sim.port}")
    assert len(report.differences) == 5, "one key has another name: one is missing, one is more"
    for path, (_, text) in DOCTORED.items():
        assert any(f"GET {path}:" in one and text in one for one in report.differences)


@pytest.mark.parametrize(
    ("old", "new"),
    [("Invalid connection ID", "Bad id"), ("Method not allowed", "No"), ("Not found", "Nope")],
)
async def test_a_changed_text_is_named(monkeypatch, old, new):
    before = rest._answer

    def answer(*arguments):
        reply = before(*arguments)
        wrong = reply.body == {"error": old}
        return dataclasses.replace(reply, body={"error": new}) if wrong else reply

    monkeypatch.setattr(rest, "_answer", answer)
    async with Simulator(rate=0) as sim:
        report = await conform(f"127.0.0.1:{sim.port}")

    [difference] = report.differences
    assert new in difference
    assert old in difference


async def test_open_questions_are_answered():
    async with Simulator(rate=0, switches=["cors_preflight=false"]) as sim:
        report = await conform(f"127.0.0.1:{sim.port}")
    answers = {(number, asked): answer for number, asked, answer in report.settled}

    assert answers[1, "OPTIONS /ping"] == "204"
    assert {number for number, _ in answers} >= {1, 3, 4, 14, 16, 18, 25, 26}
    assert "0 differences" in report.text()
    assert json.loads(report.as_json())["differences"] == []


async def test_without_connections_what_needs_one_is_not_asked():
    async with Simulator(rate=0) as sim:
        for number in list(sim.world.connections):
            sim.world.remove(number)
        report = await conform(f"127.0.0.1:{sim.port}", "v1.0.2860")

    assert report.differences == []
    assert len(report.skipped) > 20
    assert "Not asked:" in report.text()


async def test_without_a_terminal_it_says_so():
    with pytest.raises(TerminalGone):
        await conform("127.0.0.1:1")
