"""This file knows what else one could put between: settings and the smallest programs for it.

Each is written as its own documentation would have it, is made in a temporary folder when it is
measured, and is nothing that we run otherwise. `{up}` is the terminal's port, `{port}` its own.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from relay.edges.benching import payloads

#: One worker, connections kept, and buffers that take a list of tickers whole: its defaults would
#: write 92 kB to disk and lose by four (measured 2026-11).
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; {user}
events {{ worker_connections 2048; }}
http {{
  access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s;
  upstream terminal {{ server 127.0.0.1:{up}; keepalive 128; keepalive_requests 100000000; }}
  map $http_upgrade $way {{ default upgrade; '' ''; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://terminal; proxy_http_version 1.1;
      proxy_set_header Host $host; proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $way; proxy_read_timeout 1h;
      proxy_buffer_size 128k; proxy_buffers 8 128k; proxy_busy_buffers_size 256k;
    }}
  }}
}}
"""

HTTP_PROXY = """
const http = require('http'), httpProxy = require('http-proxy');
const agent = new http.Agent({{keepAlive: true, maxSockets: 128}});
const proxy = httpProxy.createProxyServer({{target: 'http://127.0.0.1:{up}', agent}});
proxy.on('error', () => {{}});
const server = http.createServer((q, a) => proxy.web(q, a));
server.on('upgrade', (q, s, h) => proxy.ws(q, s, h));
server.keepAliveTimeout = 600000;
server.listen({port}, '127.0.0.1');
"""

WS = """
const {{WebSocket, WebSocketServer}} = require('ws');
const there = new WebSocket('ws://127.0.0.1:{up}/', {{perMessageDeflate: false}});
const readers = new Set();
there.on('open', () => there.send({subscribe}));
let before = 2;
there.on('message', (data) => {{
  if (before-- > 0) return;
  for (const reader of readers) reader.send(data, {{binary: false}});
}});
const server = new WebSocketServer({{port: {port}, host: '127.0.0.1', perMessageDeflate: false}});
server.on('connection', (reader) => reader.once('message', () => {{
  for (const text of {greeting}) reader.send(text);
  readers.add(reader);
}}));
"""

BROADCAST = """
import asyncio
from websockets.asyncio.client import connect
from websockets.asyncio.server import broadcast, serve
readers = set()
async def handle(reader):
    await reader.recv()
    for text in {greeting}:
        await reader.send(text)
    readers.add(reader)
    await reader.wait_closed()
    readers.discard(reader)
async def main():
    async with (
        serve(handle, "127.0.0.1", {port}, compression=None),
        connect("ws://127.0.0.1:{up}/", compression=None) as there,
    ):
        await there.send({subscribe})
        await there.recv()
        await there.recv()
        async for message in there:
            broadcast(readers, message)
            await asyncio.sleep(0)
asyncio.run(main())
"""

SOCKETIFY = """
import websockets
from socketify import App, OpCode
app = App()
def hear(reader, message, code):
    for text in {greeting}:
        reader.send(text, OpCode.TEXT)
    reader.subscribe("all")
app.ws("/", {{"message": hear, "max_backpressure": 1 << 30}})
async def follow():
    async with websockets.connect("ws://127.0.0.1:{up}/", compression=None) as there:
        await there.send({subscribe})
        await there.recv()
        await there.recv()
        async for message in there:
            app.publish("all", message, OpCode.TEXT)
app.listen({port}, lambda _: None)
app.loop.loop.create_task(follow())
app.run()
"""

