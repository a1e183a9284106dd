"""This file knows the operations that a panel adds: many tickers at once, a scan, the activity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relay import actions
from relay.core import charts, deadline
from relay.core.journal import PAGE
from relay.core.locating import locate
from relay.core.relay import Relay
from relay.core.topics import Reader
from relay.entries import HEADING, csv_of
from relay.errors import BadParams, TerminalSilent

#: What one page may show; a screener's whole table is cut there.
MAX_FINDS = 100
#: Rows of one part of the export.
EXPORT = 1000

Params = Mapping[str, Any]
Result = dict[str, Any]


async def locate_many(relay: Relay, params: Params, reader: Reader) -> Result:
    relay.settings.check()
    finds = actions.finds_of(params, relay.exchanges, MAX_FINDS)
    preferences = relay.preferences()
    try:
        return {"places": await locate(relay.link, relay.opener.lists, finds, preferences)}
    except TimeoutError as error:
        raise TerminalSilent("MetaScalp does not tell its ticker lists") from error


async def combos(relay: Relay, params: Params, reader: Reader) -> Result:
    relay.settings.check()
    finds = actions.finds_of(params, relay.exchanges, actions.MAX_COMBO)
    outcomes = await relay.combos.open(finds, deadline.until(params))
    return {"outcomes": [one.as_json() for one in outcomes], "opened": len(relay.combos)}


async def close_opened(relay: Relay, params: Params, reader: Reader) -> Result:
    return (await relay.combos.close(deadline.until(params))).as_json()


async def chart(relay: Relay, params: Params, reader: Reader) -> Result:
    action = actions.chart_of(params)
    return (await charts.open_chart(relay.link, action, deadline.until(params))).as_json()


async def known(relay: Relay, params: Params, reader: Reader) -> Result:
    """How many tickers are read on each connection, and which are pinned."""
    return {
        "connections": [
            {
                "connection": number,
                "tickers": len(relay.known.of(number)),
                "pinned": relay.known.pinned(number),
            }
            for number in relay.known.connections()
        ]
    }


async def scan(relay: Relay, params: Params, reader: Reader) -> Result:
    relay.scan(actions.connections_of(params))
    return relay.scanner.as_json()


async def scan_stop(relay: Relay, params: Params, reader: Reader) -> Result:
    relay.stop_scan()
    return relay.scanner.as_json()


async def activity(relay: Relay, params: Params, reader: Reader) -> Result:
    """The newest entries, or those before the id `before`."""
    rows = await relay.journal.read(_before(params), PAGE)
    return {"rows": rows, "more": len(rows) == PAGE}


async def activity_csv(relay: Relay, params: Params, reader: Reader) -> Result:
    """One part of the export, newest first; `before` of the next part, or None at the end."""
    before = _before(params)
    rows = await relay.journal.read(before, EXPORT)
    head = HEADING if before is None else ""
    return {"text": head + csv_of(rows), "before": rows[-1]["id"] if len(rows) == EXPORT else None}


def _before(params: Params) -> int | None:
    before = params.get("before")
    if before is None:
        return None
    if not isinstance(before, int) or isinstance(before, bool) or not 0 <= before < 2**62:
        raise BadParams("before must be the id of an entry", field="before")
    return before
