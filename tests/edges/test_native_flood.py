"""Frames without end into the native door, cut anywhere: each request is answered exactly once.

FUZZ_FRAMES in the environment says how many, and that no answer takes longer than a second; a
million take some minutes.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from host import START

from relay.errors import BadFrame
from relay.frames import FrameDecoder, decode, encode

FRAMES = int(os.environ.get("FUZZ_FRAMES", "20000"))
WINDOW = 200
"""So many messages at most are unanswered; now and then twice as many, too many for the door."""
GROWTH = 16 * 1024 * 1024
HANG_S = 1.0 if "FUZZ_FRAMES" in os.environ else 5.0
"""No answer may take longer; in the short run a machine may have other things to do."""

FINDS = [
    {"exchange": "BINANCE", "market": "futures", "bare": "BTCUSDT"}, {"bare": "龙虾_USDT"},
    {"bare": ""}, {"base": "BTC"}, {"exchange": 5}, {"pattern": "::"}, [], "x", None,
    {"bare": "\ud800"},
]  # fmt: skip
METHODS = (
    "hello", "status", "orders", "positions", "balances", "resolve", "unsubscribe", "config_get",
    "open", "combo", "cancel", "no_such_method", "", "__class__",
)  # fmt: skip
EXPECTED = {
    "result", "bad-frame", "bad-request", "bad-params", "unknown-method", "stale", "busy",
    "terminal-not-found",
}  # fmt: skip
BROKEN = (
    b"{", b"\xff\xfe", b"[]", b'"x"', b"null", b"1e999", b"[" * 3000, b"{}", b'{"id":1}',
          b'{"method":"status"}', b'{"id":null,"method":"status"}', b'{"id":true,"method":"x"}',
          b'{"id":[],"method":"x"}', b'{"id":1.5,"method":"x"}', b'{"id":7,"method":7}',
)  # fmt: skip


def framed(body: bytes) -> bytes:
    return struct.pack("=I", len(body)) + body


def params_of(random: Random, method: str) -> Any:
    """Parameters that may be meant, or not. Commands are older than two seconds: none is done."""
    odd = random.choice([None, {}, [], 5, "x", {"": None}, {"topics": 5}, {"at": "x"}])
    if random.random() < 0.3:
        return odd
    common: dict[str, Any] = {"find": random.choice(FINDS), "at": random.choice([0, 1, -5])}
    more = {"connection": random.choice([1, "1", None]), "order": "5", "ticker": "BTCUSDT"}
    return common | more if method == "cancel" else common


def messages(count: int) -> Iterator[tuple[bytes, str | int | None]]:
    """Frames, each with the id it must be answered with; None: with none."""
    random = Random("flood")
    for n in range(count):
        if random.random() < 0.2:
            yield framed(random.choice(BROKEN)), None
            continue
        identity: str | int = n if random.random() < 0.5 else f"s{n}"
        method = random.choice(METHODS)
        request = {"jsonrpc": "2.0", "id": identity, "method": method}
        request["params"] = params_of(random, method)
        yield framed(json.dumps(request).encode("utf-8", "replace")), identity


class Flood:
    """A running host, what it has answered, and the longest an answer took. asked: when, by id."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.asked: dict[str | int, float] = {}
        self.answered: Counter[str | int] = Counter()
        self.nameless = 0
        self.codes: Counter[str] = Counter()
        self.total = 0
        self.longest_s = 0.0
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        decoder = FrameDecoder()
        assert self.process.stdout is not None
        while data := os.read(self.process.stdout.fileno(), 1 << 16):
            with self.news:
                for body in decoder.feed(data):
                    self._count(decode(body))
                self.news.notify()
        decoder.end()

    def _count(self, message: dict[str, Any]) -> None:
        if "method" in message:
            return
        self.total += 1
        assert ("result" in message) != ("error" in message)
        self.codes[message["error"]["data"]["code"] if "error" in message else "result"] += 1
        if message["id"] is None:
            self.nameless += 1
        else:
            self.answered[message["id"]] += 1
            waited = time.monotonic() - self.asked.pop(message["id"], 0.0)
            self.longest_s = max(self.longest_s, waited)

    def wait_until(self, answers: int) -> None:
        """Waits for so many answers in all, each to come within the time that is no hang."""
        with self.news:
            while self.total < answers:
                before = self.total
                assert self.news.wait_for(lambda had=before: self.total > had, HANG_S)

    def memory(self) -> int:
        """Bytes of real memory; 0 where the system does not say."""
        path = Path(f"/proc/{self.process.pid}/statm")
        pages = int(path.read_text().split()[1]) if path.exists() else 0
        return pages * 4096


