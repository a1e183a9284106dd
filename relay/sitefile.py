"""This file knows what a user's own site file may say, and which line of it is wrong.

The same data as `extension/sites/`: hosts, path templates, tables, selectors; no code, no regular
expressions, no script in the page's world. What it says is read by the extension's own engine.
"""

from __future__ import annotations

import json
import re
from typing import Any

from relay.errors import BadConfig
from relay.exchanges import Exchanges

MAX_CHARS = 200_000
MAX_SHOWN = 80
#: Classes of placeholders; `extension/reading/template.js` gives them their letters.
CLASSES = frozenset(
    [
        "locale",
        "region",
        "base",
        "symbol",
        "exchange",
        "dex",
        "settle",
        "code",
        "share",
        "number",
        "digit",
        "future",
        "yymmdd",
        "yyyymmdd",
        "month",
        "strike",
        "side",
        "slug",
        "word",
        "text",
        "any",
        "rest",
        "quote",
    ]
)
_KEYS = frozenset(
    [
        "id",
        "name",
        "exchange",
        "exchangeFrom",
        "hosts",
        "oldHosts",
        "confirmed",
        "source",
        "quotes",
        "stop",
        "rename",
        "letters",
        "paths",
        "reject",
        "tables",
        "names",
        "dom",
        "tests",
    ]
)
_PATH_KEYS = frozenset(
    [
        "path",
        "hosts",
        "query",
        "hash",
        "hashJson",
        "hashText",
        "notation",
        "market",
        "quote",
        "quotes",
        "bare",
        "native",
        "asset",
        "stale",
        "capitals",
    ]
)
_DOM_KEYS = frozenset(["use", "selector", "attr", "parts", "take", "seen", "active"])
_MARKETS = ("spot", "futures", "margin", "options")
_HOST = re.compile(r"(?=.{4,100}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*\.[a-z]{2,20}")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def parse(text: str, exchanges: Exchanges) -> dict[str, Any]:
    """The site in a file; BadConfig says on which line what is wrong, `why` as one word."""
    if len(text) > MAX_CHARS:
        raise _problem(1, _Wrong("too-long", f"longer than {MAX_CHARS} characters"))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        column = getattr(error, "colno", 1)
        said = f"not JSON: {getattr(error, 'msg', error)} (column {column})"
        wrong = _Wrong("not-json", said, str(column))
        raise _problem(getattr(error, "lineno", 1), wrong) from error
    try:
        _check(data, exchanges)
    except _Wrong as wrong:
        raise _problem(_line(text, wrong.value), wrong) from wrong
    return dict(data)


class _Wrong(Exception):
    """What is wrong: `why` for who speaks another language, with the value to look for."""

    def __init__(self, why: str, reason: str, value: object = None) -> None:
        super().__init__(reason)
        self.why = why
        self.value = value


def _problem(line: int, wrong: _Wrong) -> BadConfig:
    value = "" if wrong.value is None else wrong.value
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return BadConfig(f"line {line}: {wrong}", why=wrong.why, line=line, value=shown[:MAX_SHOWN])


def _check(data: Any, exchanges: Exchanges) -> None:
    if not isinstance(data, dict):
        raise _Wrong("no-object", "a site is an object")
    _known(data, _KEYS)
    if not re.fullmatch(r"[a-z0-9]{1,32}", str(data.get("id", ""))):
        raise _Wrong("id", "id wants small letters and digits", data.get("id"))
    exchange = data.get("exchange")
    if exchange is not None and exchange not in exchanges.numbers:
        raise _Wrong("exchange", f"exchange {exchange!r} is none of the terminal's", exchange)
    for host in [*(_list(data, "hosts", str) or [""]), *_list(data, "oldHosts", str)]:
        if not _HOST.fullmatch(host):
            raise _Wrong("host", f"host {host!r} is not one exact host name", host)
    for path in _list(data, "paths", dict):
        _check_path(path)
    for rule in _list(data, "reject", dict):
        _template(rule.get("path"), "/")
    for rule in _list(data, "dom", dict):
        _check_dom(rule)


def _check_path(path: dict[str, Any]) -> None:
    _known(path, _PATH_KEYS)
    _template(path.get("path"), "/")
    if path.get("market") not in (None, *_MARKETS):
        raise _Wrong("market", f"market is one of {', '.join(_MARKETS)}", path["market"])
    for place in ("query", "hash", "hashJson"):
        conditions = path.get(place, {})
        if not isinstance(conditions, dict):
            raise _Wrong("not-a-list", f"{place} is a table of templates", place)
        for wanted in conditions.values():
            for one in wanted if isinstance(wanted, list) else [wanted]:
                if one is not None:
                    _template(one)


def _check_dom(rule: dict[str, Any]) -> None:
    _known(rule, _DOM_KEYS)
    if rule.get("use") not in ("row", "link", "page"):
        raise _Wrong("use", "use is row, link or page", rule.get("use"))
    if not isinstance(rule.get("selector"), str) or len(rule["selector"]) > 400:
        raise _Wrong("selector", "a rule of the page wants a selector", rule.get("selector"))


def _template(text: object, start: str = "") -> None:
    if not isinstance(text, str) or not text.startswith(start) or len(text) > 300:
        said = f"a template is a text{' that begins with /' if start else ''}"
        raise _Wrong("template", said, text)
    for inside in _PLACEHOLDER.findall(text):
        name, _, kind = inside.removesuffix("?").partition(":")
        if (kind or name) not in CLASSES:
            said = f"{{{inside}}} is of no class; known are {', '.join(sorted(CLASSES))}"
            raise _Wrong("placeholder", said, text)


def _known(data: dict[str, Any], keys: frozenset[str]) -> None:
    for key in data:
        if key not in keys:
            raise _Wrong("key", f"unknown key {key!r}", key)


def _list(data: dict[str, Any], key: str, kind: type) -> list[Any]:
    found = data.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, kind) for one in found):
        what = "texts" if kind is str else "objects"
        raise _Wrong("not-a-list", f"{key} is a list of {what}", key)
    return found


def _line(text: str, value: object) -> int:
    """Where a value stands; the first line for what is missing."""
    if value is None:
        return 1
    at = max(text.find(json.dumps(value, ensure_ascii=ascii)) for ascii in (True, False))
    return text.count("\n", 0, max(at, 0)) + 1
