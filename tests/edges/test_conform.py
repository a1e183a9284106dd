"""Our own terminal differs in nothing; one with a few things changed differs in exactly those."""

import dataclasses
import json

import pytest

from relay.edges.conform import BUILDS, conform
from relay.errors import TerminalGone
from relay.metascalp.questions import QUESTIONS
from relay.metascalp.simulator import Simulator, rest
from relay.metascalp.simulator.call import Reply


@pytest.mark.parametrize("profile", BUILDS)
async def test_our_own_terminal_differs_in_nothing(profile):
    async with Simulator(rate=0, profile=profile) as sim:
        report = await conform(f"127.0.0.1:{sim.port}")

    assert (report.profile, report.differences, report.skipped) == (profile, [], [])
    assert report.asked > 70
    assert [one.text() for one in report.settled if one.assumed is False] == []


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
    assert len(report.differences) == 6, "a key has another name; tickers are asked for twice"
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


async def test_every_question_that_can_be_asked_is_answered():
    async with Simulator(rate=0) as sim:
        report = await conform(f"127.0.0.1:{sim.port}")
    wanted = {number for number, (_, why) in QUESTIONS.items() if not why}

    assert {one.number for one in report.settled} == wanted
    assert [one for one in report.settled if one.assumed is False] == []
    assert len(report.open()) == len(QUESTIONS) - len(wanted)


SWITCHED = {
    "cors_preflight=false": 1, "charset=false": 2, "server_header": 2, "keep_alive=false": 2,
    "json_type_only": 3, "refuse_foreign": 4, "body_first": 5, "number_texts": 6, "fields_win": 7,
    "other_words": 8, "missing_is_refused": 11, "lenient_numbers=false": 12,
    "empty_items=false": 19, "working_volumes": 20, "numeric_columns": 22, "extras=false": 23,
    "liquidations_login": 24, "any_case_types": 25, "optional_data": 25, "strict_data": 25,
    "unknown_ticker_error": 27, "ignore_bad_depth": 28, "one_snapshot": 29, "close_on_error": 31,
    "upper_suffix=false": 36, "aliases=false": 36, "exchange_needed": 36, "zulu_times": 40,
    "history_routes": 44, "moscow_boards": 45,
}  # fmt: skip


@pytest.mark.parametrize("switch", SWITCHED)
async def test_a_terminal_of_the_other_kind_is_recognised_and_no_difference(switch):
    """What the documents leave open is never called a difference."""
    number = SWITCHED[switch]
    async with Simulator(rate=0) as sim:
        usual = await conform(f"127.0.0.1:{sim.port}")
    async with Simulator(rate=0, switches=[switch]) as sim:
        other = await conform(f"127.0.0.1:{sim.port}")

    assert other.differences == []
    answers = [
        [(one.asked, one.answer, one.assumed) for one in report.settled if one.number == number]
        for report in (usual, other)
    ]
    assert answers[0] != answers[1]


LATER = {"book_settings=false": "orderbook-settings", "rest_books=false": "orderbook-snapshot",
         "mark_prices=false": "price_subscribe"}  # fmt: skip


@pytest.mark.parametrize("switch", LATER)
async def test_what_build_671_may_not_have_is_no_difference_in_it(switch):
    async with Simulator(rate=0, profile="v1.0.671", switches=[switch]) as sim:
        unsure = await conform(f"127.0.0.1:{sim.port}")
        documented = await conform(f"127.0.0.1:{sim.port}", "doc-edition-2")

    assert unsure.differences == []
    assert any(LATER[switch] in one and "does not have" in one for one in unsure.skipped)
    assert any(LATER[switch] in one for one in documented.differences)


async def test_a_foreign_page_is_tried_on_a_socket_too():
    async with Simulator(rate=0, switches=["refuse_foreign"]) as sim:
        report = await conform(f"127.0.0.1:{sim.port}")
    answers = [one.answer.split(" {")[0] for one in report.settled if one.number == 4]

    assert answers == ["400", "400", "refused with 400", "refused with 400"]


async def test_a_connection_that_is_not_quite_there_settles_which_states_count():
    async with Simulator(rate=0, switches=["reconnecting_is_active"]) as sim:
        sim.world.connections[11].state = 3
        report = await conform(f"127.0.0.1:{sim.port}")
    [one] = [one for one in report.settled if one.number == 37]

    assert (one.assumed, one.answer[:4]) == (False, "200 ")
    assert report.differences == []


async def test_the_report_says_what_was_settled_and_what_was_not():
    async with Simulator(rate=0, switches=["cors_preflight=false"]) as sim:
        report = await conform(f"127.0.0.1:{sim.port}")
    text = report.text()

    assert "- #1 OPTIONS /ping: 204 (NOT as assumed)" in text
    assert "- #7 " in text.split("leaves open")[0]
    assert "- #9 where a combo opens: asking would change what the trader sees" in text
    assert "0 differences" in text
    assert json.loads(report.as_json())["differences"] == []


async def test_without_connections_what_needs_one_is_not_asked():
    async with Simulator(rate=0) as sim:
        for number in list(sim.world.connections):
            sim.world.remove(number)
        report = await conform(f"127.0.0.1:{sim.port}", "v1.0.2860")

    assert report.differences == []
    assert len(report.skipped) > 20
    assert "screen" not in "".join(report.differences)
    assert "Not compared:" in report.text()


async def test_without_a_terminal_it_says_so():
    with pytest.raises(TerminalGone):
        await conform("127.0.0.1:1")
