"""This file knows the commands of the HTTP door: serve it, and give out its keys."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from relay.edges import loops
from relay.edges.loops import LOOPS
from relay.scopes import SCOPES
from relay.spelling import KEYS

if TYPE_CHECKING:
    from relay.core.tokens import Tokens

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add(commands: Commands) -> None:
    """Puts the commands among the others."""
    serve = commands.add_parser("serve", help="the terminal's API for scripts, found and kept")
    serve.add_argument("--port", type=port, default=17860)
    serve.add_argument("--terminal", metavar="HOST:PORT", help="default: look for it")
    serve.add_argument("--auth", choices=("token", "local"), default="token",
                       help="local: programs of this machine need no token")  # fmt: skip
    serve.add_argument("--keys", choices=KEYS, default="asis", help="spelling of the answers' keys")
    serve.add_argument("--limit", type=_rate, default=100.0, metavar="N",
                       help="requests a second for each token (100; 0: any)")  # fmt: skip
    serve.add_argument("--order-limit", type=_rate, default=10.0, metavar="N",
                       help="orders and cancels among them (10; 0: any)")  # fmt: skip
    serve.add_argument("--loop", choices=LOOPS, default="auto",
                       help="the event loop; auto: uvloop or winloop where installed")  # fmt: skip
    serve.set_defaults(handler=_serve)

    token = commands.add_parser("token", help="keys for the door of serve")
    actions = token.add_subparsers(required=True, metavar="ACTION", prog=token.prog)
    new = actions.add_parser("new", help="make one; it is shown this once")
    new.add_argument("--scope", choices=SCOPES, required=True)
    new.add_argument("--name", help="default: token-1, token-2, …")
    listed = actions.add_parser("list", help="names and scopes")
    revoke = actions.add_parser("revoke", help="end one, at once")
    revoke.add_argument("name", metavar="NAME")
    for command, handler in ((new, _new), (listed, _list), (revoke, _revoke)):
        command.add_argument("--json", action="store_true", help="for machines")
        command.set_defaults(handler=handler)


def port(text: str) -> int:
    """The port of an option; 0 is any that is free."""
    value = int(text)
    if not 0 <= value < 65536:
        raise argparse.ArgumentTypeError(f"{value} is no port: 0 to 65535")
    return value


def _rate(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1e9:
        raise ValueError(text)
    return value


def _serve(arguments: argparse.Namespace) -> int:
    from relay.edges.web import Rules, serve

    factory = loops.factory(arguments.loop)
    rules = Rules(arguments.auth, arguments.keys, arguments.limit, arguments.order_limit)
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serve(arguments.port, arguments.terminal, rules))
    return 0


def _tokens() -> Tokens:
    """Those of this user. Imported here: a command about something else does without hashing."""
    from relay.core.tokens import Tokens, tokens_file

    return Tokens(tokens_file())


def _new(arguments: argparse.Namespace) -> int:
    text, made = _tokens().new(arguments.scope, arguments.name)
    if arguments.json:
        print(json.dumps({"name": made.name, "scope": made.scope, "token": text}))
        return 0
    print(text)
    print(f"{made.name}, scope {made.scope}. It is not shown again.", file=sys.stderr)
    return 0


def _list(arguments: argparse.Namespace) -> int:
    rows = _tokens().all()
    if arguments.json:
        listed = [{"name": one.name, "scope": one.scope, "created": one.created} for one in rows]
        print(json.dumps(listed))
        return 0
    for one in rows:
        day = datetime.fromtimestamp(one.created, UTC).date().isoformat()
        print(f"{one.name:<24} {one.scope:<6} {day}")
    if not rows:
        print("No tokens. Make one: metascalp-relay token new --scope read|ui|trade")
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    _tokens().revoke(arguments.name)
    print(json.dumps({"revoked": arguments.name}) if arguments.json else f"{arguments.name} ended.")
    return 0
