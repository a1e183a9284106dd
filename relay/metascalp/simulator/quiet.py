"""This file knows which errors are a client's own: they are answered, and not logged."""

import logging

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

FOREIGN = (HttpProcessingError, web.RequestPayloadError, ConnectionError)


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
