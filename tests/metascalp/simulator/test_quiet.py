import asyncio
import logging

import aiohttp
import pytest

from relay.metascalp.simulator import Simulator
from relay.metascalp.simulator.quiet import logger, ours

GARBAGE = [
    b"\x00\xff\xfe\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"G\xffT /ping HTTP/1.1\r\n\r\n",
    b"POST /ping HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    b"POST /api/combo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"GET /ping HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    b"PUT /ping HTTP/1.1\r\nHost: x\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\nabc",
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
]  # fmt: skip


@pytest.mark.parametrize("raw", GARBAGE)
async def test_bytes_that_are_no_request_are_answered_400_and_not_logged(raw, caplog):
    async with Simulator(rate=0) as sim:
        reader, writer = await asyncio.open_connection("127.0.0.1", sim.port)
        writer.write(raw)
        answer = await asyncio.wait_for(reader.readline(), 5)
        rest = await asyncio.wait_for(reader.readuntil(b"}"), 5)
        writer.close()

    assert answer.split()[1] == b"400"
    assert b'\r\n\r\n{"error":' in rest
    assert caplog.records == []


async def test_an_error_of_ours_is_json_too_and_logged(caplog, monkeypatch):
    monkeypatch.setattr("relay.metascalp.simulator.rest.answer", None)
    async with (
        Simulator(rate=0) as sim,
        aiohttp.ClientSession() as http,
        http.get(sim.url + "/ping") as reply,
    ):
        assert (reply.status, await reply.json()) == (500, {"error": "Internal server error"})

    assert len(caplog.records) == 1


def test_our_own_errors_are_logged():
    record = logging.LogRecord("x", 40, "", 0, "", None, (KeyError, KeyError("a"), None))

    assert ours(record)
    assert logger() is logger()
