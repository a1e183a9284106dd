"""JSON-RPC as the native door speaks it; the door itself is in test_native_loop."""

from __future__ import annotations

import pytest
from host import Message

from relay.edges.rpc import answer_hello, failure, is_hello, request_id
from relay.errors import BadFrame, BadRequest, UnknownMethod


def test_an_error_is_written_as_json_rpc_writes_it() -> None:
    assert failure(7, UnknownMethod("no operation 'x'", method="x")) == {
        "jsonrpc": "2.0",
        "id": 7,
        "error": {
            "code": -32601,
            "message": "no operation 'x'",
            "data": {"code": "unknown-method", "method": "x"},
        },
    }
    assert failure(None, BadFrame("x"))["error"]["code"] == -32700
    assert failure(None, BadRequest("x"))["error"]["code"] == -32600


@pytest.mark.parametrize("identity", [0, -1, 2**53, "", "a", "7"])
def test_an_id_is_a_number_or_a_short_string(identity: int | str) -> None:
    message: Message = {"id": identity, "method": "hello"}

    assert request_id(message) == identity
    assert is_hello(message)
    assert answer_hello(message)["id"] == identity


@pytest.mark.parametrize("identity", [None, True, 1.5, [], {}, "x" * 65, 10**64])
def test_anything_else_cannot_be_answered_to(identity: object) -> None:
    with pytest.raises(BadRequest):
        request_id({"id": identity, "method": "status"})


def test_a_hello_that_is_no_request_is_told_so() -> None:
    assert answer_hello({"method": "hello"})["error"]["data"]["code"] == "bad-request"
