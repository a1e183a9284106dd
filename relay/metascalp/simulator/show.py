"""This file knows the live screen of the simulator in a text terminal.

draw() gives the lines of one picture; show() writes a picture when it differs from the last one,
at most five times a second, and leaves the terminal as it was.
"""

import asyncio
import shutil
import sys
import unicodedata
from collections.abc import Iterator
from io import TextIOWrapper

from .catalog import Connection
from .enums import State
from .record import Record, Request
from .world import World

PERIOD_S = 0.2
LAST = 10
DIM, BOLD, RED, GREEN, YELLOW, CYAN, PLAIN = (
    f"\x1b[{code}m" for code in ("2", "1", "31", "32", "33", "36", "0")
)
ENTER, LEAVE, HOME, REST_OF_LINE, REST_OF_SCREEN = (
    "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l", "\x1b[H", "\x1b[K", "\x1b[J",
)  # fmt: skip


async def show(world: World, record: Record, url: str, note: str = "") -> None:
    """Keeps the picture on the screen up to date until cancelled; a note stands below it."""
    last: list[str] = []
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    sys.stdout.write(ENTER)
    try:
        while True:
            columns, rows = shutil.get_terminal_size()
            picture_lines = [*draw(world, record, url), *(["", note] if note else [])]
            lines = [fit(line, columns) for line in picture_lines][: rows - 1]
            if lines != last:
                picture = f"{PLAIN}{REST_OF_LINE}\n".join(lines)
                sys.stdout.write(f"{HOME}{picture}{PLAIN}{REST_OF_LINE}{REST_OF_SCREEN}")
                sys.stdout.flush()
                last = lines
            await asyncio.sleep(PERIOD_S)
    finally:
        sys.stdout.write(LEAVE)
        sys.stdout.flush()


def draw(world: World, record: Record, url: str) -> Iterator[str]:
    """The lines of one picture, as wide as they are."""
    screen = world.screen
    pause = f"  {YELLOW}paused{PLAIN}" if world.paused else ""
    yield (
        f"{BOLD}MetaScalp {world.profile.version}{PLAIN} {DIM}simulator, seed {world.seed}{PLAIN}  "
        f"{CYAN}{url}{PLAIN}  {DIM}{record.received} requests{PLAIN}{pause}"
    )
    yield ""
    for row in world.connections.values():
        yield _connection(world, row)
    yield ""
    yield f"{DIM}bindings{PLAIN}  " + "   ".join(
        f"{BOLD}{name}{PLAIN} {DIM}{number}{PLAIN} {clear(ticker)}"
        for name, (number, ticker) in screen.bindings.items()
    )
    yield f"{DIM}combos{PLAIN}    " + "   ".join(
        f"{DIM}{combo['connectionId']}{PLAIN} {clear(' '.join(combo['tickers']))}"
        for combo in list(screen.combos)[-5:]
    )
    yield ""
    for request in list(record.requests)[-LAST:]:
        yield _request(request)


def fit(line: str, columns: int) -> str:
    """A line cut to so many columns; colours take none, wide characters two."""
    width, kept, colour = 0, [], False
    for letter in line:
        colour = colour or letter == "\x1b"
        if not colour:
            width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
            if width > columns:
                break
        kept.append(letter)
        colour = colour and letter != "m"
    return "".join(kept)


def clear(text: str) -> str:
    """Text of a client without anything that could move the cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _connection(world: World, row: Connection) -> str:
    up = row.state == State.Connected
    light = f"{GREEN}●{PLAIN}" if up else f"{RED}○{PLAIN}"
    here = f"{CYAN}▸{PLAIN}" if row.id == world.screen.active_connection else " "
    account = world.accounts[row.id]
    notes = [
        f"{YELLOW}view{PLAIN}" if row.view_mode else "",
        f"{CYAN}demo{PLAIN}" if row.demo_mode else "",
        f"{DIM}{State(row.state).name.lower()}{PLAIN}" if not up else "",
        f"{DIM}{len(account.orders)} orders{PLAIN}" if account.orders else "",
        f"{DIM}{len(account.positions)} positions{PLAIN}" if account.positions else "",
    ]
    ticker = clear(world.screen.active.get(row.id, ""))
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in ticker)
    head = f"{here}{light} {row.id:>2} {row.name:<16}"
    return f"{head} {BOLD}{ticker:<{18 - wide}}{PLAIN} " + "  ".join(filter(None, notes))


def _request(request: Request) -> str:
    colour = GREEN if request.status < 300 else RED
    body = clear(request.body[:120].decode("utf-8", "replace"))
    query = "?" + request.query if request.query else ""
    path = clear(f"{request.path}{query}")
    return (
        f"{colour}{request.status or '...'}{PLAIN} {request.ms:>7.2f} ms  "
        f"{request.method:<4} {path}  {DIM}{body}{PLAIN}"
    )
