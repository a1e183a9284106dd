"""This file knows what reaches stderr, of logs and of crashes: what failed and where, no values.

People paste what they find there into public places. What Python says of an error often quotes what
it failed on, and asyncio writes out whole tasks: a balance, an order, a token would stand in it. So
of an exception the type and the places in the code are written, of a message its first line.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from traceback import StackSummary, walk_tb
from types import TracebackType
from typing import Any

#: DEBUG, INFO, WARNING or ERROR instead of what a program would choose.
VARIABLE = "METASCALP_RELAY_LOG"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

log = logging.getLogger("metascalp-relay")


def begin(level: str) -> None:
    """Lets the logs of this process be written in this way."""
    wanted = os.environ.get(VARIABLE, "").upper()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter("%(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=wanted if wanted in LEVELS else level)


def guard() -> None:
    """Lets crashes be written in this way too; for a process that is all ours."""
    sys.excepthook = _crashed
    sys.unraisablehook = lambda what: _crashed(what.exc_type, what.exc_value, what.exc_traceback)
    threading.excepthook = lambda what: _crashed(what.exc_type, what.exc_value, what.exc_traceback)


class Formatter(logging.Formatter):
    """One line, and under it where an exception came from."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = record.message.partition("\n")[0]
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:
        return told(ei[1]) if ei[1] is not None else ""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # Another handler may have written it its own way.
        return super().format(record)


def told(error: BaseException) -> str:
    """An exception and those behind it: types, files, lines; none of its words."""
    parts = []
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        parts.append(f"{type(one).__name__}\n{_places(one.__traceback__)}")
        inside = one.exceptions if isinstance(one, BaseExceptionGroup) else ()
        todo += [one.__cause__ or one.__context__, *inside]
    return "".join(reversed(parts)).rstrip("\n")


def _places(traceback: TracebackType | None) -> str:
    """Where, with the lines of code; they hold no values."""
    return "".join(StackSummary.extract(walk_tb(traceback), limit=50).format())


def _crashed(kind: type[BaseException], error: BaseException | None, where: Any) -> None:
    if kind is not None and issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    log.error("crashed: %s", told(error) if error is not None else kind.__name__)
