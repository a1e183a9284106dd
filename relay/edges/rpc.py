"""This file knows JSON-RPC 2.0 as our native door speaks it: requests, answers, errors, `hello`.

Only the standard library: `hello` is answered before anything else is loaded.
"""

from __future__ import annotations

import os

from relay import OLDEST_PROTOCOL, PROTOCOL, __version__
from relay.errors import BadRequest, RelayError

TYPE_CHECKING = False  # Loading `typing` for it would take a sixth of the time until `hello`.
if TYPE_CHECKING:
    from typing import Any, TypeGuard

Message = dict[str, "Any"]


def is_hello(message: Message | RelayError | None) -> TypeGuard[Message]:
    return isinstance(message, dict) and message.get("method") == "hello"


def answer_hello(message: Message) -> Message:
    """Who we are. Any version of the extension gets this answer and decides what to do with it."""
    try:
        identity = request_id(message)
    except BadRequest as error:
        return failure(None, error)
    result = {
        "app": "metascalp-relay",
        "version": __version__,
        "protocol": PROTOCOL,
        "oldest": OLDEST_PROTOCOL,
        "pid": os.getpid(),
    }
    return {"jsonrpc": "2.0", "id": identity, "result": result}


def request_id(message: Message) -> str | int:
    """The id of a request; BadRequest when it is no request that can be answered."""
    identity = message.get("id")
    fits = isinstance(identity, str | int) and not isinstance(identity, bool)
    if not fits or len(str(identity)) > 64 or not isinstance(message.get("method"), str):
        raise BadRequest("a request has a method and an id, a number or a short string")
    assert isinstance(identity, str | int), "checked above"
    return identity


def failure(identity: str | int | None, error: RelayError) -> Message:
    """An error as JSON-RPC writes it; `data.code` is ours and never renamed."""
    data = {"code": error.code, **error.params}
    body = {"code": _RPC_CODES.get(error.code, -32000), "message": error.text, "data": data}
    return {"jsonrpc": "2.0", "id": identity, "error": body}


_RPC_CODES = {
    "bad-frame": -32700,
    "bad-request": -32600,
    "unknown-method": -32601,
    "bad-params": -32602,
}
