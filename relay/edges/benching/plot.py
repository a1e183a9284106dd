"""This file knows the picture of a run: bars on a scale of powers of ten, as plain SVG.

Colours are of middle lightness, and what is behind is left open, so that it can be read on a white
page and on a black one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

WIDTH, LABEL, BAR, GAP = 760, 150, 16, 5
OURS, THEIRS, INK = "#d9822b", "#7a8ba3", "#808890"
#: Rows in the picture, and of which value.
ROWS = (
    ("fan-out 8, backlog", "rate"),
    ("fan-out 64, backlog", "rate"),
    ("WebSocket 1 to 1, backlog", "rate"),
    ("fan-out 8, 50,000 messages/s", "p99"),
    ("small POST, 64 connections", "rate"),
    ("small POST, one connection", "p50"),
)


def svg(data: Mapping[str, Any]) -> str:
    """The picture of a run's JSON."""
    by_name = {row["name"]: row for row in data["rows"]}
    parts: list[str] = []
    top = 44.0
    for name, key in ROWS:
        if name in by_name:
            drawn, top = _group(by_name[name], key, top)
            parts += drawn
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top:.0f}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{INK}" role="img">',
        "<title>metascalp-relay beside what one could use instead</title>",
        f'<text x="8" y="18">{escape(data["date"])} · {escape(data["command"])}</text>',
        f'<text x="8" y="34">{escape(data["machine"])}</text>',
    ]
    return "\n".join([*head, *parts, "</svg>", ""])


def _group(row: Mapping[str, Any], key: str, top: float) -> tuple[list[str], float]:
    """The bars of one workload: the best first, its scale ending with the longest."""
    shown = {name: values[key]["median"] for name, values in row["shown"].items() if key in values}
    more_is_better = key == "rate"
    order = sorted(shown, key=lambda name: shown[name], reverse=more_is_better)
    word = "more is better" if more_is_better else "less is better"
    unit = row["unit"] if key in ("rate", "p50") else "µs, the 99th percentile"
    title = f"{row['name']}: {unit} ({word}, each line ten times the one before)"
    parts = [f'<text x="8" y="{top + 16:.0f}" font-weight="600">{escape(title)}</text>']
    low, high = _decades(list(shown.values()))
    scale = (WIDTH - LABEL - 90) / (high - low)
    bottom = top + 26 + len(order) * (BAR + GAP)
    for decade in range(low, high + 1):
        x = LABEL + (decade - low) * scale
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top + 22:.0f}" y2="{bottom:.0f}" '
            f'stroke="{INK}" stroke-opacity="0.35"/>'
        )
    for at, name in enumerate(order):
        y = top + 26 + at * (BAR + GAP)
        length = max(1.0, (math.log10(shown[name]) - low) * scale)
        parts += _bar(name, shown[name], y, length)
    return parts, bottom + 14


def _bar(name: str, value: float, y: float, length: float) -> list[str]:
    colour = OURS if name.startswith("relay") else THEIRS
    text = y + BAR - 4
    return [
        f'<text x="{LABEL - 8}" y="{text:.0f}" text-anchor="end">{escape(name)}</text>',
        f'<rect x="{LABEL}" y="{y:.0f}" width="{length:.1f}" height="{BAR}" rx="2" '
        f'fill="{colour}"/>',
        f'<text x="{LABEL + length + 6:.1f}" y="{text:.0f}">{value:,.0f}</text>',
    ]


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """Powers of ten around all values, one at least between them."""
    low = math.floor(math.log10(min(values)))
    return low, max(low + 1, math.ceil(math.log10(max(values))))
