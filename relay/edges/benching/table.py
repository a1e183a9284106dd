"""This file knows how what was measured is told: a table for people, JSON for machines."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relay.edges.benching.rounds import Goal, Row, Spread, short


@dataclass(slots=True)
class Report:
    """All that one run showed. busy: cores that others used when it began."""

    date: str
    machine: str
    command: str
    busy: float
    rows: list[Row] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    curves: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "date": self.date, "machine": self.machine, "command": self.command,
            "busyCores": round(self.busy, 2), "skipped": self.skipped,
            "rows": [_row_json(row) for row in self.rows], "curves": self.curves,
        }  # fmt: skip


def _row_json(row: Row) -> dict[str, Any]:
    shown = {
        name: {key: _spread_json(one) for key, one in values.items()}
        for name, values in row.shown.items()
    }
    figures = [
        {
            "name": name, **_spread_json(spread), "goal": str(goal) if goal else None,
            "reached": goal.reached(spread.median) if goal else None,
        }
        for name, spread, goal in row.figures
    ]  # fmt: skip
    return {
        "name": row.name, "unit": row.unit, "key": row.key, "rounds": row.rounds,
        "shown": shown, "figures": figures, "failed": row.failed,
    }  # fmt: skip


def _spread_json(spread: Spread) -> dict[str, float]:
    return {"median": spread.median, "min": spread.low, "max": spread.high}


def heading(report: Report, trusted_cores: float) -> list[str]:
    """Where and when, and whether it can be believed."""
    lines = [f"{report.command} · {report.date}", report.machine]
    if report.busy > trusted_cores:
        lines.append(
            f"This machine is busy: others use {report.busy:.1f} cores. Times are not to be "
            "trusted, ratios less than on a quiet one."
        )
    lines += [f"skipped: {name}: {why}" for name, why in report.skipped.items()]
    return lines


def text(row: Row) -> list[str]:
    """One workload: its contenders, then the figures with their goals."""
    lines = [f"{row.name}: {row.unit}, median (min–max) of {row.rounds}"]
    shown = [f"{name} {values[row.key]}" for name, values in row.shown.items()]
    lines += _wrapped(shown)
    lines += [f"    {name} FAILED: {why}" for name, why in row.failed.items()]
    for name, spread, goal in row.figures:
        lines.append(f"  {name:<54} {spread!s:>24}  {_mark(spread, goal)}".rstrip())
    return lines


def _mark(spread: Spread, goal: Goal | None) -> str:
    if goal is None:
        return ""
    return f"{goal}: {'reached' if goal.reached(spread.median) else 'MISSED'}"


def _wrapped(parts: list[str]) -> list[str]:
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + len(part) < 96:
            lines[-1] += f" · {part}"
        else:
            lines.append(f"    {part}")
    return lines


def markdown(data: dict[str, Any]) -> str:
    """The tables of README, from the JSON of a run: a line for each figure that has a goal, and one
    for each curve."""
    lines = ["| Workload | Figure | Median (min–max) | Goal | |", "| --- | --- | --- | --- | --- |"]
    for row in data["rows"]:
        for one in row["figures"]:
            if one["goal"] is not None:
                spread = Spread(one["median"], one["min"], one["max"])
                mark = "yes" if one["reached"] else "**no**"
                lines.append(
                    f"| {row['name']} | {one['name']} | {spread} | {one['goal']} | {mark} |"
                )
    if data["curves"]:
        lines += ["", "| How it grows | Costs | Last ÷ first | |", "| --- | --- | --- | --- |"]
    for name, one in data["curves"].items():
        told = zip(one["points"], one["costs"], strict=True)
        costs = ", ".join(f"{at:,}: {short(cost)}" for at, cost in told)
        mark = "flat" if one["flat"] else "**rises**"
        lines.append(f"| {name} | {one['unit']}: {costs} | {one['growth']:.2f} | {mark} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
