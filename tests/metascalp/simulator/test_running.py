import asyncio
import json
import signal
import sys

import pytest

from relay.metascalp.simulator import run

from .conftest import TIMEOUT_S

RUN = (
    "import asyncio; from relay.metascalp.simulator import run; "
    "asyncio.run(run(port=0, seed=1, rate=20.0, profile='v1.0.2860', quiet=True))"
)


async def test_run_prints_one_line_and_ends_when_cancelled(monkeypatch):
    lines, printed = [], asyncio.Event()

    def catch(line, flush):
        assert flush, "who waits for the line reads from a pipe"
        lines.append(line)
        printed.set()

    monkeypatch.setattr("relay.metascalp.simulator.running.print", catch, raising=False)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(run(0, 1, 20.0, "v1.0.2860", True))
        await asyncio.wait_for(printed.wait(), TIMEOUT_S)
        task.cancel()

    [line] = lines
    assert json.loads(line)["profile"] == "v1.0.2860"
    assert json.loads(line)["url"].startswith("http://127.0.0.1:")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a single process there")
async def test_an_interrupt_ends_without_a_traceback():
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, stdout=pipe, stderr=pipe
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), TIMEOUT_S)
    process.send_signal(signal.SIGINT)
    out, err = await asyncio.wait_for(process.communicate(), TIMEOUT_S)

    assert (json.loads(line)["profile"], out, err) == ("v1.0.2860", b"", b"")
    assert process.returncode == 0


@pytest.mark.parametrize(
    "wrong", [{"mishaps": ["nope"]}, {"mishaps": ["slow=x"]}, {"switches": ["nope"]}]
)
async def test_what_there_is_not_is_said_before_it_starts(wrong):
    with pytest.raises(ValueError, match=r"no such|not a number"):
        await run(0, 1, 20.0, "v1.0.2860", True, **wrong)
