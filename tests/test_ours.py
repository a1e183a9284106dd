"""Which terminal is ours: by what was seen where, in every order of things."""

from __future__ import annotations

from relay.ours import Ours

HERE, THERE, ELSEWHERE = 17845, 17846, 17847
PORTS = {HERE, THERE, ELSEWHERE}


def found(*bare: int) -> Ours:
    ours = Ours()
    assert ours.may_be(HERE, "2")
    ours.found(HERE, "2", bare)
    return ours


def test_the_first_that_is_found_is_ours_and_its_port_stays_its_own():
    ours = found()
    ours.lost()

    assert ours.may_be(HERE, "3"), "it was updated"
    assert (ours.port, ours.version) == (HERE, "2")


def test_where_nobody_has_looked_sits_another():
    ours = found()
    ours.lost()

    assert not ours.may_be(THERE, "2")
    assert ours.others == {THERE}


def test_what_was_beside_it_is_another_though_it_is_the_same_version():
    ours = found(THERE, ELSEWHERE)
    ours.beside(PORTS, {HERE, THERE}, set())
    assert ours.others == {THERE}
    ours.lost()

    assert not ours.may_be(THERE, "2")
    assert ours.may_be(ELSEWHERE, "2")


def test_what_came_between_two_looks_is_ours_only_if_it_is_the_same_version():
    ours = found()
    ours.beside(PORTS, {HERE}, set())
    ours.lost()

    assert not ours.may_be(THERE, "1")
    assert ours.may_be(THERE, "2")


def test_a_port_that_was_empty_when_it_was_found_counts_as_looked_at():
    ours = found(THERE)
    ours.lost()

    assert ours.may_be(THERE, "2")
    assert not ours.may_be(ELSEWHERE, "2")


def test_what_comes_where_nobody_was_since_it_is_gone_is_ours_in_any_version():
    ours = found()
    ours.beside(PORTS, {HERE, THERE}, set())
    ours.lost()
    ours.empty({THERE})

    assert ours.others == frozenset()
    assert ours.may_be(THERE, "3")


def test_it_is_forgotten_at_the_next_loss_who_was_away_at_the_last():
    ours = found()
    ours.empty({THERE})
    ours.found(HERE, "2")
    ours.lost()

    assert not ours.may_be(THERE, "2")


def test_who_is_silent_is_neither_bare_nor_gone():
    ours = found()
    ours.beside(PORTS, {HERE, THERE}, set())
    ours.beside(PORTS, {HERE}, {THERE, ELSEWHERE})
    ours.lost()

    assert ours.others == {THERE}
    assert not ours.may_be(ELSEWHERE, "2")
