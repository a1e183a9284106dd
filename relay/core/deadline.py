"""This file knows until when a command is meant: a trader who saw nothing happen has moved on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from relay.errors import Stale

#: A command older than this is not carried out any more.
MAX_AGE_MS = 2000


def until(params: Mapping[str, Any]) -> float | None:
    """Until when a command is meant, in epoch milliseconds; None for one without a time."""
    at = params.get("at")
    return None if at is None else at + MAX_AGE_MS


def check(deadline_ms: float | None) -> None:
    """Right before something is sent that changes the terminal. Stale when it is too late."""
    late = time.time() * 1000 - deadline_ms if deadline_ms is not None else 0.0
    if late > 0:
        raise Stale(f"the command came {late:.0f} ms too late; nothing was sent", ms=round(late))
