"""This file knows how replies are put into HTTP: headers, content type, and half of one."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from .body import NOT_JSON
from .call import Reply
from .profile import Profile
from .wire import encode

SMALL = 65536
"""The largest body of a terminal with small ones."""
MAX_BODY = 16 * 1024 * 1024
METHODS = "GET, POST, PUT, DELETE, OPTIONS"
SERVER = "Microsoft-HTTPAPI/2.0"
"""What .NET's own HTTP listener on Windows calls itself; whether the terminal uses it nobody has
seen."""


class Request(web.BaseRequest):
    """A request whose answers, also those to a handshake, do not name the library behind them."""

    def __init__(self, *arguments: Any, server: str | None, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.server = server

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        response.headers.pop("Server", None)
        if self.server is not None:
            response.headers["Server"] = self.server


def requests(profile: Profile) -> Callable[..., Request]:
    """What makes requests, whose bodies may be larger than the default allows."""
    server = SERVER if profile.server_header else None

    def request_of(*arguments: Any) -> Request:
        loop = asyncio.get_running_loop()
        return Request(*arguments, loop, client_max_size=MAX_BODY, server=server)

    return request_of


def response_of(reply: Reply, profile: Profile | None = None) -> web.Response:
    """The reply as HTTP, with the headers that a profile's terminal gives it."""
    response = web.Response(
        body=encode(reply.body).encode(),
        status=reply.status,
        headers={"Access-Control-Allow-Origin": "*"},
        content_type="application/json",
        charset="utf-8" if profile is None or profile.charset else None,
    )
    if profile is not None and not profile.keep_alive:
        response.force_close()
    return response


def refusal(request: web.BaseRequest, raw: bytes, profile: Profile) -> Reply | None:
    """What a request is answered that is not looked at any further; None when it is."""
    if profile.refuse_foreign and _foreign(request):
        return Reply({"error": "Not found"}, 400)
    other = profile.json_type_only and request.content_type != "application/json"
    if raw and (other or (profile.small_bodies and len(raw) > SMALL)):
        return Reply({"error": NOT_JSON}, 400)
    return None


def _foreign(request: web.BaseRequest) -> bool:
    name = request.headers.get("Host", "").rpartition(":")[0]
    return name not in ("127.0.0.1", "localhost") or "Origin" in request.headers


async def halved(request: web.BaseRequest, response: web.Response) -> web.StreamResponse:
    """The first half of an answer, then the end of the connection."""
    body = response.body
    half = web.StreamResponse(status=response.status, headers=response.headers)
    assert isinstance(body, bytes), "an answer is made of bytes"
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half


def cors_headers(full: bool) -> dict[str, str]:
    headers = {"Access-Control-Allow-Origin": "*"}
    if full:
        headers["Access-Control-Allow-Methods"] = METHODS
        headers["Access-Control-Allow-Headers"] = "Content-Type"
    return headers
