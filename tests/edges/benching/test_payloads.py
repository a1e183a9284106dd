"""Prepared bytes: of one size, and what a terminal would say."""

from __future__ import annotations

import json

import pytest

from relay import envelope, subscriptions
from relay.edges.benching import payloads
from relay.subscriptions import Slot


@pytest.mark.parametrize("stamp", [0, 1, 2**62])
def test_updates_are_of_one_size_and_say_when_they_were_sent(stamp):
    frame = bytearray(payloads.framed(payloads.update()))
    payloads.stamped(frame, stamp)

    assert len(frame) == payloads.FRAME_BYTES
    assert payloads.stamp_of(frame) == stamp
    assert json.loads(frame[4:])["Data"]["ticker"] == "BTCUSDT"


def test_the_sizes_are_those_of_a_real_terminal():
    assert len(payloads.update()) == 261
    assert len(payloads.update(payloads.ticker(999))) == 261
    assert 91_000 < len(payloads.tickers()) < 95_000
    assert len(json.loads(payloads.tickers())["Tickers"]) == 560


def test_the_relay_understands_them_as_the_terminals_words():
    slot = Slot("orderbook", 1, "BTCUSDT")

    assert subscriptions.read(payloads.subscribe()).slot == slot
    for message, verb in (
        (payloads.ack(), "subscribed"),
        (payloads.snapshot(), "told"),
        (payloads.update(), "told"),
    ):
        said = subscriptions.hear(message)
        assert said is not None
        assert (said.verb, said.slot) == (verb, slot)
    assert subscriptions.is_head(subscriptions.head_of(payloads.update()))


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_frames_are_as_the_relay_makes_them(size):
    assert payloads.framed(b"x" * size) == envelope.frame(b"x" * size)


def test_requests_say_their_length():
    made = payloads.request(1, "POST", "/api/change-ticker", payloads.CHANGE)
    bare = payloads.request(1, "GET", "/ping", more="X-Relay-Keys: both\r\n")

    assert b"Content-Length: %d\r\n" % len(payloads.CHANGE) in made
    assert made.endswith(b"\r\n\r\n" + payloads.CHANGE)
    assert bare.endswith(b"X-Relay-Keys: both\r\n\r\n")
