"""This file knows the start of the host: `hello` is answered before anything heavy is loaded.

Only the standard library is imported here, so a host that cannot load a package still speaks, and
says in a frame which one it is.
"""

from __future__ import annotations

import sys

from relay.edges.rpc import Message, answer_hello, failure, is_hello, request_id
from relay.edges.stdio import Input, Output, end_process, private_stdout
from relay.errors import BadRequest, RelayBroken, RelayError


def main() -> None:
    """Speaks to the browser until it closes our input. Exit code 0, or 2 at a terminal."""
    if sys.stdin is not None and sys.stdin.isatty():
        print(
            "metascalp-relay-host is started by the browser; people use metascalp-relay.",
            file=sys.stderr,
        )
        sys.exit(2)
    source, out = Input(0, end_process), Output(private_stdout())
    source.start()
    out.start()
    waiting = _greet(source, out)
    try:
        if waiting != [None]:
            from relay.edges import logs, native_loop

            logs.guard()
            native_loop.serve(waiting, source, out)
    except Exception as error:
        _say_broken(error, waiting, source, out)
    out.finish()


def _greet(source: Input, out: Output) -> list[Message | RelayError | None]:
    """Answers what needs nothing loaded; gives the first message that does, or None at the end."""
    while True:
        message = source.next()
        if is_hello(message):
            out.send(answer_hello(message))
            return []
        if not isinstance(message, RelayError):
            return [message]
        out.send(failure(None, message))


def _say_broken(
    error: Exception, waiting: list[Message | RelayError | None], source: Input, out: Output
) -> None:
    """Answers every request with what is wrong, until the end of input."""
    broken = RelayBroken(f"the relay cannot be loaded: {error}", detail=repr(error))
    message = waiting[0] if waiting else source.next()
    while message is not None:
        out.send(answer_hello(message) if is_hello(message) else _refusal(message, broken))
        message = source.next()


def _refusal(message: Message | RelayError, broken: RelayBroken) -> Message:
    if isinstance(message, RelayError):
        return failure(None, message)
    try:
        return failure(request_id(message), broken)
    except BadRequest as error:
        return failure(None, error)
