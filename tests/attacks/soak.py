"""Many readers on one `serve`, for as long as one likes: what they see, what it costs.

Ordinary readers, slow ones that leave their sockets unread for seconds, and ones that vanish
without a word, all on the same books and the same account, while orders come and go.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import SHUT_RDWR
from typing import Any

import aiohttp

#: Each with a price far below the market: an order there rests.
TICKERS = {"BTCUSDT": 1000, "ETHUSDT": 100, "SOLUSDT": 10, "XRPUSDT": 0.1, "DOGEUSDT": 0.01}
#: A step is an update of every book here, an order placed or cancelled one of the account at least:
#: a little more than is promised, as no pace is kept to the last.
STEPS_A_SECOND = 410.0
ORDERS_A_SECOND = 103.0
#: What the terminal is to tell in a second, all books together.
BOOK_RATE, ACCOUNT_RATE = 2000.0, 100.0
FAST, SLOW, VANISHING = 15, 3, 2
UNREAD_S = 4.0
VANISH_EVERY_S = 60.0
MAX_FRAME = 16 * 1024 * 1024

ACCOUNT = ("order_update", "position_update", "balance_update", "finres_update")

Book = dict[tuple[str, str], str]


@dataclass
class Reader:
    """One client: its books and open orders as it would show them. updates: by book; account: how
    many of its account. lags: how long after its birth each own order was seen, in seconds."""

    books: dict[str, Book] = field(default_factory=dict)
    orders: set[str] = field(default_factory=set)
    seen: int = 0
    updates: dict[str, int] = field(default_factory=dict)
    account: int = 0
    starts: int = 0
    vanished: int = 0
    codes: list[int] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)

    def hear(self, message: dict[str, Any], born: dict[str, float]) -> None:
        kind, data = message["Type"], message["Data"]
        self.seen += 1
        if kind == "orderbook_snapshot":
            rows = data["asks"] + data["bids"]
            self.books[data["ticker"]] = {(row["type"], row["price"]): row["size"] for row in rows}
        elif kind == "orderbook_update":
            self.updates[data["ticker"]] = self.updates.get(data["ticker"], 0) + 1
            apply(self.books.setdefault(data["ticker"], {}), data["updates"])
        elif kind in ACCOUNT:
            self.account += 1
            if kind == "order_update":
                self._order(data, born)

    def _order(self, data: dict[str, Any], born: dict[str, float]) -> None:
        number = str(data["orderId"])
        if data["status"] == "Closed":
            self.orders.discard(number)
            return
        self.orders.add(number)
        if (at := born.get(number)) is not None and len(self.lags) < 200_000:
            self.lags.append(time.monotonic() - at)


def apply(book: Book, updates: list[dict[str, str]]) -> None:
    """Levels replaced and taken away; markers of the best price are no levels."""
    for row in updates:
        place = (row["type"], row["price"])
        if not float(row["size"]):
            book.pop(place, None)
        elif row["type"] in ("Ask", "Bid"):
            book[place] = row["size"]


def exact(text: str) -> Any:
    """JSON whose numbers stay as they are written."""
    return json.loads(text, parse_float=str, parse_int=str)


@dataclass
class Report:
    """What a run came to. books, account: updates that readers who keep up were told, of all books
    and of the account. memory: of `serve`, MiB, every few seconds after the first tenth."""

    seconds: float = 0.0
    orders: int = 0
    books: int = 0
    account: int = 0
    vanished: int = 0
    memory: list[float] = field(default_factory=list)
    lag_p99_ms: float = 0.0
    closed: dict[int, int] = field(default_factory=dict)
    starts: int = 0
    differing: list[str] = field(default_factory=list)

    @property
    def book_rate(self) -> float:
        return self.books / self.seconds

    @property
    def account_rate(self) -> float:
        return self.account / self.seconds

    @property
    def deciles(self) -> list[float]:
        """The middle of each tenth of the run's memory, in order: here a slope can be seen."""
        edges = [len(self.memory) * n // 10 for n in range(11)]
        parts = [sorted(self.memory[a:b]) for a, b in itertools.pairwise(edges) if b > a]
        return [round(part[len(part) // 2], 1) for part in parts]

    @property
    def drift(self) -> float:
        """How much more memory at the end than at the start, as a part of it."""
        fifth = max(1, len(self.memory) // 5)
        first, last = sorted(self.memory[:fifth]), sorted(self.memory[-fifth:])
        return last[len(last) // 2] / first[len(first) // 2] - 1


async def soak(seconds: float) -> Report:
    """Runs everything; the report is complete when the terminal stood still at the end."""
    report, born = Report(), {}
    readers = [Reader() for _ in range(FAST + SLOW + VANISHING)]
    async with program("simulate", "--port", "0", "--rate", STEPS_A_SECOND, "--quiet") as there:
        terminal = there["url"]
        where = ("--terminal", terminal.removeprefix("http://"), "--port", "0", "--auth", "local")
        async with program("serve", *where) as door, aiohttp.ClientSession() as session:
            stop, stays = asyncio.Event(), min(VANISH_EVERY_S, seconds / 4)
            async with asyncio.TaskGroup() as tasks:
                for n, reader in enumerate(readers):
                    tasks.create_task(read(session, door["url"], reader, n, born, stop, stays))
                tasks.create_task(weigh(door["pid"], seconds, report, stop))
                await trade(session, terminal, seconds, report, born)
                await still(session, terminal, readers)
                stop.set()
            await compare(session, terminal, readers, report)
    sum_up(readers, report)
    return report


@asynccontextmanager
async def program(*arguments: object) -> AsyncIterator[dict[str, Any]]:
    """One of our commands as a process: its first line, with its pid; ended with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "relay", *map(str, arguments), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 20)
        yield {**json.loads(line), "pid": process.pid}
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def trade(
    session: aiohttp.ClientSession,
    terminal: str,
    seconds: float,
    report: Report,
    born: dict[str, float],
) -> None:
    """Orders are placed and cancelled at an even pace, each of which is told to every reader."""
    dice, open_orders = random.Random(1), []
    started = time.monotonic()
    while (now := time.monotonic()) < started + seconds:
        if open_orders and (len(open_orders) > 20 or dice.random() < 0.5):
            ticker, number = open_orders.pop(dice.randrange(len(open_orders)))
            body = {"Ticker": ticker, "OrderId": int(number), "Type": 0}
            await post(session, f"{terminal}/api/connections/1/orders/cancel", body)
        else:
            ticker = dice.choice(list(TICKERS))
            body = {"connectionId": 1, "ticker": ticker, "side": "Buy", "type": "Limit"}
            asked = {**body, "price": TICKERS[ticker], "size": 1}
            number = str((await post(session, f"{terminal}/sim/order", asked))["orderId"])
            born[number] = now
            open_orders.append((ticker, number))
        report.orders += 1
        await asyncio.sleep(max(0.0, started + report.orders / ORDERS_A_SECOND - time.monotonic()))
    report.seconds = time.monotonic() - started


async def post(session: aiohttp.ClientSession, url: str, body: object) -> dict[str, Any]:
    async with session.post(url, json=body) as answer:
        result: dict[str, Any] = await answer.json()
        assert answer.status == 200, result
        return result


async def read(
    session: aiohttp.ClientSession,
    url: str,
    reader: Reader,
    number: int,
    born: dict[str, float],
    stop: asyncio.Event,
    stays_s: float,
) -> None:
    """One reader until the end; one that was closed or has vanished comes back."""
    slow, vanishing = FAST <= number < FAST + SLOW, number >= FAST + SLOW
    while not stop.is_set():
        reader.starts += 1
        reader.orders.clear()
        async with session.ws_connect(f"{url}/", max_msg_size=MAX_FRAME) as socket:
            leaves = time.monotonic() + (stays_s if vanishing else 1e9)
            await subscribe(socket, [list(TICKERS)[number % len(TICKERS)]])
            await acknowledged(socket, reader, born)
            reader.orders |= await open_orders(session, url)
            await listen(socket, reader, born, stop, leaves, UNREAD_S if slow else 0.0)
            if vanishing and not stop.is_set():
                reader.vanished += 1
                plug = socket.get_extra_info("socket")
                if plug is not None:  # Without a word of farewell.
                    plug.shutdown(SHUT_RDWR)
            if socket.close_code:
                reader.codes.append(socket.close_code)


async def subscribe(socket: aiohttp.ClientWebSocketResponse, tickers: Iterable[str]) -> None:
    await socket.send_json({"Type": "subscribe", "Data": {"connectionId": 1}})
    for ticker in tickers:
        wanted = {"connectionId": 1, "ticker": ticker}
        await socket.send_json({"Type": "orderbook_subscribe", "Data": wanted})


async def acknowledged(
    socket: aiohttp.ClientWebSocketResponse, reader: Reader, born: dict[str, float]
) -> None:
    """Until the account is subscribed: only from there on nothing is missed."""
    while True:
        message = exact((await socket.receive(timeout=20)).data)
        if message["Type"] == "subscribed":
            return
        reader.hear(message, born)


async def open_orders(session: aiohttp.ClientSession, url: str) -> set[str]:
    """Those of every ticker, by REST: a subscription has no first state."""
    found: set[str] = set()
    for ticker in TICKERS:
        query = {"Ticker": ticker}
        async with session.get(f"{url}/api/connections/1/orders", params=query) as answer:
            found |= {str(row["Id"]) for row in (await answer.json())["orders"]}
    return found


async def listen(
    socket: aiohttp.ClientWebSocketResponse,
    reader: Reader,
    born: dict[str, float],
    stop: asyncio.Event,
    leaves: float,
    unread_s: float,
) -> None:
    """Hears until the end, the close, or its time to vanish; a slow one pauses in between."""
    pauses = time.monotonic() + unread_s
    while not stop.is_set() and time.monotonic() < leaves:
        try:
            message = await socket.receive(timeout=0.5)
        except TimeoutError:
            continue
        except aiohttp.ClientConnectionResetError:  # Closed while a ping of it was answered.
            return
        if message.type is not aiohttp.WSMsgType.TEXT:
            return
        reader.hear(exact(message.data), born)
        if unread_s and time.monotonic() > pauses and not reader.seen % 50:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), unread_s)
            pauses = time.monotonic() + unread_s


async def weigh(pid: int, seconds: float, report: Report, stop: asyncio.Event) -> None:
    """Memory that is the process's own, every two seconds, once it has settled."""
    await asyncio.sleep(seconds / 10)
    page = os.sysconf("SC_PAGE_SIZE")
    while not stop.is_set():
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
        report.memory.append((int(resident) - int(shared)) * page / 2**20)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 2.0)


async def still(session: aiohttp.ClientSession, terminal: str, readers: list[Reader]) -> None:
    """The market stands still, and nobody who stays has heard anything for longer than a slow one
    pauses; those who vanish hear a snapshot whenever they are back."""
    await post(session, f"{terminal}/sim/pause", {"paused": True})
    stay = readers[: FAST + SLOW]
    before, since = -1, time.monotonic()
    while time.monotonic() < since + UNREAD_S + 1.0:
        if (heard := sum(reader.seen for reader in stay)) != before:
            before, since = heard, time.monotonic()
        await asyncio.sleep(0.1)


async def compare(
    session: aiohttp.ClientSession, terminal: str, readers: list[Reader], report: Report
) -> None:
    """Every reader's last state with the terminal's own, asked of itself."""
    truth = Reader()
    async with session.ws_connect(f"{terminal}/", max_msg_size=MAX_FRAME) as socket:
        await subscribe(socket, TICKERS)
        while len(truth.books) < len(TICKERS):
            truth.hear(exact((await socket.receive(timeout=10)).data), {})
    truth.orders = await open_orders(session, terminal)
    for n, reader in enumerate(readers):
        for ticker, book in reader.books.items():
            if book != truth.books[ticker]:
                report.differing.append(f"reader {n}: book of {ticker}")
        if not reader.books:
            report.differing.append(f"reader {n}: no book")
        if reader.orders != truth.orders:
            report.differing.append(f"reader {n}: orders")


def sum_up(readers: list[Reader], report: Report) -> None:
    lags = sorted(lag for reader in readers[:FAST] for lag in reader.lags)
    report.lag_p99_ms = lags[len(lags) * 99 // 100] * 1000 if lags else 0.0
    report.account = max(reader.account for reader in readers[:FAST])
    for ticker in TICKERS:
        report.books += max(reader.updates.get(ticker, 0) for reader in readers[:FAST])
    report.vanished = sum(reader.vanished for reader in readers)
    report.starts = sum(reader.starts for reader in readers)
    for reader in readers:
        for code in reader.codes:
            report.closed[code] = report.closed.get(code, 0) + 1
