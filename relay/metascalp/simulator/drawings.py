"""This file knows the shapes of one ticker's charts, as the terminal keeps them.

There are no ids: a shape is its place in its list, and the last writer wins. MetaScalp API,
edition 3, 2026-08, "Annotations".
"""

from dataclasses import dataclass, field
from decimal import Decimal

from .wire import Json

TYPES: dict[str, tuple[str, dict[str, type]]] = {
    "lines": ("lineAnnotations", {"x1": str, "x2": str, "y1": Decimal, "y2": Decimal}),
    "horizontal-lines": ("horizontalLineAnnotations", {"y": Decimal}),
    "horizontal-rays": ("horizontalRayAnnotations", {"y": Decimal, "x1": str}),
}
"""Name in the path to name in a reply, and the fields of an item."""
MOST = 1000
"""So many shapes of one kind a ticker keeps, the first."""


@dataclass(slots=True)
class Drawing:
    """The shapes of one ticker, by the name in the path."""

    lists: dict[str, list[dict[str, Json]]] = field(
        default_factory=lambda: {name: [] for name in TYPES}
    )

    def rows(self, connection: int, ticker: str) -> dict[str, Json]:
        return {
            "connectionId": connection,
            "ticker": ticker,
            **{
                TYPES[name][0]: [{"index": index, **item} for index, item in enumerate(items)]
                for name, items in self.lists.items()
            },
        }
