"""This file knows whom of a terminal a comparison can ask about: a connection, a ticker of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote

from relay.errors import RelayError
from relay.metascalp.http import Http
from relay.metascalp.shapes import parse, spelled

READ_S = 10.0
#: The number of the Moscow Exchange.
MOSCOW = 18


@dataclass(frozen=True, slots=True)
class Place:
    """What of a terminal can be asked about: an answer to each hole of a probe, as far as there is
    one."""

    id: int | None = None
    ticker: str | None = None
    idle: int | None = None
    moscow: int | None = None

    def fill(self, text: str) -> str | None:
        """The text without its holes; None when there is nothing to put into one."""
        holes = {
            "{id}": self.id, "{idle}": self.idle, "{moscow}": self.moscow,
            "{ticker}": None if self.ticker is None else quote(self.ticker, safe=""),
            "{quoted}": None if self.ticker is None else json.dumps(self.ticker),
        }  # fmt: skip
        for hole, value in holes.items():
            if hole in text:
                if value is None:
                    return None
                text = text.replace(hole, str(value))
        return text


async def place_of(http: Http) -> Place:
    """Whom to ask: connected, if possible not view mode, and with a REST book; and the others."""
    rows = await _list(http, "/api/connections", "connections")
    able = [row for row in rows if row.get("state") == 2]
    able.sort(key=lambda row: (bool(row.get("viewmode")), row.get("exchangeid") in (4, 6)))
    idle = next((_number(row) for row in rows if row.get("state") != 2), None)
    moscow = next((_number(row) for row in able if row.get("exchangeid") == MOSCOW), None)
    for row in able:
        tickers = await _list(http, f"/api/connections/{row.get('id')}/tickers", "tickers")
        names = [str(one.get("name")) for one in tickers if one.get("istradingallowed")]
        if names:
            usual = [name for name in names if name.replace("_", "") == "BTCUSDT"]
            return Place(_number(row), (usual or names)[0], idle, moscow)
    return Place(idle=idle, moscow=moscow)


def _number(row: dict[str, object]) -> int:
    return int(str(row["id"]))


async def _list(http: Http, path: str, name: str) -> list[dict[str, object]]:
    try:
        reply = await http.request("GET", path, timeout_s=READ_S)
        found = spelled(parse(reply.body), str.lower)
    except (RelayError, ValueError):
        return []
    rows = found.get(name) if isinstance(found, dict) else None
    return [row for row in rows or [] if isinstance(row, dict)]
