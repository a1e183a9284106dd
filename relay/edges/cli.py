"""This file knows the command line: `metascalp-relay COMMAND`.

Exit codes: 0 done, 1 refused or failed (one sentence on stderr), 2 usage.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import io
import json
import os
import select
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from relay import __version__, actions
from relay.edges import doorway, logs, setup, terminals
from relay.errors import RelayError

if TYPE_CHECKING:
    from relay.core.relay import Relay

Handler = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(argv: list[str] | None = None) -> None:
    """Runs one command and exits with its code."""
    arguments = parser().parse_args(argv)
    _speak(as_json=getattr(arguments, "json", False))
    logs.begin("INFO" if arguments.verbose else "ERROR")
    if argv is None:  # Nobody called us: the process is ours.
        logs.guard()
    try:
        code = arguments.handler(arguments)
        print(end="", flush=True)
    except RelayError as error:
        code = _fail(error.text)
    except BrokenPipeError as error:
        code = 1 if _is_unheard() else _fail(_sentence(error, arguments))
    except (OSError, ValueError) as error:
        code = _fail(_sentence(error, arguments))
    except KeyboardInterrupt:
        code = 0
    if argv is None:
        _leave(code)
    sys.exit(code)


def parser() -> argparse.ArgumentParser:
    """Every command with its options; the README's list is checked against it."""
    root = argparse.ArgumentParser(
        prog="metascalp-relay",
        description="Any ticker on the web, one click from the MetaScalp terminal.",
    )
    root.add_argument("--version", action="version", version=__version__)
    root.add_argument("--verbose", action="store_true", help="say on stderr what is going on")
    # Told its name, it does not format a usage that nobody asked for (3 ms, Python 3.11).
    commands = root.add_subparsers(required=True, metavar="COMMAND", prog=root.prog)
    _add_running(commands)
    terminals.add(commands)
    setup.add(commands)
    doorway.add(commands)
    _add_one_shot(commands)
    return root


def _add_running(commands: Commands) -> None:
    """The commands that run until they are stopped."""
    demo = commands.add_parser("demo", help="see the whole job on a simulated terminal")
    demo.add_argument("--headless", action="store_true", help="perform it without a screen")
    demo.add_argument("--offline", action="store_true", help="use built-in pages, no network")
    demo.add_argument("--browser", metavar="PATH", help="the browser to use")
    demo.add_argument("--out", default="demo-out", help="folder for screenshots")
    demo.set_defaults(handler=_demo)

    bench = commands.add_parser("bench", help="measure the relay beside what one could use instead")
    bench.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    bench.add_argument("--curves", action="store_true", help="also how costs grow")
    bench.add_argument("--only", default="", metavar="TEXT", help="workloads with this in the name")
    bench.add_argument("--browser", metavar="PATH", help="the browser to use")
    bench.add_argument("--json", metavar="FILE", help="write all figures")
    bench.add_argument("--svg", metavar="FILE", help="write a picture")
    bench.set_defaults(handler=_bench)


