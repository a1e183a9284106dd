"""Frames: any chunking is the same stream, and no bytes raise anything but BadFrame."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import BadFrame, TooLarge
from relay.frames import MAX_BYTES, FrameDecoder, decode, encode

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
MESSAGES = st.dictionaries(st.text(max_size=8), VALUES, max_size=4)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in at)})
    return [data[start:end] for start, end in pairwise(edges)]


@given(st.lists(MESSAGES, max_size=5), st.lists(st.integers(0, 5000), max_size=12))
def test_messages_come_back_however_the_stream_is_cut(
    messages: list[dict[str, Any]], at: list[int]
) -> None:
    decoder = FrameDecoder()
    stream = b"".join(encode(message) for message in messages)

    bodies = [body for piece in cut(stream, at) for body in decoder.feed(piece)]
    decoder.end()

    assert [decode(body) for body in bodies] == messages


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_bytes_are_frames_or_a_bad_frame(pieces: list[bytes]) -> None:
    decoder = FrameDecoder()
    bodies = []
    with suppress(BadFrame):
        for piece in pieces:
            bodies += decoder.feed(piece)
        decoder.end()

    assert all(0 < len(body) <= MAX_BYTES for body in bodies)


@given(st.binary(max_size=60))
def test_any_body_is_an_object_or_a_bad_frame(body: bytes) -> None:
    try:
        message = decode(body)
    except BadFrame:
        return

    assert isinstance(message, dict)


@pytest.mark.parametrize("length", [0, MAX_BYTES + 1, 2**31, 2**32 - 1])
def test_a_length_that_cannot_be_meant_ends_the_stream(length: int) -> None:
    with pytest.raises(BadFrame, match=str(length)):
        list(FrameDecoder().feed(struct.pack("=I", length) + b"{}"))


def test_frames_before_a_wrong_length_are_still_given() -> None:
    bodies = FrameDecoder().feed(encode({"id": 1}) + struct.pack("=I", 0))

    assert json.loads(next(bodies)) == {"id": 1}
    with pytest.raises(BadFrame):
        next(bodies)


@pytest.mark.parametrize("given_bytes", [1, 3, 4, 5])
def test_an_end_inside_a_frame_is_told(given_bytes: int) -> None:
    decoder = FrameDecoder()
    assert list(decoder.feed(encode({"a": 1})[:given_bytes])) == []

    with pytest.raises(BadFrame, match=f"{given_bytes} bytes into it"):
        decoder.end()


def test_the_largest_frame_passes_and_one_byte_more_does_not() -> None:
    room = MAX_BYTES - len('{"a":""}')
    frame = encode({"a": "x" * room})

    assert len(next(FrameDecoder().feed(frame))) == MAX_BYTES
    with pytest.raises(TooLarge) as caught:
        encode({"a": "x" * (room + 1)})
    assert caught.value.params == {"bytes": MAX_BYTES + 1}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe{}", "not UTF-8 at byte 0"),
        (b'{"a":"\xed\xa0\x80"}', "not UTF-8"),
        (b"[]", "not an object but list"),
        (b"7", "not an object but int"),
        (b"null", "not an object but NoneType"),
        (b"[" * 500_000, "nested too deeply"),
        (b'{"a":' * 200_000, "nested too deeply"),
        (b'{"a":' + b"1" * 5000 + b"}", "not JSON"),
        (b"{} {}", "not JSON"),
    ],
)
def test_a_body_that_is_no_message_says_why(body: bytes, why: str) -> None:
    with pytest.raises(BadFrame, match=why):
        decode(body)


def test_half_a_surrogate_does_not_stop_the_answer() -> None:
    """A page may put one into a symbol; JSON can carry it, UTF-8 cannot."""
    assert decode(next(FrameDecoder().feed(encode({"a": "\ud800"})))) == {"a": "?"}


def test_what_json_cannot_say_is_a_programmers_mistake() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        encode({"a": float("nan")})
