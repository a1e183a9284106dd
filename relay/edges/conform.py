"""This file knows how a terminal is compared with what we know of one, changing nothing in it.

The report says where it differs from the documents, and what it answers to the questions they
leave open; it can be pasted into a bug report as it is.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from urllib.parse import quote

import aiohttp

from relay.edges.record import find
from relay.errors import RelayError, TerminalGone
from relay.metascalp.http import Http, Reply
from relay.metascalp.probes import FRAMES, PROBES, STRICT, Probe
from relay.metascalp.shapes import differences, large, parse, small, spelled

READ_S = 10.0
PASCAL_TEXTS = {
    "'tickerPattern' or 'exchange'+'market'+'ticker'":
        "'TickerPattern' or 'Exchange'+'Market'+'Ticker'",
    "'ticker' and 'orderId' are": "'ticker' and 'OrderId' are",
}  # fmt: skip
#: The question which build is the first to refuse unknown fields.
UNKNOWN_FIELDS = 13
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


@dataclass(slots=True)
class Report:
    """What came of the probes. settled: number of the question, what was asked, the answer."""

    terminal: str
    version: str
    profile: str
    asked: int = 0
    skipped: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    settled: list[tuple[int, str, str]] = field(default_factory=list)

    def text(self) -> str:
        lines = [
            f"MetaScalp {self.version} at {self.terminal}, compared with {self.profile}:",
            f"{self.asked} questions, {len(self.differences)} differences",
            *(f"- {one}" for one in self.differences),
            *(["", "Open questions it answers:"] if self.settled else []),
            *(f"- #{number} {asked}: {answer}" for number, asked, answer in self.settled),
            *(["", "Not asked:"] if self.skipped else []),
            *(f"- {one}" for one in self.skipped),
        ]
        return "\n".join(lines)

    def as_json(self) -> str:
        names = ("terminal", "version", "profile", "asked", "differences", "settled", "skipped")
        return json.dumps({name: getattr(self, name) for name in names}, ensure_ascii=False)


async def conform(terminal: str | None, profile: str | None = None) -> Report:
    """Asks a terminal everything. TerminalGone when there is none."""
    host, port = await find(terminal)
    async with Http(host, port) as http:
        ping = await http.request("GET", "/ping", timeout_s=READ_S)
        version, guessed = _build(ping)
        report = Report(f"{host}:{port}", version, profile or guessed)
        place = await _place(http)
        for probe in PROBES:
            await _ask(http, probe, place, report)
    await _frames(host, port, place, report)
    return report


async def _ask(http: Http, probe: Probe, place: tuple[int, str] | None, report: Report) -> None:
    build = BUILDS[report.profile]
    name = f"{probe.method} {probe.path}" + (f" {probe.body}" if probe.body else "")
    name += "".join(f" ({key}: {value})" for key, value in probe.headers.items())
    if place is None and ("{id}" in probe.path or "{ticker}" in probe.path):
        report.skipped.append(f"{name}: no connected connection")
        return
    number, ticker = place or (0, "")
    target = probe.path.replace("{id}", str(number)).replace("{ticker}", quote(ticker, safe=""))
    body = None if probe.body is None else probe.body.encode()
    try:
        reply = await http.request(
            probe.method, target, body, timeout_s=READ_S, headers=probe.headers
        )
    except RelayError as error:
        report.differences.append(f"{name}: {error.text}")
        return
    report.asked += 1
    older = int(probe.since) > build.edition
    if probe.settles is not None or (probe in STRICT and older):
        report.settled.append((probe.settles or UNKNOWN_FIELDS, name, _said(reply)))
    elif older:
        if _error(reply, build) not in ("Not found", "Method not allowed"):
            report.differences.append(f"{name}: is there, though it is newer: {_said(reply)}")
    else:
        report.differences += [f"{name}: {one}" for one in _compare(reply, probe, build)]


def _compare(reply: Reply, probe: Probe, build: Build) -> list[str]:
    wrong = []
    if reply.status != probe.status and not (reply.status == 501 and "snapshot" in probe.path):
        wrong.append(f"status {reply.status} instead of {probe.status}")
    kind = reply.headers.get("content-type", "").partition(";")[0]
    if kind != "application/json":
        wrong.append(f"content type {kind!r}")
    if "access-control-allow-origin" not in reply.headers:
        wrong.append("no Access-Control-Allow-Origin")
    if probe.error is not None:
        found, known = _error(reply, build), _worded(probe.error, build)
        if found != known:
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
    if build.edition < 3 and "settings" in known:
        known["settings"] = {k: v for k, v in known["settings"].items() if k not in NEW_KEYS}
    if build.casing != "mixed":
        known = spelled(known, small if build.casing == "camel" else large)
    if build.edition == 3 and isinstance(found, dict) and "standaloneCharts" in found:
        found = {name: found[name] for name in found if name in known}
    return differences(known, found)


def _worded(text: str, build: Build) -> str:
    if build.edition == 2:
        for new, old in PASCAL_TEXTS.items():
            text = text.replace(new, old)
    return text


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


async def _place(http: Http) -> tuple[int, str] | None:
    """A connection and a ticker to ask about: connected, not view mode, and with a REST book."""
    rows = await _list(http, "/api/connections", "connections")
    able = [row for row in rows if row.get("state") == 2]
    able.sort(key=lambda row: (bool(row.get("viewmode")), row.get("exchangeid") in (4, 6)))
    for row in able:
        tickers = await _list(http, f"/api/connections/{row.get('id')}/tickers", "tickers")
        names = [str(one.get("name")) for one in tickers if one.get("istradingallowed")]
        if names:
            usual = [name for name in names if name.replace("_", "") == "BTCUSDT"]
            return int(str(row["id"])), (usual or names)[0]
    return None


async def _list(http: Http, path: str, name: str) -> list[dict[str, object]]:
    try:
        reply = await http.request("GET", path, timeout_s=READ_S)
        found = spelled(parse(reply.body), str.lower)
    except (RelayError, ValueError):
        return []
    rows = found.get(name) if isinstance(found, dict) else None
    return [row for row in rows or [] if isinstance(row, dict)]


async def _frames(host: str, port: int, place: tuple[int, str] | None, report: Report) -> None:
    """The same over the socket: messages that no build can carry out."""
    build = BUILDS[report.profile]
    async with aiohttp.ClientSession() as session:
        try:
            socket = await session.ws_connect(f"ws://{host}:{port}/")
        except (aiohttp.ClientError, OSError) as error:
            raise TerminalGone(f"no WebSocket at {host}:{port}: {error}") from error
        async with socket:
            for frame, known, since, settles in FRAMES:
                if "{id}" in frame and place is None:
                    report.skipped.append(f"{frame}: no connected connection")
                    continue
                text = frame.replace("{id}", str(place[0] if place else 0))
                answer = await _exchange(socket, text)
                report.asked += 1
                if int(since) > build.edition:
                    kind = json.loads(text)["Type"]
                    known = f"Unknown message type: {kind}"
                expected = {"Type": "error", "Data": {"error": known}}
                if build.casing != "mixed":
                    expected = spelled(expected, small if build.casing == "camel" else large)
                if settles is not None:
                    report.settled.append((settles, frame, answer))
                elif answer != json.dumps(expected, separators=(",", ":")):
                    report.differences.append(f"{frame}: {answer} instead of {known!r}")


async def _exchange(socket: aiohttp.ClientWebSocketResponse, text: str) -> str:
    try:
        await socket.send_str(text)
        return str(await asyncio.wait_for(socket.receive_str(), 2.0))
    except (TypeError, ConnectionError):
        return "the socket closed"
    except TimeoutError:
        return "no answer"