def _add_one_shot(commands: Commands) -> None:
    """The commands that ask the terminal one thing."""
    for name, text, handler in (
        ("open", "switch the terminal to a ticker", _open),
        ("combo", "open a combo layout for each ticker", _combo),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("ticker", nargs="+" if name == "combo" else None)
        if name == "open":
            command.add_argument("--binding", metavar="NNN", help='"001" to "500"')
        _one_shot(command, handler)
    _one_shot(commands.add_parser("status", help="the terminal and its connections"), _status)
    _one_shot(commands.add_parser("orders", help="open orders of the known tickers"), _orders)


def _terminal_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--terminal", metavar="HOST:PORT", help="default: look for it")


def _one_shot(command: argparse.ArgumentParser, handler: Handler) -> None:
    _terminal_option(command)
    command.add_argument("--json", action="store_true", help="for machines")
    command.set_defaults(handler=handler)


def _demo(arguments: argparse.Namespace) -> int:
    from relay.edges.demo import demo

    return asyncio.run(
        demo(arguments.headless, arguments.offline, arguments.browser, arguments.out)
    )


def _bench(arguments: argparse.Namespace) -> int:
    from relay.edges.benching.command import Wish, bench

    return bench(
        Wish(
            arguments.quick,
            arguments.browser,
            arguments.json,
            arguments.svg,
            arguments.curves,
            arguments.only,
        )
    )


def _open(arguments: argparse.Namespace) -> int:
    params = {"ticker": arguments.ticker, "binding": arguments.binding}

    async def work(relay: Relay) -> int:
        outcome = await relay.open(actions.open_of(params, relay.exchanges))
        return _print_outcome(outcome.as_json(), arguments.json)

    return _with_relay(arguments, work)


def _combo(arguments: argparse.Namespace) -> int:
    params = {"tickers": arguments.ticker}

    async def work(relay: Relay) -> int:
        outcome = await relay.combo(actions.combo_of(params, relay.exchanges))
        return _print_outcome(outcome.as_json(), arguments.json)

    return _with_relay(arguments, work)


def _status(arguments: argparse.Namespace) -> int:
    async def work(relay: Relay) -> int:
        status = await relay.fresh_status()
        if arguments.json:
            return _print_json(status)
        terminal = status["terminal"]
        if terminal["url"] is None:
            return _fail("MetaScalp is not running")
        print(f"MetaScalp {terminal['version']} at {terminal['url']}")
        for place in status["connections"]:
            marks = "".join(
                mark
                for field, mark in (("viewMode", " VIEW"), ("demoMode", " DEMO"))
                if place[field]
            )
            print(f"{place['id']:>4}  {place['name']:<24} {place['state']}{marks}")
        return 0

    return _with_relay(arguments, work)


def _orders(arguments: argparse.Namespace) -> int:
    async def work(relay: Relay) -> int:
        await relay.read_account()
        rows = relay.rows("orders")
        if arguments.json:
            return _print_json(rows)
        for row in sorted(rows, key=lambda row: (row["connection"], row["ticker"])):
            head = f"{row['connection']:>4}  {row['ticker']:<18} {row['side']:<4} {row['type']:<11}"
            print(f"{head} {row['size']} @ {row['price']}  filled {row['filled']}  {row['id']}")
        print(f"{len(rows)} orders known for {relay.known_tickers} tickers")
        return 0

    return _with_relay(arguments, work)


def _with_relay(arguments: argparse.Namespace, work: Callable[[Relay], Awaitable[int]]) -> int:
    from relay.core import start

    async def run() -> int:
        async with start.relay(arguments.terminal) as relay:
            return await work(relay)

    running: Coroutine[Any, Any, int] = run()
    return asyncio.run(running)


def _print_outcome(outcome: dict[str, Any], as_json: bool) -> int:
    if as_json:
        _print_json(outcome)
        return 0 if outcome["state"] in ("done", "dispatched") else 1
    if outcome["state"] in ("done", "dispatched"):
        print(f"{outcome['text']} ({outcome['ms']} ms)")
        return 0
    offered = ", ".join(
        f"{one['pattern']} ({one['connection']})" for one in outcome["alternatives"]
    )
    return _fail(outcome["text"] + (f" There is {offered}." if offered else ""))


def _print_json(data: object) -> int:
    print(json.dumps(data, ensure_ascii=False))
    return 0


def _speak(*, as_json: bool) -> None:
    """Ticker names have any letters, a Russian Windows pipe has few (cp1251): JSON goes out as
    UTF-8, sentences with what the pipe does not have spelled out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8" if as_json else None, errors="backslashreplace")


def _sentence(error: OSError | ValueError, arguments: argparse.Namespace) -> str:
    """What the system says, in words that a person can do something about."""
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        port = getattr(arguments, "port", None)
        return f"port {port} is in use by another program: choose another one with --port"
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error) or type(error).__name__  # TimeoutError is one, without a word.


def _is_unheard() -> bool:
    """Whether whoever read what we say has enough, as `head` has; what is left then goes nowhere.
    A socket breaks with the same error. Windows cannot tell, and is taken at the likelier."""
    if hasattr(select, "poll"):
        output = select.poll()
        output.register(sys.stdout.fileno(), 0)
        if not output.poll(0):
            return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True


def _leave(code: int) -> NoReturn:
    """Ends a process that is ours and has done everything. A normal end takes all modules apart
    first, an eighth of the time of `open` (2026-12-01)."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError):  # Who read it has gone, or it was closed.
                stream.flush()
    os._exit(code)


def _fail(text: str) -> int:
    print(text, file=sys.stderr)
    return 1
