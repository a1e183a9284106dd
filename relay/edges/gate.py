"""This file knows who may come in at the HTTP door, before anything of a body is read.

Every request and every WebSocket upgrade passes here, whichever way it is served. A page cannot do
without a foreign Host, an Origin or a Sec-Fetch header (Fetch standard; Chromium 156 leaves
Sec-Fetch-Site off WebSocket upgrades but sends Origin, measured 2026-11), and never knows a token.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from relay.core.tokens import Token, Tokens
from relay.edges import operations
from relay.edges.pulse import Pulse
from relay.errors import RelayError
from relay.head import Head
from relay.metascalp import routes
from relay.scopes import holds
from relay.throttle import Bucket

MAX_BODY = 1024 * 1024
MAX_TARGET = 8 * 1024
#: Requests a second for one token, and orders among them.
REQUESTS_S, ORDERS_S = 100.0, 10.0

#: The only thing a person may open in a browser: it holds nothing of this machine.
PAGE = "/relay/"
OWN = "/relay/"

_TARGET = re.compile(r"/(?!/)[!-\[\]-~]*")
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
#: Of these a request has one, so two readers could take another (RFC 9110, section 5.3).
_ONCE = ("content-type", "content-encoding", "user-agent", "max-forwards", "content-location",
         "content-range", "etag", "server")  # fmt: skip


class Refused(Exception):
    """A request that stays outside; text is for the one who sent it."""

    def __init__(self, status: int, text: str, why: str, **headers: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.why = why
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who has been let in. token: None where none was needed. route: the documented one
    that is asked for. page: a person with a browser, for whom there is one page."""

    token: Token | None
    scope: str
    route: routes.Route | None = None
    page: bool = False

    @property
    def name(self) -> str | None:
        return self.token.name if self.token else None

    def allows(self, scope: str) -> bool:
        return holds(self.scope, scope)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request asks for. needs: the scope for it. shown: its token, None without one.
    is_order: it counts against the limit of orders, whichever way it is asked."""

    path: str
    route: routes.Route | None
    needs: str
    shown: str | None
    is_page: bool
    is_order: bool


@dataclass(slots=True)
class _Buckets:
    requests: Bucket
    orders: Bucket


@dataclass(slots=True)
class Gate:
    """tokens: who may come in. local: programs without a token may too. The limits hold for each
    token; a program without one is the user's own, on its own. pulse: what changes anything is not
    let in when it may have waited for a relay that stood still."""

    tokens: Tokens
    local: bool = False
    requests_s: float = REQUESTS_S
    orders_s: float = ORDERS_S
    pulse: Pulse = field(default_factory=Pulse)
    refused: dict[str, int] = field(default_factory=dict)
    _buckets: dict[str, _Buckets] = field(default_factory=dict)

    def admit(self, head: Head, port: int) -> Guest:
        """Lets a request in, or raises Refused. port: the one this door listens on."""
        return self.let(self.check(head, port))

    def check(self, head: Head, port: int) -> Claim:
        """What a request asks for, whoever sends it; Refused for what comes in for nobody."""
        try:
            _keep_pages_out(head, port)
            _check_shape(head)
            _check_body(head)
        except Refused as refused:
            raise self._noted(refused) from None
        return _claim(head)

    def let(self, claim: Claim) -> Guest:
        """Lets in who shows the right token for a claim, so many times a second."""
        if claim.is_page:
            return Guest(None, "read", page=True)
        try:
            if claim.needs != "read" and self.pulse.stood_still:
                text = "the relay stood still, and this may be old: nothing was sent"
                raise Refused(503, text, "stale", Retry_After="1")
            token = self._token(claim)
            if token is None:
                return Guest(None, "trade", claim.route)
            if not token.allows(claim.needs):
                text = f"this token may {token.scope}; {claim.path} needs the scope {claim.needs}"
                raise Refused(403, text, "scope")
            self._count(token.name, is_order=claim.is_order)
        except Refused as refused:
            raise self._noted(refused) from None
        return Guest(token, token.scope, claim.route)

    def _noted(self, refused: Refused) -> Refused:
        self.refused[refused.why] = self.refused.get(refused.why, 0) + 1
        return refused

    def _token(self, claim: Claim) -> Token | None:
        """Whose token it is; None where none is needed. One that is shown has to be right."""
        shown = claim.shown
        if shown is None and self.local:
            return None
        try:
            token = self.tokens.who(shown) if shown else None
        except RelayError as error:
            raise Refused(500, error.text, "tokens") from error
        if token is None:
            what = "this token is not known" if shown else "a token is needed"
            raise Refused(
                401,
                f"{what}: send `Authorization: Bearer TOKEN`, made by "
                "`metascalp-relay token new --scope read|ui|trade`",
                "token",
                WWW_Authenticate='Bearer realm="metascalp-relay"',
            )
        return token

    def _count(self, name: str, *, is_order: bool) -> None:
        """Counts a request against its token's limits."""
        buckets = self._buckets.get(name)
        if buckets is None:
            buckets = _Buckets(Bucket(self.requests_s), Bucket(self.orders_s))
            self._buckets[name] = buckets
        now = time.monotonic()
        wait = buckets.requests.take(now)
        what, rate = "requests", self.requests_s
        if not wait and is_order:
            wait, what, rate = buckets.orders.take(now), "orders", self.orders_s
        if wait:
            raise Refused(
                429,
                f"more than {rate:g} {what} a second: nothing was sent",
                "rate",
                Retry_After=str(math.ceil(wait)),
            )


