"""What a relay costs that has nothing to do: rough limits here, the goals are `bench`'s."""

from __future__ import annotations

from relay.edges.benching import rounds, standing
from relay.edges.benching.contenders import RELAY


def test_a_relay_at_rest_is_small(field):
    row = rounds.run(standing.workload(field, 1.0, 1), 1)

    assert row.failed == {}
    shown = row.shown[RELAY]
    assert 10 < shown["MB"].median < 120
    assert shown["cpu %"].median < 20
    assert shown["kB each"].median < 200
