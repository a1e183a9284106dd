"""What a socket says, without what follows by itself; and one that ends, or never says a word."""

import pytest

from relay.edges import asking
from relay.errors import TerminalGone
from relay.metascalp.simulator import Simulator, faults
from relay.metascalp.simulator.stream import Hub

BOOK = '{"Type":"orderbook_subscribe","Data":{"connectionId":1,"ticker":"BTCUSDT"}}'


async def ask(sim, *say):
    return [asking.short(one) for one in await asking.ask("127.0.0.1", sim.port, say)]


async def test_an_answer_is_what_comes_before_the_end():
    async with Simulator(rate=100) as sim:
        assert await ask(sim, BOOK) == ["orderbook_subscribed", "orderbook_snapshot"]
        assert await ask(sim, "{", "{") == ["Invalid message format"] * 2
        assert await ask(sim) == []


async def test_a_socket_that_is_closed_says_how():
    async with Simulator(rate=0, switches=["close_on_error"]) as sim:
        assert await ask(sim, "{") == ["Invalid message format", "closed with 1008"]


async def test_a_silent_one_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr(asking, "ANSWER_S", 0.1)
    async with Simulator(rate=0) as sim:
        monkeypatch.setattr(Hub, "receive", lambda *_: None)

        assert await ask(sim, BOOK) == []


async def test_headers_of_ones_own_may_be_refused():
    page = {"Origin": "https://evil.example"}
    async with Simulator(rate=0) as sim:
        assert await asking.ask("127.0.0.1", sim.port, (), page) == []
    async with Simulator(rate=0, switches=["refuse_foreign"]) as sim:
        assert await asking.ask("127.0.0.1", sim.port, ("{",), page) == ["refused with 400"]


async def test_nobody_there_is_said():
    with pytest.raises(TerminalGone):
        await asking.ask("127.0.0.1", 1, ())


async def test_a_socket_that_is_refused_without_any_is_none():
    async with Simulator(rate=0) as sim:
        stranger = await sim.fault(*faults.parse("foreign"))
        with pytest.raises(TerminalGone):
            await asking.ask("127.0.0.1", stranger, ())


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        ('{"Type":"error","Data":{"error":"No"}}', "No"),
        ('{"type":"error","data":{"Error":"No"}}', "No"),
        ('{"Type":"subscribed","Data":{}}', "subscribed"),
        ("x" * 300, "x" * 200),
        ("[]", "[]"),
        ('{"Type":"error","Data":null}', '{"Type":"error","Data":null}'),
    ],
)
def test_a_frame_in_short(frame, text):
    assert asking.short(frame) == text
