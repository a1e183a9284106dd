"""This file knows native-messaging frames: a four-byte length, then that many bytes of JSON.

The length is in the machine's own byte order (native messaging, Chrome and MDN documents, 2026-11).
A browser takes at most 1 MiB from a host and disconnects beyond it (measured with Chromium 156 and
Firefox 153, 2026-11); we take no more than that from the browser either, so one wrong length can
never make us wait for four gigabytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator

from relay.errors import BadFrame, TooLarge

TYPE_CHECKING = False  # Loading `typing` for it would take a sixth of the time until `hello`.
if TYPE_CHECKING:
    from typing import Any

MAX_BYTES = 1024 * 1024

_LENGTH = struct.Struct("=I")


def encode(message: object) -> bytes:
    """One message as a frame; TooLarge beyond what a browser accepts."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    data = body.encode("utf-8", "replace")
    if len(data) > MAX_BYTES:
        raise TooLarge(f"{len(data)} bytes; the browser takes {MAX_BYTES}", bytes=len(data))
    return _LENGTH.pack(len(data)) + data


def decode(body: bytes) -> dict[str, Any]:
    """The message in one frame's body; BadFrame for anything but a JSON object."""
    try:
        message = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadFrame(f"not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise BadFrame("nested too deeply") from error
    except ValueError as error:
        raise BadFrame(f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise BadFrame(f"not an object but {type(message).__name__}")
    return message


class FrameDecoder:
    """Cuts a byte stream, fed in pieces of any size, into frame bodies."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Gives the bodies completed by these bytes; BadFrame on a length that cannot be meant.

        After BadFrame the stream is lost: nothing says where the next frame begins.
        """
        self._buffer += data
        while (body := self._next()) is not None:
            yield body

    def end(self) -> None:
        """Says that no more bytes come; BadFrame when they stopped inside a frame."""
        if self._buffer:
            raise BadFrame(f"input ended inside a frame, {len(self._buffer)} bytes into it")

    def _next(self) -> bytes | None:
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if not 0 < length <= MAX_BYTES:
            raise BadFrame(f"length {length}; expected 1 to {MAX_BYTES}")
        end = _LENGTH.size + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[_LENGTH.size : end])
        del self._buffer[:end]
        return body
