"""This file knows which event loop `serve` runs on: Python's own, or a faster one if installed.

uvloop, and winloop on Windows, are the optional extra `fast`. Nothing depends on them: what they
gain is shown by `bench`.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable

#: auto: the fast one where it is installed.
LOOPS = ("auto", "asyncio", "fast")

Factory = Callable[[], asyncio.AbstractEventLoop]


def factory(wish: str) -> Factory | None:
    """What makes the loop; None for Python's own. ValueError where a wish cannot be had."""
    assert wish in LOOPS, f"no such loop: {wish!r}"
    if wish == "asyncio":
        return None
    name = "winloop" if sys.platform == "win32" else "uvloop"
    try:
        made: Factory = importlib.import_module(name).new_event_loop
    except (ImportError, AttributeError) as error:
        if wish == "auto":
            return None
        raise ValueError(
            f'{name} cannot be used ({error}): pip install "metascalp-relay[fast]"'
        ) from error
    return made
