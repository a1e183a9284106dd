"""The simulator's table of the open questions has the same numbers; the two share no code."""

from relay.metascalp.questions import QUESTIONS
from relay.metascalp.simulator.unknowns import UNKNOWNS


def test_the_client_and_the_simulator_count_alike():
    assert list(QUESTIONS) == [one.number for one in UNKNOWNS]


def test_what_is_not_asked_says_why():
    unasked = {number for number, (_, why) in QUESTIONS.items() if why}

    assert unasked == {9, 10, 15, 17, 30, 32, 33, 34, 35, 38, 39, 41, 42, 43}
