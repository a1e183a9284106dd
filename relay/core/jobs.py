"""This file knows how to run what is meant to run for long: a failure is told and survived.

What may fail as expected is caught where it is known. This is for the rest: one odd answer of the
terminal must not end the relay, nor leave a job dead while everything else goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from traceback import extract_tb
from typing import Any

#: After an unexpected failure, how long until a job goes on.
PAUSE_S = 1.0

Run = Callable[[], Coroutine[Any, Any, None]]
Failed = Callable[[Exception], None]

log = logging.getLogger(__name__)


class Jobs:
    """The jobs of one TaskGroup, each known by what it is for; at most one runs for each."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._running: dict[object, asyncio.Task[None]] = {}
        self._ending: dict[object, set[asyncio.Task[None]]] = {}
        self._stops: dict[object, asyncio.TimerHandle] = {}
        self._behind: set[asyncio.Task[None]] = set()

    def start(self, what: object, name: str, run: Run, failed: Failed) -> None:
        """Starts a job that does not run; one that is still ending is waited for first."""
        if (stop := self._stops.pop(what, None)) is not None:
            stop.cancel()
        if what not in self._running:
            before = set(self._ending.get(what, ()))
            work = _after(before, lambda: keep_running(name, run, failed))
            self._running[what] = self._tasks.create_task(work)

    def stop(self, what: object) -> None:
        if (stop := self._stops.pop(what, None)) is not None:
            stop.cancel()
        if (task := self._running.pop(what, None)) is not None:
            ending = self._ending.setdefault(what, set())
            ending.add(task)
            task.add_done_callback(lambda ended: self._ended(what, ended))
            task.cancel()

    def stop_later(self, what: object, after_s: float) -> None:
        """Stops a job after a while, unless it is started again before."""
        if what in self._running and what not in self._stops:
            loop = asyncio.get_running_loop()
            self._stops[what] = loop.call_later(after_s, self.stop, what)

    def behind(self, run: Run) -> None:
        """Runs something that nobody waits for, once."""
        task = self._tasks.create_task(_once(run))
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    def stop_all(self) -> None:
        for what in list(self._running):
            self.stop(what)
        for task in self._behind:
            task.cancel()

    def _ended(self, what: object, task: asyncio.Task[None]) -> None:
        self._ending[what].discard(task)
        if not self._ending[what]:
            del self._ending[what]


@asynccontextmanager
async def beside(name: str, run: Run) -> AsyncIterator[None]:
    """Runs one job until the block is left, whose own failures stay its own."""
    tasks = asyncio.TaskGroup()
    await tasks.__aenter__()
    jobs = Jobs(tasks)
    jobs.start(run, name, run, lambda error: None)
    try:
        yield
    finally:
        jobs.stop_all()
        await tasks.__aexit__(None, None, None)


async def keep_running(name: str, run: Run, failed: Failed) -> None:
    """Runs a job again after every unexpected exception, until it ends by itself.

    The first of a row of equal failures is logged: by type and place only, as a message may hold
    what does not belong into a log.
    """
    told = ""
    while (error := await _outcome(run)) is not None:
        if (kind := place_of(error)) != told:
            log.error("%s failed and goes on: %s", name, kind)
        told = kind
        failed(error)
        await asyncio.sleep(PAUSE_S)


async def side_by_side(runs: Iterable[Run]) -> None:
    """Runs all at once; the first failure ends the others and is raised as itself."""
    failures: list[Exception] = []
    tasks: list[asyncio.Task[None]] = []

    async def one(run: Run) -> None:
        try:
            await run()
        except Exception as error:
            failures.append(error)
            for task in tasks:
                task.cancel()

    async with asyncio.TaskGroup() as group:
        tasks += [group.create_task(one(run)) for run in runs]
    if failures:
        raise failures[0]


def heed_cancellation() -> None:
    """To be called where an expected error is survived: before Python 3.13, a TaskGroup that fails
    while it is cancelled raises its failure and forgets the cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def innermost(error: BaseException) -> Any:
    """The first single exception in a group of them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _after(tasks: set[asyncio.Task[None]], run: Run) -> None:
    if tasks:
        await asyncio.wait(tasks)
    await run()


async def _once(run: Run) -> None:
    try:
        await run()
    except Exception as error:
        log.error("failed behind the scenes: %s", place_of(error))


async def _outcome(run: Run) -> Exception | None:
    """What a run failed with, if it did.

    Each has a task of its own: before Python 3.13 a TaskGroup that fails in it may forget a
    cancellation, or leave one behind that never was.
    """

    async def caught() -> Exception | None:
        try:
            await run()
        except Exception as error:
            return error
        return None

    async with asyncio.TaskGroup() as group:
        task = group.create_task(caught())
    return task.result()


def place_of(error: Exception) -> str:
    """What a log says of an unexpected failure: its type and place. Never its words, which may
    quote what it failed on."""
    inner = innermost(error)
    places = [f"{frame.name}, line {frame.lineno}" for frame in extract_tb(inner.__traceback__)]
    return f"{type(inner).__name__} in {places[-1]}" if places else type(inner).__name__
