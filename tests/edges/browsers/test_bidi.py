from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from relay.edges.browsers.bidi import Bidi, BidiError

#: What was asked to be evaluated, newest last.
SEEN: list[dict[str, Any]] = []


async def _browser(request: web.Request) -> web.WebSocketResponse:
    """Answers as Firefox does, `late` after the one that comes next, `leave` by going."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    late: list[dict[str, Any]] = []
    async for frame in socket:
        command = frame.json()
        answer = {"id": command["id"], "type": "success", "result": command["params"]}
        if command["method"] == "late":
            late.append(answer)
            continue
        if command["method"] == "leave":
            break
        if command["method"] == "bad":
            answer = {"id": command["id"], "type": "error", "error": "no", "message": "because"}
        if command["method"] == "script.evaluate":
            SEEN.append(command["params"])
            threw = command["params"]["expression"] == "throw"
            thrown = {"type": "exception", "exceptionDetails": {"text": "Error: thrown"}}
            answer["result"] = thrown if threw else {"type": "success", "result": {"value": 7}}
        await socket.send_json({"type": "event", "method": "log.entryAdded", "params": {}})
        await socket.send_json(answer)
        for other in late:
            await socket.send_json(other)
        late.clear()
    await socket.close()
    return socket


@asynccontextmanager
async def session() -> AsyncIterator[Bidi]:
    app = web.Application()
    app.router.add_get("/session", _browser)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"ws://127.0.0.1:{runner.addresses[0][1]}/session"
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
        bidi = Bidi(socket)
        async with asyncio.TaskGroup() as tasks:
            reader = tasks.create_task(bidi.read())
            yield bidi
            reader.cancel()
    await runner.cleanup()


async def test_answers_find_their_commands_in_any_order():
    async with session() as bidi, asyncio.TaskGroup() as tasks:
        first = tasks.create_task(bidi.command("late", n=1))
        await asyncio.sleep(0)
        second = tasks.create_task(bidi.command("quick", n=2))

    assert (first.result(), second.result()) == ({"n": 1}, {"n": 2})


async def test_an_error_is_raised_with_the_browsers_words():
    async with session() as bidi:
        with pytest.raises(BidiError, match="bad: no: because"):
            await bidi.command("bad")


async def test_a_script_gives_its_value_or_raises_what_it_threw():
    async with session() as bidi:
        assert await bidi.evaluate("7", "tab") == 7
        with pytest.raises(BidiError, match="thrown"):
            await bidi.evaluate("throw", "tab")


async def test_the_document_comes_with_its_closed_shadow_roots():
    async with session() as bidi:
        await bidi.document("tab")
        (asked,) = [one for one in SEEN if one["expression"] == "document.documentElement"]

    assert asked["serializationOptions"] == {"maxDomDepth": None, "includeShadowTree": "all"}


async def test_the_end_of_the_browser_is_noticed_by_who_waits_and_who_comes_later():
    async with session() as bidi:
        async with asyncio.timeout(5):
            with pytest.raises(ConnectionError, match="closed its socket"):
                await bidi.command("leave")
            await bidi.closed.wait()
        with pytest.raises(ConnectionError, match="closed its socket"):
            await bidi.command("late")
