"""This file knows how a terminal is compared with what we know of one, changing nothing in it.

The report says where it differs from the documents, and what it answers to the questions they
leave open; it can be pasted into a bug report as it is.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from relay.edges import asking
from relay.edges.comparison import Report, Settled
from relay.edges.place import READ_S, Place, place_of
from relay.edges.record import find
from relay.errors import RelayError
from relay.metascalp import observations
from relay.metascalp.http import Http, Reply
from relay.metascalp.probes import FRAMES, NOTHING, PROBES, STRICT, Frames, Probe
from relay.metascalp.shapes import differences, large, parse, small, spelled

#: What an older edition says instead, as far as probes ask for it.
OLDER_TEXTS = {
    2: {
        "'tickerPattern' or 'exchange'+'market'+'ticker'":
            "'TickerPattern' or 'exchange'+'market'+'ticker'",
        "'ticker' and 'orderId' are": "'ticker' and 'OrderId' are",
    },
    1: {
        "exchange Ftx and": "exchange 1 and",
        "No connection found for exchange FTX and market Futures":
            f"Invalid ticker pattern: 'FTX:{NOTHING}.P'",
    },
}  # fmt: skip
#: What nobody knows whether a build has it: 1.0.671 was seen in the weeks when edition 2 got these.
UNSURE = {"v1.0.671": ("orderbook-settings", "orderbook-snapshot", "mark_price", "funding")}
#: The question whether a socket is closed after an error: no difference wherever it is.
CLOSING = 31
#: The question which build is the first to refuse unknown fields.
UNKNOWN_FIELDS = 13
#: Keys whose absence is an answer to an open question, not a difference.
EMPTY_COLUMN = "Items"
#: Fields whose type is an open question.
OPAQUE = {"type", "timeFrame", "metric"}
#: Where the reply of edition 2 has less than the one of edition 3.
NEW_KEYS = ("ZoomStepMode", "ShowExecutedOrders")


@dataclass(frozen=True, slots=True)
class Build:
    """What a profile means for the tables."""

    edition: int
    casing: str


BUILDS = {
    "v1.0.2860": Build(3, "mixed"),
    "v1.0.671": Build(2, "mixed"),
    "doc-edition-1": Build(1, "camel"),
    "doc-edition-2": Build(2, "pascal"),
}


async def conform(terminal: str | None, profile: str | None = None) -> Report:
    """Asks a terminal everything. TerminalGone when there is none."""
    host, port = await find(terminal)
    async with Http(host, port) as http:
        ping = await http.request("GET", "/ping", timeout_s=READ_S)
        version, guessed = _build(ping)
        report = Report(f"{host}:{port}", version, profile or guessed)
        place = await place_of(http)
        for probe in PROBES:
            await _ask(http, probe, place, report)
    for frames in FRAMES:
        await _say(host, port, frames, place, report)
    report.settled.sort(key=lambda one: one.number)
    return report


async def _ask(http: Http, probe: Probe, place: Place, report: Report) -> None:
    build = BUILDS[report.profile]
    name = f"{probe.method} {probe.path}" + (f" {probe.body}" if probe.body else "")
    name += "".join(f" ({key}: {value})" for key, value in probe.headers.items())
    target = place.fill(probe.path)
    if target is None:
        report.skipped.append(f"{name}: no connection to ask about")
        return
    body = None if probe.body is None else probe.body.encode()
    try:
        reply = await http.request(
            probe.method, target, body, timeout_s=READ_S, headers=probe.headers
        )
    except RelayError as error:
        report.differences.append(f"{name}: {error.text}")
        return
    report.asked += 1
    _judge(reply, probe, build, place, name, report)


def _judge(
    reply: Reply, probe: Probe, build: Build, place: Place, name: str, report: Report
) -> None:
    """Puts an answer where it belongs in the report."""
    older, strict = int(probe.since) > build.edition, probe in STRICT
    wrong = _compare(reply, probe, build, place)
    absent = _error(reply, build) in ("Not found", "Method not allowed")
    if older and not strict and absent:
        pass
    elif absent and wrong and _unsure(name, report):
        report.skipped.append(f"{name}: this build does not have it")
    elif probe.settles is not None:
        answer = _said(reply) if probe.error or wrong else str(reply.status)
        assumed = None if older else not wrong
        report.settled.append(Settled(probe.settles, name, answer, assumed))
    elif older and not strict:
        report.differences.append(f"{name}: is there, though it is newer: {_said(reply)}")
    else:
        if strict and "relayProbe" in (probe.body or ""):
            report.settled.append(Settled(UNKNOWN_FIELDS, name, _said(reply), None))
        report.differences += [f"{name}: {one}" for one in ([] if older else wrong)]
    if not probe.headers and probe.settles is None and reply.status == 200:
        for number, answer in observations.of(probe.path, reply.headers, reply.body):
            report.settled.append(Settled(number, f"{name} shows", answer, None))


def _compare(reply: Reply, probe: Probe, build: Build, place: Place) -> list[str]:
    wrong = []
    if reply.status != probe.status and not (reply.status == 501 and "snapshot" in probe.path):
        wrong.append(f"status {reply.status} instead of {probe.status}")
    if probe.method == "OPTIONS":
        allow = reply.headers.get("access-control-allow-methods")
        return wrong if allow else [*wrong, "no methods are allowed"]
    kind = reply.headers.get("content-type", "").partition(";")[0]
    if kind != "application/json":
        wrong.append(f"content type {kind!r}")
    if "access-control-allow-origin" not in reply.headers:
        wrong.append("no Access-Control-Allow-Origin")
    if probe.error is not None:
        found = _error(reply, build)
        known = _worded(place.fill(probe.error) or probe.error, build)
        if not (found is not None and _like(known).fullmatch(found)):
            wrong.append(f"{_said(reply)} instead of {known!r}")
    elif reply.status == 200 and probe.like is not None:
        wrong += _shape(reply, probe.like, build)
    return wrong


def _shape(reply: Reply, like: str, build: Build) -> list[str]:
    try:
        found = parse(reply.body)
    except ValueError:
        return ["not JSON"]
    known = parse(like)
    if build.edition < 3 and "signalLevels" in known:
        known["signalLevels"] = [dict(list(row.items())[:7]) for row in known["signalLevels"]]
    if isinstance(found, dict):
        inside: Any = found.get("settings", found.get("Settings"))
        for name in observations.working(inside) if isinstance(inside, dict) else ():
            del inside[name]
    if build.edition < 3 and "settings" in known:
        known["settings"] = {k: v for k, v in known["settings"].items() if k not in NEW_KEYS}
    if build.casing != "mixed":
        known = spelled(known, small if build.casing == "camel" else large)
    for column in _screened(found):
        column.update(dict.fromkeys(OPAQUE & column.keys(), "…"))
    for column in _columns(found):
        column.setdefault(EMPTY_COLUMN if build.casing != "camel" else small(EMPTY_COLUMN), [])
    if build.edition == 3 and isinstance(found, dict) and "standaloneCharts" in found:
        found = {name: found[name] for name in found if name in known}
    return differences(known, found)


def _like(known: str) -> re.Pattern[str]:
    """An error text in which {any} stands for whatever this terminal has."""
    return re.compile(".+".join(re.escape(part) for part in known.split("{any}")))


def _screened(found: Any) -> list[dict[str, Any]]:
    """The columns of a screener's rows, whose types nobody knows."""
    rows = found.get("rows") if isinstance(found, dict) else None
    inside = [one.get("columns") for one in rows or [] if isinstance(one, dict)]
    return [one for columns in inside for one in columns or [] if isinstance(one, dict)]


