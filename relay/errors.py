"""This file knows every way to fail: one tree, a wire code and an HTTP status on each class.

    RelayError
    ├── BadFrame          what came in is not a message
    ├── BadRequest        a message, but not a request
    ├── UnknownMethod     no such operation
    ├── BadParams         an operation, with parameters it cannot take
    ├── BadTicker         text that is no ticker pattern
    ├── BadConfig         settings that cannot be meant
    ├── Stale             a command that waited too long to be meant any more
    ├── Busy              too many requests at once
    ├── TooLarge          an answer that does not fit the door
    ├── RelayBroken       a part of the relay cannot be loaded
    ├── ActivityUnread    the file of the activity cannot be read now
    ├── TerminalGone      no MetaScalp is listening
    │   └── TerminalOther ours is not, but one that is not taken for it
    ├── TerminalSilent    it was asked and did not answer: the result is unknown
    └── TerminalRefused   it answered, and the answer is no

`code` is protocol: never reused, never renamed. The text is English and for people who read logs;
doors that speak to a trader make their own sentence from the code and `params`.
"""

from __future__ import annotations


class RelayError(Exception):
    """The base; never raised itself."""

    code = "internal"
    status = 500

    def __init__(self, text: str, **params: str | int | float | None) -> None:
        super().__init__(text)
        self.text = text
        self.params = params


class BadFrame(RelayError):
    """Bytes that are no message: wrong length, not UTF-8, not JSON, nested too deeply."""

    code, status = "bad-frame", 400


class BadRequest(RelayError):
    """JSON, but not a request."""

    code, status = "bad-request", 400


class UnknownMethod(RelayError):
    """A request for an operation that does not exist."""

    code, status = "unknown-method", 404


class BadParams(RelayError):
    """Parameters that the operation cannot take; `params["field"]` names the first wrong one."""

    code, status = "bad-params", 400


class BadTicker(RelayError):
    """Text that is not a ticker pattern."""

    code, status = "bad-ticker", 400


class BadConfig(RelayError):
    """A settings file, or a value in it, that cannot be meant."""

    code, status = "bad-config", 400


class Stale(RelayError):
    """A command older than two seconds: the trader has moved on."""

    code, status = "stale", 409


class Busy(RelayError):
    """More requests in flight than the door takes."""

    code, status = "busy", 503


class TooLarge(RelayError):
    """An answer beyond the door's limit."""

    code, status = "too-large", 507


class RelayBroken(RelayError):
    """A package the relay stands on cannot be imported; `params["detail"]` has Python's words."""

    code, status = "relay-broken", 500


class ActivityUnread(RelayError):
    """The disk or the file has not let it be read; what was kept is still there."""

    code, status = "activity-unread", 503


class TerminalGone(RelayError):
    """Nothing listens where MetaScalp should; nothing was sent."""

    code, status = "terminal-not-found", 503


class TerminalOther(TerminalGone):
    """Ours is gone while another one answers, which nothing goes to unless it is named;
    `params["address"]` says where."""

    code, status = "terminal-other", 503


class TerminalSilent(RelayError):
    """The request was sent and no answer came: it may or may not have been carried out."""

    code, status = "no-answer", 504


class TerminalRefused(RelayError):
    """The terminal said no; `http_status` is its status and the text its own words."""

    code, status = "terminal-refused", 502

    def __init__(self, text: str, http_status: int) -> None:
        super().__init__(text, terminal=text, status=http_status)
        self.http_status = http_status
