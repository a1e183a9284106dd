"""What logs and crashes write: what failed and where, never a value."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from relay.edges import logs
from relay.edges.logs import Formatter, told

SECRET = "8675309.1337"


def failing() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise ValueError(f"not a number: {SECRET}") from error


def caught() -> ValueError:
    with pytest.raises(ValueError, match="not a number") as found:
        failing()
    return found.value


def test_an_exception_is_told_by_type_and_place_with_those_behind_it() -> None:
    text = told(caught())

    assert SECRET not in text
    assert text.index("KeyError") < text.index("ValueError")
    assert "in failing" in text


def test_a_group_is_told_with_all_in_it() -> None:
    text = told(ExceptionGroup(SECRET, [caught(), OSError(SECRET)]))

    assert SECRET not in text
    for name in ("ExceptionGroup", "ValueError", "KeyError", "OSError"):
        assert name in text


def test_a_record_is_its_first_line_and_a_place() -> None:
    """asyncio writes the repr of a whole task on the second."""
    error = caught()
    info = (type(error), error, error.__traceback__)
    record = logging.LogRecord(
        "asyncio", logging.ERROR, "x.py", 1, f"Task failed\nfuture: {SECRET}", (), info
    )
    record.exc_text = SECRET

    text = Formatter("%(name)s: %(message)s").format(record)

    assert text.startswith("asyncio: Task failed\n")
    assert "ValueError" in text
    assert SECRET not in text


CRASHES = {
    "the program": "raise ValueError(SECRET)",
    "a thread": "import threading\nt = threading.Thread(target=int, args=(SECRET + 'x',))\n"
    "t.start()\nt.join()",
    "a destructor": "class A:\n def __del__(self): raise ValueError(SECRET)\nA()",
    "a task": "import asyncio\nasync def f(): raise ValueError(SECRET)\nasync def g():\n"
    " asyncio.get_running_loop().create_task(f()); await asyncio.sleep(0)\nasyncio.run(g())\n"
    "import gc; gc.collect()",
}
#: Not in the code: from Python 3.13 on its lines are told of a program in `-c` too.
BEGIN = (
    "import sys\nSECRET = sys.argv[1]\n"
    "from relay.edges import logs\nlogs.begin('ERROR')\nlogs.guard()\n"
)


@pytest.mark.parametrize("where", CRASHES)
def test_a_crash_says_where_and_no_value(where: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + CRASHES[where], SECRET],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert SECRET not in done.stderr
    assert "ValueError" in done.stderr
    assert done.returncode == (where == "the program")


@pytest.mark.parametrize(("wanted", "level"), [("debug", "DEBUG"), ("", "ERROR"), ("x", "ERROR")])
def test_the_environment_says_how_much(wanted: str, level: str) -> None:
    code = (
        "import logging; from relay.edges import logs; logs.begin('ERROR');"
        "print(logging.getLevelName(logging.getLogger().level))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True,
        env={logs.VARIABLE: wanted},
    )  # fmt: skip

    assert done.stdout.strip() == level
