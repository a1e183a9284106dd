"""This file knows how the simulator listens, keeps time and ends.

HTTP and WebSocket share one port of 127.0.0.1, as in the terminal. The market's clock is here and
nowhere else: everything below is told when to take a step.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, nullcontext
from decimal import Decimal
from math import ceil
from types import TracebackType
from typing import Any

from aiohttp import web

from . import control, faults, mishaps, quiet, rest
from .body import NOT_JSON, ApiError, Fields, read_body
from .call import Call, Reply
from .faults import Fault
from .profile import PROFILES, switched
from .record import Record, Request
from .replay import Replay
from .replies import cors_headers, halved, refusal, requests, response_of
from .serving import serve
from .show import show
from .stream import Hub
from .wire import clean
from .world import World

PORTS = range(17845, 17856)
"""The terminal takes the first free one of these."""
FASTEST_S = 0.01
"""The clock does not tick more often; several steps then go into one tick."""
SLOWEST_S = 0.05
LATE_S = 0.2
"""The clock catches up with so much time, not with more."""
WHOLE = 500
"""So many steps a second at most are whole ones; of a faster market the rest are flickers: sizes
that change round the spread, a short frame each."""
MOST_TICKERS = 200_000
LATE_PORT_S = 2.0
"""What a switch means: so long after its start it listens."""


class Simulator:
    """A MetaScalp terminal on 127.0.0.1, from the moment the block is entered until it is left.

    port: 0 takes any free one, None the first free one of the terminal's range. rate: market
    steps a second, 0 for a market that stands still. switches: of the profile, NAME or NAME=false.
    replay: a recording to play back instead of a market of its own. tickers: list so many, with
    invented ones; 0 leaves it at the real ones.
    """

    def __init__(
        self,
        port: int | None = 0,
        seed: int = 1,
        rate: float = 20.0,
        profile: str = "v1.0.2860",
        now: Callable[[], float] = time.time,
        switches: Iterable[str] = (),
        replay: Replay | None = None,
        tickers: int = 0,
    ) -> None:
        if profile not in PROFILES:
            raise ValueError(f"no such profile: {profile!r}; there are {', '.join(PROFILES)}")
        self._switches = tuple(switches)
        if not 0 <= tickers <= MOST_TICKERS:
            raise ValueError(f"not a number of tickers up to {MOST_TICKERS:,}: {tickers}")
        self.world = World(seed, now, switched(PROFILES[profile], self._switches), tickers=tickers)
        self.world.every = max(1, ceil(rate / WHOLE))
        self.hub = Hub(self.world)
        self.world.listener = self.hub
        self.hub.replay = replay
        self.record = Record()
        self.rate = rate
        self.port = 0
        self.restarted: Callable[[], object] = lambda: None
        self._wanted = port
        self._turns = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._runner: web.ServerRunner
        self._group: asyncio.TaskGroup

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> "Simulator":
        server = quiet.Server(
            self._handle, request_factory=requests(self.world.profile), access_log=None,
            logger=quiet.logger(),
        )  # fmt: skip
        runner = self._runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        try:
            await self._listen(runner)
        except BaseException:
            await self._stack.aclose()
            raise
        group = self._group = await self._stack.enter_async_context(asyncio.TaskGroup())
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
        wanted = [*PORTS] if self._wanted is None else [self._wanted]
        if self.world.profile.first_port_only:
            wanted = wanted[:1]
        elif self.world.profile.any_port and self._wanted is None:
            wanted.append(0)
        if self.world.profile.late_port:
            await asyncio.sleep(LATE_PORT_S)
        for port in wanted:
            site = web.TCPSite(runner, "127.0.0.1", port)
            try:
                await site.start()
            except OSError:
                if port != wanted[-1]:
                    continue
                place = f"port {port}" if len(wanted) == 1 else "every port 17845 to 17855"
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
            owed = min(owed + (now - last) * self.rate, max(1.0, self.rate * LATE_S))
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
        except (web.HTTPException, web.RequestPayloadError):
            return response_of(Reply({"error": NOT_JSON}, 400))
        if request.path == "/sim/fault" and request.method == "POST":
            return response_of(await self._fault(raw))
        if request.path.startswith("/sim/"):
            call = Call(self.world, {}, raw, frozenset())
            reply = control.answer(call, request.method, request.path, self.hub, self.record)
            return response_of(reply)
        return await self._misbehave(request, raw)

    async def _answer(self, request: web.BaseRequest, raw: bytes) -> Reply:
        at, started = self.world.now(), time.perf_counter()
        entry = self._remember(request, raw, at)
        query = {name.lower(): value for name, value in list(request.query.items())[::-1]}
        if self.hub.replay is not None:
            reply = self.hub.replay.answer(request.method, request.raw_path)
        else:
            reply = rest.answer(self.world, request.method, request.path, query, raw)
        entry.status, entry.ms = reply.status, (time.perf_counter() - started) * 1000
        if reply.wait_s:
            await asyncio.sleep(reply.wait_s)
        if reply.after is not None:
            asyncio.get_running_loop().call_later(0.002, reply.after)
        return reply

    async def _misbehave(self, request: web.BaseRequest, raw: bytes) -> web.StreamResponse:
        """The answer, with what the faults that are on make of it."""
        on, profile = self.hub.faults.on, self.world.profile
        await self.hub.faults.thawed.wait()
        if "slow" in on:
            await asyncio.sleep(on["slow"] / 1000)
        if request.method == "OPTIONS":
            return web.Response(status=204, headers=cors_headers(profile.cors_preflight))
        if "errors" in on:
            return response_of(Reply({"error": "Internal server error"}, 500), profile)
        refused = refusal(request, raw, profile)
        async with self._turns if profile.one_at_a_time else nullcontext():
            reply = await self._answer(request, raw) if refused is None else refused
        if "lost-order" in on and reply.status == 200 and request.path.endswith("/orders") and raw:
            await asyncio.Event().wait()
        response = response_of(reply, profile)
        if "wrong-type" in on:
            response.content_type = "text/html"
        return await halved(request, response) if "half-body" in on else response

    async def _fault(self, raw: bytes) -> Reply:
        """POST /sim/fault {"name": …, "value": number, "on": false}."""
        try:
            body = read_body(raw, frozenset({"name", "value", "on"}), self.world.profile)
            fault, number = faults.parse(body.text("name") or "")
            value, on = body.decimal("value"), body.flag("on", default=True)
            port = await self.fault(fault, number if value is None else float(value), on=on)
        except ApiError as error:
            return Reply({"error": error.text}, error.status)
        except (ValueError, OSError) as error:
            return Reply({"error": str(error)}, 400)
        now = {name: Decimal(str(number)) for name, number in self.hub.faults.on.items()}
        return Reply({"status": "ok", "port": port, "on": now})

    async def fault(self, fault: Fault, number: float, *, on: bool = True) -> int | None:
        """Begins a fault, or ends one that lasts; gives the port that it brings into play."""
        if fault.lasts:
            if on:
                self.hub.faults.begin(fault.name, number)
            else:
                self.hub.faults.end(fault.name)
            return None
        match fault.name:
            case "drop-sockets":
                self.hub.drop()
            case "reconnect":
                if int(number) not in self.world.connections:
                    raise ApiError(f"Connection {int(number)} not found", 404)
                self._start(mishaps.reconnect(int(number), self._change))
            case "restart":
                port = mishaps.free_port(PORTS, self.port)
                self._start(self._restart(port, min(number, 60.0)))
                return port
            case "twin":
                port = mishaps.free_port(PORTS, self.port)
                name = self.world.profile.name
                twin = Simulator(
                    port, self.world.seed + 1, self.rate, name, switches=self._switches
                )
                await self._stack.enter_async_context(twin)
                return port
            case "foreign" | "foreign-silent":
                port = mishaps.free_port(PORTS, self.port)
                await self._stack.enter_async_context(mishaps.stranger(fault.name, port))
                return port
            case _:
                self.hub.send_all(faults.bad_frames(fault.name, number))
        return None

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._stack.callback(self._group.create_task(work).cancel)

    def _change(self, body: Fields) -> object:
        """What /sim/connection does; nothing when the connection was removed meanwhile."""
        if body.integer("connectionid") not in self.world.connections:
            return None
        call = Call(self.world, {}, b"", frozenset())
        return control.HANDLERS["/sim/connection"](call, body, self.hub, self.record)

    async def _restart(self, port: int, down_s: float) -> None:
        """Quits, and comes back on another port as another build."""
        await asyncio.sleep(0.05)
        runner = self._runner
        for site in list(runner.sites):
            await site.stop()
        self.hub.drop()
        if runner.server is not None:
            for connection in list(runner.server.connections):
                connection.force_close()
        await asyncio.sleep(down_s)
        mishaps.reborn(self.world)
        self.hub.refresh()
        self._wanted = port
        await self._listen(runner)
        self.restarted()

    async def _upgrade(self, request: web.BaseRequest) -> web.StreamResponse:
        """Talks over a WebSocket; a handshake that is none gets what / gets without one."""
        await self.hub.faults.thawed.wait()
        refused = refusal(request, b"", self.world.profile)
        if refused is not None:
            return response_of(refused)
        try:
            return await serve(request, self.hub)
        except web.HTTPException:
            return response_of(Reply({"error": "Not found"}, 400))

    def _remember(self, request: web.BaseRequest, raw: bytes, at: float) -> Request:
        query = clean(request.query_string)
        return self.record.add(at, request.method, clean(request.path), query, raw)