def _columns(found: Any) -> list[dict[str, Any]]:
    """The columns of a cluster snapshot: one that is empty may have no list."""
    rows = found.get("Columns") if isinstance(found, dict) else None
    return [one for one in rows or [] if isinstance(one, dict)]


def _worded(text: str, build: Build) -> str:
    for new, old in OLDER_TEXTS.get(build.edition, {}).items():
        text = text.replace(new, old)
    return text


def _unsure(name: str, report: Report) -> bool:
    return any(part in name for part in UNSURE.get(report.profile, ()))


def _error(reply: Reply, build: Build) -> str | None:
    """The error text under the key this build has it under."""
    try:
        found = parse(reply.body)
    except ValueError:
        return None
    key = "Error" if build.casing == "pascal" else "error"
    return found.get(key) if isinstance(found, dict) else None


def _said(reply: Reply) -> str:
    text = reply.body[:300].decode("utf-8", "replace")
    allow = reply.headers.get("access-control-allow-methods")
    return f"{reply.status} {text}".strip() + (f" (allows {allow})" if allow else "")


def _build(ping: Reply) -> tuple[str, str]:
    """The version a terminal names, and the profile that it looks like."""
    try:
        found = parse(ping.body)
    except ValueError:
        return "?", "v1.0.2860"
    if not isinstance(found, dict):
        return "?", "v1.0.2860"
    version = str(found.get("version", found.get("Version", "?")))
    if "App" in found:
        return version, "doc-edition-2"
    if version.startswith("0."):
        return version, "doc-edition-1"
    number = version.split("-")[0].rpartition(".")[2]
    return version, "v1.0.671" if number.isdigit() and int(number) < 2000 else "v1.0.2860"


async def _say(host: str, port: int, frames: Frames, place: Place, report: Report) -> None:
    """The same over a socket."""
    build = BUILDS[report.profile]
    name = " ".join(frames.say)
    name += "".join(f" ({key}: {value})" for key, value in frames.headers.items())
    say = [place.fill(text) for text in frames.say]
    told = tuple(text for text in say if text is not None)
    if len(told) < len(say):
        report.skipped.append(f"{name}: no connection to ask about")
        return
    found = await asking.ask(host, port, told, frames.headers)
    if frames.settles != CLOSING:
        found = [one for one in found if not one.startswith(asking.CLOSED)]
    report.asked += 1
    known, older = frames.answer, int(frames.since) > build.edition
    if older:
        known = f"Unknown message type: {json.loads(told[0])['Type']}"
    answer = ", ".join(map(asking.short, found)) or "no answer"
    if frames.settles is not None:
        assumed = None if older else answer == known
        report.settled.append(Settled(frames.settles, name, answer, assumed))
    elif answer.startswith("Unknown message type") and answer != known and _unsure(name, report):
        report.skipped.append(f"{name}: this build does not have it")
    elif found != [_frame(known, build)]:
        report.differences.append(f"{name}: {', '.join(found) or answer} instead of {known!r}")


def _frame(error: str, build: Build) -> str:
    """An error frame to the letter."""
    value = {"Type": "error", "Data": {"error": error}}
    if build.casing != "mixed":
        value = spelled(value, small if build.casing == "camel" else large)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
