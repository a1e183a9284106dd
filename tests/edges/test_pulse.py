"""A process that stood still, and what it takes for old then."""

from __future__ import annotations

from relay.edges.pulse import AFTER_S, Pulse


def test_only_what_comes_at_the_end_of_a_long_stop_may_be_old() -> None:
    now = [100.0]
    pulse = Pulse(lambda: now[0])

    assert not pulse.stood_still
    now[0] += 1.9
    assert not pulse.stood_still
    pulse.beat()
    now[0] += 2.1
    assert pulse.stood_still, "the first thing taken, before any beat"
    pulse.beat()
    assert pulse.stood_still, "and what waited behind it"
    now[0] += AFTER_S / 2
    pulse.beat()
    assert pulse.stood_still
    now[0] += AFTER_S
    assert not pulse.stood_still


def test_a_clock_that_is_set_back_makes_nothing_old() -> None:
    now = [100.0]
    pulse = Pulse(lambda: now[0])
    now[0] += 60
    pulse.beat()
    now[0] -= 3600
    pulse.beat()
    assert not pulse.stood_still
    for _ in range(3600):
        now[0] += 1
        pulse.beat()

        assert not pulse.stood_still


def test_a_clock_that_is_set_forward_looks_like_a_stop_until_shortly_after_the_next_beat() -> None:
    now = [100.0]
    pulse = Pulse(lambda: now[0])
    now[0] += 3600
    assert pulse.stood_still
    pulse.beat()
    now[0] += AFTER_S

    assert not pulse.stood_still
