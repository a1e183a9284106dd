"""Jobs that are meant to run for long: what fails goes on, what is stopped is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from until import until

from relay.core import jobs as module
from relay.core.jobs import Jobs, beside, side_by_side


@asynccontextmanager
async def running() -> AsyncIterator[Jobs]:
    async with asyncio.TaskGroup() as group:
        jobs = Jobs(group)
        yield jobs
        jobs.stop_all()


class Job:
    """Waits until it is cancelled; counts. fails: what its next runs raise."""

    def __init__(self, *fails: Exception) -> None:
        self.fails = list(fails)
        self.starts = 0
        self.alive = 0
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.failed: list[Exception] = []

    async def run(self) -> None:
        self.starts += 1
        if self.fails:
            raise self.fails.pop(0)
        self.alive += 1
        try:
            await asyncio.Event().wait()
        finally:
            await self.may_end.wait()
            self.alive -= 1

    def start_in(self, jobs: Jobs) -> None:
        jobs.start(self, "a job", self.run, self.failed.append)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0.0)


async def test_a_job_that_fails_goes_on_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    errors = [ValueError("size 12.5"), ValueError("size 13"), ExceptionGroup("", [KeyError("x")])]
    job = Job(*errors)
    async with running() as jobs:
        job.start_in(jobs)
        await until(lambda: job.alive)

    assert job.failed == errors
    assert caplog.text.count("ValueError in run") == 1
    assert caplog.text.count("KeyError") == 1
    assert "12.5" not in caplog.text


async def test_a_job_that_ends_by_itself_has_ended() -> None:
    runs = []

    async def run() -> None:
        runs.append(1)

    async with running() as jobs:
        jobs.start("it", "a job", run, lambda error: None)
        await until(lambda: runs)

    assert runs == [1]


async def test_an_end_while_a_job_fails_is_an_end() -> None:
    """Before Python 3.13 a TaskGroup that fails while it is cancelled forgets the cancellation."""
    runs = []

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ValueError("on the way out") from None

    async def run() -> None:
        runs.append(1)
        async with asyncio.TaskGroup() as group:
            group.create_task(stubborn())

    async with asyncio.timeout(5), running() as jobs:
        jobs.start("it", "a job", run, lambda error: None)
        await until(lambda: runs)
        await asyncio.sleep(0)

    assert runs == [1]


async def test_a_member_that_fails_does_not_make_the_next_run_a_cancelled_one() -> None:
    """Before Python 3.13 a TaskGroup that waits for its members takes no cancellation back."""
    runs, errors = [], list[str]()

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("odd")

    async def run() -> None:
        runs.append(1)
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            if len(runs) == 3:
                await asyncio.Event().wait()

    async with running() as jobs:
        jobs.start("it", "a job", run, lambda error: errors.append(type(error).__name__))
        await until(lambda: len(errors) > 3)

    assert set(errors) == {"ExceptionGroup"}


async def test_a_job_is_started_once_and_stopped() -> None:
    job = Job()
    async with running() as jobs:
        job.start_in(jobs)
        job.start_in(jobs)
        await until(lambda: job.alive)
        jobs.stop(job)
        jobs.stop(job)
        await until(lambda: not job.alive)

    assert job.starts == 1


async def test_one_that_is_stopped_later_and_started_before_goes_on() -> None:
    job = Job()
    async with running() as jobs:
        jobs.stop_later(job, 0.0)
        job.start_in(jobs)
        jobs.stop_later(job, 0.0)
        jobs.stop_later(job, 0.0)
        job.start_in(jobs)
        await until(lambda: job.alive)
        assert job.starts == 1

        jobs.stop_later(job, 60.0)
        jobs.stop(job)
        job.start_in(jobs)
        await until(lambda: job.starts == 2)
        jobs.stop_later(job, 0.0)
        await until(lambda: not job.alive)


async def test_a_job_waits_for_the_end_of_the_one_before() -> None:
    """Two feeds at once would undo each other's work."""
    job, most = Job(), 0
    async with running() as jobs:
        job.start_in(jobs)
        await until(lambda: job.alive)
        job.may_end.clear()
        jobs.stop(job)
        job.start_in(jobs)
        jobs.stop(job)
        job.start_in(jobs)
        for _ in range(10):
            await asyncio.sleep(0)
            most = max(most, job.alive)
        assert (job.starts, most) == (1, 1)

        job.may_end.set()
        await until(lambda: job.starts == 2 and job.alive == 1)


async def test_what_nobody_waits_for_may_fail_and_ends_with_the_rest(
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = Job(ValueError("odd"))
    async with running() as jobs:
        jobs.behind(job.run)
        await until(lambda: "ValueError" in caplog.text)
        jobs.behind(job.run)
        await until(lambda: job.alive)

    assert not job.alive


async def test_the_first_of_many_that_fails_is_raised_as_itself() -> None:
    job = Job()

    async def fail() -> None:
        raise KeyError("first")

    with pytest.raises(KeyError, match="first"):
        await side_by_side([job.run, fail])
    await side_by_side([])

    assert not job.alive


async def test_a_job_beside_a_block_ends_with_it_and_leaves_its_failure_alone() -> None:
    running = asyncio.Event()

    async def run() -> None:
        running.set()
        await asyncio.Event().wait()

    async def block() -> None:
        async with beside("a job", run):
            await running.wait()
            raise LookupError("the block's own")

    with pytest.raises(LookupError, match="the block's own"):
        await block()
