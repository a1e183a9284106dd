"""The machine: its clocks count, its cores are kept to, its noise is heard."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from relay.edges.benching import machine

linux = pytest.mark.skipif(sys.platform != "linux", reason="only there it can be known")


@linux
def test_the_clock_of_a_process_counts_its_work_alone():
    before = machine.cpu_s([os.getpid()])
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    worked = machine.used_s([os.getpid()], before)
    before = machine.cpu_s([os.getpid()])
    time.sleep(0.1)

    assert worked >= 0.045
    assert machine.used_s([os.getpid()], before) < 0.05


def test_the_work_of_those_that_have_ended_is_known():
    before = machine.children_s()
    subprocess.run([sys.executable, "-c", "sum(range(10**7))"], check=True)

    assert machine.children_s() - before > 0.03


def test_nobody_uses_nothing():
    assert machine.used_s([], machine.cpu_s([])) == 0.0


@linux
def test_a_process_is_kept_to_a_core_with_its_threads_and_let_go():
    before = os.sched_getaffinity(0)
    one = frozenset([min(before)])
    with machine.pinned(one):
        assert os.sched_getaffinity(0) == one

    assert os.sched_getaffinity(0) == before


@linux
def test_children_belong_to_a_process():
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as parent:
        until = time.monotonic() + 10
        while len(found := machine.tree(parent.pid)) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        parent.communicate(b"\n")

    assert found[0] == parent.pid
    assert len(found) == 2


@linux
def test_memory_has_a_peak_that_can_begin_anew():
    machine.forget_peak(os.getpid())
    before = machine.memory_kb(os.getpid(), "VmHWM")
    bytearray(b"x") * (64 * 1024 * 1024)
    after = machine.memory_kb(os.getpid(), "VmHWM")

    assert after - before > 60_000
    assert machine.memory_kb(2**30) == 0


def test_cores_of_the_load_and_of_what_is_measured_are_apart_where_there_are_two():
    places = machine.places()

    assert places.one == places.relay
    if len(os.sched_getaffinity(0)) > 1:
        assert not places.relay & places.load


def test_a_busy_machine_is_heard():
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        used = machine.busy_cores(0.5)
        busy.kill()

    assert used > 0.3


def test_the_machine_is_told_in_one_line():
    assert "Python 3." in machine.describe()
    assert "\n" not in machine.describe()
