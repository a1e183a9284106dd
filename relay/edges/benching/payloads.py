"""This file knows what is sent to and fro while measuring: messages of one size, as prepared bytes.

Sizes are those of a real terminal: an update of a book 261 bytes, a list of 560 tickers 92 kB
(MetaScalp 1.0.2860, 2026-09). An update carries the moment it was sent, at a fixed place, so
that whoever counts bytes can also tell how old a message is.
"""

from __future__ import annotations

import json

UPDATE_BYTES = 261
TICKERS = 560
STAMP_DIGITS = 19
#: Where the moment stands, counted from the end of a message.
_STAMP_AT = -(STAMP_DIGITS + len('"}}'))

CHANGE = b'{"ticker":"BINANCE:BTCUSDT.p","binding":"001"}'
CHANGED = b'{"Success":true}'
PING = b'{"App":"MetaScalp","Version":"1.0.2860"}'
CONNECTION = {
    "Id": 1, "Name": "Binance Futures", "Exchange": "Binance", "ExchangeId": 2,
    "Market": "USDT Futures", "MarketType": 2, "State": 2, "ViewMode": False, "DemoMode": False,
}  # fmt: skip
PLACE = '"Data":{"connectionId":1,"ticker":"%s"'


def ticker(number: int) -> str:
    """Names of one length, so that messages are of one size."""
    return f"T{number:06d}"


def subscribe(name: str = "BTCUSDT") -> bytes:
    return f'{{"Type":"orderbook_subscribe",{PLACE % name}}}}}'.encode()


def ack(name: str = "BTCUSDT") -> bytes:
    told = f'"Data":{{"ConnectionId":1,"Ticker":"{name}","ZoomIndex":0}}'
    return f'{{"Type":"orderbook_subscribed",{told}}}'.encode()


def snapshot(name: str = "BTCUSDT") -> bytes:
    empty = '"asks":[],"bids":[],"bestAsk":null,"bestBid":null'
    return f'{{"Type":"orderbook_snapshot",{PLACE % name},{empty}}}}}'.encode()


def update(name: str = "BTCUSDT", stamp: int = 0) -> bytes:
    """A change of a book. stamp: the moment in nanoseconds."""
    levels = ",".join(
        f'{{"price":{65000 + n}.00,"size":0.{n}25,"type":"{kind}"}}'
        for n, kind in enumerate(("Ask", "Bid", "Ask"))
    )
    head = f'{{"Type":"orderbook_update",{PLACE % name},"updates":[{levels}]'
    tail = f',"at":"{stamp:0{STAMP_DIGITS}d}"}}}}'
    filling = UPDATE_BYTES - len(head) - len(tail) - len(',"of":""')
    return f'{head},"of":"{"x" * filling}"{tail}'.encode()


def stamped(frame: bytearray, stamp: int) -> None:
    """Puts the moment into a prepared frame."""
    frame[_STAMP_AT : _STAMP_AT + STAMP_DIGITS] = b"%019d" % stamp


def stamp_of(frame: bytes | memoryview) -> int:
    """When a frame was sent; ValueError for what is no frame of ours."""
    return int(bytes(frame[_STAMP_AT : _STAMP_AT + STAMP_DIGITS]))


def framed(payload: bytes) -> bytes:
    """A WebSocket text frame as a server sends it."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def masked(payload: bytes, opcode: int = 1) -> bytes:
    """A frame as a client sends it, with a mask that changes nothing."""
    assert len(payload) < 65536, "a client says short things"
    size = len(payload)
    length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes((0x80 | opcode,)) + length + b"\0\0\0\0" + payload


FRAME_BYTES = len(framed(update()))
#: What a reader gets before the first update.
GREETING = framed(ack()) + framed(snapshot())


def tickers(count: int = TICKERS) -> bytes:
    """The terminal's list of tickers, spelled as it spells it."""
    rows = [
        {
            "Ticker": f"{ticker(number)}USDT", "BaseAsset": ticker(number), "QuoteAsset": "USDT",
            "TickSize": "0.00010", "LotSize": "0.001", "MinLot": 0.001, "MaxLot": 1000 + number,
            "Status": "Trading", "Scale": 5,
        }
        for number in range(count)
    ]  # fmt: skip
    return json.dumps({"Tickers": rows}, separators=(",", ":")).encode()


def answer(body: bytes, status: str = "200 OK") -> bytes:
    """A whole HTTP answer."""
    head = (
        f"HTTP/1.1 {status}\r\nServer: bench\r\n"
        f"Content-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def request(port: int, method: str, target: str, body: bytes = b"", more: str = "") -> bytes:
    """A whole request. more: further header lines, each with its end."""
    kind = "Content-Type: application/json\r\n" if body else ""
    length = f"Content-Length: {len(body)}\r\n" if body or method == "POST" else ""
    head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{kind}{length}{more}\r\n"
    return head.encode() + body


def upgrade(port: int, more: str = "") -> bytes:
    """A request for a WebSocket."""
    wish = (
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}"
    )
    return request(port, "GET", "/", more=wish)
