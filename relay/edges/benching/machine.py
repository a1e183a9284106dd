"""This file knows the machine under the measurements: which core, how much of it, how busy."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
#: More of all cores than this used by others, and times cannot be trusted.
BUSY_CORES = 0.25


@dataclass(frozen=True, slots=True)
class Places:
    """Which cores are for what. relay: whatever is measured; load: terminal and clients. For
    latency all share `one`, so that no wake-up across cores hides the difference."""

    relay: frozenset[int]
    load: frozenset[int]

    @property
    def one(self) -> frozenset[int]:
        return self.relay


def places() -> Places:
    """The last core for what is measured, the others for the load."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    last = frozenset(cores[-1:])
    return Places(last, frozenset(cores[:-1]) or last)


def pin(processes: Iterable[int], cores: frozenset[int]) -> None:
    """Keeps processes, with all their threads, on cores; where a system cannot, nothing happens."""
    if not cores or not hasattr(os, "sched_setaffinity"):
        return
    for process in processes:
        for thread in threads(process):
            try:
                os.sched_setaffinity(thread, cores)
            except ProcessLookupError:
                continue  # It has ended meanwhile.


def threads(process: int) -> list[int]:
    try:
        return [int(one.name) for one in (PROC / str(process) / "task").iterdir()]
    except OSError:
        return [process]


def tree(process: int) -> list[int]:
    """A process and all it has started."""
    found = [process]
    for parent in found:
        for thread in threads(parent):
            try:
                text = (PROC / str(parent) / "task" / str(thread) / "children").read_text()
            except OSError:
                continue
            found += [int(one) for one in text.split() if int(one) not in found]
    return found


def cpu_s(processes: Iterable[int]) -> float | None:
    """Processor time used so far by processes; None where it cannot be known so finely."""
    if sys.platform != "linux":
        return None
    try:
        # The clock of a process has the number that pthread_getcpuclockid gives (Linux, CPUCLOCK).
        return sum(time.clock_gettime((~process << 3) | 2) for process in processes)
    except OSError:
        return None


def used_s(processes: Iterable[int], before: float | None) -> float:
    """Processor time used since; 0.0 where it cannot be known, or nobody is measured."""
    now = cpu_s(processes)
    return now - before if now is not None and before is not None else 0.0


def children_s() -> float:
    """Processor time of all processes that were started by this one and have ended."""
    times = os.times()
    return times.children_user + times.children_system


@contextmanager
def pinned(cores: frozenset[int]) -> Iterator[None]:
    """Keeps ourselves on cores for a while."""
    before = os.sched_getaffinity(0) if cores and hasattr(os, "sched_getaffinity") else frozenset()
    pin([os.getpid()], cores)
    try:
        yield
    finally:
        pin([os.getpid()], frozenset(before))


def memory_kb(process: int, field: str = "VmRSS") -> int:
    """Memory of a process; "VmHWM": the most so far. 0 where it cannot be known."""
    try:
        text = (PROC / str(process) / "status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(field)), 0)


def forget_peak(process: int) -> None:
    """Lets VmHWM begin anew."""
    try:
        (PROC / str(process) / "clear_refs").write_text("5")
    except OSError:
        return


def busy_cores(seconds: float = 1.0) -> float:
    """How many cores are in use while we do nothing; 0.0 where it cannot be known."""
    before = _jiffies()
    time.sleep(seconds)
    after = _jiffies()
    return (after - before) / os.sysconf("SC_CLK_TCK") / seconds if after else 0.0


def _jiffies() -> int:
    try:
        words = (PROC / "stat").read_text().splitlines()[0].split()
    except OSError:
        return 0
    user, nice, system, _, _, irq, soft, stolen = map(int, words[1:9])
    return user + nice + system + irq + soft + stolen


def describe() -> str:
    """The machine in one line, without what only its owner would know it by."""
    model = platform.processor() or platform.machine()
    try:
        lines = (PROC / "cpuinfo").read_text().splitlines()
        model = next(line.partition(": ")[2] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    python = f"Python {platform.python_version()}"
    release = ".".join(platform.release().split(".")[:2])
    return f"{os.cpu_count()} x {model}, {platform.system()} {release}, {python}"