FAN_C = r"""
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* Whole frames of one socket of the terminal, to every reader, once for each read. */
static const char *GREETING[] = {{{c_greeting}}};
static char buffer[1 << 20], line[4096];
static int until_blank(int plug) {{
  int at = 0;
  while (at < 4000 && read(plug, line + at, 1) == 1)
    if (++at >= 4 && !memcmp(line + at - 4, "\r\n\r\n", 4)) return line[at] = 0, at;
  return 0;
}}
static int framed(char *to, const char *text, int masked) {{
  int size = strlen(text), at = 2;
  to[0] = (char)0x81;
  to[1] = (char)((masked ? 0x80 : 0) | (size < 126 ? size : 126));
  if (size > 125) {{ to[2] = size >> 8; to[3] = size; at = 4; }}
  if (masked) {{ memset(to + at, 0, 4); at += 4; }}
  memcpy(to + at, text, size);
  return at + size;
}}
static void all(int plug, const char *data, int size) {{
  while (size > 0) {{
    int sent = write(plug, data, size);
    if (sent <= 0) return;
    data += sent; size -= sent;
  }}
}}
int main(void) {{
  struct sockaddr_in to = {{.sin_family = AF_INET, .sin_port = htons({up})}}, own = to;
  own.sin_port = htons({port});
  to.sin_addr.s_addr = own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int up = socket(AF_INET, SOCK_STREAM, 0), door = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  connect(up, (struct sockaddr *)&to, sizeof to);
  setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  bind(door, (struct sockaddr *)&own, sizeof own);
  const char *wish = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade"
    "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  all(up, wish, strlen(wish));
  until_blank(up);
  all(up, line, framed(line, {c_subscribe}, 1));
  int skip = 0, count = 0, have = 0;
  for (int i = 0; i < 2; i++) skip += framed(line, GREETING[i], 0);
  listen(door, 1024);
  static struct pollfd fds[1024];
  fds[0] = (struct pollfd){{up, POLLIN, 0}};
  fds[1] = (struct pollfd){{door, POLLIN, 0}};
  count = 2;
  for (;;) {{
    poll(fds, count, -1);
    if (fds[0].revents) {{
      int size = read(up, buffer + have, sizeof buffer - have);
      if (size <= 0) return 0;
      if (skip) {{ int less = size < skip ? size : skip; skip -= less; size -= less; }}
      have += size;
      int whole = have - have % {frame};
      for (int i = 2; whole && i < count; i++) all(fds[i].fd, buffer, whole);
      memmove(buffer, buffer + whole, have -= whole);
    }}
    for (int i = 2; i < count; i++)
      if (fds[i].revents && read(fds[i].fd, line, sizeof line) <= 0) {{
        close(fds[i].fd);
        fds[i--] = fds[--count];
      }}
    if (fds[1].revents) {{
      int plug = accept(door, 0, 0);
      setsockopt(plug, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      if (!until_blank(plug)) {{ close(plug); continue; }}
      const char *yes = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
      all(plug, yes, strlen(yes));
      for (int i = 0; i < 2; i++) all(plug, line, framed(line, GREETING[i], 0));
      fds[count++] = (struct pollfd){{plug, POLLIN, 0}};
    }}
  }}
}}
"""

#: What is between may look at nothing: the least that Python can cost.
PIPE = """
import asyncio
class End(asyncio.Protocol):
    other, early = None, b""
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        if self.other is None:
            self.early += data
        else:
            self.other.transport.write(data)
    def connection_lost(self, error):
        if self.other is not None:
            self.other.transport.close()
class Door(End):
    def connection_made(self, transport):
        super().connection_made(transport)
        tasks.create_task(self.go())
    async def go(self):
        loop = asyncio.get_running_loop()
        _, there = await loop.create_connection(End, "127.0.0.1", {up})
        there.other, self.other = self, there
        there.transport.write(self.early)
async def main():
    global tasks
    async with asyncio.TaskGroup() as tasks:
        await asyncio.get_running_loop().create_server(Door, "127.0.0.1", {port}, backlog=1024)
        await asyncio.Event().wait()
asyncio.run(main())
"""

HTTPX = """
import httpx, uvicorn
client = httpx.AsyncClient(base_url="http://127.0.0.1:{up}",
                           limits=httpx.Limits(max_connections=128))
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        part = await receive()
        body, more = body + part.get("body", b""), part.get("more_body", False)
    headers = [one for one in scope["headers"] if one[0] in (b"content-type", b"accept")]
    reply = await client.request(scope["method"], scope["path"], content=body, headers=headers)
    kind = reply.headers["content-type"].encode()
    length = str(len(reply.content)).encode()
    await send({{"type": "http.response.start", "status": reply.status_code,
                "headers": [(b"content-type", kind), (b"content-length", length)]}})
    await send({{"type": "http.response.body", "body": reply.content}})
uvicorn.run(app, host="127.0.0.1", port={port}, log_level="error", access_log=False)
"""


def written(template: str, folder: Path, name: str, up: int, port: int) -> Path:
    """A peer's program or settings, as a file."""
    path = folder / name
    greeting = [payloads.ack().decode(), payloads.snapshot().decode()]
    # What Python says of a str or a list of them without odd letters is JavaScript's too.
    text = template.format(
        up=up, port=port, folder=folder, user=_user(), greeting=greeting,
        subscribe=repr(payloads.subscribe().decode()), frame=payloads.FRAME_BYTES,
        c_subscribe=json.dumps(payloads.subscribe().decode()),
        c_greeting=", ".join(map(json.dumps, greeting)),
    )  # fmt: skip
    path.write_text(text)
    return path


def _user() -> str:
    """nginx that is started by the administrator would make its worker somebody else."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return ""
    import pwd  # Not on Windows.

    return f"user {pwd.getpwuid(0).pw_name};"
