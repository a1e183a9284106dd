"""This file knows what was asked of the terminal: the last requests, and how many there were."""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from .wire import Json, Malformed, decode

KEPT = 500
BODY = 65536
"""A longer body is kept as its first characters."""


@dataclass(slots=True)
class Request:
    """One request. at: epoch seconds when its body had been read. ms: until its reply was ready."""

    n: int
    at: float
    method: str
    path: str
    query: str
    body: bytes
    status: int = 0
    ms: float = 0.0

    def row(self) -> dict[str, Json]:
        return {
            "n": self.n,
            "at": Decimal(f"{self.at:.6f}"),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "body": _readable(self.body),
            "status": self.status,
            "ms": Decimal(f"{self.ms:.3f}"),
        }


@dataclass(slots=True)
class Record:
    """The last KEPT requests, newest last."""

    received: int = 0
    requests: deque[Request] = field(default_factory=lambda: deque(maxlen=KEPT))

    def add(self, at: float, method: str, path: str, query: str, body: bytes) -> Request:
        self.received += 1
        request = Request(self.received, at, method, path, query, body[: BODY + 1])
        self.requests.append(request)
        return request

    def rows(self) -> list[dict[str, Json]]:
        return [request.row() for request in self.requests]

    def clear(self) -> None:
        self.received = 0
        self.requests.clear()


def _readable(body: bytes) -> Json:
    """The JSON value of a body; its text when it is not JSON, None when it is empty."""
    if not body:
        return None
    try:
        return decode(body)
    except Malformed:
        return body[:BODY].decode("utf-8", "replace")
