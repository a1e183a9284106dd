"""A program called MetaScalp, as far as its name goes, that behaves as its arguments say.

Its one argument is JSON: {"bind", "version", "status", "connections", "foreign", "silent", "hangs",
"pages"}. It prints its port. Nothing of ours is imported: it starts at once.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SAYS = json.loads(sys.argv[1])


class Handler(BaseHTTPRequestHandler):
    server_version = "MetaScalpStub/1"

    def log_message(self, *_: object) -> None:
        """A test has nothing to read here."""

    def do_GET(self) -> None:
        page = self.headers.get("Origin") or self.headers["Host"].startswith("page.")
        if SAYS.get("hangs") and (page or self.path != "/ping"):
            threading.Event().wait()
        elif SAYS.get("foreign"):
            self.answer(200, {"hello": "world"})
        elif page and not SAYS.get("pages"):
            self.answer(403, {"error": "no pages"})
        elif self.path == "/ping":
            self.answer(200, {"app": "MetaScalp", "version": SAYS.get("version", "1.0.2860")})
        else:
            states = SAYS.get("connections", [2, 2])
            rows = [{"id": number, "state": state} for number, state in enumerate(states)]
            self.answer(SAYS.get("status", 200), {"connections": rows})

    def do_POST(self) -> None:
        if SAYS.get("hangs"):
            threading.Event().wait()
        self.answer(415, {"error": "JSON only"})

    def answer(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if SAYS.get("pages"):
            self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(data)


def main() -> None:
    bind = SAYS.get("bind", "127.0.0.1")
    if SAYS.get("silent"):
        listener = socket.create_server((bind, 0))
        print(listener.getsockname()[1], flush=True)
        threading.Event().wait()
    server = ThreadingHTTPServer((bind, 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


main()
