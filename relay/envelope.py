"""This file knows how a message for a reader is spelled and framed, once for all who read alike.

A reader is answered in the envelope it speaks, `Type` and `Data` or `type` and `data`, whatever the
terminal speaks; what is inside is respelled only where the door was told so. The frame is the
server's: no mask, one fragment, no extension (RFC 6455, section 5.2), so it is valid for every
reader.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from relay import spelling
from relay.errors import TooLarge

TEXT, CLOSE, PONG = 0x1, 0x8, 0xA

#: Longer messages are not passed on: the official client's socket closes on them (1.1.0, 2026-08).
MAX_PASSED = 1024 * 1024

_TYPE_FIRST = re.compile(rb'\s*\{\s*"[Tt]ype"')


class Spelling(NamedTuple):
    """keys: one of `relay.spelling.KEYS`. upper: the envelope is `Type` and `Data`."""

    keys: str = "asis"
    upper: bool = True


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A whole frame as a server sends it."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65536:
        return bytes((0x80 | opcode, 126, size >> 8, size & 255)) + payload
    return bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big") + payload


def close_frame(code: int, reason: str) -> bytes:
    """A close frame; what does not fit into a control frame is cut off."""
    text = reason.encode()[:123].decode("utf-8", "ignore").encode()
    return frame(code.to_bytes(2, "big") + text, CLOSE)


def spelled(raw: bytes, how: Spelling) -> bytes:
    """A message of the terminal, or of ours, as a reader wants it.

    `both` doubles the key of an error alone: every client we know reads the stream in any case
    (the SDKs of 2026-08), while the .NET one reads exactly `Data.Error`.
    """
    keys = how.keys
    if keys == "both":
        keys = "both" if b'"error"' in raw[:24] else "asis"
    if keys != "asis":
        raw = _respelled(raw, keys)
    return _upper(raw) if how.upper else _lower(raw)


def message(kind: str, data: Mapping[str, Any]) -> bytes:
    """A message of our own, in the spelling of edition 3."""
    text = json.dumps({"Type": kind, "Data": data}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _respelled(raw: bytes, keys: str) -> bytes:
    """With `both` the inside is doubled, not the envelope: a client may mind two types. What is no
    JSON, or would grow beyond measure, stays as it is."""
    head, inside, tail = b"", raw, b""
    if keys == "both":
        begins = raw.find(b"{", 1)
        head, inside, tail = raw[:begins], raw[begins:-1], raw[-1:]
    try:
        return head + spelling.spell(inside, keys) + tail
    except (ValueError, TooLarge):
        return raw


def _upper(raw: bytes) -> bytes:
    if raw.startswith(b'{"Type"'):
        return raw
    return _reenveloped(raw, b'"type"', b'"Type"', b'"data"', b'"Data"')


def _lower(raw: bytes) -> bytes:
    if raw.startswith(b'{"type"'):
        return raw
    return _reenveloped(raw, b'"Type"', b'"type"', b'"Data"', b'"data"')


def _reenveloped(raw: bytes, *names: bytes) -> bytes:
    """The envelope's two keys are exchanged; in every message captured so far they come first."""
    kind, its, data, their = names
    if _TYPE_FIRST.match(raw) is None:
        return raw
    return raw.replace(kind, its, 1).replace(data, their, 1)
