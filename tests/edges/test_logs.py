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
    "the program": f"raise ValueError('{SECRET}')",
    "a thread": "import threading\nt = threading.Thread(target=int, args=('"
    f"{SECRET}x',))\nt.start()\nt.join()",
    "a destructor": f"class A:\n def __del__(self): raise ValueError('{SECRET}')\nA()",
    "a task": f"import asyncio\nasync def f(): raise ValueError('{SECRET}')\nasync def g():\n"
    " asyncio.get_running_loop().create_task(f()); await asyncio.sleep(0)\nasyncio.run(g())\n"
    "import gc; gc.collect()",
}


@pytest.mark.parametrize("where", CRASHES)
def test_a_crash_says_where_and_no_value(where: str) -> None:
    code = "from relay.edges import logs\nlogs.begin('ERROR')\nlogs.guard()\n" + CRASHES[where]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )

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
