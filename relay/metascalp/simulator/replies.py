"""This file knows how replies are put into HTTP: headers, content type, and half of one."""

import asyncio
from typing import Any

from aiohttp import web

from .call import Reply
from .wire import encode

MAX_BODY = 16 * 1024 * 1024
METHODS = "GET, POST, PUT, DELETE, OPTIONS"


def request_of(
    message: Any, payload: Any, protocol: Any, writer: Any, task: Any
) -> web.BaseRequest:
    """A request whose body may be larger than the default allows."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY)


def response_of(reply: Reply) -> web.Response:
    return web.Response(
        body=encode(reply.body).encode(),
        status=reply.status,
        headers={"Access-Control-Allow-Origin": "*"},
        content_type="application/json",
        charset="utf-8",
    )


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
