"""Hours in small: readers come, stall and vanish, and everybody ends with the terminal's state."""

from __future__ import annotations

import os

import pytest

from tests.attacks.soak import soak

#: `METASCALP_SOAK_S=3600 python -m pytest -s tests/attacks/test_soak.py` is the hour.
SECONDS = float(os.environ.get("METASCALP_SOAK_S", "15"))


@pytest.mark.timeout(SECONDS + 90)
async def test_everybody_ends_with_the_terminals_own_state_and_memory_stays(home):
    report = await soak(SECONDS)
    print(
        f"{report.seconds:.0f} s: {report.orders} orders placed or cancelled,"
        f" {report.updates} book updates to one reader, {report.starts} connections,"
        f" closed {report.closed}, order seen p99 {report.lag_p99_ms:.1f} ms,"
        f" memory {report.deciles} MiB ({report.drift:+.1%})"
    )

    assert report.differing == []
    assert report.lag_p99_ms < 1000
    assert report.orders > 10 * report.seconds
    assert report.updates > 100 * report.seconds
    assert report.drift < (0.05 if SECONDS >= 600 else 0.5)
