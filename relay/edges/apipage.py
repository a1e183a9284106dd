"""This file knows the page at /relay/: the tables of this door for a person with a browser.

All of it is in the one answer: no script, no fetch, no other host, nothing of this machine.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape

from relay import __version__
from relay.bodies import Body, Field
from relay.core import places
from relay.edges import openapi, operations
from relay.metascalp.routes import ROUTES, Route

_LAYOUT = """
body { padding: 14px clamp(10px, 3vw, 36px) 40px; font-size: 13px; }
main { max-width: 1180px; margin: auto; }
h1 { font-size: 17px; margin: 0 0 2px; }
h2 { font-size: 13px; margin: 22px 0 4px; color: var(--quiet); font-weight: 600; }
p { margin: 3px 0; max-width: 78ch; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid var(--line); padding: 3px 10px 3px 0; vertical-align: top; }
tr:hover td { background: var(--hover); }
code { overflow-wrap: anywhere; }
.verb { font: 600 11px/19px var(--mono); width: 5.5em; color: var(--mark); }
.verb.POST { color: var(--buy); } .verb.PUT { color: var(--wait); }
.verb.DELETE { color: var(--sell); }
.path { width: 31em; } .scope { width: 4em; color: var(--quiet); }
.scope.trade { color: var(--sell); font-weight: 600; } .scope.ui { color: var(--text); }
.must { font-weight: 600; } .type { color: var(--quiet); }
summary { cursor: pointer; color: var(--quiet); width: max-content; }
pre { margin: 2px 0 4px; padding: 6px 8px; background: var(--raised); border-radius: var(--radius);
  white-space: pre-wrap; overflow-wrap: anywhere; font: 11px/1.45 var(--mono); }
.fields { color: var(--quiet); }
@media (max-width: 760px) {
  tr { display: block; border-top: 1px solid var(--line); padding: 3px 0; }
  td { display: inline; border: 0; } td.more { display: block; }
  .verb, .path, .scope { width: auto; }
}
"""
#: What a path holds, and the heading it belongs under.
_HEADINGS = (
    ("signal-levels", "signal levels"),
    ("user-levels", "user levels"),
    ("annotations", "drawings"),
    ("orderbook-settings", "order book settings"),
    ("snapshot", "market data"),
    ("leverage", "market data"),
    ("/orders", "orders"),
    ("connections", "connections"),
    ("/api/ui/", "windows, tabs, panels"),
    ("screener", "screener"),
)
_HEAD = """<p>The MetaScalp terminal's own API, passed one to one, and the relay's own operations.
Send <code>Authorization: Bearer TOKEN</code>; a token is made by
<code>metascalp-relay token new --scope read|ui|trade</code>. Programs only: requests of web pages
are refused.</p>
<p>Bodies are <code>application/json</code>, field names in any letter case. What a route does not
list is refused before anything is sent. <code>X-Relay-Keys: camel|pascal|both</code> chooses the
spelling of an answer, <code>X-Relay-Terminal: 127.0.0.1:PORT</code> another terminal. The same for
machines: <code>GET /relay/openapi.json</code>.</p>"""
_SOCKET = """<p><code>GET /</code> with an upgrade to WebSocket: the terminal's stream, every
message as the terminal says it. Equal subscriptions of several clients share one.</p>"""


@cache
def page() -> str:
    """The page as HTML."""
    groups = [
        f"<h2>{escape(name)}</h2><table>{''.join(map(_route, routes))}</table>"
        for name, routes in _groups().items()
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>metascalp-relay API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_style()}</style>'
        f"<main><h1>metascalp-relay {escape(__version__)}</h1>{_HEAD}"
        f"<h2>relay</h2><table>{_own()}</table>{''.join(groups)}<h2>stream</h2>{_SOCKET}</main>"
    )


def style_hash() -> str:
    """What the policy of the page lets in: this style, and nothing else."""
    digest = hashlib.sha256(_style().encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


@cache
def _style() -> str:
    look = (places.shipped("extension") / "look.css").read_text(encoding="utf-8")
    return look + _LAYOUT


def _groups() -> dict[str, list[Route]]:
    """The routes under their headings, in the document's order."""
    groups: dict[str, list[Route]] = {}
    for route in ROUTES:
        name = next((name for word, name in _HEADINGS if word in route.path), "terminal")
        groups.setdefault(name, []).append(route)
    return groups


def _route(route: Route) -> str:
    query = " ".join(_name(one.strip("!"), "!" in one) for one in route.query.split())
    more = f'<div class="fields">? {query}</div>' if query else ""
    if route.body is not None and route.body.fields:
        more += f'<div class="fields">{_fields(route.body)}</div>'
    example = openapi.example(route.path) if route.method == "GET" else None
    if example:
        more += f"<details><summary>answer</summary><pre>{escape(example)}</pre></details>"
    return _row(route.method, route.path, route.scope, route.gives, more)


def _own() -> str:
    rows = [_row("GET", f"/relay/{name}", "read", text) for name, text in openapi.OWN_READS.items()]
    for name, operation in operations.TABLE.items():
        if name in operations.FOR_SOCKETS:
            continue
        text, params = openapi.OPERATIONS.get(name, (operation.run.__doc__ or name, ""))
        fields = ", ".join(
            _name(one.partition(":")[0].strip("!"), "!" in one) for one in params.split()
        )
        more = f'<div class="fields">{fields}</div>' if fields else ""
        rows.append(_row("POST", f"/relay/{name}", operation.scope, text, more))
    return "".join(rows)


def _fields(body: Body) -> str:
    told = (_name(field.name, field.name in body.required, _kind(field)) for field in body.fields)
    return ("a list of " if body.many else "") + ", ".join(told)


def _kind(field: Field) -> str:
    if field.words:
        return " / ".join(f"{number} {word}" for word, number in field.words.items())
    return {
        "text": "",
        "any": "",
        "word": "name or number",
        "texts": "list",
        "binding": '"001"',
    }.get(field.kind, field.kind)


def _name(name: str, must: bool, kind: str = "") -> str:
    named = f"<code{' class=must' if must else ''}>{escape(name)}</code>"
    return f'{named} <span class="type">{escape(kind)}</span>' if kind else named


def _row(method: str, path: str, scope: str, text: str, more: str = "") -> str:
    return (
        f'<tr><td class="verb {method}">{method}<td class="path"><code>{escape(path)}</code>'
        f'<td class="scope {scope}">{scope}<td class="more">{_ticked(text)}{more}'
    )


def _ticked(text: str) -> str:
    """Text with `names` set as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
