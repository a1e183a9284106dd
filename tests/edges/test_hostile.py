"""Every way a page or a socket is known to try, in real browsers and by bytes: none arrives.

The page stands where it is strongest: served from this machine itself, which no browser asks the
user about, and once from a file. `pytest -s` prints the table.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import async_playwright
from until import until

from relay.edges.browsers import firefox, installed
from relay.edges.browsers.bidi import BidiError
from relay.metascalp.simulator import Simulator
from tests.extension.conftest import held

from .doors import commands, opened, port_of, read, talk

loop = pytest.mark.asyncio(loop_scope="module")
PAGE = Path(__file__).with_name("hostile.html")
#: What reaches us is refused; what a browser keeps from us by itself need not be.
MOSTLY = 40
#: Else Firefox puts a socket off once another has failed, perhaps until too late to be seen here.
AT_ONCE = 'user_pref("network.websocket.delay-failed-reconnects", false);'
Run = Callable[[str], Awaitable[Any]]


@dataclass
class Attacker:
    """A real browser. run: evaluates a script; go: opens an address."""

    run: Run
    go: Run


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Attacker]:
    (path,) = [one.path for one in installed.browsers() if not one.is_firefox][:1] or [None]
    async with async_playwright() as play:
        # As if evil.example had pointed a name of its own here since the page was loaded.
        rebound = "--host-resolver-rules=MAP rebound.test 127.0.0.1"
        browser = await play.chromium.launch(executable_path=path, args=[rebound])
        page = await browser.new_page()
        yield Attacker(page.evaluate, page.goto)
        await browser.close()


@asynccontextmanager
async def gecko(folder: Path) -> AsyncIterator[Attacker]:
    (found,) = [one for one in installed.browsers() if one.is_firefox][:1]
    (folder / "profile").mkdir()
    (folder / "profile/prefs.js").write_text(AT_ONCE)
    async with firefox.launch(found, folder, folder / "profile", headless=True) as browser:
        command, tab = browser.command, browser.tab

        async def welcomed() -> bool:
            return len((await command("browsingContext.getTree"))["contexts"]) > 1

        # The extension shows its first page once; behind it the timers of a page go slow.
        await wait_for(welcomed)
        await command("browsingContext.activate", context=tab)
        yield Attacker(browser.evaluate, browser.goto)


@asynccontextmanager
async def evil_site() -> AsyncIterator[str]:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text=PAGE.read_text("utf-8"), content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


BROWSERS = [
    pytest.param(chromium, marks=pytest.mark.chromium, id="chromium"),
    pytest.param(gecko, marks=pytest.mark.firefox, id="firefox"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=BROWSERS)
async def attacker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Attacker]:
    """One browser of each kind for all of its tests; each loads its page anew."""
    async with held(request.param(tmp_path_factory.mktemp("browser"))) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def sim() -> AsyncIterator[Simulator]:
    """The terminal of every other test, in the loop in which the browser is."""
    async with Simulator(port=0, rate=0.0) as simulator:
        yield simulator


@loop
@pytest.mark.timeout(180)
@pytest.mark.parametrize("origin", ["this machine", "a file"])
async def test_no_page_reads_or_does_anything(
    sim: Simulator, home: Path, attacker: Attacker, origin: str
):
    """`--auth local` lets every program in: it is the page that is kept out."""
    async with opened(sim.port) as url, evil_site() as site:
        page = site if origin == "this machine" else PAGE.as_uri()
        await attacker.go(page)
        names = (await attacker.run("NAMES.join('\\n')")).split("\n")
        met: Counter[str] = Counter()
        for name in names:
            before = (await refused(url)).total()
            told = await attacker.run(f"attack({name!r}, {url!r})")
            after = await refused(url)
            met["refused" if after.total() > before else "kept by the browser"] += 1
            print(f"{name:<36} {'refused' if after.total() > before else 'not sent'}")
            assert told == "", name
            assert not commands(sim), name
            assert not sim.hub.sockets, name
            if await attacker.run("typeof attack") != "function":
                await attacker.go(page)

    assert len(names) == 66
    assert met["refused"] >= MOSTLY, met
    assert not reads_by_others(sim)


@loop
@pytest.mark.timeout(120)
async def test_no_page_gets_anywhere_by_going_there(sim: Simulator, home: Path, attacker: Attacker):
    """Forms and links of the whole page ask nobody; what they arrive at is a refusal."""
    async with opened(sim.port) as url, evil_site() as site:
        moves = [
            *(f"form({url!r}, {kind!r}, '_self')" for kind in
              ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data")),
            f"form({url!r}, 'text/plain', '_self', 'get')",
            f"location = {url + '/api/connections'!r}",
            f"location = {url + '/relay/'!r}",
            f"location = {url.replace('127.0.0.1', 'localhost') + '/ping'!r}",
        ]  # fmt: skip
        for move in moves:
            await attacker.go(site)
            before = (await refused(url)).total()
            await attacker.run(f"void setTimeout(() => {{ {move} }}, 50)")

            async def arrived(before: int = before) -> bool:
                return (await refused(url)).total() > before

            await wait_for(arrived)
            await wait_for(partial(shows_refusal, attacker))
            assert not commands(sim), move
    assert not reads_by_others(sim)


@loop
@pytest.mark.timeout(120)
async def test_a_person_may_open_the_page_of_the_api_and_nothing_else(
    sim: Simulator, home: Path, attacker: Attacker
):
    async with opened(sim.port) as url:
        await attacker.go(f"{url}/relay/")
        shown = await attacker.run("document.querySelector('h1').textContent")
        await attacker.go(f"{url}/relay/status")
        status = await attacker.run("document.documentElement.textContent")

    assert shown.startswith("metascalp-relay")
    assert "web pages are not let in" in status


async def shows_refusal(attacker: Attacker) -> bool:
    """Whether the page that was gone to is there; while a browser goes it takes no script."""
    try:
        text = await attacker.run("document.readyState + document.documentElement.textContent")
    except (PlaywrightError, BidiError):
        return False
    return "complete" in text and ("not let in" in text or "is not this door" in text)


async def refused(url: str) -> Counter[str]:
    return Counter((await read(url, "/relay/status"))["door"]["refused"])


async def wait_for(done: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(15):
        while not await done():
            await asyncio.sleep(0.05)


def reads_by_others(sim: Simulator) -> set[str]:
    """What the terminal was asked that the relay does not ask for itself."""
    rows: Any = sim.record.rows()
    return {row["path"] for row in rows} - {"/ping", "/api/connections"}


HOST = "Host: 127.0.0.1:{port}"
JSON = "Content-Type: application/json"
BODY = '{"ticker":"BTCUSDT","side":1,"price":60000,"size":0.01}'
ORDERS = "/api/connections/1/orders"
POST = f"POST {ORDERS} HTTP/1.1"


def sized(body: str) -> tuple[str, ...]:
    return f"Content-Length: {len(body)}", "Connection: close", "", body


#: Bytes of a program, or of a page whose browser has been talked into something.
BYTES: dict[str, tuple[str, ...]] = {
    "rebinding": ("GET /ping HTTP/1.1", "Host: evil.example:{port}"),
    "rebinding, our name first": ("GET /ping HTTP/1.1", "Host: 127.0.0.1.evil.example:{port}"),
    "rebinding by the terminal's port": ("GET /ping HTTP/1.1", "Host: 127.0.0.1:{terminal}"),
    "no Host": ("GET /ping HTTP/1.1",),
    "no Host, HTTP/1.0": ("GET /ping HTTP/1.0",),
    "two Hosts": ("GET /ping HTTP/1.1", HOST, "Host: evil.example"),
    "Origin: null": ("GET /ping HTTP/1.1", HOST, "Origin: null"),
    "our own Origin": ("GET /ping HTTP/1.1", HOST, "Origin: http://127.0.0.1:{port}"),
    "a preflight": (f"OPTIONS {ORDERS} HTTP/1.1", HOST, "Origin: https://evil.example",
                    "Access-Control-Request-Method: POST"),
    "a preflight for this network": (f"OPTIONS {ORDERS} HTTP/1.1", HOST, "Origin: null",
                                     "Access-Control-Request-Private-Network: true"),
    "Sec-Fetch-Site": ("GET /ping HTTP/1.1", HOST, "Sec-Fetch-Site: cross-site"),
    "a socket of a page": ("GET / HTTP/1.1", HOST, "Upgrade: websocket", "Connection: Upgrade",
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                           "Sec-WebSocket-Version: 13", "Origin: https://evil.example"),
    "a socket by another name": ("GET / HTTP/1.1", "Host: evil.example", "Upgrade: websocket",
                                 "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
    "text/plain": (POST, HOST, "Content-Type: text/plain", "Content-Length: 55", "", BODY),
    "a form": (POST, HOST, "Content-Type: application/x-www-form-urlencoded",
               "Content-Length: 55", "", BODY),
    "no type": (POST, HOST, "Content-Length: 55", "", BODY),
    "two types": (POST, HOST, "Content-Type: text/plain", JSON, "Content-Length: 55", "", BODY),
    "absolute": ("GET http://127.0.0.1:{terminal}/ping HTTP/1.1", HOST),
    "absolute, ours": ("GET http://127.0.0.1:{port}/ping HTTP/1.1", HOST),
    "authority": ("CONNECT 127.0.0.1:{terminal} HTTP/1.1", HOST),
    "asterisk": ("OPTIONS * HTTP/1.1", HOST),
    "//host": ("GET //127.0.0.1:{terminal}/ping HTTP/1.1", HOST),
    "/api/../": ("GET /api/../sim/state HTTP/1.1", HOST),
    "/api/%2e%2e/": ("GET /api/%2e%2e/sim/state HTTP/1.1", HOST),
    "/api/..%2f": ("GET /api/..%2fsim/state HTTP/1.1", HOST),
    "/api/..\\": ("GET /api/..\\sim\\state HTTP/1.1", HOST),
    "/api/..;/": ("POST /api/..;/../sim/reset HTTP/1.1", HOST),
    "/api//": ("POST /api//connections/1/orders HTTP/1.1", HOST, JSON, "Content-Length: 55", "",
               BODY),
    "%00": ("GET /api/connections%00/x HTTP/1.1", HOST),
    "a line end in the path": ("GET /ping%0d%0aX:%20y HTTP/1.1", HOST),
    "CL.TE": (POST, HOST, JSON, "Content-Length: 5", "Transfer-Encoding: chunked", "", "0", "",
              f"POST {ORDERS} HTTP/1.1"),
    "TE.CL": (POST, HOST, JSON, "Transfer-Encoding: chunked", "Content-Length: 4", "", "37", BODY,
              "0", "", ""),
    "TE.TE": (POST, HOST, JSON, "Transfer-Encoding: chunked", "Transfer-Encoding: identity", "",
              "37", BODY, "0", "", ""),
    "TE with a tab": (POST, HOST, JSON, "Transfer-Encoding: \x0bchunked", "", "37", BODY, "0", ""),
    "TE with a space before": (POST, HOST, JSON, "Transfer-Encoding : chunked", "", "0", "", ""),
    "TE in a folded line": (POST, HOST, JSON, "X: y", " Transfer-Encoding: chunked", "", "0", ""),
    "CL.CL": (POST, HOST, JSON, "Content-Length: 55", "Content-Length: 0", "", BODY),
    "CL with a sign": (POST, HOST, JSON, "Content-Length: +55", "", BODY),
    "CL in hexadecimal": (POST, HOST, JSON, "Content-Length: 0x37", "", BODY),
    "CL twice in one": (POST, HOST, JSON, "Content-Length: 55, 55", "", BODY),
    "CL with an underscore": (POST, HOST, JSON, "Content_Length: 0", "Content-Length: 5_5", "",
                              BODY),
    "a head in a head": ("GET /ping HTTP/1.1", HOST, "X: a\rPOST / HTTP/1.1"),
    "a body over the limit": (POST, HOST, JSON, "Content-Length: 1048577", "", BODY),
    "HTTP/2": ("PRI * HTTP/2.0", "", "SM", ""),
    "HTTP/0.9": ("GET /ping",),
    "another method": ("PWN /ping HTTP/1.1", HOST),
    "TRACE": ("TRACE /ping HTTP/1.1", HOST),
    "unknown field": (POST, HOST, JSON, *sized(BODY[:-1] + ',"stopLoss":1}')),
    "size given twice": (POST, HOST, JSON, *sized(BODY[:-1] + ',"Size":100}')),
    "another terminal that is none": (POST, HOST, JSON, "X-Relay-Terminal: 10.0.0.1:80",
                                      *sized(BODY)),
    "our own address as the terminal": (POST, HOST, JSON, "X-Relay-Terminal: 127.0.0.1:{port}",
                                        *sized(BODY)),
}  # fmt: skip


@loop
@pytest.mark.parametrize("name", BYTES)
async def test_no_bytes_get_through(sim: Simulator, home: Path, name: str):
    async with opened(sim.port) as url:
        lines = [one.format(port=port_of(url), terminal=sim.port) if "{port}" in one
                 or "{terminal}" in one else one for one in BYTES[name]]  # fmt: skip
        said = await talk(url, "\r\n".join([*lines, "", ""]).encode("latin-1"))
        status = int(said.split()[1])
        rest = said.partition(b"\r\n\r\n")[2]

    print(f"{name:<36} {status} {rest[:90].decode('latin-1')}")
    assert 400 <= status < 500 or (name == "our own address as the terminal" and status == 503)
    assert said.count(b"HTTP/1.1 ") == 1
    assert b"access-control" not in said.lower()
    assert b'MetaScalp"' not in rest
    assert not commands(sim)
    assert not sim.hub.sockets
    assert not reads_by_others(sim)


def test_the_matrix_is_as_wide_as_it_says():
    assert len(BYTES) == 51


@loop
async def test_a_page_that_knows_a_token_is_still_a_page(sim: Simulator, home: Path):
    async with opened(sim.port) as url:
        said = await talk(
            url,
            f"GET /ping HTTP/1.1\r\nHost: 127.0.0.1:{port_of(url)}\r\nOrigin: null\r\n"
            "Authorization: Bearer x\r\n\r\n".encode(),
        )
    assert said.split()[1] == b"403"
    await until(lambda: not sim.hub.sockets)
