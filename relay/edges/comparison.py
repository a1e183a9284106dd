"""This file knows the report of a comparison: what differs, what was settled, what stays open.

It can be pasted into a bug report as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from relay.metascalp.questions import QUESTIONS


@dataclass(frozen=True, slots=True)
class Settled:
    """One open question decided. assumed: it is as we had taken it to be; None: nothing was."""

    number: int
    asked: str
    answer: str
    assumed: bool | None

    def text(self) -> str:
        marks = {True: " (as assumed)", False: " (NOT as assumed)", None: ""}
        return f"#{self.number} {self.asked}: {self.answer}{marks[self.assumed]}"


@dataclass(slots=True)
class Report:
    """What came of the probes."""

    terminal: str
    version: str
    profile: str
    asked: int = 0
    skipped: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)

    def open(self) -> list[str]:
        """The questions that are still open, and why."""
        known = {one.number for one in self.settled}
        return [
            f"#{number} {question}: {why or 'this terminal gives no occasion'}"
            for number, (question, why) in QUESTIONS.items()
            if number not in known
        ]

    def text(self) -> str:
        sections = {
            "Open questions it answers:": [one.text() for one in self.settled],
            "Open questions it leaves open:": self.open(),
            "Not compared:": self.skipped,
        }
        lines = [
            f"MetaScalp {self.version} at {self.terminal}, compared with {self.profile}:",
            f"{self.asked} questions, {len(self.differences)} differences",
            *(f"- {one}" for one in self.differences),
        ]
        for title, rows in sections.items():
            lines += ["", title, *(f"- {one}" for one in rows)] if rows else []
        return "\n".join(lines)

    def as_json(self) -> str:
        names = ("terminal", "version", "profile", "asked", "differences", "skipped")
        settled = [[one.number, one.asked, one.answer, one.assumed] for one in self.settled]
        data = {name: getattr(self, name) for name in names}
        return json.dumps({**data, "settled": settled, "open": self.open()}, ensure_ascii=False)
