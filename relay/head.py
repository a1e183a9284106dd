"""This file knows the head of an HTTP/1.1 request, and takes it in one form only.

What two readers could understand in two ways (folded lines, bare line ends, spaces before colons,
characters that are none) is refused: RFC 9112, sections 2.2, 3 and 5. Whoever sits between a client
and a terminal must not pass on what the terminal might read otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_HEAD = 32 * 1024
MAX_FIELDS = 100
END = b"\r\n\r\n"

_HEAD = re.compile(
    rb"([A-Za-z]{1,16}) ([!-~]{1,16384}) HTTP/1\.([01])\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)*)\r\n"
)
_FIELD = re.compile(rb"([^:\r\n]+):[\t ]*([^\r\n]*?)[\t ]*\r\n")
#: A request that would be one if the letters of a ticker such as 龙虾_USDT were escaped.
_UNESCAPED = re.compile(rb"[A-Za-z]{1,16} [!-~]*[\x80-\xff][!-~\x80-\xff]* HTTP/1\.[01]\r\n")


class BadHead(ValueError):
    """Bytes that are no head, or not in the one form."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one request. headers: in order, names in lower case, values without the spaces
    around them. minor: of the version, HTTP/1.minor."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    minor: int = 1

    def get(self, name: str) -> str | None:
        return next((value for one, value in self.headers if one == name), None)

    def count(self, name: str) -> int:
        return sum(one == name for one, _ in self.headers)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def is_upgrade(self) -> bool:
        """Whether a WebSocket is asked for; the terminal has one, on `/`."""
        upgrade = (self.get("upgrade") or "").lower()
        return upgrade == "websocket" and (self.method, self.path) == ("GET", "/")

    @property
    def keeps_alive(self) -> bool:
        """Whether the client means to ask more on this connection."""
        said = [value.lower() for name, value in self.headers if name == "connection"]
        return self.minor == 1 and "close" not in [
            word.strip() for value in said for word in value.split(",")
        ]


def parse(data: bytes) -> Head:
    """The head in bytes that end with END; BadHead when it is not in the one form."""
    match = _HEAD.fullmatch(data)
    if match is None:
        if _UNESCAPED.match(data):
            raise BadHead("percent-encode the target: it has characters that are no ASCII")
        raise BadHead("not a request of HTTP/1.1")
    method, target, minor, lines = match.groups()
    fields = _FIELD.findall(lines)
    if len(fields) > MAX_FIELDS:
        raise BadHead(f"more than {MAX_FIELDS} header fields")
    headers = tuple(
        [(name.decode("ascii").lower(), value.decode("latin-1")) for name, value in fields]
    )
    return Head(method.decode("ascii"), target.decode("ascii"), headers, int(minor))
