"""This file knows how the simulator listens, keeps time and ends.

HTTP and WebSocket share one port of 127.0.0.1, as in the terminal. The market's clock is here and
nowhere else: everything below is told when to take a step.
"""

import asyncio
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager
from types import TracebackType
from typing import Any

from aiohttp import web

from . import control, rest
from .body import NOT_JSON
from .call import Call, Reply
from .profile import PROFILES, switched
from .record import Record, Request
from .show import show
from .stream import Hub, serve
from .wire import clean, encode
from .world import World

PORTS = range(17845, 17856)
"""The terminal takes the first free one of these."""
MAX_BODY = 16 * 1024 * 1024
FASTEST_S = 0.01
"""The clock does not tick more often; several steps then go into one tick."""
SLOWEST_S = 0.05
METHODS = "GET, POST, PUT, DELETE, OPTIONS"


class Simulator:
    """A MetaScalp terminal on 127.0.0.1, from the moment the block is entered until it is left.

    port: 0 takes any free one, None the first free one of the terminal's range. rate: market
    steps a second, 0 for a market that stands still. switches: of the profile, NAME or NAME=false.
    """

    def __init__(
        self,
        port: int | None = 0,
        seed: int = 1,
        rate: float = 20.0,
        profile: str = "v1.0.2860",
        now: Callable[[], float] = time.time,
        switches: Iterable[str] = (),
    ) -> None:
        if profile not in PROFILES:
            raise ValueError(f"no such profile: {profile!r}; there are {', '.join(PROFILES)}")
        self.world = World(seed, now, switched(PROFILES[profile], switches))
        self.hub = Hub(self.world)
        self.world.listener = self.hub
        self.record = Record()
        self.rate = rate
        self.port = 0
        self._wanted = port
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> "Simulator":
        server = web.Server(self._handle, request_factory=_request, access_log=None)
        runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        try:
            await self._listen(runner)
        except BaseException:
            await self._stack.aclose()
            raise
        group = await self._stack.enter_async_context(asyncio.TaskGroup())
        clock = group.create_task(self._keep_time())
        self._stack.callback(clock.cancel)
        self._stack.callback(self.hub.drop)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def _listen(self, runner: web.ServerRunner) -> None:
        wanted = PORTS if self._wanted is None else [self._wanted]
        for port in wanted:
            site = web.TCPSite(runner, "127.0.0.1", port)
            try:
                await site.start()
            except OSError:
                if port != wanted[-1]:
                    continue
                place = f"port {port}" if self._wanted is not None else "every port 17845 to 17855"
                raise OSError(f"{place} of 127.0.0.1 is taken; name another one") from None
            self.port = runner.addresses[0][1]
            return

    async def show(self, note: str = "") -> None:
        """Shows the live screen, with a note below it, until cancelled."""
        await show(self.world, self.record, self.url, note)

    async def _keep_time(self) -> None:
        """Takes the market's steps, and sends what waits for its moment."""
        owed = 0.0
        tick_s = min(max(1 / self.rate if self.rate > 0 else SLOWEST_S, FASTEST_S), SLOWEST_S)
        last = time.monotonic()
        while True:
            await asyncio.sleep(tick_s)
            now = time.monotonic()
            owed = min(owed + (now - last) * self.rate, max(1.0, self.rate * 2 * tick_s))
            last = now
            while owed >= 1:
                owed -= 1
                if not self.world.paused:
                    self.world.step()
            self.hub.flush()
            self.world.tell_balances()
            self.world.tell_notices()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/" and request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._upgrade(request)
        try:
            raw = await request.read()
        except web.HTTPException:
            return _response(Reply({"error": NOT_JSON}, 400))
        at, started = self.world.now(), time.perf_counter()
        if request.method == "OPTIONS":
            return web.Response(status=204, headers=_cors(self.world.profile.cors_preflight))
        if request.path.startswith("/sim/"):
            call = Call(self.world, {}, raw, frozenset())
            reply = control.answer(call, request.method, request.path, self.hub, self.record)
            return _response(reply)
        entry = self._remember(request, raw, at)
        query = {name.lower(): value for name, value in list(request.query.items())[::-1]}
        reply = rest.answer(self.world, request.method, request.path, query, raw)
        entry.status, entry.ms = reply.status, (time.perf_counter() - started) * 1000
        if reply.wait_s:
            await asyncio.sleep(reply.wait_s)
        if reply.after is not None:
            asyncio.get_running_loop().call_later(0.002, reply.after)
        return _response(reply)

    async def _upgrade(self, request: web.BaseRequest) -> web.StreamResponse:
        """Talks over a WebSocket; a handshake that is none gets what / gets without one."""
        try:
            return await serve(request, self.hub)
        except web.HTTPException:
            return _response(Reply({"error": "Not found"}, 400))

    def _remember(self, request: web.BaseRequest, raw: bytes, at: float) -> Request:
        query = clean(request.query_string)
        return self.record.add(at, request.method, clean(request.path), query, raw)


async def run(
    port: int | None,
    seed: int,
    rate: float,
    profile: str,
    quiet: bool,
    switches: Iterable[str] = (),
) -> None:
    """Serves until cancelled or interrupted; prints one JSON line when ready.

    A person at a text terminal is then shown the live screen. Raises OSError when the port is
    taken, ValueError when there is no such profile.
    """
    stop = asyncio.Event()
    with _interrupts(stop):
        async with Simulator(port, seed, rate, profile, switches=switches) as simulator:
            print(encode({"url": simulator.url, "profile": profile}), flush=True)
            if quiet or not sys.stdout.isatty():
                await stop.wait()
                return
            async with asyncio.TaskGroup() as group:
                picture = group.create_task(simulator.show())
                await stop.wait()
                picture.cancel()


@contextmanager
def _interrupts(stop: asyncio.Event) -> Iterator[None]:
    """Ctrl+C sets stop instead of raising, so that everything ends in order."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def interrupt(*_: object) -> None:
        loop.call_soon_threadsafe(stop.set)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    """A request whose body may be larger than the default allows."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY)


def _response(reply: Reply) -> web.Response:
    return web.Response(
        body=encode(reply.body).encode(),
        status=reply.status,
        headers={"Access-Control-Allow-Origin": "*"},
        content_type="application/json",
        charset="utf-8",
    )


def _cors(full: bool) -> dict[str, str]:
    headers = {"Access-Control-Allow-Origin": "*"}
    if full:
        headers["Access-Control-Allow-Methods"] = METHODS
        headers["Access-Control-Allow-Headers"] = "Content-Type"
    return headers
