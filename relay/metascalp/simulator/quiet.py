"""This file knows which errors are a client's own: they are answered as all are, and not logged."""

import logging

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from .call import Reply
from .replies import response_of

FOREIGN = (HttpProcessingError, web.RequestPayloadError, ConnectionError)


class Server(web.Server):
    """An HTTP server whose every error is JSON, also for bytes that are no request."""

    def __call__(self) -> web.RequestHandler:
        return Handler(self, loop=self._loop, **self._kwargs)


class Handler(web.RequestHandler):
    """One connection of it."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        super().handle_error(request, status, exc, message)
        own = status >= 500
        text = "Internal server error" if own else "Bad request"
        response = response_of(Reply({"error": text}, 500 if own else 400))
        response.force_close()
        return response


def logger() -> logging.Logger:
    """A log for the HTTP server that stays silent about what clients do wrong."""
    log = logging.getLogger(__name__)
    if not log.filters:
        log.addFilter(ours)
    return log


def ours(record: logging.LogRecord) -> bool:
    """False for a record about an error of a client's making."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, FOREIGN)
