"""How fast it is on this machine: printed, not judged (`pytest -s`), for a machine may be busy."""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.catalog import connections

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


@pytest.mark.parametrize(("steps", "readers"), [(100_000, 1), (1_000, 16)])
async def test_order_book_updates_a_second(steps, readers):
    async with Simulator(rate=steps) as sim:
        used, started = time.process_time(), time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", READER, str(sim.port), str(readers), "1.5",
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(process.communicate(), 30)
        share = (time.process_time() - used) / (time.monotonic() - started)
    frames, levels = json.loads(out)
    print(f"\n{readers} readers: {levels:,.0f} level updates a second each, in {frames:,.0f} "
          f"frames; {share:.0%} of a core")  # fmt: skip

    assert levels > 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_start_and_idle():
    started = time.monotonic()
    command = [sys.executable, "-m", "relay", "simulate", "--port", "0", "--quiet"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        line = process.stdout.readline()
        ready = time.monotonic() - started
        begun = _seconds(process.pid)
        time.sleep(2)
        idle = (_seconds(process.pid) - begun) / 2
    finally:
        process.terminate()
        process.communicate()
    listed = sum(len(one.tickers()) for one in connections().values())
    print(f"\nready after {ready:.2f} s ({begun:.2f} s of CPU) with {listed:,} tickers, "
          f"idle {idle:.1%} of a core")  # fmt: skip

    assert b'"url"' in line


def _seconds(process):
    """CPU seconds a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
