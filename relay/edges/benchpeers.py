"""This file knows what `bench --door` measures against: a terminal that costs nothing, and nginx.

The stand-in answers from prepared bytes, so that what is measured is the way and not its end; nginx
has one worker, kept connections, and buffers that hold the largest answer.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TICKERS = 560
START_S = 20.0

_NGINX = """
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  upstream terminal {{
    server 127.0.0.1:{terminal}; keepalive 64; keepalive_requests 1000000000;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://terminal; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffer_size 128k; proxy_buffers 8 128k; proxy_busy_buffers_size 256k;
    }}
  }}
}}
"""


def tickers() -> bytes:
    """A list of the size that was captured: 560 tickers are 92 kB."""
    rows = [
        {
            "Name": f"COIN{n}USDT", "BaseAsset": f"COIN{n}", "QuoteAsset": "USDT",
            "IsTradingAllowed": True, "PriceIncrement": 0.01, "SizeIncrement": 0.001,
            "MinSize": 0.001, "MaxSize": 1000.0,
        }
        for n in range(TICKERS)
    ]  # fmt: skip
    reply = {"connectionId": 1, "count": TICKERS, "tickers": rows}
    return json.dumps(reply, separators=(",", ":")).encode()


class _StandIn(asyncio.Protocol):
    """Answers what is whole, and reads no more of it than where it ends and what it asks for."""

    answers: dict[bytes, bytes]

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "a stream of bytes"
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n") + 4) > 3:
            head = self._buffer[:end].lower()
            at = head.find(b"content-length:")
            end += int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._buffer) < end:
                return
            self._buffer = self._buffer[end:]
            self._transport.write(self.answers[head.split(b" ", 2)[1].rsplit(b"/", 1)[1]])


async def _stand_in(port: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: "
    bodies = {
        b"ping": b'{"app":"MetaScalp","version":"1.0.2860"}',
        b"connections": b'{"connections":[]}',
        b"tickers": tickers(),
        b"change-ticker": b'{"status":"ok"}',
    }
    _StandIn.answers = {
        name: head + b"%d\r\n\r\n" % len(body) + body for name, body in bodies.items()
    }
    server = await asyncio.get_running_loop().create_server(_StandIn, "127.0.0.1", port)
    await server.serve_forever()


@contextmanager
def terminal() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The stand-in in a process of its own, and its port."""
    port = free_port()
    with running([sys.executable, "-m", __name__, str(port)], port) as process:
        yield process, port


@contextmanager
def nginx(folder: Path, terminal: int) -> Iterator[int | None]:
    """nginx in front of the stand-in: its port; None where it is not installed."""
    path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if path is None:
        yield None
        return
    port = free_port()
    config = folder / "nginx.conf"
    text = _NGINX.format(folder=folder.as_posix(), terminal=terminal, port=port)
    config.write_text(text, encoding="utf-8")
    with running([path, "-p", str(folder), "-c", str(config)], port):
        yield port


@contextmanager
def door(terminal: int) -> Iterator[int]:
    """`serve` in front of the stand-in, as a user starts it."""
    port = free_port()
    command = [sys.executable, "-m", "relay", "serve", "--port", str(port), "--auth", "local"]
    with running([*command, "--terminal", f"127.0.0.1:{terminal}"], port):
        yield port


@contextmanager
def running(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process that listens on a port, ended with the block."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        ends = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1.0).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > ends:
                    raise OSError(f"{command[0]} did not start") from None
                time.sleep(0.02)
        yield process
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    asyncio.run(_stand_in(int(sys.argv[1])))
