"""How fast it is. This machine may be busy with other things, so what is judged is what the
simulator itself has used: processor time by the kernel's clock, beside a known piece of work.

Frames a second are printed as they came and judged per core: how many there were, divided by the
share of a core that they cost. That is what a core of its own would give, not what came here."""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from relay.metascalp.simulator import Simulator

linux = pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="needs /proc")

READER = """
import json, selectors, socket, sys, time
port, readers, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
data = {"connectionId": 1, "ticker": "BTCUSDT"}
asked = json.dumps({"Type": "orderbook_subscribe", "Data": data})
selector = selectors.DefaultSelector()
for _ in range(readers):
    one = socket.create_connection(("127.0.0.1", port))
    head = ("GET / HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13")
    one.sendall("\\r\\n".join([*head, "", ""]).encode())
    while b"\\r\\n\\r\\n" not in one.recv(4096):
        pass
    one.sendall(bytes([0x81, 0x80 | len(asked)]) + bytes(4) + asked.encode())
    selector.register(one, selectors.EVENT_READ)
begin = time.monotonic() + 0.5
frames = levels = 0
while (now := time.monotonic()) < begin + seconds:
    for key, _ in selector.select(0.1):
        data = key.fileobj.recv(1 << 20)
        if now > begin:
            frames += data.count(b'"orderbook_update"')
            levels += data.count(b'"price"')
print(json.dumps([frames / seconds / readers, levels / seconds / readers]))
"""


@pytest.mark.parametrize(("wanted", "readers"), [(20_000, 1), (2_000, 16)])
async def test_order_book_updates_a_second(wanted, readers):
    """Each is a frame of its own, and a core has room for more than is wanted of them; what came
    is printed beside it."""
    async with Simulator(rate=wanted * 1.1) as sim:
        used, started = time.process_time(), time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", READER, str(sim.port), str(readers), "2",
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(process.communicate(), 30)
        share = (time.process_time() - used) / (time.monotonic() - started)
    frames, levels = json.loads(out)
    print(f"\n{readers} readers: {frames:,.0f} frames a second each with {levels:,.0f} levels, "
          f"{share:.0%} of a core")  # fmt: skip

    assert frames / share >= wanted, "more than a core"
    assert levels > frames


BASELINE = "import asyncio, aiohttp.web; print(1, flush=True)"
SIMULATE = ["-m", "relay", "simulate", "--port", "0", "--quiet", "--tickers", "12000"]
TIMES = 1.9
"""So many times as long as an interpreter with nothing but the HTTP server's library."""


@linux
def test_it_is_ready_in_half_a_second_with_12000_tickers(tmp_path):
    """Both are started in turns from compiled files, as they are installed; the best of each. The
    clock on the wall is judged where the machine has a core left for it."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    rounds = [
        (_ready(["-c", BASELINE], environment), _ready(SIMULATE, environment)) for _ in range(6)
    ][1:]
    plain, plain_cpu = (min(one[0][n] for one in rounds) for n in (0, 1))
    ready, ready_cpu = (min(one[1][n] for one in rounds) for n in (0, 1))
    print(f"\nready after {ready:.3f} s ({ready_cpu:.3f} s of CPU) with 12,000 tickers, a bare "
          f"one after {plain:.3f} s ({plain_cpu:.3f} s): {ready_cpu / plain_cpu:.2f}")  # fmt: skip

    assert ready_cpu < min(0.5, TIMES * plain_cpu)
    if os.getloadavg()[0] < (os.cpu_count() or 1):
        assert ready < 0.5


@linux
def test_idle_it_uses_less_than_3_percent_of_a_core():
    """Over six seconds from its first line on: what is made right after the start is in it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "relay", "simulate", "--port", "0", "--quiet"],
        stdout=subprocess.PIPE,
    )
    try:
        process.stdout.readline()
        begun, started = _cpu(process.pid), time.monotonic()
        time.sleep(6)
        idle = (_cpu(process.pid) - begun) / (time.monotonic() - started)
    finally:
        process.terminate()
        process.communicate()
    print(f"\nidle: {idle:.2%} of a core")

    assert idle < 0.03


def _ready(command, environment):
    """Seconds until the first line of a program, and those of a processor."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, env=environment,
    )  # fmt: skip
    try:
        assert process.stdout.readline()
        return time.monotonic() - started, _cpu(process.pid)
    finally:
        process.terminate()
        process.communicate()


def _cpu(process):
    """Seconds of a processor that a process has used, to the nanosecond."""
    tasks = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(one.read_text().split()[0]) for one in tasks) / 1e9
