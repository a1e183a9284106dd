"""This file knows how the doctor's report is told: to a person in two languages, to a machine."""

from __future__ import annotations

from typing import Any

from relay import __version__
from relay.edges.doctor.finding import FAULTS, Finding, Report, Works
from relay.edges.words import Words

_MARKS = {"broken": "!!", "warning": "! ", "note": "i "}
_ORDER = ("broken", "warning", "note")


def text(report: Report, words: Words) -> str:
    """What works, then each fault with its one action, the worst first."""
    lines = [f"ok  {one.what}: {_how(one, words)}" for one in report.works]
    for one in report.mended:
        lines += [f"--  {_head(one, words)}", f"    {words.say('doctor_mended')}"]
    for one in by_level(report):
        lines += ["", f"{_MARKS[one.level]}  {_head(one, words)}"]
        lines += [f"    {line}" for line in (one.where, _detail(one, words)) if line]
        lines += [f"    -> {words.fix(one.fault)}"]
    key = "doctor_healthy" if report.healthy else "doctor_broken"
    return "\n".join([*lines, "", f"{words.say(key)} ({report.took_ms} ms)"]).lstrip()


def as_json(report: Report, words: Words) -> dict[str, Any]:
    """The same for machines; codes are stable, texts are not."""
    return {
        "version": __version__,
        "healthy": report.healthy,
        "findings": [_as_json(one, words) for one in by_level(report)],
        "mended": [_as_json(one, words) for one in report.mended],
        "works": [{"what": one.what, "how": _how(one, words)} for one in report.works],
        "ms": report.took_ms,
    }


def by_level(report: Report) -> list[Finding]:
    """The worst first."""
    return sorted(report.findings, key=lambda one: _ORDER.index(one.level))


def _head(one: Finding, words: Words) -> str:
    names = f"{', '.join(one.browsers)}: " if one.browsers else ""
    return f"{names}{words.fault(one.fault)} [{one.fault}]"


def _how(one: Works, words: Words) -> str:
    return words.say(f"works_{one.how}", *one.values)


def _detail(one: Finding, words: Words) -> str:
    """The words of the system as they are; our own in the reader's language."""
    if one.fault != "terminal-open-to-pages":
        return one.detail
    return "; ".join(words.say(f"open_{what}") for what in one.detail.split())


def _as_json(one: Finding, words: Words) -> dict[str, Any]:
    return {
        "fault": one.fault,
        "level": one.level,
        "browsers": list(one.browsers),
        "where": one.where,
        "detail": _detail(one, words),
        "text": words.fault(one.fault),
        "action": words.fix(one.fault),
        "fixable": FAULTS[one.fault].mends is not None,
    }