def _keep_pages_out(head: Head, port: int) -> None:
    hosts = [value for name, value in head.headers if name == "host"]
    if len(hosts) != 1 or hosts[0] not in (f"127.0.0.1:{port}", f"localhost:{port}"):
        raise Refused(403, f"Host {hosts[0][:80] if hosts else ''!r} is not this door", "host")
    fetched = {name: value for name, value in head.headers if name.startswith("sec-fetch-")}
    if head.count("origin") or (fetched and not _is_typed_address(head, fetched)):
        raise Refused(403, "web pages are not let in", "page")


def _is_typed_address(head: Head, fetched: Mapping[str, str]) -> bool:
    """A person opened the one page that is for people: no page can say `none` of itself."""
    return (
        head.path == PAGE
        and head.method == "GET"
        and fetched.get("sec-fetch-site") == "none"
        and fetched.get("sec-fetch-mode") == "navigate"
        and fetched.get("sec-fetch-dest") == "document"
    )


def _check_shape(head: Head) -> None:
    """One meaning for us and for the terminal, or none: no other form of target, no way up, no
    escape that would be a separator, nothing twice that can be there but once."""
    if head.method not in _METHODS:
        raise Refused(405, "Method not allowed", "shape")
    if len(head.target) > MAX_TARGET:
        raise Refused(414, f"a target of more than {MAX_TARGET} characters", "shape")
    if not _TARGET.fullmatch(head.target) or "#" in head.target:
        raise Refused(400, "the target must be a path of this door", "shape")
    path = unquote(head.path)
    parts = path.split("/")
    if re.search(r"%(2f|5c|00|0[ad])", head.path, re.I) or any(
        part in (".", "..") or (not part and 0 < at < len(parts) - 1)
        for at, part in enumerate(parts)
    ):
        raise Refused(400, "the path must be plain", "shape")
    if "%" in head.path and path.startswith(OWN):  # A name of ours has one spelling, and one scope.
        raise Refused(400, "the path must be plain", "shape")
    encoding = head.get("transfer-encoding")
    if head.count("content-length") + head.count("transfer-encoding") > 1:
        raise Refused(400, "a body has one length", "shape")
    if (name := next((one for one in _ONCE if head.count(one) > 1), None)) is not None:
        raise Refused(400, f"{name} is said twice", "shape")
    if encoding is not None and encoding.strip(" \t").lower() != "chunked":
        raise Refused(400, "no such transfer encoding", "shape")


def _check_body(head: Head) -> None:
    """JSON alone: what a form or a simple request of a page can send is none of it."""
    length = "0" if (told := head.get("content-length")) is None else told
    if not re.fullmatch(r"[0-9]{1,18}", length):
        raise Refused(400, "a body has a length in digits", "shape")
    if int(length) > MAX_BODY:
        raise Refused(413, f"a body of more than {MAX_BODY} bytes", "size")
    if not int(length) and head.get("transfer-encoding") is None:
        return
    kind = (head.get("content-type") or "").partition(";")[0].strip(" \t").lower()
    if (head.get("content-encoding") or "identity").lower() != "identity":
        raise Refused(415, "a body is not to be packed", "type")
    if kind != "application/json":
        raise Refused(415, "a body needs Content-Type: application/json", "type")


def _claim(head: Head) -> Claim:
    shown = head.get("x-relay-token")
    scheme, _, bearer = (head.get("authorization") or "").partition(" ")
    if shown is None and scheme.lower() == "bearer":
        shown = bearer.strip(" ")
    route = routes.find(head.method, head.path)
    is_page = head.path == PAGE and head.method in ("GET", "HEAD")
    needs, is_own = _needs(head, route), head.path.startswith(OWN)
    is_order = needs == "trade" if is_own else route is not None and route.order
    return Claim(head.path, route, needs, shown, is_page, is_order)


def _needs(head: Head, route: routes.Route | None) -> str:
    if head.is_upgrade:
        return "read"
    if head.path.startswith(OWN):
        operation = operations.TABLE.get(head.path.removeprefix(OWN))
        return operation.scope if operation and head.method == "POST" else "read"
    return routes.scope(head.method, route)
