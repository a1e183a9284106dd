"""This file knows what lies under /relay/: status, metrics, the description, the operations."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from aiohttp import web

from relay.bodies import unknown
from relay.config import address
from relay.edges import apipage, openapi, operations
from relay.edges.gate import OWN
from relay.edges.serving import SERVING, Serving, asked_keys, body_of, error, head_of, json_response
from relay.edges.web_pass import whose
from relay.errors import BadParams, RelayError
from relay.metrics import CONTENT_TYPE, gauge
from relay.spelling import AsIs


async def own(request: web.Request) -> web.StreamResponse:
    """Whatever is asked under /relay/."""
    head, keys = head_of(request), request.app[SERVING].keys
    name = head.path.removeprefix(OWN)
    try:
        keys, _ = asked_keys(head, keys)
        if (
            request.method == "POST"
            and name in operations.TABLE
            and name not in operations.FOR_SOCKETS
        ):
            await _check_named(request.app[SERVING], head.get("x-relay-terminal"))
            answer = json_response(await _operation(request, name), keys)
            if (client := request.app[SERVING].relay.link.client) is not None:
                answer.headers.update(whose(client))
            return answer
        if request.method in ("GET", "HEAD") and name in _READ:
            return await _READ[name](request.app[SERVING], keys)
        known = name in operations.TABLE or name in _READ
        return error(405 if known else 404, "Method not allowed" if known else "Not found", keys)
    except RelayError as refusal:
        return error(refusal.status, refusal.text, keys, code=refusal.code, **refusal.params)


async def _check_named(serving: Serving, named: str | None) -> None:
    """BadParams for a terminal that is not ours: an operation would act on ours all the same."""
    if named is None:
        return
    port, ours = address(named)[1], (await serving.terminals.client(None)).http
    if ours.port != port:
        raise BadParams(
            f"Operations act on {ours.host}:{ours.port} only.", field="X-Relay-Terminal"
        )


async def _operation(request: web.Request, name: str) -> dict[str, Any]:
    """The result of one operation; its parameters are the body, none is the same as none."""
    params = _params(name, await body_of(request) or b"")
    serving = request.app[SERVING]
    if name in ("orders", "positions", "balances"):
        await serving.relay.read_account()
    return await operations.perform(name, serving.relay, params, serving.reader)


def _params(name: str, text: bytes) -> dict[str, Any]:
    """An operation's parameters. BadParams for one that it does not take: `cancel_all` with a
    `side` was meant to be less than every order. (`config_set` says itself what is a preference.)
    """
    try:
        params = json.loads(text, object_pairs_hook=_once) if text.strip() else {}
    except (ValueError, RecursionError) as problem:
        raise BadParams(f"the body is not JSON: {problem}") from problem
    if not isinstance(params, dict):
        raise BadParams("the body must be an object")
    target = params.get("target")
    for given, taken in (
        (params if name != "config_set" else {}, openapi.parameters(name)),
        (target if isinstance(target, dict) else {}, ("binding", "panel")),
    ):
        for one in given:
            if one not in taken:
                raise unknown(one, taken)
    return params


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; BadParams for a name given twice, of which only one could be heeded."""
    whole = dict(pairs)
    if len(whole) < len(pairs):
        twice = next(name for name, _ in pairs if [one for one, _ in pairs].count(name) > 1)
        raise BadParams(f"Field '{twice[:64]}' is given twice.", field=twice[:64])
    return whole


async def _status(serving: Serving, keys: str) -> web.Response:
    status = await serving.relay.fresh_status()
    await serving.terminals.look()
    more = {"terminals": serving.terminals.as_json(), "door": _door(serving)}
    return json_response(status | more, keys)


def _door(serving: Serving) -> dict[str, Any]:
    gate = serving.gate
    return {
        "keys": serving.keys,
        "auth": "local" if gate.local else "token",
        "clients": _clients(serving),
        "streams": serving.streams.stats(),
        "requests": serving.metrics.requests,
        "refused": AsIs(sorted(gate.refused.items())),
    }


def _clients(serving: Serving) -> dict[str, Any]:
    """Who is connected. own: sockets that are a lane of one's own. tokens: sockets by the name of
    their token; "" is who needs none."""
    everyone = [*serving.sockets.values(), *serving.straight.values()]
    return {
        "connections": serving.connections(),
        "sockets": len(everyone),
        "own": len(serving.straight),
        "tokens": AsIs(sorted(Counter(guest.name or "" for guest in everyone).items())),
    }


async def _metrics(serving: Serving, keys: str) -> web.Response:
    link = serving.relay.link
    lines = [
        *gauge("metascalp_relay_terminal_up", "Whether the terminal is there.",
               {(): int(link.client is not None)}),
        *gauge("metascalp_relay_connections", "The terminal's connections, by state.",
               _by_state(serving)),
        *gauge("metascalp_relay_sockets", "WebSockets of clients that are open.",
               {(): len(serving.sockets) + len(serving.straight)}),
        *gauge("metascalp_relay_streams", "The shared streams: readers, topics, sockets upstream.",
               {(("what", what),): count for what, count in serving.streams.stats().items()}),
        *gauge("metascalp_relay_refused_total", "Requests that were kept outside, by reason.",
               {(("why", why),): count for why, count in sorted(serving.gate.refused.items())},
               "counter"),
        *serving.metrics.lines(),
    ]  # fmt: skip
    return web.Response(body="\n".join([*lines, ""]), headers={"Content-Type": CONTENT_TYPE})


def _by_state(serving: Serving) -> dict[tuple[tuple[str, str], ...], float]:
    states = [place.state for place in serving.relay.link.connections]
    return {(("state", state),): states.count(state) for state in sorted(set(states))}


async def _openapi(serving: Serving, keys: str) -> web.Response:
    return json_response(openapi.document(), "asis")


async def _page(serving: Serving, keys: str) -> web.Response:
    policy = f"default-src 'none'; style-src '{apipage.style_hash()}'; frame-ancestors 'none'; "
    headers = {
        "Content-Security-Policy": policy + "base-uri 'none'; form-action 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    body = apipage.page().encode()
    return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)


_READ = {"": _page, "status": _status, "metrics": _metrics, "openapi.json": _openapi}