@contextmanager
def flooded(folder: Path) -> Iterator[Flood]:
    """A host whose stderr holds no traceback in the end."""
    command, said = [sys.executable, "-c", START, "chrome-extension://x/"], folder / "stderr"
    pipe = subprocess.PIPE
    with (
        said.open("wb") as errors,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, bufsize=0) as process,
    ):
        flood = Flood(process)
        try:
            yield flood
        finally:
            process.kill()
            flood.reader.join(5)
    assert b"Traceback" not in said.read_bytes()


def cut(random: Random, data: bytes) -> Iterator[bytes]:
    """The bytes in pieces, long ones and single ones, often cut in the middle of a length."""
    while data:
        size = random.choice([1, 2, 3, 4, 5, random.randint(1, 100), random.randint(100, 20_000)])
        piece, data = data[:size], data[size:]
        yield piece


@pytest.mark.usefixtures("nobody")
@pytest.mark.timeout(60 + FRAMES // 1000)
def test_a_flood_of_frames_is_answered_each_exactly_once(tmp_path: Path) -> None:
    random, sent, named, early = Random("cuts"), 0, 0, 0
    with flooded(tmp_path) as flood:
        assert flood.process.stdin is not None
        pipe, batch = flood.process.stdin.fileno(), b""
        for data, identity in messages(FRAMES):
            batch += data
            sent += 1
            if identity is not None:
                named += 1
                flood.asked[identity] = time.monotonic()
            window = WINDOW * 2 if sent // 5000 % 4 == 3 else WINDOW
            if sent % 40 == 0 or sent == FRAMES:
                for piece in cut(random, batch):
                    os.write(pipe, piece)
                batch = b""
                flood.wait_until(sent - window)
            if sent == FRAMES // 5:
                early = flood.memory()
        flood.wait_until(FRAMES)
        grown = flood.memory() - early
        alive = flood.process.poll() is None
        flood.process.stdin.close()
        flood.process.wait(5)
        flood.reader.join(5)
    print(f"\n{FRAMES:,} frames: {len(flood.answered):,} requests answered, {flood.nameless:,} "
          f"refused; memory +{grown / 2**20:.1f} MiB, longest answer {flood.longest_s:.2f} s"
    )  # fmt: skip

    print(dict(flood.codes))

    assert alive
    assert flood.codes["result"] > FRAMES / 10
    assert set(flood.codes) <= EXPECTED
    assert flood.process.returncode == 0
    assert (len(flood.answered), set(flood.answered.values())) == (named, {1})
    assert flood.nameless == FRAMES - named
    assert grown <= GROWTH
    assert flood.longest_s <= HANG_S


@pytest.mark.usefixtures("nobody")
def test_byte_by_byte_it_is_the_same(tmp_path: Path) -> None:
    data = [one for one, _ in messages(60)]
    with flooded(tmp_path) as flood:
        assert flood.process.stdin is not None
        for byte in b"".join(data):
            os.write(flood.process.stdin.fileno(), bytes([byte]))
        flood.wait_until(len(data))
        flood.process.stdin.close()
        flood.process.wait(5)

    assert (flood.total, flood.process.returncode) == (60, 0)


STREAM = b"".join(encode(one) for one in ({}, {"a": 1}, {"method": "龙"}, {"id": 2}))


def test_two_cuts_anywhere_give_the_same_messages() -> None:
    """Every pair of chunk boundaries of four frames, the middles of lengths included."""
    whole = [decode(body) for body in FrameDecoder().feed(STREAM)]
    for start, end in combinations(range(len(STREAM) + 1), 2):
        decoder, found = FrameDecoder(), []
        for piece in (STREAM[:start], STREAM[start:end], STREAM[end:]):
            found += [decode(body) for body in decoder.feed(piece)]
        decoder.end()
        assert found == whole


def test_an_end_anywhere_but_between_frames_is_said() -> None:
    edges = {0}
    for body in FrameDecoder().feed(STREAM):
        edges.add(max(edges) + 4 + len(body))
    for size in range(len(STREAM) + 1):
        decoder = FrameDecoder()
        list(decoder.feed(STREAM[:size]))
        if size in edges:
            decoder.end()
        else:
            with pytest.raises(BadFrame):
                decoder.end()
