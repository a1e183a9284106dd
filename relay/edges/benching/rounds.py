"""This file knows how contenders are compared: in rounds, in turn, by ratios inside a round.

A machine is never the same twice. So all are measured in every round, each round beginning with
another, a ratio is made of two values of one round, and of the rounds the median counts.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

#: What one contender showed in one round, by name: {"p50": 31.0, "cpu": 18.2}.
Shown = dict[str, float]
#: One round: contender -> what it showed.
Round = Mapping[str, Shown]


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit that a figure is held against."""

    at_most: bool
    value: float

    def reached(self, value: float) -> bool:
        return value <= self.value if self.at_most else value >= self.value

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.value:g}"


def most(value: float) -> Goal:
    return Goal(True, value)


def least(value: float) -> Goal:
    return Goal(False, value)


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, smallest and largest of the rounds."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{short(self.median)} ({short(self.low)}–{short(self.high)})"


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Figure:
    """A number made of one round. of: None where somebody it needs was not there."""

    name: str
    of: Callable[[Round], float | None]
    goal: Goal | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One workload as it came out. key: of the value that unit is of. shown: contender -> name of a
    value -> its spread. figures: name, spread, goal."""

    name: str
    unit: str
    key: str
    rounds: int
    shown: dict[str, dict[str, Spread]]
    figures: list[tuple[str, Spread, Goal | None]]
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workload:
    """measures: contender -> how it is measured once. unit: of the value that `key` names. again:
    rounds of this one, if other than usual."""

    name: str
    unit: str
    key: str
    measures: Mapping[str, Callable[[], Shown]]
    figures: Sequence[Figure]
    again: int = 0


def run(workload: Workload, rounds: int) -> Row:
    """Measures in turn. Who fails, or answers wrongly, is left out from then on, and named."""
    names, done, failed = list(workload.measures), [], {}
    for number in range(workload.again or rounds):
        turn: dict[str, Shown] = {}
        for name in names[number % len(names) :] + names[: number % len(names)]:
            if name in failed:
                continue
            try:
                turn[name] = workload.measures[name]()
            except Exception as error:  # A peer may do anything; the others are still compared.
                failed[name] = f"{type(error).__name__}: {error}"[:200]
        done.append(turn)
    return row(workload, done, failed)


def row(workload: Workload, rounds: Sequence[Round], failed: dict[str, str]) -> Row:
    """Medians over the rounds."""
    shown = {
        name: {key: spread([one[name][key] for one in rounds if name in one]) for key in first}
        for name in workload.measures
        if name not in failed and (first := rounds[0].get(name)) is not None
    }
    figures = []
    for figure in workload.figures:
        values = [value for one in rounds if (value := _value(figure, one)) is not None]
        if values:
            figures.append((figure.name, spread(values), figure.goal))
    return Row(workload.name, workload.unit, workload.key, len(rounds), shown, figures, failed)


def _value(figure: Figure, one: Round) -> float | None:
    try:
        return figure.of(one)
    except (KeyError, ZeroDivisionError):
        return None


def ratio(key: str, mine: str, other: str) -> Callable[[Round], float | None]:
    """One value of mine, divided by the other's."""
    return lambda one: one[mine][key] / one[other][key]


def added(key: str, mine: str, other: str, nothing: str) -> Callable[[Round], float | None]:
    """What mine adds to `nothing`, divided by what the other adds; None where the other was faster
    than nothing at all: then the machine was measured, not the contender."""

    def of(one: Round) -> float | None:
        base = one[nothing][key]
        theirs = one[other][key] - base
        return (one[mine][key] - base) / theirs if theirs > 0 else None

    return of


def value(key: str, mine: str) -> Callable[[Round], float | None]:
    return lambda one: one[mine][key]


def short(number: float) -> str:
    """Three digits that matter."""
    if abs(number) >= 1e6:
        return f"{number / 1e6:.3g} M"
    if abs(number) >= 1000:
        return f"{number / 1000:.3g} k"
    return f"{number:.3g}"
