"""So many a second and no more, and the wait that is told is the wait that helps."""

from hypothesis import given
from hypothesis import strategies as st

from relay.throttle import Bucket


def test_a_seconds_worth_may_come_at_once_and_then_no_more():
    bucket = Bucket(10.0)

    assert [bucket.take(100.0) for _ in range(10)] == [0.0] * 10
    assert bucket.take(100.0) > 0


def test_after_the_wait_that_was_told_there_is_one_and_only_one():
    bucket = Bucket(10.0)
    while not (wait := bucket.take(5.0)):
        pass

    assert bucket.take(5.0 + wait / 2) > 0
    assert bucket.take(5.001 + wait) == 0.0
    assert bucket.take(5.001 + wait) > 0


def test_no_rate_is_no_limit():
    bucket = Bucket(0)

    assert not any(bucket.take(1.0) for _ in range(10_000))


def test_less_than_one_a_second_is_one_now_and_then():
    bucket = Bucket(0.5)

    assert [bucket.take(at) for at in (0.0, 0.0, 1.0, 2.0, 2.0)] == [0.0, 2.0, 1.0, 0.0, 2.0]


def test_a_long_pause_saves_up_a_seconds_worth_at_most():
    bucket = Bucket(3.0)
    for _ in range(3):
        bucket.take(0.0)

    assert [bucket.take(1_000_000.0) == 0.0 for _ in range(4)] == [True, True, True, False]


@given(st.lists(st.floats(0, 10), max_size=200), st.integers(1, 20))
def test_in_no_stretch_of_time_more_than_the_rate_and_one_burst(times: list[float], rate: int):
    """Times in any order: a clock that goes back gives nothing."""
    bucket = Bucket(float(rate))
    let_in = sum(bucket.take(at) == 0.0 for at in times)

    span = max(times) - min(times) if times else 0
    assert let_in <= rate * (span + 1) + 1
