"""A field of two for tests: nothing between, and ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from relay.edges.benching import contenders, machine, rest, sockets
from relay.edges.benching.contenders import DIRECT, RELAY, Field
from relay.edges.benching.rounds import Row, Workload, run


@pytest.fixture(scope="session")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    with contenders.Field(tmp_path_factory.mktemp("bench"), (DIRECT, RELAY)) as field:
        yield field


@pytest.fixture
def anywhere() -> machine.Places:
    """No core of one's own: tests run beside others."""
    return machine.Places(frozenset(), frozenset())


def once(workload: Workload, _: int = 1) -> Row:
    """Each way is measured, and that once: how often it should be is for who wants the figures."""
    return run(replace(workload, again=1), 1)


TINY_REST = rest.Size(posts=20, lists=6, crowd_s=0.1)
TINY_SOCKETS = sockets.Size(seconds=0.05, most=3000)
