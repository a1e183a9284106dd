"""This file knows how to count, and how to tell the counts in Prometheus' text form.

Source: Prometheus, "Text-based exposition format", version 0.0.4.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Upper bounds in seconds: loopback is below the first ones, exchanges answer in the last.
BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Times:
    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    total_s: float = 0.0


@dataclass(slots=True)
class Metrics:
    """What has happened so far. Labels are of a bounded kind: documented routes, statuses."""

    _requests: dict[tuple[str, str, int], int] = field(default_factory=dict)
    _times: dict[tuple[str, str], _Times] = field(default_factory=dict)
    dropped: int = 0

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Takes note of a request that was let in and answered."""
        key = method, route, status
        self._requests[key] = self._requests.get(key, 0) + 1
        times = self._times.get((method, route))
        if times is None:
            times = self._times[(method, route)] = _Times()
        times.counts[bisect_left(BOUNDS_S, seconds)] += 1
        times.total_s += seconds

    @property
    def requests(self) -> int:
        return sum(self._requests.values())

    def lines(self) -> Iterable[str]:
        """The requests in the text form."""
        name = "metascalp_relay_requests_total"
        yield from _head(name, "counter", "Requests that were let in, by what was answered.")
        for (method, route, status), count in sorted(self._requests.items()):
            status_label = ("status", str(status))
            yield _line(name, (("method", method), ("route", route), status_label), count)
        name = "metascalp_relay_request_seconds"
        yield from _head(name, "histogram", "How long the answers took, the terminal included.")
        for (method, route), times in sorted(self._times.items()):
            labels = (("method", method), ("route", route))
            below = 0
            for bound, count in zip((*BOUNDS_S, "+Inf"), times.counts, strict=True):
                below += count
                yield _line(f"{name}_bucket", (*labels, ("le", str(bound))), below)
            yield _line(f"{name}_sum", labels, times.total_s)
            yield _line(f"{name}_count", labels, below)
        name = "metascalp_relay_dropped_fields_total"
        yield from _head(name, "counter", "Inert fields left out of bodies.")
        yield _line(name, (), self.dropped)


def gauge(name: str, text: str, values: Mapping[Labels, float], kind: str = "gauge") -> list[str]:
    """One family of values in the text form."""
    return [*_head(name, kind, text), *(_line(name, one, value) for one, value in values.items())]


def _head(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"


def _line(name: str, labels: Labels, value: float) -> str:
    told = ",".join(f'{key}="{_escaped(one)}"' for key, one in labels)
    number = str(value) if isinstance(value, int) else f"{value:.9g}"
    return f"{name}{{{told}}} {number}" if told else f"{name} {number}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
