"""Hours in small: readers come, stall and vanish, and everybody ends with the terminal's state."""

from __future__ import annotations

import os

import pytest

from tests.attacks.soak import ACCOUNT_RATE, BOOK_RATE, VANISH_EVERY_S, VANISHING, soak

#: `METASCALP_SOAK_S=3600 python -m pytest -s tests/attacks/test_soak.py` is the hour.
SECONDS = float(os.environ.get("METASCALP_SOAK_S", "10"))
#: The short form only says that there was some load: a busy machine keeps no pace.
LONG = SECONDS >= 600
PART, DRIFT, LAG_MS = (1.0, 0.05, 1000) if LONG else (0.1, 0.5, 5000)


@pytest.mark.timeout(SECONDS + 90)
async def test_everybody_ends_with_the_terminals_own_state_and_memory_stays(home):
    report = await soak(SECONDS)
    print(
        f"{report.seconds:.0f} s: {report.orders} orders placed or cancelled,"
        f" {report.book_rate:.0f} book and {report.account_rate:.0f} account updates a second,"
        f" {report.starts} connections, {report.vanished} vanished,"
        f" closed {report.closed}, order seen p99 {report.lag_p99_ms:.1f} ms,"
        f" memory {report.deciles} MiB ({report.drift:+.1%})"
    )

    assert report.differing == []
    assert report.lag_p99_ms < LAG_MS
    assert report.book_rate >= PART * BOOK_RATE
    assert report.account_rate >= PART * ACCOUNT_RATE
    assert report.vanished >= VANISHING * (SECONDS // min(VANISH_EVERY_S, SECONDS / 4) - 1)
    assert report.drift <= DRIFT
