"""This file knows how the simulator is run by itself: until it is interrupted, with its screen."""

import asyncio
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from . import faults
from .replay import load
from .server import Simulator
from .wire import encode


async def run(
    port: int | None,
    seed: int,
    rate: float,
    profile: str,
    quiet: bool,
    switches: Iterable[str] = (),
    mishaps: Iterable[str] = (),
    replay: str | None = None,
    tickers: int = 0,
) -> None:
    """Serves until cancelled or interrupted; prints one JSON line when ready.

    A person at a text terminal is then shown the live screen. mishaps: faults to begin with, NAME
    or NAME=NUMBER. replay: a file to play back. tickers: list so many. Another line is printed when
    it has come back on another port. Raises OSError when the port is taken or the file cannot be
    read, ValueError when there is no such profile, switch or fault.
    """
    stop = asyncio.Event()
    recording = None if replay is None else load(Path(replay))
    wanted = [faults.parse(text) for text in mishaps]
    with _interrupts(stop):
        async with Simulator(
            port, seed, rate, profile, switches=switches, replay=recording, tickers=tickers
        ) as simulator:

            def tell() -> None:
                print(encode({"url": simulator.url, "profile": profile}), flush=True)

            simulator.restarted = tell
            tell()
            for fault, number in wanted:
                await simulator.fault(fault, number)
            if quiet or not sys.stdout.isatty():
                await stop.wait()
                return
            async with asyncio.TaskGroup() as group:
                picture = group.create_task(simulator.show())
                await stop.wait()
                picture.cancel()


@contextmanager
def _interrupts(stop: asyncio.Event) -> Iterator[None]:
    """Ctrl+C sets stop instead of raising, so that everything ends in order."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def interrupt(*_: object) -> None:
        loop.call_soon_threadsafe(stop.set)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
