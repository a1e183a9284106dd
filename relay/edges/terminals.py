"""This file knows the commands about terminals themselves: be one, record one, check one."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TypeAlias

from relay.edges.doorway import port

#: The simulator's profiles; "v1.0.2860" is the build of the newest document (2026-08).
PROFILES = ("v1.0.2860", "v1.0.671", "doc-edition-1", "doc-edition-2")

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
TERMINAL = "default: look for it"


def add(commands: Commands) -> None:
    """Puts the commands among the others."""
    _add_simulate(commands)
    record = commands.add_parser("record", help="write down what a terminal says, redacted")
    record.add_argument("ticker", nargs="*", metavar="CONNECTION:TICKER", help="market data too")
    record.add_argument("--out", default="metascalp.jsonl", metavar="FILE")
    record.add_argument("--seconds", type=float, default=30.0)
    record.add_argument("--plain", action="store_true", help="replace nothing: for yourself only")
    record.add_argument("--terminal", metavar="HOST:PORT", help=TERMINAL)
    record.set_defaults(handler=_record)

    conform = commands.add_parser("conform", help="compare a terminal with what we know of one")
    conform.add_argument("--terminal", metavar="HOST:PORT", help=TERMINAL)
    conform.add_argument("--profile", choices=PROFILES, help="default: by its version")
    conform.add_argument("--json", action="store_true", help="for machines")
    conform.set_defaults(handler=_conform)


def _add_simulate(commands: Commands) -> None:
    simulate = commands.add_parser("simulate", help="run a MetaScalp that is not one")
    simulate.add_argument("--port", type=port, help="default: the first free one from 17845")
    simulate.add_argument("--profile", choices=PROFILES, default=PROFILES[0])
    simulate.add_argument(
        "--switch", action="append", default=[], metavar="NAME", help="NAME or NAME=false"
    )
    simulate.add_argument("--switches", action="store_true", help="list them, and end")
    simulate.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME",
        help="misbehave: NAME or NAME=NUMBER",
    )
    simulate.add_argument("--replay", metavar="FILE", help="play a recording back")
    simulate.add_argument("--seed", type=int, default=1)
    simulate.add_argument("--rate", type=float, default=20.0, help="market steps a second")
    simulate.add_argument(
        "--tickers", type=int, default=0, metavar="N", help="list so many, with invented ones"
    )
    simulate.add_argument("--quiet", action="store_true", help="no screen")
    simulate.set_defaults(handler=_simulate)


def _simulate(arguments: argparse.Namespace) -> int:
    from relay.metascalp.simulator import run

    if arguments.switches:
        from relay.metascalp.simulator.unknowns import listed

        print("\n".join(listed()))
        return 0
    asyncio.run(
        run(
            port=arguments.port,
            seed=arguments.seed,
            rate=arguments.rate,
            profile=arguments.profile,
            quiet=arguments.quiet,
            switches=arguments.switch,
            mishaps=arguments.fault,
            replay=arguments.replay,
            tickers=arguments.tickers,
        )
    )
    return 0


def _record(arguments: argparse.Namespace) -> int:
    from relay.edges.record import record

    seconds, plain = arguments.seconds, arguments.plain
    out = Path(arguments.out)
    work = record(arguments.terminal, out, seconds, arguments.ticker, plain=plain)
    print(f"{asyncio.run(work)} lines in {out}")
    return 0


def _conform(arguments: argparse.Namespace) -> int:
    from relay.edges import conform

    report = asyncio.run(conform.conform(arguments.terminal, arguments.profile))
    print(report.as_json() if arguments.json else report.text())
    if report.differences:
        print(f"{len(report.differences)} differences", file=sys.stderr)
    return 1 if report.differences else 0
